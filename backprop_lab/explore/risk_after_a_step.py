"""One step against the gradient on XOR: how long may it be?"""

from __future__ import annotations

from functools import cache

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.network import backward, forward, step
from backprop_lab.core.rounding import snap
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, grid
from backprop_lab.picture import elements
from backprop_lab.picture.plots import descent

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
    return {"picture": elements.page(picture)}


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
