"""One step against the gradient: how long may it be?"""

from __future__ import annotations

from functools import cache

import ipywidgets as widgets
import numpy as np

from backprop_lab import draw
from backprop_lab.cell import of_cell
from backprop_lab.explore.controls import App, NumberSlider, grid
from backprop_lab.functions import LOSSES
from backprop_lab.lectures import xor
from backprop_lab.network import backward, forward, step
from backprop_lab.plots import descent
from backprop_lab.rounding import snap

STEPS = 6


def walk(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """w and L = ½(1 - w)² at w = 0 and after each of `STEPS` steps with that learning rate."""
    loss, w = LOSSES["half_squared_error"], [0.0]
    for _ in range(STEPS):
        w.append(w[-1] - rate * float(loss.slope([w[-1]], [1.0])[0]))
    return snap(w), snap([loss([place], [1.0]) for place in w])


def _verdict(rate: float) -> str:
    """What each step makes of the distance to the minimum: it is multiplied by 1 - α."""
    if rate == 1:
        return "one step to the minimum"
    if rate < 1:
        return "every step falls, on the same side"
    if rate < 2:
        return "every step falls, to the other side"
    return "to and fro, the loss stays" if rate == 2 else "every step rises"


def parabola_view(rate: float) -> dict[str, str]:
    """What `steps_on_a_parabola` shows."""
    w, losses = walk(rate)
    numbers = ", ".join(f"{value:.4g}" for value in losses)
    steps = np.arange(STEPS + 1)
    picture = descent.parabola()(
        f"Six steps on a parabola with α = {rate:g}: losses {numbers}.",
        walk=np.c_[w, losses], places=descent.dots(w, losses),
        losses=np.c_[steps, losses], dots=descent.dots(steps, losses),
        level=np.array([[-1, losses[0]], [STEPS + 1, losses[0]]]), verdict=_verdict(rate),
    )  # fmt: skip
    cells = "".join(f'<td class="n" data-q="loss_{t}">{x:.4g}</td>' for t, x in enumerate(losses))
    places = "".join(f'<td class="n" data-q="w_{t}">{x:.4g}</td>' for t, x in enumerate(w))
    return {
        "picture": draw.page(picture),
        "numbers": draw.page(
            f'<table class="numbers"><tr><td class="words">w</td>{places}</tr>'
            f'<tr><td class="words">L</td>{cells}</tr></table>'
        ),
    }


@of_cell
def steps_on_a_parabola(rate: float = 0.5) -> App:
    """Gradient descent on ½(1 - w)² from w = 0: the counterexample of "the loss is now lower"."""
    alpha = NumberSlider(r"\alpha", rate, 0, 2.6, 0.05)
    views = {"picture": widgets.HTML(), "numbers": widgets.HTML()}
    return App(
        "steps on a parabola", {"rate": alpha}, views, parabola_view, [grid(alpha), *views.values()]
    )


# --- the same on XOR ------------------------------------------------------------------------------

LONGEST = 60.0
"""The longest step shown on XOR; beyond it the risk rises to 1/4."""


@cache
def _start():
    """LMU-8's network and the gradient of the empirical risk there."""
    lecture = xor()
    net = lecture.network
    return net, backward(net, forward(net, lecture.X), lecture.Y, lecture.loss)


@cache
def risk_after(rate: float) -> float:
    """The empirical risk of XOR, one full step with that learning rate from LMU-8's weights."""
    net, g = _start()
    moved = step(net, g, rate)
    return backward(moved, forward(moved, g.forward.x), g.y, g.loss_name).loss


def _curve():
    rates = np.linspace(0, LONGEST, 61)
    return np.c_[rates, [risk_after(rate) for rate in rates]]


def risk_view(rate: float) -> dict[str, str]:
    """What `risk_after_a_step` shows."""
    _, g = _start()
    slope = -sum(float((d**2).sum()) for d in (*g.dW, *g.db))
    before, after = snap(g.loss), snap(risk_after(rate))
    words = f"{before:.4f} before, {after:.4f} after: it {'falls' if after < before else 'rises'}"
    if after == before:
        words = f"{before:.4f} before and after"
    picture = descent.along_the_gradient(LONGEST, 0.26)(
        f"The empirical risk of XOR after one step with α = {rate:g}: {words}.",
        before=np.array([[0, before], [LONGEST, before]]), risk=_curve(),
        tangent=np.array([[0, before], [LONGEST, before + slope * LONGEST]]),
        here=descent.dots([rate], [after]), said=words,
    )  # fmt: skip
    return {"picture": draw.page(picture)}


@of_cell
def risk_after_a_step(rate: float = 0.5) -> App:
    """XOR's empirical risk after one full step from LMU-8's weights, against its length."""
    alpha = NumberSlider(r"\alpha", rate, 0, LONGEST, 0.5)
    view = widgets.HTML()
    return App(
        "the risk after one step",
        {"rate": alpha},
        {"picture": view},
        risk_view,
        [grid(alpha), view],
    )
