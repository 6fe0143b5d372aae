"""CSC311's network and its computation graph, and the paths from a chosen weight to the loss."""

from __future__ import annotations

import ipywidgets as widgets

from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.network import quantities
from backprop_lab.formulas import cost
from backprop_lab.formulas.notation import NOTATIONS, parameter
from backprop_lab.lectures import csc311
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, choice, row
from backprop_lab.page.live import Light, Live, Row
from backprop_lab.page.program import NOTHING
from backprop_lab.picture import elements, graphs
from backprop_lab.picture.labels import plain_label


def _pass():
    g = csc311().run()
    return csc311(), quantities(g)


def _slope(values, key: Key) -> float:
    return float(values[key.gradient])


def graph_view(weight: Key) -> dict[str, str]:
    """What `graph` shows of a weight: its paths, how many they are, and its derivative."""
    lecture, values = _pass()
    widths = lecture.network.widths
    count = cost.paths(widths, 1 + weight.layer)
    paths = elements.number("paths", count, 0)
    slope = elements.number("slope", _slope(values, weight), 4)
    sentence = "Paths to the loss: ", paths, ". Derivative: ", slope, "."
    lit = graphs.path(widths, weight)
    drawn = (graphs.network, graphs.scalar)
    both = (graph_of(widths, lecture.notation).picture(lit, weight) for graph_of in drawn)
    return {"picture": elements.page(both), "sentence": elements.page(*sentence)}


@of_cell
def graph(weight: str = "W^(1)_23") -> App:
    """CSC311's network and below it the computation graph: the paths from one weight or bias to the
    loss are lit in both.

    weight: its name in CSC311's notation. Source: CSC311, computation graph.
    """
    lecture, values = _pass()
    widths, style = lecture.network.widths, NOTATIONS[lecture.notation]
    keys = parameters(widths)
    options = [(plain_label(style.label(key, widths)), key) for key in keys]
    chosen = choice("weight", options, value=parameter(weight, widths, lecture.notation))
    rows, lights = [], []
    for key in keys:
        inputs = {"slope": _slope(values, key), "paths": float(cost.paths(widths, 1 + key.layer))}
        rows.append(Row(inputs, (key.name,)))
        places = tuple(place.name for place in graphs.path(widths, key))
        lights.append(Light((key.name,), places, key.name))
    page = Live(
        NOTHING,
        {},
        {"weight": (chosen.index, rows)},
        lights=lights,
    )
    picture, sentence = widgets.HTML(), widgets.HTML()
    return App(
        "the computation graph",
        {"weight": chosen},
        {"picture": picture, "sentence": sentence},
        graph_view,
        [row(chosen, sentence), picture],
        page=page,
    )
