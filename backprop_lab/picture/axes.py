"""Charts as elements, which an app's program draws: a panel has two axes, points lie in it.

A value that an axis cannot show (0 on a logarithmic one, NaN) leaves a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.rounding import snap
from backprop_lab.picture import elements
from backprop_lab.picture.elements import Element

Point = tuple[float, float]
Tick = tuple[float, str]
"""A value, and what is written there."""

SUPERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Scale(NamedTuple):
    """The values at both ends of an axis; of a logarithmic one, their powers of ten."""

    low: float
    high: float
    logarithmic: bool


class Panel(NamedTuple):
    """A place in a picture, with its axes."""

    left: float
    right: float
    top: float
    bottom: float
    x: Scale
    y: Scale


def can_show(scale: Scale, value: float) -> bool:
    """Whether an axis has a place for a value."""
    return abs(value) < np.inf and (value > 0 or not scale.logarithmic)


def share(scale: Scale, value: float) -> float:
    """Where a value lies, as a share of its axis; at most so far out that a picture can hold it."""
    at = math.log10(value) if scale.logarithmic else value
    return max(-9.0, min(9.0, (at - scale.low) / (scale.high - scale.low)))


def x_of(panel: Panel, value: float) -> float:
    """Where a value lies across."""
    return snap(panel.left + (panel.right - panel.left) * share(panel.x, value))


def y_of(panel: Panel, value: float) -> float:
    """Where a value lies up."""
    return snap(panel.bottom - (panel.bottom - panel.top) * share(panel.y, value))


def place(panel: Panel, point: Point) -> str:
    """Where a point lies, for a path."""
    return f"{x_of(panel, point[0]):z.1f} {y_of(panel, point[1]):z.1f}"


# --- what stands still ----------------------------------------------------------------------------


def power(exponent: int) -> str:
    """A power of ten, as it is written."""
    return "10" + str(exponent).translate(SUPERS)


def powers(scale: Scale) -> list[Tick]:
    """Some six powers of ten on a logarithmic axis."""
    step = -(-(scale.high - scale.low) // 6)
    return [(10.0**k, power(k)) for k in range(scale.low, scale.high + 1, step)]


def even(low: float, high: float, parts: int) -> list[Tick]:
    """Ticks that part an axis evenly."""
    values = [low + k * (high - low) / parts for k in range(parts + 1)]
    return [(value, f"{snap(value):.4g}") for value in values]


def frame(panel: Panel, title: str, x: str, x_ticks: Sequence[Tick], y_ticks: Sequence[Tick]):
    """The axes, with ticks, the title and the name of what lies across."""
    left, right, top, bottom = panel.left, panel.right, panel.top, panel.bottom
    drawn = [
        elements.el("path", class_="axis", d=f"M{left} {top}V{bottom}H{right}"),
        elements.text_at(left, top - 14, title),
        elements.text_at(right, bottom + 40, x, css="faint", text_anchor="end"),
    ]
    for value, said in y_ticks:
        height = f"{y_of(panel, value) + 5:.1f}"
        drawn.append(elements.text_at(left - 8, height, said, css="faint", text_anchor="end"))
    for value, said in x_ticks:
        across = f"{x_of(panel, value):.1f}"
        drawn.append(elements.text_at(across, bottom + 20, said, css="faint", text_anchor="middle"))
    return drawn


def legend(panel: Panel, signs: Sequence[tuple[str, str]]) -> list:
    """Samples of lines, by class, with what they are."""
    drawn = []
    for k, (css, said) in enumerate(reversed(signs)):
        y = panel.bottom - 14 - 19 * k
        drawn.append(elements.el("path", class_=f"way {css}", d=f"M{panel.right - 170} {y}h30"))
        drawn.append(elements.text_at(panel.right - 134, y + 5, said, css="faint"))
    return drawn


def inside(panel: Panel, *drawn: elements.Content) -> Element:
    """What is drawn, cut off where it leaves the panel."""
    x, y, width = panel.left, panel.top - 8, panel.right - panel.left + 8
    height = panel.bottom - panel.top + 8
    box = f"{x} {y} {width} {height}"
    return elements.el("svg", *drawn, x=x, y=y, width=width, height=height, viewBox=box)


# --- what moves -----------------------------------------------------------------------------------


def level(panel: Panel, value: float) -> Element:
    """A thin line across the panel."""
    height = f"{y_of(panel, value):.1f}"
    return elements.el("path", class_="level", d=f"M{panel.left} {height}H{panel.right}")


def line(panel: Panel, name: str, css: str, points: Sequence[Point]) -> Element:
    """A line from point to point."""
    d, apart = "", "M"
    for point in points:
        if can_show(panel.x, point[0]) and can_show(panel.y, point[1]):
            d += f"{apart}{place(panel, point)}"
            apart = "L"
        else:
            apart = "M"
    return elements.el("path", class_=f"way {css}", data_q=name, d=d)


def marks(panel: Panel, name: str, css: str, points: Sequence[Point]) -> Element:
    """A dot on each point."""
    d = ""
    for point in points:
        if can_show(panel.x, point[0]) and can_show(panel.y, point[1]):
            d += f"M{place(panel, point)}h0"
    return elements.el("path", class_=f"marks {css}", data_q=name, d=d)


def band(
    panel: Panel, name: str, css: str, lows: Sequence[Point], highs: Sequence[Point]
) -> Element:
    """The area between two lines; one that goes down to 0 goes down to the axis."""
    edge = [point for point in highs if can_show(panel.y, point[1])]
    edge += [(x, max(y, 1e-320)) for x, y in reversed(lows) if y < np.inf]
    corners = [place(panel, point) for point in edge]
    d = f"M{'L'.join(corners)}Z" if corners else ""
    return elements.el("path", class_=f"band {css}", data_q=name, d=d)
