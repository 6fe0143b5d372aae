"""One step against the gradient on XOR: how long may it be?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.rounding import snap
from backprop_lab.core.training import Standing, standing, stepped
from backprop_lab.explore.xor_training import Task, task_of
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, computing, grid, message_line
from backprop_lab.page.program import Program
from backprop_lab.picture import axes, elements
from backprop_lab.picture.axes import Panel, Scale

LONGEST = 60.0
"""The longest step shown on XOR; beyond it the risk rises to 1/4."""

HIGHEST = 0.26
_PANEL = Panel(60, 940, 36, 240, Scale(0, LONGEST, False), Scale(0, HIGHEST, False))


def risk_after(at: Standing, rate: float, task: Task) -> float:
    """The empirical risk of XOR, one full step with that learning rate from there."""
    loss = LOSSES["half_squared_error"]
    return float(stepped(at, rate, None, task.X, task.Y, loss).risk)


def risk_view(values: Mapping[str, float], task: Task) -> dict[str, elements.Element]:
    """What `risk_after_a_step` shows."""
    rate = values["rate"]
    at = standing(task.layers, task.X, task.Y, LOSSES["half_squared_error"])
    slope = -float(sum([(d * d).sum() for d in [*at.dW, *at.db]]))
    before, after = snap(float(at.risk)), snap(risk_after(at, rate, task))
    words = f"{before:.4f} before, {after:.4f} after: it {'falls' if after < before else 'rises'}"
    if after == before:
        words = f"{before:.4f} before and after"
    curve = [(float(one), snap(risk_after(at, float(one), task))) for one in range(61)]
    tangent = [(0, before), (LONGEST, before + slope * LONGEST)]
    picture = elements.svg(
        "0 0 960 290",
        f"The empirical risk of XOR after one step with α = {rate:.4g}: {words}.",
        axes.frame(
            _PANEL,
            "empirical risk after one step",
            "α, the learning rate of this one step",
            axes.even(0, LONGEST, 6),
            axes.even(0, 0.25, 5),
        ),
        axes.inside(
            _PANEL,
            axes.line(_PANEL, "before", "faint", [(0, before), (LONGEST, before)]),
            axes.line(_PANEL, "risk", "forward solid", curve),
            axes.line(_PANEL, "tangent", "backward", tangent),
        ),
        axes.marks(_PANEL, "here", "chosen", [(rate, after)]),
        elements.text_at(_PANEL.left + 20, _PANEL.bottom - 16, words),
    )
    return {"picture": picture}


@of_cell
def risk_after_a_step(rate: float = 0.5) -> App:
    """XOR's empirical risk after one full step from LMU-8's weights, against its length."""
    controls = {"rate": NumberSlider(r"\alpha", rate, 0, LONGEST, 0.5)}
    program = Program(tuple(controls), partial(risk_view, task=task_of(xor())))
    page = computing(program, controls)
    view, message = page.view("picture"), message_line()
    children = [grid(*controls.values()), message, view]
    return App(
        "the risk after one step", controls, {"picture": view}, None, children, message, page
    )
