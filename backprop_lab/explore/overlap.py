"""Two weights of the XOR network, and what of their paths they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as widgets

from backprop_lab.core.keys import named_values
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import parameter
from backprop_lab.lectures import xor
from backprop_lab.page import walk
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, computing, toggles
from backprop_lab.page.program import Program, Values, constant
from backprop_lab.picture import diagram

SHARED = "what both share"


def overlap_scenes(weights: Sequence[str]) -> dict[str, Mapping]:
    """By choice, what `overlap` lights: the path of one of the weights, or what both share."""
    widths = xor().network.widths
    keys = {name: parameter(name, widths) for name in weights}
    paths = {name: {place.name for place in walk.path(key, widths)} for name, key in keys.items()}
    paths[SHARED] = set.intersection(*paths.values())
    return {
        show: {
            "held": ["backward"],
            "lit": sorted(lit),
            "chosen": keys[show].name if show in keys else "",
        }
        for show, lit in paths.items()
    }


def overlap_view(weights: Sequence[str], show: str) -> dict[str, str]:
    """The picture of the network with this light on it."""
    scene = diagram.Scene.of(overlap_scenes(weights)[show])
    picture = diagram.network(xor().network.widths, backward=True, scene=scene)
    return {"network": picture(named_values(quantities(xor().run())))}


def chosen_scene(values: Values, scenes) -> Mapping:
    """The scene of what is chosen."""
    return scenes[values["show"]]


@of_cell
def overlap(first: str = "W_11", second: str = "W_21") -> App:
    """The backward paths of two weights, and what they share. first, second: LMU's names."""
    weights = (first, second)
    options = [*weights, SHARED]
    show = toggles(options, first, "Which path is lit")
    controls, network = {"show": show}, widgets.HTML()
    now = {key.name: snap(float(value)) for key, value in quantities(xor().run()).items()}
    program = Program(
        (),
        partial(constant, now=now),
        scene=partial(chosen_scene, scenes=overlap_scenes(weights)),
    )
    return App(
        f"the paths of {first} and {second}",
        controls,
        {"network": network},
        lambda show: overlap_view(weights, show),
        [show, network],
        page=computing(program, controls),
    )
