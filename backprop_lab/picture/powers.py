"""Charts by layer, on an axis of powers of ten or of shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from backprop_lab.core.rounding import snap
from backprop_lab.picture import axes
from backprop_lab.picture.axes import Panel, Point, Scale

DECADES = ((-8, 2), (-20, 5), (-50, 15), (-130, 50), (-300, 300))
"""The ranges of the axes, in powers of ten: an axis with few ranges jumps rarely."""

ENDS = (6, 12, 25, 50, 100)
"""The ends of the axis of layers."""

SHARES = Scale(0, 1, False)


def end(layers: int) -> int:
    """The end of an axis of so many layers: the next of a few."""
    return min([number for number in ENDS if number >= layers])


def decades(values: Sequence[Sequence[float]], ranges=DECADES) -> Scale:
    """The first of the ranges that holds all values which an axis can show, else the last one."""
    shown = [snap(math.log10(v)) for row in values for v in row if 0 < v < np.inf]
    low, high = (min(shown), max(shown)) if shown else (0, 0)
    fits = [r for r in ranges if r[0] <= low and high <= r[1]]
    lowest, highest = fits[0] if fits else ranges[-1]
    return Scale(lowest, highest, True)


def by_layer(left: float, right: float, bottom: float, last: int, y: Scale) -> Panel:
    """A panel of so many layers."""
    return Panel(left, right, 36, bottom, Scale(0.5, last + 1.5, False), y)


def layers(values: Sequence[float]) -> list[Point]:
    """One value for each layer, from the first one on."""
    return [(layer, value) for layer, value in enumerate(values, 1)]


def frame(panel: Panel, title: str) -> list:
    """The axes, with ticks and title."""
    last, y = int(panel.x.high - 1.5), panel.y
    step = last // (5 if last > 12 else 6) * (2 if panel.right - panel.left < 200 else 1)
    along = [(layer, str(layer)) for layer in range(step, last + 1, step)]
    up = axes.powers(y) if y.logarithmic else [(k / 4, f"{25 * k} %") for k in range(5)]
    drawn = axes.frame(panel, title, "layer", along, up)
    if y.logarithmic and y.low < 0 < y.high:
        drawn.append(axes.level(panel, 1.0))
    return drawn
