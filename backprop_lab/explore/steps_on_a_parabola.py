"""Steps against the gradient on a parabola: how long may they be?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, computing, grid, message_line
from backprop_lab.page.program import Program
from backprop_lab.picture import axes, elements
from backprop_lab.picture.axes import Panel, Scale

STEPS = 6
_PARABOLA = Panel(50, 460, 36, 240, Scale(-2.6, 4.6, False), Scale(-0.2, 6.6, False))
_LOSSES = Panel(560, 940, 36, 240, Scale(-0.3, STEPS + 0.3, False), Scale(-6, 3, True))
_CURVE = [(w / 10, (1 - w / 10) ** 2 / 2) for w in range(-26, 47)]


def walk(rate: float) -> list[tuple[float, float]]:
    """w and L = ½(1 - w)² at w = 0 and after each of `STEPS` steps with that learning rate."""
    loss, w, found = LOSSES["half_squared_error"], 0.0, []
    for _ in range(STEPS + 1):
        here, y = np.array([[w]]), np.array([[1.0]])
        found.append((snap(w), snap(float(loss.total(here, y)))))
        w = w - rate * float(loss.slope(here, y)[0, 0])
    return found


def _verdict(rate: float) -> str:
    """What each step makes of the distance to the minimum: it is multiplied by 1 - α."""
    if rate == 1:
        return "one step to the minimum"
    if rate < 1:
        return "every step falls, on the same side"
    if rate < 2:
        return "every step falls, to the other side"
    return "to and fro, the loss stays" if rate == 2 else "every step rises"


def parabola_view(values: Mapping[str, float]) -> dict[str, elements.Element]:
    """What `steps_on_a_parabola` shows."""
    rate = values["rate"]
    found, verdict = walk(rate), _verdict(rate)
    losses = [(step, loss) for step, (_, loss) in enumerate(found)]
    numbers = ", ".join([f"{loss:.4g}" for _, loss in found])
    ticks = [axes.even(-2, 4, 6), axes.even(0, 6, 6)]
    steps = [(step, str(step)) for step in range(STEPS + 1)]
    level = [(-1, losses[0][1]), (STEPS + 1, losses[0][1])]
    picture = elements.svg(
        "0 0 960 290",
        f"Six steps on a parabola with α = {rate:.4g}: losses {numbers}.",
        axes.frame(_PARABOLA, "L = ½(1 - w)²", "w", *ticks),
        axes.inside(
            _PARABOLA,
            axes.line(_PARABOLA, "curve", "forward solid", _CURVE),
            axes.line(_PARABOLA, "walk", "backward", found),
            axes.marks(_PARABOLA, "places", "", found),
        ),
        axes.frame(_LOSSES, "the loss after each step", "steps", steps, axes.powers(_LOSSES.y)),
        axes.inside(
            _LOSSES,
            axes.line(_LOSSES, "level", "faint", level),
            axes.line(_LOSSES, "losses", "backward", losses),
            axes.marks(_LOSSES, "dots", "", losses),
        ),
        elements.text_at(_LOSSES.left + 12, _LOSSES.bottom - 12, verdict),
    )
    rows = [
        elements.row(
            elements.words(title),
            [
                elements.quantity(f"{name}_{t}", f"{pair[k]:.4g}", "td")
                for t, pair in enumerate(found)
            ],
        )
        for k, (title, name) in enumerate((("w", "w"), ("L", "loss")))
    ]
    return {"picture": picture, "numbers": elements.table(*rows)}


@of_cell
def steps_on_a_parabola(rate: float = 0.5) -> App:
    """Gradient descent on ½(1 - w)² from w = 0: the counterexample of "the loss is now lower"."""
    controls = {"rate": NumberSlider(r"\alpha", rate, 0, 2.6, 0.05)}
    page = computing(Program(tuple(controls), parabola_view), controls)
    views, message = {name: page.view(name) for name in ("picture", "numbers")}, message_line()
    children = [grid(*controls.values()), message, *views.values()]
    return App("steps on a parabola", controls, views, None, children, message, page)
