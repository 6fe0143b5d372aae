"""Error signals and gradients of deep random networks, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import ipywidgets as widgets
import numpy as np

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import Profile
from backprop_lab.core.network import INITIALISATIONS
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    choice,
    computing,
    grid,
    message_line,
    row,
    whole,
)
from backprop_lab.page.program import Program
from backprop_lab.picture import axes, elements, powers

OWN = "own scale"


def profile_picture(found: Profile, said: str) -> elements.Element:
    """Medians over the networks, and the band that holds eight of ten."""
    count, networks = len(found.delta), len(found.delta[0])
    last = powers.end(count - 1)
    middle = {
        "delta": [deep.median(norms) for norms in found.delta],
        "dW": [deep.median(norms) for norms in found.dW],
    }
    y = powers.decades(list(middle.values()))
    few = int(0.1 * (networks - 1) + 0.5)
    drawn = []
    for name, norms, left, right, title, css in (
        ("delta", found.delta, 70, 370, "norm of δ", "backward"),
        ("dW", found.dW, 450, 750, "norm of ∂L/∂W", "solid forward"),
    ):
        panel = powers.by_layer(left, right, 250, last, y)
        ranks = [deep.ranked(layer) for layer in norms]
        lows, highs = [powers.layers([r[k] for r in ranks]) for k in (few, -1 - few)]
        drawn.append(powers.frame(panel, title))
        drawn.append(axes.band(panel, f"{name}_spread", css, lows, highs))
        if name == "delta":
            bound = [] if found.bound is None else [deep.median(norms) for norms in found.bound]
            quarter = [middle["delta"][-1] * 0.25 ** (count - 1 - k) for k in range(count)]
            drawn.append(
                axes.inside(
                    panel,
                    axes.line(panel, "bound", "faint", powers.layers(bound)),
                    axes.line(panel, "quarter", "faint dotted", powers.layers(quarter)),
                )
            )
            drawn.append(
                axes.legend(panel, [("faint", "bound"), ("faint dotted", "¼ for each layer")])
            )
        drawn.append(axes.line(panel, name, css, powers.layers(middle[name])))
    panel = powers.by_layer(810, 955, 250, last, powers.SHARES)
    saturated = [layer.mean() for layer in found.saturated]
    drawn.append(powers.frame(panel, "saturated units"))
    drawn.append(axes.line(panel, "saturated", "chosen", powers.layers(saturated)))
    return elements.svg("0 0 960 296", said, drawn)


def _ratio(norms) -> float:
    """Of the medians, first hidden layer over the last one; nan where both are 0."""
    first, last = deep.median(norms[0]), deep.median(norms[-2])
    if 0 < last < np.inf:
        return np.inf if math.isnan(first) else snap(first / last)
    return np.nan if first == 0 else np.inf


def _figure(quantity: str, value: float) -> elements.Element:
    said = "nan" if math.isnan(value) else "inf" if value == np.inf else f"{snap(value):.3g}"
    return elements.quantity(quantity, said)


def verdict(found: Profile) -> elements.Element:
    """How the first hidden layer's numbers compare with the last one's."""
    ratio = _ratio(found.delta)
    word = "is zero"
    if ratio < 0.01:
        word = "vanishes"
    elif ratio > 100:
        word = "explodes"
    elif ratio <= 100:
        word = "stays within a factor of 100"
    over = "First hidden layer over the last one, δ: "
    dW = _figure("dW_ratio", _ratio(found.dW))
    delta = _figure("delta_ratio", ratio)
    return elements.el("p", over, delta, ", ∂L/∂W: ", dW, f". The signal {word}.")


def factor(found: Profile, steepest: float, residual, normalised) -> elements.Element:
    """What one layer multiplies an error signal by: each switch has its part in it."""
    w, z, s = [elements.el("i", letter) for letter in "wzs"]
    formula = ["1 + " if residual else "", w, " σ′(", z, ")"]
    said = [f", where |σ′| ≤ {snap(steepest):.3g}"]
    if normalised:
        formula += [" / ", s]
        said += [", ", s, " the spread of ", z]
    ratio, crossed = _ratio(found.delta), len(found.delta) - 2
    if crossed and 0 < ratio < np.inf:
        measured = _figure("layer_factor", ratio ** (1 / crossed))
        said += [". Measured, on average: ", measured]
    return elements.el("p", "One layer’s factor: ", elements.el("b", *formula), *said, ".")


def deep_view(values: Mapping, steepest: Mapping[str, float]) -> dict[str, elements.Element]:
    """What `deep_network` shows. steepest: the largest slopes, by activation."""
    depth, width, init = int(values["depth"]), int(values["width"]), values["init"]
    used = values["scale"] if init == OWN else deep.scale_by(INITIALISATIONS[init], width)
    residual, normalised = values["residual"], values["normalised"]
    most, networks = steepest[values["activation"]], deep.seeds_for(width)
    found = deep.stacks(
        depth,
        width,
        values["activation"],
        most,
        used,
        values["bias"],
        int(values["seed"]),
        values["loss"],
        residual,
        normalised,
        networks,
    )
    said = f"Norms by layer of {networks} networks with {depth} hidden layers of {width} units."
    spread = f"{snap(used):.3g} / √{width}"
    about = elements.el("p", f"{networks} networks, weights of standard deviation {spread}.")
    multiplies = factor(found, most, residual, normalised)
    return {
        "verdict": elements.el("div", verdict(found), about, multiplies),
        "picture": profile_picture(found, said),
    }


def deep_scene(values: Mapping) -> Mapping:
    """A rule for the weights locks their own scale."""
    return {"locked": [] if values["init"] == OWN else ["scale"]}


@of_cell
def deep_network(depth: int = 10, activation: str = "sigmoid") -> App:
    """Thirty random networks at once: norms of δ and of the weights' gradients by layer."""

    def switch(name):
        layout = {"width": "auto", "margin": "2px 6px"}
        return widgets.Checkbox(False, description=name, indent=False, layout=layout)

    numbers = {
        "depth": whole("depth", depth, 1, deep.DEEPEST),
        "width": whole("width", 32, 1, deep.WIDEST),
        "scale": NumberSlider("g", 1, 0, 10, 0.05),
        "bias": NumberSlider("b", 0, -4, 4, 0.1),
        "seed": whole("seed", 0, 0, 999),
    }
    lists = {
        "activation": choice("activation", list(ACTIVATIONS), value=activation),
        "init": choice("weights", [*INITIALISATIONS, OWN], value="glorot_normal"),
        "loss": choice("loss", list(deep.OUTPUTS)),
    }
    switches = {
        "residual": switch("residual: a + σ(z)"),
        "normalised": switch("normalised z"),
    }
    controls = {**numbers, **lists, **switches}
    steepest = {name: snap(deep.largest_slope(name)) for name in ACTIVATIONS}
    program = Program(tuple(controls), partial(deep_view, steepest=steepest), scene=deep_scene)
    page = computing(program, controls, locks=("scale",))
    views = {name: page.view(name) for name in ("verdict", "picture")}
    views["verdict"].layout.min_height = "100px"
    order = ("depth", "width", "activation", "init", "scale", "bias", "seed", "loss")
    message = message_line()
    top = grid(*(controls[name] for name in order), row(*switches.values()))
    return App(
        "deep random networks",
        controls,
        views,
        None,
        [top, message, *views.values()],
        message,
        page,
    )
