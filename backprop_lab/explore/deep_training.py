"""Two deep networks, of sigmoids and of ReLUs, learn the same penguins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import INITIALISATIONS, forward_pass
from backprop_lab.core.rounding import snap
from backprop_lab.core.training import Standing, drawn, holds, norms, standing, stepped
from backprop_lab.data.palmer import measured, standardised
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    button,
    computing,
    grid,
    message_line,
    row,
    whole,
)
from backprop_lab.page.program import Program, Work
from backprop_lab.picture import axes, elements, powers
from backprop_lab.picture.axes import Panel, Scale

WIDTH, STEPS = 16, 400
INITS = {"sigmoid": "glorot_normal", "relu": "he_normal"}
"""The activations, each with the initialisation that is made for it."""

LOSS = "softmax_cross_entropy"
CSS = {"sigmoid": "backward", "relu": "forward"}


class Learner(NamedTuple):
    """One of the two networks: where it stands, its risks and the norms by layer at the start."""

    at: Standing
    risks: Sequence[float]
    first: Sequence[float]


class Both(NamedTuple):
    """Both runs by activation, after so many steps; failed: the activation of the one that left the
    range of floating point in the step after these."""

    runs: Mapping[str, Learner]
    steps: int
    failed: str
    done: bool


# --- the runs -------------------------------------------------------------------------------------


def begun(values: Mapping, before: Both | None, rows) -> Both:
    """Both runs at their start: `depth` hidden layers of `WIDTH` units, softmax cross-entropy."""
    X, y = standardised(rows)
    widths = [X.shape[1], *[WIDTH for _ in range(int(values["depth"]))], y.shape[1]]
    runs = {}
    for name, init in INITS.items():
        layers = drawn(widths, name, "identity", INITIALISATIONS[init], 0)
        at = standing(layers, X, y, LOSSES[LOSS])
        runs[name] = Learner(at, [float(at.risk)], norms(at))
    return Both(runs, 0, "", False)


def advanced(values: Mapping, both: Both, rows) -> Both:
    """Both runs one step later."""
    X, y = standardised(rows)
    runs = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for name, run in both.runs.items():
            to = stepped(run.at, values["rate"], None, X, y, LOSSES[LOSS])
            if not holds(to):
                return Both(both.runs, both.steps, name, True)
            runs[name] = Learner(to, [*run.risks, float(to.risk)], run.first)
    return Both(runs, both.steps + 1, "", both.steps + 1 == STEPS)


# --- the picture ----------------------------------------------------------------------------------


def guessing(y) -> float:
    """The risk of the best constant answer: the entropy of the species' shares."""
    shares = y.mean(axis=0)
    return -float((shares * np.log(shares)).sum())


def learning_view(values: Mapping, rows) -> dict[str, elements.Element]:
    """What `deep_training` shows."""
    both = values["work"]
    X, y = standardised(rows)
    count = len(both.runs["relu"].first)
    slopes = {name: norms(run.at) for name, run in both.runs.items()}
    scale = powers.decades([*slopes.values(), *[run.first for run in both.runs.values()]])
    losses = Panel(60, 440, 36, 250, Scale(0, STEPS, False), Scale(0, 1.5, False))
    sizes = powers.by_layer(540, 940, 250, powers.end(count), scale)
    taken = f"step {both.steps} of {STEPS}"
    ticks = [axes.even(0, STEPS, 4), axes.even(0, 1.5, 3)]
    drawn_parts = [
        axes.frame(losses, "empirical risk", "steps", *ticks),
        axes.line(losses, "guess", "faint", [(0, guessing(y)), (STEPS, guessing(y))]),
        powers.frame(sizes, "norm of ∂R/∂W"),
    ]
    told = []
    for name, run in both.runs.items():
        css, now = CSS[name], slopes[name]
        risks = [(step, snap(risk)) for step, risk in enumerate(run.risks)]
        drawn_parts.append(axes.line(losses, f"risk_{name}", f"{css} solid", risks))
        dashed = f"{css} dotted"
        drawn_parts.append(axes.line(sizes, f"start_{name}", dashed, powers.layers(run.first)))
        drawn_parts.append(axes.line(sizes, f"norms_{name}", f"{css} solid", powers.layers(now)))
        right = f"{100 * _right(run.at.layers, X, y):.1f} %"
        small, large = f"{snap(now[0]):.2g}", f"{snap(now[-1]):.2g}"
        risk = elements.number(f"risk_{name}", run.risks[-1])
        told.append(elements.row(elements.words(name), risk, right, small, large))
    signs = [("backward", "sigmoid"), ("forward solid", "relu"), ("faint", "guessing by shares")]
    drawn_parts.append(axes.legend(losses, signs))
    drawn_parts.append(axes.legend(sizes, [("faint dotted", "dotted: at the start")]))
    titles = ("activation", "empirical risk", "right", "‖∂R/∂W‖, first layer", "last layer")
    failed = (
        f"✗ {both.failed}: the loss has overflowed at step {both.steps + 1}. Choose a smaller "
        "learning rate, then From the start."
    )
    return {
        "numbers": elements.el(
            "div",
            elements.el("p", taken),
            elements.table(elements.heads(*titles), *told),
            elements.el("p", failed if both.failed else "", class_="backward", role="status"),
        ),
        "picture": elements.svg(
            "0 0 960 300", f"Two networks of {count} layers, {taken}.", drawn_parts
        ),
    }


def _right(layers, X, y) -> float:
    """The share of right answers: the largest output is the species'."""
    _, z_out = forward_pass(layers, X)
    answers = snap(z_out[-1])
    best = np.max(answers, axis=-1, keepdims=True)
    return float((np.where(answers == best, 1.0, 0.0) * y).sum() / len(y))


# --- the app --------------------------------------------------------------------------------------


@of_cell
def deep_training(depth: int = 8) -> App:
    """A deep sigmoid and a deep ReLU network, trained on the Palmer penguins; another depth begins
    anew."""
    controls = {
        "depth": whole("hidden layers", depth, 1, 12),
        "rate": NumberSlider(r"\alpha", 0.05, 0.01, 0.5, 0.01),
    }
    rows = measured()
    work = Work(partial(begun, rows=rows), partial(advanced, rows=rows), ("depth",), waits=True)
    program = Program(tuple(controls), partial(learning_view, rows=rows), work=work)
    page = computing(program, controls)
    views = {name: page.view(name) for name in ("numbers", "picture")}
    views["numbers"].layout.min_height = "170px"
    message = message_line()
    buttons = elements.page(
        button("play", "▶ Play", "Train both, or pause", class_="work"),
        button("step", "Step", "One step of both"),
        button("again", "From the start", "Untrained again"),
    )
    children = [
        row(widgets.HTML(buttons)), grid(*controls.values()), message, *views.values()
    ]  # fmt: skip
    return App("two deep networks learn", controls, views, None, children, message, page)
