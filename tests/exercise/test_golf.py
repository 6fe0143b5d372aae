"""Multiplication golf: par is par, every mistake is named, and nothing is lost."""

import itertools
import re

import pytest

import backprop_lab as bl
from backprop_lab.exercise import golf, golf_rules
from backprop_lab.formulas import cost
from tests.markup import text

GIVEN = list(golf_rules.GIVEN)
XOR = (2, 2, 1)


@pytest.fixture
def game():
    found = golf.play()
    found.guessed.value = "15"
    return found


def press(game, *names):
    """Press two tiles: by their names; gives the product's name."""
    for name in names:
        (button,) = [b for b in game.tiles if b.description.split(" = ")[0] == name]
        assert not button.disabled
        button.click()
    return golf_rules.tile_name(len(game.played.tiles) - 1)


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
    assert game.played.done
    assert game.played.cost == golf_rules.PAR == 11
    assert "✓" in game.said.value
    assert "par. Fewer is impossible. You guessed 15." in text(game.said.value)
    reused = text(game.board.value).split("lies in")[1]
    assert re.sub(r"\s+", " ", reused).strip() == (
        "t₁ = δ (O) 4 times slot of c t₄ = δ 1 2 times slot of b 1 t₉ = δ 2 2 times slot of b 2"
    )


def test_weight_by_weight(game):
    for factors in golf_rules.SLOTS.values():
        tile = GIVEN[factors[0]]
        for factor in factors[1:]:
            tile = press(game, tile, GIVEN[factor])
    assert game.played.done
    assert game.played.cost == cost.weight_by_weight(XOR) == 27
    assert game.played == golf_rules.each_alone()
    assert "All nine with 27 multiplications. 16 of your products were made before" in text(
        game.said.value
    )
    assert "No product was used twice." in text(game.board.value)


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
    gradients = set(golf_rules.SLOTS.values())
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

    b1, b2 = golf_rules.SLOTS["b_{1}"], golf_rules.SLOTS["b_{2}"]
    # However b_1's gradient is made, its last move takes a product that is no gradient …
    assert all(others_needed(b1))
    assert all(others_needed(b2))
    # … and none of those helps b_2: it would have to be a part of both, and that is only c's.
    shared = set(b1) & set(b2)
    parts = [p for size in range(2, 5) for p in itertools.combinations(sorted(shared), size)]
    assert parts == [golf_rules.SLOTS["c"]]
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
    assert said in text(game.said.value)
    wrong = "no gradient" in said or "once more" in said
    assert ("✗" in game.said.value) is wrong
    assert ("✓" in game.said.value) is not wrong


def test_every_product_of_few_tiles_gets_a_true_remark():
    """Whatever two or three tiles are put together: no sentence claims what is not so."""
    for moves in itertools.product(
        itertools.product(range(10), repeat=2), [(10, k) for k in range(10)]
    ):
        played = golf_rules.Round(moves)
        right, sentence = golf_rules.remark(played)
        leads_on = any(set(played.tiles[-1]) <= set(f) for f in golf_rules.SLOTS.values())
        leads_on &= len(set(played.tiles[-1])) == 3
        assert right is leads_on
        assert "no gradient has all of these" not in sentence


def test_a_round_that_is_not_par_is_told_so(game):
    press(game, "u₁", "u₂")
    at_par(game)
    assert "All nine with 12 multiplications. It can be done with fewer" in text(game.said.value)
    assert "✗" in game.said.value


# --- the widget -----------------------------------------------------------------------------------


def test_no_tile_before_a_guess():
    game = golf.play()
    assert all(button.disabled for button in game.tiles)
    for typed in ("many", "-3", "2.5", "½"):
        game.guessed.value = typed
        assert f"“{typed}” is not a whole number" in text(game.heard.value)
        assert all(button.disabled for button in game.tiles)
    game.guessed.value = " 12 "
    assert not any(button.disabled for button in game.tiles)
    assert game.guess == 12


def test_undo_takes_back_one_change_after_the_other(game):
    at_par(game)
    whole = game.played
    game.restart_button.click()
    assert game.played.cost == 0
    assert game.products.children == ()
    game.undo_button.click()
    assert game.played == whole
    assert len(game.products.children) == 11
    game.alone_button.click()
    assert game.played.cost == 27
    game.undo_button.click()
    assert game.played == whole
    for left in range(10, -1, -1):
        game.undo_button.click()
        assert game.played == golf_rules.Round(whole.moves[:left])
    assert game.undo_button.disabled
    game.undo()
    assert game.played == golf_rules.Round()


def test_a_tile_can_be_put_down(game):
    press(game, "u₁")
    assert "picked" in game.given[2]._dom_classes
    press(game, "u₁")
    assert "picked" not in game.given[2]._dom_classes
    assert game.played.cost == 0
    assert "put down" in text(game.said.value)


def test_products_keep_their_buttons(game):
    first = press(game, "∂L/∂f_out", "∂f_out/∂f_in")
    (button,) = game.products.children
    press(game, first, "u₁")
    assert game.products.children[0] is button
    assert game.products.children[1].description == "t₂ = t₁ · u₁"
    assert game.products.children[1].tooltip == "∂L/∂f_out · ∂f_out/∂f_in · u₁"
    game.undo_button.click()
    press(game, first, "z₁,out")
    assert game.products.children[1].description == "t₂ = t₁ · z₁,out"


def test_the_board_names_cost_and_slots(game):
    press(game, "∂L/∂f_out", "∂f_out/∂f_in")
    assert re.search(r'data-q="cost">1<.*data-q="filled">1<', game.board.value, re.DOTALL)
    assert repr(game) == "<multiplication golf>"
