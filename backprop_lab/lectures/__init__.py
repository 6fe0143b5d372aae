"""The lectures' networks and printed numbers (data), and the verdict on each printed number.

A printed number *agrees* if it is the rounding of the exact value; else it is *inherited* if it is
the rounding of what its own line gives with the numbers printed before it; else it is *wrong*.
Rounding is in decimals, half away from zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import as_array
from backprop_lab.core.network import Layer, Network, backward, forward, quantities, step
from backprop_lab.core.nodes import sigmoid
from backprop_lab.core.results import Frozen
from backprop_lab.core.rounding import rounded, snap
from backprop_lab.formulas.factors import chain
from backprop_lab.formulas.notation import NOTATIONS, derivative, latex, number


@dataclass(frozen=True)
class Printed:
    """One number as a lecture prints it.

    name: LaTeX; text: as printed; line: the formula of its line, in the symbols of what was
    printed before it; operands: their printed values; exact: from the stated weights, without
    rounding; recomputed: the line with the printed numbers in it; row: its row in the ledger of the
    lectures.
    """

    name: str
    text: str
    line: sp.Expr
    operands: dict[sp.Symbol, sp.Rational]
    exact: float
    recomputed: float
    row: str

    @property
    def latex(self) -> str:
        """name = the line with the printed numbers in it = as printed."""
        return f"{self.name} = {latex(self.line, self.operands)} = {self.text}"

    def _is_rounding_of(self, value: float) -> bool:
        printed = Decimal(self.text)
        return Decimal(repr(snap(value))).quantize(printed, ROUND_HALF_UP) == printed

    @property
    def verdict(self) -> str:
        """ "agrees", "inherited" or "wrong"."""
        if self._is_rounding_of(self.exact):
            return "agrees"
        return "inherited" if self._is_rounding_of(self.recomputed) else "wrong"


def _no_lines(symbols):
    return []


IN_A_ROW = 6
"""As many of the given numbers stand side by side."""


@dataclass(frozen=True, eq=False)
class Lecture(Frozen):
    """A lecture's worked example.

    network, x, y, learning_rate, loss: what it computes with; X, Y: its data set, one row an
    example (that of the worked example alone if it has no other); notation: its name in
    `NOTATIONS`; credit: author, institution, title. printed: its numbers, in order.
    """

    credit: str
    notation: str
    network: Network
    x: np.ndarray
    y: np.ndarray
    learning_rate: float
    loss: str
    X: np.ndarray
    Y: np.ndarray
    lines: Callable[[_Symbols], list[tuple[sp.Symbol, str, sp.Expr, str]]] = _no_lines

    def __post_init__(self):
        for name in ("x", "y", "X", "Y"):  # each its own: X may be made of x
            object.__setattr__(self, name, as_array(getattr(self, name), name))

    @cached_property
    def printed(self) -> tuple[Printed, ...]:
        """Every printed number that its line computes, with its verdict."""
        symbols = _Symbols(self.network.widths, self.notation)
        exact = self._exact(symbols)
        known = {symbols(key): _decimal(value) for key, value in self._given().items()}
        known[symbols(("learning_rate",))] = _decimal(self.learning_rate)
        found = []
        for symbol, text, line, row in self.lines(symbols):
            value = float(line.xreplace(known).evalf(30))
            operands = {s: known[s] for s in line.free_symbols}
            found.append(Printed(symbol.name, text, line, operands, exact[symbol], value, row))
            known[symbol] = sp.Rational(text)
        return tuple(found)

    def __repr__(self):
        return f"<{self.credit}>"

    def _repr_latex_(self):
        """What is given: each layer's weights and biases, then the example, the learning rate."""
        style, widths = NOTATIONS[self.notation], self.network.widths
        given = self._given() | {("learning_rate",): self.learning_rate}
        rows = [[] for _ in widths]
        for key, value in given.items():
            row = rows[key[1]] if key[0] in ("W", "b") else rows[-1]
            row.append(f"{style.label(key, widths)} = {number(value)}")
        short = [row[k : k + IN_A_ROW] for row in rows for k in range(0, len(row), IN_A_ROW)]
        lines = r" \\ ".join(r", \quad ".join(row) for row in short)
        return rf"$\displaystyle \begin{{array}}{{l}} {lines} \end{{array}}$"

    def _given(self):
        f = forward(self.network, self.x)
        kept = ("x", "W", "b", "y")
        return {k: v for k, v in quantities(f, self._gradient(f)).items() if k[0] in kept}

    def _gradient(self, f):
        return backward(f.network, f, self.y, self.loss)

    def _exact(self, symbols) -> dict[sp.Symbol, float]:
        """The run from the stated weights: the pass, every chain factor, the step, the new pass."""
        net, f = self.network, forward(self.network, self.x)
        g = self._gradient(f)
        new = step(net, g, self.learning_rate)
        f_new = forward(new, self.x)
        after = quantities(f_new, self._gradient(f_new))
        before = quantities(f, g)
        exact = {symbols(key): float(v) for key, v in before.items()}
        exact |= {symbols.new(key): float(v) for key, v in after.items()}
        for key in (key for key in before if key[0] in "Wb"):
            for path in chain(net, f, g, key, self.notation).paths:
                exact |= {sp.Symbol(t.name, real=True): t.value for t in path.factors}
        return exact


def _decimal(value) -> sp.Rational:
    """The decimal fraction that a stated number is: -0.07, not the float nearest to it."""
    return sp.Rational(repr(float(value)))


@dataclass(frozen=True)
class _Symbols:
    """The symbols of a lecture's quantities, before and after the update."""

    widths: tuple[int, ...]
    notation: str

    def __call__(self, key) -> sp.Symbol:
        return NOTATIONS[self.notation].symbol(key, self.widths)

    def new(self, key) -> sp.Symbol:
        return sp.Symbol(self(key).name + "^{new}", real=True)

    def partial(self, of, by) -> sp.Symbol:
        return sp.Symbol(derivative(self(of).name, self(by).name), real=True)


# --- LMU-8 ----------------------------------------------------------------------------------------


def _xor_lines(s: _Symbols):
    """The 21 numbers of LMU-8's walk-through, each with the line that computes it."""
    x1, x2, y, alpha = s(("x", 0)), s(("x", 1)), s(("y", 0)), s(("learning_rate",))
    z1_in, z2_in = s(("z_in", 0, 0)), s(("z_in", 0, 1))
    z1, z2 = s(("z_out", 0, 0)), s(("z_out", 0, 1))
    f_in, f_out, loss = s(("z_in", 1, 0)), s(("z_out", 1, 0)), s(("loss",))
    W11, W12, W21, W22 = (s(("W", 0, i, j)) for i in (0, 1) for j in (0, 1))
    b1, b2, c = s(("b", 0, 0)), s(("b", 0, 1)), s(("b", 1, 0))
    u1, u2 = s(("W", 1, 0, 0)), s(("W", 1, 1, 0))
    by_output = s.partial(("loss",), ("z_out", 1, 0))
    slope = s.partial(("z_out", 1, 0), ("z_in", 1, 0))
    slope1 = s.partial(("z_out", 0, 0), ("z_in", 0, 0))
    by_u1, by_W11 = s(("dW", 1, 0, 0)), s(("dW", 0, 0, 0))
    new = {w: s.new(key) for w, key in ((W11, ("W", 0, 0, 0)), (W12, ("W", 0, 0, 1)))}
    new |= {b1: s.new(("b", 0, 0)), b2: s.new(("b", 0, 1)), c: s.new(("b", 1, 0))}
    new |= {u1: s.new(("W", 1, 0, 0)), u2: s.new(("W", 1, 1, 0))}
    f_new, loss_new = s.new(("z_out", 1, 0)), s.new(("loss",))
    delta, delta2 = by_output * slope, by_output * slope * u2 * z2 * (1 - z2)
    new_hidden = (
        sigmoid(new[W11] * x1 + W21 * x2 + new[b1]),
        sigmoid(new[W12] * x1 + W22 * x2 + new[b2]),
    )
    return [
        (z1_in, "-0.53", W11 * x1 + W21 * x2 + b1, "L8-23"),
        (z1, "0.3705", sigmoid(z1_in), "L8-24"),
        (z2_in, "1.04", W12 * x1 + W22 * x2 + b2, "L8-26"),
        (z2, "0.7389", sigmoid(z2_in), "L8-27"),
        (f_in, "1.1122", u1 * z1 + u2 * z2 + c, "L8-29"),
        (f_out, "0.7525", sigmoid(f_in), "L8-31"),
        (loss, "0.0306", (y - f_out) ** 2 / 2, "L8-33"),
        (by_output, "-0.2475", -(y - f_out), "L8-41"),
        (slope, "0.1862", f_out * (1 - f_out), "L8-44"),
        (by_u1, "-0.0171", by_output * slope * z1, "L8-49"),
        (new[u1], "-0.2115", u1 - alpha * by_u1, "L8-53"),
        (slope1, "0.2332", z1 * (1 - z1), "L8-63"),
        (by_W11, "0.0024", by_output * slope * u1 * slope1 * x1, "L8-68"),
        (new[W11], "-0.0712", W11 - alpha * by_W11, "L8-71"),
        (new[W12], "0.9426", W12 - alpha * delta2 * x1, "L8-72"),
        (new[b1], "-0.4612", b1 - alpha * by_W11, "L8-74"),
        (new[b2], "0.1026", b2 - alpha * delta2, "L8-75"),
        (new[u2], "0.5970", u2 - alpha * delta * z2, "L8-76"),
        (new[c], "0.8030", c - alpha * delta, "L8-77"),
        (f_new, "0.7615", sigmoid(
            new[u1] * new_hidden[0] + new[u2] * new_hidden[1] + new[c]), "L8-78"),
        (loss_new, "0.0284", (y - f_new) ** 2 / 2, "L8-79"),
    ]  # fmt: skip


def xor() -> Lecture:
    """LMU-8's XOR walk-through: 2-2-1, sigmoid twice, one step on (1, 0) with α = 0.5."""
    return Lecture(
        credit="Bernd Bischl, LMU Munich: Introduction to Deep Learning, Chapter 8: "
        "Basic Backpropagation (winter term 2021)",
        notation="LMU",
        network=Network(
            [
                Layer([[-0.07, 0.94], [0.22, 0.46]], [-0.46, 0.1], "sigmoid"),
                Layer([[-0.22], [0.58]], [0.78], "sigmoid"),
            ]
        ),
        x=np.array([1.0, 0.0]),
        y=np.array([1.0]),
        learning_rate=0.5,
        loss="half_squared_error",
        X=np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        Y=np.array([[0.0], [1.0], [1.0], [0.0]]),
        lines=_xor_lines,
    )


# --- CH8 ------------------------------------------------------------------------------------------


def _ch8_lines(s: _Symbols):
    """The numbers that CH8 prints for its toy network, each with the line that computes it."""
    x1, x2, y = s(("x", 0)), s(("x", 1)), s(("y", 0))
    z1, z2 = s(("z_in", 0, 0)), s(("z_in", 0, 1))
    a1, a2 = s(("z_out", 0, 0)), s(("z_out", 0, 1))
    z, a, loss = s(("z_in", 1, 0)), s(("z_out", 1, 0)), s(("loss",))
    W11, W12, W21, W22 = (s(("W", 0, i, j)) for i in (0, 1) for j in (0, 1))
    b1, b2, b = s(("b", 0, 0)), s(("b", 0, 1)), s(("b", 1, 0))
    w1, w2 = s(("W", 1, 0, 0)), s(("W", 1, 1, 0))
    delta, delta1, delta2 = s(("delta", 1, 0)), s(("delta", 0, 0)), s(("delta", 0, 1))
    return [
        (z1, "0.5", W11 * x1 + W21 * x2 + b1, "C8-21"),
        (z2, "1.1", W12 * x1 + W22 * x2 + b2, "C8-21"),
        (a1, "0.622", sigmoid(z1), "C8-22"),
        (a2, "0.750", sigmoid(z2), "C8-22"),
        (z, "0.861", w1 * a1 + w2 * a2 + b, "C8-23"),
        (a, "0.703", sigmoid(z), "C8-24"),
        (loss, "0.088", (a - y) ** 2, "C8-25"),
        (delta, "-0.124", 2 * (a - y) * a * (1 - a), "C8-26"),
        (s(("dW", 1, 0, 0)), "-0.077", delta * a1, "C8-56"),
        (delta1, "-0.015", w1 * delta * a1 * (1 - a1), "C8-28"),
        (delta2, "-0.014", w2 * delta * a2 * (1 - a2), "C8-28"),
        (s(("dW", 0, 0, 0)), "-0.015", delta1 * x1, "C8-57"),
    ]


def ch8() -> Lecture:
    """CH8's toy network: 2-2-1, sigmoid twice, L = (a - y)², its numbers recovered from the page's
    source. CH8 leaves the step size to its next chapter; 0.5 is ours."""
    x, y = np.array([1.0, 2.0]), np.array([1.0])
    return Lecture(
        credit="Pierrick Fonquerne: Neural networks foundations, Chapter 8: Backpropagation",
        notation="CH8",
        network=Network(
            [
                Layer([[0.1, 0.3], [0.2, 0.4]], [0.0, 0.0], "sigmoid"),
                Layer([[0.5], [0.6]], [0.1], "sigmoid"),
            ]
        ),
        x=x,
        y=y,
        learning_rate=0.5,
        loss="squared_error",
        X=x[None],
        Y=y[None],
        lines=_ch8_lines,
    )


# --- CSC311 ---------------------------------------------------------------------------------------


def csc311() -> Lecture:
    """CSC311's three-layer network with one output. Its slides give no numbers: the 3-4-3-1 widths
    and the weights, drawn once and rounded, are ours."""
    drawn = Network.mlp([3, 4, 3, 1], activation="tanh", output="sigmoid", seed=311)
    x, y = np.array([1.0, -0.5, 2.0]), np.array([1.0])
    return Lecture(
        credit="Alice Gao and Marina Tawfik: CSC311 Introduction to Machine Learning, The "
        "Backpropagation Algorithm",
        notation="CSC311",
        network=Network([Layer(rounded(o.W, 2), o.b + 0.1, o.activation) for o in drawn.layers]),
        x=x,
        y=y,
        learning_rate=0.5,
        loss="half_squared_error",
        X=x[None],
        Y=y[None],
    )
