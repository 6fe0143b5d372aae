"""CH8's chain of single neurons: the error signal as a product, with both its factors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import divides_by_four, neurons, shrinks
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import backward_pass, forward_pass
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    choice,
    computing,
    grid,
    message_line,
    toggles,
    whole,
)
from backprop_lab.page.program import Program
from backprop_lab.picture import axes, elements, powers

MOST = 12


def chain_view(values: Mapping) -> dict[str, elements.Element]:
    """What `chain_of_neurons` shows: of so many layers, their activation and weight, and z where it
    is held, or the bias."""
    count, activation, weight = int(values["layers"]), values["activation"], values["weight"]
    held = values["z"] if values["hold"] else None
    layers = neurons(count, activation, weight, values["bias"], held)
    x, y = np.array([[0.5]]), np.array([[1.0]])
    z_in, z_out = forward_pass(layers, x)
    _, delta, dW, _, _ = backward_pass(layers, x, z_in, z_out, y, LOSSES["half_squared_error"], 1)
    z = np.array([each[0, 0] for each in z_in])
    factors = snap(weight * ACTIVATIONS[activation].slope(z)) + 0.0  # no negative zero
    at, left, signal = snap(z), [], 1.0
    for factor in factors[::-1]:  # of a signal 1 at the last activation, below each layer
        signal = snap(signal * factor) + 0.0
        left.append(signal)
    left = left[::-1]
    picture = _picture(left, [abs(d[0, 0]) for d in delta], [abs(w[0, 0]) for w in dW])
    return {
        "verdict": _verdict(activation, weight, at, left),
        "picture": picture,
        "numbers": _table(at, factors, left),
    }


def _picture(left, delta, dW) -> elements.Element:
    count = len(left)
    sizes = [abs(one) for one in left]
    quarter = [0.25 ** (count - k) for k in range(count)]
    y = powers.decades([sizes, delta, dW, quarter])
    last = powers.end(count)
    product = powers.by_layer(70, 450, 220, last, y)
    apart = powers.by_layer(560, 940, 220, last, y)
    return elements.svg(
        "0 0 960 266",
        f"A chain of {count} neurons: of a signal 1, {left[0]:.3g} is left below the first.",
        powers.frame(product, "what is left below each layer"),
        axes.line(product, "quarter", "faint", powers.layers(quarter)),
        axes.line(product, "product", "backward", powers.layers(sizes)),
        axes.marks(product, "products", "backward", powers.layers(sizes)),
        axes.legend(product, [("backward", "product of w σ′(z)"), ("faint", "¼ for each layer")]),
        powers.frame(apart, "|δ| and |∂L/∂w|"),
        axes.line(apart, "delta", "backward", powers.layers(delta)),
        axes.line(apart, "dW", "forward", powers.layers(dW)),
        axes.legend(apart, [("backward", "|δ|"), ("forward", "|∂L/∂w|")]),
    )


def _table(at, factors, left) -> elements.Element:
    rows = (
        ("layer", [str(layer) for layer in range(1, len(left) + 1)]),
        ("z", [f"{value:z.3f}" for value in at]),
        ("w σ'(z)", [f"{value:.4g}" for value in factors]),
        ("left below it", [f"{value:.4g}" for value in left]),
    )
    body = [elements.row(elements.words(title), *shown) for title, shown in rows]
    return elements.table(elements.caption(elements.ROUNDED), *body, style="font-size: 12px")


def _verdict(activation, weight, at, left) -> elements.Element:
    product = elements.quantity("product", f"{left[0]:.6g}", css="backward")
    quarters = f" is left at the input; all factors ¼ would leave {0.25 ** len(at):.3g}. "
    said = ["Of a signal 1 at the end, ", product, quarters]
    if activation != "sigmoid":
        return elements.el("p", *said)
    by_four, smaller = divides_by_four(weight, at).sum(), shrinks(weight, at).sum()
    said.append(
        f"Divided by at least four: in {by_four} of {len(at)} layers. "
        f"Made smaller: in {smaller} of {len(at)}."
    )
    return elements.el("p", *said)


def chain_scene(values: Mapping, joints) -> Mapping:
    """What the choices lock. What has a kink at 0, or is curved on one side only, is shown on its
    active side. joints: the names of those."""
    moved = {"z": 1} if values["z"] == 0 and values["activation"] in joints else {}
    return {"locked": ["bias" if values["hold"] else "z"], "moved": moved}


@of_cell
def chain_of_neurons(weight: float = 1.0, layers: int = 6) -> App:
    """CH8's simulator: stack neurons, choose the activation, then weight and bias. Source: CH8,
    act 3."""
    numbers = {
        "layers": whole("layers", layers, 1, MOST),
        "weight": NumberSlider("w", weight, -10, 10, 0.1),
        "z": NumberSlider("z", 0, -6, 6, 0.1),
        "bias": NumberSlider("b", 0, -6, 6, 0.1),
    }
    lists = {
        "activation": choice("activation", list(ACTIVATIONS), value="sigmoid"),
        "hold": toggles(
            [("z held at", True), ("b free", False)], True, "What the bias does", "bias"
        ),
    }
    controls = {**numbers, **lists}
    joints = [name for name, activation in ACTIVATIONS.items() if 0 in activation.joints]
    program = Program(tuple(controls), chain_view, scene=partial(chain_scene, joints=joints))
    page = computing(program, controls, locks=("z", "bias"))
    views = {name: page.view(name) for name in ("verdict", "picture", "numbers")}
    views["verdict"].layout.min_height = "64px"
    views["numbers"].layout.min_height = "120px"
    order = ("layers", "activation", "weight", "hold", "z", "bias")
    message, top = message_line(), grid(*(controls[name] for name in order))
    children = [top, message, *views.values()]
    return App("a chain of neurons", controls, views, None, children, message, page)
