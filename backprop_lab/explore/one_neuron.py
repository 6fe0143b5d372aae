"""One neuron: its loss against its weight, with the tangent where the weight stands."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import sympy as sp

from backprop_lab.core.network import Layer, Network, backward, forward
from backprop_lab.formulas.check import loss_of
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, grid, message_line
from backprop_lab.page.live import Live
from backprop_lab.page.program import program
from backprop_lab.picture.charts import CURVE_POINTS, Axes, loss_curve

_AXES = Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
_X, _Y = 1.5, [1.0]


def _neuron(w, b) -> Network:
    return Network([Layer([[w]], [b], "sigmoid")])


def _quantities(w, b) -> dict[str, object]:
    """What the picture names, of numbers or of symbols."""
    net = _neuron(w, b)
    f = forward(net, [_X])
    g = backward(net, f, _Y)
    return {"w": w, "z_out": f.output[0], "loss": g.loss, "slope": g.dW[0][0, 0]}


def one_neuron_view(w: float, b: float) -> dict[str, str]:
    """What `one_neuron` shows for these settings."""
    places = np.linspace(*_AXES.x, CURVE_POINTS)
    curve = [(at, float(loss_of(_neuron(at, b), [_X], _Y))) for at in places]
    shown = {name: float(value) for name, value in _quantities(w, b).items()}
    return {"picture": loss_curve(_AXES, curve, "w")(shown)}


@of_cell
def one_neuron(w: float = -2.0, b: float = 0.0) -> App:
    """One sigmoid neuron, x = 1.5, y = 1: its loss against w, with the tangent where w stands."""
    controls = {
        "w": NumberSlider("w", w, *_AXES.x, 0.05),
        "b": NumberSlider("b", b, -3.0, 3.0, 0.05),
    }
    found = _quantities(*sp.symbols("w b", real=True))
    page = Live(
        program({name: found[name] for name in ("z_out", "loss", "slope")}),
        {name: control.for_page() for name, control in controls.items()},
    )
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
