"""Losses: each is one SymPy expression, from which everything else follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import as_numbers
from backprop_lab.core.compiled import Formula
from backprop_lab.core.nodes import Z, logsumexp, sigmoid, softplus
from backprop_lab.core.results import Table

A, Y = sp.symbols("a y", real=True)
"""The activation and the target."""

TARGETS: Mapping[str, Callable[[np.ndarray], bool]] = {
    "any numbers": lambda y: True,
    "probabilities from 0 to 1": lambda y: ((y >= 0) & (y <= 1)).all(),
    "one-hot rows: a single 1, else 0": lambda y: (
        np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all()
    ),
}
"""What targets may be, in words and as a test of numbers (..., outputs)."""


@dataclass(frozen=True)
class Loss(Formula):
    """One loss: `expr`, the share of one output in the symbols a (or z) and y; shares add up.

    A *fused* loss is a function of the last layer's pre-activation z and stands for a fixed output
    activation, named by `output`; its error signal needs no division by a saturated slope. The
    others are functions of the activation a and go with any output activation. targets: what they
    may be, a name in `TARGETS`.
    """

    output: str | None = None
    targets: str = "any numbers"
    numeric: ClassVar[tuple[Callable | None, Callable | None]] = (None, None)
    """Shares and slope as functions of arrays of numbers, where the formulas do not do."""

    @property
    def fused(self) -> bool:
        """Whether the loss is a function of the pre-activation z."""
        return self.output is not None

    @property
    def kind(self) -> str:
        """The kind of the last layer's quantities that it is a function of (see `Key`)."""
        return "z_in" if self.fused else "z_out"

    def argument(self, z, a):
        """That one of the last layer's pre-activations and activations that it is a function of."""
        return z if self.fused else a

    @property
    def variable(self) -> sp.Symbol:
        """The symbol that the loss is differentiated by: z of a fused loss, else a."""
        return Z if self.fused else A

    @property
    def symbols(self):
        """The variable and the target."""
        return self.variable, Y

    def __call__(self, v, y):
        """The loss of each example. v, y: (..., outputs), of one shape, or numbers, of a single
        output; v is a, or z of a fused loss. Raises ValueError or TypeError naming the argument."""
        return self.shares(v, y).sum(axis=-1)

    def total(self, v, y):
        """The losses of a batch, added up. v, y: (..., batch, outputs)."""
        return self.shares(v, y).sum(axis=(-2, -1))

    def shares(self, v, y):
        """The share of each output in an example's loss, in v's shape; see above."""
        return self._value(*self._together(v, y))

    def slope(self, v, y):
        """The derivative of each example's loss with respect to v, in v's shape; see above."""
        return self._slope(*self._together(v, y))

    def _together(self, v, y):
        v, y = as_numbers(v, "v"), as_numbers(y, "y")
        if v.shape != y.shape:
            raise ValueError(f"y: got shape {y.shape}; expected {v.shape}, that of v")
        return v, y


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of softmax outputs, from logits and one-hot targets.

    `expr` is the loss of a whole example: the outputs share log Σ exp z_j.
    """

    @cached_property
    def derivative(self):
        """The derivative with respect to the logit z_k: softmax minus target."""
        return sp.exp(_LOGITS[_K]) / sp.Sum(sp.exp(_LOGITS[_J]), (_J, 1, _N)) - _TARGETS[_K]

    def _together(self, v, y):
        v, y = super()._together(v, y)
        if not v.ndim:
            raise ValueError("v: got a single number; expected shape (..., outputs)")
        return v, y

    def _value(self, v, y):
        if object in (v.dtype, y.dtype):
            if v.shape[-1] == 1:  # what is left of log Σ exp z - Σ y z: one output is certain
                return v - y * v
            return y * np.frompyfunc(softplus, 1, 1)(_lack(v))
        return surprise(v, y)

    def _slope(self, v, y):
        if object in (v.dtype, y.dtype):
            if v.shape[-1] == 1:
                return 1 - y
            lack, probability = _lack(v), np.frompyfunc(sigmoid, 1, 1)
            return (y.sum(axis=-1, keepdims=True) - y) * probability(-lack) - y * probability(lack)
        return surplus(v, y)


def _lack(z):
    """log Σ exp(z_j - z_k) over all j but k, a formula for each k: p = σ(-lack), 1 - p = σ(lack).
    The differences come first: they lose no digits."""
    n = z.shape[-1]
    differences = (z[..., None, :] - z[..., None])[..., ~np.eye(n, dtype=bool)]
    found = np.empty_like(z, dtype=object)  # traced, as z is
    found.flat = [logsumexp(*row) for row in differences.reshape(z.size, n - 1)]
    return found


_LOGITS, _TARGETS = sp.IndexedBase("z"), sp.IndexedBase("y")
_J, _K, _N = sp.symbols("j k n", integer=True, positive=True)


def _softmax(z):
    """-log p of the softmax p, p itself, and 1 - p added up from the others."""
    with np.errstate(over="ignore"):  # so far below the largest, only its exp counts, 0
        z = z - np.max(z.real, axis=-1, keepdims=True)  # all that counts, and it loses no digits
    e = np.exp(z)
    total = e.sum(axis=-1, keepdims=True)
    others = e @ (1.0 - np.eye(z.shape[-1]))
    return np.log(total) - z, e / total, others / total


def surprise(v, y):
    """-y log p of the softmax p of the logits v, one-hot y."""
    found, _, others = _softmax(v)
    # where p is near 1, from what the other outputs take: the logarithm loses digits there
    near_one = others.real < 0.5
    found = np.where(near_one, -np.log1p(-np.where(near_one, others, 0.0)), found)
    return y * np.where(y == 0, 0.0, found)


def surplus(v, y):
    """p - y of the softmax p of the logits v, without the cancellation: p + others = 1."""
    _, p, others = _softmax(v)
    return (1.0 - y) * p - y * others


SoftmaxCrossEntropy.numeric = surprise, surplus

LOSSES: Mapping[str, Loss] = Table(
    __name__,
    "LOSSES",
    {
        loss.name: loss
        for loss in (
            Loss("half_squared_error", (Y - A) ** 2 / 2),
            Loss("squared_error", (A - Y) ** 2),
            # -y log σ(z) - (1-y) log(1-σ(z)); its slope (1-y)σ(z) - yσ(-z) is a - y
            Loss(
                "binary_cross_entropy",
                Y * softplus(-Z) + (1 - Y) * softplus(Z),
                "sigmoid",
                "probabilities from 0 to 1",
            ),
            SoftmaxCrossEntropy(
                "softmax_cross_entropy",
                sp.log(sp.Sum(sp.exp(_LOGITS[_J]), (_J, 1, _N)))
                - sp.Sum(_TARGETS[_K] * _LOGITS[_K], (_K, 1, _N)),
                "identity",
                "one-hot rows: a single 1, else 0",
            ),
        )
    },
)
"""Losses by name; binary cross-entropy wants a sigmoid output, softmax cross-entropy an identity
output (logits)."""

Loss.table = LOSSES
