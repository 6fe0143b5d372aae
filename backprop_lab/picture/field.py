"""Heights over a plane, as shades and as the line of one height, for an app's program."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backprop_lab.core.rounding import snap
from backprop_lab.picture import elements
from backprop_lab.picture.axes import Panel
from backprop_lab.picture.elements import Element

SHADES = 11
"""The number of shades in the style sheet, from low to high."""


def shade(levels: Sequence[float], height: float) -> int:
    """The shade of a height, by the levels that part them; none, -1, of what is no number."""
    return -1 if math.isnan(height) else sum(level <= height for level in levels)


def shades(panel: Panel, rows: Sequence[Sequence[float]], levels: Sequence[float]) -> list:
    """A cell for each height, in its shade. rows: from below, each from left to right; a row that
    is empty is left out."""
    deep = (panel.bottom - panel.top) / len(rows)
    drawn = ["" for _ in range(SHADES)]
    for k, row in enumerate(rows):
        low, high = f"{panel.bottom - deep * k:.1f}", f"{panel.bottom - deep * (k + 1):.1f}"
        start = 0
        found = [shade(levels, height) for height in row]
        for end, now in enumerate(found, 1):  # equal neighbours are one cell
            if end < len(found) and found[end] == now:
                continue
            if now >= 0:
                wide = (panel.right - panel.left) / len(row)
                left, right = f"{panel.left + wide * start:.1f}", f"{panel.left + wide * end:.1f}"
                drawn[now] += f"M{left} {low}H{right}V{high}H{left}z"
            start = end
    return [
        elements.el("path", class_=f"shade_{k}", data_q=f"shade_{k}", d=d)
        for k, d in enumerate(drawn)
    ]


def contour(panel: Panel, name: str, rows: Sequence[Sequence[float]], level: float):
    """The line on which heights in the cells' middles have a level, in straight pieces. Source:
    marching squares, with a cell's mean deciding at a saddle. Rows that are empty are the last
    ones."""
    count = len(rows[0]) if rows else 0
    wide, deep = (panel.right - panel.left) / max(count, 1), (panel.bottom - panel.top) / len(rows)
    d = ""
    for i in range(sum(len(row) > 0 for row in rows) - 1):
        for j in range(count - 1):
            corners = [rows[i][j], rows[i][j + 1], rows[i + 1][j + 1], rows[i + 1][j]]
            above = [height > level for height in corners]
            if above[0] == above[1] == above[2] == above[3] or not math.isfinite(sum(corners)):
                continue
            met = []
            for k, (x, y, across, up) in enumerate(_EDGES):
                one, other = corners[k], corners[(k + 1) % 4]
                if above[k] != above[(k + 1) % 4]:
                    part = (level - one) / (other - one)
                    left = panel.left + wide * (j + 0.5 + x + across * part)
                    top = panel.bottom - deep * (i + 0.5 + y + up * part)
                    met.append(f"{snap(left):.1f} {snap(top):.1f}")
            if len(met) == 4 and (sum(corners) > 4 * level) != above[0]:
                met = [*met[1:], met[0]]
            d += "".join([f"M{met[k]}L{met[k + 1]}" for k in range(0, len(met), 2)])
    return elements.el("path", class_="contour", data_q=name, d=d)


_EDGES = ((0, 0, 1, 0), (1, 0, 0, 1), (1, 1, -1, 0), (0, 1, 0, -1))
"""A cell's edges in turn: where each begins, and how it goes on, across and up."""


def plane(panel: Panel, here: Mapping[str, float], said: str) -> Element:
    """What a pointer or keys move a point on. here: the control of what lies across, then of what
    lies up, with their values; said: where the point is."""
    across, up = list(here)
    ends = {
        "data_across": f"{panel.x.low:.6f} {panel.x.high:.6f}",
        "data_along": f"{panel.y.low:.6f} {panel.y.high:.6f}",
    }
    spoken = {
        "aria_label": f"{across} by left and right, {up} by up and down",
        "aria_valuenow": here[across],
        "aria_valuetext": said,
    }
    return elements.el(
        "rect",
        class_="plane",
        role="slider",
        tabindex="0",
        **spoken,
        **ends,
        data_handle=across,
        data_up=up,
        x=panel.left,
        y=panel.top,
        width=panel.right - panel.left,
        height=panel.bottom - panel.top,
    )
