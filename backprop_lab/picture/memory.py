"""What a step of the algorithm computes, and what it takes from memory: arrays with their numbers.

`Network` stores the transpose of CSC311's W; here entries are looked up by their canonical keys, so
that nothing is transposed twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from backprop_lab.core.keys import Key
from backprop_lab.formulas.algorithm import Array, Factor, Step, label, written_in
from backprop_lab.picture.elements import (
    ROUNDED,
    Content,
    Element,
    el,
    joined,
    number,
    row,
    scrolling,
    table,
    when,
)
from backprop_lab.picture.labels import html_label, plain_label


def entries(array: Array, widths: Sequence[int], transposed: bool = False) -> list[list[str]]:
    """The names of an array's entries, row by row, as CSC311 lays it out: vectors are columns."""
    kind, *layer = array
    if kind == "loss":
        rows = [["loss"]]
    elif kind in ("W", "dW"):
        (m,) = layer
        rows = [[Key(kind, m, i, j).name for i in range(widths[m])] for j in range(widths[m + 1])]
    else:
        m = {"x": -1, "y": len(widths) - 2}.get(kind, *layer)
        rows = [[_entry(array, j).name] for j in range(widths[m + 1])]
    return [list(column) for column in zip(*rows, strict=True)] if transposed else rows


def _entry(array: Array, j: int) -> Key:
    kind, *layer = array
    if kind == "slope":
        return Key("z_out", *layer, j).by(Key("z_in", *layer, j))
    if kind == "by_output":
        return Key("loss").by(Key("z_out", *layer, j))
    return Key(*array, j)


def said(array: Array, widths: Sequence[int]) -> str:
    """The array's name in plain text."""
    return plain_label(label(array, widths))


def source(array: Array, where: Mapping[Array, int]) -> str:
    """Where a step has an array from; where: `written_in` the algorithm."""
    given = {"W": "parameter", "b": "parameter", "x": "the input", "y": "the target"}
    return given[array.kind] if array.kind in given else f"kept in step {where[array]}"


_FORWARD = ("x", "y", "W", "b", "z_in", "z_out", "loss")
_TAKES = {"slope": ("z_in",), "by_output": ("z_out", "y")}


@dataclass(frozen=True)
class Memory:
    """The arrays of a pass: drawn in a step's formula, and where they are kept.

    found: the algorithm; values: numbers by name; places, known: what is lit and what is computed
    now, by name; hidden: the names of numbers that are not shown.
    """

    widths: tuple[int, ...]
    found: Sequence[Step]
    values: Mapping[str, object]
    places: Collection[str]
    known: Collection[str]
    hidden: Collection[str]

    def matrix(self, array: Array, transposed: bool = False) -> Element:
        """The numbers of an array."""
        rows = entries(array, self.widths, transposed)
        css = "forward" if array.kind in _FORWARD else "backward"
        title = f"{said(array, self.widths)}{' transposed' * transposed}, {_shape(rows)}"
        body = el("tbody", [row(*(self._cell(n, css) for n in names)) for names in rows])
        return table(body, css="matrix", aria_label=title)

    def _cell(self, quantity: str, css: str) -> Element:
        shown = "?" if quantity in self.hidden else None
        return number(quantity, float(self.values[quantity]), 4, "td", css, shown)

    def _heading(self, array: Array, transposed: bool = False) -> Content:
        return html_label(label(array, self.widths)), [el("sup", "⊤")] * transposed

    def _formula(self, parts: Sequence[str | Factor], step: Step) -> Element:
        return el("div", [self._part(part, step) for part in parts], class_="formula")

    def _part(self, part: str | Factor, step: Step) -> Element:
        if isinstance(part, str):
            return el("div", part, class_="sign")
        return el(
            "div",
            el("b", self._heading(part.array, part.transposed)),
            el("small", self._from(part.array, step)),
            el("small", _shape(entries(part.array, self.widths, part.transposed)), class_="shape"),
            self.matrix(part.array, part.transposed),
            class_="factor",
        )

    def _from(self, array: Array, step: Step) -> Content:
        if array in step.writes:
            return "result: kept"
        if array not in step.own:
            return source(array, written_in(self.found))
        read = (self._heading(a) for a in step.reads if a.kind in _TAKES[array.kind])
        return "from ", joined(", ", read)

    def step(self, k: int, held: Collection[str]) -> Element:
        """What step k, from 1, computes; shown while the token step_k holds."""
        step = self.found[k - 1]
        formulas = [self._formula(f, step) for f in (step.formula, step.second) if f]
        shown = el("p", step.title, class_="title"), el("div", formulas, class_="formulas")
        return el("div", *shown, **when(f"step_{k}", held, "cards"))

    def _kept(self, array: Array) -> Element:
        place, first = array.name, entries(array, self.widths)[0][0]
        marks = (
            el("span", text, class_=f"mark is-{css}")
            for text, css in (("read", "read"), ("new", "written"))
        )
        written = el(
            "div",
            self._heading(array),
            el(
                "small",
                _shape(entries(array, self.widths)),
                " ",
                el("span", *marks, class_="marks"),
            ),
            self.matrix(array),
            class_="written" + " now" * (first in self.known),
            data_card=first,
        )
        read = "read" + " now" * (place in self.places)
        return el("td", el("div", written, class_=read, data_place=place))

    def picture(self) -> Element:
        """What is stored, a row a layer: it fills as the steps go."""
        gap, nothing = el("td", colspan=3), el("td")
        rows = [row(el("th", "m = 0"), gap, self._kept(Key("x")), gap)]
        for m in range(len(self.widths) - 1):
            place = f"layer_{m}"
            css = "layer" + " now" * (place in self.places)
            kinds = ("W", "b", "z_in", "z_out", "delta", "dW", "db")
            head = el("th", el("div", f"m = {m + 1}", class_=css, data_place=place))
            rows.append(row(head, *(self._kept(Key(kind, m)) for kind in kinds)))
        last = self._kept(Key("y")), self._kept(Key("loss"))
        rows.append(row(el("th", "loss"), nothing, nothing, *last, gap))
        kept = table(el("tbody", rows), css="kept")
        box = el("div", kept, class_="memory", **scrolling("What is stored"))
        return el("", box, el("div", ROUNDED, class_="faint"))


def _shape(rows: Sequence[Sequence[str]]) -> str:
    return f"{len(rows)} × {len(rows[0])}"


_ALGORITHM = (
    "Forward, for m = 1, …, L: z^{(m)} = W^{(m)} a^{(m−1)} + b^{(m)}, a^{(m)} = σ(z^{(m)}); keep "
    "both. Then the loss C.",
    "Backward, from ∂C/∂z^{(L)} = ∂C/∂a^{(L)} ⊙ σ′(z^{(L)}), for m = L − 1, …, 1: ∂C/∂z^{(m)} = "
    "(W^{(m+1)⊤} ∂C/∂z^{(m+1)}) ⊙ σ′(z^{(m)}).",
    "Gradients, for every m: ∂C/∂W^{(m)} = ∂C/∂z^{(m)} a^{(m−1)⊤}, ∂C/∂b^{(m)} = ∂C/∂z^{(m)}.",
)


def overview(token: str, held: Collection[str]) -> Element:
    """The algorithm in three sentences, shown while the token holds."""
    lines = (el("div", html_label(line)) for line in _ALGORITHM)
    return el("div", el("p", "The algorithm", class_="title"), *lines, **when(token, held, "cards"))
