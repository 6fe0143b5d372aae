"""Multiplication golf: all nine gradients of the XOR network with as few products as possible.

The rules are pure (`golf_rules`), and the board is a view; the widget (`play`) only joins them to
buttons.
"""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from backprop_lab.exercise import golf_rules as rules
from backprop_lab.exercise.blanks import Blank, Exercise, feedback
from backprop_lab.exercise.judge import Mistake, read_number
from backprop_lab.formulas.cost import backpropagation, edges, weight_by_weight
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import row
from backprop_lab.picture import elements
from backprop_lab.picture.labels import html_label, plain_label


def board(played: rules.Round) -> str:
    """The nine slots, what lies in them, and the cost; once all are filled, what was reused."""
    given = list(rules.GIVEN.values())
    rows = []
    for name, factors in rules.SLOTS.items():
        lies = ""
        if name in played.filled:
            lies = f"✓ {rules.tile_name(played.filled[name])}"
        product = elements.joined(" · ", (html_label(given[factor]) for factor in factors))
        slot = elements.el("th", "∂L/∂", html_label(name), class_="backward")
        tile = elements.words(lies, css="forward")
        rows.append(elements.row(slot, elements.words(*product), tile))
    cost = elements.quantity("cost", str(played.cost))
    filled = elements.quantity("filled", str(len(played.filled)), "span")
    return elements.page(
        elements.table(elements.heads("slot", _left("what belongs there"), _left("tile")), *rows),
        elements.el(
            "p", "multiplications: ", cost, ", slots filled: ", filled, f" of {len(rules.SLOTS)}"
        ),
        _reused(played) if played.done else (),
    )


def _left(title: str) -> elements.Element:
    """The heading of a column of words."""
    return elements.el("th", title, style="text-align: left")


def _reused(played: rules.Round) -> elements.Element:
    """The products that went into more than one other, and which error signals they are."""
    lies_in = {tile: slot for slot, tile in played.filled.items()}
    rows = []
    for tile in range(len(rules.GIVEN), len(played.tiles)):
        if played.uses[tile] > 1:
            signal = rules.SIGNALS.get(played.tiles[tile])
            is_a = ("= ", html_label(signal)) if signal else ()
            slot = ("slot of ", html_label(lies_in[tile])) if tile in lies_in else "no slot"
            name = elements.words(f"{rules.tile_name(tile)} ", is_a)
            rows.append(elements.row(name, f"{played.uses[tile]} times", elements.words(slot)))
    if not rows:
        return elements.el("p", "No product was used twice.")
    return elements.table(elements.heads("product", "reused", _left("lies in")), *rows)


# --- the game -------------------------------------------------------------------------------------


class Golf(Exercise):
    """The game: guess, then press two tiles after each other to multiply them.

    `played` is the round; `undo` takes back whatever changed it last, a restart too.
    """

    def __init__(self):
        self.played, self.before, self.picked, self.guess = rules.Round(), [], None, None
        self.guessed = widgets.Text(
            placeholder="a whole number", continuous_update=False, layout={"width": "130px"},
            tooltip="The least number of multiplications: your guess",
        )  # fmt: skip
        self.guessed.observe(self._guessed, "value")
        self.heard = widgets.HTML(layout={"min_height": "28px"})
        self.given = [self._tile(k, text, plain_label(rules.GIVEN[text]))
                      for k, text in enumerate(rules.GIVEN)]  # fmt: skip
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
        self.heard.value = elements.page("Noted. Now the tiles are yours.")
        self._show()

    def press(self, tile: int) -> None:
        """Pick a tile; the second one picked is multiplied with the first; the same, put down."""
        if self.picked is None:
            self.picked = tile
            self._say(elements.page(f"{rules.tile_name(tile)} times …"))
        elif self.picked == tile:
            self.picked = None
            self._say(elements.page(f"{rules.tile_name(tile)} is put down again."))
        else:
            self._change(self.played.after(self.picked, tile))
            return
        self._mark()

    def undo(self) -> None:
        """Back to what was there before the last change."""
        if self.before:
            self.played, self.picked = self.before.pop(), None
            self._say(elements.page("Taken back."))
            self._show()

    def restart(self) -> None:
        """An empty round."""
        self._change(rules.Round())

    def alone(self) -> None:
        """Every gradient from the given tiles alone."""
        self._change(rules.each_alone())

    def _change(self, played: rules.Round):
        self.before.append(self.played)
        self.played, self.picked = played, None
        self._say(self._answer() if played.moves else elements.page("From the beginning."))
        self._show()

    def _answer(self) -> str:
        right, sentence = rules.remark(self.played)
        if self.played.done and self.played.tiles[-1] in rules.SLOTS.values():
            sentence += f" You guessed {self.guess}."
        return feedback(right, sentence)

    def _say(self, markup: str):
        self.said.value = markup

    def _show(self):
        kept = self.products.children
        for place, (a, b) in enumerate(self.played.moves):
            tile = place + len(rules.GIVEN)
            text = f"{rules.tile_name(tile)} = {rules.tile_name(a)} · {rules.tile_name(b)}"
            if place < len(kept):
                kept[place].description = text
            else:
                kept = (*kept, self._tile(tile, text, ""))
            kept[place].tooltip = rules.written_out(self.played.tiles[tile])
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
