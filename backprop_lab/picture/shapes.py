"""Matrices drawn by their shapes: a product of them to scale, and a tensor slice by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backprop_lab.core.arguments import as_array
from backprop_lab.picture.elements import Element, el, svg, text_at

_WIDE, _HIGH, _SLOT, _LEAST, _MOST = 940, 150, 86, 3, 26
_CELLS = 12
"""So many rows and columns are drawn as cells; more of them as a whole."""


@dataclass(frozen=True)
class Box:
    """A matrix: its name in plain text, its shape, what it is called ("diagonal", "identity", or
    anything), and the class of its colour ("lit" marks it, too)."""

    name: str
    rows: int
    columns: int
    kind: str = ""
    css: str = ""


def product(boxes: Sequence[Box], said: str = "") -> Element:
    """Matrices side by side, all to one scale, with their shapes below. said: before the shapes,
    in the text alternative."""
    tallest = max([box.rows for box in boxes])
    across = sum([box.columns for box in boxes])
    scale = min(_MOST, _HIGH / tallest, (_WIDE - _SLOT * len(boxes)) / across)
    high = max(tallest * scale, 20)
    middle, x, drawn = 30 + high / 2, 0, []
    for k, box in enumerate(boxes):
        width, height = max(box.columns * scale, _LEAST), max(box.rows * scale, _LEAST)
        slot = max(width + 20, _SLOT)
        left, top, center = x + (slot - width) / 2, middle - height / 2, x + slot / 2
        style = {"text_anchor": "middle"}
        if k:
            drawn.append(text_at(f"{x:.1f}", f"{middle + 5:.1f}", "·", **style))
        size = {"x": f"{left:.1f}", "y": f"{top:.1f}"}
        size |= {"width": f"{width:.1f}", "height": f"{height:.1f}"}
        drawn += [
            el("rect", class_=f"box {box.css}".strip(), **size),
            el(
                "path",
                class_="edge",
                stroke_dasharray="5 4" if box.kind == "identity" else None,
                d=_inside(box, left, top, width, height),
            ),
            text_at(f"{center:.1f}", 18, box.name, **style),
            text_at(
                f"{center:.1f}", f"{high + 50:.1f}", f"{box.rows:,} × {box.columns:,}", **style
            ),
        ]
        if box.kind:
            low = f"{high + 68:.1f}"
            drawn.append(text_at(f"{center:.1f}", low, box.kind, css="faint", **style))
        x += slot
    shapes = " times ".join([f"{box.name}, {box.rows} by {box.columns}" for box in boxes])
    view = f"0 0 {max(x, 200):.0f} {high + 76:.0f}"
    return svg(view, f"{said}{shapes}", drawn, style=f"max-width: {max(x, 200):.0f}px")


def _inside(box: Box, left: float, top: float, width: float, height: float) -> str:
    """Lines between the cells of a small matrix; of a diagonal one its diagonal."""
    lines = []
    if box.kind in ("diagonal", "identity"):
        return f"M{left:.1f} {top:.1f}L{left + width:.1f} {top + height:.1f}"
    if max(box.rows, box.columns) <= _CELLS:
        for i in range(1, box.rows):
            lines.append(f"M{left:.1f} {top + i * height / box.rows:.1f}h{width:.1f}")
        for j in range(1, box.columns):
            lines.append(f"M{left + j * width / box.columns:.1f} {top:.1f}v{height:.1f}")
    return "".join(lines)


def tensor(values, names: Sequence[str]) -> Element:
    """An array with three axes, one matrix behind the other: values[k] under names[k]; zeros faint.

    Raises ValueError or TypeError naming the argument.
    """
    values = as_array(values, "values") + 0.0  # -0 becomes 0
    if values.ndim != 3 or len(names) != len(values):
        raise ValueError(
            f"values: got shape {values.shape}; expected ({len(names)}, rows, columns)"
        )
    count, rows, columns = values.shape
    cell = max(44, 10 + 8 * max([len(f"{value:g}") for value in values.flat], default=0))
    wide, high, row = columns * cell + 30, 28, 24
    drawn = []
    for k in reversed(range(count)):
        left, top = 16 + k * wide, 34 + (count - 1 - k) * high
        if k:
            corners = [(columns * cell, 0), (columns * cell, rows * row)]
            lines = "".join(f"M{left + x} {top + y}l{-wide} {high}" for x, y in corners)
            drawn.append(el("path", class_="edge", stroke_dasharray="3 4", d=lines))
    for k, matrix in enumerate(values):
        left, top = 16 + k * wide, 34 + (count - 1 - k) * high
        size = {"width": columns * cell, "height": rows * row}
        drawn.append(el("rect", class_="box", x=left, y=top, **size))
        drawn.append(text_at(left, top - 8, names[k], css="chosen"))
        for (i, j), value in np.ndenumerate(matrix):
            place = left + j * cell + cell / 2, top + i * row + 17
            css = "" if value else "faint"
            drawn.append(text_at(*place, f"{value:g}", css=css, text_anchor="middle"))
    last = 32 + (count - 1) * wide
    across = last + max(columns * cell, 9 * len(names[-1]))
    down = 46 + (count - 1) * high + rows * row
    said = f"A tensor of {count} matrices, {rows} by {columns}: {values.tolist()}"
    return svg(f"0 0 {across} {down}", said, drawn, style=f"max-width: {across}px")
