"""The usual wrong ways to a factor, a product or an error signal, and what is said to each."""

from __future__ import annotations

import math

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.keys import Key
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Forward, Gradient, forward, quantities, step
from backprop_lab.core.rounding import rounded
from backprop_lab.exercise.judge import Mistake
from backprop_lab.formulas.factors import Chain, Term
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import Lecture
from backprop_lab.picture.labels import plain_label


def factor_by_hand(f: Forward, term: Term) -> float | None:
    """A sigmoid's slope from its activation with four decimals, as the lecture computes it."""
    kind, *index = term.place
    if kind != "z_out" or f.network.layers[index[0]].activation != "sigmoid":
        return None
    activation = rounded(float(f.z_out[index[0]][index[1]]), 4)
    return activation * (1 - activation)


def of_factor(lecture: Lecture, term: Term) -> list[Mistake]:
    """The usual wrong ways to compute one factor of a chain."""
    g, style, widths = lecture.run(), NOTATIONS[lecture.notation], lecture.network.widths
    f, now = g.forward, quantities(g)

    def named(key):
        return plain_label(style.label(key, widths))

    kind, *index = term.place
    if kind == "loss":
        return [
            Mistake(now["loss",], "That is the loss itself. Differentiate it by the output."),
            Mistake(2 * term.value, "Twice too much: the ½ of the loss cancels the 2."),
            Mistake(now["z_out", len(f.z_out) - 1, 0], "That is the output, not the residual."),
        ]
    if kind == "z_out":
        layer, unit = index
        z, out = now["z_in", layer, unit], now[term.place]
        sigma = ACTIVATIONS[f.network.layers[layer].activation]
        of_activation = float(sigma.slope(f.z_out[layer])[unit])
        return [
            Mistake(out, f"That is {named(term.place)}. Its slope is asked for: σ(z)(1 − σ(z))."),
            Mistake(
                of_activation,
                f"You took the slope at {named(term.place)}; take it at "
                f"{named(Key('z_in', layer, unit))}.",
            ),
            Mistake(1 - out, "That is 1 − σ(z) alone; multiply it by σ(z)."),
            Mistake(z * (1 - z), "You put z in place of σ(z): the slope is σ(z)(1 − σ(z))."),
        ]
    mistakes = [
        Mistake(now[key], f"That is {named(key)}. Which symbol does the formula have here?")
        for key in now
        if key.kind in ("W", "x", "z_out", "z_in", "b")
    ]
    if term.formula == style.symbol(term.place, widths):  # a weight
        new = step(f.network, g, lecture.learning_rate)
        updated = quantities(forward(new, f.x))[term.place]
        mistakes.append(
            Mistake(updated, f"That is the new {named(term.place)}: gradients use the old weights.")
        )
    return mistakes


def of_product(lecture: Lecture, found: Chain) -> list[Mistake]:
    """The usual wrong ways to put the factors together."""
    values = [term.value for term in found.factors]
    mistakes = [Mistake(sum(values), "You added the factors; the chain rule multiplies them.")]
    if slides := {number.key: float(number.text) for number in lecture.printed}:
        product = math.prod(slides.get(t.key, rounded(t.value, 4)) for t in found.factors)
        said = "That is the product of the slides' numbers; your own factors give another one."
        mistakes.append(Mistake(product, said))
    for k, term in enumerate(found.factors):
        rest = math.prod(values[:k] + values[k + 1 :])
        mistakes.append(Mistake(rest, f"You left out {plain_label(term.name)}."))
    return mistakes


def printed(lecture: Lecture, key: Key) -> list[Mistake]:
    """The lecture's own printed number, where it is not the exact one."""
    return [
        Mistake(
            float(number.text),
            "That is the number on the slide. From the stated weights you get another one: "
            "trust your own computation, and see the last section.",
        )
        for number in lecture.printed
        if number.key == key and number.verdict != "agrees"
    ]


def of_signal(g: Gradient, layer: int, unit: int) -> dict[str, list[Mistake]]:
    """The usual wrong ways to one unit's error signal, to the gradient of its weight from the
    second unit before, and to its bias's."""
    f = g.forward
    z = f.z_in[layer][unit]
    sigma = ACTIVATIONS[f.network.layers[layer].activation]
    if layer == len(f.z_in) - 1:
        shares = LOSSES[g.loss_name].slope(f.output, g.y)[[unit]]
    else:
        shares = f.network.layers[layer + 1].W[unit] * g.delta[layer + 1]
    slope = sigma.slope(z)
    arriving = float(f.z_out[layer - 1][1] if layer else f.x[1])
    delta, out = float(g.delta[layer][unit]), float(f.z_out[layer][unit])
    signal = [
        Mistake(shares.sum(), "That is what arrives. Multiply it by the slope of the unit itself."),
        Mistake(
            float(shares.sum() * sigma.slope(np.array(out))),
            "You took the slope at the activation; take it at the pre-activation.",
        ),
        Mistake(float(slope), "That is the slope alone; multiply it by what arrives."),
        Mistake(float(shares.sum() * out), "That is the activation; its slope is asked for."),
    ]
    signal += [
        Mistake(float(share * slope), f"Only the path through unit {k} is in it; add up all paths.")
        for k, share in enumerate(shares, 1)
        if len(shares) > 1
    ]
    own = float(f.network.layers[layer].W[1, unit])
    return {
        "delta": signal,
        "dW": [
            Mistake(delta, "That is the error signal; times the activation that arrives there."),
            Mistake(delta * own, "Not times the weight: times the activation that arrives there."),
            Mistake(delta * out, "That is the unit's own activation; take the one that arrives."),
        ],
        "db": [
            Mistake(1.0, "That is the last factor alone; times the error signal."),
            Mistake(delta * arriving, "A bias is reached by 1, not by an activation."),
        ],
    }
