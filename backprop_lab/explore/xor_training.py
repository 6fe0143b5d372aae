"""XOR learned live: a run of gradient descent that can be watched, stopped and compared."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Layer, Network, forward
from backprop_lab.core.rounding import rounded, snap
from backprop_lab.core.training import Diverged, Training, twins
from backprop_lab.lectures import xor
from backprop_lab.page.background import Background, pause_or
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    choice,
    grid,
    message_line,
    row,
    toggles,
    whole,
)
from backprop_lab.picture import elements
from backprop_lab.picture.plots import training as plots
from backprop_lab.picture.plots.plot import bands, contour, decades

LONGEST = 100_000
"""A run ends by itself after so many steps."""

SPEEDS = {f"{n:,} a picture": n for n in (1, 10, 100, 1000)}
STARTS = {"the lecture's": "lecture", "random": "random", "twin units": "twins"}


def start(kind: str, units: int, activation: str, seed: int) -> Network:
    """The network that a run starts from: 2 inputs, so many hidden units, one sigmoid output.

    kind: "lecture" (LMU-8's weights, for two hidden units), "random", drawn by the seed, or
    "twins": random, but the second hidden unit is made like the first. Raises ValueError for a
    number of units that the kind cannot have.
    """
    if kind == "lecture":
        if units != 2:
            raise ValueError(f"hidden units: got {units}; the lecture's weights are for 2")
        first, last = xor().network.layers
        return Network([Layer(first.W, first.b, activation), last])
    net = Network.mlp([2, units, 1], activation=activation, init="normal", seed=seed)
    if kind == "random":
        return net
    if units < 2:
        raise ValueError(f"hidden units: got {units}; twins take at least 2")
    return twins(net)


@dataclass
class Run:
    """A training run on XOR, with what its curves need: few points, at steps that do not depend on
    how often it is looked at."""

    training: Training
    points: list[tuple[float, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, net: Network, loss: str, rate: float, batch: int | None, seed: int = 0) -> Run:
        """A run that has not begun; seed: of the order of single examples."""
        run = cls(Training(net, xor().X, xor().Y, loss, rate, batch, seed))
        run._note()
        return run

    def _note(self):
        norms = (float(np.linalg.norm(dW)) for dW in self.training.dW)
        self.points.append((self.training.steps, self.training.risks[-1], *norms))

    @property
    def _next(self) -> int:
        """The next step whose numbers are noted: each of the first hundred, then 2 % later."""
        last = self.points[-1][0]
        return max(last + 1, round(1.02 * last))

    def advance(self, steps: int) -> None:
        """So many steps. Raises Diverged."""
        end = self.training.steps + steps
        while self.training.steps < end:
            self.training.run(min(end, self._next) - self.training.steps)
            if self.training.steps == self._next:
                self._note()

    def curves(self) -> np.ndarray:
        """Rows of step, risk and the norms by layer, up to now."""
        now = (self.training.steps, self.training.risks[-1])
        norms = (float(np.linalg.norm(dW)) for dW in self.training.dW)
        return np.array([*self.points, (*now, *norms)])


# --- the picture ----------------------------------------------------------------------------------

_GRID = np.linspace(*plots.PLANE, 37)
_PLACES = np.stack(np.meshgrid(_GRID, _GRID), axis=-1).reshape(-1, 2)


def training_view(run: Run, before: np.ndarray | None = None) -> dict[str, str]:
    """What `xor_training` shows of a run; before: the curves of the run before, if there is one."""
    net, curves = run.training.network, run.curves()
    answers = rounded(forward(net, _PLACES).output.reshape(len(_GRID), len(_GRID)), 6)
    areas = bands(_GRID, _GRID, answers, plots.LEVELS)
    longest = max(curves[-1, 0], 0 if before is None else before[-1, 0])
    steps, risk = run.training.steps, snap(run.training.risks[-1])
    shown = [curves[:, 1:], *([] if before is None else [before[:, 1]])]
    end = plots.nice(longest)
    along = [1 / end, *[1] * (curves.shape[1] - 1)]
    picture = plots.progress(*decades(shown, plots.DECADES))(
        f"After {steps} steps the empirical risk is {risk:.4f}.",
        **{f"band_{k}": area for k, area in enumerate(areas)},
        **{f"norm_{i}": (curves * along)[:, [0, 2 + i]] for i in range(2)},
        **plots.steps_axis(end),
        half=contour(_GRID, _GRID, answers, 0.5),
        risk=(curves * along)[:, :2],
        risk_before="" if before is None else (before * along)[:, :2],
    )
    return {"picture": elements.page(picture), "status": elements.page(_status(run, net))}


def _status(run: Run, net: Network) -> elements.Content:
    lecture = xor()
    outputs = snap(forward(net, lecture.X).output[:, 0])
    right = (outputs > 0.5) == (lecture.Y[:, 0] > 0.5)
    cells = (
        elements.el(
            "span",
            f"({x[0]:g}, {x[1]:g}): ",
            elements.number(f"f_{k}", f, css="forward"),
            f" for {y[0]:g} {'✓' if ok else '✗'}",
        )
        for k, (x, y, f, ok) in enumerate(zip(lecture.X, lecture.Y, outputs, right, strict=True))
    )
    hidden = net.layers[0]
    alike = hidden.units > 1 and np.array_equal(*snap(hidden.W[:, :2].T))
    said = f"{right.sum()} of 4 on the right side of ½"
    said += "; the first two hidden units are twins" * bool(alike)
    steps = elements.quantity("steps", f"{run.training.steps:,}")
    risk = elements.number("risk", run.training.risks[-1], 6, tag="b")
    return [
        elements.el("p", "step ", steps, ", empirical risk ", risk, f", {said}"),
        elements.el("div", elements.el("span", "answers"), *cells, class_="cards"),
    ]


# --- the app --------------------------------------------------------------------------------------

_FRAME, _SLICE = 0.06, 20
"""Seconds between two pictures; the steps after which the kernel may answer something else."""


def _button(description: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=description, tooltip=tooltip, layout={"width": "auto"})


class XorTraining(Background, App):
    """Trains in the background; the kernel stays free between a few steps and the next.

    Learning rate, speed and batch may change in the middle of a run and hold at once. Every other
    control begins a new run, which plays on if the old one did; the old one's curve stays, faint.
    """

    def __init__(self):
        self.run = self.before = self._chosen = None
        self.buttons = {
            "play": _button("Play", "Train, or pause"),
            "step": _button("Step", "One step"),
            "again": _button("Again from the same weights", "The curve stays, to compare with"),
            "other": _button("Other weights", "Random weights, the next seed"),
        }
        self.buttons["play"].on_click(lambda _: self.end() if self.task else self.play())
        self.buttons["step"].on_click(lambda _: self.step())
        self.buttons["again"].on_click(lambda _: self.again())
        self.buttons["other"].on_click(lambda _: self.other())
        fitting = [name for name, loss in LOSSES.items() if loss.output in (None, "sigmoid")]
        controls = {
            "rate": NumberSlider(r"\alpha", xor().learning_rate, 0.1, 20, 0.1),
            "batch": toggles([("all four", 0), ("one", 1)], 0, "Examples in a step", "examples"),
            "speed": choice("speed", SPEEDS, value=10),
            "start": choice("weights", STARTS),
            "seed": whole("seed", 0, 0, 999),
            "units": whole("hidden units", 2, 1, 8),
            "activation": choice("activation", list(ACTIVATIONS), value="sigmoid"),
            "loss": choice("loss", fitting),
        }
        views = {"status": widgets.HTML(layout={"min_height": "76px"}), "picture": widgets.HTML()}
        message = message_line()
        children = [
            row(*self.buttons.values()),
            grid(*controls.values()),
            message,
            *views.values(),
        ]
        super().__init__("XOR learned live", controls, views, self._follow, children, message)

    def _follow(self, rate, batch, speed, **chosen):
        """The settings hold from now on; with other ones than rate and batch a new run begins."""
        if self.run:
            self.run.training.learning_rate, self.run.training.batch = rate, batch or None
        if chosen != self._chosen:
            names = ("start", "units", "activation", "seed")
            net = start(*(chosen[name] for name in names))
            if self.run and self.run.training.steps:
                self.before = self.run.curves()
            self.run = Run.of(net, chosen["loss"], rate, batch or None, chosen["seed"])
            self._chosen = chosen
        return training_view(self.run, self.before)

    def again(self) -> None:
        """A new run from the same weights, with what the controls say now."""
        self._chosen = None
        self.refresh()

    def other(self) -> None:
        """A new run from the next seed's weights."""
        self.controls["start"].value = "random"
        self.controls["seed"].set((int(self.controls["seed"].value) + 1) % 1000)

    def step(self) -> None:
        """One step; a run that plays is paused."""
        self.end()
        self._advance(1)
        self._show()

    def play(self) -> None:
        """Train in the background."""
        self.begin(self._play)

    def busy(self, working: bool) -> None:
        """The button says what it would do."""
        pause_or(self.buttons["play"], "Play", working)

    async def _play(self):
        going = True
        while going:
            begun = time.perf_counter()
            done, run = 0, self.run
            while going and run is self.run and done < self.controls["speed"].value:
                going = self._advance(min(_SLICE, self.controls["speed"].value - done))
                done += _SLICE
                await asyncio.sleep(0)
            self._show()
            await asyncio.sleep(max(0.01, begun + _FRAME - time.perf_counter()))

    def _advance(self, steps: int) -> bool:
        """So many steps; whether more may follow."""
        left = LONGEST - self.run.training.steps
        try:
            self.run.advance(min(steps, left))
        except Diverged as error:
            self._say(f"✗ {error}. Choose a smaller one, then Again from the same weights.")
            return False
        if left <= steps:
            self._say(f"{LONGEST:,} steps are done.")
        return left > steps

    def _show(self):
        for name, markup in training_view(self.run, self.before).items():
            self.views[name].value = markup


@of_cell
def xor_training() -> XorTraining:
    """XOR learned live, from LMU-8's weights or others. Source: LMU-8, summary."""
    return XorTraining()
