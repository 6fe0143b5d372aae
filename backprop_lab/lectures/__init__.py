"""The lectures' worked examples, and the verdict on each number that a lecture prints.

What a lecture says is data, one file of `data.lectures` for each.

A printed number *agrees* if it is the rounding of the exact value; else it is *inherited* if it is
the rounding of what its own line gives with the numbers printed before it; else it is *wrong*.
Rounding is in decimals, half away from zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import as_array, named
from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.network import Gradient, Layer, Network, backward, forward, quantities, step
from backprop_lab.core.results import Frozen, Table
from backprop_lab.core.rounding import printed_like
from backprop_lab.data.lectures import SAID
from backprop_lab.formulas.factors import chain
from backprop_lab.formulas.notation import NOTATIONS, derivative, latex, number, stepped
from backprop_lab.lectures.erratum import Erratum
from backprop_lab.lectures.lines import formula


@dataclass(frozen=True)
class Printed:
    """One number as a lecture prints it.

    key: the quantity's canonical name, ("new", *key) after the step, as in `factors.Term`; name:
    LaTeX; text: as printed; line: the formula of its line, in the symbols of what was printed
    before it; operands: their printed values; exact: from the stated weights, without
    rounding; recomputed: the line with the printed numbers in it; row: its row in the ledger of the
    lectures.
    """

    key: Key
    name: str
    text: str
    line: sp.Expr
    operands: dict[sp.Symbol, sp.Rational]
    exact: float
    recomputed: float
    row: str = ""

    @property
    def latex(self) -> str:
        """name = the line with the printed numbers in it = as printed."""
        return f"{self.name} = {latex(self.line, self.operands)} = {self.text}"

    def _is_rounding_of(self, value: float) -> bool:
        return printed_like(value, self.text) == Decimal(self.text)

    @property
    def verdict(self) -> str:
        """ "agrees", "inherited" or "wrong"."""
        if self._is_rounding_of(self.exact):
            return "agrees"
        return "inherited" if self._is_rounding_of(self.recomputed) else "wrong"


IN_A_ROW = 6
"""As many of the given numbers stand side by side."""


@dataclass(frozen=True, eq=False)
class Lecture(Frozen):
    """A lecture's worked example.

    network, x, y, learning_rate, loss: what it computes with; X, Y: its data set, one row an
    example (that of the worked example alone if it has no other); notation: its name in
    `NOTATIONS`; credit: author, institution, title; lines: what it prints, in order: plain name
    (`names` lists them), as printed, the line in plain names (`lectures.lines`), and perhaps its
    row in the ledger.
    """

    credit: str
    notation: str
    network: Network
    x: np.ndarray
    y: np.ndarray
    learning_rate: float
    loss: str
    X: np.ndarray | None = None
    Y: np.ndarray | None = None
    lines: Sequence[tuple[str, ...]] = ()

    def __post_init__(self):
        named(NOTATIONS, self.notation, "notation")
        given = {"x": self.x, "y": self.y}
        given |= {"X": [self.x] if self.X is None else self.X}
        given |= {"Y": [self.y] if self.Y is None else self.Y}
        for name, value in given.items():  # each an array of its own
            object.__setattr__(self, name, as_array(value, name))

    @cached_property
    def _gradient(self) -> Gradient:
        return backward(self.network, forward(self.network, self.x), self.y, self.loss)

    def run(self) -> Gradient:
        """The gradient of the worked example, which knows its forward pass; computed once."""
        return self._gradient

    @cached_property
    def printed(self) -> tuple[Printed, ...]:
        """Every printed number that its line computes, with its verdict.

        Raises ValueError for a name that means nothing here, for what is no decimal number, for a
        line that needs a number which is neither given nor printed before, and for one that gives
        no number.
        """
        exact = self._exact()
        called = {key: self._names(key) for key in exact}
        keys = {plain: key for key, (_, plain) in called.items()}
        symbols = {key: sp.Symbol(latex, real=True) for key, (latex, _) in called.items()}
        by_name = {plain: symbols[key] for plain, key in keys.items()}
        known = {symbols[key]: _decimal(value) for key, value in self._given().items()}
        found = []
        for name, text, written, *row in self.lines:
            key, line = named(keys, name, "printed"), formula(written, by_name)
            _check_decimal(name, text)
            if missing := line.free_symbols - known.keys():
                said = ", ".join(sorted(map(str, missing)))
                raise ValueError(f"printed: {name} needs {said}, not given and not printed before")
            operands = {symbol: known[symbol] for symbol in line.free_symbols}
            value = _value(name, line.xreplace(operands).evalf(30))
            latex = called[key][0]
            found.append(Printed(key, latex, text, line, operands, exact[key], value, *row))
            known[symbols[key]] = sp.Rational(text)
        return tuple(found)

    @property
    def names(self) -> list[str]:
        """The plain names that may stand in `lines`: what is given, and what is computed."""
        return [self._names(key)[1] for key in self._exact()]

    def erratum(self) -> Erratum:
        """Its printed numbers that do not agree, on a page to print."""
        return Erratum(self.credit, self.printed)

    def __repr__(self):
        return f"<{self.credit}>"

    def _repr_latex_(self):
        """What is given: each layer's weights and biases, then the example, the learning rate."""
        style, widths = NOTATIONS[self.notation], self.network.widths
        rows = [[] for _ in widths]
        for key, value in self._given().items():
            row = rows[key.layer] if key.kind in ("W", "b") else rows[-1]
            row.append(f"{style.label(key, widths)} = {number(value)}")
        short = [row[k : k + IN_A_ROW] for row in rows for k in range(0, len(row), IN_A_ROW)]
        lines = r" \\ ".join(r", \quad ".join(row) for row in short)
        return rf"$\displaystyle \begin{{array}}{{l}} {lines} \end{{array}}$"

    def _given(self) -> dict[Key, float]:
        g = self.run()
        given = {k: v for k, v in quantities(g).items() if k.kind in ("x", "W", "b", "y")}
        return given | {Key("learning_rate"): self.learning_rate}

    def _exact(self) -> dict[Key, float]:
        """The run from the stated weights: what is given, the pass, every chain factor, the step,
        the new pass."""
        net, g = self.network, self.run()
        new = step(net, g, self.learning_rate)
        f_new = forward(new, self.x)
        before = self._given() | quantities(g)
        after = quantities(backward(new, f_new, self.y, self.loss))
        exact = {key: float(value) for key, value in before.items()}
        exact |= {key.new: float(value) for key, value in after.items()}
        for weight in parameters(net.widths):
            for path in chain(g, weight, self.notation).paths:
                exact |= {factor.key: factor.value for factor in path.factors}
        return exact

    def _names(self, key: Key) -> tuple[str, str]:
        """A quantity's name in LaTeX and its plain one, before or after the step, or a derivative's
        (∂f_out/∂f_in)."""
        if key[0] == "new":
            latex, plain = self._names(key[1:])
            return stepped(latex), plain + "^new"
        if key[0] in ("dW", "db", "dx"):
            key = ("loss", "by", key[0][1:], *key[1:])
        if "by" in key:
            at = key.index("by")
            of, by = key[:at], key[at + 1 :]
            (of, plain_of), (by, plain_by) = self._names(of), self._names(by)
            return derivative(of, by), f"∂{plain_of}/∂{plain_by}"
        style, widths = NOTATIONS[self.notation], self.network.widths
        return style.label(key, widths), style.plain(key, widths)


_PRINTED = re.compile(r"[-+]?([0-9]{1,99}\.?[0-9]{0,99}|\.[0-9]{1,99})([eE][-+]?[0-9]{1,2})?")


def _check_decimal(name: str, text: str) -> None:
    if not isinstance(text, str) or not _PRINTED.fullmatch(text):
        raise ValueError(f"printed: {name} is printed as {text!r}; expected a text such as '0.5'")


def _value(name: str, found: sp.Expr) -> float:
    """What a line gives with the numbers before it; not all of them can be divided by."""
    value = float(found) if found.is_real else math.nan
    if not math.isfinite(value):
        raise ValueError(f"printed: the line of {name} gives {found}; expected a finite number")
    return value


def _decimal(value) -> sp.Rational:
    """The decimal fraction that a stated number is: -0.07, not the float nearest to it."""
    return sp.Rational(repr(float(value)))


_NEEDED = ("name", "layers", "x", "y", "learning_rate", "loss")


def _lecture(said) -> Lecture:
    """A lecture's worked example from what stands in `data.lectures`. Raises ValueError that names
    its file."""
    lacks = [name for name in ("CREDIT", "NOTATION") if not hasattr(said, name)]
    lacks += [f"{name} in EXAMPLE" for name in _NEEDED if name not in said.EXAMPLE]
    if lacks:
        raise ValueError(f"{said.__name__}: no {', '.join(lacks)}")
    given = {name: value for name, value in said.EXAMPLE.items() if name != "name"}
    lines = tuple(getattr(said, "PRINTED", ()))
    try:
        network = Network([Layer(*layer) for layer in given.pop("layers")])
        return Lecture(said.CREDIT, said.NOTATION, network, lines=lines, **given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{said.__name__}: {error}") from error


def _by_name(files: Iterable) -> dict[str, Lecture]:
    """The lectures of these files. Raises ValueError where two have one name."""
    found = {}
    for said in files:
        lecture, name = _lecture(said), said.EXAMPLE["name"]
        if name in found:
            raise ValueError(f"{said.__name__}: got the name {name!r}, another lecture's")
        found[name] = lecture
    return found


LECTURES: Mapping[str, Lecture] = Table(
    __name__, "LECTURES", _by_name(said for said in SAID if hasattr(said, "EXAMPLE"))
)
"""The lectures' worked examples by name."""


def xor() -> Lecture:
    """LMU-8's XOR walk-through: 2-2-1, sigmoid twice, one step on (1, 0) with α = 0.5."""
    return LECTURES["xor"]


def ch8() -> Lecture:
    """CH8's toy network: 2-2-1, sigmoid twice, L = (a - y)²; the step size is ours."""
    return LECTURES["ch8"]


def csc311() -> Lecture:
    """CSC311's three-layer network, 3-4-3-1; its numbers are ours."""
    return LECTURES["csc311"]
