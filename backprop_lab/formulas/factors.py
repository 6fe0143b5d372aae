"""The chain rule, written out: every line of a forward pass, and every factor of one weight.

Each line has its formula, derived by SymPy, its value, computed by NumPy, and its place in the
network.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import named
from backprop_lab.core.functions import ACTIVATIONS, LOSSES, Z
from backprop_lab.core.network import Forward, Gradient, Key, Network, quantities
from backprop_lab.formulas.notation import (
    NOTATIONS,
    derivative,
    latex,
    more_digits,
    number,
    parameter,
    products,
)

MOST_PATHS = 10_000
"""A weight with more paths than this to the loss is refused: the list would help nobody."""


@dataclass(frozen=True)
class Term:
    """One line: a quantity or a local derivative.

    name: LaTeX of the left-hand side; formula: SymPy, in the notation's symbols; value: a number
    (or a formula, of a symbolic network); key: its canonical name, ("z_out", 1, 0) of a quantity,
    ("z_out", 1, 0, "by", "z_in", 1, 0) of a derivative; place: the key of the node or edge that it
    belongs to; numbers: the values of the symbols. A derivative also has the line that is
    differentiated, and by which symbol.
    """

    name: str
    formula: sp.Expr
    value: float | sp.Expr
    key: Key
    place: Key
    numbers: dict[sp.Symbol, object]
    line: sp.Expr | None = None
    by: sp.Symbol | None = None

    def nudge(self, h: sp.Expr) -> sp.Expr:
        """The central difference of the term's line, all else held still, as a formula in h.

        Raises ValueError for a term that is no derivative.
        """
        if self.line is None:
            raise ValueError(f"nudge: {self.name} is a quantity; expected a derivative")
        numbers = {symbol: sp.Float(float(value)) for symbol, value in self.numbers.items()}
        up, down = (numbers | {self.by: numbers[self.by] + move} for move in (h, -h))
        return (self.line.xreplace(up) - self.line.xreplace(down)) / (2 * h)

    def nudged(self, h: float) -> float:
        """The local derivative by a nudge of size h. Raises ValueError as `nudge` does."""
        return float(self.nudge(sp.Float(h)).evalf())

    def _more(self) -> int:
        """How many digits more than usual its numbers need for its value to follow from them."""
        operands = {symbol: self.numbers[symbol] for symbol in self.formula.free_symbols}

        def line(shown):
            read = {symbol: sp.Float(str(shown(value)), 30) for symbol, value in operands.items()}
            return self.formula.xreplace(read).evalf(30)

        return more_digits(line, self.value)

    @property
    def parts(self) -> list[str]:
        """LaTeX of name, formula, formula with numbers, value, without repetitions."""
        parts = [self.name, latex(self.formula)]
        numeric = not any(isinstance(value, sp.Basic) for value in self.numbers.values())
        if numeric and not self.formula.is_Symbol:
            parts.append(latex(self.formula, self.numbers, self._more()))
        parts.append(number(self.value))
        return list(dict.fromkeys(parts))

    @property
    def latex(self) -> str:
        """name = formula = formula with numbers = value, without repetitions."""
        return " = ".join(self.parts)

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex}$"

    def __repr__(self):
        return f"<{self.latex}>"


class Lines(tuple):
    """Terms, shown one below the other, aligned at the first equals sign."""

    def __getitem__(self, index):
        found = super().__getitem__(index)
        return Lines(found) if isinstance(index, slice) else found

    def of(self, *start) -> Lines:
        """The lines whose keys begin so: of("delta", 1) are the error signals of layer 1, from 0.

        Raises ValueError if there are none.
        """
        found = Lines(line for line in self if line.key[: len(start)] == start)
        if not found:
            kinds = ", ".join(dict.fromkeys(line.key[0] for line in self))
            raise ValueError(f"start: got {start}; there is no such line; they begin with {kinds}")
        return found

    def _repr_latex_(self):
        return _aligned(_short(term) for term in self)


LONGEST = 6
"""A formula of more symbols than this stands on a line of its own, its numbers on the next."""


def _short(term: Term) -> list[str]:
    name, formula, *rest = term.parts
    if len(term.formula.free_symbols) <= LONGEST:
        return term.parts
    return [name, rf"{formula} \\ &= {' = '.join(rest)}"]


def _aligned(lines: Iterable[Sequence[str]]) -> str:
    """Lines, each in its parts, aligned at the first equals sign."""
    rows = r" \\[6pt] ".join(rf"{first} &= {' = '.join(rest)}" for first, *rest in lines)
    return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"


@dataclass(frozen=True)
class Path:
    """One path from a weight to the loss: its factors, from the loss down to the weight."""

    factors: Lines

    @property
    def value(self):
        """The product of the factors."""
        return math.prod(factor.value for factor in self.factors)

    @property
    def formula(self) -> sp.Expr:
        """The product of the factors' formulas."""
        return sp.Mul(*(factor.formula for factor in self.factors))

    @property
    def latex(self) -> str:
        """The product, factor by factor, as the lecture writes it."""
        return r" \cdot ".join(factor.name for factor in self.factors)


@dataclass(frozen=True)
class Chain:
    """The derivative of the loss by one weight: its paths, whose products add up.

    key: the weight's canonical key; name: LaTeX of the derivative; weight, old: the weight's symbol
    and value; rate: the symbol of the learning rate.
    """

    key: Key
    name: str
    paths: tuple[Path, ...]
    weight: sp.Symbol
    old: float | sp.Expr
    rate: sp.Symbol

    def update(self, learning_rate: float) -> Term:
        """The line of the weight's update. Source: LMU-8, update of u_1."""
        slope = sp.Symbol(self.name, real=True)
        formula = self.weight - self.rate * slope
        numbers = {self.weight: self.old, self.rate: learning_rate, slope: self.value}
        name = f"{self.weight.name}^{{new}}"
        key = ("new", *self.key)
        return Term(name, formula, self.old - learning_rate * self.value, key, self.key, numbers)

    @property
    def factors(self) -> Lines:
        """The factors, of a weight with one path. Raises ValueError if there are several."""
        if len(self.paths) > 1:
            raise ValueError(f"factors: {len(self.paths)} paths lead from {self.key}; see .paths")
        return self.paths[0].factors

    @property
    def value(self):
        """The derivative: the sum over the paths."""
        return sum(path.value for path in self.paths)

    @property
    def parts(self) -> list[str]:
        """LaTeX of the derivative, its factors or the sum over its paths, in numbers, the value."""
        return [self.name, *map(" + ".join, self._sums()), number(self.value)]

    @property
    def latex(self) -> str:
        """The derivative = its factors = the numbers = the value; or the sum over the paths."""
        return " = ".join(self.parts)

    def _sums(self) -> tuple[list[str], list[str]]:
        """The products of the paths, in names and in numbers."""
        values = [[factor.value for factor in path.factors] for path in self.paths]
        return [path.latex for path in self.paths], products(values, self.value)

    def _repr_latex_(self):
        """The factors line by line, then the product; of several paths, a line for each."""
        if len(self.paths) == 1:
            return _aligned([*(term.parts for term in self.factors), self.parts])
        names, values = (r" \\ &\quad + ".join(part) for part in self._sums())
        return _aligned([(self.name, names), ("", values), ("", number(self.value))])

    def __repr__(self):
        return f"<{self.latex}>"


@dataclass(frozen=True)
class _Pass:
    """What the lines of one pass share: the symbols of its quantities, and their values."""

    f: Forward
    g: Gradient | None
    notation: str

    def __post_init__(self):
        named(NOTATIONS, self.notation, "notation")
        values = quantities(self.f, self.g)
        object.__setattr__(self, "values", {self.symbol(key): v for key, v in values.items()})

    @property
    def layers(self):
        return self.f.network.layers

    def symbol(self, key: Key) -> sp.Symbol:
        return NOTATIONS[self.notation].symbol(key, self.f.network.widths)

    def label(self, key: Key) -> str:
        return self.symbol(key).name

    def arriving(self, layer: int, i: int) -> Key:
        """The key of what enters a layer at its place i: an input or the activation before."""
        return ("z_out", layer - 1, i) if layer else ("x", i)

    def affine(self, layer: int, j: int) -> sp.Expr:
        weighted = (
            self.symbol(("W", layer, i, j)) * self.symbol(self.arriving(layer, i))
            for i in range(self.layers[layer].inputs)
        )
        return sp.Add(*weighted, self.symbol(("b", layer, j)))

    def numbers(self, formula: sp.Expr) -> dict[sp.Symbol, object]:
        return {symbol: self.values[symbol] for symbol in formula.free_symbols}

    def line(self, key: Key, formula: sp.Expr, value) -> Term:
        """The line that computes a quantity."""
        return Term(self.label(key), formula, _plain(value), key, key, self.numbers(formula))

    def partial(self, of: Key, by: Key, line: sp.Expr, value, place: Key) -> Term:
        """The factor ∂of/∂by, from the line that computes `of`."""
        symbol = self.symbol(by)
        name = derivative(self.label(of), self.label(by))
        key, formula = (*of, "by", *by), sp.diff(line, symbol)
        return Term(name, formula, _plain(value), key, place, self.numbers(line), line, symbol)

    def activation(self, layer: int, j: int) -> sp.Expr:
        expr = ACTIVATIONS[self.layers[layer].activation].expr
        return expr.xreplace({Z: self.symbol(("z_in", layer, j))})


def _plain(value):
    """A Python number, not NumPy's; a formula stays one."""
    return value if isinstance(value, sp.Basic) else float(value)


def trace(net: Network, f: Forward, g: Gradient | None = None, notation: str = "LMU") -> Lines:
    """The lines of a forward pass over one example, in order: each z_in and z_out, layer by layer.

    With g the loss follows. Source: LMU-8, forward pass, four steps.
    """
    here = _checked(net, f, g, notation)
    lines = []
    for layer, made_of in enumerate(net.layers):
        for kind in ("z_in", "z_out"):
            for j in range(made_of.units):
                key = (kind, layer, j)
                if kind == "z_in":
                    formula, value = here.affine(layer, j), f.z_in[layer][j]
                else:
                    formula, value = here.activation(layer, j), f.z_out[layer][j]
                lines.append(here.line(key, formula, value))
    if g is not None:
        lines.append(here.line(("loss",), _loss_formula(here), g.loss))
    return Lines(lines)


def backtrace(net: Network, f: Forward, g: Gradient, notation: str = "LMU") -> Lines:
    """The lines of a backward pass over one example, in order: of each layer, from the last, the
    error signals, then the gradients of its weights and biases.

    Each line is differentiated from the lines of the forward pass, with the error signals of the
    next layer as symbols. Source: LMU-8, general formulation; CSC311, complete algorithm.
    """
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    here = _checked(net, f, g, notation)
    lines = []
    for layer in reversed(range(len(net.layers))):
        arriving, made_of = f.z_out[layer - 1] if layer else f.x, net.layers[layer]
        units, inputs = range(made_of.units), range(made_of.inputs)
        signals = [here.symbol(("delta", layer, j)) for j in units]
        for j in units:
            formula = _signal_formula(here, layer, j)
            lines.append(here.line(("delta", layer, j), formula, g.delta[layer][j]))
        pairs = [(("W", layer, i, j), arriving[i]) for i in inputs for j in units]
        pairs += [(("b", layer, j), 1) for j in units]
        for key, value in pairs:
            affine, delta = here.affine(layer, key[-1]), signals[key[-1]]
            formula = delta * sp.diff(affine, here.symbol(key))
            gradient = ("d" + key[0], *key[1:])
            lines.append(here.line(gradient, formula, g.delta[layer][key[-1]] * value))
    return Lines(lines)


def _signal_formula(here: _Pass, layer: int, j: int) -> sp.Expr:
    """∂L/∂z of one unit: of the last layer from the loss, else from the signals of the next one."""
    z = here.symbol(("z_in", layer, j))
    if layer == len(here.layers) - 1:
        # The activation stays a symbol where the loss is differentiated by it: a - y, σ'(z).
        loss = LOSSES[here.g.loss_name]
        if loss.fused:
            return sp.diff(_loss_formula(here), z)
        by = here.symbol(("z_out", layer, j))
        return sp.diff(_loss_formula(here), by) * sp.diff(here.activation(layer, j), z)
    out, later = here.symbol(("z_out", layer, j)), range(here.layers[layer + 1].units)
    arriving = sp.Add(
        *(
            here.symbol(("delta", layer + 1, k)) * sp.diff(here.affine(layer + 1, k), out)
            for k in later
        )
    )
    return arriving * sp.diff(here.activation(layer, j), z)


def chain(net: Network, f: Forward, g: Gradient, weight, notation: str = "LMU") -> Chain:
    """The factors of one weight's derivative, for a pass over one example.

    weight: a name in the notation ("W_11", "u_1") or a key, ("W", layer, i, j), ("b", layer, j).
    A fused loss has one factor for the loss and the output activation together. Source: LMU-8,
    backward pass. Raises ValueError or TypeError naming the argument.
    """
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    here = _checked(net, f, g, notation)
    key = parameter(weight, net.widths, notation)
    _, layer, *ends = key
    later = [range(width) for width in net.widths[layer + 2 :]]
    count = math.prod(map(len, later))
    if count > MOST_PATHS:
        raise ValueError(f"weight: {key} has {count} paths to the loss; at most {MOST_PATHS}")
    last = _last_factor(here, key)
    paths = (
        Path(Lines([*_signal_factors(here, layer, units), last]))
        for units in itertools.product([ends[-1]], *later)
    )
    name = derivative(here.label(("loss",)), here.label(key))
    weight, rate = here.symbol(key), here.symbol(("learning_rate",))
    return Chain(key, name, tuple(paths), weight, here.values[weight], rate)


def _checked(net, f, g, notation) -> _Pass:
    if not isinstance(net, Network):
        raise TypeError(f"net: got {net!r}; expected a Network")
    if not isinstance(f, Forward):
        raise TypeError(f"f: got {f!r}; expected what forward returned")
    if f.network is not net:
        raise ValueError("f: a forward pass of another network; expected forward(net, x)")
    return _Pass(f, g, notation)


def _signal_factors(here: _Pass, layer: int, units: tuple[int, ...]):
    """The factors of the error signal along one path; units[k] is the unit in layer + k."""
    depth = len(here.layers)
    yield from _output_factors(here, units[-1])
    for m in range(depth - 1, layer, -1):
        j, i = units[m - layer], units[m - layer - 1]
        weight, below = ("W", m, i, j), ("z_out", m - 1, i)
        value = here.layers[m].W[i, j]
        yield here.partial(("z_in", m, j), below, here.affine(m, j), value, weight)
        yield _activation_factor(here, m - 1, i)


def _activation_factor(here: _Pass, layer: int, j: int) -> Term:
    activation = ACTIVATIONS[here.layers[layer].activation]
    z_in, z_out = ("z_in", layer, j), ("z_out", layer, j)
    value = activation.slope(here.f.z_in[layer])[j]
    return here.partial(z_out, z_in, here.activation(layer, j), value, z_out)


def _output_factors(here: _Pass, j: int):
    last = len(here.layers) - 1
    loss = LOSSES[here.g.loss_name]
    by = ("z_in" if loss.fused else "z_out", last, j)
    v = here.f.z_in[-1] if loss.fused else here.f.z_out[-1]
    yield here.partial(("loss",), by, _loss_formula(here), loss.slope(v, here.g.y)[j], ("loss",))
    if not loss.fused:
        yield _activation_factor(here, last, j)


def _loss_formula(here: _Pass) -> sp.Expr:
    """The loss in the symbols of the last layer and the targets."""
    loss = LOSSES[here.g.loss_name]
    last, units = len(here.layers) - 1, here.layers[-1].units
    kind = "z_in" if loss.fused else "z_out"
    v = np.array([here.symbol((kind, last, j)) for j in range(units)], dtype=object)
    y = np.array([here.symbol(("y", j)) for j in range(units)], dtype=object)
    return loss(v, y)


def _last_factor(here: _Pass, key: Key) -> Term:
    kind, layer, *ends = key
    if kind == "b":
        value = 1.0
    else:
        value = here.f.z_out[layer - 1][ends[0]] if layer else here.f.x[ends[0]]
    return here.partial(("z_in", layer, ends[-1]), key, here.affine(layer, ends[-1]), value, key)
