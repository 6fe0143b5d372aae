"""Two weights of the XOR network, and what of their paths they share."""

from __future__ import annotations

import ipywidgets as widgets

from backprop_lab.core.keys import named_values
from backprop_lab.core.network import quantities
from backprop_lab.formulas.factors import chain
from backprop_lab.formulas.notation import parameter
from backprop_lab.lectures import xor
from backprop_lab.page import walk
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, toggles
from backprop_lab.picture import diagram

SHARED = "what both share"


def overlap_view(weights: tuple[str, str], show: str) -> dict[str, str]:
    """What `overlap` shows: the path of one of the weights, or what is on both paths."""
    net, g = xor().network, xor().run()
    shown = weights if show == SHARED else (show,)
    lit = frozenset.intersection(*(frozenset(walk.path(chain(g, w))) for w in shown))
    chosen = parameter(show, net.widths) if show in weights else None
    scene = diagram.Scene(lit=lit, chosen=chosen)
    picture = diagram.network(net.widths, backward=True, scene=scene)
    return {"network": picture(named_values(quantities(g)))}


@of_cell
def overlap(first: str = "W_11", second: str = "W_21") -> App:
    """The backward paths of two weights, and what they share. first, second: LMU's names."""
    weights = (first, second)
    show = toggles([*weights, SHARED], first, "Which path is lit")
    network = widgets.HTML()
    return App(
        f"the paths of {first} and {second}",
        {"show": show},
        {"network": network},
        lambda show: overlap_view(weights, show),
        [show, network],
    )
