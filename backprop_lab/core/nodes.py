"""Named nodes: the few functions that floating point has to be careful with.

The exponential overflows beyond 709, and ``1 - sigmoid(z)`` keeps no digit beyond z = 37. So the
activations and losses stand on these nodes, each with its own slope, its own LaTeX and a NumPy form
that neither overflows nor cancels.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from backprop_lab.core.compiled import ArrayFunction, Named

Z = sp.Symbol("z", real=True)
"""The pre-activation."""


def _of_z(formula: sp.Expr) -> staticmethod:
    """A formula in z as a function of z."""
    return staticmethod(lambda z: formula.xreplace({Z: z}))


class Node(Named):
    """A named function of one variable: SymPy differentiates it by `slope`, its derivative in
    nodes, and prints it by `latex_form`."""

    nargs = 1

    @classmethod
    def eval(cls, z):
        return z if z is sp.nan else None

    def fdiff(self, argindex=1):
        return self.slope(self.args[0])

    def _latex(self, printer, exp=None):
        base = self.latex_form(printer)
        return base if exp is None else rf"\left({base}\right)^{{{exp}}}"

    def latex_form(self, printer) -> str:
        """The node as LaTeX."""
        return rf"\operatorname{{{type(self).__name__}}}\left({self.argument(printer)}\right)"

    def argument(self, printer, sign=1) -> str:
        """The argument, times the sign, as LaTeX; a negative number in place of a symbol needs no
        second pair of parentheses."""
        z = sign * self.args[0]
        text = printer.doprint(z)
        return text[1:-1] if z.is_Symbol and text.startswith("(") else text


# The NumPy forms work on complex numbers too, so that the complex step can check them. NaN comes
# out of each as NaN: it is in neither of two cases, so a constant never stands in the last one.

_SMALL = sp.exp(-sp.Abs(Z))


def _small(z):
    """exp(-|z|), of complex numbers by the sign of the real part."""
    size = np.abs(z) if z.dtype.kind == "f" else np.where(z.real < 0, -z, z)
    size *= -1.0
    return np.exp(size)


class sigmoid(Node):
    """The logistic function."""

    definition = _of_z(1 / (1 + sp.exp(-Z)))
    slope = staticmethod(lambda z: sigmoid_slope(z))
    safe = _of_z(sp.Piecewise((1 / (1 + _SMALL), Z >= 0), (_SMALL / (1 + _SMALL), True)))

    @staticmethod
    def numpy(z):
        e = _small(z)
        return np.where(z.real < 0, e, 1.0) / (1.0 + e)

    def latex_form(self, printer):
        if self.args[0].could_extract_minus_sign():  # σ(-z), read as the lectures write it
            return rf"\left(1 - \sigma\left({self.argument(printer, -1)}\right)\right)"
        return rf"\sigma\left({self.argument(printer)}\right)"


class sigmoid_slope(Node):
    """σ(z)(1 - σ(z)), computed as e/(1 + e)² with e = exp(-|z|), so that no digit is lost."""

    definition = _of_z(1 / (2 + sp.exp(Z) + sp.exp(-Z)))
    slope = staticmethod(lambda z: sigmoid_slope(z) * (1 - 2 * sigmoid(z)))
    safe = _of_z(_SMALL / (1 + _SMALL) ** 2)

    @staticmethod
    def numpy(z):
        """In place, where a temporary takes as long as arithmetic; so below."""
        e = _small(z)
        below = 1.0 + e
        below *= below
        e /= below
        return e

    def latex_form(self, printer):
        s = rf"\sigma\left({self.argument(printer)}\right)"
        return rf"{s} \left(1 - {s}\right)"


class softplus(Node):
    """log(1 + exp z), the antiderivative of the sigmoid."""

    definition = _of_z(sp.asinh(sp.exp(Z) * (2 + sp.exp(Z)) / (2 * (1 + sp.exp(Z)))))
    slope = sigmoid
    safe = _of_z(sp.Max(Z, 0) + log1p(_SMALL))

    @staticmethod
    def numpy(z):
        right = z.real > 0
        return np.where(right, z, 0.0) + np.log1p(np.exp(np.where(right, -z, z)))


class tanh(Node):
    """The hyperbolic tangent, with a slope that survives saturation."""

    definition = _of_z(sp.sinh(Z) / sp.cosh(Z))  # `lambdify` takes sp.tanh's name for this node's
    slope = staticmethod(lambda z: tanh_slope(z))
    safe = _of_z(sp.tanh(Z))
    numpy = staticmethod(np.tanh)

    def latex_form(self, printer):
        return rf"\tanh\left({self.argument(printer)}\right)"


class tanh_slope(Node):
    """1 - tanh²(z), as 1/cosh²(z): no digit is lost."""

    definition = _of_z(1 / sp.cosh(Z) ** 2)
    slope = staticmethod(lambda z: -2 * tanh(z) * tanh_slope(z))
    safe = _of_z(4 * sigmoid_slope.safe(2 * Z))

    @staticmethod
    def numpy(z):
        """(2/(1/e + e))², of e = exp(-|z|): 2z would overflow."""
        e = _small(z)
        below = e * e
        below += 1.0
        e /= below
        e *= e
        e *= 4.0
        return e

    def latex_form(self, printer):
        return rf"\left(1 - \tanh^{{2}}\left({self.argument(printer)}\right)\right)"


class exp_below(Node):
    """exp z for z ≤ 0, the side on which ELU uses it; NumPy never computes it on the other."""

    definition = _of_z(sp.exp(Z))
    slope = staticmethod(lambda z: exp_below(z))
    safe = _of_z(sp.exp(sp.Min(Z, 0)))

    @staticmethod
    def numpy(z):
        return np.exp(np.where(z.real > 0, 0.0, z))

    def latex_form(self, printer):
        return rf"e^{{{self.argument(printer)}}}"


class expm1_below(Node):
    """exp z - 1 for z ≤ 0, with its digits where z is near 0; see `exp_below`."""

    definition = _of_z(2 * sp.exp(Z / 2) * sp.sinh(Z / 2))
    slope = exp_below
    safe = _of_z(expm1(sp.Min(Z, 0)))

    @staticmethod
    def numpy(z):
        return np.expm1(np.where(z.real > 0, 0.0, z))

    def latex_form(self, printer):
        return rf"e^{{{self.argument(printer)}}} - 1"  # no parentheses: it is a branch of its own


_ARGUMENT = 2 * sp.sqrt(2 / sp.pi) * (Z + sp.Rational("0.044715") * Z**3)
_RATE = sp.diff(_ARGUMENT, Z)
_GATE = sigmoid(_ARGUMENT)
_FAR = 100
"""Far beyond where the gate is 0 or 1 in floating point, and where its slope is 0."""
_WITHIN = {Z: sp.Max(-_FAR, sp.Min(Z, _FAR))}


class gelu_gate(Node):
    """σ(2u), the share of z that GELU lets through; u grows with z³, and is cut off far out."""

    definition = _of_z(sigmoid.definition(_ARGUMENT))
    slope = staticmethod(lambda z: gelu_gate_slope(z))
    safe = _of_z(sigmoid.safe(_ARGUMENT.xreplace(_WITHIN)))

    @staticmethod
    def numpy(z):
        return _gate(0)(np.maximum(np.minimum(z, _FAR), -_FAR))

    def latex_form(self, printer):
        return printer.doprint(_GATE.xreplace({Z: self.args[0]}))


class gelu_gate_slope(Node):
    """2u'σ'(2u): where u' would overflow, σ' has long been 0."""

    definition = _of_z(_RATE * sigmoid_slope.definition(_ARGUMENT))
    slope = _of_z(sp.diff(_GATE, Z, 2))
    safe = _of_z(_RATE.xreplace(_WITHIN) * sigmoid_slope.safe(_ARGUMENT.xreplace(_WITHIN)))

    @staticmethod
    def numpy(z):
        return _gate(1)(np.maximum(np.minimum(z, _FAR), -_FAR))

    def latex_form(self, printer):
        return printer.doprint(sp.diff(_GATE, Z).xreplace({Z: self.args[0]}))


@cache
def _gate(order):
    roots = {e: e.evalf(17) for e in (sp.sqrt(2), 1 / sp.sqrt(sp.pi))}  # else taken each time
    return ArrayFunction(sp.diff(_GATE, Z, order).xreplace(roots), Z)


class logsumexp(Named):
    """log Σ exp(z_k). Its slope is the softmax, exp(z_k - logsumexp)."""

    @classmethod
    def eval(cls, *z):
        return z[0] if len(z) == 1 else None

    def fdiff(self, argindex=1):
        return sp.exp(self.args[argindex - 1] - self)

    @staticmethod
    def definition(*z):
        return sp.log(sp.Add(*map(sp.exp, z)))

    @staticmethod
    def safe(*z):
        largest = sp.Max(*z)
        return largest + sp.log(sp.Add(*(sp.exp(v - largest) for v in z)))

    @staticmethod
    def numpy(*z):
        return np.logaddexp.reduce(np.broadcast_arrays(*z), axis=0)
