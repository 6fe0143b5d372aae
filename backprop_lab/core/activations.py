"""Activations: each is one SymPy expression, from which everything else follows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import sympy as sp

from backprop_lab.core.compiled import Formula
from backprop_lab.core.nodes import Z, expm1_below, gelu_gate, sigmoid, softplus, tanh
from backprop_lab.core.results import Table


class Activation(Formula):
    """One activation function: `expr` in the symbol z, and everything that follows from it.

    Call it on an array of pre-activations (any shape) to get the activations, elementwise;
    `slope` gives the derivative there. Arrays of SymPy objects come back as SymPy objects.
    """

    symbols = (Z,)

    @cached_property
    def joints(self) -> tuple[float, ...]:
        """Where its cases meet, in rising order."""
        cases = self.expr.rewrite(sp.Piecewise).atoms(sp.Piecewise)  # of |z| or max, too
        tests = [test for each in cases for _, test in each.args]
        edges = {sp.solve(r.lhs - r.rhs, Z)[0] for test in tests for r in test.atoms(sp.Rel)}
        return tuple(sorted(map(float, edges)))

    @property
    def kinks(self) -> tuple[float, ...]:
        """Those of the joints at which the slope jumps."""
        sides = [(z, np.nextafter(z, [-np.inf, np.inf])) for z in self.joints]
        return tuple(z for z, near in sides if not np.isclose(*self.slope(near)))

    def __call__(self, z):
        return self._value(z)

    def slope(self, z):
        """The derivative at z, elementwise, in the shape of z."""
        return self._slope(z)


def _split_at_zero(positive, otherwise):
    """`Piecewise`, not `Max`: the slope at 0 is then that of the left side, never ½."""
    return sp.Piecewise((positive, Z > 0), (otherwise, True))


ACTIVATIONS: Mapping[str, Activation] = Table(
    __name__,
    "ACTIVATIONS",
    {
        name: Activation(name, expr)
        for name, expr in {
            "identity": Z,
            "sigmoid": sigmoid(Z),
            "tanh": tanh(Z),
            "relu": _split_at_zero(Z, sp.Integer(0)),
            "leaky_relu": _split_at_zero(Z, Z / 100),
            "elu": _split_at_zero(Z, expm1_below(Z)),
            "softplus": softplus(Z),
            "silu": Z * sigmoid(Z),
            # ½z(1 + tanh u) is zσ(2u), which keeps its digits in the left tail
            "gelu": Z * gelu_gate(Z),
        }.items()
    },
)
"""Activations by name. ReLU's slope at 0 is 0; leaky ReLU has 0.01; ELU has α = 1; GELU is the
tanh form."""

Activation.table = ACTIVATIONS
