"""The map of vanishing and exploding gradients, and the networks behind a point of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import MAP_DEPTHS, MAP_SCALES, Map, Row
from backprop_lab.core.rounding import snap
from backprop_lab.explore.deep_network import profile_picture, verdict
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    choice,
    computing,
    grid,
    message_line,
    whole,
)
from backprop_lab.page.program import Program, Work
from backprop_lab.picture import axes, elements, field
from backprop_lab.picture.axes import Panel, Scale

LEVELS = (-20, -10, -5, -2, -1, 1, 2, 5, 10, 20)
"""Borders of the map's shades, in powers of ten."""

_HALF = math.log10(MAP_SCALES[1] / MAP_SCALES[0]) / 2
_PANEL = Panel(
    60, 700, 36, 330,
    Scale(MAP_DEPTHS[0] - 1, MAP_DEPTHS[-1] + 1, False),
    Scale(math.log10(MAP_SCALES[0]) - _HALF, math.log10(MAP_SCALES[-1]) + _HALF, True),
)  # fmt: skip
_DEPTHS = [(depth, str(depth)) for depth in range(10, MAP_DEPTHS[-1] + 1, 10)]
_SCALES = [(scale, f"{scale:g}") for scale in (0.25, 0.5, 1, 2, 4, 8)]
_SIZES = [
    f"under {axes.power(LEVELS[0])}",
    *(f"{axes.power(low)} to {axes.power(high)}" for low, high in itertools.pairwise(LEVELS)),
    f"over {axes.power(LEVELS[-1])}",
]
_RULES = ((1.0, "LeCun, Glorot"), (math.sqrt(2), "He"))


def map_picture(found: Map | Growing, depth: int, scale: float) -> elements.Element:
    """The map so far, the place of the marker on it, and the initialisations'."""
    panel = _PANEL
    x, y = axes.x_of(panel, depth), axes.y_of(panel, scale)
    missing = [[] for _ in range(len(MAP_SCALES) - len(found.first))]
    drawn = [
        field.shades(panel, [*found.first, *missing], LEVELS),
        field.contour(panel, "borderline", [*found.ratio, *missing], 0),
        axes.frame(panel, _TITLE, "depth", _DEPTHS, _SCALES),
        elements.text_at(panel.left - 8, panel.top - 14, "g", css="faint", text_anchor="end"),
    ]
    for value, rule in _RULES:
        height = axes.y_of(panel, value)
        across = f"M{panel.left} {height:.1f}H{panel.right}"
        drawn.append(elements.el("path", class_="rule", d=across))
        drawn.append(elements.text_at(panel.right + 6, f"{height + 5:.1f}", rule, css="faint"))
    for k, name in enumerate(reversed(_SIZES)):
        css, top = f"shade_{len(LEVELS) - k}", panel.top + 22 * k
        drawn.append(elements.el("rect", class_=css, x=815, y=top, width=24, height=16))
        drawn.append(elements.text_at(846, top + 13, name, css="faint"))
    done = f"{100 * len(found.first) / len(MAP_SCALES):.0f} % computed"
    said = f"depth {depth}, g {snap(scale):.3g}"
    if not found.done:
        drawn.append(elements.text_at(panel.right, panel.top - 14, done, text_anchor="end"))
    cross = f"M{panel.left} {y:.1f}H{x:.1f}V{panel.bottom}"
    drawn.append(elements.el("path", class_="cross", data_q="cross", d=cross))
    for css in ("marker rim", "marker"):
        drawn.append(elements.el("path", class_=css, data_q=css, d=f"M{x:.1f} {y:.1f}h0"))
    drawn.append(field.plane(panel, {"depth": depth, "scale": scale}, said))
    label = f"A map of gradient sizes, depth against weight scale; here: {said}."
    return elements.svg("0 0 960 376", label, drawn, role="group")


_TITLE = "norm of ∂L/∂W in the first layer, by depth and weight scale g"


@lru_cache(maxsize=1)
def behind(activation: str, depth: int, scale: float, steepest: float) -> list[elements.Element]:
    """What is said of the networks at a point, and their norms by layer; kept, since the map grows
    beside it."""
    width, count = deep.MAP_WIDTH, deep.seeds_for(deep.MAP_WIDTH)
    loss = "half_squared_error"
    found = deep.stacks(
        depth, width, activation, steepest, scale, 0.0, 0, loss, False, False, count
    )
    said = f"Norms by layer of {count} networks at the marker."
    return [verdict(found), profile_picture(found, said)]


def map_view(values: Mapping, steepest: Mapping[str, float]) -> dict[str, elements.Element]:
    """What `phase_map` shows. steepest: the largest slopes, by activation."""
    activation, depth, scale = values["activation"], int(values["depth"]), values["scale"]
    words, picture = behind(activation, depth, scale, steepest[activation])
    return {
        "map": map_picture(values["work"], depth, scale),
        "verdict": words,
        "picture": picture,
    }


class Growing(NamedTuple):
    """A map as it grows: the fields of `Map`, and its next row, as deep as it is yet."""

    first: Sequence[Sequence[float]]
    ratio: Sequence[Sequence[float]]
    done: bool
    row: Row


def no_map(values: Mapping, before: Growing | None) -> Growing:
    """The map at its start."""
    return Growing([], [], False, deep.started())


def more(values: Mapping, found: Growing) -> Growing:
    """The map with its next row one depth deeper."""
    row = deep.deeper(found.row, MAP_SCALES[len(found.first)], values["activation"])
    if len(row.first) < len(MAP_DEPTHS):
        return Growing(found.first, found.ratio, False, row)
    whole = deep.with_row(Map(found.first, found.ratio, False), row)
    return Growing(whole.first, whole.ratio, whole.done, deep.started())


@of_cell
def phase_map(activation: str = "tanh") -> App:
    """Where gradients vanish and explode: depth against weight scale, and the networks behind a
    point."""
    controls = {
        "activation": choice("activation", list(ACTIVATIONS), value=activation),
        "depth": whole("depth", 30, MAP_DEPTHS[0], MAP_DEPTHS[-1]),
        "scale": NumberSlider("g", 1, MAP_SCALES[0], MAP_SCALES[-1], 0.05),
    }
    steepest = {name: snap(deep.largest_slope(name)) for name in ACTIVATIONS}
    work = Work(no_map, more, ("activation",), waits=False)
    program = Program(tuple(controls), partial(map_view, steepest=steepest), work=work)
    page = computing(program, controls)
    views = {name: page.view(name) for name in ("map", "verdict", "picture")}
    views["verdict"].layout.min_height = "40px"
    message, top = message_line(), grid(*controls.values())
    children = [top, message, *views.values()]
    return App("a map of gradients", controls, views, None, children, message, page)
