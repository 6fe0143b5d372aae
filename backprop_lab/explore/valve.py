"""The valve: an activation that feeds two linear units, and what flows back to it on either
path."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import ipywidgets as widgets

from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    computing,
    grid,
    message_line,
    row,
    toggles,
)
from backprop_lab.page.program import Program, Values
from backprop_lab.picture import elements
from backprop_lab.picture.labels import shifted

_H, _NUDGE = 1.0, 0.01
"""Where the unit h stands, and the move with which the meter measures."""
WAYS = {"p": ("u", 70), "q": ("v", 230)}
"""The two units that h feeds: the weight on the way, and the height of the box."""
ASKED = ("share_p", "share_q", "by_h", "meter")
"""What a reader is to predict."""


def valve_values(values: Values) -> Values:
    """What flows back to h, by the weights u and v, the error signals of p and q, and the valves.

    p, q: whether the valve there is open. meter: the central difference of the loss by h, from the
    forward pass alone.
    """
    shares = {
        f"share_{way}": values[weight] * values[f"delta_{way}"] if values[way] else 0.0
        for way, (weight, _) in WAYS.items()
    }
    rise = loss_at(_H + _NUDGE, values) - loss_at(_H - _NUDGE, values)
    by_h = shares["share_p"] + shares["share_q"]
    return {**shares, "by_h": by_h, "meter": rise / (2 * _NUDGE)}


def loss_at(h: float, values: Values) -> float:
    """The loss where h stands there: half the squared error of p and q, whose targets give them
    their error signals at `_H`."""
    errors = [
        values[weight] * (h - _H) + values[f"delta_{way}"] for way, (weight, _) in WAYS.items()
    ]
    return sum([error * error / 2 for error in errors])


def valve_view(u, v, delta_p, delta_q, p: bool, q: bool, hide: bool = False) -> dict[str, str]:
    """What `valve` shows. p, q: whether the valve on that way is open; hide: what is asked."""
    given = {"u": u, "v": v, "delta_p": delta_p, "delta_q": delta_q, "p": p, "q": q, "hide": hide}
    values, held = given | valve_values(given), valve_scene(given)["held"]
    return {"picture": elements.page(_picture(values, held, ASKED if hide else ()))}


def valve_scene(values: Values) -> Mapping:
    """The valves as they stand."""
    held = [f"{way}_{'open' if values[way] else 'shut'}" for way, _ in WAYS.items()]
    return {"held": held, "hides": values["hide"]}


def _picture(
    values: Mapping[str, float], held: Collection[str], hidden: Collection
) -> elements.Element:
    def shown(quantity, digits=2):
        text = "?" if quantity in hidden else f"{snap(values[quantity]):z.{digits}f}"
        return elements.quantity(quantity, text, "tspan", digits=digits)

    edges = "M200 150L640 70M200 150L640 230M800 70L870 150M800 230L870 150"
    return elements.svg(
        "0 0 960 300",
        "An activation h feeds two linear units, p and q, and both feed the loss L. "
        "A valve on each path can block what flows back from p or q to h.",
        elements.el("path", class_="edge", d=edges),
        [_way(way, *WAYS[way], shown, held) for way in WAYS],
        _box(16, 92, 184, 116),
        elements.text_at(30, 118, "h", font_weight="bold"),
        elements.text_at(30, 150, "∂L/∂h = ", shown("by_h"), css="backward"),
        elements.text_at(30, 170, "what has flowed back", css="faint", font_size=12),
        elements.text_at(30, 196, "meter: ΔL/Δh = ", shown("meter"), css="forward"),
        _box(870, 126, 60, 48),
        elements.text_at(895, 155, "L", font_weight="bold"),
    )


def _box(x, y, width, height) -> elements.Element:
    return elements.el("rect", class_="box", x=x, y=y, width=width, height=height, rx=8)


def _signal(x, y, unit, shown) -> elements.Element:
    """The error signal of a unit."""
    index = shifted("sub", unit)
    return elements.text_at(x, y, "δ", index, " = ", shown(f"delta_{unit}"), css="backward")


def _way(way, weight, y, shown, held) -> elements.Content:
    up = -1 if way == "p" else 1
    slope = up * 80 / 440
    middle = 150 + slope * 220
    across = 90 + math.degrees(math.atan(slope))
    turned = f"rotate({snap(across):.2f})"
    bar = elements.el("line", class_="valve", x1=-17, x2=17, transform=turned)
    below = {"text_anchor": "middle", "font_size": 12}
    states = [
        elements.el(
            "g",
            elements.el("circle", class_=f"valve {state}", r=19),
            more,
            elements.el("text", state, class_="faint", y=36 if up > 0 else -26, **below),
            **elements.when(f"{way}_{state}", held),
        )
        for state, more in (("open", ()), ("shut", bar))
    ]

    def beside(x, css, *content):
        height = f"{150 + slope * (x - 200) + (26 if up > 0 else -16):.0f}"
        return elements.text_at(x, height, *content, css=css, text_anchor="middle")

    return [
        elements.el("g", *states, transform=f"translate(420 {middle:.0f})"),
        beside(300, "backward", "← ", shown(f"share_{way}")),
        beside(540, "forward", f"{weight} = ", shown(weight), " →"),
        _box(640, y - 38, 160, 76),
        elements.text_at(654, y - 12, way, font_weight="bold"),
        _signal(654, y + 18, way, shown),
    ]


@of_cell
def valve() -> App:
    """Two paths from an activation h to the loss; a valve on each blocks what flows back."""
    numbers = {
        name: NumberSlider(label, value, -3.0, 3.0, 0.1)
        for name, label, value in (
            ("u", "u", 2.0), ("v", "v", -1.5),
            ("delta_p", r"\delta_{p}", 0.6), ("delta_q", r"\delta_{q}", 0.8),
        )
    }  # fmt: skip
    states = {
        way: toggles([(f"{way}: open", True), ("shut", False)], True, f"The valve from {way} to h")
        for way in WAYS
    }
    hide = widgets.ToggleButton(value=True, description="Hide what is asked")
    hide.tooltip = "Numbers appear when you click on their question marks, or all at once"
    controls = {**numbers, **states, "hide": hide}
    page = computing(Program((*numbers, *WAYS), valve_values, scene=valve_scene), controls)
    picture, message = widgets.HTML(), message_line()
    return App(
        "the valve",
        controls,
        {"picture": picture},
        valve_view,
        [grid(*numbers.values()), row(*states.values(), hide), message, picture],
        message,
        page,
    )
