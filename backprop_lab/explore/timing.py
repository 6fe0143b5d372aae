"""The ways to the gradient, timed on real arrays, side by side in one run."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.counter import uniform
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import (
    Network,
    RawLayer,
    backward,
    backward_pass,
    forward,
    forward_pass,
)
from backprop_lab.formulas import cost
from backprop_lab.page.background import Background
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, computing, link, message_line, row, toggles
from backprop_lab.page.program import Program
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


def measure(
    grows: str, clock: Callable[[], float] = time.perf_counter
) -> Iterator[tuple[float, dict[tuple[str, int], float]]]:
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
        start = clock()
        TIMED[way](net, f, y)
        took = clock() - start
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


# --- the page's own pass --------------------------------------------------------------------------

PASSES = 200
"""Passes in a row that a page times: its clock is coarse."""


def page_milliseconds(widths: Sequence[int]) -> float:
    """How long the backward pass takes in the page, for one example."""
    layers = [
        RawLayer(uniform(k, (n, widths[k + 1])) - 0.5, np.zeros(widths[k + 1]), "sigmoid")
        for k, n in enumerate(widths[:-1])
    ]
    x, y = np.ones((1, widths[0])), np.ones((1, widths[-1]))
    z_in, z_out = forward_pass(layers, x)
    loss = LOSSES["half_squared_error"]
    best = 1e9
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(PASSES):
            backward_pass(layers, x, z_in, z_out, y, loss, 1)
        best = min(best, 1e3 * (time.perf_counter() - start) / PASSES)
    return best


def page_timed(state: Mapping, what: str, value: str) -> Mapping:
    """The state with what was measured for what grows."""
    measured = [page_milliseconds(widths) for widths in SIZES[value].values()]
    return state | {"milliseconds": state["milliseconds"] | {value: measured}}


def page_view(values: Mapping) -> dict[str, elements.Element]:
    """The page's own pass, timed: a row as in `table`, and a button."""
    grows = values["grows"]
    measured = values["milliseconds"].get(grows, [])
    sizes = list(SIZES[grows])
    shown = [f"{one:.4f}" for one in measured] or ["…" for _ in sizes]
    titles = [f"milliseconds at {grows}", *[str(size) for size in sizes]]
    cells = [elements.el("td", one, class_="n") for one in shown]
    press = elements.button("Time it", "time", grows)
    return {
        "timed": elements.el(
            "div",
            elements.el("p", "The same pass, translated, in this page: ", press),
            elements.table(
                elements.heads(*titles),
                elements.row(elements.words("backpropagation, in the page"), *cells),
            ),
        )
    }


# --- the app --------------------------------------------------------------------------------------


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
        program = Program(("grows", "milliseconds"), page_view, page_timed)
        page = computing(program, {"grows": grows}, state={"milliseconds": {}})
        link(page, {"grows": grows})
        controls = row(grows, self.start, self.stop, self.bar, align_items="center")
        super().__init__(
            "the ways, timed", {"grows": grows}, {"table": view},
            lambda grows: {"table": table(grows, {})},
            [controls, message, view, page.view("timed"), page], message,
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
