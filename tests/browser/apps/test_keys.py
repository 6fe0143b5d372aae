"""Keys: every control is reached, arrow keys work in it, and no key leaves the app."""

from itertools import pairwise

import pytest

from .app import NEXT, PLAY, STAGES
from .numbers import START


@pytest.mark.parametrize(
    ("name", "dropdown"),
    [
        ("walkthrough", "select(ROOT, 'weight')"),
        ("nudge", "select(ROOT, 'weight')"),
        ("hunt", "element(ROOT, 'select')"),
    ],
)
def test_arrow_keys_work_in_a_closed_dropdown(app, name, dropdown):
    made = app(name)
    if name == "walkthrough":
        made.press(f"button(ROOT, {STAGES[2]!r})", "Enter")
        made.until(lambda found: found["locked"], "everything unlocked")
    before = made.get(f"{dropdown}.selectedIndex")
    there, back = ("ArrowUp", "ArrowDown") if before else ("ArrowDown", "ArrowUp")
    made.press(dropdown, there)
    assert made.get(f"{dropdown}.selectedIndex") == before + (-1 if before else 1)
    assert made.get(f"{dropdown}.matches(':focus')")
    made.press(dropdown, back)
    assert made.get(f"{dropdown}.selectedIndex") == before


@pytest.mark.parametrize("name", ["walkthrough", "one_neuron", "one_step", "nudge"])
def test_tab_reaches_every_control_in_order_and_shows_where_it_is(app, name):
    made = app(name)
    if name == "walkthrough":
        made.press(f"button(ROOT, {STAGES[2]!r})", "Enter")
        made.until(lambda found: found["locked"], "everything unlocked")
    made.page.evaluate("() => document.activeElement.blur()")
    count = made.get("stops(ROOT).length")
    plain = made.get("stops(ROOT).map(look.looks)")
    made.get("begin(ROOT)")
    places = []
    for k in range(count):
        if k:
            made.keyboard.press("Tab")
        while made.page.evaluate("() => document.activeElement.role === 'group'"):
            made.keyboard.press("Tab")  # a table that scrolls takes keys, too
        there = made.get("stops(ROOT).indexOf(document.activeElement)")
        assert there == k, made.page.evaluate("() => document.activeElement.outerHTML")[:300]
        assert made.get("looks(document.activeElement)") != plain[k], f"no focus to be seen: {k}"
        places.append(made.get("place(document.activeElement)"))
    handles = made.get("stops(ROOT).map((e) => e.role === 'slider')")
    assert count >= {"walkthrough": 36, "one_neuron": 4, "one_step": 4, "nudge": 2}[name]
    for on_picture, ((left, middle), (next_left, next_middle)) in zip(
        pairwise(handles), pairwise(places), strict=True
    ):
        same_row = abs(next_middle - middle) < 20
        if all(on_picture):  # column by column, as the pass goes
            same_row = abs(next_left - left) > 20
        assert next_left > left if same_row else next_middle > middle


# --- keys stay in the app -------------------------------------------------------------------------


FIELD = "field(ROOT, 'c')"


@pytest.mark.parametrize(
    "focus",
    [NEXT, PLAY, "handle(ROOT, 'c')", "element(ROOT, '[role=slider]')", FIELD,
     "select(ROOT, 'weight')", f"button(ROOT, {STAGES[2]!r})", "button(ROOT, 'As printed')"],
)  # fmt: skip
def test_no_key_pressed_in_an_app_reaches_the_notebook(walkthrough, focus):
    state = (
        "[look.codeCells().length, look.notebook().widgets.length, look.notebook().activeCellIndex,"
        " look.codeCells().map(c => c.model.executionCount)]"
    )
    walkthrough.focus(focus)
    before = walkthrough.page.evaluate(f"() => {state}")
    for key in ("b", "a", "d", "d", "x", "m", "ArrowDown", "ArrowUp", "j", "k", "Space", "Space"):
        walkthrough.keyboard.press(key)
    walkthrough.get("quiet(ROOT)")
    assert walkthrough.page.evaluate(f"() => {state}") == before
    assert walkthrough.page.evaluate(f"() => {walkthrough.root}.contains(document.activeElement)")
    if focus == FIELD:  # which keeps what was typed
        walkthrough.type("c", str(START["c"]))
