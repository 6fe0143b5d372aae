"""Activations and losses: each is one SymPy expression.

The derivative, the LaTeX and the NumPy function of an activation or a loss all come from that
expression. Floating point needs care at a few places (the exponential overflows beyond 709, and
``1 - sigmoid(z)`` keeps no digit beyond z = 37), so the expressions stand on a handful of named
nodes, each with its own slope, its own LaTeX and a NumPy form that neither overflows nor cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.printing.numpy import NumPyPrinter

Z, A, Y = sp.symbols("z a y", real=True)
"""The pre-activation, the activation and the target, as they stand in the expressions below."""


# --- named nodes ---------------------------------------------------------------------------------


class Node(sp.Function):
    """A function of one variable: SymPy differentiates it by `slope`, prints it by `latex_form`."""

    nargs = 1

    @staticmethod
    def definition(z: sp.Expr) -> sp.Expr:
        """The node in elementary functions, without cancellation: what mpmath evaluates."""
        raise NotImplementedError

    @staticmethod
    def slope(z: sp.Expr) -> sp.Expr:
        """The node's derivative, in nodes."""
        raise NotImplementedError

    @staticmethod
    def safe(z: sp.Expr) -> sp.Expr:
        """The node in what every language has, without overflow: what the page computes."""
        raise NotImplementedError

    def fdiff(self, argindex=1):
        return self.slope(self.args[0])

    def _eval_evalf(self, prec):
        return self.definition(self.args[0])._eval_evalf(prec)

    def _eval_is_real(self):
        return self.args[0].is_real

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


class sigmoid(Node):
    """The logistic function."""

    @staticmethod
    def definition(z):
        return 1 / (1 + sp.exp(-z))

    @staticmethod
    def slope(z):
        return sigmoid_slope(z)

    @staticmethod
    def safe(z):
        e = sp.exp(-sp.Abs(z))
        return sp.Piecewise((1 / (1 + e), z >= 0), (e / (1 + e), True))

    def latex_form(self, printer):
        if self.args[0].could_extract_minus_sign():  # σ(-z), read as the lectures write it
            return rf"\left(1 - \sigma\left({self.argument(printer, -1)}\right)\right)"
        return rf"\sigma\left({self.argument(printer)}\right)"


class sigmoid_slope(Node):
    """σ(z)(1 - σ(z)), computed as e/(1 + e)² with e = exp(-|z|), so that no digit is lost."""

    @staticmethod
    def definition(z):
        return 1 / (2 + sp.exp(z) + sp.exp(-z))

    @staticmethod
    def slope(z):
        return sigmoid_slope(z) * (1 - 2 * sigmoid(z))

    @staticmethod
    def safe(z):
        e = sp.exp(-sp.Abs(z))
        return e / (1 + e) ** 2

    def latex_form(self, printer):
        s = rf"\sigma\left({self.argument(printer)}\right)"
        return rf"{s} \left(1 - {s}\right)"


class softplus(Node):
    """log(1 + exp z), the antiderivative of the sigmoid."""

    @staticmethod
    def definition(z):
        e = sp.exp(z)
        return sp.asinh(e * (2 + e) / (2 * (1 + e)))

    @staticmethod
    def slope(z):
        return sigmoid(z)

    @staticmethod
    def safe(z):
        return sp.Max(z, 0) + log1p(sp.exp(-sp.Abs(z)))


class tanh(Node):
    """The hyperbolic tangent, with a slope that survives saturation."""

    @staticmethod
    def definition(z):
        return sp.tanh(z)

    @staticmethod
    def slope(z):
        return tanh_slope(z)

    @staticmethod
    def safe(z):
        return sp.tanh(z)

    def latex_form(self, printer):
        return rf"\tanh\left({self.argument(printer)}\right)"


class tanh_slope(Node):
    """1 - tanh²(z), computed as four times the sigmoid's slope at 2z."""

    @staticmethod
    def definition(z):
        return 1 / sp.cosh(z) ** 2

    @staticmethod
    def slope(z):
        return -2 * tanh(z) * tanh_slope(z)

    @staticmethod
    def safe(z):
        return 4 * sigmoid_slope.safe(2 * z)

    def latex_form(self, printer):
        return rf"\left(1 - \tanh^{{2}}\left({self.argument(printer)}\right)\right)"


class exp_below(Node):
    """exp z for z ≤ 0, the side on which ELU uses it; NumPy never computes it on the other."""

    @staticmethod
    def definition(z):
        return sp.exp(z)

    @staticmethod
    def slope(z):
        return exp_below(z)

    @staticmethod
    def safe(z):
        return sp.exp(sp.Min(z, 0))

    def latex_form(self, printer):
        return rf"e^{{{self.argument(printer)}}}"


class expm1_below(Node):
    """exp z - 1 for z ≤ 0, with its digits where z is near 0; see `exp_below`."""

    @staticmethod
    def definition(z):
        return 2 * sp.exp(z / 2) * sp.sinh(z / 2)

    @staticmethod
    def slope(z):
        return exp_below(z)

    @staticmethod
    def safe(z):
        return expm1(sp.Min(z, 0))

    def latex_form(self, printer):
        return rf"e^{{{self.argument(printer)}}} - 1"  # no parentheses: it is a branch of its own


class logsumexp(sp.Function):
    """log Σ exp(z_k). Its slope is the softmax, exp(z_k - logsumexp)."""

    def fdiff(self, argindex=1):
        return sp.exp(self.args[argindex - 1] - self)

    def _eval_evalf(self, prec):
        return sp.log(sp.Add(*map(sp.exp, self.args)))._eval_evalf(prec)

    @staticmethod
    def safe(*z: sp.Expr) -> sp.Expr:
        """In what every language has, without overflow: what the page computes."""
        largest = sp.Max(*z)
        return largest + sp.log(sp.Add(*(sp.exp(v - largest) for v in z))) if z else -sp.oo


# The NumPy forms work on complex numbers too, so that the complex step can check them.


def _small(z, rate=1.0):
    """exp(-rate |z|), of complex numbers by the sign of the real part."""
    real = isinstance(z, float) or z.dtype.kind == "f"
    size = np.abs(z) if real else np.where(z.real < 0, -z, z)
    size *= -rate
    return np.exp(size)


def _numpy_sigmoid(z):
    e = _small(z)
    return np.where(z.real < 0, e, 1.0) / (1.0 + e)


def _numpy_sigmoid_slope(z, rate=1.0):
    """The sigmoid's slope at rate·z; in place, where a temporary takes as long as arithmetic."""
    e = _small(z, rate)
    below = 1.0 + e
    below *= below
    e /= below
    return e


def _numpy_softplus(z):
    right = z.real > 0
    return np.where(right, z, 0.0) + np.log1p(np.exp(np.where(right, -z, z)))


def _numpy_tanh_slope(z):
    slope = _numpy_sigmoid_slope(z, 2.0)
    slope *= 4.0
    return slope


def _numpy_exp_below(z):
    return np.exp(np.where(z.real <= 0, z, 0.0))


def _numpy_expm1_below(z):
    return np.expm1(np.where(z.real <= 0, z, 0.0))


NUMPY_NODES = {
    "sigmoid": _numpy_sigmoid,
    "sigmoid_slope": _numpy_sigmoid_slope,
    "softplus": _numpy_softplus,
    "tanh": np.tanh,
    "tanh_slope": _numpy_tanh_slope,
    "exp_below": _numpy_exp_below,
    "expm1_below": _numpy_expm1_below,
}


class _Printer(NumPyPrinter):
    """Cases by np.where: SymPy's np.select takes ten times as long on small arrays."""

    def __init__(self):
        names = {name: name for name in NUMPY_NODES}
        super().__init__({"fully_qualified_modules": False, "user_functions": names})

    def _print_Piecewise(self, expr):
        *cases, (text, _) = [(self._case(value), test) for value, test in expr.args]
        for value, test in reversed(cases):
            text = f"{self._module_format('numpy.where')}({self._print(test)}, {value}, {text})"
        return text

    def _case(self, value):
        return repr(float(value)) if value.is_Number else self._print(value)


def numpy_function(expression: sp.Expr, *symbols: sp.Symbol) -> Callable:
    """The expression as a function of arrays; symbols in arrays of dtype object are substituted."""
    modules = [NUMPY_NODES, "numpy"]
    compiled = sp.lambdify(symbols, expression, modules=modules, printer=_Printer())
    if not expression.free_symbols:  # lambdify returns the bare number

        def compiled(array, *_, number=float(expression)):
            return np.full(array.shape, number)

    def substitute(*values):
        values = (sp.sympify(value, strict=True) for value in values)  # strict: never text
        return expression.xreplace(dict(zip(symbols, values, strict=True)))

    on_symbols = np.frompyfunc(substitute, len(symbols), 1)

    def evaluate(*arrays):
        for array in arrays:
            if type(array) is not np.ndarray or array.dtype.char != "d":
                return convert(*arrays)
        return compiled(*arrays)  # at once: of a small network's pass the rest took most

    def convert(*arrays):
        arrays = [np.asanyarray(array) for array in arrays]  # a traced array stays one
        if any(array.dtype == object for array in arrays):
            return np.asanyarray(on_symbols(*arrays), dtype=object)
        return compiled(*(a if a.dtype.kind in "fc" else a.astype(float) for a in arrays))

    return evaluate


# --- activations ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Activation:
    """One activation function: `expr` in the symbol z, and everything that follows from it.

    Call it on an array of pre-activations (any shape) to get the activations, elementwise;
    `slope` gives the derivative there. Arrays of SymPy objects come back as SymPy objects.
    """

    name: str
    expr: sp.Expr

    @cached_property
    def derivative(self) -> sp.Expr:
        """The derivative, in z."""
        return sp.diff(self.expr, Z)

    @property
    def latex(self) -> str:
        """The expression as LaTeX."""
        return sp.latex(self.expr)

    def __call__(self, z):
        return self._value(z)

    def slope(self, z):
        """The derivative at z, elementwise, in the shape of z."""
        return self._slope(z)

    @cached_property
    def _value(self):
        return numpy_function(self.expr, Z)

    @cached_property
    def _slope(self):
        return numpy_function(self.derivative, Z)


def _split_at_zero(positive, otherwise):
    """`Piecewise`, not `Max`: the slope at 0 is then that of the left side, never ½."""
    return sp.Piecewise((positive, Z > 0), (otherwise, True))


_GELU_INNER = sp.sqrt(2 / sp.pi) * (Z + sp.Rational("0.044715") * Z**3)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
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
            "gelu": Z * sigmoid(2 * _GELU_INNER),
        }.items()
    }
)
"""Activations by name. ReLU's slope at 0 is 0; leaky ReLU has 0.01; ELU has α = 1; GELU is the
tanh form."""


# --- losses --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loss:
    """One loss: `expr`, the share of one output in the symbols a (or z) and y; shares add up.

    A *fused* loss is a function of the last layer's pre-activation z and stands for a fixed output
    activation, named by `output`; its error signal needs no division by a saturated slope. The
    others are functions of the activation a and go with any output activation.
    """

    name: str
    expr: sp.Expr
    output: str | None = None

    @property
    def fused(self) -> bool:
        """Whether the loss is a function of the pre-activation z."""
        return self.output is not None

    @property
    def variable(self) -> sp.Symbol:
        """The symbol that the loss is differentiated by: z of a fused loss, else a."""
        return Z if self.fused else A

    @cached_property
    def derivative(self) -> sp.Expr:
        """The derivative of one share with respect to `variable`."""
        return sp.diff(self.expr, self.variable)

    @property
    def latex(self) -> str:
        """The expression as LaTeX."""
        return sp.latex(self.expr)

    @property
    def safe(self) -> Loss:
        """The loss in formulas that neither overflow nor cancel: what the page computes."""
        return self

    def __call__(self, v, y):
        """The loss of each example. v, y: (..., outputs); v is a, or z of a fused loss."""
        return self._value(v, y).sum(axis=-1)

    def slope(self, v, y):
        """The derivative of each example's loss with respect to v, in v's shape."""
        return self._slope(v, y)

    @cached_property
    def _value(self):
        return numpy_function(self.expr, self.variable, Y)

    @cached_property
    def _slope(self):
        return numpy_function(self.derivative, self.variable, Y)


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of softmax outputs, from logits and one-hot targets.

    `expr` is the loss of a whole example: the outputs share log Σ exp z_j.
    """

    @cached_property
    def derivative(self):
        """The derivative with respect to the logit z_k: softmax minus target."""
        return sp.exp(_LOGITS[_K]) / sp.Sum(sp.exp(_LOGITS[_J]), (_J, 1, _N)) - _TARGETS[_K]

    @property
    def safe(self):
        return _SafeSoftmaxCrossEntropy(self.name, self.expr, self.output)

    def __call__(self, v, y):
        v, y = np.asarray(v), np.asarray(y)
        if object in (v.dtype, y.dtype):
            return _by_row(lambda z, t: logsumexp(*z) - np.dot(z, t), v, y)
        surprise, _, others = _softmax(v)
        # where p is near 1, from what the other outputs take: the logarithm loses digits there
        near_one = others.real < 0.5
        surprise = np.where(near_one, -np.log1p(-np.where(near_one, others, 0.0)), surprise)
        return np.sum(y * surprise, axis=-1)

    def slope(self, v, y):
        v, y = np.asarray(v), np.asarray(y)
        if object in (v.dtype, y.dtype):
            softmax = _by_row(lambda z, _: [sp.exp(e - logsumexp(*z)) for e in z], v, y)
            return softmax - y
        _, p, others = _softmax(v)
        return (1.0 - y) * p - y * others  # p - y without the cancellation: p + others = 1


class _SafeSoftmaxCrossEntropy(SoftmaxCrossEntropy):
    """The same on symbols, from a logit's lack (see `_lack`): p = σ(-lack), 1 - p = σ(lack)."""

    def __call__(self, v, y):
        return np.sum(y * np.frompyfunc(softplus, 1, 1)(_lack(v)), axis=-1)

    def slope(self, v, y):
        lack, probability = _lack(v), np.frompyfunc(sigmoid, 1, 1)
        return (1 - y) * probability(-lack) - y * probability(lack)


def _lack(z):
    """log Σ exp(z_j - z_k) over all j but k. The differences come first: they lose no digits."""
    n = z.shape[-1]
    differences = (z[..., None, :] - z[..., None])[..., ~np.eye(n, dtype=bool)]
    lack = [logsumexp.safe(*row) for row in differences.reshape(z.size, n - 1)]
    return np.array(lack, dtype=object).reshape(z.shape).view(type(z))


_LOGITS, _TARGETS = sp.IndexedBase("z"), sp.IndexedBase("y")
_J, _K, _N = sp.symbols("j k n", integer=True, positive=True)


def _softmax(z):
    """-log p of the softmax p, p itself, and 1 - p added up from the others."""
    z = z - np.max(z.real, axis=-1, keepdims=True)  # all that counts, and it loses no digits
    e = np.exp(z)
    total = e.sum(axis=-1, keepdims=True)
    others = e @ (1.0 - np.eye(z.shape[-1]))
    return np.log(total) - z, e / total, others / total


def _by_row(function, v, y):
    """The function applied to each example (the last axis) of two object arrays."""
    rows = zip(v.reshape(-1, v.shape[-1]), y.reshape(-1, y.shape[-1]), strict=True)
    values = np.array([function(z, t) for z, t in rows], dtype=object)
    return values.reshape(v.shape[:-1] + values.shape[1:])[()]


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss("half_squared_error", (Y - A) ** 2 / 2),
            Loss("squared_error", (A - Y) ** 2),
            # -y log σ(z) - (1-y) log(1-σ(z)); its slope (1-y)σ(z) - yσ(-z) is a - y
            Loss("binary_cross_entropy", Y * softplus(-Z) + (1 - Y) * softplus(Z), "sigmoid"),
            SoftmaxCrossEntropy(
                "softmax_cross_entropy",
                sp.log(sp.Sum(sp.exp(_LOGITS[_J]), (_J, 1, _N)))
                - sp.Sum(_TARGETS[_K] * _LOGITS[_K], (_K, 1, _N)),
                "identity",
            ),
        )
    }
)
"""Losses by name; binary cross-entropy wants a sigmoid output, softmax cross-entropy an identity
output (logits)."""


def named(table: Mapping, name: str, argument: str):
    """The table's entry of that name, or an error that names the argument and the known names."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: got {name!r}; expected a name, one of {', '.join(table)}")
    if name not in table:
        raise ValueError(f"{argument}: got {name!r}; expected one of {', '.join(table)}")
    return table[name]
