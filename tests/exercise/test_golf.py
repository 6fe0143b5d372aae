"""Multiplication golf: par is par, every mistake is named, and nothing is lost."""

import copy
import itertools
import re

import pytest

import backprop_lab as bl
from backprop_lab.exercise import golf, golf_rules
from backprop_lab.formulas import cost
from backprop_lab.picture import elements
from tests.markup import text, tree

GIVEN = list(golf_rules.GIVEN)
XOR = (2, 2, 1)


@pytest.fixture
def game():
    found = golf.play().page
    found.act("guess", "15")
    return found


def buttons(game):
    """The buttons that are shown, by their text."""
    shown = tree(elements.page(golf.golf_view(game.state)["game"])).iter("button")
    return {"".join(one.itertext()): one for one in shown}


def press(game, *names):
    """Press tiles: by their names; gives the last product's name."""
    for name in names:
        (button,) = [b for text, b in buttons(game).items() if text.split(" = ")[0] == name]
        assert button.get("disabled") is None
        game.act("press", button.get("value"))
    return golf_rules.tile_name(len(golf_rules.tiles_of(game.state["moves"])) - 1)


def press_button(game, text):
    button = buttons(game)[text]
    assert button.get("disabled") is None
    game.act(button.get("data-act"), button.get("value"))


def shown(game):
    return text(elements.page(golf.golf_view(game.state)["game"]))


def cost_of(game):
    return len(game.state["moves"])


def done(game):
    return len(golf_rules.slots_filled(golf_rules.tiles_of(game.state["moves"]))) == 9


def at_par(game):
    """As a player: the error signals first."""
    out = press(game, "∂L/∂f_out", "∂f_out/∂f_in")
    for k in "₁₂":
        press(game, out, f"z{k},out")
        signal = press(game, press(game, out, f"u{k}"), f"σ′{k}")
        for x in ("x₁", "x₂"):
            press(game, signal, x)


def test_par(game):
    at_par(game)
    assert done(game)
    assert cost_of(game) == golf_rules.PAR == 11
    right = "✓ All nine with 11 multiplications: par. Fewer is impossible. You guessed 15."
    assert game.state["said"] == ("forward", right)
    reused = shown(game).split("lies in")[1]
    assert re.sub(r"\s+", " ", reused).strip() == (
        "t₁ = δ (O) 4 times slot of c t₄ = δ 1 2 times slot of b 1 t₉ = δ 2 2 times slot of b 2"
    )


def test_weight_by_weight(game):
    for factors in golf_rules.SLOTS.values():
        tile = GIVEN[factors[0]]
        for factor in factors[1:]:
            tile = press(game, tile, GIVEN[factor])
    assert done(game)
    assert cost_of(game) == cost.weight_by_weight(XOR) == 27
    assert game.state["moves"] == golf_rules.each_alone()
    said = "All nine with 27 multiplications. 16 of your products were made before"
    assert said in shown(game)
    assert "No product was used twice." in shown(game)


def test_the_slots_are_the_network_s_gradients():
    """Against the chains of the package, by value."""
    xor = bl.lectures.xor()
    f = bl.forward(xor.network, [0.3, 0.7])
    g = bl.backward(xor.network, f, xor.y)
    value = bl.quantities(g)
    slope = bl.ACTIVATIONS["sigmoid"].slope
    numbers = [
        float((f.output - xor.y)[0]), float(slope(f.z_in[1])[0]),
        value["W", 1, 0, 0], value["W", 1, 1, 0], *slope(f.z_in[0]), *f.z_out[0], 0.3, 0.7,
    ]  # fmt: skip
    for name, factors in golf_rules.SLOTS.items():
        product = 1.0
        for factor in factors:
            product *= numbers[factor]
        weight = name.replace("{", "").replace("}", "")
        assert product == pytest.approx(bl.chain(g, weight).value, rel=1e-12)


def test_fewer_than_par_is_impossible():
    """Nine gradients are nine products; two more are needed, whatever the player does."""
    slots = {name: tuple(factors) for name, factors in golf_rules.SLOTS.items()}
    gradients = set(slots.values())
    assert len(gradients) == 9
    assert all(len(factors) > 1 for factors in gradients), "none lies there from the start"

    def splits(factors):
        for size in range(1, len(factors)):
            for left in itertools.combinations(factors, size):
                yield left, tuple(f for f in factors if f not in left)

    def others_needed(factors):
        """For each last move that makes these factors: the tiles that are no gradient."""
        for pair in splits(factors):
            yield {p for p in pair if len(p) > 1 and p not in gradients}

    b1, b2 = slots["b_{1}"], slots["b_{2}"]
    # However b_1's gradient is made, its last move takes a product that is no gradient …
    assert all(others_needed(b1))
    assert all(others_needed(b2))
    # … and none of those helps b_2: it would have to be a part of both, and that is only c's.
    shared = set(b1) & set(b2)
    parts = [p for size in range(2, 5) for p in itertools.combinations(sorted(shared), size)]
    assert parts == [slots["c"]]
    assert len(gradients) + 2 == golf_rules.PAR


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("u₁", "u₂")], "t₁ is part of no gradient: no gradient has both u₁ and u₂."),
        ([("z₁,out", "u₁")], "no gradient has both u₁ and z₁,out."),
        ([("u₁", "σ′₂")], "no gradient has both u₁ and σ′₂."),
        ([("u₁", "σ′₁"), ("t₁", "u₁")], "u₁ is in it twice, and no gradient has a factor twice."),
        ([("u₁", "σ′₁"), ("σ′₁", "u₁")], "t₂ is t₁ once more: it lay there already"),
        ([("u₁", "σ′₁")], "t₁ is a part of ∂L/∂W₁₁, ∂L/∂W₂₁, ∂L/∂b₁."),
        ([("∂f_out/∂f_in", "∂L/∂f_out")], "✓ t₁ is ∂L/∂c: into its slot."),
    ],
)
def test_remarks(game, pairs, said):
    for pair in pairs:
        press(game, *pair)
    css, sentence = game.state["said"]
    assert said in sentence
    wrong = "no gradient" in said or "once more" in said
    assert (css, sentence[0]) == (("backward", "✗") if wrong else ("forward", "✓"))


def test_every_product_of_few_tiles_gets_a_true_remark():
    """Whatever two or three tiles are put together: no sentence claims what is not so."""
    for moves in itertools.product(
        itertools.product(range(10), repeat=2), [(10, k) for k in range(10)]
    ):
        right, sentence = golf_rules.remark(moves)
        made = set(golf_rules.tiles_of(moves)[-1])
        leads_on = any(made <= set(f) for f in golf_rules.SLOTS.values()) and len(made) == 3
        assert right is leads_on
        assert "no gradient has all of these" not in sentence


def test_a_round_that_is_not_par_is_told_so(game):
    press(game, "u₁", "u₂")
    at_par(game)
    assert "✗ All nine with 12 multiplications. It can be done with fewer" in shown(game)


# --- what a press does ----------------------------------------------------------------------------


def tiles(game):
    return [b for b in buttons(game).values() if b.get("data-act") == "press"]


def test_no_tile_before_a_guess():
    game = golf.play().page
    assert game.state == golf.START
    assert len(tiles(game)) == 10
    assert all(button.get("disabled") is not None for button in tiles(game))
    for typed in ("many", "-3", "2.5", "½"):
        game.act("guess", typed)
        assert f"✗ “{typed}” is not a whole number" in shown(game)
        assert f'value="{typed}"' in elements.page(golf.golf_view(game.state)["game"])
        assert game.state["guess"] is None
    game.act("guess", " 12 ")
    assert "Noted. Now the tiles are yours." in shown(game)
    assert all(button.get("disabled") is None for button in tiles(game))
    assert game.state["guess"] == 12
    game.act("guess", "twelve")
    assert game.state["guess"] == 12, "the last one that was read"
    game.act("guess", " ")
    assert game.state["guess"] == 12
    assert golf.guess_said(" ") == ("", "")


def test_undo_takes_back_one_change_after_the_other(game):
    at_par(game)
    whole = game.state["moves"]
    press_button(game, "Restart")
    assert cost_of(game) == 0
    assert len(tiles(game)) == 10
    press_button(game, "Undo")
    assert game.state["moves"] == whole
    assert len(tiles(game)) == 21
    press_button(game, "Show weight by weight")
    assert cost_of(game) == 27
    press_button(game, "Undo")
    assert game.state["moves"] == whole
    for left in range(10, -1, -1):
        press_button(game, "Undo")
        assert game.state["moves"] == whole[:left]
    assert buttons(game)["Undo"].get("disabled") is not None
    before = game.state
    game.act("undo")
    assert game.state == before


def test_a_press_leaves_the_old_state_as_it_is(game):
    before = game.state
    kept = copy.deepcopy(before)
    press(game, "u₁", "u₂")
    assert before == kept
    assert golf.START["moves"] == golf.START["before"] == []


def test_a_tile_can_be_put_down(game):
    press(game, "u₁")
    assert buttons(game)["u₁"].get("class") == "picked"
    press(game, "u₁")
    assert buttons(game)["u₁"].get("class") is None
    assert cost_of(game) == 0
    assert "u₁ is put down again." in shown(game)


def test_products_say_what_they_are(game):
    first = press(game, "∂L/∂f_out", "∂f_out/∂f_in")
    press(game, first, "u₁")
    assert buttons(game)["t₂ = t₁ · u₁"].get("title") == "∂L/∂f_out · ∂f_out/∂f_in · u₁"
    press_button(game, "Undo")
    press(game, first, "z₁,out")
    assert "t₂ = t₁ · z₁,out" in buttons(game)


def test_the_board_names_cost_and_slots(game):
    press(game, "∂L/∂f_out", "∂f_out/∂f_in")
    board = str(golf.board(game.state["moves"]))
    assert re.search(r'data-q="cost">1<.*data-q="filled">1<', board, re.DOTALL)
    assert repr(golf.play()) == "<multiplication golf>"


def test_what_is_not_known_changes_nothing(game):
    assert golf.pressed(game.state, "nothing", "1") == game.state
