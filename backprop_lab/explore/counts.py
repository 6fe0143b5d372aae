"""What the gradient of a network costs, as it grows deeper and wider."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import ipywidgets as widgets

from backprop_lab.core.rounding import snap
from backprop_lab.formulas import cost
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, grid, toggles, whole
from backprop_lab.picture import elements

DEPTHS, WIDTHS = range(1, 13), range(1, 9)
"""The depths (layers with weights) and widths (inputs, and units of each hidden layer) shown."""

_CSS = dict(zip(cost.WAYS, ("faint", "", "forward", "backward"), strict=True))


@cache
def _count(way: str, *widths: int) -> int:
    """A way's count, remembered: a move asks for a whole line of them again."""
    return cost.WAYS[way](widths)


def architecture(depth: int, width: int) -> list[int]:
    """So many layers of weights: `width` inputs and hidden units, one output as in the lecture."""
    return [width] * depth + [1]


# --- the network ----------------------------------------------------------------------------------

_LEFT, _RIGHT, _HIGH = 30, 850, 190


def paths_picture(widths: Sequence[int], layer: int) -> elements.Element:
    """The network, with every path from one weight of a layer (from 1) to the loss lit."""
    step = (_RIGHT - _LEFT) / (len(widths) - 1)
    apart = min(48, (_HIGH - 20) / max(max(widths) - 1, 1))
    columns = [
        [(_LEFT + c * step, _HIGH / 2 + apart * (k - (units - 1) / 2)) for k in range(units)]
        for c, units in enumerate(widths)
    ]

    # One element for all edges of a kind: hundreds of them are drawn anew with every move.
    edges: dict[str, list[str]] = {"edge": [], "edge path": [], "edge path chosen": []}

    def draw_edge(css, start, end):
        (x0, y0), (x1, y1) = start, end
        edges[css].append(f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}")

    neurons = []
    for c, units in enumerate(columns):
        for k, (x, y) in enumerate(units):
            on_path = c > layer or (c == layer and k == 0)
            css = "neuron path" if on_path else "neuron"
            neurons.append(elements.el("circle", class_=css, cx=f"{x:.1f}", cy=f"{y:.1f}", r=8))
            for j, source in enumerate(columns[c - 1] if c else []):
                if c == layer and j == k == 0:
                    draw_edge("edge path chosen", source, (x, y))
                elif c > layer and (c > layer + 1 or j == 0):
                    draw_edge("edge path", source, (x, y))
                else:
                    draw_edge("edge", source, (x, y))
    draw_edge("edge path", columns[-1][0], (_RIGHT + 60, _HIGH / 2))
    found = cost.paths(widths, layer)
    said = (
        f"A network with widths {', '.join(map(str, widths))}: "
        f"{found:,} paths from a weight of layer {layer} to the loss are lit."
    )
    return elements.svg(
        f"0 0 960 {_HIGH + 26}",
        said,
        [elements.el("path", class_=css, d="".join(drawn)) for css, drawn in edges.items()],
        neurons,
        elements.text_at(_RIGHT + 66, _HIGH / 2 + 5, "L", css="chosen"),
        elements.text_at(_LEFT - 10, _HIGH + 20, "inputs", css="faint"),
        elements.text_at(_RIGHT, _HIGH + 20, "output", css="faint", text_anchor="middle"),
    )


# --- the chart ------------------------------------------------------------------------------------

_PLOT = {"left": 70, "right": 690, "top": 16, "bottom": 250}
_DECADES = 14
_SUPERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _y(count: int) -> float:
    height = _PLOT["bottom"] - _PLOT["top"]
    return snap(_PLOT["bottom"] - height * math.log10(count) / _DECADES)


def chart(depth: int, width: int, against: str) -> elements.Element:
    """The four counts on a logarithmic axis, against depth or width, the other one held."""
    values, here = (DEPTHS, depth) if against == "depth" else (WIDTHS, width)
    left, right, top, bottom = _PLOT.values()

    def x(value):
        return left + (right - left) * (value - values[0]) / (values[-1] - values[0])

    def widths(value):
        return architecture(value, width) if against == "depth" else architecture(depth, value)

    middle, end, now = {"text_anchor": "middle"}, {"text_anchor": "end"}, f"{x(here):.1f}"
    parts = [elements.el("path", class_="axis", d=f"M{left} {top}V{bottom}H{right}")]
    for k in range(0, _DECADES + 1, 2):
        tick = "1" if k == 0 else "10" + str(k).translate(_SUPERS)
        parts.append(elements.text_at(left - 8, f"{_y(10**k) + 5:.1f}", tick, css="faint", **end))
    parts += [
        elements.text_at(f"{x(v):.1f}", bottom + 18, str(v), css="faint", **middle) for v in values
    ]
    parts.append(elements.text_at(right, bottom + 36, against, **end))
    parts.append(elements.el("line", class_="axis", x1=now, y1=top, x2=now, y2=bottom))
    ends = {}
    for way in cost.WAYS:
        points = [(x(v), _y(_count(way, *widths(v)))) for v in values]
        path = "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        parts.append(elements.el("path", class_=f"way {_CSS[way]}", data_way=way, d=f"M{path}"))
        count = f"{_y(_count(way, *widths(here))):.1f}"
        parts.append(elements.el("circle", class_="dot", cx=now, cy=count, r=4))
        ends[way] = points[-1][1]
    y = -math.inf
    for way in sorted(ends, key=ends.get):  # names one below the other, where lines end together
        y = max(ends[way], y + 17)
        parts.append(elements.text_at(right + 12, f"{y + 5:.1f}", way, css=_CSS[way]))
        sample = f"M{right + 170} {y:.1f}h56"
        parts.append(elements.el("path", class_=f"way {_CSS[way]}", d=sample))
    said = f"Multiplications against {against}, logarithmic. " + ", ".join(
        f"{way}: {_count(way, *widths(here)):,}" for way in cost.WAYS
    )
    title = "multiplications for the whole gradient"
    title = elements.text_at(left + 8, top + 4, title, css="faint")
    return elements.svg("0 0 960 296", said, title, *parts)


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"


def numbers(depth: int, width: int, layer: int) -> elements.Element:
    """The four counts, each beside backpropagation's, and paths beside edges."""
    widths = architecture(depth, width)
    least = cost.backpropagation(widths)
    rows = (
        elements.row(
            elements.words(way),
            elements.quantity(way.replace(" ", "_"), f"{count(widths):,}", "td"),
            _times(count(widths) / least),
        )
        for way, count in cost.WAYS.items()
    )
    parameters = sum(widths[1:]) + cost.edges(widths)
    paths = elements.quantity("paths", f"{cost.paths(widths, layer):,}", css="chosen")
    edges = elements.quantity("edges", str(cost.edges(widths)))
    said = ["Paths from the lit weight to L: ", paths, ". Edges in the whole network: ", edges]
    said += [". Weights and biases: ", elements.quantity("parameters", str(parameters)), "."]
    titles = elements.heads("way", "multiplications", "times backpropagation")
    return elements.el("", elements.table(titles, *rows), elements.el("p", *said))


# --- the app --------------------------------------------------------------------------------------


def counts_view(depth: int, width: int, layer: int, against: str) -> dict[str, str]:
    """What `counts` shows for these settings."""
    layer = min(layer, depth)
    return {
        "network": elements.page(paths_picture(architecture(depth, width), layer)),
        "numbers": elements.page(numbers(depth, width, layer)),
        "chart": elements.page(chart(depth, width, against)),
    }


@of_cell
def counts(depth: int = 3, width: int = 3) -> App:
    """The cost of the gradient, four ways, as the network grows; the paths of one weight lit."""

    def slider(name, value, values):
        return whole(name, value, values[0], values[-1])

    controls = {
        "depth": slider("depth: layers", depth, DEPTHS),
        "width": slider("width: units", width, WIDTHS),
        "layer": slider("weight in layer", 1, range(1, depth + 1)),
        "against": toggles(
            [("against depth", "depth"), ("against width", "width")], "depth", "The chart's axis"
        ),
    }

    def follow(change):
        if change.new in DEPTHS:
            controls["layer"].high = change.new
            controls["layer"].value = min(controls["layer"].value, change.new)

    controls["depth"].observe(follow, "value")
    views = {name: widgets.HTML() for name in ("network", "numbers", "chart")}
    sliders = grid(*(controls[name] for name in ("depth", "width", "layer")))
    children = [sliders, views["network"], views["numbers"], controls["against"]]
    return App("what a gradient costs", controls, views, counts_view, [*children, views["chart"]])
