"""A walk through a small network's pass: what is computed at each step, where, in words."""

from __future__ import annotations

from collections.abc import Iterable

from backprop_lab.core.keys import Key, input_of
from backprop_lab.formulas.factors import Chain, Lines
from backprop_lab.page.live import Moment
from backprop_lab.picture.labels import plain_label

FORWARD = "forward_cards"
"""The token of the cards of the forward pass."""


def forward_steps(widths: tuple[int, ...], lines: Lines) -> list[Moment]:
    """Two steps a layer, pre-activations and activations, then the loss. lines: of `trace`.

    Source: LMU-8, forward pass, four steps.
    """
    found = []
    for layer in range(len(widths) - 1):
        units = [Key("z_out", layer, j) for j in range(widths[layer + 1])]
        edges = [Key("W", layer, i, j) for i in range(widths[layer]) for j in range(len(units))]
        kind = "hidden" if layer < len(widths) - 2 else "output"
        titles = (f"The inputs of the {kind} layer", f"The activations of the {kind} layer")
        places = (edges + units, units)
        for of, title, lit in zip(("z_in", "z_out"), titles, places, strict=True):
            computed = [Key(of, layer, j) for j in range(len(units))]
            found.append(_step(lines, computed, title, lit))
    return [*found, _step(lines, [Key("loss")], "The loss", [Key("loss")])]


def _step(lines: Lines, keys: list[Key], title: str, places: Iterable[Key]) -> Moment:
    computed = [line for line in lines if line.key in keys]
    text = ", ".join(f"{plain_label(line.name)} = [{line.key.name}]" for line in computed)
    known = tuple(line.key.name for line in computed)
    return Moment((), FORWARD, tuple(key.name for key in places), known, f"{title}: {text}")


def chain_steps(found: Chain, group: str, when: tuple[str, ...]) -> list[Moment]:
    """One step a factor, from the loss backwards, then the product.

    Source: LMU-8, backward pass, the figures of the terms.
    """
    count = len(found.factors)
    steps = [
        Moment(
            when,
            group,
            (_place(term.place).name,),
            (term.key.name,),
            f"Factor {k} of {count}: {plain_label(term.name)} = [{term.key.name}]",
        )
        for k, term in enumerate(found.factors, 1)
    ]
    gradient = found.key.gradient.name
    text = f"The product of the factors: {plain_label(found.name)} = [{gradient}]"
    return [*steps, Moment(when, group, tuple(key.name for key in path(found)), (gradient,), text)]


def update_step(found: Chain, group: str, when: tuple[str, ...]) -> Moment:
    """The weight's new value. Source: LMU-8, update of u_1."""
    quantity, slope = found.key.name, plain_label(found.name)
    text = f"The update: [{quantity}] - {plain_label(found.rate.name)} {slope} = [new_{quantity}]"
    return Moment(when, group, (_place(found.key).name,), (f"new_{quantity}",), text)


def path(found: Chain) -> tuple[Key, ...]:
    """The places that light up for a weight: its factors', and where the signal comes from."""
    places, source = [term.place for term in found.factors], found.key
    if source.kind == "W":
        layer, i, _ = source[1:]
        source = input_of(layer, i)
    return tuple(dict.fromkeys(_place(key) for key in [*places, source]))


def _place(key: Key) -> Key:
    """What lights up for a place: a bias has no line of its own, but stands in its unit's box."""
    return Key("z_out", *key[1:]) if key.kind == "b" else key
