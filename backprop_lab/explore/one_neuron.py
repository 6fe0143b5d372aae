"""One neuron: its loss against its weight, with the tangent where the weight stands."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, raw_pass
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, computing, grid, message_line
from backprop_lab.page.program import Program, Values
from backprop_lab.picture.charts import CURVE_POINTS, Axes, loss_curve

_AXES = Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
_X, _Y = [1.5], [1.0]


def neuron_values(values: Values) -> Values:
    """What the neuron's activation, its loss and the slope of that are, by w and b."""
    layer = RawLayer(np.array([[values["w"]]]), np.array([values["b"]]), "sigmoid")
    g = raw_pass([layer], np.array(_X), np.array(_Y), LOSSES["half_squared_error"])
    return {"z_out": g.forward.z_out[0][0], "loss": g.loss, "slope": g.dW[0][0, 0]}


def one_neuron_view(w: float, b: float) -> dict[str, str]:
    """What `one_neuron` shows for these settings."""
    places = np.linspace(*_AXES.x, CURVE_POINTS)
    curve = [(at, neuron_values({"w": at, "b": b})["loss"]) for at in places]
    shown = {"w": w, **neuron_values({"w": w, "b": b})}
    return {"picture": loss_curve(_AXES, curve, "w")(shown)}


@of_cell
def one_neuron(w: float = -2.0, b: float = 0.0) -> App:
    """One sigmoid neuron, x = 1.5, y = 1: its loss against w, with the tangent where w stands."""
    controls = {
        "w": NumberSlider("w", w, *_AXES.x, 0.05),
        "b": NumberSlider("b", b, -3.0, 3.0, 0.05),
    }
    page = computing(Program(("w", "b"), neuron_values), controls)
    picture, message = widgets.HTML(), message_line()
    return App(
        "one neuron: loss against w, and its tangent",
        controls,
        {"picture": picture},
        one_neuron_view,
        [grid(*controls.values()), message, picture],
        message,
        page,
    )
