"""The lectures' exercises: what a lecture prints is right, each usual mistake is named."""

import pytest

import backprop_lab as bl
from backprop_lab.exercise import exercises
from backprop_lab.exercise.blanks import answered
from backprop_lab.exercise.formula import parse, result
from backprop_lab.exercise.judge import CONSEQUENCE, is_right, judged

PRINTED = {
    1: ["0.5", "1.1", "0.622", "0.750", "0.861"],
    2: ["-0.124", "-0.077"],
    3: ["-0.015", "-0.015"],
    4: ["0.016", "0.00024"],
}
"""CH8's solutions, as it prints them."""


def blanks(number):
    return exercises.exercise(number).content


@pytest.mark.parametrize("number", PRINTED)
def test_the_lectures_own_solutions_are_right(number):
    for blank, text in zip(blanks(number), PRINTED[number], strict=True):
        known = blank.known, blank.expected, blank.digits
        assert "✓" in answered(text, *known)[1], text
        assert "the sign is not" in answered(str(-float(text)), *known)[1]


@pytest.mark.parametrize("number", PRINTED)
def test_every_usual_mistake_is_named(number):
    for blank in blanks(number):
        assert blank.mistakes
        for mistake in blank.mistakes:
            found = judged(mistake.value, blank.known, blank.expected, blank.digits)
            assert found == (False, mistake.sentence)


def test_exact_values_are_those_of_the_ledger():
    found = [blank.expected for number in (2, 3) for blank in blanks(number)]
    assert found == pytest.approx([-0.124055, -0.0772190, -0.0145767, -0.0145767], abs=5e-7)
    assert [blank.expected for blank in blanks(4)] == [1 / 64, 1 / 4096]


def test_the_printed_solutions_stand_in_the_lecture_too():
    texts = {number.text for number in bl.lectures.ch8().printed}
    assert {text for n in (1, 2, 3) for text in PRINTED[n]} <= texts


def test_another_number_is_refused():
    with pytest.raises(ValueError, match="number: got 5; expected one of 1, 2, 3, 4"):
        exercises.exercise(5)


FOLLOWING = {
    "the output": (2, {0: "-0.062"}, 1, "-0.039"),
    "the hidden unit": (3, {0: "-0.062"}, 1, "-0.062"),
    "the forward pass": (1, {0: "0.6"}, 2, "0.646"),
    "two steps later": (1, {2: "0.7", 3: "0.7"}, 4, "0.870"),
}


@pytest.mark.parametrize("case", FOLLOWING)
def test_what_follows_from_a_wrong_number_is_right_by_consequence(case):
    number, before, asked, typed = FOLLOWING[case]
    page = exercises.exercise(number).page
    values = dict.fromkeys(page.computes.inputs, "") | {f"typed_{asked}": typed}
    said = page.computes(values)[f"said_{asked}"]
    assert said[0] == "backward"
    said = page.computes(values | {f"typed_{k}": text for k, text in before.items()})
    assert said[f"said_{asked}"] == ("forward", f"✓ {CONSEQUENCE}")
    assert all(said[f"said_{k}"][0] == "backward" for k in before)


@pytest.mark.parametrize("number", exercises.CH8)
def test_the_right_numbers_lead_to_the_right_ones(number):
    """A formula by which a blank follows, at what the blanks before it expect."""
    known = {}
    for k, blank in enumerate(blanks(number), 1):
        if blank.follows:
            found = result(parse(blank.follows, list(known)), known)
            assert is_right(found, blank.expected, blank.digits), blank.plain
        known[f"b_{k}"] = blank.expected
