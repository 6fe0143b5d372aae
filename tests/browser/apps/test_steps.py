"""The walk-through step by step: by keys, by Play, and as it is announced."""

from itertools import pairwise

import pytest

from tests.nightly import by_night

from .app import BACK, NEXT, PLAY, STAGES
from .numbers import NAMES, everything
from .steps import caption, out_of_step, steps_of

WALKS = [
    (STAGES[0], "u_1", 5),
    (STAGES[1], "W_12", 11),
    by_night(STAGES[2], "W_11", 12),
    by_night(STAGES[2], "b_2", 12),
    (STAGES[2], "c", 10),
]


@pytest.fixture
def announced(walkthrough):
    """Begins to listen; then called, tells what was announced since it was last called."""
    walkthrough.page.evaluate(
        f"() => {{ window.spoken = look.listen({walkthrough.root}, '[data-announce]'); }}"
    )
    yield lambda: walkthrough.page.evaluate("() => spoken.heard.splice(0).map(([, text]) => text)")
    walkthrough.page.evaluate("() => spoken.end()")


@pytest.mark.parametrize(("stage", "weight", "count"), WALKS)
def test_a_walk_step_by_step(walkthrough, announced, stage, weight, count):
    walkthrough.choose("weight", weight)
    walkthrough.press(f"button(ROOT, {stage!r})", "Enter")
    walkthrough.until(lambda found: found["pressed"] != [stage], "stage")
    steps = steps_of(stage, weight)
    assert len(steps) == count
    on = [("Enter", NEXT), ("ArrowRight", BACK), ("PageDown", NEXT), ("Space", NEXT)]
    back = [("Enter", BACK), ("ArrowLeft", NEXT), ("PageUp", BACK), ("Space", BACK)]
    assert walkthrough.until(lambda _: out_of_step(walkthrough, steps, 0), "before the first")
    for ways, places in ((on, [*range(1, count + 1), count]), (back, [*range(count)[::-1], 0])):
        for k, at in enumerate(places):
            key, focus = ways[k % 4]
            walkthrough.press(focus, key)
            walkthrough.until(
                lambda _, at=at: out_of_step(walkthrough, steps, at), f"step {at}, by {key}"
            )
        # Each step once; the keys at either end say nothing.
        assert announced() == [caption(steps, at) for at in places[:-1]]


def test_the_line_of_a_step_follows_the_numbers_and_is_announced_once(walkthrough, announced):
    steps = steps_of(STAGES[2], "u_1")
    walkthrough.press(NEXT, *["Enter"] * 3)
    walkthrough.until(lambda _: out_of_step(walkthrough, steps, 3))
    announced()
    for _ in range(3):
        walkthrough.press("handle(ROOT, 'c')", "ArrowRight")
    found = walkthrough.until(wrong_in_forward_cards)
    assert found["caption"].endswith(f"f_in = {found['numbers']['z_in_1_0']}")
    assert found["numbers"]["z_in_1_0"] == "1.1570"
    assert announced() == []


def wrong_in_forward_cards(found):
    p = {name: float(found["controls"][name]) for name in NAMES}
    expected = everything(p)
    return {
        name: text
        for name, text in found["numbers"].items()
        if abs(float(text) - expected[name]) > 0.50001 * 10.0 ** -len(text.partition(".")[2])
    }


def test_a_choice_with_fewer_steps_ends_the_walk_at_its_last(walkthrough):
    walkthrough.choose("weight", "W_11")
    walkthrough.press(NEXT, *["Enter"] * 12)
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "W_11"), 12))
    walkthrough.choose("weight", "u_1")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "u_1"), 10))
    walkthrough.press(f"button(ROOT, {STAGES[0]!r})", "Enter")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[0], "u_1"), 5))


def test_play_advances_every_two_seconds_until_it_is_paused(walkthrough):
    steps = steps_of(STAGES[2], "u_1")
    walkthrough.page.evaluate(
        f"() => {{ window.spoken = look.listen({walkthrough.root}, '[data-caption]'); }}"
    )
    walkthrough.press(PLAY, "Enter")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps, 3), "three steps")
    walkthrough.press(PLAY, "Enter")
    heard = walkthrough.page.evaluate("() => { spoken.end(); return spoken.heard; }")
    assert [text for _, text in heard] == [caption(steps, at) for at in (1, 2, 3)]
    for (before, _), (after, _) in pairwise(heard):
        assert 1500 < after - before < 3500
    walkthrough.page.wait_for_timeout(2500)
    assert not out_of_step(walkthrough, steps, 3), "paused"


def test_arrow_keys_step_only_where_they_have_no_other_use(walkthrough):
    steps = steps_of(STAGES[2], "u_1")
    for focus in (f"button(ROOT, {STAGES[2]!r})", "handle(ROOT, 'c')", "field(ROOT, 'c')"):
        walkthrough.press(focus, "ArrowRight", "ArrowLeft")
        assert not out_of_step(walkthrough, steps, 0), focus
    for focus in ('button(ROOT, "Take the step")', 'button(ROOT, "Hide numbers")'):
        walkthrough.press(focus, "ArrowRight")
        walkthrough.until(lambda _: out_of_step(walkthrough, steps, 1), focus)
        walkthrough.press(focus, "ArrowLeft")
        walkthrough.until(lambda _: out_of_step(walkthrough, steps, 0), focus)
