"""The notation switch: one network in the letters, index order and layout of each lecture."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import ipywidgets as widgets

from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import xor
from backprop_lab.lectures.conventions import CONVENTIONS, names
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, choice, computing, row, toggles
from backprop_lab.page.program import Program, Values, constant
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.labels import html_label, plain_label

EQUATIONS = ("pre-activation", "output error signal", "recursion", "weight gradient",
             "bias gradient")  # fmt: skip
"""The rows of the dictionary that are an algorithm."""


def notation_view(notation: str, weight: Key) -> dict[str, str]:
    """What `notation_switch` shows: each lecture's variant in one place, one of them shown."""
    net, values = xor().network, _values()
    scene = diagram.Scene.of(notation_scene({"notation": notation, "weight": weight.name}))

    held = scene.held

    def stack(variant):
        shown = (elements.el("div", variant(n), **elements.when(n, held)) for n in CONVENTIONS)
        return elements.page(elements.el("div", *shown, class_="stack"))

    def picture(name):
        return diagram.network(net.widths, name, True, scene)(named_values(values))

    return {
        "network": stack(picture),
        "formulas": stack(_formulas),
        "matrix": stack(lambda name: _matrix(name, values, weight, net.widths)),
        "names": _names(weight, net.widths),
    }


def notation_scene(values: Values) -> Mapping:
    """The lecture's variant, and the chosen weight."""
    notation, weight = values["notation"], values["weight"]
    return {"held": [notation, weight, "backward"], "chosen": weight}


def _values():
    """Every number that is shown: the same in all notations."""
    g = xor().run()
    return quantities(g)


def _formulas(name):
    equations = ((title, CONVENTIONS[name].formulas[title]) for title in EQUATIONS)
    return elements.table(*(elements.row(*map(elements.words, each)) for each in equations))


def _matrix(name, values, weight, widths):
    """The first layer's weights as the lecture lays them out; the chosen one is marked."""

    def cell(key):
        chosen = " chosen" * (key == weight)
        quantity = key.name
        label = html_label(NOTATIONS[name].label(key, widths))
        shown = label, " = ", elements.number(quantity, values[key])
        return elements.el("td", *shown, class_=f"words{chosen}", data_weight=quantity)

    found = CONVENTIONS[name]
    rows = (elements.row(*map(cell, keys)) for keys in found.entries(0, widths))
    layout = "units × inputs" if found.transposed else "inputs × units"
    return f"The first weight matrix, {layout}:", elements.table(*rows)


def _names(weight, widths):
    """What each lecture calls a weight, for every weight: that of the chosen one is shown."""

    def line(key):
        called = ((f"{name} ", html_label(label)) for name, label in names(key, widths).items())
        shown = elements.when(key.name, {weight.name})
        return elements.el("div", "One weight: ", *elements.joined(", ", called), **shown)

    shown = map(line, _weights(widths))
    loss = "All numbers: the loss with ½."
    return elements.page(elements.el("div", *shown, class_="stack"), elements.el("div", loss))


def _weights(widths):
    return [key for key in parameters(widths) if key.kind == "W"]


@of_cell
def notation_switch(notation: str = "LMU") -> App:
    """The XOR network in each lecture's notation, under one loss, so that no number changes."""
    widths = xor().network.widths
    weights = _weights(widths)
    options = [(plain_label(NOTATIONS["LMU"].label(key, widths)), key) for key in weights]
    controls = {
        "notation": toggles(list(CONVENTIONS), notation, "The lecture whose notation is shown"),
        "weight": choice("LMU's weight", options, value=Key("W", 0, 0, 1)),
    }
    controls["weight"].style.description_width = "auto"
    views = {name: widgets_of() for name, widgets_of in {
        "names": widgets.HTML, "network": widgets.HTML, "matrix": widgets.HTML,
        "formulas": widgets.HTMLMath,
    }.items()}  # fmt: skip
    # The network stands still: the page has nothing to compute, only to show and to mark.
    numbers = {key: snap(float(value)) for key, value in named_values(_values()).items()}
    program = Program(tuple(controls), partial(constant, now=numbers), scene=notation_scene)
    page = computing(program, controls)
    below = row(views["matrix"], views["formulas"], grid_gap="4px 32px")
    return App(
        "one network in four notations", controls, views, notation_view,
        [row(*controls.values()), views["names"], views["network"], below], page=page,
    )  # fmt: skip
