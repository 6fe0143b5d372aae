"""Formulas to type: right in any form, each known slip with its own answer."""

import ast
import html
import re
from pathlib import Path

import nbformat
import pytest

from backprop_lab.exercise import letters
from tests.markup import text

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_practice.ipynb"
ASKED = ("(a - y) a (1 - a)", ["a", "y"], [("a - y", "One factor is missing.")])


@pytest.fixture
def app():
    return letters.formula("δ?", r"\delta", *ASKED)


def said(app, typed):
    app.page.act("typed", typed)
    shown = str(app.page.computes(app.page.values())["answer"])
    return text(re.search('<span class="[^"]*" role="status">(.*?)</span>', shown)[1])


@pytest.mark.parametrize(
    "typed",
    [
        "(a-y)a(1-a)",
        "a (1 − a) (a − y)",
        "a^2 - a^3 - y a + y a^2",
        "(a − y)·(a − a²)",
        "-(y-a)(a-a^2)",
    ],
)
def test_the_right_one_in_any_form(app, typed):
    assert said(app, typed) == "✓ Right: the same values at every point that was tried."


def test_wrong_ones_are_answered(app):
    assert said(app, "a-y") == "✗ One factor is missing."
    assert said(app, "(y-a) a (1-a)") == "✗ The size is right, the sign is not."
    assert re.fullmatch(
        r"✗ Not this\. With a = [\d.]+, y = [\d.]+ yours is [\d.]+\.", said(app, "a")
    )
    assert "expected" in said(app, "(a - y")
    assert "is no name here" in said(app, "b")
    assert said(app, " ") == ""


def test_nothing_that_is_typed_becomes_markup(app):
    app.page.act("typed", "<script>alert(1)</script>")
    shown = str(app.page.computes(app.page.values())["answer"])
    assert "<script" not in shown
    assert "alert" in html.unescape(shown)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="wrong: got 'a'; it is the right one"):
        letters.formula("?", "x", "(a + a) / 2", ["a"], [("a", "no")])
    with pytest.raises(ValueError, match="text: "):
        letters.formula("?", "x", "a +", ["a"])
    with pytest.raises(ValueError, match="wrong: got 'No' 2 times; expected no two alike"):
        letters.formula("?", "x", "a", ["a"], [("2 a", "No"), ("3 a", "No")])
    for names in ([], "ab"):
        with pytest.raises(ValueError, match="names: got"):
            letters.formula("?", "x", "1", names)


def test_every_wrong_formula_of_the_notebook_has_its_own_answer():
    cells = [c.source for c in nbformat.read(NOTEBOOK, 4).cells if "letters.formula(" in c.source]
    assert len(cells) >= 5
    for source in cells:
        call = ast.parse(source).body[0].value
        *_, right, _, wrong = given = [ast.literal_eval(argument) for argument in call.args]
        app = letters.formula(*given)
        assert said(app, right).startswith("✓")
        for formula, sentence in wrong:
            assert said(app, formula) == text(f"✗ {sentence}"), formula
