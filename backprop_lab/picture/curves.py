"""Curves that nothing moves: a figure of matplotlib's, as SVG with the notebook's colours."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from backprop_lab.core.rounding import snap
from backprop_lab.picture.elements import Markup

WIDTH, HEIGHT = 960, 270
"""In units of the picture; it is shown as wide as its place."""

COLOURS = {
    name: f"#0a0b{number:02x}"
    for number, name in enumerate(("ink", "faint", "forward", "backward", "chosen"))
}
"""Stand-ins that matplotlib can draw with, for the colours that the notebook's theme decides."""

_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "backprop_lab",  # the same ids in every run
    "font.size": 13,
    "text.color": COLOURS["ink"],
    "axes.edgecolor": COLOURS["faint"],
    "axes.labelcolor": COLOURS["ink"],
    "axes.titlecolor": COLOURS["ink"],
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": COLOURS["faint"],
    "ytick.color": COLOURS["faint"],
    "xtick.labelcolor": COLOURS["faint"],
    "ytick.labelcolor": COLOURS["faint"],
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "figure.facecolor": "none",
}
_KINDS = (("forward", "-"), ("backward", "--"), ("chosen", "-."), ("faint", ":"))
_UNSAID = ("Creator", "Date", "Format", "Type")
_UNSHOWN = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", re.S)
_GROUP = re.compile(r' id="(\w+\.)?\w+_\d+"')


def figure(
    drawn: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x: str,
    y: str,
    log: Sequence[str] = (),
) -> Markup:
    """Curves by name, up to four, as a picture: each with its own colour and its own dashes.

    drawn: name to (x, y); x, y: the axes' names; log: the axes that are logarithmic, "x", "y".
    Raises ValueError for no curve or more than four.
    """
    if not 1 <= len(drawn) <= len(_KINDS):
        raise ValueError(f"drawn: got {len(drawn)} curves; expected from 1 to {len(_KINDS)}")
    with mpl.rc_context(_STYLE):
        made = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72, layout="constrained")
        axes = made.subplots()
        axes.set(xlabel=x, title=y, **{f"{axis}scale": "log" for axis in log})
        for (name, points), (colour, dashes) in zip(drawn.items(), _KINDS, strict=False):
            style = {"color": COLOURS[colour], "linestyle": dashes, "linewidth": 2.2}
            axes.plot(*map(snap, points), label=name, **style)
        if len(drawn) > 1:
            axes.legend()
        file = io.StringIO()
        made.savefig(file, format="svg", metadata=dict.fromkeys(_UNSAID))
    ends = "; ".join(f"{name} ends at {snap(points[1][-1]):.3g}" for name, points in drawn.items())
    return _themed(file.getvalue(), f"{y} against {x}. {ends}.")


def _themed(svg: str, said: str) -> Markup:
    """The figure's SVG with the theme's colours, said in words."""
    svg = _UNSHOWN.sub("", svg[svg.index("viewBox") :])
    svg = re.sub(r'version="[\d.]+">', 'style="stroke-linejoin: round">', svg, count=1)
    svg = _GROUP.sub("", re.sub(r"font-family: [^;\"]*; ", "", svg))
    for name, stand_in in COLOURS.items():
        svg = svg.replace(stand_in, f"var(--bl-{name})")
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    return Markup(f'<svg role="img" aria-label="{html.escape(said)}" {svg}')
