"""Charts of one gradient step, and of any curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from backprop_lab.core.rounding import snap
from backprop_lab.picture.plots.plot import COLOURS, blank, chart, line, logarithmic, words

PARABOLA = (-2.6, 4.6)
"""The range of w in which the parabola is drawn."""


@chart
def parabola() -> Figure:
    """½(1 - w)² with a walk on it, and the loss after each step."""
    figure, (hill, losses) = blank(270, ncols=2)
    w = np.linspace(*PARABOLA, 91)
    hill.set(xlim=PARABOLA, ylim=(-0.2, 6.6), xlabel="w", title="L(w) = ½(1 - w)²")
    hill.plot(w, (1 - w) ** 2 / 2, color=COLOURS["forward"], linewidth=2.5)
    line(hill, "walk", "backward", linewidth=1.5)
    line(hill, "places", "backward", linewidth=9, solid_capstyle="round")
    losses.set(xlim=(-0.3, 6.3), xlabel="steps", title="the loss after each step")
    logarithmic(losses, -6, 3)
    line(losses, "losses", "backward", linewidth=2)
    line(losses, "level", "faint", linewidth=1.5, linestyle="--")
    line(losses, "dots", "backward", linewidth=9, solid_capstyle="round")
    words(losses, "verdict", 0.03, 0.04)
    return figure


def dots(x, y) -> list[np.ndarray]:
    """Points for a line with round ends, each a dot of its own."""
    return [np.array([[a, b], [a, b]]) for a, b in zip(x, y, strict=True)]


@chart
def along_the_gradient(longest: float, highest: float) -> Figure:
    """The empirical risk against the length of one step, with the tangent at its start."""
    figure, (axes,) = blank(270)
    axes.set(xlim=(0, longest), ylim=(0, highest), xlabel="α, the learning rate of this one step")
    axes.set_title("empirical risk after one step")
    line(axes, "before", "faint", linewidth=1.5, linestyle="--")
    line(axes, "risk", "forward", linewidth=2.5)
    line(axes, "tangent", "backward", linewidth=1.5)
    line(axes, "here", "chosen", linewidth=11, solid_capstyle="round")
    words(axes, "said", 0.02, 0.08)
    return figure


def curves(
    drawn: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x: str,
    y: str,
    log: Sequence[str] = (),
) -> str:
    """Curves by name, up to four, as a picture: each with its own colour and its own dashes.

    drawn: name to (x, y); x, y: the axes' names; log: the axes that are logarithmic, "x", "y".
    Raises ValueError for no curve or more than four.
    """
    if not 1 <= len(drawn) <= len(_KINDS):
        raise ValueError(f"drawn: got {len(drawn)} curves; expected from 1 to {len(_KINDS)}")

    @chart
    def picture():
        figure, (axes,) = blank(270)
        axes.set(xlabel=x, title=y, **{f"{axis}scale": "log" for axis in log})
        for (name, points), (colour, dashes) in zip(drawn.items(), _KINDS, strict=False):
            axes.plot(
                *map(snap, points),
                label=name,
                color=COLOURS[colour],
                linestyle=dashes,
                linewidth=2.2,
            )
        if len(drawn) > 1:
            axes.legend()
        return figure

    ends = "; ".join(f"{name} ends at {snap(points[1][-1]):.3g}" for name, points in drawn.items())
    return picture()(f"{y} against {x}. {ends}.")


_KINDS = (("forward", "-"), ("backward", "--"), ("chosen", "-."), ("faint", ":"))
