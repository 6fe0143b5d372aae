"""The map of vanishing and exploding gradients, and the network behind a point of it."""

from __future__ import annotations

import asyncio
from functools import cache, partial

import ipywidgets as widgets
import numpy as np

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.explore.deep_network import profile_picture, verdict
from backprop_lab.page.background import Background
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, message_line, whole
from backprop_lab.picture import elements
from backprop_lab.picture.plots import depth as plots

_MAPS: dict[str, deep.Map] = {}
"""The maps that are computed: a marker that moves asks for them again and again."""


def whole_map(activation: str) -> deep.Map:
    """The finished map of an activation, computed once."""
    if activation not in _MAPS:
        *_, (_, _MAPS[activation]) = deep.phase_map(activation)
    return _MAPS[activation]


@cache
def _areas(activation: str) -> dict:
    found = whole_map(activation)
    return plots.map_areas(found.first, found.ratio)


def map_picture(depth: int, scale: float, areas: dict) -> str:
    """The map with a marker."""
    here = [np.array([[depth, scale], [depth, scale]])]
    left, low = deep.MAP_DEPTHS[0], deep.MAP_SCALES[0]
    picture = plots.map_frame()(
        f"A map of gradient sizes, depth against weight scale; here: {depth} and {scale:.3g}.",
        marker=here,
        rim=here,
        across=np.array([[left, scale], [depth, scale]]),
        up=np.array([[depth, low], [depth, scale]]),
        **areas,
    )
    return elements.page(picture)


def map_view(
    activation: str, depth: int, scale: float, areas: dict | None = None
) -> dict[str, str]:
    """What `phase_map` shows; areas: of a map that is not finished."""
    found = deep.profile(depth, deep.MAP_WIDTH, activation, scale)
    said = f"Norms by layer of {found.delta.shape[1]} networks at the marker."
    return {
        "map": map_picture(depth, scale, _areas(activation) if areas is None else areas),
        "verdict": elements.page(verdict(found)),
        "picture": elements.page(profile_picture(found, said)),
    }


_ROWS = 4
"""A growing map is drawn after so many rows."""


class PhaseMap(Background, App):
    """A map that is not known yet is computed in the background, and grows on the screen; the
    marker moves on it meanwhile."""

    def __init__(self, activation: str):
        whole_map(activation)
        self._growing, self._so_far = "", {}
        self.bar = widgets.FloatProgress(
            value=1, min=0, max=1, description="the map", tooltip="", layout={"width": "260px"}
        )
        controls = {
            "activation": choice("activation", list(ACTIVATIONS), value=activation),
            "depth": whole("depth", 30, deep.MAP_DEPTHS[0], deep.DEEPEST),
            "scale": NumberSlider("g", 1, deep.MAP_SCALES[0], deep.MAP_SCALES[-1], 0.05),
        }
        views = {
            "map": widgets.HTML(),
            "verdict": widgets.HTML(layout={"min_height": "40px"}),
            "picture": widgets.HTML(),
        }
        message = message_line()
        top = grid(*controls.values(), self.bar)
        children = [top, message, *views.values()]
        super().__init__("a map of gradients", controls, views, self._compute, children, message)

    def _compute(self, activation, depth, scale):
        self._here = (depth, scale)
        if activation in _MAPS:
            self.end()
            self.bar.value = 1
            return map_view(activation, depth, scale)
        if not self.task or activation != self._growing:
            self._growing, self._so_far = activation, {}
            self.begin(partial(self._grow, activation))
        return map_view(activation, depth, scale, self._so_far)

    async def _grow(self, activation):
        for number, (share, found) in enumerate(deep.phase_map(activation), 1):
            self.bar.value = share
            if number % _ROWS == 0:
                self._so_far = plots.map_areas(found.first, found.ratio)
                self.views["map"].value = map_picture(*self._here, self._so_far)
            await asyncio.sleep(0.001)
        _MAPS[activation] = found
        self.views["map"].value = map_picture(*self._here, _areas(activation))


@of_cell
def phase_map(activation: str = "tanh") -> PhaseMap:
    """Where gradients vanish and explode: depth against weight scale, and the networks behind a
    point."""
    return PhaseMap(activation)
