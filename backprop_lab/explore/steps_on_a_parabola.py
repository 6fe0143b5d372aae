"""Steps against the gradient on a parabola: how long may they be?"""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, grid
from backprop_lab.picture import elements
from backprop_lab.picture.plots import descent

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
    rows = (
        elements.row(
            elements.words(title),
            *(elements.quantity(f"{name}_{t}", f"{x:.4g}", "td") for t, x in enumerate(values)),
        )
        for title, name, values in (("w", "w", w), ("L", "loss", losses))
    )
    return {"picture": elements.page(picture), "numbers": elements.page(elements.table(*rows))}


@of_cell
def steps_on_a_parabola(rate: float = 0.5) -> App:
    """Gradient descent on ½(1 - w)² from w = 0: the counterexample of "the loss is now lower"."""
    alpha = NumberSlider(r"\alpha", rate, 0, 2.6, 0.05)
    views = {"picture": widgets.HTML(), "numbers": widgets.HTML()}
    return App(
        "steps on a parabola", {"rate": alpha}, views, parabola_view, [grid(alpha), *views.values()]
    )
