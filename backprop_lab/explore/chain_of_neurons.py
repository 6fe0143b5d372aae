"""CH8's chain of single neurons: the error signal as a product, with both its factors."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import chain, divides_by_four, shrinks
from backprop_lab.core.network import backward, forward
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, toggles, whole
from backprop_lab.picture import elements
from backprop_lab.picture.plots import depth as plots
from backprop_lab.picture.plots.plot import decades

MOST = 12


def chain_view(
    layers: int, activation: str, weight: float, hold: bool, z: float, bias: float
) -> dict[str, str]:
    """What `chain_of_neurons` shows for these settings."""
    net, x = chain(layers, activation, weight, bias, z if hold else None)
    f = forward(net, x)
    g = backward(net, f, np.ones(1))
    at = np.array([float(z_in[0]) for z_in in f.z_in])
    factors = weight * np.array([float(ACTIVATIONS[activation].slope(value)) for value in at])
    at, factors = snap(at), snap(factors)
    # Of a signal 1 at the last activation, below each layer.
    left = snap(np.cumprod(factors[::-1])[::-1])
    delta = np.abs([float(d[0]) for d in g.delta])
    dW = np.abs([float(d[0, 0]) for d in g.dW])
    number = np.arange(1, layers + 1)
    quarter = 0.25 ** (layers + 1.0 - number)
    sizes = np.abs(left)
    picture = plots.neurons(
        plots.end(layers), *decades([sizes, delta, dW, quarter], plots.DECADES)
    )(
        f"A chain of {layers} neurons: of a signal 1, {left[0]:.3g} is left below the first.",
        quarter=np.c_[number, quarter],
        product=np.c_[number, sizes],
        products=[np.array([[n, size], [n, size]]) for n, size in zip(number, sizes, strict=True)],
        delta=np.c_[number, delta],
        dW=np.c_[number, dW],
    )
    return {
        "picture": elements.page(picture),
        "numbers": elements.page(_table(number, at, factors, left)),
        "verdict": elements.page(_verdict(activation, weight, at, left)),
    }


def _table(number, at, factors, left) -> elements.Element:
    rows = (
        ("layer", number, "", "d"),
        ("z", at, "z", ".3f"),
        ("w σ'(z)", factors, "z", ".4g"),
        ("left below it", left, "z", ".4g"),
    )
    body = (
        elements.row(elements.words(title), *(f"{value:{sign}{digits}}" for value in values))
        for title, values, sign, digits in rows
    )
    return elements.table(elements.caption(elements.ROUNDED), *body, style="font-size: 12px")


def _verdict(activation, weight, at, left) -> elements.Element:
    product = elements.quantity("product", f"{left[0]:.6g}", css="backward")
    quarters = f" is left at the input; all factors ¼ would leave {0.25 ** len(at):.3g}. "
    said = ["Of a signal 1 at the end, ", product, quarters]
    if activation != "sigmoid":
        return elements.el("p", *said)
    by_four, smaller = divides_by_four(weight, at).sum(), shrinks(weight, at).sum()
    said.append(
        f"|w| ≤ cosh²(z/2), so divided by at least four: in {by_four} of {len(at)} layers. "
        f"|w| < 4 cosh²(z/2), so made smaller: in {smaller} of {len(at)}."
    )
    return elements.el("p", *said)


@of_cell
def chain_of_neurons(weight: float = 1.0, layers: int = 6) -> App:
    """CH8's simulator: stack neurons, choose the activation, then weight and bias. Source: CH8,
    act 3."""
    controls = {
        "layers": whole("layers", layers, 1, MOST),
        "activation": choice("activation", list(ACTIVATIONS), value="sigmoid"),
        "weight": NumberSlider("w", weight, -10, 10, 0.1),
        "hold": toggles(
            [("z held at", True), ("b free", False)], True, "What the bias does", "bias"
        ),
        "z": NumberSlider("z", 0, -6, 6, 0.1),
        "bias": NumberSlider("b", 0, -6, 6, 0.1),
    }
    controls["bias"].disabled = True
    views = {
        "verdict": widgets.HTML(layout={"min_height": "64px"}),
        "picture": widgets.HTML(),
        "numbers": widgets.HTML(layout={"min_height": "120px"}),
    }

    def unlock(change):
        controls["z"].disabled, controls["bias"].disabled = not change.new, change.new

    def leave_the_joint(change):
        """What has a kink, or is curved on one side only, is shown on the active side."""
        if controls["z"].value == 0 and 0 in ACTIVATIONS[change.new].joints:
            controls["z"].set(1)

    controls["hold"].observe(unlock, "value")
    controls["activation"].observe(leave_the_joint, "value")
    children = [grid(*controls.values()), *views.values()]
    return App("a chain of neurons", controls, views, chain_view, children)
