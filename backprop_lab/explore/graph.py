"""CSC311's network and its computation graph, and the paths from a chosen weight to the loss."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import ipywidgets as widgets

from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.network import quantities
from backprop_lab.formulas import cost
from backprop_lab.formulas.notation import NOTATIONS, parameter
from backprop_lab.lectures import csc311
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, choice, computing, row
from backprop_lab.page.program import Program, Values
from backprop_lab.picture import elements, graphs
from backprop_lab.picture.labels import plain_label


def _numbers(weight: Key) -> dict[str, float]:
    """The derivative of a weight, and how many paths lead from it to the loss."""
    slope = quantities(csc311().run())[weight.gradient]
    return {"slope": float(slope), "paths": cost.paths(csc311().network.widths, 1 + weight.layer)}


def graph_view(weight: Key) -> dict[str, str]:
    """What `graph` shows of a weight: its paths, how many they are, and its derivative."""
    lecture, found = csc311(), _numbers(weight)
    widths = lecture.network.widths
    paths = elements.number("paths", found["paths"], 0)
    slope = elements.number("slope", found["slope"], 4)
    sentence = "Paths to the loss: ", paths, ". Derivative: ", slope, "."
    lit = graphs.path(widths, weight)
    drawn = (graphs.network, graphs.scalar)
    both = (graph_of(widths, lecture.notation).picture(lit, weight) for graph_of in drawn)
    return {"picture": elements.page(both), "sentence": elements.page(*sentence)}


def of_weight(values: Values, found) -> Values:
    """What is known of the chosen weight."""
    return found[values["weight"]]


def path_scene(values: Values, paths) -> Mapping:
    """The chosen weight, and the places on its paths."""
    weight = values["weight"]
    return {"held": [weight], "lit": paths[weight], "chosen": weight}


@of_cell
def graph(weight: str = "W^(1)_23") -> App:
    """CSC311's network and below it the computation graph: the paths from one weight or bias to the
    loss are lit in both.

    weight: its name in CSC311's notation. Source: CSC311, computation graph.
    """
    lecture = csc311()
    widths, style = lecture.network.widths, NOTATIONS[lecture.notation]
    keys = parameters(widths)
    options = [(plain_label(style.label(key, widths)), key) for key in keys]
    chosen = choice("weight", options, value=parameter(weight, widths, lecture.notation))
    controls = {"weight": chosen}
    paths = {key.name: [place.name for place in graphs.path(widths, key)] for key in keys}
    program = Program(
        ("weight",),
        partial(of_weight, found={key.name: _numbers(key) for key in keys}),
        scene=partial(path_scene, paths=paths),
    )
    picture, sentence = widgets.HTML(), widgets.HTML()
    return App(
        "the computation graph",
        controls,
        {"picture": picture, "sentence": sentence},
        graph_view,
        [row(chosen, sentence), picture],
        page=computing(program, controls),
    )
