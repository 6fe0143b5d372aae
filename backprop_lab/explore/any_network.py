"""A network of any depth and width: every unit's numbers, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import named
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import INITIALISATIONS, entries, raw_pass
from backprop_lab.core.training import drawn
from backprop_lab.formulas.cost import size
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, computing, grid, message_line
from backprop_lab.page.program import Program
from backprop_lab.picture import elements
from backprop_lab.picture.tables import layers_table

HIDDEN = ((2,), (3,), (4, 4), (8, 8, 8), (4,) * 8, (16, 16), (32, 32))
"""The hidden layers to choose from."""
SEEDS = 3


def network_view(values: Mapping) -> dict[str, elements.Element]:
    """What `any_network` shows: of the hidden layers' units and activation, the draw of the
    weights, the inputs and the target."""
    widths = [2, *values["hidden"], 1]
    init = INITIALISATIONS["glorot_uniform"]
    layers = drawn(widths, values["activation"], "sigmoid", init, values["seed"])
    x, y = np.array([values["x_0"], values["x_1"]]), np.array([values["y_0"]])
    g = raw_pass(layers, x, y, LOSSES["half_squared_error"])
    now = {key.name: value for key, value in entries(g.forward, g)}
    said = elements.el("p", f"{size(widths):,} parameters")
    return {"layers": elements.el("div", said, layers_table(widths, now))}


@of_cell
def any_network(hidden: Sequence[int] = (3,), activation: str = "tanh") -> App:
    """A network with two inputs and one sigmoid output: every unit's numbers, layer by layer.

    hidden: the units of its hidden layers, one of `HIDDEN`; activation: theirs.
    """
    named(ACTIVATIONS, activation, "activation")
    if tuple(hidden) not in HIDDEN:
        raise ValueError(f"hidden: got {hidden!r}; expected one of {', '.join(map(str, HIDDEN))}")
    shapes = [(" - ".join(map(str, (2, *units, 1))), units) for units in HIDDEN]
    lists = {
        "hidden": choice("network", shapes, value=tuple(hidden)),
        "activation": choice("activation", list(ACTIVATIONS), value=activation),
        "seed": choice("weights", [(f"draw {k + 1}", k) for k in range(SEEDS)], value=0),
    }
    numbers = {
        "x_0": NumberSlider("x_{1}", 1.0, -3.0, 3.0, 0.05),
        "x_1": NumberSlider("x_{2}", 0.0, -3.0, 3.0, 0.05),
        "y_0": NumberSlider("y", 1.0, 0.0, 1.0, 0.05),
    }
    controls = {**lists, **numbers}
    page = computing(Program(tuple(controls), network_view), controls)
    layers, message = page.view("layers"), message_line()
    return App(
        "a network of any depth and width", controls, {"layers": layers}, None,
        [grid(*controls.values()), message, layers], message, page,
    )  # fmt: skip
