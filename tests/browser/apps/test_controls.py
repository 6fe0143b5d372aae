"""The walk-through's controls: stages, points, weights, numbers, and the step."""

import pytest

from tests.nightly import by_day

from .app import ALPHA, LOCKED, STAGES
from .numbers import NAMES, POINTS, START, wrong_numbers, xor


def test_the_walkthrough_starts_with_the_lecture(walkthrough):
    found = walkthrough.read()
    assert found["numbers"]["z_in_1_0"] == "1.1270"
    assert found["numbers"]["dW_1_0_0"] == "-0.0168"
    assert found["numbers"]["new_W_1_0_0"] == "-0.2116"
    assert float(found["controls"][ALPHA]) == 0.5


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_stages_lock_and_unlock(walkthrough, key):
    for stage in (0, 1, 2, 1, 0):
        walkthrough.press(f"button(ROOT, {STAGES[stage]!r})", key)
        walkthrough.until(lambda found, s=stage: found["pressed"] != [STAGES[s]], "stage")
        walkthrough.until(lambda found, s=stage: set(found["locked"]) ^ LOCKED[s], "locks")
        walkthrough.until(wrong_numbers, STAGES[stage])


@pytest.mark.parametrize("stage", by_day(STAGES, "3 Update"))
def test_points_and_weights(walkthrough, stage):
    walkthrough.press(f"button(ROOT, {stage!r})", "Enter")
    walkthrough.until(lambda found: found["pressed"] != [stage], "stage")
    for point in (3, 1, 0, 2):
        walkthrough.choose("point", POINTS[point])
        found = walkthrough.until(wrong_numbers, POINTS[point])
        assert found["numbers"]["y_0"] == POINTS[point][-1]
    if stage != STAGES[0]:
        for weight in NAMES:
            walkthrough.choose("weight", weight)
            walkthrough.until(wrong_numbers, weight)
        walkthrough.choose("weight", "u_1")


SLIDERS = dict.fromkeys(NAMES, 0.01) | {ALPHA: 0.1}
"""Each number's step."""


@pytest.mark.parametrize("name", by_day(SLIDERS, "W_12", "c", ALPHA))
def test_sliders_and_fields(walkthrough, name):
    step = SLIDERS[name]
    before = float(walkthrough.read()["controls"][name])
    for key, moves in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowLeft", -1), ("ArrowDown", -2)):
        here = float(walkthrough.read()["controls"][name])
        walkthrough.press(f"handle(ROOT, {name!r})", *[key] * abs(moves))
        there = here + step * moves
        found = walkthrough.until(
            lambda found, t=there: (
                abs(float(found["controls"][name]) - t) > 1e-6 and (found["controls"][name], t)
            ),
            key,
        )
        walkthrough.until(wrong_numbers, key)
    assert float(found["controls"][name]) == pytest.approx(before)
    for typed in ("1.23456", "4", ".5") + (() if step == 0.1 else ("-2.5",)):
        walkthrough.type(name, typed)
        found = walkthrough.until(wrong_numbers, typed)
        assert float(found["controls"][name]) == float(typed)
        walkthrough.until(
            lambda found, t=typed: abs(found["sliders"][name] - float(t)) > step / 2 + 1e-9
        )
        assert found["message"] == ""
        assert float(walkthrough.read()["controls"][name]) == float(typed), "as typed"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_take_the_step_and_back(walkthrough, key):
    walkthrough.choose("point", POINTS[3])
    walkthrough.type(ALPHA, "2.5")
    walkthrough.until(wrong_numbers)
    p = dict(START)
    for _ in range(2):
        _, slopes = xor(p, 3)
        p = {name: round(p[name] - 2.5 * slopes[name], 6) for name in NAMES}
        walkthrough.press('button(ROOT, "Take the step")', key)
        walkthrough.until(
            lambda found, q=p: {
                n: found["controls"][n]
                for n in NAMES
                if abs(float(found["controls"][n]) - q[n]) > 1.5e-6
            },
            "the new parameters",
        )
        walkthrough.until(wrong_numbers)
    walkthrough.press('button(ROOT, "Lecture\'s weights")', key)
    walkthrough.until(lambda found: {n: float(found["controls"][n]) for n in NAMES} != START)
    found = walkthrough.until(wrong_numbers)
    assert float(found["controls"][ALPHA]) == 0.5


SOME = ["W_11", "b_2", "c", ALPHA]


def test_99_is_refused_by_name_and_stays(walkthrough):
    for name in SOME:
        before = walkthrough.read()
        tops = walkthrough.get("tops(ROOT)")
        walkthrough.type(name, "99")
        low, high = ("0", "10") if name == ALPHA else ("-5", "5")
        found = walkthrough.until(lambda found: not found["message"], "message")
        assert name in found["message"]
        assert "99" in found["message"]
        assert f"from {low} to {high}" in found["message"]
        assert found["numbers"] == before["numbers"], "the last good picture"
        assert found["controls"][name] == "99", "what was typed stays"
        assert walkthrough.get("tops(ROOT)") == pytest.approx(tops, abs=1)
        walkthrough.type(name, "1.5")
        walkthrough.until(lambda found: found["message"], "the message goes")
        walkthrough.until(wrong_numbers)
        assert walkthrough.get("tops(ROOT)") == pytest.approx(tops, abs=1)


def test_a_step_waits_for_a_number_in_range(walkthrough):
    before = walkthrough.read()
    walkthrough.type("W_11", "99")
    walkthrough.until(lambda found: not found["message"], "message")
    walkthrough.press('button(ROOT, "Take the step")', "Enter")
    walkthrough.press("field(ROOT, 'b_1')", "Tab")
    found = walkthrough.until(lambda found: "W_11" not in found["message"], "message")
    assert found["numbers"] == before["numbers"]
    assert found["controls"] == before["controls"] | {"W_11": "99"}


def test_the_picture_keeps_its_place(walkthrough):
    tops = walkthrough.get("tops(ROOT)")
    for name in ("W_12", "c"):
        for key in ("ArrowRight", "PageUp", "End", "Home"):
            walkthrough.press(f"handle(ROOT, {name!r})", key)
            walkthrough.until(wrong_numbers, key)
            assert walkthrough.get("tops(ROOT)") == pytest.approx(tops, abs=1)
    for weight in ("W_11", "b_1", "c"):
        walkthrough.choose("weight", weight)
        walkthrough.until(wrong_numbers, weight)
        walkthrough.get("quiet(ROOT)")
        assert walkthrough.get("tops(ROOT)")["picture"] == pytest.approx(tops["picture"], abs=1)
    for stage in (*STAGES, STAGES[0]):
        walkthrough.press(f"button(ROOT, {stage!r})", "Enter")
        walkthrough.until(lambda found, s=stage: found["pressed"] != [s], "stage")
        walkthrough.until(wrong_numbers, stage)
        walkthrough.get("quiet(ROOT)")
        assert walkthrough.get("tops(ROOT)")["picture"] == pytest.approx(tops["picture"], abs=1)


# --- the weights in the picture -------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_click_in_the_picture_chooses_the_weight_once_there_is_a_choice(walkthrough, stage):
    walkthrough.press(f"button(ROOT, {stage!r})", "Enter")
    walkthrough.until(lambda found: found["pressed"] != [stage], "stage")
    for row, name in enumerate(NAMES):
        walkthrough.page.mouse.click(*walkthrough.get(f"target(ROOT, {row})"))
        expected = name if stage != STAGES[0] else "u_1"
        walkthrough.until(lambda found, n=expected: found["controls"]["weight"] != n, name)
        walkthrough.until(wrong_numbers, name)
        lit = walkthrough.get("now(ROOT)")["lit"]
        assert bool(lit) == (stage != STAGES[0])
        assert (NAMES[name] in lit) == (stage != STAGES[0] and name[0] in "Wu")
