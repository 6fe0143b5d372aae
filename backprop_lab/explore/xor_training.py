"""XOR learned live: a run of gradient descent that can be watched, stopped and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import INITIALISATIONS, RawLayer, forward_pass
from backprop_lab.core.rounding import snap
from backprop_lab.core.training import (
    Standing,
    drawn,
    holds,
    norms,
    order,
    standing,
    stepped,
    twinned,
)
from backprop_lab.lectures import Lecture, xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    button,
    choice,
    computing,
    grid,
    message_line,
    row,
    toggles,
    whole,
)
from backprop_lab.page.program import Program, Work
from backprop_lab.picture import axes, elements, field, powers
from backprop_lab.picture.axes import Panel, Scale

LONGEST = 100_000
"""A run ends by itself after so many steps."""

SPEEDS = [(f"{n:,} a picture", n) for n in (1, 10, 100, 1000)]
STARTS = [("the lecture's", "lecture"), ("random", "random"), ("twin units", "twins")]


class Task(NamedTuple):
    """What is learned, (4, 2) and (4, 1), and the lecture's layers."""

    X: np.ndarray
    Y: np.ndarray
    layers: Sequence[RawLayer]


def task_of(lecture: Lecture) -> Task:
    """What a lecture's network learns."""
    layers = [RawLayer(each.W, each.b, each.activation) for each in lecture.network.layers]
    return Task(lecture.X, lecture.Y, layers)


class Run(NamedTuple):
    """A run: where it stands, after so many steps. points: rows of step, risk and the norms by
    layer, few, at steps that do not depend on how often it is looked at; before: those of the run
    before; left, epoch: the order of single examples; failed: the step that overflowed, or 0."""

    at: Standing
    steps: int
    points: Sequence[Sequence[float]]
    before: Sequence[Sequence[float]]
    left: Sequence[int]
    epoch: int
    failed: int
    done: bool


# --- the run --------------------------------------------------------------------------------------


def start(kind: str, units: int, activation: str, seed: int, lecture) -> list[RawLayer]:
    """The layers that a run starts from: 2 inputs, so many hidden units, one sigmoid output.

    kind: "lecture" (LMU-8's weights, for two hidden units), "random", drawn by the seed, or
    "twins": random, but the second hidden unit is made like the first. Raises ValueError for a
    number of units that the kind cannot have.
    """
    if kind == "lecture":
        if units != 2:
            raise ValueError(f"hidden units: got {units}; the lecture's weights are for 2")
        first, last = lecture
        return [RawLayer(first.W, first.b, activation), last]
    if kind == "twins" and units < 2:
        raise ValueError(f"hidden units: got {units}; twins take at least 2")
    layers = drawn([2, units, 1], activation, "sigmoid", INITIALISATIONS["normal"], seed)
    return twinned(layers) if kind == "twins" else layers


def begun(values: Mapping, before: Run | None, task: Task) -> Run:
    """A run at its start; the curves of the last one that had any steps stay."""
    kind, units, activation = values["start"], int(values["units"]), values["activation"]
    layers = start(kind, units, activation, int(values["seed"]), task.layers)
    with np.errstate(over="ignore", invalid="ignore"):
        at = standing(layers, task.X, task.Y, LOSSES[values["loss"]])
    kept = []
    if before:
        kept = curves(before) if before.steps else before.before
    return Run(at, 0, [point(0, at)], kept, [], -1, 0, False)


def point(step: int, at: Standing) -> list[float]:
    """What the curves show of a step."""
    return [step, float(at.risk), *norms(at)]


def curves(run: Run) -> list:
    """Rows of step, risk and the norms by layer, up to now."""
    return [*run.points, point(run.steps, run.at)]


def advanced(values: Mapping, run: Run, task: Task) -> Run:
    """The run so many steps later as the speed says, at most to where it overflows."""
    at, step, points = run.at, run.steps, [*run.points]
    left, epoch, failed = run.left, run.epoch, 0
    loss, single = LOSSES[values["loss"]], values["batch"] == 1
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(min(values["speed"], LONGEST - step)):
            few = None
            if single:
                if not left:
                    epoch += 1
                    left = order(int(values["seed"]), epoch, len(task.X))
                k, left = left[0], left[1:]
                few = standing(at.layers, task.X[k : k + 1], task.Y[k : k + 1], loss)
            to = stepped(at, values["rate"], few, task.X, task.Y, loss)
            if not holds(to):
                failed = step + 1
                break
            at, step = to, step + 1
            if step >= max(points[-1][0] + 1, round(1.02 * points[-1][0])):
                points.append(point(step, at))
    done = failed > 0 or step >= LONGEST
    return Run(at, step, points, run.before, left, epoch, failed, done)


# --- the picture ----------------------------------------------------------------------------------

PLANE = Scale(-0.4, 1.4, False)
"""Both inputs of the plane in which the answers are shown."""

CELLS = 40
LEVELS = [k / field.SHADES for k in range(1, field.SHADES)]
DECADES = ((-5, 1), (-8, 2), (-10, 10), (-300, 308))
"""The ranges of the logarithmic axes, in powers of ten."""

_CORNERS = [(0, "0"), (1, "1")]


@lru_cache(maxsize=1)
def _places() -> np.ndarray:
    """The middles of the plane's cells, row by row from below."""
    step = (PLANE.high - PLANE.low) / CELLS
    along = [PLANE.low + step * (k + 0.5) for k in range(CELLS)]
    return np.array([[x1, x2] for x2 in along for x1 in along])


def nice(steps: int) -> int:
    """The end of an axis of so many steps: the next of 100, 200, 500, 1000 …, so that it jumps
    rarely."""
    return min([n * 10**k for k in range(2, 6) for n in (1, 2, 5) if n * 10**k >= steps])


def training_view(values: Mapping, task: Task) -> dict[str, elements.Element]:
    """What `xor_training` shows of a run."""
    run = values["work"]
    rows = curves(run)
    end = nice(max([rows[-1][0], *[each[0] for each in run.before[-1:]]]))
    sizes = [each[1:] for each in rows]
    y = powers.decades([*sizes, *[each[1:2] for each in run.before]], DECADES)
    along = Scale(0, end, False)
    risk, slopes = Panel(350, 620, 36, 276, along, y), Panel(680, 930, 36, 276, along, y)
    ticks = [(0, "0"), (end / 2, f"{end // 2:,}"), (end, f"{end:,}")]
    said = f"After {run.steps} steps the empirical risk is {_risk(run)}."
    picture = elements.svg(
        "0 0 960 320",
        said,
        _plane(run.at.layers, task),
        axes.frame(risk, "empirical risk", "steps", ticks, axes.powers(y)),
        axes.line(risk, "risk_before", "faint", [(each[0], each[1]) for each in run.before]),
        axes.line(risk, "risk", "forward solid", [(each[0], each[1]) for each in rows]),
        axes.legend(risk, [("faint", "the run before")]) if run.before else [],
        axes.frame(slopes, "norm of ∂R/∂W, by layer", "steps", ticks, axes.powers(y)),
        axes.line(slopes, "norm_1", "backward", [(each[0], each[3]) for each in rows]),
        axes.line(slopes, "norm_0", "backward dashed", [(each[0], each[2]) for each in rows]),
        axes.legend(slopes, [("backward", "output layer"), ("backward dashed", "hidden layer")]),
    )
    return {"status": _status(run, task), "picture": picture}


def _risk(run: Run) -> str:
    value = snap(float(run.at.risk))
    return f"{value:.6f}" if value < 1e6 else f"{value:.4g}"


def _quietly(layers, x):
    """The activations; a run's last state may overflow away from its examples."""
    with np.errstate(over="ignore", invalid="ignore"):
        _, z_out = forward_pass(layers, x)
    return z_out


def _plane(layers, task: Task) -> list:
    panel = Panel(40, 280, 36, 276, PLANE, PLANE)
    z_out = _quietly(layers, _places())
    answers = [round(snap(f), 6) for f in z_out[-1][:, 0].tolist()]
    rows = [answers[k * CELLS : (k + 1) * CELLS] for k in range(CELLS)]
    shown = [
        field.shades(panel, rows, LEVELS),
        field.contour(panel, "half", rows, 0.5),
        axes.frame(panel, "the answer f (▲ y = 1, ● y = 0)", "x₁", _CORNERS, _CORNERS),
        elements.text_at(panel.left - 8, panel.top - 14, "x₂", css="faint", text_anchor="end"),
    ]
    for k in range(len(task.X)):
        x, y = axes.x_of(panel, task.X[k, 0]), axes.y_of(panel, task.X[k, 1])
        shape = f"M{x:.1f} {y - 9:.1f}l9 16h-18z"
        if task.Y[k, 0] == 0:
            shape = f"M{x - 7:.1f} {y:.1f}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z"
        shown.append(elements.el("path", class_="example", d=shape))
    return shown


def _status(run: Run, task: Task) -> elements.Element:
    z_out = _quietly(run.at.layers, task.X)
    outputs, cells, count = snap(z_out[-1][:, 0]), [], 0
    for k in range(len(task.X)):
        y, f = task.Y[k, 0], outputs[k]
        right = (f > 0.5) == (y > 0.5)
        count += 1 if right else 0
        place = f"({task.X[k, 0]:.3g}, {task.X[k, 1]:.3g}): "
        answer = elements.number(f"f_{k}", f, css="forward")
        cells.append(elements.el("span", place, answer, f" for {y:.3g} {'✓' if right else '✗'}"))
    W = run.at.layers[0].W
    alike = W.shape[1] > 1 and all(snap(W[:, 0]) == snap(W[:, 1]))
    said = f", {count} of 4 on the right side of ½"
    if alike:
        said += "; the first two hidden units are twins"
    steps = elements.quantity("steps", f"{run.steps:,}")
    risk = elements.quantity("risk", _risk(run))
    ended = ""
    if run.failed:
        ended = (
            f"✗ The loss has overflowed at step {run.failed}: the learning rate is too large. "
            "Choose a smaller one, then Again from the same weights."
        )
    elif run.done:
        ended = f"{LONGEST:,} steps are done."
    return elements.el(
        "div",
        elements.el("p", "step ", steps, ", empirical risk ", risk, said),
        elements.el("div", elements.el("span", "answers"), *cells, class_="cards"),
        elements.el("p", ended, class_="backward", role="status"),
    )


# --- the app --------------------------------------------------------------------------------------


@of_cell
def xor_training() -> App:
    """XOR learned live, from LMU-8's weights or others: a run plays on while rate, speed and batch
    move; anything else begins another one, and the old curve stays. Source: LMU-8, summary."""
    lecture = xor()
    task = task_of(lecture)
    fitting = [name for name, loss in LOSSES.items() if loss.output in (None, "sigmoid")]
    controls = {
        "rate": NumberSlider(r"\alpha", lecture.learning_rate, 0.1, 20, 0.1),
        "batch": toggles([("all four", 0), ("one", 1)], 0, "Examples in a step", "examples"),
        "speed": choice("speed", SPEEDS, value=10),
        "start": choice("weights", STARTS),
        "seed": whole("seed", 0, 0, 999),
        "units": whole("hidden units", 2, 1, 8),
        "activation": choice("activation", list(ACTIVATIONS), value="sigmoid"),
        "loss": choice("loss", fitting),
    }
    anew = ("start", "seed", "units", "activation", "loss")
    work = Work(partial(begun, task=task), partial(advanced, task=task), anew, waits=True)
    page = computing(
        Program(tuple(controls), partial(training_view, task=task), work=work), controls
    )
    views = {name: page.view(name) for name in ("status", "picture")}
    views["status"].layout.min_height = "100px"
    message = message_line()
    buttons = elements.page(
        button("play", "▶ Play", "Train, or pause", class_="work"),
        button("step", "Step", "One step"),
        button("again", "Again from the same weights", "The curve stays, to compare with"),
    )
    children = [
        row(widgets.HTML(buttons)), grid(*controls.values()), message, *views.values()
    ]  # fmt: skip
    return App("XOR learned live", controls, views, None, children, message, page)
