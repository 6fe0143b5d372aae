"""The walk-through's picture: legible, as Python draws it, with numbers hidden or as printed."""

import json
import random
import re

import pytest

from backprop_lab.core.keys import parameters
from backprop_lab.explore.walkthrough import walkthrough_view
from backprop_lab.lectures import xor
from tests.nightly import by_night

from .app import ALPHA, BACK, NEXT, STAGES, SWITCHES, drawn
from .numbers import NAMES, POINTS, START, everything, wrong_numbers
from .steps import caption, steps_of


@pytest.mark.parametrize("theme", [by_night("Light"), "Dark"])
def test_texts_of_every_stage_are_legible_and_apart(walkthrough, theme):
    walkthrough.notebook.theme(theme)
    for stage in STAGES:
        walkthrough.press(f"button(ROOT, {stage!r})", "Enter")
        walkthrough.until(lambda found, s=stage: found["pressed"] != [s], "stage")
        walkthrough.until(wrong_numbers, stage)
        for weight in NAMES if stage == STAGES[1] else ["u_1"]:
            if stage != STAGES[0]:
                walkthrough.choose("weight", weight)
                walkthrough.until(wrong_numbers, weight)
            assert walkthrough.get("overlaps({node: ROOT})") == []
            assert walkthrough.get("contrasts({node: ROOT})") == []


def test_long_numbers_stay_apart(walkthrough):
    for name in NAMES:
        walkthrough.type(name, "-4.99995")
    walkthrough.type(ALPHA, "10")
    walkthrough.until(wrong_numbers)
    assert walkthrough.get("overlaps({node: ROOT})") == []


# --- the page draws what Python draws -------------------------------------------------------------


KEYS = parameters((2, 2, 1))
TOKENS = ("forward", "chain", "update")


def states(count):
    """Settings of the walk-through: stage, point, weight, numbers as they are typed."""
    rng = random.Random(7)
    for k in range(count):
        far = rng.random() < 0.5
        drawn = [rng.uniform(-5, 5) if far else rng.gauss(0, 1) for _ in NAMES]
        numbers = {n: f"{v:.6f}" for n, v in zip(NAMES, drawn, strict=True)}
        yield (
            k % 3,
            rng.randrange(4),
            rng.randrange(9),
            numbers | {ALPHA: f"{rng.uniform(0, 9):.3f}"},
        )


@pytest.mark.parametrize("count", [5, by_night(50)])
def test_every_state_is_drawn_as_python_draws_it(walkthrough, count):
    for stage, point, weight, numbers in states(count):
        lists = {"point": point, "weight": weight}
        walkthrough.get(f"set(ROOT, {STAGES[stage]!r}, {json.dumps(lists)}, {json.dumps(numbers)})")
        values = {NAMES[name]: float(numbers[name]) for name in NAMES}
        alpha = float(numbers[ALPHA])
        parts = walkthrough_view(
            xor(), TOKENS[stage], point, KEYS[weight], alpha, printed=False, **values
        )
        expected = drawn("".join(parts.values()))
        assert len(expected) > 300

        def wrong(_, expected=expected):
            got = walkthrough.get("drawn(ROOT)")
            if [e["of"] for e in got] != [e["of"] for e in expected]:
                return "other elements"
            return [(a, b) for a, b in zip(got, expected, strict=True) if a != b][:5]

        walkthrough.until(wrong, (stage, point, weight, numbers))


# --- hidden numbers -------------------------------------------------------------------------------


def visible(walkthrough, names):
    """Wrong unless all numbers stand there as ?, but the given ones and those of these names."""
    given = {*NAMES.values(), "x_0", "x_1", "y_0"}
    numbers = {name: f"{v:z.4f}" for name, v in everything(START).items()}
    numbers |= {name: f"{everything(START)[name]:g}" for name in ("x_0", "x_1", "y_0")}

    def wrong(found):
        return {
            name: text
            for name, text in found["numbers"].items()
            if text != (numbers[name] if name in given | set(names) else "?")
        }

    return walkthrough.until(wrong, names)


def test_hidden_numbers_appear_as_they_are_computed_or_asked_for(walkthrough):
    hide = f"button(ROOT, {SWITCHES[0]!r})"
    walkthrough.press(hide, "Enter")
    found = visible(walkthrough, ())
    assert len(found["numbers"]) > 40
    alternatives = walkthrough.get("pictures(ROOT).map(svg => svg.getAttribute('aria-label'))")
    assert alternatives[0] == "A 2-2-1 network. f_out ?, loss ?"
    assert not re.search(r"\d\.\d{4}", alternatives[1]), "nor are they told to who listens"
    walkthrough.press(NEXT, "Enter")
    found = visible(walkthrough, ["z_in_0_0", "z_in_0_1"])
    assert found["caption"] == caption(steps_of(STAGES[2], "u_1"), 1)
    walkthrough.press(NEXT, "Enter")
    known = ["z_in_0_0", "z_in_0_1", "z_out_0_0", "z_out_0_1"]
    visible(walkthrough, known)
    walkthrough.page.mouse.click(*walkthrough.get("middle(ROOT, '[data-q=loss]')"))
    visible(walkthrough, [*known, "loss"])
    walkthrough.page.mouse.click(*walkthrough.get("middle(ROOT, '[data-q=dW_0_0_0]')"))
    found = visible(walkthrough, [*known, "loss", "dW_0_0_0"])
    assert found["controls"]["weight"] == "u_1", "asked for, not chosen"
    walkthrough.press(BACK, "Enter", "Enter")
    visible(walkthrough, ["loss", "dW_0_0_0"])
    walkthrough.press(hide, "Enter")
    walkthrough.until(wrong_numbers, "all of them again")
    walkthrough.press(hide, "Enter")
    visible(walkthrough, ())
    walkthrough.press(hide, "Enter")
    walkthrough.until(wrong_numbers)


# --- as printed -----------------------------------------------------------------------------------


PRINTED = [
    "-0.53 ✓", "0.3705 ✓", "1.04 ✓", "0.7389 ✓", "1.1122 ✗", "0.7525 ↳", "0.0306 ↳", "-0.2475 ↳",
    "0.1862 ↳", "-0.0171 ↳", "-0.2115 ↳", "0.2332 ✓", "0.0024 ↳", "-0.0712 ✓", "0.9426 ↳",
    "-0.4612 ✓", "0.1026 ↳", "0.5970 ↳", "0.8030 ↳", "0.7615 ✗", "0.0284 ↳",
]  # fmt: skip
"""The lecture's 21 printed numbers, each with the sign of its verdict."""


def test_the_printed_numbers_stand_beside_the_exact_ones(walkthrough):
    away = f"look.seen({walkthrough.root}, '[data-when=away]').length"

    def printed():
        *texts, legend = sorted(
            walkthrough.get("printed(ROOT)"), key=lambda t: t.startswith("bold")
        )
        assert re.search("✓ agrees, ↳ inherited, ✗ wrong", legend)
        return texts

    assert walkthrough.get("printed(ROOT)") == []
    walkthrough.choose("weight", "W_11")
    walkthrough.press(f"button(ROOT, {SWITCHES[1]!r})", "Enter")
    walkthrough.until(lambda _: not walkthrough.get("printed(ROOT)"), "printed")
    assert set(printed()) == set(PRINTED)
    # once in the picture, once among the cards
    assert sorted(printed()) == sorted([*PRINTED, "0.0024 ↳"])
    assert walkthrough.page.evaluate(f"() => {away}") == 0
    assert walkthrough.get("overlaps({node: ROOT})") == []
    assert walkthrough.get("contrasts({node: ROOT})") == []
    leaves = [("type", "c", "0.79", "0.78"), ("type", ALPHA, "1", "0.5")]
    leaves += [("choose", "point", POINTS[0], POINTS[2])]
    for way, name, leave, come_back in leaves:
        getattr(walkthrough, way)(name, leave)
        walkthrough.until(lambda _: walkthrough.get("printed(ROOT)"), "none away from the lecture")
        assert walkthrough.page.evaluate(f"() => {away}") == 1
        getattr(walkthrough, way)(name, come_back)
        walkthrough.until(lambda _: not walkthrough.get("printed(ROOT)"), "printed again")
        assert walkthrough.page.evaluate(f"() => {away}") == 0
    walkthrough.press(f"button(ROOT, {STAGES[0]!r})", "Enter")
    walkthrough.until(lambda _: sorted(set(printed())) != sorted(PRINTED[:7]), "those of the stage")
