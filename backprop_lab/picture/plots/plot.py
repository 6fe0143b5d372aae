"""A matplotlib figure, drawn once, in which named artists move.

To draw a figure anew takes matplotlib some 75 ms, most of it for axes, ticks and labels, which stay
as they are. So the frame is drawn once; then points are put through the axes' own scales and
written where the named artist stood. The chart is the figure's SVG, with the notebook's colours.
"""

from __future__ import annotations

import functools
import html
import io
import re
from collections.abc import Callable, Iterable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backprop_lab.core.rounding import snap
from backprop_lab.picture.elements import Markup

WIDTH = 960
"""The width of every chart, in units of the picture; it is shown as wide as its place."""

COLOURS = {
    name: f"#0a0b{number:02x}"
    for number, name in enumerate(
        ("ink", "faint", "line", "paper", "forward", "backward", "chosen", "now")
    )
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


def chart(draw: Callable[..., Figure]) -> Callable[..., Plot]:
    """Make a function that draws a figure one that gives its `Plot`, drawn once for each call's
    arguments, in the suite's style."""

    @functools.cache
    @functools.wraps(draw)
    def plot(*arguments):
        with mpl.rc_context(_STYLE):
            return Plot(draw(*arguments))

    return plot


def blank(height: int, ncols: int = 1, **subplots) -> tuple[Figure, np.ndarray]:
    """A figure of that height and its axes, side by side; subplots: as for `Figure.subplots`."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, layout="constrained")
    return figure, figure.subplots(1, ncols, squeeze=False, **subplots)[0]


def logarithmic(axes: Axes, low: int, high: int) -> None:
    """A logarithmic y axis from 10^low to 10^high, with some six ticks at powers of ten.

    matplotlib's own ticks look beyond the ends, where floating point may have no numbers.
    """
    axes.set(yscale="log", ylim=(10.0**low, 10.0**high))
    powers = 10.0 ** np.arange(low, high + 1, -(-(high - low) // 6))
    axes.yaxis.set_major_locator(mpl.ticker.FixedLocator(powers))
    axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())


def decades(values: Iterable[np.ndarray], ranges: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The first of these ranges, in powers of ten, that holds all values which a logarithmic axis
    can show, else the last one: an axis with few ranges jumps rarely."""
    found = np.concatenate([np.ravel(snap(value)) for value in values])
    found = snap(np.log10(found[(found > 0) & np.isfinite(found)]))
    inside = (r for r in ranges if not found.size or (r[0] <= found.min() <= found.max() <= r[1]))
    return next(inside, ranges[-1])


# --- what moves: give the axes their scales and limits before ------------------------------------


def _middle(axes: Axes):
    return axes.transData.inverted().transform(axes.transAxes.transform((0.5, 0.5)))


def line(axes: Axes, name: str, colour: str, **style) -> None:
    """A line that `Plot` moves. colour: a name in `COLOURS`, or any of matplotlib's."""
    x, y = _middle(axes)
    axes.plot([x, x], [y, y], gid=name, color=COLOURS.get(colour, colour), **style)


def area(axes: Axes, name: str, colour: str, **style) -> None:
    """A filled area that `Plot` moves."""
    x, y = _middle(axes)
    style = {"linewidth": 0, **style}
    axes.fill([x, x], [y, y], gid=name, facecolor=COLOURS.get(colour, colour), **style)


def words(axes: Axes, name: str, x: float, y: float, colour: str = "ink", **style) -> None:
    """A text that `Plot` writes; x, y: its place as shares of the axes' width and height."""
    style = {"transform": axes.transAxes, **style}
    axes.text(x, y, "…", gid=name, color=COLOURS.get(colour, colour), **style)


class Plot:
    """A figure as SVG; call it with what it says in words and a value for every named artist.

    A value is text, or points in the axes' own units, shape (n, 2), or a list of such pieces; a
    point that the scale cannot show (0 on a logarithmic axis, NaN) leaves a gap. An artist that is
    not named is left out. Raises TypeError for a name that the figure does not have.
    """

    def __init__(self, figure: Figure):
        buffer = io.StringIO()
        with mpl.rc_context(_STYLE):
            figure.savefig(buffer, format="svg", metadata=dict.fromkeys(_UNSAID))
        self._height = figure.bbox.height
        artists = [(axes, artist) for axes in figure.axes for artist in axes.get_children()]
        self._scales = {artist.get_gid(): axes.transData for axes, artist in artists}
        del self._scales[None]
        self._closed = {artist.get_gid() for _, artist in artists if hasattr(artist, "get_fill")}
        self._pieces = _FIELD.split(_themed(buffer.getvalue(), self._scales))

    def __call__(self, said: str, /, **values) -> Markup:
        unknown = values.keys() - self._scales.keys()
        if unknown:
            raise TypeError(
                f"got {', '.join(sorted(unknown))}; expected some of {', '.join(self._scales)}"
            )
        filled = [
            piece if k % 2 == 0 else self._filled(piece, values.get(piece, ""))
            for k, piece in enumerate(self._pieces)
        ]
        return Markup(f'<svg role="img" aria-label="{html.escape(said)}" {"".join(filled)}')

    def _filled(self, name, value) -> str:
        if isinstance(value, str):
            return html.escape(value)
        pieces = value if isinstance(value, list) else [value]
        end = "Z" * (name in self._closed)
        return "".join(self._path(self._scales[name], points, end) for points in pieces)

    def _path(self, scale, points, end) -> str:
        with np.errstate(all="ignore"):
            places = snap(scale.transform(np.asarray(points, float)))
        x, y = places[:, 0], np.clip(self._height - places[:, 1], -_FAR, _FAR)
        drawn = np.isfinite(x) & np.isfinite(places[:, 1])
        starts = drawn & ~np.concatenate([[False], drawn[:-1]])
        return "".join(
            f"{'M' if start else 'L'}{a:z.1f} {b:z.1f}"
            for start, shown, a, b in zip(starts, drawn, x, y, strict=True)
            if shown
        ) + end * bool(drawn.any())


_FAR = 5000
_UNSAID = ("Creator", "Date", "Format", "Type")
_FIELD = re.compile(r"\[\[(\w+)\]\]")
_UNSHOWN = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", re.S)
_GROUP = re.compile(r' id="(\w+\.)?\w+_\d+"')


def _themed(svg: str, names) -> str:
    """The figure's SVG from its viewBox on: fields for the named artists, the theme's colours."""
    svg = _UNSHOWN.sub("", svg[svg.index("viewBox") :])
    svg = re.sub(r'version="[\d.]+">', 'style="stroke-linejoin: round">', svg, count=1)
    svg = re.sub(r"font-family: [^;\"]*; ", "", svg)
    for name in names:
        svg, found = re.subn(
            rf'<g id="{name}">\s*(<path d=)"[^"]*"|<g id="{name}">(\s*<text[^>]*>)[^<]*',
            lambda match, name=name: (
                f'<g data-q="{name}">'
                + (f'{match[1]}"[[{name}]]"' if match[1] else f"{match[2]}[[{name}]]")
            ),
            svg,
        )
        assert found == 1, f"{name} stands {found} times in the figure"
    svg = _GROUP.sub("", svg)
    for name, stand_in in COLOURS.items():
        svg = svg.replace(stand_in, f"var(--bl-{name})")
    return re.sub(r"\s*\n\s*", "\n", svg)


# --- maps -----------------------------------------------------------------------------------------


def bands(x, y, heights, levels: Sequence[float]) -> list[list[np.ndarray]]:
    """The areas between one level and the next: for each pair a list of closed outlines.

    heights: (len(y), len(x)). Holes run the other way round, as SVG's filling wants them.
    """
    found = _board().contourf(x, y, heights, levels)
    found.remove()
    return [path.to_polygons() for path in found.get_paths()]


def contour(x, y, heights, level: float) -> list[np.ndarray]:
    """The lines on which the heights, (len(y), len(x)), have that level."""
    found = _board().contour(x, y, heights, [level])
    found.remove()
    return found.get_paths()[0].to_polygons(closed_only=False)


@functools.cache
def _board() -> Axes:
    """Axes that nobody sees: new ones would take three times as long as the contours."""
    return Figure().subplots()
