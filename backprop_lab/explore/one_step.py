"""One gradient step from the lecture's weights: what it does to each of the four XOR points."""

from __future__ import annotations

import ipywidgets as widgets

from backprop_lab.core.network import backward, forward, loss_for, step
from backprop_lab.explore.walkthrough import point_names
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, computing, grid, message_line, toggles
from backprop_lab.page.program import losses, step_program
from backprop_lab.picture.charts import changes, loss_bars


def losses_after_step(batch: bool, alpha: float) -> tuple[list[float], list[float]]:
    """The losses at the four XOR points and their mean, before and after one step.

    batch: a step on all four points, else on (1, 0) alone, from the lecture's weights.
    """
    lecture = xor()
    X, Y = (lecture.X, lecture.Y) if batch else (lecture.x, lecture.y)
    net = lecture.network
    new = step(net, backward(net, forward(net, X), Y, lecture.loss), alpha)
    loss = loss_for(net, lecture.loss)
    before, after = (losses(n.layers, lecture.X, lecture.Y, loss) for n in (net, new))
    return before, after


def one_step_view(batch: bool, alpha: float) -> dict[str, str]:
    """What `one_step` shows for these settings."""
    return {"bars": loss_bars(point_names(xor()))(changes(*losses_after_step(batch, alpha)))}


@of_cell
def one_step() -> App:
    """One gradient step from the lecture's weights: what it does to each of the four XOR points."""
    lecture = xor()
    batch = toggles(
        [("step on (1, 0)", False), ("full batch", True)], False, "What the step is for"
    )
    controls = {"batch": batch, "alpha": NumberSlider(r"\alpha", 0.5, 0.0, 5.0, 0.1)}
    one, points = (lecture.x, lecture.y), (lecture.X, lecture.Y)
    page = computing(step_program(lecture.network, one, points, lecture.loss), controls)
    bars, message = widgets.HTML(), message_line()
    return App(
        "one step and the four XOR points",
        controls,
        {"bars": bars},
        one_step_view,
        [grid(*controls.values()), message, bars],
        message,
        page,
    )
