"""The gallery of wrong backprops: every wrong pass is refused where it shows, and nowhere else.

Beyond the eight: all passes that differ from the real one by a sign, an operator, a transpose, an
index, an axis, a condition or the order, and one of them, drawn at random, as the ninth.
"""

import ast
import html
import itertools
import re
from functools import cache

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core import network
from backprop_lab.core.network import REDUCTIONS, Layer, Network, forward_pass
from backprop_lab.exercise import gallery, wrong_passes
from backprop_lab.exercise.gallery import SUSPECTS
from backprop_lab.exercise.wrong_passes import GALLERY, SOURCE, Case
from backprop_lab.formulas import check
from tests import random_networks
from tests.markup import text

CASES = [Case(*chosen) for chosen in itertools.product(*wrong_passes.CHOICES.values())]
NINTH = wrong_passes.Wrong(
    "bias gradient one layer off",
    "",
    "db[i] = signal",
    "db[i - 1] = signal",
    depth=2,
)
"""Not of the gallery: drawn at random from all edits of the pass, see `test_the_ninth`."""
NINE = pytest.mark.parametrize("wrong", [*GALLERY, NINTH], ids=lambda wrong: wrong.name)


def least(wrong):
    """The least case at which it shows."""
    hides = wrong.hidden_by
    return Case(
        wrong.depth,
        wrong.width,
        wrong.batch,
        "tanh" if hides == "relu" else "relu",
        "mean" if hides == "sum" else "sum",
    )


# --- the eight ------------------------------------------------------------------------------------


@NINE
def test_an_edit_fits_the_pass_in_one_place(wrong):
    assert SOURCE.count(wrong.old) == 1
    assert wrong.lines[0] != wrong.lines[1]


def test_the_pass_itself_is_accepted_everywhere():
    assert gallery.BOUND == random_networks.BOUND
    for case in CASES:
        found = gallery.check(network.backward_pass, *case.arguments)
        assert found.passes
        assert len(found.rows) == 2 * case.depth


@NINE
def test_it_shows_from_its_least_case_on_and_not_before(wrong):
    """In all cases of the exercise, so in the least one, and in none that is one size smaller."""
    for case in CASES:
        assert gallery.check(wrong, *case.arguments).passes is not wrong.shows(case), case
    assert wrong.shows(least(wrong))


@NINE
def test_the_project_s_checks_refuse_it_at_its_least_case(wrong, monkeypatch):
    """In the place of the real pass, so that `backward` and `agreement` run it."""
    net, X, y, loss, reduction = least(wrong).arguments
    ways = check.complex_step, check.finite_difference
    bounds = random_networks.BOUND, 1e-6

    def gradient(x, target):
        return bl.backward(net, bl.forward(net, x), target, loss, reduction)

    def refused():
        g = gradient(X, y)
        said = [*g.dW, *g.db]
        return [
            any(bl.error(a, b) > bound for a, b in zip(said, [*dW, *db], strict=True))
            for (dW, db), bound in zip(measured, bounds, strict=True)
        ]

    measured = [way(gradient(X, y)) for way in ways]
    assert refused() == [False, False]
    right = bl.agreement(gradient(X[0], y[0]))
    assert right.sympy_error <= random_networks.BOUND
    assert right.nudge_error <= 1e-6
    monkeypatch.setattr(network, "backward_pass", wrong)
    assert refused() == [True, True]
    found = bl.agreement(gradient(X[0], y[0]))  # of one example, a batch of one
    if wrong.batch == 1:
        assert found.sympy_error > 1e-3
        assert found.nudge_error > 1e-3
    else:
        assert found.sympy_error <= random_networks.BOUND


def test_a_wrong_shape_is_refused():
    """δ as it is for the bias gradient: with one example the numbers are right, not the shape."""
    unsummed = wrong_passes.compiled(SOURCE.replace("signal.sum(axis=0)", "signal"))
    found = gallery.check(unsummed, *Case(batch=1).arguments)
    assert [row.agrees for row in found.rows] == [True, False] * 3
    assert "shape (1, 3) shape (3,) ✗ wrong" in text(gallery.table(found))
    assert repr(found) == "<gradient check: 3 of 6 arrays agree>"


def test_a_pass_that_stops_is_refused():
    """Widths that differ: NumPy refuses the product with the weights not transposed."""
    net = Network.mlp([2, 3, 1])
    found = gallery.check(GALLERY[0], net, [1.0, 0.0], [1.0])
    assert not found.passes
    assert "✗ The pass stops with ValueError" in gallery.table(found)
    assert repr(found) == "<gradient check: stopped with ValueError>"
    assert gallery.check(network.backward_pass, net, [1.0, 0.0], [1.0]).passes


# --- all passes with one edit ---------------------------------------------------------------------

SWAPS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.MatMult: "*"}


def edits(node):
    """What a piece of the source may be turned into."""
    here = ast.unparse(node)
    match node:
        case ast.BinOp(left=ast.List()):
            return  # [None] * n is no arithmetic
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield node, ast.unparse(operand)
        case ast.BinOp(left=left, op=op, right=right):
            yield node, f"-({here})"
            yield node, f"({ast.unparse(left)}) {SWAPS[type(op)]} ({ast.unparse(right)})"
        case ast.Attribute(attr="T", value=value):
            yield node, ast.unparse(value)
        case ast.Subscript(value=ast.Name(id="ACTIVATIONS")):
            return  # its index is a name
        case ast.Subscript(slice=index):
            yield index, f"{ast.unparse(index)} + 1"
            yield index, f"{ast.unparse(index)} - 1"
        case ast.keyword(arg="axis", value=value):
            yield value, "1"
            yield value, "None"
        case ast.If(test=test) | ast.IfExp(test=test):
            yield test, f"not {ast.unparse(test)}"
        case ast.Call(func=ast.Name(id="reversed"), args=[order]):
            yield node, ast.unparse(order)


def mutants():
    """Every edit of the pass, as "line: old -> new", and the source with it."""
    lines = SOURCE.splitlines()
    found = {}
    for node in ast.walk(ast.parse(SOURCE)):
        for place, new in edits(node):
            k, start, end = place.lineno - 1, place.col_offset, place.end_col_offset
            line = lines[k][:start] + new + lines[k][end:]
            name = f"{lines[k].strip()} -> {line.strip()}"
            found[name] = "\n".join([*lines[:k], line, *lines[k + 1 :]])
    return found


MUTANTS = mutants()
BESIDE_THE_WEIGHTS = {
    "value = loss.shares(v, y).sum() / divisor -> value = -(loss.shares(v, y).sum() / divisor)",
    "value = loss.shares(v, y).sum() / divisor -> value = (loss.shares(v, y).sum()) * (divisor)",
    "delta[i] = signal -> delta[i - 1] = signal",
}
"""Edits that leave dW and db right, and spoil the loss or the δ that is given back."""


@cache
def measured(seed):
    """A random network; loss, delta, dW, db and dx without the pass, by the complex step.

    δ is the slope with regard to a bias, example by example; that of an identity layer in front,
    whose bias is the example, is dx.
    """
    case = random_networks.draw(seed, depth=3, width=3)
    x, y = np.atleast_2d(case.x), np.atleast_2d(case.y)
    which, divisor = bl.LOSSES[case.loss], REDUCTIONS[case.reduction](len(x))
    z_in, z_out = forward_pass(case.net.layers, x)
    g = bl.backward(case.net, bl.forward(case.net, x), y, case.loss, case.reduction)
    dW, db = check.complex_step(g)
    n = x.shape[1]
    alone = []
    for example, target in zip(x, y, strict=True):
        net = Network([Layer(np.eye(n), example, "identity"), *case.net.layers])
        g = bl.backward(net, bl.forward(net, np.zeros(n)), target, case.loss)
        alone.append(check.complex_step(g)[1])
    dx, *delta = (np.array(rows) / divisor for rows in zip(*alone, strict=True))
    loss = which(which.argument(z_in[-1], z_out[-1]), y).sum() / divisor
    arguments = case.net.layers, x, z_in, z_out, y, which, divisor
    return case, arguments, (loss, *delta, *dW, *db, dx)


SEEDS = [s for s in range(60) if not random_networks.draw(s, depth=3, width=3).on_a_kink]


def wrong_with(backward_pass, seed):
    """What is not as measured: kinds of quantities, or that the pass stops."""
    case, arguments, expected = measured(seed)
    try:
        with np.errstate(all="ignore"):
            loss, delta, dW, db, dx = backward_pass(*arguments)
    except (IndexError, TypeError, ValueError):
        return {"stopped"}
    depth = len(case.net.layers)
    kinds = ["loss", *["delta"] * depth, *["dW"] * depth, *["db"] * depth, "dx"]
    return {
        kind
        for kind, a, b in zip(kinds, (loss, *delta, *dW, *db, dx), expected, strict=True)
        if np.shape(a) != np.shape(b) or not bl.error(a, b) <= random_networks.BOUND
    }


@cache
def verdicts():
    """For every edit: what is wrong with it, on any of the networks."""
    return {
        name: set().union(*(wrong_with(wrong_passes.compiled(source), seed) for seed in SEEDS))
        for name, source in MUTANTS.items()
    }


def test_the_pass_is_the_measured_one():
    assert len(SEEDS) >= 50
    assert not any(wrong_with(network.backward_pass, seed) for seed in SEEDS)


def test_every_edit_of_the_pass_is_refused():
    """All of them: none is equivalent to the pass."""
    assert len(MUTANTS) >= 50
    assert [name for name, wrong in verdicts().items() if not wrong] == []
    beside = {n for n, wrong in verdicts().items() if not wrong & {"dW", "db", "stopped"}}
    assert beside == BESIDE_THE_WEIGHTS


def test_the_ninth():
    """From the edits that run on every network and spoil dW or db."""
    silent = [n for n, w in verdicts().items() if "stopped" not in w and w & {"dW", "db"}]
    assert len(silent) >= 15
    drawn = silent[np.random.default_rng(9).integers(len(silent))]
    assert MUTANTS[drawn] == SOURCE.replace(NINTH.old, NINTH.new).rstrip()
    assert drawn == "db[i] = signal.sum(axis=0) -> db[i - 1] = signal.sum(axis=0)"


# --- the diagnosis --------------------------------------------------------------------------------


@pytest.mark.parametrize("suspect", GALLERY, ids=lambda wrong: wrong.name)
def test_only_the_right_diagnosis_is_right_and_none_where_nothing_fails(suspect):
    for case in CASES[::7]:
        for guess in GALLERY:
            right, sentence = gallery.judge(suspect, guess, case)
            assert right is (guess == suspect and suspect.shows(case))
            assert right or suspect.name not in sentence


def test_every_two_of_the_eight_can_be_told_apart():
    """By a case in which both fail in other ways, or only one fails."""
    same = "That would give these very numbers."
    for one, other in itertools.combinations(GALLERY, 2):
        answers = (gallery.judge(one, other, case)[1] for case in CASES if one.shows(case))
        assert any(not answer.startswith(same) for answer in answers)


BY_NAME = {wrong.name: wrong for wrong in GALLERY}


@pytest.mark.parametrize(
    ("suspect", "guess", "case", "answer"),
    [
        ("missing ½", "missing transpose", Case(1, 1, 1), "That would not show in this case. It "
         "shows from depth 2, width 2 and one example on."),
        ("missing ½", "sum in place of the mean", Case(2, 2, 2), "That would give these very "
         "numbers. Find a case that tells the two apart."),
        ("missing ½", "sum in place of the mean", Case(2, 2, 3), "That would spoil the same "
         "arrays, but otherwise: for W of layer 1 backpropagation would say"),
        ("missing ½", "missing transpose", Case(2, 2, 1), "That would leave the gradient of W of "
         "layer 2 right."),
        ("missing transpose", "missing ½", Case(2, 2, 1), "That would spoil the gradient of W of "
         "layer 2, and here it is right."),
        ("missing transpose", "missing ½", Case(2, 1, 1), "Nothing fails here: look for a case in "
         "which the check does."),
    ],
)  # fmt: skip
def test_a_wrong_diagnosis_is_answered_from_the_case(suspect, guess, case, answer):
    right, sentence = gallery.judge(BY_NAME[suspect], BY_NAME[guess], case)
    assert not right
    assert sentence.startswith(answer)


def test_a_sentence_s_numbers_are_those_of_the_guess():
    """Twice and three times the right gradient."""
    case = Case(1, 1, 3)
    _, sentence = gallery.judge(BY_NAME["missing ½"], BY_NAME["sum in place of the mean"], case)
    said, measured = map(float, re.findall(r"-?\d\.\d{4}", sentence))
    assert measured != 0
    assert said == pytest.approx(3 * measured, abs=2e-4)


# --- the widget -----------------------------------------------------------------------------------


def test_a_walk_through_the_exercise():
    game = gallery.play()
    assert game.chosen == Case(2, 2, 1, "tanh", "mean")
    assert text(game.score.value) == "found: 0 of 8"
    for letter, suspect in SUSPECTS.items():
        game.suspect.label = letter
        assert game.said.value == ""
        assert game.diagnosis.value is None
        game.case["batch"].value = 3
        found = gallery.check(suspect, *game.chosen.arguments)
        assert game.table.value == gallery.table(found)
        wrong = next(guess for guess in GALLERY if guess != suspect)
        game.diagnosis.value = wrong
        assert "✗" in game.said.value
        assert html.escape(suspect.new) not in game.said.value
        game.case["batch"].value = 2
        assert game.said.value == "", "an answer belongs to its case"
        game.case["batch"].value = 3
        game.diagnosis.value = suspect
        assert f"✓ Yes: {suspect.name}." in text(game.said.value)
        codes = re.findall("<code>(.*?)</code>", game.said.value)
        assert tuple(html.unescape(re.sub("<.*?>", "", code)) for code in codes) == suspect.lines
    assert text(game.score.value) == "found: 8 of 8 A, B, C, D, E, F, G, H"


def test_what_was_found_stays_found():
    game = gallery.play()
    game.diagnosis.value = game.suspect.value
    revealed = game.said.value
    assert revealed == gallery.revealed(SUSPECTS["A"])
    game.suspect.label = "B"
    assert game.said.value == ""
    game.suspect.label = "A"
    assert game.said.value == revealed
    game.case["depth"].value = 1  # where it does not show
    assert game.said.value == revealed
    assert text(game.score.value) == "found: 1 of 8 A"


def test_the_answers_are_hidden_until_found():
    """Neither in the widgets' state nor in the order of the letters."""
    game = gallery.play()
    assert [SUSPECTS[letter] for letter in "ABCDEFGH"] != list(GALLERY)
    assert set(SUSPECTS.values()) == set(GALLERY)
    state = str([child.get_state() for child in (game.suspect, game.table, game.said)])
    assert not any(wrong.name in state or wrong.new in state for wrong in GALLERY)
    assert repr(game) == "<a gallery of wrong backprops>"
