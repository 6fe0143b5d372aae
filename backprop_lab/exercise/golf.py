"""Multiplication golf: all nine gradients of the XOR network with as few products as possible.

The rules (`golf_rules`), what a press does, and the board are pure functions; the page runs them.
"""

from __future__ import annotations

from collections.abc import Mapping

from backprop_lab.exercise import golf_rules as rules
from backprop_lab.exercise.blanks import NOTHING_SAID, Blank, Exercise, said, spoken
from backprop_lab.exercise.judge import Mistake
from backprop_lab.formulas.cost import backpropagation, edges, size, weight_by_weight
from backprop_lab.page.cell import of_cell
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, nothing_judged
from backprop_lab.page.typed import reading
from backprop_lab.picture import elements
from backprop_lab.picture.labels import html_label, plain_label

# --- what is shown --------------------------------------------------------------------------------

TITLES = [plain_label(latex) for latex in rules.GIVEN.values()]
LABELS = {name: html_label(name) for name in rules.SLOTS}
FACTORS = [html_label(name) for name in rules.GIVEN.values()]
SIGNALS = {slot: html_label(name) for slot, name in rules.SIGNALS.items()}


def board(moves: rules.Moves) -> elements.Element:
    """The nine slots, what lies in them, and the cost; once all are filled, what was reused."""
    tiles = rules.tiles_of(moves)
    filled = rules.slots_filled(tiles)
    rows = []
    for slot, factors in rules.SLOTS.items():
        belongs = elements.joined(" · ", [FACTORS[factor] for factor in factors])
        lies = f"✓ {rules.tile_name(filled[slot])}" if slot in filled else ""
        head = elements.el("th", "∂L/∂", LABELS[slot], class_="backward")
        tile = elements.words(lies, css="forward")
        rows.append(elements.row(head, elements.words(belongs), tile))
    cost = elements.quantity("cost", str(len(moves)))
    count = elements.quantity("filled", str(len(filled)), "span")
    of_all = f" of {len(rules.SLOTS)}"
    heads = elements.heads("slot", elements.left("what belongs there"), elements.left("tile"))
    return elements.el(
        "div",
        elements.table(heads, *rows),
        elements.el("p", "multiplications: ", cost, ", slots filled: ", count, of_all),
        reused(moves, filled) if len(filled) == len(rules.SLOTS) else [],
    )


def reused(moves: rules.Moves, filled: Mapping[str, int]) -> elements.Element:
    """The products that went into more than one other, and which error signals they are."""
    rows = []
    for k in range(len(moves)):
        tile = len(rules.GIVEN) + k
        uses = sum([pair.count(tile) for pair in moves])
        if uses > 1:
            slots = [slot for slot, lies in filled.items() if lies == tile]
            is_a = ["= ", SIGNALS[slots[0]]] if slots and slots[0] in SIGNALS else []
            place = ["slot of ", LABELS[slots[0]]] if slots else "no slot"
            name = elements.words(f"{rules.tile_name(tile)} ", is_a)
            rows.append(elements.row(name, f"{uses} times", elements.words(place)))
    if not rows:
        return elements.el("p", "No product was used twice.")
    return elements.table(elements.heads("product", "reused", elements.left("lies in")), *rows)


def golf_view(state: Mapping) -> dict[str, elements.Element]:
    """The game in a state: `START`, and what `pressed` makes of it."""
    moves, waits = state["moves"], state["guess"] is None
    tiles = rules.tiles_of(moves)

    def tile_button(tile, shown, title):
        css = "picked" if tile == state["picked"] else None
        return elements.button(shown, "press", str(tile), disabled=waits, title=title, class_=css)

    given = [tile_button(k, rules.tile_name(k), title) for k, title in enumerate(TITLES)]
    products = []
    for k, (a, b) in enumerate(moves):
        tile = len(TITLES) + k
        product = f"{rules.tile_name(a)} · {rules.tile_name(b)}"
        shown = f"{rules.tile_name(tile)} = {product}"
        products.append(tile_button(tile, shown, rules.written_out(tiles[tile])))
    field = elements.el(
        "input", type="text", data_act="guess", value=state["typed"],
        placeholder="a whole number", autocomplete="off",
        aria_label="The least number of multiplications: your guess",
    )  # fmt: skip
    asked = ["The least number of multiplications, I guess: ", field]
    none, anew = not state["before"], "Begin anew; Undo brings back"
    alone = "Every gradient on its own; Undo brings back"
    controls = [
        elements.button("Undo", "undo", disabled=none, title="Take the last product back"),
        elements.button("Restart", "restart", disabled=not moves, title=anew),
        elements.button("Show weight by weight", "alone", disabled=waits, title=alone),
    ]
    return {
        "game": elements.el(
            "div",
            elements.el("p", asked, " ", spoken(guess_said(state["typed"])), class_="line"),
            elements.el("p", given),
            elements.el("p", products),
            elements.el("p", controls),
            elements.el("p", spoken(state["said"]), class_="line"),
            board(moves),
            class_="golf",
        )
    }


# --- what a press does ----------------------------------------------------------------------------

START = {"typed": "", "guess": None, "moves": [], "before": [], "picked": None, "said": ["", ""]}
"""typed, guess: the text, and the number that was last read from one; moves: the round; before:
those that Undo brings back; picked: the tile that waits for another; said: class and sentence."""


def guess_said(typed: str) -> tuple[str, str]:
    """What is said to a guess."""
    if not typed.strip():
        return NOTHING_SAID
    value, refusal = reading(typed, True)
    if not refusal and value < 0:
        refusal = f"“{typed}” is not a whole number from 0 on"
    return said(False, f"{refusal}.") if refusal else ("", "Noted. Now the tiles are yours.")


def pressed(state: Mapping, what: str, value: str) -> Mapping:
    """What typing a guess or pressing a button makes of a state.

    The second tile picked is multiplied with the first; the same, put down.
    """
    moves, picked = state["moves"], state["picked"]
    if what == "guess":
        known = value.strip() and guess_said(value)[0] == ""
        guess = int(reading(value, True)[0]) if known else state["guess"]
        return state | {"typed": value, "guess": guess}
    if what == "undo" and state["before"]:
        before, last = state["before"][:-1], state["before"][-1]
        return state | {"moves": last, "before": before, "picked": None, "said": TAKEN_BACK}
    if what == "restart":
        return _changed(state, [])
    if what == "alone":
        return _changed(state, rules.each_alone())
    if what != "press":
        return state
    tile = int(value)
    if picked is None:
        return state | {"picked": tile, "said": ("", f"{rules.tile_name(tile)} times …")}
    if picked == tile:
        down = f"{rules.tile_name(tile)} is put down again."
        return state | {"picked": None, "said": ("", down)}
    return _changed(state, [*moves, (picked, tile)])


TAKEN_BACK = ("", "Taken back.")


def _changed(state: Mapping, moves: rules.Moves) -> Mapping:
    return state | {
        "moves": moves,
        "before": [*state["before"], state["moves"]],
        "picked": None,
        "said": _answer(moves, state["guess"]) if moves else ("", "From the beginning."),
    }


def _answer(moves: rules.Moves, guess: int) -> tuple[str, str]:
    right, sentence = rules.remark(moves)
    tiles = rules.tiles_of(moves)
    done = len(rules.slots_filled(tiles)) == len(rules.SLOTS)
    last = done and tiles[-1] in list(rules.SLOTS.values())
    return said(right, f"{sentence} You guessed {guess}." if last else sentence)


@of_cell
def play() -> Exercise:
    """Multiplication golf on LMU-8's XOR network."""
    title = "multiplication golf"
    program = Program((), golf_view, pressed, kept=Kept(title, nothing_judged))
    page = Live(program, {}, state=START)
    return Exercise(title, [page.view("game")], page)


# --- counting by hand -----------------------------------------------------------------------------


@of_cell
def count_blanks(inputs: int = 3, hidden: int = 2) -> Exercise:
    """Count by hand for a network with one hidden layer and one output."""
    widths = (inputs, hidden, 1)
    slow, fast = weight_by_weight(widths), backpropagation(widths)
    units = hidden + 1
    parameters_of = size(widths)
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
