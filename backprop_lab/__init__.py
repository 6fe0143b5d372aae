"""backprop_lab: backpropagation, computed symbolically and numerically, for a notebook suite.

The mathematical core, and nothing that draws: `explore` (the apps), `exercise` (practice, golf, the
gallery) and `picture` (what is seen) are imported by name.
"""

from backprop_lab import lectures
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.jacobian import jacobian, jvp, vjp
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import (
    INITIALISATIONS,
    Forward,
    Gradient,
    Layer,
    Network,
    backward,
    forward,
    quantities,
    step,
)
from backprop_lab.formulas import check, cost
from backprop_lab.formulas.check import agreement, error, nudge
from backprop_lab.formulas.factors import backtrace, chain, trace
from backprop_lab.formulas.notation import NOTATIONS, symbolic
from backprop_lab.lectures import Lecture

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "INITIALISATIONS",
    "LOSSES",
    "NOTATIONS",
    "Forward",
    "Gradient",
    "Layer",
    "Lecture",
    "Network",
    "agreement",
    "backtrace",
    "backward",
    "chain",
    "check",
    "cost",
    "error",
    "forward",
    "jacobian",
    "jvp",
    "lectures",
    "nudge",
    "quantities",
    "step",
    "symbolic",
    "trace",
    "vjp",
]
