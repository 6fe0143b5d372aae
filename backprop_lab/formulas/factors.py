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

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import named
from backprop_lab.core.keys import Key, input_of
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Forward, Gradient, Network, parts, quantities
from backprop_lab.core.nodes import Z
from backprop_lab.formulas.notation import (
    NOTATIONS,
    derivative,
    latex,
    more_digits,
    number,
    parameter,
    products,
    stepped,
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
            kinds = ", ".join(dict.fromkeys(line.key.kind for line in self))
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
        name, key = stepped(self.weight.name), self.key.new
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


# --- writing the lines ----------------------------------------------------------------------------


def local_derivatives(g: Gradient) -> dict[Key, object]:
    """The factors of all paths, by canonical name, without walking the paths."""
    return dict(factors_of(g))


def slopes_of(g: Gradient) -> list[tuple[Key, object]]:
    """Of `factors_of` those of the loss and of the activations."""
    f, loss, last = g.forward, LOSSES[g.loss_name], len(g.delta) - 1
    v = loss.argument(f.z_in[last], f.z_out[last])
    slopes = loss.slope(v, g.y)
    found = [(Key("loss").by(Key(loss.kind, last, j)), slopes[j]) for j in range(len(v))]
    for m, layer in enumerate(f.network.layers):
        if not (loss.fused and m == last):
            slopes = ACTIVATIONS[layer.activation].slope(f.z_in[m])
            units = range(len(layer.b))
            found += [(Key("z_out", m, j).by(Key("z_in", m, j)), slopes[j]) for j in units]
    return found


def factors_of(g: Gradient) -> list[tuple[Key, object]]:
    """What `local_derivatives` gives, as pairs; of raw passes too, and in a page."""
    f, found = g.forward, slopes_of(g)
    for m, layer in enumerate(f.network.layers):
        z = [Key("z_in", m, j) for j in range(len(layer.b))]
        arriving = f.z_out[m - 1] if m else f.x
        for (i, j), weight in np.ndenumerate(layer.W):
            found += [(z[j].by(Key("W", m, i, j)), arriving[i])]
            if m:
                found += [(z[j].by(Key("z_out", m - 1, i)), weight)]
        found += [(z[j].by(Key("b", m, j)), 1) for j in range(len(z))]
    return found


@dataclass(frozen=True)
class _Writer:
    """Writes the lines of a run over one example: it knows their symbols and their values."""

    run: Forward | Gradient
    notation: str

    def __post_init__(self):
        named(NOTATIONS, self.notation, "notation")
        known = quantities(self.run)
        symbols = {self.symbol(key): value for key, value in known.items()}
        if isinstance(self.run, Gradient):
            known |= local_derivatives(self.run)
        object.__setattr__(self, "known", known)
        object.__setattr__(self, "values", symbols)

    @property
    def network(self) -> Network:
        return self.run.network

    def symbol(self, key: Key) -> sp.Symbol:
        return NOTATIONS[self.notation].symbol(key, self.network.widths)

    def label(self, key: Key) -> str:
        return self.symbol(key).name

    # formulas, in the symbols of what stands before them

    def affine(self, layer: int, j: int) -> sp.Expr:
        """z_in of a unit."""
        weighted = (
            self.symbol(Key("W", layer, i, j)) * self.symbol(input_of(layer, i))
            for i in self._inputs(layer)
        )
        return sp.Add(*weighted, self.symbol(Key("b", layer, j)))

    def _inputs(self, layer: int) -> range:
        return range(self.network.layers[layer].inputs)

    def activation(self, layer: int, j: int) -> sp.Expr:
        """z_out of a unit."""
        expr = ACTIVATIONS[self.network.layers[layer].activation].expr
        return expr.xreplace({Z: self.symbol(Key("z_in", layer, j))})

    def loss(self) -> sp.Expr:
        """The loss, in the last layer and the targets."""
        loss, last = LOSSES[self.run.loss_name], len(self.network.layers) - 1
        units = range(self.network.widths[-1])
        v, y = (
            np.array([self.symbol(Key(*key, j)) for j in units], dtype=object)
            for key in (Key(loss.kind, last), Key("y"))
        )
        return loss(v, y)

    def signal(self, layer: int, j: int) -> sp.Expr:
        """∂L/∂z of a unit: of the last layer from the loss, else from the signals of the next."""
        z, out = self.symbol(Key("z_in", layer, j)), self.symbol(Key("z_out", layer, j))
        if layer < len(self.network.layers) - 1:
            later = [Key("delta", layer + 1, k) for k in range(self.network.widths[layer + 2])]
            arriving = sp.Add(
                *(self.symbol(k) * sp.diff(self.affine(layer + 1, k.unit), out) for k in later)
            )
        elif LOSSES[self.run.loss_name].fused:
            return sp.diff(self.loss(), z)
        else:  # the activation stays a symbol where the loss is differentiated by it: a - y, σ'(z)
            arriving = sp.diff(self.loss(), out)
        return arriving * sp.diff(self.activation(layer, j), z)

    # lines

    def _numbers(self, formula: sp.Expr) -> dict[sp.Symbol, object]:
        return {symbol: self.values[symbol] for symbol in formula.free_symbols}

    def line(self, key: Key, formula: sp.Expr) -> Term:
        """The line that computes a quantity."""
        value = _plain(self.known[key])
        return Term(self.label(key), formula, value, key, key, self._numbers(formula))

    def partial(self, of: Key, at: Key, line: sp.Expr, place: Key) -> Term:
        """The factor ∂of/∂at, from the line that computes `of`."""
        symbol, key = self.symbol(at), of.by(at)
        name, formula = derivative(self.label(of), self.label(at)), sp.diff(line, symbol)
        value = _plain(self.known[key])
        return Term(name, formula, value, key, place, self._numbers(line), line, symbol)


def _plain(value):
    """A Python number, not NumPy's; a formula stays one."""
    return value if isinstance(value, sp.Basic) else float(value)


def trace(run: Forward | Gradient, notation: str = "LMU") -> Lines:
    """The lines of a forward pass over one example, in order: each z_in and z_out, layer by layer.

    run: the forward pass, or its backward pass: then the loss follows. Source: LMU-8, forward pass,
    four steps. Raises ValueError or TypeError naming the argument.
    """
    parts(run)
    here, lines = _Writer(run, notation), []
    for layer, made_of in enumerate(run.network.layers):
        for kind, formula in (("z_in", here.affine), ("z_out", here.activation)):
            for j in range(made_of.units):
                lines.append(here.line(Key(kind, layer, j), formula(layer, j)))
    if isinstance(run, Gradient):
        lines.append(here.line(Key("loss"), here.loss()))
    return Lines(lines)


def backtrace(g: Gradient, notation: str = "LMU") -> Lines:
    """The lines of a backward pass over one example, in order: of each layer, from the last, the
    error signals, then the gradients of its weights and biases.

    Each line is differentiated from the lines of the forward pass, with the error signals of the
    next layer as symbols. Source: LMU-8, general formulation; CSC311, complete algorithm.
    """
    here, lines = _Writer(_of_one(g), notation), []
    for layer in reversed(range(len(g.network.layers))):
        made_of = g.network.layers[layer]
        units, inputs = range(made_of.units), range(made_of.inputs)
        lines += [here.line(Key("delta", layer, j), here.signal(layer, j)) for j in units]
        keys = [Key("W", layer, i, j) for i in inputs for j in units]
        for key in [*keys, *(Key("b", layer, j) for j in units)]:
            signal = here.symbol(Key("delta", layer, key.unit))
            slope = sp.diff(here.affine(layer, key.unit), here.symbol(key))
            lines.append(here.line(key.gradient, signal * slope))
    return Lines(lines)


def chain(g: Gradient, weight, notation: str = "LMU") -> Chain:
    """The factors of one weight's derivative, for a pass over one example.

    weight: a name in the notation ("W_11", "u_1") or a key, ("W", layer, i, j), ("b", layer, j).
    A fused loss has one factor for the loss and the output activation together. Source: LMU-8,
    backward pass. Raises ValueError or TypeError naming the argument.
    """
    here, widths = _Writer(_of_one(g), notation), g.network.widths
    key = parameter(weight, widths, notation)
    later = [range(width) for width in widths[key.layer + 2 :]]
    count = math.prod(map(len, later))
    if count > MOST_PATHS:
        raise ValueError(f"weight: {key} has {count} paths to the loss; at most {MOST_PATHS}")
    last = here.partial(
        Key("z_in", key.layer, key.unit), key, here.affine(key.layer, key.unit), key
    )
    paths = (
        Path(Lines([*_signal_factors(here, key.layer, units), last]))
        for units in itertools.product([key.unit], *later)
    )
    name = derivative(here.label(Key("loss")), here.label(key))
    weight, rate = here.symbol(key), here.symbol(Key("learning_rate"))
    return Chain(key, name, tuple(paths), weight, here.values[weight], rate)


def _of_one(g: Gradient) -> Gradient:
    """A backward pass over one example, or an error that names it."""
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    parts(g, "g")
    return g


def _signal_factors(here: _Writer, layer: int, units: tuple[int, ...]):
    """The factors of the error signal along one path; units[k] is the unit in layer + k."""
    loss, last = LOSSES[here.run.loss_name], len(here.network.layers) - 1
    at, loss_key = Key(loss.kind, last, units[-1]), Key("loss")
    yield here.partial(loss_key, at, here.loss(), loss_key)
    for m in range(last, layer - 1, -1):
        z, out = (Key(kind, m, units[m - layer]) for kind in ("z_in", "z_out"))
        if not (m == last and loss.fused):
            yield here.partial(out, z, here.activation(m, z.unit), out)
        if m > layer:
            i = units[m - layer - 1]
            weight, below = Key("W", m, i, z.unit), Key("z_out", m - 1, i)
            yield here.partial(z, below, here.affine(m, z.unit), weight)
