"""The rules of multiplication golf: what was put together so far, and what is said about a move.

A page runs these functions, translated.
"""

from __future__ import annotations

from collections.abc import Sequence

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

Factors = Sequence[int]
"""A tile: which of the given tiles it is the product of, in order, with repetitions."""

_OUT = [0, 1]
_UNIT = {1: [*_OUT, 2, 4], 2: [*_OUT, 3, 5]}
SLOTS: dict[str, Factors] = {
    "W_{11}": [*_UNIT[1], 8],
    "W_{21}": [*_UNIT[1], 9],
    "W_{12}": [*_UNIT[2], 8],
    "W_{22}": [*_UNIT[2], 9],
    "b_{1}": _UNIT[1],
    "b_{2}": _UNIT[2],
    "u_{1}": [*_OUT, 6],
    "u_{2}": [*_OUT, 7],
    "c": _OUT,
}
"""The nine gradients, by their parameter."""

SIGNALS = {
    "c": NOTATIONS["LMU"].label(Key("delta", 1, 0), WIDTHS),
    "b_{1}": NOTATIONS["LMU"].label(Key("delta", 0, 0), WIDTHS),
    "b_{2}": NOTATIONS["LMU"].label(Key("delta", 0, 1), WIDTHS),
}
"""The error signals, by the slot that each of them fills."""


Moves = Sequence[tuple[int, int]]
"""What was put together so far: pairs of tiles, the given ones first, then each product."""


def tiles_of(moves: Moves) -> list[Factors]:
    """All tiles, as factors."""
    tiles = [[k] for k in range(len(GIVEN))]
    for a, b in moves:
        tiles.append(sorted([*tiles[a], *tiles[b]]))
    return tiles


def slots_filled(tiles: Sequence[Factors]) -> dict[str, int]:
    """The gradients that are there, with the first tile that is one."""
    return {name: tiles.index(factors) for name, factors in SLOTS.items() if factors in tiles}


def each_alone() -> list[tuple[int, int]]:
    """Weight by weight: every gradient from the given tiles, from the loss on, nothing reused."""
    moves = []
    for factors in SLOTS.values():
        tile = factors[0]
        for factor in factors[1:]:
            moves.append((tile, factor))
            tile = len(GIVEN) + len(moves) - 1
    return moves


# --- what is said ---------------------------------------------------------------------------------

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NAMES = list(GIVEN)
_GRADIENTS = {
    slot: "∂L/∂" + plain_label(slot).replace("_", "").translate(_SUBSCRIPTS) for slot in SLOTS
}


def tile_name(tile: int) -> str:
    """A tile's short name: its symbol if it is given, else t and its number."""
    if tile < len(_NAMES):
        return _NAMES[tile]
    return "t" + str(tile - len(_NAMES) + 1).translate(_SUBSCRIPTS)


def written_out(factors: Factors) -> str:
    """A tile as the product of given tiles."""
    return " · ".join([_NAMES[factor] for factor in factors])


def _goes_into(part: Factors, whole: Factors) -> bool:
    return all(part.count(factor) <= whole.count(factor) for factor in part)


def _never_together(factors: Factors) -> str:
    """Why a product is part of no gradient."""
    twice = [factor for factor in factors if factors.count(factor) > 1]
    if twice:
        return f"{written_out(twice[:1])} is in it twice, and no gradient has a factor twice"
    for k, a in enumerate(factors):
        for b in factors[k + 1 :]:
            if not any(_goes_into([a, b], whole) for whole in SLOTS.values()):
                return f"no gradient has both {written_out([a])} and {written_out([b])}"
    return "no gradient has all of these factors"


def remark(moves: Moves) -> tuple[bool, str]:
    """Whether the last product leads on, and what there is to say about it."""
    tiles = tiles_of(moves)
    made, tile = tiles[-1], len(tiles) - 1
    name = tile_name(tile)
    slots = [slot for slot, factors in SLOTS.items() if factors == made]
    parts = [_GRADIENTS[slot] for slot, factors in SLOTS.items() if _goes_into(made, factors)]
    first = tiles.index(made)
    if slots and len(slots_filled(tiles)) == len(SLOTS):
        return len(moves) == PAR, _summary(tiles)
    if first < tile:
        again = f"{name} is {tile_name(first)} once more: it lay there already, and has cost 1"
        return False, f"{again} again."
    if slots:
        return True, f"{name} is {_GRADIENTS[slots[0]]}: into its slot."
    if not parts:
        return False, f"{name} is part of no gradient: {_never_together(made)}. Undo takes it back."
    return True, f"{name} is a part of {', '.join(parts)}."


def _summary(tiles: Sequence[Factors]) -> str:
    products = tiles[len(GIVEN) :]
    if len(products) == PAR:
        return f"All nine with {PAR} multiplications: par. Fewer is impossible."
    again = len([k for k, product in enumerate(products) if product in products[:k]])
    once = f" {again} of your products were made before." if again else ""
    return (
        f"All nine with {len(products)} multiplications.{once} It can be done with fewer: "
        "which products do several gradients begin with?"
    )
