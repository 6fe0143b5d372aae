"""Activations and losses: each is one SymPy expression.

The derivative, the LaTeX and the NumPy function of an activation or a loss all come from that
expression. Floating point needs care at a few places (the exponential overflows beyond 709, and
``1 - sigmoid(z)`` keeps no digit beyond z = 37), so the expressions stand on a handful of named
nodes, each with its own slope, its own LaTeX and a NumPy form that neither overflows nor cancels.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.printing.numpy import NumPyPrinter

from backprop_lab.core.arguments import as_numbers
from backprop_lab.core.results import Table

Z, A, Y = sp.symbols("z a y", real=True)
"""The pre-activation, the activation and the target, as they stand in the expressions below."""


# --- named nodes ---------------------------------------------------------------------------------


class Node(sp.Function):
    """A function of one variable: SymPy differentiates it by `slope`, prints it by `latex_form`.

    `sympy.lambdify` takes it as it is: it finds the NumPy form as `_imp_`, and for mpmath the
    definition.
    """

    nargs = 1

    @classmethod
    def eval(cls, z):
        return z if z is sp.nan else None

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

    def _mpmathcode(self, printer):
        return printer.doprint(self.definition(self.args[0]))

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
    """1 - tanh²(z), as 1/cosh²(z): no digit is lost."""

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


class gelu_gate(Node):
    """σ(2u), the share of z that GELU lets through; u grows with z³, and is cut off far out."""

    @staticmethod
    def definition(z):
        return sigmoid.definition(_at(_GELU_ARGUMENT, z))

    @staticmethod
    def slope(z):
        return gelu_gate_slope(z)

    @staticmethod
    def safe(z):
        return sigmoid.safe(_at(_GELU_ARGUMENT, _within(z)))

    def latex_form(self, printer):
        return printer.doprint(_at(_GATE, self.args[0]))


class gelu_gate_slope(Node):
    """2u'σ'(2u): where u' would overflow, σ' has long been 0."""

    @staticmethod
    def definition(z):
        return _at(sp.diff(_GELU_ARGUMENT, Z), z) * sigmoid_slope.definition(_at(_GELU_ARGUMENT, z))

    @staticmethod
    def slope(z):
        return _at(sp.diff(_GATE, Z, 2), z)

    @staticmethod
    def safe(z):
        u, rate = (_at(e, _within(z)) for e in (_GELU_ARGUMENT, sp.diff(_GELU_ARGUMENT, Z)))
        return rate * sigmoid_slope.safe(u)

    def latex_form(self, printer):
        return printer.doprint(_at(sp.diff(_GATE, Z), self.args[0]))


_GELU_ARGUMENT = 2 * sp.sqrt(2 / sp.pi) * (Z + sp.Rational("0.044715") * Z**3)
_GATE = sigmoid(_GELU_ARGUMENT)
_FAR = 100
"""Far beyond where the gate is 0 or 1 in floating point, and where its slope is 0."""


def _at(expression, z):
    return expression.xreplace({Z: z})


def _within(z):
    return sp.Max(-_FAR, sp.Min(z, _FAR))


class logsumexp(sp.Function):
    """log Σ exp(z_k). Its slope is the softmax, exp(z_k - logsumexp)."""

    @classmethod
    def eval(cls, *z):
        return z[0] if len(z) == 1 else None

    def fdiff(self, argindex=1):
        return sp.exp(self.args[argindex - 1] - self)

    @staticmethod
    def definition(*z: sp.Expr) -> sp.Expr:
        """In elementary functions: what mpmath evaluates."""
        return sp.log(sp.Add(*map(sp.exp, z)))

    def _eval_evalf(self, prec):
        return self.definition(*self.args)._eval_evalf(prec)

    def _eval_is_real(self):
        return all(z.is_real for z in self.args) or None

    def _mpmathcode(self, printer):
        return printer.doprint(self.definition(*self.args))

    @staticmethod
    def _imp_(*z):
        return np.logaddexp.reduce(np.broadcast_arrays(*z), axis=0)

    @staticmethod
    def safe(*z: sp.Expr) -> sp.Expr:
        """In what every language has, without overflow: what the page computes."""
        largest = sp.Max(*z)
        return largest + sp.log(sp.Add(*(sp.exp(v - largest) for v in z)))


# The NumPy forms work on complex numbers too, so that the complex step can check them. NaN comes
# out of each as NaN: it is in neither of two cases, so a constant never stands in the last one.


def _small(z):
    """exp(-|z|), of complex numbers by the sign of the real part."""
    real = isinstance(z, float) or z.dtype.kind == "f"
    size = np.abs(z) if real else np.where(z.real < 0, -z, z)
    size *= -1.0
    return np.exp(size)


def _numpy_sigmoid(z):
    e = _small(z)
    return np.where(z.real < 0, e, 1.0) / (1.0 + e)


def _numpy_sigmoid_slope(z):
    """In place, where a temporary takes as long as arithmetic; so below."""
    e = _small(z)
    below = 1.0 + e
    below *= below
    e /= below
    return e


def _numpy_softplus(z):
    right = z.real > 0
    return np.where(right, z, 0.0) + np.log1p(np.exp(np.where(right, -z, z)))


def _numpy_tanh_slope(z):
    """(2/(1/e + e))², of e = exp(-|z|): 2z would overflow."""
    e = _small(z)
    below = e * e
    below += 1.0
    e /= below
    e *= e
    e *= 4.0
    return e


def _numpy_exp_below(z):
    return np.exp(np.where(z.real > 0, 0.0, z))


def _numpy_expm1_below(z):
    return np.expm1(np.where(z.real > 0, 0.0, z))


def _numpy_within(z):
    return np.maximum(np.minimum(z, _FAR), -_FAR)


NUMPY_NODES = {
    "sigmoid": _numpy_sigmoid,
    "sigmoid_slope": _numpy_sigmoid_slope,
    "softplus": _numpy_softplus,
    "tanh": np.tanh,
    "tanh_slope": _numpy_tanh_slope,
    "exp_below": _numpy_exp_below,
    "expm1_below": _numpy_expm1_below,
    "gelu_gate": lambda z: _gate(0)(_numpy_within(z)),
    "gelu_gate_slope": lambda z: _gate(1)(_numpy_within(z)),
}


@cache
def _gate(order):
    roots = {e: e.evalf(17) for e in (sp.sqrt(2), 1 / sp.sqrt(sp.pi))}  # else taken each time
    return numpy_function(sp.diff(_GATE, Z, order).xreplace(roots), Z)


for _node in Node.__subclasses__():
    _node._imp_ = staticmethod(
        lambda z, form=NUMPY_NODES[_node.__name__]: form(as_numbers(z, "z"))[()]
    )


class constant(sp.Function):
    """c; but NaN where z is NaN."""

    nargs = 2

    def _numpycode(self, printer):
        c, z = map(printer.doprint, self.args)
        return f"where({z} == {z}, {c}, {z})"

    def _javascript(self, printer):
        c, z = map(printer.doprint, self.args)
        return f"(({z} === {z}) ? ({c}) : ({z}))"


def nan_through(expression: sp.Expr) -> sp.Expr:
    """The expression with its cases arranged so that NaN, in neither of two, comes out as NaN."""

    def arranged(*cases):
        (value, test), (other, _) = cases
        if other.free_symbols:
            return sp.Piecewise(*cases)
        if value.free_symbols:
            return sp.Piecewise((other, ~test), (value, True))
        return sp.Piecewise((value, test), (constant(other, test.lhs), True))

    return expression.replace(sp.Piecewise, arranged)


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
    modules, formula = [NUMPY_NODES, "numpy"], nan_through(expression)
    compiled = sp.lambdify(symbols, formula, modules, printer=_Printer(), use_imps=False)
    if expression.is_Symbol:
        compiled = np.copy  # not the argument itself
    elif not expression.free_symbols:  # lambdify returns the bare number

        def compiled(array, *_, number=float(expression)):
            return np.where(array != array, array, number)

    def substitute(*values):
        values = [sp.sympify(value, strict=True) for value in values]  # strict: never text
        if sp.nan in values:
            return sp.nan
        return expression.xreplace(dict(zip(symbols, values, strict=True)))

    on_symbols = np.frompyfunc(substitute, len(symbols), 1)

    def evaluate(*arrays):
        for array in arrays:
            if type(array) is not np.ndarray or array.dtype.char != "d":
                return convert(*arrays)
        return compiled(*arrays)  # at once: of a small network's pass the rest took most

    def convert(*arrays):
        arrays = [as_numbers(a, s.name) for a, s in zip(arrays, symbols, strict=True)]
        if any(array.dtype == object for array in arrays):
            return np.asanyarray(on_symbols(*arrays), dtype=object)
        return compiled(*arrays)

    return evaluate


# --- activations ---------------------------------------------------------------------------------


class _Entry:
    """An entry of a table pickles as that entry, another one without the functions made from it."""

    def __reduce__(self):
        for table in (ACTIVATIONS, LOSSES):
            if table.get(self.name) is self:
                return operator.getitem, (table, self.name)
        return type(self), tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Activation(_Entry):
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


# --- losses --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loss(_Entry):
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

    @cached_property
    def derivative(self) -> sp.Expr:
        """The derivative of one share with respect to `variable`."""
        return sp.diff(self.expr, self.variable)

    @property
    def latex(self) -> str:
        """The expression as LaTeX."""
        return sp.latex(self.expr)

    def __call__(self, v, y):
        """The loss of each example. v, y: (..., outputs), of one shape, or numbers, of a single
        output; v is a, or z of a fused loss. Raises ValueError or TypeError naming the argument."""
        return self._value(*self._together(v, y)).sum(axis=-1)

    def slope(self, v, y):
        """The derivative of each example's loss with respect to v, in v's shape; see above."""
        return self._slope(*self._together(v, y))

    @cached_property
    def _value(self):
        return numpy_function(self.expr, self.variable, Y)

    @cached_property
    def _slope(self):
        return numpy_function(self.derivative, self.variable, Y)

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
        surprise, _, others = _softmax(v)
        # where p is near 1, from what the other outputs take: the logarithm loses digits there
        near_one = others.real < 0.5
        surprise = np.where(near_one, -np.log1p(-np.where(near_one, others, 0.0)), surprise)
        return y * np.where(y == 0, 0.0, surprise)

    def _slope(self, v, y):
        if object in (v.dtype, y.dtype):
            if v.shape[-1] == 1:
                return 1 - y
            lack, probability = _lack(v), np.frompyfunc(sigmoid, 1, 1)
            return (y.sum(axis=-1, keepdims=True) - y) * probability(-lack) - y * probability(lack)
        _, p, others = _softmax(v)
        return (1.0 - y) * p - y * others  # p - y without the cancellation: p + others = 1


def _lack(z):
    """log Σ exp(z_j - z_k) over all j but k, a formula for each k: p = σ(-lack), 1 - p = σ(lack).
    The differences come first: they lose no digits."""
    n = z.shape[-1]
    differences = (z[..., None, :] - z[..., None])[..., ~np.eye(n, dtype=bool)]
    lack = [logsumexp(*row) for row in differences.reshape(z.size, n - 1)]
    return np.array(lack, dtype=object).reshape(z.shape).view(type(z))


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


LOSSES: Mapping[str, Loss] = Table(
    __name__,
    "LOSSES",
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
    },
)
"""Losses by name; binary cross-entropy wants a sigmoid output, softmax cross-entropy an identity
output (logits)."""
