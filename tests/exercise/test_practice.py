"""Exercises: what is read as a number, what counts as right, and which mistake is named."""

import math
import re

import ipywidgets as widgets
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.exercise import practice
from backprop_lab.exercise.blanks import Blank, Exercise, answered
from backprop_lab.exercise.judge import CONSEQUENCE, Mistake, is_right, judged, verdicts
from backprop_lab.page.typed import reading
from backprop_lab.picture.tables import printed_table
from tests import typed_numbers
from tests.markup import inside, text
from tests.xor import sigma

XOR = bl.lectures.xor()


def every(widget, kind):
    return [found for found in inside(widget) if isinstance(found, kind)]


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "value"), typed_numbers.READ.items())
def test_a_number_is_read(typed, value):
    assert reading(typed) == (value, "")


@pytest.mark.parametrize(("typed", "said"), typed_numbers.REFUSED.items())
def test_what_is_no_number_is_named_and_not_executed(typed, said):
    value, refusal = reading(typed)
    assert refusal == f"“{typed}” {said}"
    assert not math.isfinite(value)


def test_read_a_whole_number():
    for typed, value in typed_numbers.WHOLE.items():
        assert reading(typed, whole=True) == (value, "")
    for typed in typed_numbers.NOT_WHOLE:
        assert reading(typed, whole=True)[1] == f"“{typed}” is not a whole number"


def diagnose(answer, expected, mistakes, by_hand=None, digits=4):
    return judged(answer, verdicts(expected, mistakes, by_hand, digits), expected, digits)


# --- judging --------------------------------------------------------------------------------------


@pytest.mark.parametrize("expected", [-0.2447116, 0.1848278, 0.58, 1.0, -0.0050617, 0.12345])
def test_an_answer_of_four_decimals_is_right_and_its_neighbours_are_not(expected):
    answer = round(expected, 4)
    assert diagnose(answer, expected, ()) == (True, "Right.")
    assert diagnose(expected, expected, ()) == (True, "Right.")
    for neighbour in (answer + 1e-4, answer - 1e-4):
        if abs(neighbour - expected) > 0.5e-4 + 1e-9:
            assert not diagnose(neighbour, expected, ())[0]
    assert not diagnose(answer + 2e-4, expected, ())[0]


@pytest.mark.parametrize("expected", [0.12345, -0.12345, 0.37455])
def test_a_tie_may_be_rounded_either_way(expected):
    for answer in (math.floor(expected * 1e4) / 1e4, math.ceil(expected * 1e4) / 1e4):
        assert diagnose(answer, expected, ())[0]


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_half_a_unit_of_the_last_decimal_is_allowed(digits):
    unit = 10**-digits
    for off, right in ((0.0, True), (0.499, True), (0.501, False), (1.0, False)):
        for expected in (0.25, -0.25):
            assert is_right(expected + off * unit, expected, digits) is right
            assert is_right(expected - off * unit, expected, digits) is right
            assert diagnose(expected + off * unit, expected, (), digits=digits)[0] is right


def test_four_decimals_are_asked_for_unless_said_otherwise():
    assert is_right(0.25004, 0.25)
    assert not is_right(0.25006, 0.25)
    assert diagnose(0.25004, 0.25, ())[0]
    assert not diagnose(0.25006, 0.25, ())[0]


MISTAKES = [Mistake(0.7, "Seven."), Mistake(0.50004, "Hidden."), Mistake(0.25, "A quarter.")]


@pytest.mark.parametrize(
    ("answer", "right", "said"),
    [
        (0.5, True, "Right."),
        (0.50004, True, "Right."),
        (-0.5, False, "The size is right, the sign is not."),
        (-0.50004, False, "The size is right, the sign is not."),
        (0.7, False, "Seven."),
        (0.70004, False, "Seven."),
        (-0.7, False, "Seven. The sign is off as well."),
        (0.25, False, "A quarter."),
        (0.495, False, "Close."),
        (0.50008, False, "Close."),
        (0.48, False, "Not yet."),
        (0.0, False, "Not yet."),
        (1e300, False, "Not yet."),
    ],
)
def test_diagnose(answer, right, said):
    found, sentence = diagnose(answer, 0.5, MISTAKES)
    assert found is right
    assert sentence.startswith(said)
    if right or "Seven" in said:
        assert sentence == said


def test_a_mistake_that_gives_the_right_number_is_never_reported():
    wrong_way = [Mistake(0.5, "Wrong way."), Mistake(-0.5, "Wrong way, wrong sign.")]
    for answer in (0.5, 0.49996, -0.5, 0.51, 0.0):
        assert "Wrong way" not in diagnose(answer, 0.5, wrong_way[:1])[1]
    assert diagnose(-0.5, 0.5, wrong_way)[1] == "The size is right, the sign is not."


def test_rounding_in_between_is_right_and_said():
    found, sentence = diagnose(0.1929, 0.19295067, MISTAKES, by_hand=0.19292)
    assert found
    assert sentence == "Right; without rounding in between it is 0.1930."
    assert diagnose(0.1930, 0.19295067, MISTAKES, by_hand=0.19292) == (True, "Right.")
    assert not diagnose(0.1928, 0.19295067, MISTAKES, by_hand=0.19292)[0]
    assert answer(blanks("W_12")[3], "0.1929").startswith("✓ Right; without rounding")


# --- the blanks -----------------------------------------------------------------------------------


def blanks(weight, **arguments):
    return every(practice.chain_blanks(weight, **arguments), practice.Blank)


def answer(blank, typed):
    return answered(typed, blank.known, blank.expected, blank.digits)[1]


Z1, Z2 = sigma(-0.53), sigma(1.04)
F_IN = -0.22 * Z1 + 0.58 * Z2 + 0.78
F = sigma(F_IN)
RIGHT = {
    "u_2": [F - 1, F * (1 - F), Z2],
    "W_12": [F - 1, F * (1 - F), 0.58, Z2 * (1 - Z2), 1.0],
    "b_1": [F - 1, F * (1 - F), -0.22, Z1 * (1 - Z1), 1.0],
}


@pytest.mark.parametrize("formulas", [True, False])
@pytest.mark.parametrize("weight", RIGHT)
def test_the_right_numbers_are_right(weight, formulas):
    found = blanks(weight, formulas=formulas)
    values = [*RIGHT[weight], math.prod(RIGHT[weight])]
    assert len(found) == len(values)
    for blank, value in zip(found, values, strict=True):
        assert answer(blank, f"{value:.4f}") == "✓ Right."
        assert answer(blank, f"{value:.4f}".replace(".", ",").replace("-", "−")) == "✓ Right."
        assert answer(blank, f"{value:.6f}") == "✓ Right."
        assert answer(blank, f"{-value:.4f}") == "✗ The size is right, the sign is not."
        assert answer(blank, f"{value + 2e-4:.4f}").startswith("✗")
        assert answer(blank, "") == ""


@pytest.mark.parametrize(
    ("weight", "place", "typed", "fragment"),
    [
        # the loss by the output
        ("u_2", 0, "-0.2475", "number on the slide"),
        ("u_2", 0, "0.2475", "number on the slide"),
        ("u_2", 0, "0.0299", "the loss itself"),
        ("u_2", 0, "-0.4894", "Twice too much"),
        ("u_2", 0, "0.7553", "the output, not the residual"),
        ("u_2", 0, "0.2447", "the sign is not"),
        ("u_2", 0, "-0.245", "Close"),
        ("u_2", 0, "3", "Not yet"),
        # the output's slope
        ("u_2", 1, "0.1862", "number on the slide"),
        ("u_2", 1, "0.7553", "That is f_out. Its slope"),
        ("u_2", 1, "0.2175", "slope at f_out; take it at f_in"),
        ("u_2", 1, "0.2447", "1 − σ(z) alone"),
        ("u_2", 1, "-0.1432", "z in place of σ(z)"),
        # what u_2 is multiplied by
        ("u_2", 2, "0.3705", "That is z_1,out"),
        ("u_2", 2, "1.04", "That is z_2,in"),
        ("u_2", 2, "0.58", "That is u_2"),
        ("u_2", 2, "-0.7389", "the sign is not"),
        # the product
        ("u_2", 3, "0.6790", "added the factors"),
        ("u_2", 3, "-0.0341", "product of the slides' numbers"),
        ("u_2", 3, "0.1366", "left out ∂L/∂f_out"),
        ("u_2", 3, "-0.1808", "left out ∂f_out/∂f_in"),
        ("u_2", 3, "-0.0452", "left out ∂f_in/∂u_2"),
        ("u_2", 3, "0.0452", "left out ∂f_in/∂u_2. The sign is off as well"),
        ("u_2", 3, "0.0334", "the sign is not"),
        # one layer further down
        ("W_12", 0, "-0.2475", "number on the slide"),
        ("W_12", 1, "0.1862", "number on the slide"),
        ("W_12", 2, "0.5967", "the new u_2: gradients use the old weights"),
        ("W_12", 2, "-0.22", "That is u_1"),
        ("W_12", 2, "0.7389", "That is z_2,out"),
        ("W_12", 3, "0.7389", "That is z_2,out. Its slope"),
        ("W_12", 3, "0.2188", "slope at z_2,out; take it at z_2,in"),
        ("W_12", 3, "0.2611", "1 − σ(z) alone"),
        ("W_12", 3, "-0.0416", "z in place of σ(z)"),
        ("W_12", 4, "0", "That is x_2"),
        ("W_12", 4, "0.94", "That is W_12"),
        ("W_12", 5, "1.7131", "added the factors"),
        ("W_12", 5, "-0.0052", "product of the slides' numbers"),
        ("W_12", 5, "0.0207", "left out ∂L/∂f_out"),
        ("W_12", 5, "-0.0274", "left out ∂f_out/∂f_in"),
        ("W_12", 5, "-0.0087", "left out ∂f_in/∂z_2,out"),
        ("W_12", 5, "-0.0262", "left out ∂z_2,out/∂z_2,in"),
        ("W_12", 5, "0.0051", "the sign is not"),
    ],
)
def test_feedback_names_the_mistake(weight, place, typed, fragment):
    said = answer(blanks(weight)[place], typed)
    assert said.startswith("✗")
    assert fragment in said


@pytest.mark.parametrize(
    "weight", ["u_1", "u_2", "c", "W_11", "W_12", "W_21", "W_22", "b_1", "b_2"]
)
def test_every_known_mistake_is_named_and_none_is_right(weight):
    for blank in blanks(weight):
        for mistake in blank.mistakes:
            said = answer(blank, f"{mistake.value:.6f}")
            if abs(mistake.value - blank.expected) <= 5e-5:
                assert said == "✓ Right.", "it cannot be told from the right answer"
            else:
                assert said.startswith("✗"), (mistake, said)
                assert "Not yet" not in said
                assert "Close" not in said


@pytest.mark.parametrize(
    ("weight", "place", "slide"),
    [("u_1", 0, "-0.2475"), ("u_1", 1, "0.1862"), ("u_1", 3, "-0.0171"), ("W_11", 5, "0.0024")],
)
def test_the_slides_wrong_numbers_are_not_right(weight, place, slide):
    said = answer(blanks(weight)[place], slide)
    assert said.startswith("✗")
    assert "on the slide" in said or "slides" in said


@pytest.mark.parametrize(
    ("weight", "place", "slide"), [("u_1", 2, "0.3705"), ("W_11", 3, "0.2332")]
)
def test_the_slides_right_numbers_are_right(weight, place, slide):
    assert answer(blanks(weight)[place], slide) == "✓ Right."


@pytest.mark.parametrize("typed", ["a lot", '__import__("os")', "<b>1</b>", "inf", "nan"])
def test_text_in_a_blank_is_answered_as_text(typed):
    said = answer(blanks("u_2")[0], typed)
    assert said.startswith("✗")
    assert f"“{typed}”" in said


def test_feedback_has_a_sign_a_word_a_colour_and_a_role():
    blank = blanks("u_2")[0]
    known = blank.known, blank.expected, blank.digits
    assert answered("-0.2447", *known) == ("forward", "✓ Right.")
    assert answered("1", *known)[0] == "backward"
    assert answered(" ", *known) == ("", "")
    assert 'role="status" data-said="said_0"' in blank.feedback.value


def test_the_page_judges_every_blank():
    exercise = practice.chain_blanks("u_2")
    program = exercise.page.computes
    assert program.inputs == ("typed_0", "typed_1", "typed_2", "typed_3")
    found = program({"typed_0": "-0.2447", "typed_1": "a lot", "typed_2": "", "typed_3": "3"})
    assert [text[:1] for _, text in found.values()] == ["✓", "✗", "", "✗"]
    assert list(found) == ["said_0", "said_1", "said_2", "said_3"]


def test_blanks_hide_the_answers_until_asked():
    for formulas in (True, False):
        exercise = practice.chain_blanks("u_2", formulas)
        shown = " ".join(w.value for w in every(exercise, widgets.HTML))
        shown += " ".join(w.value for w in every(exercise, widgets.HTMLMath | widgets.Text))
        assert not re.search(r"\d\.\d{2}", shown)
        assert repr(exercise) == "<the factors of u_2, to fill in>"
    assert all(not blank.field.continuous_update for blank in blanks("u_2"))


def test_blanks_of_another_example_say_what_is_given():
    example = {"x": [-1, 0.5], "y": [0.8]}
    given, *asked = practice.chain_blanks("W_12", **example).content
    z = [0.07 + 0.11 - 0.46, -0.94 + 0.23 + 0.1]
    f = sigma(-0.22 * sigma(z[0]) + 0.58 * sigma(z[1]) + 0.78)
    right = [f - 0.8, f * (1 - f), 0.58, sigma(z[1]) * (1 - sigma(z[1])), -1.0]
    assert [blank.expected for blank in asked] == pytest.approx([*right, math.prod(right)])
    for told in ("x_{1} = -1", "x_{2} = 0.5", "y = 0.8", "z_{1,in} = -0.28", "z_{2,in} = -0.61"):
        assert f"${told}$" in given.value
    for blank in asked:
        assert "slide" not in answer(blank, "-0.2475") + answer(blank, "0.1862")
    assert "That is z_2,out." in answer(asked[3], f"{sigma(z[1]):.4f}")
    assert not any(
        "Given" in one.value for one in every(practice.chain_blanks("u_2"), widgets.HTML)
    )


def test_blanks_of_a_wrong_example_are_refused():
    with pytest.raises(ValueError, match=r"^x: got shape \(3,\); expected \(2,\)"):
        practice.chain_blanks("u_2", x=[1, 2, 3])
    with pytest.raises(ValueError, match=r"^y: got shape \(2,\); expected \(1,\)"):
        practice.signal_blanks(0, 0, y=[1, 2])


def test_blanks_of_an_unknown_weight_are_refused():
    with pytest.raises(ValueError, match="W_99"):
        practice.chain_blanks("W_99")


def test_a_product_of_wrong_factors_is_right_by_consequence():
    page = practice.chain_blanks("u_1").page
    typed = {"typed_0": "-0.2447", "typed_1": "0.5", "typed_2": "0.3705", "typed_3": "-0.0453"}
    told = page.computes(typed)
    assert [told[f"said_{k}"][0] for k in range(4)] == ["forward", "backward", "forward", "forward"]
    assert told["said_3"][1] == f"✓ {CONSEQUENCE}"
    assert page.computes(typed | {"typed_1": "nonsense"})["said_3"][0] == "backward"
    *_, last = page.computes.kept.judged(typed)
    assert (last["right"], last["said"]) == (True, told["said_3"][1][2:])


def test_a_gradient_follows_from_the_own_error_signal():
    page = practice.signal_blanks(0, 0).page
    told = page.computes({"typed_0": "0.5", "typed_1": "", "typed_2": "0.5"})
    assert told["said_2"] == ("forward", f"✓ {CONSEQUENCE}")


WRONG_FORMULAS = {
    "b_1 * 3": "gives 1.5 from the right numbers before it; expected 1",
    "b_2 * 2": "b_2",
    "b_1 *": "expected",
    "b_1 / 0": "gives inf",
}


@pytest.mark.parametrize(("follows", "message"), WRONG_FORMULAS.items())
def test_a_formula_that_the_right_numbers_do_not_fulfil_is_refused(follows, message):
    asked = [Blank("a", 0.5), Blank("c", 1.0, follows=follows)]
    with pytest.raises(ValueError, match=f"^follows: .* blank 2.*{re.escape(message)}"):
        Exercise("two blanks", asked)


# --- predictions ----------------------------------------------------------------------------------

OPTIONS = [("up", True, "Yes: a < b."), ("down", False, "No: $x$ falls.")]


def test_predict_says_nothing_before_a_choice_and_answers_each():
    exercise = practice.predict("Which way?", OPTIONS)
    (choice,) = every(exercise, widgets.ToggleButtons)
    assert choice.value is None
    assert choice.options == ("up", "down")
    (shown,) = (w for w in every(exercise, widgets.HTML) if "data-said" in w.value)
    assert text(shown.value) == ""
    program = exercise.page.computes
    assert program({}) == {"said": ("", "")}
    assert program({"choice": 0.0}) == {"said": ("forward", "✓ Yes: a < b.")}
    assert program({"choice": 1.0}) == {"said": ("backward", "✗ No: $x$ falls.")}
    assert repr(exercise) == "<a prediction>"


@pytest.mark.parametrize("options", [[], OPTIONS[:1], [("a", False, "."), ("b", False, ".")]])
def test_predict_wants_two_options_and_a_right_one(options):
    with pytest.raises(ValueError, match=f"options: got {len(options)}; expected at least two"):
        practice.predict("?", options)


def test_each_option_has_an_answer_of_its_own():
    alike = [("a", True, "Yes."), ("b", False, "No"), ("c", False, "No")]
    with pytest.raises(ValueError, match="options: got 'No' 2 times; expected no two alike"):
        practice.predict("?", alike)


def guessed(*directions):
    places = {"rises": 0.0, "falls": 1.0}
    return {f"guess_{k}": places[d] for k, d in enumerate(directions) if d}


def test_directions_said():
    rises = [True, False, True, False]
    found = practice.directions_said(guessed("rises", "rises", "falls", "falls"), rises)
    assert [text for _, text in list(found.values())[1:]] == [
        "✓ It rises.", "✗ No: it falls.", "✗ No: it rises.", "✓ It falls.",
    ]  # fmt: skip
    assert found["show_picture"] is True
    some = practice.directions_said(guessed("rises", "rises", "falls", None), rises)
    assert some["show_picture"] is False
    assert {text for _, text in list(some.values())[1:]} == {""}


def test_predict_step_reveals_once_all_five_are_guessed():
    exercise = practice.predict_step()
    guesses = [w for w in every(exercise, widgets.ToggleButtons) if w.options[0] == "rises"]
    assert len(guesses) == 5
    assert all(guess.value is None for guess in guesses)
    (hidden,) = (w for w in every(exercise, widgets.VBox) if "show_picture" in w._dom_classes)
    assert "off" in hidden._dom_classes
    assert isinstance(hidden.children[0], explore.App)
    # The step on (1, 0) helps the two points that want a 1, hurts the two others and the mean.
    found = exercise.page.computes(guessed(*["rises"] * 5))
    assert [text[0] for _, text in list(found.values())[1:]] == ["✓", "✗", "✗", "✓", "✓"]


# --- the hunt -------------------------------------------------------------------------------------


def test_find_first_wrong_answers_every_choice():
    exercise = practice.find_first_wrong()
    (choice,) = every(exercise, widgets.Dropdown)
    assert len(choice.options) == 22
    program, verdicts = exercise.page.computes, []
    for k, (label, printed) in enumerate(zip(choice.options[1:], XOR.printed, strict=True), 1):
        assert label.endswith(f"= {printed.text}")
        verdicts.append(program({"number": float(k)})["said"][1])
    right = [k for k, verdict in enumerate(verdicts) if verdict.startswith("✓")]
    assert [XOR.printed[k].text for k in right] == ["1.1122"]
    assert "1.1271" in verdicts[right[0]], "what its own line gives"
    for verdict, printed in zip(verdicts, XOR.printed, strict=True):
        if printed.text != "1.1122":
            fragment = {
                "agrees": "This one is right",
                "inherited": "It inherits an earlier error",
                "wrong": "wrong too, but it is not the first",
            }[printed.verdict]
            assert fragment in verdict
    assert sum("wrong too" in verdict for verdict in verdicts) == 1
    assert program({"number": 0.0})["said"] == ("", "")


def test_the_table_of_the_hunt_is_folded():
    exercise = practice.find_first_wrong()
    (table,) = (w for w in every(exercise, widgets.HTML) if "<details" in w.value)
    assert "<details><summary>" in table.value
    assert printed_table(XOR.printed) in table.value
