"""What is kept of each exercise: what was judged, and the presses that lead to its state."""

import pytest

from backprop_lab.exercise import drill, finder, gallery, letters, practice
from backprop_lab.page.live import Live
from tests.page.test_state_text import APPS

SIGN = "The size is right, the sign is not."
EXERCISES = [
    "predict", "predict_step", "hunt", "blanks", "signals", "exercise", "golf", "counting",
    "gallery", "drill", "finder", "formula",
]  # fmt: skip


def live(app):
    return next(child for child in app.children if isinstance(child, Live))


def judged(page):
    return [tuple(one.values()) for one in page.computes.kept.judged(page.values())]


@pytest.mark.parametrize("name", APPS)
def test_exercises_are_kept_and_nothing_else(name):
    kept = live(APPS[name]()).computes.kept
    assert bool(kept) == (name in EXERCISES)
    assert not kept or kept.title


@pytest.mark.parametrize("name", EXERCISES)
def test_nothing_is_judged_at_the_start(name):
    assert judged(live(APPS[name]())) == []


def test_blanks_and_what_is_no_number():
    page = live(practice.chain_blanks("u_2", formulas=False))
    right = f" {page.computes.kept.judged.keywords['blanks'][1][1]:.4f} ".replace(".", ",")
    page.typed_0, page.typed_1, page.typed_2 = "x", right, "7"
    first, second = judged(page)
    assert first == ("∂f_out/∂f_in", right, True, "Right.")
    assert second[1:3] == ("7", False)


def test_a_choice():
    page = live(practice.predict("Which?", [("up", True, "Yes."), ("down", False, "Why?")]))
    page.choice = 1
    assert page.computes.kept.title == "Which?"
    assert judged(page) == [("choice", "down", False, "Why?")]


def test_directions_once_all_are_guessed():
    page = live(practice.predict_step())
    for k in range(4):
        setattr(page, f"guess_{k}", 0)
    assert judged(page) == []
    page.guess_4 = 1
    found = judged(page)
    assert [one[1] for one in found] == ["rises"] * 4 + ["falls"]
    assert {one[2:] for one in found} <= {
        (True, "It rises."), (True, "It falls."), (False, "It falls."), (False, "It rises."),
    }  # fmt: skip


def test_the_first_wrong_number():
    page = live(practice.find_first_wrong())
    page.number = 1
    ((at, typed, _, said),) = judged(page)
    assert at == "first wrong"
    assert " = " in typed
    assert said


def test_a_formula_without_its_counterexample():
    wrong = [("a - y", "One factor is missing.")]
    page = live(letters.formula("δ?", "δ", "(a - y) a (1 - a)", ["a", "y"], wrong))
    for text, said in (
        ("a - y", (False, "One factor is missing.")),
        ("(y - a) a (1 - a)", (False, SIGN)),
        ("a y", (False, letters.NOT_THIS)),
        ("(a-y)a(1-a)", (True, "Right: the same values at every point that was tried.")),
    ):
        page.act("typed", text)
        assert judged(page) == [("δ", text, *said)]
        assert page.acts == [["typed", text]], "only the last text counts"
    page.act("typed", "a +")
    assert judged(page) == []


def test_a_drill_names_its_problem():
    page = live(drill.play())
    page.act("weight-2-1 dW_0_0_1", "0.0088")
    page.act("weight-2-1 z_in_0_0", "no number")
    page.act("weight-2-7 dW_0_0_1", "1")
    page.act("weight-2-1 hints", "1")
    page.act("weight-2-1 dW_0_0_1", "-0.0088")
    assert judged(page) == [("problem weight-2-1, dW_0_0_1", "-0.0088", False, SIGN)]
    page.number = 7.0
    assert [one[0] for one in judged(page)] == ["problem weight-2-7, dW_0_0_1"]
    page.act("weight-2-7 dW_0_0_1", "")
    assert "weight-2-7" not in page.state["tries"], "a cleared problem is as if never begun"
    page.act("weight-2-7 dW_0_0_1", "1")
    again = drill.play(state=page.shown_state)
    assert live(again).state == page.state
    assert live(again).number == 7.0


@pytest.mark.parametrize(
    "press",
    ["weight-2-0%20hints=1", "weight-9-1%20hints=1", "weight-2-1%20hints=100",
     "weight-2-1%20hints=x", "wait-2-1%20hints=1", "weight-2-1%20a%20b=1", "weight-2-1=1"],
)  # fmt: skip
def test_a_press_that_is_no_drills_is_refused(press):
    with pytest.raises(ValueError, match=r"^state: got"):
        drill.play(state=press)


def test_the_finder_judges_nobody():
    """The number may be another's."""
    page = live(finder.play())
    page.act("dW_1_0_0", "-0.0907")
    page.act("dW_1_0_0", "-0.0168")
    assert judged(page) == []
    assert page.acts == [["dW_1_0_0", "-0.0168"]]


def test_a_gallerys_diagnosis():
    page = live(gallery.play())
    right, wrong = gallery.SUSPECTS["A"].name, gallery.SUSPECTS["B"].name
    page.act("diagnosis", wrong)
    assert judged(page) == [("suspect A", wrong, False, f"Not {wrong}.")]
    page.act("diagnosis", right)
    told = judged(page)
    assert told in ([], [("suspect A", right, True, "Yes.")])
    for depth in gallery.CHOICES["depth"]:
        for batch in gallery.CHOICES["batch"]:
            page.act("depth", str(depth))
            page.act("batch", str(batch))
            page.act("diagnosis", right)
    assert judged(page) == [("suspect A", right, True, "Yes.")]
