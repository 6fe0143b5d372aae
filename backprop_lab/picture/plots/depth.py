"""Charts of error signals and gradients by layer, and of how deep networks learn."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from backprop_lab.core.depth import DEEPEST, MAP_DEPTHS, MAP_SCALES
from backprop_lab.core.rounding import rounded
from backprop_lab.picture.plots.plot import (
    COLOURS,
    area,
    bands,
    blank,
    chart,
    contour,
    line,
    logarithmic,
)


def _sign(colour: str, **style):
    return mpl.lines.Line2D([], [], color=COLOURS[colour], **style)


def _by_layer(axes, title: str, last: int, low: int, high: int) -> None:
    axes.set(title=title, xlabel="layer", xlim=(0.5, last + 1.5))
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(6, integer=True))
    logarithmic(axes, low, high)
    axes.axhline(1, color=COLOURS["line"], linewidth=1)


# --- the map --------------------------------------------------------------------------------------

LEVELS = (-400, -20, -10, -5, -2, -1, 1, 2, 5, 10, 20, 400)
"""Borders of the map's shades, in powers of ten."""

_SHADES = [
    mpl.colors.to_hex(mpl.colormaps["PuOr_r"](share)) for share in np.linspace(0.06, 0.94, 11)
]


_SUPERS = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@chart
def map_frame() -> Figure:
    """Depth against weight scale; a shade for the size of the first layer's gradient."""
    figure, (axes,) = blank(400)
    axes.set(xlim=(MAP_DEPTHS[0], DEEPEST), ylim=(MAP_SCALES[0], MAP_SCALES[-1]), yscale="log")
    axes.set(xlabel="depth", title="norm of ∂L/∂W in the first layer, by depth and weight scale g")
    axes.set_ylabel("g", rotation=0)
    axes.set_yticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"])
    axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
    for k, shade in enumerate(_SHADES):
        area(axes, f"band_{k}", shade)
    for scale, name in ((1, "LeCun, Glorot"), (np.sqrt(2), "He")):
        axes.axhline(scale, color="#111111", linewidth=1, linestyle=":")
        axes.annotate(
            name, (1.005, scale), xycoords=("axes fraction", "data"), va="center", ha="left"
        )
    line(axes, "borderline", "#111111", linewidth=2.5)
    line(axes, "across", "#111111", linewidth=1)
    line(axes, "up", "#111111", linewidth=1)
    line(axes, "rim", "#ffffff", linewidth=15, solid_capstyle="round")
    line(axes, "marker", "#111111", linewidth=11, solid_capstyle="round")
    powers = [f"10{f'{level:+d}'.translate(_SUPERS)}" for level in LEVELS]
    middle = [" to ".join(pair) for pair in itertools.pairwise(powers[1:-1])]
    names = [f"under {powers[1]}", *middle, f"over {powers[-2]}"]
    patches = [mpl.patches.Patch(color=shade) for shade in _SHADES]
    axes.legend(
        patches[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.13, 0.5), labelspacing=0.25
    )
    return figure


def map_areas(first: np.ndarray, ratio: np.ndarray) -> dict[str, list[np.ndarray]]:
    """What `map_frame` shows of a map: its shades, and the line on which the first hidden layer's
    error signal is as large as the last one's. Where no signal is left it has the lowest shade."""
    rows = ~np.isnan(first).all(axis=1)
    if rows.sum() < 2:
        return {}
    scales = MAP_SCALES[rows]
    first, ratio = (np.maximum(heights, LEVELS[0]) for heights in (first, ratio))
    shades = bands(MAP_DEPTHS, scales, rounded(first[rows], 3), LEVELS)
    lines = contour(MAP_DEPTHS, scales, rounded(ratio[rows], 3), 0)
    return {**{f"band_{k}": shade for k, shade in enumerate(shades)}, "borderline": lines}


# --- two networks that learn ----------------------------------------------------------------------

_PAIR: Mapping[str, str] = {"sigmoid": "backward", "relu": "forward"}


@chart
def learning(steps: int, last: int) -> Figure:
    """The risks of two deep networks, and their gradients by layer: at the start, and now."""
    figure, (risk, norms) = blank(300, 2)
    risk.set(xlim=(0, steps), ylim=(1e-3, 4), yscale="log", xlabel="steps", title="empirical risk")
    _by_layer(norms, "norm of ∂R/∂W", last - 1, -10, 2)
    styles = {"sigmoid": "-", "relu": "--"}
    line(risk, "guess", "faint", linewidth=1, linestyle=":")
    for name, colour in _PAIR.items():
        line(risk, f"risk_{name}", colour, linewidth=2.5, linestyle=styles[name])
        line(norms, f"start_{name}", colour, linewidth=1.2, linestyle=styles[name], alpha=0.6)
        line(norms, f"norms_{name}", colour, linewidth=2.8, linestyle=styles[name])
    signs = [_sign(colour, linestyle=styles[name]) for name, colour in _PAIR.items()]
    risk.legend([*signs, _sign("faint", linestyle=":")], [*_PAIR, "guessing"], loc="lower left")
    thin = _sign("faint", linewidth=1.2)
    norms.legend([thin, _sign("faint", linewidth=2.8)], ["at the start", "now"], loc="lower right")
    return figure
