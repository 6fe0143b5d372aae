"""The gallery of wrong backprops: every wrong pass is refused where it shows, and nowhere else.

Beyond the eight: all passes that differ from the real one by a sign, an operator, a transpose, an
index, an axis, a condition or the order, and one of them, drawn at random, as the ninth.
"""

import ast
import html
import itertools
import re
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core import network
from backprop_lab.core.network import REDUCTIONS, Layer, Network, forward_pass
from backprop_lab.exercise import gallery, wrong_passes
from backprop_lab.exercise.gallery import SUSPECTS
from backprop_lab.exercise.wrong_passes import GALLERY, SOURCE, Case, arguments
from backprop_lab.formulas import check
from backprop_lab.picture import elements
from tests import random_networks
from tests.markup import text, tree

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


def compare(backward_pass, case):
    return gallery.compare(backward_pass, *arguments(case))


def test_the_pass_itself_is_accepted_everywhere_by_far():
    """Central differences are good to a hundredth of the bound, a wrong pass is off by much."""
    for case in CASES:
        found = compare(network.backward_pass, case)
        assert gallery.passes(found)
        assert [row.layer for row in found] == [k // 2 for k in range(2 * case.depth)]
        assert [row.kind for row in found] == ["dW", "db"] * case.depth
        assert max(row.error for row in found) < 0.02 * gallery.BOUND


@NINE
def test_it_shows_from_its_least_case_on_and_not_before(wrong):
    """In all cases of the exercise, so in the least one, and in none that is one size smaller."""
    for case in CASES:
        found = compare(wrong, case)
        assert gallery.passes(found) is not wrong.shows(case), case
        off = [row.error for row in found if not gallery.agrees(row)]
        assert all(error > 1e2 * gallery.BOUND for error in off)
    assert wrong.shows(least(wrong))


def test_what_was_measured_is_what_the_complex_step_says():
    for case in CASES[::5]:
        layers, X, y, divisor = arguments(case)
        net = Network([Layer(*layer) for layer in layers])
        g = bl.backward(net, bl.forward(net, X), y, reduction=case.reduction)
        assert g.divisor == divisor
        nothing = (0, 0, *zeros(net), 0)
        for row in gallery.compare(lambda *_, said=nothing: said, layers, X, y, divisor):
            exact = check.complex_step(g)[row.kind == "db"][row.layer]
            assert row.measured == pytest.approx(exact.flat[np.abs(exact).argmax()], rel=1e-5)


def zeros(net):
    return [[np.zeros(layer.W.shape) for layer in net.layers],
            [np.zeros(layer.b.shape) for layer in net.layers]]  # fmt: skip


@NINE
def test_the_project_s_checks_refuse_it_at_its_least_case(wrong, monkeypatch):
    """In the place of the real pass, so that `backward` and `agreement` run it."""
    case = least(wrong)
    layers, X, y, _ = arguments(case)
    net, loss = Network([Layer(*layer) for layer in layers]), "half_squared_error"
    ways = check.complex_step, check.finite_difference
    bounds = random_networks.BOUND, 1e-6

    def gradient(x, target):
        return bl.backward(net, bl.forward(net, x), target, loss, case.reduction)

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
    unsummed = wrong_passes.compiled(SOURCE.replace("signal.sum(axis=-2)", "signal"))
    found = compare(unsummed, Case(batch=1))
    assert [gallery.agrees(row) for row in found] == [True, False] * 3
    assert not gallery.passes(found)
    assert "shape 1 × 3 shape 3 ✗ wrong" in text(str(gallery.table(found)))


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
    "value = loss.total(v, y) / divisor -> value = -(loss.total(v, y) / divisor)",
    "value = loss.total(v, y) / divisor -> value = (loss.total(v, y)) * (divisor)",
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
    assert drawn == "db[i] = signal.sum(axis=-2) -> db[i - 1] = signal.sum(axis=-2)"


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


# --- the exercise ---------------------------------------------------------------------------------


def shown(page):
    return elements.page(gallery.gallery_view(page.state)["gallery"])


def answer(page):
    (found,) = [e for e in tree(shown(page)).iter("div") if e.get("class") == "answer"]
    return ET.tostring(found, encoding="unicode")


def pressed(page):
    buttons = tree(shown(page)).iter("button")
    return {b.get("data-act"): b.get("value") for b in buttons if b.get("aria-pressed") == "true"}


def test_a_walk_through_the_exercise():
    page = gallery.play().page
    assert gallery.case_of(page.state) == Case(2, 2, 1, "tanh", "mean")
    case = {"depth": "2", "width": "2", "batch": "1", "activation": "tanh", "reduction": "mean"}
    assert pressed(page) == {"suspect": "A"} | case
    assert "found: 0 of 8" in text(shown(page))
    for letter, suspect in SUSPECTS.items():
        page.act("suspect", letter)
        assert text(answer(page)) == ""
        assert "diagnosis" not in pressed(page)
        page.act("batch", "3")
        found = compare(suspect, gallery.case_of(page.state))
        assert str(gallery.table(found)) in shown(page)
        wrong = next(guess for guess in GALLERY if guess != suspect)
        page.act("diagnosis", wrong.name)
        assert pressed(page)["diagnosis"] == wrong.name
        assert "✗" in answer(page)
        assert html.escape(suspect.new) not in answer(page)
        page.act("batch", "2")
        assert text(answer(page)) == "", "an answer belongs to its case"
        page.act("batch", "3")
        page.act("diagnosis", suspect.name)
        assert f"✓ Yes: {suspect.name}." in text(answer(page))
        codes = re.findall("<code>(.*?)</code>", answer(page))
        assert tuple(html.unescape(re.sub("<.*?>", "", code)) for code in codes) == suspect.lines
    assert "found: 8 of 8 A, B, C, D, E, F, G, H" in text(shown(page))


def test_what_was_found_stays_found():
    page = gallery.play().page
    page.act("diagnosis", SUSPECTS["A"].name)
    revealed = answer(page)
    assert text(revealed) == text(str(gallery.revealed(SUSPECTS["A"])))
    page.act("suspect", "B")
    assert text(answer(page)) == ""
    page.act("suspect", "A")
    assert answer(page) == revealed
    page.act("depth", "1")  # where it does not show
    assert answer(page) == revealed
    page.act("diagnosis", SUSPECTS["A"].name)
    assert page.state["found"] == ["A"]


def test_the_answers_are_hidden_until_found():
    """Neither in what is shown nor in the order of the letters."""
    page = gallery.play().page
    assert [SUSPECTS[letter] for letter in "ABCDEFGH"] != list(GALLERY)
    assert set(SUSPECTS.values()) == set(GALLERY)
    assert not any(html.escape(wrong.new) in shown(page) for wrong in GALLERY)
    assert repr(gallery.play()) == "<a gallery of wrong backprops>"
