"""Charts of a network that learns XOR."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from backprop_lab.lectures import xor
from backprop_lab.picture.plots.plot import COLOURS, area, blank, chart, line, logarithmic, words

PLANE = (-0.4, 1.4)
"""Both inputs of the plane in which the answers are shown."""

LEVELS = np.linspace(0, 1, 9)
"""Answers between two of these have one shade."""

_SHADES = [
    mpl.colors.to_hex(mpl.colormaps["PuOr"](share))
    for share in np.linspace(0.12, 0.88, len(LEVELS) - 1)
]


def nice(steps: int) -> int:
    """The end of an axis of so many steps: the next of 100, 200, 500, 1000 …, so that it jumps
    rarely."""
    ends = (digit * 10**power for power in range(2, 9) for digit in (1, 2, 5))
    return next(end for end in ends if end >= steps)


DECADES = ((-5, 1), (-8, 2), (-10, 10), (-300, 308))
"""The ranges of the logarithmic axes, in powers of ten."""


TICKS = (0, 0.5, 1)


def steps_axis(end: int) -> dict[str, str]:
    """The texts of the two axes that count steps."""
    return {
        f"{name}_tick_{k}": f"{share * end:,g}"
        for name in ("risk", "norms")
        for k, share in enumerate(TICKS)
    }


@chart
def progress(low: int, high: int) -> Figure:
    """The answers over the plane of inputs, the risk, and the norms of each layer's gradient.

    The steps run from 0 to 1, and what they are stands in texts: a frame for each end of the axis
    would keep a run waiting.
    """
    figure, (plane, risk, norms) = blank(300, 3, width_ratios=[1, 1.3, 1.3])
    _draw_plane(plane)
    for name, axes, title in (
        ("risk", risk, "empirical risk"),
        ("norms", norms, "norm of ∂R/∂W, by layer"),
    ):
        axes.set(xlim=(0, 1), xticks=TICKS, xticklabels=[], xlabel="steps", title=title)
        axes.xaxis.labelpad = 18
        logarithmic(axes, low, high)
        for k, share in enumerate(TICKS):
            side = "right" if share == 1 else "center"  # the picture ends there
            words(axes, f"{name}_tick_{k}", share, -0.04, "faint", ha=side, va="top")
    line(risk, "risk_before", "faint", linewidth=1.5, linestyle="--")
    line(risk, "risk", "forward", linewidth=2.5)
    for name, style in (("norm_1", "-"), ("norm_0", "--")):
        line(norms, name, "backward", linewidth=2.5, linestyle=style)
    shown = [mpl.lines.Line2D([], [], color=COLOURS["backward"], linestyle=s) for s in ("-", "--")]
    norms.legend(shown, ["output layer", "hidden layer"], loc="upper right")
    shown = [mpl.lines.Line2D([], [], color=COLOURS["faint"], linestyle="--")]
    risk.legend(shown, ["the run before"], loc="upper right")
    return figure


def _draw_plane(axes):
    axes.set(xlim=PLANE, ylim=PLANE, title="the answer f (▲ y = 1, ● y = 0)", aspect="equal")
    axes.set(xticks=(0, 1), yticks=(0, 1), xlabel="x₁")
    axes.set_ylabel("x₂", rotation=0)
    for k, shade in enumerate(_SHADES):
        area(axes, f"band_{k}", shade)
    line(axes, "half", "#000000", linewidth=2)
    lecture = xor()
    for (x1, x2), (y,) in zip(lecture.X, lecture.Y, strict=True):
        shape = "^" if y else "o"
        axes.plot(x1, x2, shape, markersize=14, color="white", markeredgecolor="black", zorder=4)
