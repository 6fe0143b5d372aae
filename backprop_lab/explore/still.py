"""Pictures and tables that nothing moves."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from backprop_lab.core import network
from backprop_lab.core.arguments import named
from backprop_lab.core.tape import Value
from backprop_lab.lectures import LECTURES, Lecture
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import row
from backprop_lab.page.frame import Frame
from backprop_lab.page.translate import translated
from backprop_lab.picture import elements, graphs, shapes, tapes
from backprop_lab.picture.curves import figure
from backprop_lab.picture.tables import printed_table

PRINTING: Mapping[str, Lecture] = {name: each for name, each in LECTURES.items() if each.lines}
"""The lectures that print numbers, by name."""


class Still(Frame):
    """Pictures side by side."""

    def __init__(self, title: str, *pictures: elements.Content):
        layout = widgets.Layout(flex="1 1 300px")
        shown = [widgets.HTML(elements.page(picture), layout=layout) for picture in pictures]
        super().__init__(title, [row(*shown, overflow="visible")], without_kernel="")


@of_cell
def chain_rules() -> Still:
    """The graphs of the chain rule with one path and with two. Source: CSC311, reviews."""
    return Still("two chain rules", *(rule.picture() for rule in graphs.chain_rule()))


@of_cell
def layers_graph(depth: int = 3) -> Still:
    """The computation graph with a node for each vector. Source: CSC311, reuse computations."""
    return Still("a graph of vectors", graphs.layers(depth).picture())


@of_cell
def row_of(labels: Sequence[str], leaves: Mapping[int, str], **more) -> Still:
    """Quantities in a row, each computed from the one before: see `graphs.row_of`."""
    return Still("a graph of vectors", graphs.row_of(labels, leaves, **more).picture())


@of_cell
def three_layers() -> Still:
    """Three successive layers, and what a unit feeds. Source: LMU-8, general formulation."""
    return Still("three layers", graphs.three_layers())


@of_cell
def printed_numbers(lecture: str | Lecture) -> Still:
    """A lecture's printed numbers beside the exact ones, with verdicts. lecture: a name in
    `PRINTING`, or one's own. Raises ValueError or TypeError."""
    found = lecture if isinstance(lecture, Lecture) else named(PRINTING, lecture, "lecture")
    title = found.credit if found is lecture else lecture
    return Still(f"the numbers that {title} prints", printed_table(found.printed))


@of_cell
def two_languages() -> Still:
    """The two passes as they stand in the package, and what a page makes of them."""
    passes = network.forward_pass, network.backward_pass
    texts = ["\n\n".join(map(form, passes)) for form in (inspect.getsource, translated)]
    lines = {"style": "white-space: pre; word-break: normal; overflow-x: auto; font-size: 12px"}
    named_texts = zip(texts, ("in Python", "as the page runs it"), strict=True)
    shown = [
        elements.el("pre", text, **lines, **elements.scrolling(name)) for text, name in named_texts
    ]
    return Still("the pass in two languages", *shown)


@of_cell
def curves(
    drawn: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x: str,
    y: str,
    log: Sequence[str] = (),
) -> Still:
    """Curves by name: see `picture.curves.figure`."""
    return Still(f"{y} against {x}", figure(drawn, x, y, log))


@of_cell
def matrices(*boxes: tuple) -> Still:
    """A product of matrices, to scale. boxes: of each the name in plain text, rows, columns, and
    what it is called, where that is said ("diagonal", "identity", …): see `shapes.Box`."""
    return Still("a product of matrices", shapes.product([shapes.Box(*box) for box in boxes]))


@of_cell
def tensor(values, names: Sequence[str]) -> Still:
    """An array with three axes, matrix by matrix, each under its name: see `shapes.tensor`."""
    return Still("a tensor", shapes.tensor(values, names))


@of_cell
def tape_graph(end: Value) -> Still:
    """The graph of a value, with all values and gradients: it runs `end.backward()` first. Raises
    TypeError for what is no value, ValueError for a graph of more than `tapes.MOST` values."""
    if isinstance(end, Value):
        end.backward()
    return Still("a graph of values", tapes.graph(end))
