"""Practice in the page: its views against Python's on random states, and typed in JupyterLab."""

import numpy as np
import pytest

from backprop_lab.exercise import drill, finder, letters
from backprop_lab.exercise.problems import TOPICS, WIDTHS
from backprop_lab.formulas.notation import NOTATIONS
from tests.browser.test_views import in_page, plain
from tests.nightly import by_night


def random_problem(rng, view):
    """A problem, some hints, and answers to some of its steps: right, wrong, or none."""
    values = {
        "topic": str(rng.choice(list(TOPICS))), "level": int(rng.choice(list(WIDTHS))),
        "notation": str(rng.choice(list(NOTATIONS))), "number": float(rng.integers(1, 200)),
    }  # fmt: skip
    problem = f"{values['topic']}-{values['level']}-{int(values['number'])}"
    names = ["z_in_0_0", "z_out_0_0", "delta_0_0", "delta_1_0", "dW_0_0_0", "z_in_0_0@2"]
    typed = {n: str(round(rng.normal(), 4)) for n in names if rng.integers(2)}
    typed |= {"z_out_1_0": str(rng.choice(["", "x", "0,5", "<b>", "1e400"]))}
    hints = int(rng.choice([0, 1, 3, 5, drill.SOLVED]))
    return values | {"tries": {problem: {"typed": typed, "hints": hints}}}


@pytest.mark.parametrize("count", [50, by_night(300)])
def test_problems_are_the_same_in_the_page(page, count):
    app, rng = drill.play().page, np.random.default_rng(3)
    given = [[random_problem(rng, app), []] for _ in range(count)]
    for (values, _), found in zip(given, in_page(page, app, given), strict=True):
        assert found == plain(app.computes(values)), values


@pytest.mark.parametrize("count", [30, by_night(120)])
def test_the_finder_is_the_same_in_the_page(page, count):
    app, rng = finder.play().page, np.random.default_rng(4)
    known = [-0.0907, -0.0168, 0.0023, -0.0197, 0.0125, 0.5]
    given = []
    for _ in range(count):
        names = rng.choice(["dW_1_0_0", "dW_0_0_0", "db_1_0", "dW_0_1_0"], 2, replace=False)
        texts = [str(rng.choice([*map(str, known), "", "x", "-0,0168"])) for _ in names]
        given.append([{"typed": dict(zip(map(str, names), texts, strict=True))}, []])
    seen = in_page(page, app, given)
    for (values, _), found in zip(given, seen, strict=True):
        assert found == plain(app.computes(values)), values
    assert len({str(found) for found in seen}) > count // 3


def test_formulas_are_judged_the_same_in_the_page(page):
    wrong = [("a - y", "One factor is missing.")]
    app = letters.formula("δ?", "δ", "(a - y) a (1 - a)", ["a", "y"], wrong).page
    texts = ["a-y", "(a-y)a(1-a)", "(y-a)a(1-a)", "a(", "2a", "σ'(a)", "<b>", "((((a", "1e400", ""]
    given = [[app.computes.changed(app.state, letters.FIELD, text), []] for text in texts]
    for (values, _), found in zip(given, in_page(page, app, given), strict=True):
        assert found == plain(app.computes(values)), values


@pytest.fixture(scope="module")
def notebook(opens):
    return opens("from backprop_lab.exercise import drill, finder", "drill.play()", "finder.play()")


def typed(app, name, text):
    """Type an answer into the field of that name, by keys."""
    field = app.page.locator(f"input[data-act$='{name}']:visible").first
    field.fill(text)
    field.press("Enter")


def test_a_problem_is_solved_by_keys(cell):
    app = cell("drill.play()")
    typed(app, " dW_0_0_1", "0.0088")
    app.says("✓ Right.")
    app.press("Show the lines", "Next formula")
    typed(app, " z_in_0_0", "-1.6")
    app.says("✗ Not yet.")
    typed(app, " z_out_0_0", "-0.9217")
    app.says("✓ Right by consequence")
    app.press("Next problem")
    app.until(f"!{app.at}.node.innerText.includes('Right')")
    app.press("Solution")
    app.says("Without rounding in between")


def test_digits_name_their_slip(cell):
    app = cell("finder.play()")
    typed(app, "dW_1_0_0", "-0,0907")
    app.says("σ′ of the output missing")
    typed(app, "dW_1_0_0", "-0.0168")
    app.says("These are the right digits")
