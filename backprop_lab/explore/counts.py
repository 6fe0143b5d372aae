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
from backprop_lab.picture import draw

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


def paths_picture(widths: Sequence[int], layer: int) -> str:
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
            neurons.append(f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="8"/>')
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
    return (
        f'<svg viewBox="0 0 960 {_HIGH + 26}" role="img" aria-label="{said}">'
        + "".join(f'<path class="{css}" d="{"".join(drawn)}"/>' for css, drawn in edges.items())
        + "".join(neurons)
        + f'<text class="chosen" x="{_RIGHT + 66}" y="{_HIGH / 2 + 5}">L</text>'
        f'<text class="faint" x="{_LEFT - 10}" y="{_HIGH + 20}">inputs</text>'
        f'<text class="faint" x="{_RIGHT}" y="{_HIGH + 20}" text-anchor="middle">output</text>'
        "</svg>"
    )


# --- the chart ------------------------------------------------------------------------------------

_PLOT = {"left": 70, "right": 690, "top": 16, "bottom": 250}
_DECADES = 14
_SUPERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _y(count: int) -> float:
    height = _PLOT["bottom"] - _PLOT["top"]
    return snap(_PLOT["bottom"] - height * math.log10(count) / _DECADES)


def chart(depth: int, width: int, against: str) -> str:
    """The four counts on a logarithmic axis, against depth or width, the other one held."""
    values, here = (DEPTHS, depth) if against == "depth" else (WIDTHS, width)
    left, right, top, bottom = _PLOT.values()

    def x(value):
        return left + (right - left) * (value - values[0]) / (values[-1] - values[0])

    def widths(value):
        return architecture(value, width) if against == "depth" else architecture(depth, value)

    parts = [f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>']
    for k in range(0, _DECADES + 1, 2):
        tick = "1" if k == 0 else "10" + str(k).translate(_SUPERS)
        parts.append(
            f'<text class="faint" x="{left - 8}" y="{_y(10**k) + 5:.1f}" text-anchor="end">'
            f"{tick}</text>"
        )
    parts += [
        f'<text class="faint" x="{x(v):.1f}" y="{bottom + 18}" text-anchor="middle">{v}</text>'
        for v in values
    ]
    parts.append(f'<text x="{right}" y="{bottom + 36}" text-anchor="end">{against}</text>')
    parts.append(
        f'<line class="axis" x1="{x(here):.1f}" y1="{top}" x2="{x(here):.1f}" y2="{bottom}"/>'
    )
    ends = {}
    for way in cost.WAYS:
        points = [(x(v), _y(_count(way, *widths(v)))) for v in values]
        path = "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        parts.append(f'<path class="way {_CSS[way]}" data-way="{way}" d="M{path}"/>')
        parts.append(
            f'<circle class="dot" cx="{x(here):.1f}" '
            f'cy="{_y(_count(way, *widths(here))):.1f}" r="4"/>'
        )
        ends[way] = points[-1][1]
    y = -math.inf
    for way in sorted(ends, key=ends.get):  # names one below the other, where lines end together
        y = max(ends[way], y + 17)
        parts.append(
            f'<text class="{_CSS[way]}" x="{right + 12}" y="{y + 5:.1f}">{way}</text>'
            f'<path class="way {_CSS[way]}" d="M{right + 170} {y:.1f}h56"/>'
        )
    said = f"Multiplications against {against}, logarithmic. " + ", ".join(
        f"{way}: {_count(way, *widths(here)):,}" for way in cost.WAYS
    )
    return (
        f'<svg viewBox="0 0 960 296" role="img" aria-label="{said}">'
        f'<text class="faint" x="{left + 8}" y="{top + 4}">multiplications for the whole gradient'
        f"</text>{''.join(parts)}</svg>"
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"


def numbers(depth: int, width: int, layer: int) -> str:
    """The four counts, each beside backpropagation's, and paths beside edges."""
    widths = architecture(depth, width)
    least = cost.backpropagation(widths)
    rows = "".join(
        f'<tr><td class="words">{way}</td><td class="n" data-q="{way.replace(" ", "_")}">'
        f"{count(widths):,}</td><td>{_times(count(widths) / least)}</td></tr>"
        for way, count in cost.WAYS.items()
    )
    parameters = sum(widths[1:]) + cost.edges(widths)
    return (
        '<table class="numbers"><tr><th>way</th><th>multiplications</th>'
        f"<th>times backpropagation</th></tr>{rows}</table>"
        f'<p>Paths from the lit weight to L: <b class="n chosen" data-q="paths">'
        f"{cost.paths(widths, layer):,}</b>. Edges in the whole network: "
        f'<b class="n" data-q="edges">{cost.edges(widths)}</b>. Weights and biases: '
        f'<b class="n" data-q="parameters">{parameters}</b>.</p>'
    )


# --- the app --------------------------------------------------------------------------------------


def counts_view(depth: int, width: int, layer: int, against: str) -> dict[str, str]:
    """What `counts` shows for these settings."""
    layer = min(layer, depth)
    return {
        "network": draw.page(paths_picture(architecture(depth, width), layer)),
        "numbers": draw.page(numbers(depth, width, layer)),
        "chart": draw.page(chart(depth, width, against)),
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
