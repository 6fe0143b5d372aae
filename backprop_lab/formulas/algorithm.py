"""The complete algorithm, layer by layer: what each step computes, and what it takes from memory.

CSC311's notation: a row of W^(m) is a unit, ∂C/∂z^(m) is the error signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backprop_lab.core.keys import Key, input_of
from backprop_lab.core.losses import LOSSES
from backprop_lab.formulas.notation import NOTATIONS, derivative

NOTATION, SOFTMAX = "CSC311", "softmax_cross_entropy"

Array = Key
"""A whole array's name: a canonical key without its units: Key("W", 0), Key("x"), Key("delta", 1);
Key("slope", m) is σ′(z) of layer m, Key("by_output", m) the loss's derivative by the activations.
"""


def label(array: Array) -> str:
    """The array's name in LaTeX, in CSC311's notation, in which a whole array's name does not
    depend on the widths."""
    kind, *layer = array
    if kind == "slope":
        return rf"\sigma′({label(Key('z_in', *layer))})"
    if kind == "by_output":
        return derivative(label(Key("loss")), label(Key("z_out", *layer)))
    return NOTATIONS[NOTATION].label(array, (2, 2, 2))


class Factor(NamedTuple):
    """An array in a step's formula, as it stands or transposed."""

    array: Array
    transposed: bool


class Step(NamedTuple):
    """One step of the algorithm.

    formula, second: signs and factors; reads: the arrays that it takes from memory; writes: those
    that it keeps there; own: those that it computes for itself only, such as σ′(z).
    """

    title: str
    layer: int
    formula: Sequence[str | Factor]
    reads: Sequence[Array]
    writes: Sequence[Array]
    own: Sequence[Array]
    second: Sequence[str | Factor]


def steps(depth: int, activation: str, output: str, loss: str) -> list[Step]:
    """The algorithm of a network of so many layers, in a page too: forward, the loss, backward.

    activation: of the hidden layers; output: of the last one; layers count from 0.
    """
    fused, last, target = LOSSES[loss].fused, depth - 1, Key("y")
    functions = [_function(output if m == last else activation) for m in range(depth)]
    found = []
    for m in range(depth):
        W, b, z, a = [Key(kind, m) for kind in ("W", "b", "z_in", "z_out")]
        before = input_of(m)
        product = [_of(z), "=", _of(W), "·", _of(before), "+", _of(b)]
        head = f"Forward, layer {m + 1}"
        found.append(Step(f"{head}, weighted sums", m, product, [W, b, before], [z], [], []))
        applied = [_of(a), f"= {functions[m]}(", _of(z), ")"]
        found.append(Step(f"{head}, activations", m, applied, [z], [a], [], []))
    value = Key("loss")
    of = Key(LOSSES[loss].kind, last)
    compared = [_of(value), f"= {loss.replace('_', ' ')} (", _of(of), ",", _of(target), ")"]
    found.append(Step("The loss", last, compared, [of, target], [value], [], []))
    for m in reversed(range(depth)):
        head, name = f"Backward, layer {m + 1}", functions[m]
        delta, z, a, slope = [Key(kind, m) for kind in ("delta", "z_in", "z_out", "slope")]
        title = f"{head}, error signal" + f", σ = {name}" * (name != "σ")
        if m < last:
            W, after = Key("W", m + 1), Key("delta", m + 1)
            first = ["= (", Factor(W, True), "·", _of(after), ") ⊙", _of(slope)]
            reads, own = [W, after, z], [slope]
        elif fused:
            curve = "softmax" if loss == SOFTMAX else name
            first, reads, own = [f"= {curve}(", _of(z), ") −", _of(target)], [z, target], []
        else:
            by = Key("by_output", m)
            first = ["=", _of(by), "⊙", _of(slope)]
            reads, own = [a, target, z], [by, slope]
        found.append(Step(title, m, [_of(delta), *first], reads, [delta], own, []))
        dW, db, before = Key("dW", m), Key("db", m), input_of(m)
        product = [_of(dW), "=", _of(delta), "·", Factor(before, True)]
        second = [_of(db), "=", _of(delta)]
        found.append(Step(f"{head}, gradients", m, product, [delta, before], [dW, db], [], second))
    return found


def _of(array: Array) -> Factor:
    return Factor(array, False)


def _function(activation: str) -> str:
    return {"sigmoid": "σ"}.get(activation, activation.replace("_", " "))


def written_in(found: Sequence[Step]) -> dict[Array, int]:
    """The number of the step that writes each array."""
    return {array: k for k, step in enumerate(found, 1) for array in step.writes}
