"""The ways to the gradient, timed on real arrays, side by side in one run."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.network import Network, backward, forward
from backprop_lab.formulas import cost
from backprop_lab.page.background import Background
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, message_line, row, toggles
from backprop_lab.picture import elements

SIZES = {
    "depth": {depth: [8] * depth + [1] for depth in (2, 4, 8, 16, 32)},
    "width": {width: [width] * 4 + [1] for width in (2, 4, 8, 16, 32)},
}
"""The networks timed: by what grows, then by its size, the widths."""

TIMED: Mapping[str, Callable] = {
    "weight by weight": lambda net, f, y: cost.gradient(net, f, y, "backwards"),
    "forward accumulation": lambda net, f, y: cost.gradient(net, f, y, "forwards"),
    "backpropagation": backward,
}
"""The ways timed. Path by path is left out: it would not end."""

ROUNDS = 3

Seconds = Mapping[tuple[str, int], float]


def measure(grows: str) -> Iterator[tuple[float, dict[tuple[str, int], float]]]:
    """One measurement at a time: the share that is done, and the best seconds so far.

    The ways take turns, `ROUNDS` times, so that a machine that slows down slows down all of them;
    of each the fastest run counts. All are given the same forward pass.
    """
    best: dict[tuple[str, int], float] = {}
    jobs = [
        (way, size, widths)
        for _ in range(ROUNDS)
        for size, widths in SIZES[grows].items()
        for way in TIMED
    ]
    for k, (way, size, widths) in enumerate(jobs, 1):
        net = Network.mlp(widths, seed=size)
        f = forward(net, np.linspace(-1, 1, widths[0]))
        y = np.ones(widths[-1])
        start = time.perf_counter()
        TIMED[way](net, f, y)
        took = time.perf_counter() - start
        best[way, size] = min(took, best.get((way, size), math.inf))
        yield k / len(jobs), dict(best)


def last_doubling(values: Mapping[int, float]) -> float:
    """What the last doubling of the size multiplies a value by."""
    *_, before, last = values.values()
    return last / before


def table(grows: str, seconds: Seconds) -> str:
    """Milliseconds by way and size; what the last doubling makes of them, and of the counts."""
    sizes = SIZES[grows]
    rows = []
    for way in TIMED:
        known = {size: seconds[way, size] for size in sizes if (way, size) in seconds}
        cells = (_cell(f"{1e3 * known[size]:.2f}") if size in known else "…" for size in sizes)
        counts = {size: cost.WAYS[way](widths) for size, widths in sizes.items()}
        timed = f"{last_doubling(known):.1f}" if len(known) == len(sizes) else "…"
        counted = _cell(f"× {last_doubling(counts):.1f}")
        rows.append(elements.row(elements.words(way), *cells, _cell(f"× {timed}"), counted))
    titles = (f"milliseconds at {grows}", *map(str, sizes), "last doubling, timed", "counted")
    ratio = elements.el("p", _ratio(sizes, seconds))
    return elements.page(elements.table(elements.heads(*titles), *rows), ratio)


def _cell(shown: str) -> elements.Element:
    return elements.el("td", shown, class_="n")


def _ratio(sizes: Sequence[int], seconds: Seconds) -> str:
    """How many times longer the slow ways take at the largest size measured for all."""
    full = [size for size in sizes if all((way, size) in seconds for way in TIMED)]
    if not full:
        return "Nothing is timed before you press Start."
    ways = [
        f"{way} {seconds[way, full[-1]] / seconds['backpropagation', full[-1]]:.0f} times as long"
        for way in list(TIMED)[:-1]
    ]
    return f"At {full[-1]}, compared with backpropagation: {', '.join(ways)}."


class Timing(Background, App):
    """The timings, with a progress bar; Start begins anew, Stop ends, a result stays."""

    def __init__(self):
        self.bar = widgets.FloatProgress(min=0, max=1, layout={"width": "200px"})
        self.start = widgets.Button(description="Start", layout={"width": "auto"})
        self.stop = widgets.Button(description="Stop", layout={"width": "auto"}, disabled=True)
        self.start.on_click(lambda _: self.begin(self._run))
        self.stop.on_click(lambda _: self.end())
        grows = toggles([("depth", "depth"), ("width", "width")], "depth", "What grows")
        view, message = widgets.HTML(), message_line()
        controls = row(grows, self.start, self.stop, self.bar, align_items="center")
        super().__init__(
            "the ways, timed", {"grows": grows}, {"table": view},
            lambda grows: {"table": table(grows, {})}, [controls, message, view], message,
        )  # fmt: skip

    def refresh(self, _change=None):
        """Another choice of what grows ends the run."""
        self.end()
        self.bar.value = 0
        super().refresh()

    def busy(self, working: bool) -> None:
        """Start while nothing runs, Stop while something does."""
        self.start.disabled, self.stop.disabled = working, not working

    async def _run(self):
        grows = self.controls["grows"].value
        for share, seconds in measure(grows):
            self.bar.value = share
            self.views["table"].value = table(grows, seconds)
            await asyncio.sleep(0.01)


@of_cell
def timing() -> Timing:
    """Weight by weight, forward accumulation and backpropagation, timed as the network grows."""
    return Timing()
