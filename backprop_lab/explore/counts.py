"""What the gradient of a network costs, as it grows deeper and wider."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from backprop_lab.core.rounding import snap
from backprop_lab.formulas import cost
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, computing, grid, toggles, whole
from backprop_lab.page.live import Number
from backprop_lab.page.program import Program
from backprop_lab.picture import elements

DEPTHS, WIDTHS = range(1, 13), range(1, 9)
"""The depths (layers with weights) and widths (inputs, and units of each hidden layer) shown."""

_CSS = dict(zip(cost.WAYS, ("faint", "", "forward", "backward"), strict=True))


def architecture(depth: int, width: int) -> list[int]:
    """So many layers of weights: `width` inputs and hidden units, one output as in the lecture."""
    return [width] * depth + [1]


# --- the network ----------------------------------------------------------------------------------

_LEFT, _RIGHT, _HIGH = 30, 850, 190


def paths_picture(widths: Sequence[int], layer: int) -> elements.Element:
    """The network, with every path from one weight of a layer (from 1) to the loss lit."""
    apart = min(48, (_HIGH - 20) / max(max(widths) - 1, 1))
    step = (_RIGHT - _LEFT) / (len(widths) - 1)
    columns = [
        [(_LEFT + c * step, _HIGH / 2 + apart * (k - (units - 1) / 2)) for k in range(units)]
        for c, units in enumerate(widths)
    ]

    # One element for all edges of a kind: hundreds of them are drawn anew with every move.
    drawn = {"edge": [], "edge path": [], "edge path chosen": []}
    for c, units in enumerate(columns[1:], 1):
        for k, end in enumerate(units):
            for j, start in enumerate(columns[c - 1]):
                of_all = c > layer + 1 or (c == layer + 1 and j == 0)
                chosen = c == layer and j == k == 0
                css = "edge path chosen" if chosen else "edge path" if of_all else "edge"
                drawn[css].append(_line(start, end))
    drawn["edge path"].append(_line(columns[-1][0], (_RIGHT + 60, _HIGH / 2)))
    neurons = [
        elements.el(
            "circle",
            class_="neuron path" if c > layer or (c == layer and k == 0) else "neuron",
            cx=f"{x:.1f}",
            cy=f"{y:.1f}",
            r=8,
        )
        for c, units in enumerate(columns)
        for k, (x, y) in enumerate(units)
    ]
    said = (
        f"A network with widths {', '.join([str(n) for n in widths])}: "
        f"{cost.paths(widths, layer):,} paths from a weight of layer {layer} to the loss are lit."
    )
    return elements.svg(
        f"0 0 960 {_HIGH + 26}",
        said,
        [elements.el("path", class_=css, d="".join(lines)) for css, lines in drawn.items()],
        neurons,
        elements.text_at(_RIGHT + 66, _HIGH / 2 + 5, "L", css="chosen"),
        elements.text_at(_LEFT - 10, _HIGH + 20, "inputs", css="faint"),
        elements.text_at(_RIGHT, _HIGH + 20, "output", css="faint", text_anchor="middle"),
    )


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"


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

    def x_of(value):
        return left + (right - left) * (value - values[0]) / (values[-1] - values[0])

    def widths(value):
        return architecture(value, width) if against == "depth" else architecture(depth, value)

    middle, to_the_left = {"text_anchor": "middle"}, {"text_anchor": "end"}
    now = f"{x_of(here):.1f}"
    parts = [elements.el("path", class_="axis", d=f"M{left} {top}V{bottom}H{right}")]
    for k in range(0, _DECADES + 1, 2):
        tick = "1" if k == 0 else "10" + str(k).translate(_SUPERS)
        height = f"{_y(10**k) + 5:.1f}"
        parts.append(elements.text_at(left - 8, height, tick, css="faint", **to_the_left))
    for value in values:
        place = f"{x_of(value):.1f}"
        parts.append(elements.text_at(place, bottom + 18, str(value), css="faint", **middle))
    parts.append(elements.text_at(right, bottom + 36, against, **to_the_left))
    parts.append(elements.el("line", class_="axis", x1=now, y1=top, x2=now, y2=bottom))
    heights = {
        way: [_y(count(widths(value))) for value in values] for way, count in cost.WAYS.items()
    }
    for way, ys in heights.items():
        points = [f"{x_of(v):.1f} {y:.1f}" for v, y in zip(values, ys, strict=True)]
        line = "M" + "L".join(points)
        parts.append(elements.el("path", class_=f"way {_CSS[way]}", data_way=way, d=line))
        height = f"{ys[here - values[0]]:.1f}"
        parts.append(elements.el("circle", class_="dot", cx=now, cy=height, r=4))
    lowest = top - 17
    for way, ys in sorted(heights.items(), key=lambda line: line[1][-1]):  # names apart
        lowest = max(ys[-1], lowest + 17)
        name_at = f"{lowest + 5:.1f}"
        parts.append(elements.text_at(right + 12, name_at, way, css=_CSS[way]))
        sample = f"M{right + 170} {lowest:.1f}h56"
        parts.append(elements.el("path", class_=f"way {_CSS[way]}", d=sample))
    counts_here = [f"{way}: {count(widths(here)):,}" for way, count in cost.WAYS.items()]
    said = f"Multiplications against {against}, logarithmic. {', '.join(counts_here)}"
    title = "multiplications for the whole gradient"
    parts.append(elements.text_at(left + 8, top + 4, title, css="faint"))
    return elements.svg("0 0 960 296", said, parts)


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"


def numbers(depth: int, width: int, layer: int) -> elements.Element:
    """The four counts, each beside backpropagation's, and paths beside edges."""
    widths = architecture(depth, width)
    least = cost.backpropagation(widths)
    rows = [
        elements.row(
            elements.words(way),
            elements.quantity(way.replace(" ", "_"), f"{count(widths):,}", "td"),
            _times(count(widths) / least),
        )
        for way, count in cost.WAYS.items()
    ]
    paths = elements.quantity("paths", f"{cost.paths(widths, layer):,}", css="chosen")
    edges = elements.quantity("edges", str(cost.edges(widths)))
    said = ["Paths from the lit weight to L: ", paths, ". Edges in the whole network: ", edges]
    said += [". Weights and biases: ", elements.quantity("parameters", str(cost.size(widths))), "."]
    titles = elements.heads("method", "multiplications", "times backpropagation")
    return elements.el("", elements.table(titles, *rows), elements.el("p", *said))


# --- the app --------------------------------------------------------------------------------------


def counts_view(values: Mapping[str, float]) -> dict[str, elements.Element]:
    """What `counts` shows for depth, width, layer and what the chart is against."""
    depth, width, against = int(values["depth"]), int(values["width"]), values["against"]
    layer = min(int(values["layer"]), depth)
    return {
        "network": paths_picture(architecture(depth, width), layer),
        "numbers": numbers(depth, width, layer),
        "chart": chart(depth, width, against),
    }


@of_cell
def counts(depth: int = 3, width: int = 3) -> App:
    """The cost of the gradient, four ways, as the network grows; the paths of one weight lit."""
    controls = {
        "depth": whole("depth: layers", depth, DEPTHS[0], DEPTHS[-1]),
        "width": whole("width: units", width, WIDTHS[0], WIDTHS[-1]),
        "layer": whole("weight in layer", 1, 1, depth),
        "against": toggles(
            [("against depth", "depth"), ("against width", "width")], "depth", "The chart's axis"
        ),
    }
    widgets.jslink((controls["depth"], "value"), (controls["layer"], "high"))
    sliders = [controls[name] for name in ("depth", "width", "layer")]
    layer = Number(1, 1, DEPTHS[-1], controls["layer"].plain)  # the depth ends it, not its slider
    page = computing(Program(tuple(controls), counts_view), controls, numbers={"layer": layer})
    views = {name: page.view(name) for name in ("network", "numbers", "chart")}
    network, table, picture = views.values()
    children = [grid(*sliders), network, table, controls["against"], picture]
    return App("what a gradient costs", controls, views, None, children, page=page)
