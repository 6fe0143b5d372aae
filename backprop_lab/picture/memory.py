"""What a step of the algorithm computes, and what it takes from memory: arrays with their numbers.

`Network` stores the transpose of CSC311's W; here entries are looked up by their canonical keys, so
that nothing is transposed twice. A page draws all of this, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backprop_lab.core.keys import Key
from backprop_lab.formulas.algorithm import Array, Factor, Step, label
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
)
from backprop_lab.picture.labels import html_label, plain_label

MOST_LAYERS = 4
"""The layers of weights that there are names for."""
_KEPT = ("W", "b", "z_in", "z_out", "delta", "dW", "db")
_ARRAYS = [Key("x"), Key("y"), Key("loss")] + [
    Key(kind, m) for m in range(MOST_LAYERS) for kind in (*_KEPT, "slope", "by_output")
]
_NAMES = {a.name: (html_label(label(a)), plain_label(label(a))) for a in _ARRAYS}


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


def said(array: Array) -> str:
    """The array's name in plain text."""
    return _NAMES[array.name][1]


def source(array: Array, where: Mapping[Array, int]) -> str:
    """Where a step has an array from; where: `written_in` the algorithm."""
    given = {"W": "parameter", "b": "parameter", "x": "the input", "y": "the target"}
    return given[array.kind] if array.kind in given else f"kept in step {where[array]}"


_FORWARD = ("x", "y", "W", "b", "z_in", "z_out", "loss")
_TAKES = {"slope": ("z_in",), "by_output": ("z_out", "y")}


class Memory(NamedTuple):
    """The arrays of a pass, to be drawn in a step's formula, and where they are kept.

    where: `written_in` the algorithm; numbers: by name; now, made: by name, the places that are lit
    and what is computed now; asked: those that are not shown, by name.
    """

    widths: Sequence[int]
    where: Mapping[Array, int]
    numbers: Mapping[str, float]
    now: Sequence[str]
    made: Sequence[str]
    asked: Mapping[str, float]


def _matrix(memory: Memory, array: Array, transposed: bool) -> Element:
    """The numbers of an array."""
    rows = entries(array, memory.widths, transposed)
    css = "forward" if array.kind in _FORWARD else "backward"
    title = f"{said(array)}{' transposed' * transposed}, {_shape(rows)}"
    body = el("tbody", [row(*[_cell(memory, n, css) for n in names]) for names in rows])
    return table(body, css="matrix", aria_label=title)


def _cell(memory: Memory, quantity: str, css: str) -> Element:
    shown = "?" if quantity in memory.asked else None
    return number(quantity, float(memory.numbers[quantity]), 4, "td", css, shown)


def _heading(array: Array, transposed: bool) -> Content:
    return _NAMES[array.name][0], [el("sup", "⊤")] * transposed


def _formula(memory: Memory, parts: Sequence[str | Factor], step: Step) -> Element:
    return el("div", [_part(memory, part, step) for part in parts], class_="formula")


def _part(memory: Memory, part: str | Factor, step: Step) -> Element:
    array = getattr(part, "array", None)
    if array is None:
        return el("div", part, class_="sign")
    rows = entries(array, memory.widths, part.transposed)
    return el(
        "div",
        el("b", _heading(array, part.transposed)),
        el("small", _from(memory, array, step)),
        el("small", _shape(rows), class_="shape"),
        _matrix(memory, array, part.transposed),
        class_="factor",
    )


def _from(memory: Memory, array: Array, step: Step) -> Content:
    if array in step.writes:
        return "result: kept"
    if array not in step.own:
        return source(array, memory.where)
    read = [_heading(a, False) for a in step.reads if a.kind in _TAKES[array.kind]]
    return "from ", joined(", ", read)


def card(memory: Memory, step: Step, shown: bool) -> Element:
    """What a step computes."""
    formulas = [_formula(memory, f, step) for f in (step.formula, step.second) if f]
    title = el("p", step.title, class_="title")
    return _card([title, el("div", formulas, class_="formulas")], shown)


def _card(content: Content, shown: bool) -> Element:
    return el("div", content, class_="cards" + " off" * (not shown))


def _kept(memory: Memory, array: Array) -> Element:
    rows = entries(array, memory.widths)
    first = rows[0][0]
    marks = [el("span", text, class_=f"mark is-{css}") for text, css in _MARKS]
    written = el(
        "div",
        _heading(array, False),
        el("small", _shape(rows), " ", el("span", *marks, class_="marks")),
        _matrix(memory, array, False),
        class_="written" + " now" * (first in memory.made),
        data_card=first,
    )
    read = "read" + " now" * (array.name in memory.now)
    return el("td", el("div", written, class_=read, data_place=array.name))


_MARKS = (("read", "read"), ("new", "written"))


def picture(memory: Memory) -> Element:
    """What is stored, a row a layer: it fills as the steps go."""
    gap, nothing = el("td", colspan=3), el("td")
    rows = [row(el("th", "m = 0"), gap, _kept(memory, Key("x")), gap)]
    for m in range(len(memory.widths) - 1):
        place = f"layer_{m}"
        css = "layer" + " now" * (place in memory.now)
        head = el("th", el("div", f"m = {m + 1}", class_=css, data_place=place))
        rows.append(row(head, *[_kept(memory, Key(kind, m)) for kind in _KEPT]))
    last = [_kept(memory, Key(kind)) for kind in ("y", "loss")]
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
_OVERVIEW = (
    el("p", "The algorithm", class_="title"),
    *(el("div", html_label(line)) for line in _ALGORITHM),
)


def overview(shown: bool) -> Element:
    """The algorithm in three sentences."""
    return _card(_OVERVIEW, shown)
