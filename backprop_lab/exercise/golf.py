"""Multiplication golf: all nine gradients of the XOR network with as few products as possible.

The rules are a pure value (`Round`), what is said about a move is a pure function (`remark`), and
the board is a view; the widget (`play`) only joins them to buttons.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import ipywidgets as widgets

from backprop_lab.exercise.practice import Blank, Exercise, Mistake, feedback, read_number
from backprop_lab.formulas.cost import backpropagation, edges, weight_by_weight
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import row
from backprop_lab.picture import draw

WIDTHS = (2, 2, 1)
PAR = backpropagation(WIDTHS)
"""The least number of products. Nine gradients are nine products; those of b_1 and b_2 need one
more each, no gradient itself, and none that serves both (tests/test_golf.py)."""

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
    SLOTS["c"]: NOTATIONS["LMU"].label(("delta", 1, 0), WIDTHS),
    SLOTS["b_{1}"]: NOTATIONS["LMU"].label(("delta", 0, 0), WIDTHS),
    SLOTS["b_{2}"]: NOTATIONS["LMU"].label(("delta", 0, 1), WIDTHS),
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


# --- what is said and shown -----------------------------------------------------------------------

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
    return "∂L/∂" + draw.plain_label(name).replace("_", "").translate(_SUBSCRIPTS)


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


def board(played: Round) -> str:
    """The nine slots, what lies in them, and the cost; once all are filled, what was reused."""
    given = list(GIVEN.values())
    rows = []
    for name, factors in SLOTS.items():
        lies = ""
        if name in played.filled:
            lies = f"✓ {tile_name(played.filled[name])}"
        product = draw.joined(" · ", (draw.html_label(given[factor]) for factor in factors))
        slot = draw.el("th", "∂L/∂", draw.html_label(name), class_="backward")
        rows.append(draw.row(slot, draw.words(*product), draw.words(lies, css="forward")))
    cost = draw.quantity("cost", str(played.cost))
    filled = draw.quantity("filled", str(len(played.filled)), "span")
    return draw.page(
        draw.table(draw.heads("slot", _left("what belongs there"), _left("tile")), *rows),
        draw.el("p", "multiplications: ", cost, ", slots filled: ", filled, f" of {len(SLOTS)}"),
        _reused(played) if played.done else (),
    )


def _left(title: str) -> draw.Element:
    """The heading of a column of words."""
    return draw.el("th", title, style="text-align: left")


def _reused(played: Round) -> draw.Element:
    """The products that went into more than one other, and which error signals they are."""
    lies_in = {tile: slot for slot, tile in played.filled.items()}
    rows = []
    for tile in range(len(GIVEN), len(played.tiles)):
        if played.uses[tile] > 1:
            signal = SIGNALS.get(played.tiles[tile])
            is_a = ("= ", draw.html_label(signal)) if signal else ()
            slot = "no slot"
            if tile in lies_in:
                slot = "slot of ", draw.html_label(lies_in[tile])
            rows.append(
                draw.row(
                    draw.words(f"{tile_name(tile)} ", is_a),
                    f"{played.uses[tile]} times",
                    draw.words(slot),
                )
            )
    if not rows:
        return draw.el("p", "No product was used twice.")
    return draw.table(draw.heads("product", "reused", _left("lies in")), *rows)


# --- the game -------------------------------------------------------------------------------------


class Golf(Exercise):
    """The game: guess, then press two tiles after each other to multiply them.

    `played` is the round; `undo` takes back whatever changed it last, a restart too.
    """

    def __init__(self):
        self.played, self.before, self.picked, self.guess = Round(), [], None, None
        self.guessed = widgets.Text(
            placeholder="a whole number", continuous_update=False, layout={"width": "130px"},
            tooltip="The least number of multiplications: your guess",
        )  # fmt: skip
        self.guessed.observe(self._guessed, "value")
        self.heard = widgets.HTML(layout={"min_height": "28px"})
        self.given = [self._tile(k, text, draw.plain_label(GIVEN[text]))
                      for k, text in enumerate(GIVEN)]  # fmt: skip
        self.products = row()
        self.undo_button = self._button("Undo", "Take the last product back", self.undo)
        self.restart_button = self._button("Restart", "Begin anew; Undo brings back", self.restart)
        self.alone_button = self._button(
            "Show weight by weight", "Every gradient on its own; Undo brings back", self.alone
        )
        self.board = widgets.HTML()
        self.said = widgets.HTML(layout={"min_height": "28px"})
        super().__init__(
            "multiplication golf",
            [
                row(widgets.Label("The least number of multiplications, I guess:"),
                    self.guessed, self.heard, align_items="center"),
                row(*self.given),
                self.products,
                row(self.undo_button, self.restart_button, self.alone_button),
                self.said,
                self.board,
            ],
        )  # fmt: skip
        self._show()

    def _button(self, text: str, tooltip: str, does: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})
        button.on_click(lambda _: does())
        return button

    def _tile(self, tile: int, text: str, tooltip: str) -> widgets.Button:
        return self._button(text, tooltip, lambda: self.press(tile))

    @property
    def tiles(self) -> list[widgets.Button]:
        """The buttons of all tiles, in the round's order."""
        return [*self.given, *self.products.children]

    def _guessed(self, change):
        if not change.new.strip():
            return
        try:
            guess = int(read_number(change.new, whole=True))
            if guess < 0:
                raise ValueError(f"“{change.new}” is not a whole number from 0 on")
        except ValueError as error:
            self.heard.value = feedback(False, f"{error}.")
            return
        self.guess = guess
        self.heard.value = draw.page("Noted. Now the tiles are yours.")
        self._show()

    def press(self, tile: int) -> None:
        """Pick a tile; the second one picked is multiplied with the first; the same, put down."""
        if self.picked is None:
            self.picked = tile
            self._say(draw.page(f"{tile_name(tile)} times …"))
        elif self.picked == tile:
            self.picked = None
            self._say(draw.page(f"{tile_name(tile)} is put down again."))
        else:
            self._change(self.played.after(self.picked, tile))
            return
        self._mark()

    def undo(self) -> None:
        """Back to what was there before the last change."""
        if self.before:
            self.played, self.picked = self.before.pop(), None
            self._say(draw.page("Taken back."))
            self._show()

    def restart(self) -> None:
        """An empty round."""
        self._change(Round())

    def alone(self) -> None:
        """Every gradient from the given tiles alone."""
        self._change(each_alone())

    def _change(self, played: Round):
        self.before.append(self.played)
        self.played, self.picked = played, None
        self._say(self._answer() if played.moves else draw.page("From the beginning."))
        self._show()

    def _answer(self) -> str:
        right, sentence = remark(self.played)
        if self.played.done and self.played.tiles[-1] in SLOTS.values():
            sentence += f" You guessed {self.guess}."
        return feedback(right, sentence)

    def _say(self, markup: str):
        self.said.value = markup

    def _show(self):
        kept = self.products.children
        for tile in range(len(GIVEN), len(self.played.tiles)):
            a, b = self.played.moves[tile - len(GIVEN)]
            text = f"{tile_name(tile)} = {tile_name(a)} · {tile_name(b)}"
            place = tile - len(GIVEN)
            if place < len(kept):
                kept[place].description = text
            else:
                kept = (*kept, self._tile(tile, text, ""))
            kept[place].tooltip = written_out(self.played.tiles[tile])
        self.products.children = kept[: self.played.cost]
        for button in self.tiles:
            button.disabled = self.guess is None
        self.undo_button.disabled = not self.before
        self.restart_button.disabled = not self.played.moves
        self.alone_button.disabled = self.guess is None
        self.board.value = board(self.played)
        self._mark()

    def _mark(self):
        for tile, button in enumerate(self.tiles):
            if tile == self.picked:
                button.add_class("picked")
            else:
                button.remove_class("picked")


@of_cell
def play() -> Golf:
    """Multiplication golf on LMU-8's XOR network."""
    return Golf()


# --- counting by hand -----------------------------------------------------------------------------


@of_cell
def count_blanks(inputs: int = 3, hidden: int = 2) -> Exercise:
    """Count by hand for a network with one hidden layer and one output."""
    widths = (inputs, hidden, 1)
    slow, fast = weight_by_weight(widths), backpropagation(widths)
    units = hidden + 1
    parameters_of = edges(widths) + units
    never = Mistake(fast, "That is with the error signals kept. Here every derivative is alone.")
    alone = [
        never,
        Mistake(slow + parameters_of, "You counted factors: five factors are four products."),
        Mistake(slow + units, "A bias has the last factor 1, and that costs nothing."),
    ]
    kept = [
        Mistake(slow, "That is weight by weight. Keep the error signals."),
        Mistake(
            parameters_of,
            "One product for each derivative is not all: an error signal of a hidden neuron needs "
            "two, and only the second of them is a bias's derivative.",
        ),
        Mistake(edges(widths), "That is one product a weight; the error signals cost some too."),
        Mistake(fast + hidden, "A bias takes its error signal as it is: no product for it."),
    ]
    blanks = [
        Blank(r"\text{weight by weight}", slow, alone, None, "180px", "a whole number"),
        Blank(r"\text{backpropagation}", fast, kept, None, "180px", "a whole number"),
    ]
    return Exercise("multiplications, counted by hand", blanks)
