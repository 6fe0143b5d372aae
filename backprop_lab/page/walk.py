"""A walk through a small network's pass: what is computed at each step, where, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from backprop_lab.core.keys import Key, input_of
from backprop_lab.formulas.factors import Chain, Lines
from backprop_lab.picture.labels import plain_label

FORWARD = "forward_cards"
"""The token of the cards of the forward pass."""


def forward_cards(layer: int) -> str:
    """The token of the cards of one layer's forward pass, where not all fit on a screen."""
    return f"{FORWARD}_{layer}"


class Moment(NamedTuple):
    """One step of a walk.

    group: the token of the cards that it shows; places: what it lights; known: the quantities that
    it computes; text: what is said, with quantities in brackets.
    """

    group: str
    places: tuple[str, ...]
    known: tuple[str, ...]
    text: str


def walked(steps: Sequence[Moment], at: int) -> Mapping[str, object]:
    """The scene (`Program`) of a walk at a step; before the first, the cards of the last one."""
    reached = min(at, len(steps))
    step = steps[reached - 1]
    scene = {"held": [step.group], "last": len(steps)}
    if reached == 0:
        return scene
    known = [name for done in steps[:reached] for name in done.known]
    here = {"now": step.places, "found": step.known, "known": known, "text": step.text}
    return {**scene, **here}


def forward_steps(widths: Sequence[int], lines: Lines, by_layer: bool = False) -> list[Moment]:
    """Two steps a layer, pre-activations and activations, then the loss.

    lines: of `trace`; by_layer: whether the cards of each layer are shown by themselves. Source:
    LMU-8, forward pass, four steps.
    """
    found, group = [], FORWARD
    for layer in range(len(widths) - 1):
        group = forward_cards(layer) if by_layer else FORWARD
        units = [Key("z_out", layer, j) for j in range(widths[layer + 1])]
        edges = [Key("W", layer, i, j) for i in range(widths[layer]) for j in range(len(units))]
        kind = layer_name(layer, widths)
        titles = (f"The inputs of {kind}", f"The activations of {kind}")
        places = (edges + units, units)
        for of, title, lit in zip(("z_in", "z_out"), titles, places, strict=True):
            computed = [Key(of, layer, j) for j in range(len(units))]
            found.append(_step(lines, computed, title, lit, group))
    return [*found, _step(lines, [Key("loss")], "The loss", [Key("loss")], group)]


def layer_name(layer: int, widths: Sequence[int]) -> str:
    """What a layer is called where it is the output layer, the only hidden one, or one of many."""
    if layer == len(widths) - 2:
        return "the output layer"
    return "the hidden layer" if len(widths) == 3 else f"layer {layer + 1}"


def _step(
    lines: Lines, keys: Sequence[Key], title: str, places: Iterable[Key], group: str
) -> Moment:
    computed = [line for line in lines if line.key in keys]
    text = ", ".join(f"{plain_label(line.name)} = [{line.key.name}]" for line in computed)
    known = tuple(line.key.name for line in computed)
    return Moment(group, tuple(k.name for k in places), known, f"{title}: {text}")


def chain_steps(found: Chain, group: str) -> list[Moment]:
    """One step a factor, from the loss backwards, then the product.

    Source: LMU-8, backward pass, the figures of the terms.
    """
    count = len(found.factors)
    steps = [
        Moment(
            group,
            (_place(term.place).name,),
            (term.key.name,),
            f"Factor {k} of {count}: {plain_label(term.name)} = [{term.key.name}]",
        )
        for k, term in enumerate(found.factors, 1)
    ]
    gradient = found.key.gradient.name
    text = f"The product of the factors: {plain_label(found.name)} = [{gradient}]"
    places = tuple(dict.fromkeys(place for step in steps for place in step.places))
    return [*steps, Moment(group, (*places, *_arriving(found.key)), (gradient,), text)]


def signal_steps(key: Key, widths: Sequence[int], lines: Lines, group: str) -> list[Moment]:
    """Of a parameter with several paths: the error signals, layer by layer from the last down to
    its own, each with all that arrives, then the gradient. lines: of `backtrace`.

    Source: LMU-8, general formulation; CSC311, complete algorithm.
    """
    found = []
    for layer in reversed(range(key.layer, len(widths) - 1)):
        units = [Key("z_out", layer, j) for j in range(widths[layer + 1])]
        signals = [Key("delta", layer, j) for j in range(len(units))]
        title = f"The error signals of {layer_name(layer, widths)}"
        found.append(_step(lines, signals, title, units, group))
    places = [_place(key), Key("z_out", key.layer, key.unit)]
    lit = [*dict.fromkeys(place.name for place in places), *_arriving(key)]
    (line,) = (line for line in lines if line.key == key.gradient)
    text = f"The signal times what arrives: {plain_label(line.name)} = [{key.gradient.name}]"
    return [*found, Moment(group, tuple(lit), (key.gradient.name,), text)]


def update_step(name: str, rate: str, key: Key, group: str) -> Moment:
    """The weight's new value. name, rate: LaTeX of its derivative and of the learning rate.

    Source: LMU-8, update of u_1.
    """
    quantity, slope = key.name, plain_label(name)
    text = f"The update: [{quantity}] - {plain_label(rate)} {slope} = [new_{quantity}]"
    return Moment(group, (_place(key).name,), (f"new_{quantity}",), text)


def path(key: Key, widths: Sequence[int]) -> tuple[Key, ...]:
    """The places that light up for a parameter: all that lies between it and the loss, itself, and
    where its signal comes from."""
    found, units = [], [key.unit]
    for layer in range(key.layer, len(widths) - 1):
        if layer > key.layer:
            later = list(range(widths[layer + 1]))
            found += [Key("W", layer, i, j) for i in units for j in later]
            units = later
        found += [Key("z_out", layer, j) for j in units]
    source = [input_of(key.layer, key[2])] if key.kind == "W" else []
    return (*dict.fromkeys([Key("loss"), *reversed(found), _place(key), *source]),)


def _arriving(key: Key) -> tuple[str, ...]:
    """The place of what a weight multiplies; a bias multiplies nothing."""
    return (input_of(key.layer, key[2]).name,) if key.kind == "W" else ()


def _place(key: Key) -> Key:
    """What lights up for a place: a bias has no line of its own, but stands in its unit's box."""
    return Key("z_out", *key[1:]) if key.kind == "b" else key
