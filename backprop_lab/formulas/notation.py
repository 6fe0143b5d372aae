"""The lectures' notations: the same quantity's label in LMU, CH8, CSC311 and CSE463.

A quantity has one canonical key (`keys.Key`); a notation gives it a label in LaTeX, a plain name
("W_11") and a SymPy symbol. Its letters stand with its lecture, in `data.lectures`. In the
templates m is the layer, counted from 1, p the one before it; j is the unit and i the input or unit
that a weight comes from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np
import sympy as sp
from sympy.printing.latex import LatexPrinter

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_array, as_widths, named
from backprop_lab.core.keys import Key, as_parameter, parameters
from backprop_lab.core.network import Layer, Network
from backprop_lab.core.results import Table
from backprop_lab.core.rounding import HALF_AWAY, snap
from backprop_lab.data.lectures import SAID

ANY, HIDDEN, OUTPUT, ONLY, WHOLE = "any", "hidden", "output", "only", "whole"
"""Roles of a layer: any; the one hidden layer before a single output unit; a single output unit;
the only neuron, with one input. A role's templates stand in for those of ANY. WHOLE: a layer's
array, where it is not named as a single output unit is."""


@dataclass(frozen=True)
class Notation:
    """One lecture's letters and index order; `templates[role][kind]` is a LaTeX template."""

    name: str
    templates: Mapping[str, Mapping[str, str]]

    def label(self, key: Key, widths: Sequence[int]) -> str:
        """The LaTeX label of a quantity in a network of these widths (inputs first).

        A key without its units, such as ("W", 0) or ("x",), is the whole array; ValueError in a
        notation that has no letters for those.
        """
        kind, *index = key
        if kind in ("dW", "db", "dx"):
            return derivative(self.label(Key("loss"), widths), self.label(Key(*key).of, widths))
        if kind in ("x", "dx", "loss", "learning_rate"):
            layer, units = 0, index
        elif kind == "y":
            layer, units = len(widths) - 2, index
        else:
            layer, *units = index
        numbers = [u + 1 for u in units]
        fields = {"m": layer + 1, "p": layer, "s": "," if max(widths) > 9 else ""}
        fields |= dict(zip("ij" if len(numbers) == 2 else "j", numbers, strict=False))
        whole = not units and kind not in ("loss", "learning_rate")
        if whole and WHOLE not in self.templates:
            raise ValueError(f"key: got {key}, a whole array; {self.name} has no letter for it")
        own = self.templates.get(OUTPUT if whole else _role(widths, layer), {})
        own = own | self.templates[WHOLE] if whole else own
        return own.get(kind, self.templates[ANY][kind]).format(**fields)

    def symbol(self, key: Key, widths: Sequence[int]) -> sp.Symbol:
        """The SymPy symbol of a quantity; its name is the label."""
        return sp.Symbol(self.label(key, widths), real=True)

    def plain(self, key: Key, widths: Sequence[int]) -> str:
        """The label without LaTeX: "W_11", "W^(2)_31", "∂C/∂z^(1)_2"."""
        return _FRACTION.sub(r"∂\1/∂\2", self.label(key, widths)).translate(_PLAIN)


_FRACTION = re.compile(r"\\frac\{\\partial (.*?)\}\{\\partial (.*)\}")
_PLAIN = str.maketrans("", "", "{}\\")


def _role(widths, layer):
    depth, single = len(widths) - 1, widths[-1] == 1
    if tuple(widths) == (1, 1):
        return ONLY
    if layer == depth - 1 and single:
        return OUTPUT
    return HIDDEN if depth == 2 and single else ANY


def derivative(of: str, by: str) -> str:
    r"""LaTeX of a partial derivative."""
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


NOTATIONS: Mapping[str, Notation] = Table(
    __name__,
    "NOTATIONS",
    {
        said.NOTATION: Notation(said.NOTATION, said.LETTERS)
        for said in SAID
        if hasattr(said, "LETTERS")
    },
)
"""Notations by name. LMU: W_jk goes from j to k. CH8: w_ij from i to j. CSC311: W_ij from j to i.
CSE463: A_(i-1) makes f_i, rows are units. All drop indices that a small network does not need."""


def stepped(label: str) -> str:
    """LaTeX of what a step makes of a parameter; a label with an exponent gets braces first."""
    return f"{{{label}}}^{{new}}" if "^" in label else f"{label}^{{new}}"


def parameter(weight, widths: Sequence[int], notation: str = "LMU") -> Key:
    """The key of a weight or bias given by its name in the notation ("W_11") or as a key itself.

    Raises TypeError if it is neither text nor a tuple, ValueError if the network has none such.
    """
    style = named(NOTATIONS, notation, "notation")
    if isinstance(weight, str):
        names = {style.plain(key, widths): key for key in parameters(widths)}
        if weight not in names:
            known = ", ".join(list(names)[:12]) + (", …" if len(names) > 12 else "")
            raise ValueError(f"weight: got {weight!r}; expected one of {known}")
        return names[weight]
    if not isinstance(weight, tuple):
        raise TypeError(f'weight: got {weight!r}; expected a name or ("W", layer, i, j)')
    return as_parameter(weight, widths, "weight")


class Symbols(dict):
    """Symbols by plain name ("W_11"); the name that a symbol prints as ("W_{11}") will do, too."""

    def __missing__(self, name):
        plain = name.translate(_PLAIN) if isinstance(name, str) else name
        if plain not in self:
            raise KeyError(f"symbols: got {name!r}; expected one of {', '.join(self)}")
        return self[plain]


class SymbolicNetwork(Network):
    """A network on SymPy symbols in one notation; `x` and `y` are its input and target symbols.

    The symbols are real, so `sympy.Symbol("W_{11}")` is another symbol than the network's, which
    `subs` and `diff` do not find in a formula: take it from `symbols`.
    """

    notation: str
    x: np.ndarray
    y: np.ndarray

    @property
    def symbols(self) -> Symbols:
        """All symbols by name: inputs, targets, then weights and biases, layer by layer.

        `net.symbols["W_11"]`, or by the label that it prints as, `net.symbols["W_{11}"]`;
        KeyError with the known names for another one. `sympy.lambdify(list(net.symbols.values()),
        g.loss)` is the loss as a function of all of them.
        """
        keys = [Key("x", i) for i in range(len(self.x))] + [Key("y", j) for j in range(len(self.y))]
        style, keys = NOTATIONS[self.notation], keys + parameters(self.widths)
        return Symbols((style.plain(k, self.widths), style.symbol(k, self.widths)) for k in keys)


def symbolic(
    widths: Sequence[int],
    notation: str = "LMU",
    activation: str = "sigmoid",
    output: str = "sigmoid",
) -> SymbolicNetwork:
    """The same Network on SymPy symbols; `forward` and `backward` take it like any other.

    widths: inputs first; activation: of the hidden layers; output: of the last one. Its symbols
    for input and target are `.x` and `.y`; `.symbols` has all of them by name.
    """
    style = named(NOTATIONS, notation, "notation")
    widths = as_widths(widths)
    named(ACTIVATIONS, activation, "activation")
    named(ACTIVATIONS, output, "output")

    def fill(prefix, shape):
        array = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            array[index] = style.symbol(Key(*prefix, *index), widths)
        return array

    names = [activation] * (len(widths) - 2) + [output]
    net = SymbolicNetwork(
        [
            Layer(fill(Key("W", i), (n, m)), fill(Key("b", i), (m,)), name)
            for i, (n, m, name) in enumerate(zip(widths, widths[1:], names, strict=False))
        ]
    )
    object.__setattr__(net, "notation", notation)
    object.__setattr__(net, "x", as_array(fill(Key("x"), (widths[0],)), "x"))
    object.__setattr__(net, "y", as_array(fill(Key("y"), (widths[-1],)), "y"))
    return net


class InOrder:
    """A printer of SymPy's in a lecture's order: y - f, not -f + y; products first, biases last."""

    def _as_ordered_terms(self, expr, order=None):
        terms = super()._as_ordered_terms(expr, order)
        return sorted(terms, key=lambda t: (t.could_extract_minus_sign(), t.is_Symbol))


class _Printer(InOrder, LatexPrinter):
    """LaTeX."""


def latex(expr: sp.Expr, numbers: Mapping[sp.Symbol, object] | None = None, more: int = 0) -> str:
    """LaTeX of a formula; with numbers, those stand in place of their symbols, as `number` shows
    them."""
    if numbers is None:
        return _Printer().doprint(expr)
    names = {symbol: number(value, wrap=True, more=more) for symbol, value in numbers.items()}
    return _Printer({"symbol_names": names, "mul_symbol": "dot"}).doprint(expr)


def _places(value, digits: int) -> tuple[Decimal, int, bool]:
    """A number, snapped, so that a tie falls the same way on every machine; the
    place of its last digit shown; whether it needs a power of ten, since decimals would show 0."""
    exact = Decimal(str(snap(float(value))))
    tiny = bool(exact) and exact.is_finite() and not _cut(exact, digits)
    return exact, 1 - exact.adjusted() if tiny else digits, tiny


def _cut(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), context=HALF_AWAY)


def as_shown(value, digits: int = 4, more: int = 0) -> Decimal:
    """The number that `number` writes: rounded to so many decimals, half away from zero, or to two
    significant digits if the decimals would show 0; more: so many digits beyond that."""
    exact, place, _ = _places(value, digits)
    return _cut(exact, place + more) if exact.is_finite() else exact


def number(value, digits: int = 4, wrap: bool = False, more: int = 0) -> str:
    """A number as it is shown: rounded to so many decimals; trailing zeros say that it is rounded.

    A value that the decimals would show as 0 is written with its power of ten. With wrap, a number
    with a sign or a power of ten stands in parentheses. more: see `as_shown`.
    """
    if isinstance(value, sp.Basic) and not value.is_number:
        return latex(value)
    exact, place, tiny = _places(value, digits)
    if not exact.is_finite():
        return str(float(value))
    short = _cut(exact, place + more)
    if tiny:
        power = short.adjusted()
        text = rf"{short.scaleb(-power):.{1 + more}f} \cdot 10^{{{power}}}"
    else:
        text = f"{short.normalize() if short == exact else short:zf}"
    return f"({text})" if wrap and (text.startswith("-") or tiny) else text


MOST_DIGITS = 8
"""The operands of a line are shown with at most so many digits more than usual."""


def more_digits(line: Callable[[Callable], object], value, digits: int = 4) -> int:
    """By how many digits the operands of a line must be shown longer than usual, at least, for a
    reader who computes with what is shown to get the value that is shown.

    line: computes the value from operands to which it applies the function that it is given.
    """
    if isinstance(value, sp.Basic) and not value.is_number:
        return 0
    exact, place, _ = _places(value, digits)
    if not exact.is_finite():
        return 0

    def read(more):
        shown = partial(as_shown, digits=digits, more=more)
        return _places(line(shown), digits)[0]

    tries = range(MOST_DIGITS)
    found = (more for more in tries if _cut(read(more), place) == _cut(exact, place))
    return next(found, MOST_DIGITS)


def products(factors: Sequence[Sequence], value, digits: int = 4) -> list[str]:
    """LaTeX of products in numbers; value: their sum, which follows from the numbers as shown."""
    more = more_digits(
        lambda shown: sum(math.prod(map(shown, each)) for each in factors), value, digits
    )
    return [
        r" \cdot ".join(number(factor, digits, wrap=True, more=more) for factor in each)
        for each in factors
    ]
