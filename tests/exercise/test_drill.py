"""Problems without end: the lines against the problem's own solution and as a reader computes them,
and what is said to each answer."""

import html
import itertools
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from backprop_lab.exercise import drill
from backprop_lab.exercise.formula import parse
from backprop_lab.exercise.judge import CONSEQUENCE
from backprop_lab.exercise.problems import DIGITS, TOPICS, WIDTHS, numbers, problem
from backprop_lab.exercise.slips import WHY
from backprop_lab.exercise.worked import (
    all_lines,
    lines_in,
    network_name,
    numeral,
    result,
    solution,
)
from backprop_lab.formulas.notation import NOTATIONS
from tests.markup import text, tree

KINDS = list(itertools.product(TOPICS, WIDTHS))
LINES, LABELS = all_lines(), drill.labels()


def steps_of(seed, topic, level):
    given = numbers(seed, topic, level).given
    lines = lines_in(LINES[network_name(given, level)], tuple(LABELS[f"LMU {level}"]))
    return given, solution(given, lines, topic)


def rows(view):
    """The table's rows: the cells' texts; a field is what is typed in it."""
    found = []
    for row in tree(str(view)).iter("tr"):
        cells = [(cell, cell.find("input")) for cell in row.iter("td")]
        if cells:
            found.append(["".join(c.itertext()) if f is None else f.get("value") for c, f in cells])
    return found


@pytest.fixture
def app():
    return drill.play("weight", number=1)


def named(app):
    values = app.page.values()
    return f"{values['topic']}-{values['level']}-{int(values['number'])}"


def typed(app, step, answer):
    app.page.act(f"{named(app)} {step}", answer)


def view(app):
    return app.page.computes(app.page.values())["problem"]


def heard(app, step):
    """What is said to the answer of a step."""
    field = re.escape(f'data-act="{named(app)} {step}"')
    said = re.search(rf'{field}.*?<span class="(\w*)" role="status">(.*?)</span>', str(view(app)))
    return html.unescape(said[2])


@pytest.mark.parametrize(("topic", "level"), KINDS)
def test_the_lines_lead_to_what_the_problem_says(topic, level):
    for seed in range(20):
        _, steps = steps_of(seed, topic, level)
        same = problem(seed, topic, level)
        assert steps[-1].right == pytest.approx(same.expected, rel=1e-12, abs=1e-14)
        assert steps[-1].by_hand == pytest.approx(same.by_hand, rel=1e-12)
        assert len(steps) == sum(map(len, same.steps))
        assert [step.right for step in steps] == pytest.approx(
            [float(line.value) for group in same.steps for line in group], rel=1e-12, abs=1e-14
        )


def shown(topic, level, notation="LMU", number=1, hints=0):
    """The problem's element."""
    tries = {f"{topic}-{level}-{number}": {"typed": {}, "hints": hints}}
    values = {"topic": topic, "level": level, "notation": notation, "number": float(number)}
    return drill.drill_view(values | {"tries": tries}, LINES, LABELS)["problem"]


@pytest.mark.parametrize(("topic", "level"), KINDS)
def test_every_shown_line_follows_from_its_own_numbers(topic, level):
    """As a reader computes: what stands in numbers gives the value beside it, rounded."""
    for notation, seed in zip([*NOTATIONS, *NOTATIONS], (1, 2, 7, 30, 31, 32, 33, 34), strict=True):
        found = rows(shown(topic, level, notation, seed, drill.SOLVED))
        assert len(found) == len(steps_of(seed, topic, level)[1])
        for _, _, worked, value in found:
            exact = Decimal(f"{result(parse(worked, []), {}):.12g}")
            unit = Decimal(1).scaleb(-DIGITS)
            assert Decimal(value.replace("−", "-")) == exact.quantize(unit, ROUND_HALF_UP), worked


def test_a_number_is_written_with_a_sign_that_is_no_hyphen():
    assert [numeral(v) for v in (-0.5, 0.0885, 2.0, -0.0)] == ["−0.5", "0.0885", "2", "0"]


def test_a_right_answer_is_right_by_hand_too(app):
    _, steps = steps_of(1, "weight", 2)
    last = steps[-1]
    typed(app, last.name, f"{last.right:.4f}")
    assert heard(app, last.name) == "✓ Right."
    typed(app, last.name, f"{last.by_hand:.4f}")
    assert heard(app, last.name).startswith("✓ Right")
    typed(app, last.name, f"{-last.right:.4f}")
    assert heard(app, last.name) == "✗ The size is right, the sign is not."
    typed(app, last.name, "one")
    assert "“one” is not a number" in heard(app, last.name)


@pytest.mark.parametrize("topic", ["weight", "update", "batch"])
def test_a_line_that_follows_from_a_wrong_one_is_right_by_consequence(topic):
    app = drill.play(topic, number=1)
    _, steps = steps_of(1, topic, 2)
    app.page.act(f"{named(app)} hints", "1")
    first, second = steps[0], next(s for s in steps if steps[0].name in str(s.tree))
    wrong = steps[0].right + 0.3
    typed(app, first.name, str(round(wrong, 4)))
    own = {s.name: s.right for s in steps} | {first.name: round(wrong, 4)}
    typed(app, second.name, f"{result(second.tree, own):.4f}")
    assert heard(app, first.name).startswith("✗")
    assert heard(app, second.name) == f"✓ {CONSEQUENCE}"
    typed(app, first.name, f"{first.right:.4f}")
    assert heard(app, second.name).startswith("✗")


def test_a_slip_on_the_way_is_named(app):
    _, steps = steps_of(1, "weight", 2)
    app.page.act(f"{named(app)} hints", "1")
    (delta,) = [step for step in steps if step.name.startswith("delta_0")]
    values = dict(drill.ways_of(delta, steps_of(1, "weight", 2)[0], "weight"))
    for value, sentence in values.items():
        typed(app, delta.name, f"{value:.4f}")
        assert heard(app, delta.name) == f"✗ {sentence}"
    assert WHY["σ′ missing"] in values.values()


def test_hints_come_one_at_a_time_and_go(app):
    view_of = [rows(view(app))]
    steps = steps_of(1, "weight", 2)[1]
    for hints in range(1, len(steps) + 2):
        app.page.act(f"{named(app)} hints", str(hints))
        view_of.append(rows(view(app)))
    assert view_of[0] == []
    assert [sum(row[1] != "?" for row in found) for found in view_of[1:]] == list(
        range(len(steps) + 1)
    )
    app.page.act(f"{named(app)} hints", "0")
    assert rows(view(app)) == []


def test_what_was_typed_stays_with_its_problem(app):
    typed(app, "dW_0_0_1", "0.5")
    app.controls["number"].set(2)
    app.page.number = 2.0
    assert 'value="0.5"' not in str(view(app))
    app.page.number = 1.0
    assert 'value="0.5"' in str(view(app))


def test_the_question_gives_no_answer_away_and_says_what_it_takes():
    for topic, level in KINDS:
        _, steps = steps_of(1, topic, level)
        said = text(str(shown(topic, level)))
        assert f"{abs(steps[-1].right):.4f}" not in said
        assert bool(re.search(r"\by( \d)?( \(1\))? = ", said)) is (topic != "output")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("weights",), "topic: got 'weights'"),
        (("weight", 4), "level: got 4; expected 1, 2 or 3"),
        (("weight", 2, "ABC"), "notation: got 'ABC'"),
        (("weight", 2, "LMU", 0), "problem: got 0; expected a whole number from 1 to 9999"),
    ],
)
def test_bad_arguments_are_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        drill.play(*arguments)
