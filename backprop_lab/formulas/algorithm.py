"""The complete algorithm, layer by layer: what each step computes, and what it takes from memory.

CSC311's notation: a row of W^(m) is a unit, ∂C/∂z^(m) is the error signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backprop_lab.core.keys import Key, input_of
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Network
from backprop_lab.formulas.notation import NOTATIONS, derivative

NOTATION, SOFTMAX = "CSC311", "softmax_cross_entropy"

Array = Key
"""A whole array's name: a canonical key without its units: Key("W", 0), Key("x"), Key("delta", 1);
Key("slope", m) is σ′(z) of layer m, Key("by_output", m) the loss's derivative by the activations.
"""


def label(array: Array, widths: Sequence[int]) -> str:
    """The array's name in LaTeX, in CSC311's notation."""
    kind, *layer = array
    if kind == "slope":
        return rf"\sigma′({label(Key('z_in', *layer), widths)})"
    if kind == "by_output":
        return derivative(label(Key("loss"), widths), label(Key("z_out", *layer), widths))
    return NOTATIONS[NOTATION].label(array, widths)


@dataclass(frozen=True)
class Factor:
    """An array in a step's formula, as it stands or transposed."""

    array: Array
    transposed: bool = False


@dataclass(frozen=True)
class Step:
    """One step of the algorithm.

    formula, second: signs and factors; reads: the arrays that it takes from memory; writes: those
    that it keeps there; own: those that it computes for itself only, such as σ′(z).
    """

    title: str
    layer: int
    formula: tuple[str | Factor, ...]
    reads: tuple[Array, ...]
    writes: tuple[Array, ...]
    own: tuple[Array, ...] = ()
    second: tuple[str | Factor, ...] = ()


def steps(net: Network, loss: str) -> list[Step]:
    """The algorithm for this network: forward, the loss, backward; layers count from 0."""
    fused, last = LOSSES[loss].fused, len(net.layers) - 1
    functions = [_function(layer.activation) for layer in net.layers]
    target, words = Key("y"), loss.replace("_", " ")
    found = []
    for m in range(last + 1):
        W, b, z, a = (Key(kind, m) for kind in ("W", "b", "z_in", "z_out"))
        before = input_of(m)
        product = (Factor(z), "=", Factor(W), "·", Factor(before), "+", Factor(b))
        head = f"Forward, layer {m + 1}"
        found.append(Step(f"{head}, weighted sums", m, product, (W, b, before), (z,)))
        applied = (Factor(a), f"= {functions[m]}(", Factor(z), ")")
        found.append(Step(f"{head}, activations", m, applied, (z,), (a,)))
    z, a, value = Key("z_in", last), Key("z_out", last), Key("loss")
    of = z if fused else a
    compared = (Factor(value), f"= {words} (", Factor(of), ",", Factor(target), ")")
    found.append(Step("The loss", last, compared, (of, target), (value,)))
    for m in reversed(range(last + 1)):
        head, name = f"Backward, layer {m + 1}", functions[m]
        delta, z, slope = (Key(kind, m) for kind in ("delta", "z_in", "slope"))
        title = f"{head}, error signal" + f", σ = {name}" * (name != "σ")
        own = (slope,)
        if m < last:
            W, after = Key("W", m + 1), Key("delta", m + 1)
            first = ("= (", Factor(W, True), "·", Factor(after), ") ⊙", Factor(slope))
            reads = (W, after, z)
        elif fused:
            curve = "softmax" if loss == SOFTMAX else name
            first, reads, own = (f"= {curve}(", Factor(z), ") −", Factor(target)), (z, target), ()
        else:
            by = Key("by_output", m)
            first = ("=", Factor(by), "⊙", Factor(slope))
            reads, own = (a, target, z), (by, slope)
        found.append(Step(title, m, (Factor(delta), *first), reads, (delta,), own))
        dW, db, before = Key("dW", m), Key("db", m), input_of(m)
        product = (Factor(dW), "=", Factor(delta), "·", Factor(before, True))
        found.append(
            Step(
                f"{head}, gradients", m, product, (delta, before), (dW, db),
                second=(Factor(db), "=", Factor(delta)),
            )
        )  # fmt: skip
    return found


def _function(activation: str) -> str:
    return {"sigmoid": "σ"}.get(activation, activation.replace("_", " "))


def written_in(found: Sequence[Step]) -> dict[Array, int]:
    """The number of the step that writes each array."""
    return {array: k for k, step in enumerate(found, 1) for array in step.writes}
