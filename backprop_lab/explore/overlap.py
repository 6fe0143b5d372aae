"""Two weights of the XOR network, and what of their paths they share."""

from __future__ import annotations

from functools import partial

import ipywidgets as widgets

from backprop_lab.core.keys import named_values
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import parameter
from backprop_lab.lectures import xor
from backprop_lab.page import walk
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, toggles
from backprop_lab.page.live import Light, Live, Row
from backprop_lab.page.program import Program
from backprop_lab.picture import diagram

SHARED = "what both share"


def overlap_light(weights: tuple[str, str], show: str) -> Light:
    """What `overlap` lights: the path of one of the weights, or what is on both paths."""
    widths = xor().network.widths
    shown = [parameter(w, widths) for w in (weights if show == SHARED else (show,))]
    on_all = frozenset.intersection(*(frozenset(walk.path(key, widths)) for key in shown))
    places = sorted(key.name for key in on_all)
    chosen = shown[0].name if show in weights else ""
    return Light((show,), tuple(places), chosen)


def overlap_view(weights: tuple[str, str], show: str) -> dict[str, str]:
    """The picture of the network with this light on it."""
    light, g = overlap_light(weights, show), xor().run()
    keys = {key.name: key for key in quantities(g)}
    lit = frozenset(keys[place] for place in light.places)
    scene = diagram.Scene(lit=lit, chosen=keys.get(light.chosen))
    picture = diagram.network(xor().network.widths, backward=True, scene=scene)
    return {"network": picture(named_values(quantities(g)))}


def constant(values, now):
    """Numbers that no control changes."""
    return now


@of_cell
def overlap(first: str = "W_11", second: str = "W_21") -> App:
    """The backward paths of two weights, and what they share. first, second: LMU's names."""
    weights = (first, second)
    options = [*weights, SHARED]
    show = toggles(options, first, "Which path is lit")
    network = widgets.HTML()
    now = {key.name: snap(float(value)) for key, value in quantities(xor().run()).items()}
    page = Live(
        Program((), partial(constant, now=now)),
        {},
        {"show": (0, [Row({}, (option, "backward")) for option in options])},
        lights=[overlap_light(weights, option) for option in options],
    )
    return App(
        f"the paths of {first} and {second}",
        {"show": show},
        {"network": network},
        lambda show: overlap_view(weights, show),
        [show, network],
        page=page,
    )
