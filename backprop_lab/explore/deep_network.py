"""Error signals and gradients of deep random networks, layer by layer."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import Profile
from backprop_lab.core.network import INITIALISATIONS
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, row, whole
from backprop_lab.picture import elements
from backprop_lab.picture.plots import depth as plots
from backprop_lab.picture.plots.plot import decades

OWN = "own scale"


def profile_picture(found: Profile, said: str) -> str:
    """Medians over the networks, and the band that holds eight of ten."""
    count = len(found.delta)
    number = np.arange(1, count + 1)
    drawn = {}
    for name, norms in (("delta", found.delta), ("dW", found.dW)):
        low, middle, high = np.quantile(norms, (0.1, 0.5, 0.9), axis=1, method="nearest")
        drawn[name] = np.c_[number, middle]
        floor = np.maximum(low, 1e-320)  # a band down to 0 goes down to the axis
        drawn[f"{name}_spread"] = np.r_[np.c_[number, high], np.c_[number, floor][::-1]]
    quarter = np.median(found.delta[-1]) * 0.25 ** (count - number)
    if found.bound is not None:
        drawn["bound"] = np.c_[number, np.median(found.bound, axis=1)]
    medians = [drawn["delta"][:, 1], drawn["dW"][:, 1]]
    return plots.layers(plots.end(count - 1), *decades(medians, plots.DECADES))(
        said,
        **drawn,
        quarter=np.c_[number, quarter],
        saturated=np.c_[number[:-1], found.saturated.mean(axis=1)],
    )


def _ratio(norms: np.ndarray) -> float:
    """Of the medians, first hidden layer over the last one; nan where both are 0."""
    first, last = np.nan_to_num(np.median(norms[[0, -2]], axis=1), nan=np.inf, posinf=np.inf)
    return snap(first / last) if 0 < last < np.inf else np.nan if first == 0 else np.inf


def _figure(quantity: str, value: float) -> elements.Element:
    return elements.quantity(quantity, f"{snap(value):.3g}")


def verdict(found: Profile) -> elements.Element:
    """How the first hidden layer's numbers compare with the last one's."""
    ratio = _ratio(found.delta)
    parts = [
        (f"{sign}: ", _figure(f"{key}_ratio", value))
        for key, sign, value in (("delta", "δ", ratio), ("dW", "∂L/∂W", _ratio(found.dW)))
    ]
    words = {
        "vanishes": ratio < 0.01,
        "explodes": ratio > 100,
        "stays within a factor of 100": ratio <= 100,
    }
    word = next((word for word, holds in words.items() if holds), "is zero")
    over = "First hidden layer over the last one, "
    return elements.el("p", over, *elements.joined(", ", parts), f". The signal {word}.")


def factor(found: Profile, activation: str, residual: bool, normalised: bool) -> elements.Element:
    """What one layer multiplies an error signal by: each switch has its part in it."""
    w, z, s = (elements.el("i", letter) for letter in "wzs")
    formula = ["1 + " * residual, w, " σ′(", z, ")", *[" / ", s] * normalised]
    most = f", where |σ′| ≤ {snap(deep.largest_slope(activation)):.3g}"
    said = ["One layer’s factor: ", elements.el("b", *formula), most]
    said += [", ", s, " the spread of ", z] * normalised
    ratio, crossed = _ratio(found.delta), len(found.delta) - 2
    if crossed and 0 < ratio < np.inf:
        said += [". Measured, on average: ", _figure("layer_factor", ratio ** (1 / crossed))]
    return elements.el("p", *said, ".")


def deep_view(
    depth, width, activation, init, scale, bias, seed, loss, residual, normalised
) -> dict[str, str]:
    """What `deep_network` shows for these settings."""
    used = scale if init == OWN else deep.scale_of(init, width)
    found = deep.profile(depth, width, activation, used, bias, seed, loss, residual, normalised)
    networks = found.delta.shape[1]
    said = f"Norms by layer of {networks} networks with {depth} hidden layers of {width} units."
    spread = f"{snap(used):.3g} / √{width}"
    about = elements.el("p", f"{networks} networks, weights of standard deviation {spread}.")
    multiplies = factor(found, activation, residual, normalised)
    return {
        "verdict": elements.page(verdict(found), about, multiplies),
        "picture": elements.page(profile_picture(found, said)),
    }


@of_cell
def deep_network(depth: int = 10, activation: str = "sigmoid") -> App:
    """Thirty random networks at once: norms of δ and of the weights' gradients by layer."""

    def switch(name):
        layout = {"width": "auto", "margin": "2px 6px"}
        return widgets.Checkbox(False, description=name, indent=False, layout=layout)

    controls = {
        "depth": whole("depth", depth, 1, deep.DEEPEST),
        "width": whole("width", 32, 1, deep.WIDEST),
        "activation": choice("activation", list(ACTIVATIONS), value=activation),
        "init": choice("weights", [*INITIALISATIONS, OWN], value="glorot_normal"),
        "scale": NumberSlider("g", 1, 0, 10, 0.05),
        "bias": NumberSlider("b", 0, -4, 4, 0.1),
        "seed": whole("seed", 0, 0, 999),
        "loss": choice("loss", list(deep.OUTPUTS)),
        "residual": switch("residual: a + σ(z)"),
        "normalised": switch("normalised z"),
    }
    controls["scale"].disabled = True

    def unlock(change):
        controls["scale"].disabled = change.new != OWN

    controls["init"].observe(unlock, "value")
    views = {"verdict": widgets.HTML(layout={"min_height": "100px"}), "picture": widgets.HTML()}
    *numbers, residual, normalised = controls.values()
    children = [grid(*numbers, row(residual, normalised)), *views.values()]
    return App("deep random networks", controls, views, deep_view, children)
