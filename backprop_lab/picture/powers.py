"""Charts by layer, on an axis of powers of ten, as elements: an app's program draws them.

A panel is a place in a picture with its scales; a value that its axis cannot show leaves a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.rounding import snap
from backprop_lab.picture import elements
from backprop_lab.picture.elements import Element

DECADES = ((-8, 2), (-20, 5), (-50, 15), (-130, 50), (-300, 300))
"""The ranges of the axes, in powers of ten: an axis with few ranges jumps rarely."""

ENDS = (6, 12, 25, 50, 100)
"""The ends of the axis of layers."""

SUPERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Panel(NamedTuple):
    """left, right, top, bottom: in the picture; last: the end of the axis of layers; low, high: the
    ends of the other axis, in powers of ten, or 0 and 0 for an axis from 0 to 100 %."""

    left: float
    right: float
    top: float
    bottom: float
    last: int
    low: int
    high: int


def end(layers: int) -> int:
    """The end of an axis of so many layers: the next of a few."""
    return min([number for number in ENDS if number >= layers])


def decades(values: Sequence[Sequence[float]]) -> tuple[int, int]:
    """The first of the ranges that holds all values which an axis can show, else the last one."""
    shown = [snap(math.log10(v)) for row in values for v in row if 0 < v < np.inf]
    low, high = (min(shown), max(shown)) if shown else (0, 0)
    fits = [r for r in DECADES if r[0] <= low and high <= r[1]]
    return fits[0] if fits else DECADES[-1]


def x_of(panel: Panel, layer: float) -> float:
    """Where a layer lies."""
    return panel.left + (panel.right - panel.left) * (layer - 0.5) / (panel.last + 1)


def y_of(panel: Panel, value: float) -> float:
    """Where a value lies, at most so far out that a picture can hold it."""
    if panel.low == panel.high:
        share = value
    else:
        share = (math.log10(value) - panel.low) / (panel.high - panel.low)
    return snap(panel.bottom - (panel.bottom - panel.top) * max(-9.0, min(9.0, share)))


def _shown(panel: Panel, value: float) -> bool:
    return 0 < value < np.inf or (value == 0 and panel.low == panel.high)


def frame(panel: Panel, title: str) -> list:
    """The axes, with ticks and title."""
    left, right, top, bottom = panel.left, panel.right, panel.top, panel.bottom
    drawn = [
        elements.el("path", class_="axis", d=f"M{left} {top}V{bottom}H{right}"),
        elements.text_at(left, top - 14, title),
        elements.text_at(right, bottom + 40, "layer", css="faint", text_anchor="end"),
    ]
    if panel.low == panel.high:
        ticks = [(share / 4, f"{25 * share} %") for share in range(5)]
    else:
        step = -(-(panel.high - panel.low) // 6)
        powers = range(panel.low, panel.high + 1, step)
        ticks = [(10.0**k, "10" + str(k).translate(SUPERS)) for k in powers]
    for value, said in ticks:
        height = f"{y_of(panel, value) + 5:.1f}"
        drawn.append(elements.text_at(left - 8, height, said, css="faint", text_anchor="end"))
    if panel.low < 0 < panel.high:
        drawn.append(
            elements.el("path", class_="level", d=f"M{left} {y_of(panel, 1.0):.1f}H{right}")
        )
    step = panel.last // (5 if panel.last > 12 else 6) * (2 if right - left < 200 else 1)
    for layer in range(step, panel.last + 1, step):
        place = f"{x_of(panel, layer):.1f}"
        said = str(layer)
        drawn.append(elements.text_at(place, bottom + 20, said, css="faint", text_anchor="middle"))
    return drawn


def line(panel: Panel, name: str, css: str, values: Sequence[float], first: int = 1) -> Element:
    """A line through one value for each layer, from the first one on."""
    d, apart = "", "M"
    for layer, value in enumerate(values, first):
        if _shown(panel, value):
            d += f"{apart}{x_of(panel, layer):.1f} {y_of(panel, value):.1f}"
            apart = "L"
        else:
            apart = "M"
    return elements.el("path", class_=f"way {css}", data_q=name, d=d)


def marks(panel: Panel, name: str, css: str, values: Sequence[float]) -> Element:
    """A dot on each value of a line."""
    d = ""
    for layer, value in enumerate(values, 1):
        if _shown(panel, value):
            d += f"M{x_of(panel, layer):.1f} {y_of(panel, value):.1f}h0"
    return elements.el("path", class_=f"marks {css}", data_q=name, d=d)


def band(
    panel: Panel, name: str, css: str, lows: Sequence[float], highs: Sequence[float]
) -> Element:
    """The area between two values for each layer; one that goes down to 0 goes down to the axis."""
    edge = [(k, v) for k, v in enumerate(highs, 1) if _shown(panel, v)]
    edge += [(k, max(v, 1e-320)) for k, v in reversed(list(enumerate(lows, 1))) if v < np.inf]
    corners = [f"{x_of(panel, k):.1f} {y_of(panel, v):.1f}" for k, v in edge]
    d = f"M{'L'.join(corners)}Z" if corners else ""
    return elements.el("path", class_=f"band {css}", data_q=name, d=d)


def legend(panel: Panel, signs: Sequence[tuple[str, str]]) -> list:
    """Samples of lines, by class, with what they are."""
    drawn = []
    for k, (css, said) in enumerate(reversed(signs)):
        y = panel.bottom - 14 - 19 * k
        drawn.append(elements.el("path", class_=f"way {css}", d=f"M{panel.right - 170} {y}h30"))
        drawn.append(elements.text_at(panel.right - 134, y + 5, said, css="faint"))
    return drawn
