"""The rules of multiplication golf: what was put together so far, and what is said about a move."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from backprop_lab.core.keys import Key
from backprop_lab.formulas.cost import backpropagation
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture.labels import plain_label

WIDTHS = (2, 2, 1)
PAR = backpropagation(WIDTHS)
"""The least number of products. Nine gradients are nine products; those of b_1 and b_2 need one
more each, no gradient itself, and none that serves both (tests/exercise/test_golf.py)."""

GIVEN = {
    "∂L/∂f_out": r"\frac{\partial L}{\partial f_{out}}",
    "∂f_out/∂f_in": r"\frac{\partial f_{out}}{\partial f_{in}}",
    "u₁": "u_{1}",
    "u₂": "u_{2}",
    "σ′₁": r"\sigma′(z_{1,in})",
    "σ′₂": r"\sigma′(z_{2,in})",
    "z₁,out": "z_{1,out}",
    "z₂,out": "z_{2,out}",
    "x₁": "x_{1}",
    "x₂": "x_{2}",
}
"""The ten tiles one starts with: text for a button, LaTeX."""

Factors = tuple[int, ...]
"""A tile: which of the given tiles it is the product of, in order, with repetitions."""

_OUT = (0, 1)
_UNIT = {1: (*_OUT, 2, 4), 2: (*_OUT, 3, 5)}
SLOTS: dict[str, Factors] = {
    "W_{11}": (*_UNIT[1], 8),
    "W_{21}": (*_UNIT[1], 9),
    "W_{12}": (*_UNIT[2], 8),
    "W_{22}": (*_UNIT[2], 9),
    "b_{1}": _UNIT[1],
    "b_{2}": _UNIT[2],
    "u_{1}": (*_OUT, 6),
    "u_{2}": (*_OUT, 7),
    "c": _OUT,
}
"""The nine gradients, by their parameter."""

SIGNALS = {
    SLOTS["c"]: NOTATIONS["LMU"].label(Key("delta", 1, 0), WIDTHS),
    SLOTS["b_{1}"]: NOTATIONS["LMU"].label(Key("delta", 0, 0), WIDTHS),
    SLOTS["b_{2}"]: NOTATIONS["LMU"].label(Key("delta", 0, 1), WIDTHS),
}
"""The error signals among the tiles."""


@dataclass(frozen=True)
class Round:
    """What was put together so far: pairs of tiles, the given ones first, then each product."""

    moves: tuple[tuple[int, int], ...] = ()

    @cached_property
    def tiles(self) -> tuple[Factors, ...]:
        """All tiles, as factors."""
        tiles = [(k,) for k in range(len(GIVEN))]
        for a, b in self.moves:
            tiles.append(tuple(sorted(tiles[a] + tiles[b])))
        return tuple(tiles)

    @property
    def cost(self) -> int:
        """The number of multiplications."""
        return len(self.moves)

    @cached_property
    def filled(self) -> dict[str, int]:
        """The gradients that are there, with the first tile that is one."""
        return {
            name: self.tiles.index(factors)
            for name, factors in SLOTS.items()
            if factors in self.tiles
        }

    @property
    def done(self) -> bool:
        """Whether all gradients are there."""
        return len(self.filled) == len(SLOTS)

    @cached_property
    def uses(self) -> Counter:
        """How often each tile went into a product."""
        return Counter(itertools.chain.from_iterable(self.moves))

    def after(self, a: int, b: int) -> Round:
        """The round with one product more."""
        return Round((*self.moves, (a, b)))


def each_alone() -> Round:
    """Weight by weight: every gradient from the given tiles, from the loss on, nothing reused."""
    played = Round()
    for factors in SLOTS.values():
        tile = factors[0]
        for factor in factors[1:]:
            played = played.after(tile, factor)
            tile = len(played.tiles) - 1
    return played


# --- what is said ---------------------------------------------------------------------------------

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def tile_name(tile: int) -> str:
    """A tile's short name: its symbol if it is given, else t and its number."""
    given = list(GIVEN)
    if tile < len(given):
        return given[tile]
    return "t" + str(tile - len(given) + 1).translate(_SUBSCRIPTS)


def written_out(factors: Factors) -> str:
    """A tile as the product of given tiles."""
    return " · ".join(list(GIVEN)[factor] for factor in factors)


def _gradient(name: str) -> str:
    return "∂L/∂" + plain_label(name).replace("_", "").translate(_SUBSCRIPTS)


def _goes_into(part: Factors, whole: Factors) -> bool:
    return not Counter(part) - Counter(whole)


def _never_together(factors: Factors) -> str:
    """Why a product is part of no gradient."""
    twice = [factor for factor, times in Counter(factors).items() if times > 1]
    if twice:
        return f"{written_out(twice[:1])} is in it twice, and no gradient has a factor twice"
    for pair in itertools.combinations(factors, 2):
        if not any(_goes_into(pair, whole) for whole in SLOTS.values()):
            a, b = map(written_out, ((each,) for each in pair))
            return f"no gradient has both {a} and {b}"
    return "no gradient has all of these factors"


def remark(played: Round) -> tuple[bool, str]:
    """Whether the last product leads on, and what there is to say about it."""
    made, tile = played.tiles[-1], len(played.tiles) - 1
    name = tile_name(tile)
    slots = [slot for slot, factors in SLOTS.items() if factors == made]
    parts = [slot for slot, factors in SLOTS.items() if _goes_into(made, factors)]
    if slots and played.done:
        return played.cost == PAR, _summary(played)
    if (first := played.tiles.index(made)) < tile:
        return False, (
            f"{name} is {tile_name(first)} once more: it lay there already, and has cost 1 again."
        )
    if slots:
        return True, f"{name} is {_gradient(slots[0])}: into its slot."
    if not parts:
        return False, f"{name} is part of no gradient: {_never_together(made)}. Undo takes it back."
    return True, f"{name} is a part of {', '.join(map(_gradient, parts))}."


def _summary(played: Round) -> str:
    if played.cost == PAR:
        return f"All nine with {PAR} multiplications: par. Fewer is impossible."
    again = played.cost - len(set(played.tiles[len(GIVEN) :]))
    once = f" {again} of your products were made before." if again else ""
    return (
        f"All nine with {played.cost} multiplications.{once} It can be done with fewer: "
        "which products do several gradients begin with?"
    )
