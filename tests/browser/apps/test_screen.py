"""The walk-through large, small and still: full screen, a phone, no motion."""

from pathlib import Path

import pytest

from .app import ALONE, BACK, NEXT, STAGES, App
from .numbers import wrong_numbers
from .steps import out_of_step, steps_of

ESCAPED = """() => {
  window.escaped = [];
  const heard = (event) => event.key === "Escape" && escaped.push(event.defaultPrevented);
  window.addEventListener("keydown", heard, { once: true });
}"""


def test_full_screen_is_larger_and_is_left_again(walkthrough):
    sizes = (
        f"[...look.seen({walkthrough.root}, 'svg text, .bl button, .widget-label, .card b')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    before = walkthrough.page.evaluate(f"() => {sizes}")
    walkthrough.press('button(ROOT, "Full screen")', "Enter")
    full = f"document.fullscreenElement === {walkthrough.root}"
    walkthrough.page.wait_for_function(f"() => {full}")
    walkthrough.get("quiet(ROOT)")
    large = walkthrough.page.evaluate(f"() => {sizes}")
    assert all(b > a for a, b in zip(before, large, strict=True))
    assert walkthrough.get("overlaps({node: ROOT})") == []
    walkthrough.press(NEXT, "ArrowRight")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "u_1"), 1))
    walkthrough.press(BACK, "Enter")
    # Escape is the browser's own key, which no test can press: it must find its way out of the app.
    walkthrough.page.evaluate(ESCAPED)
    walkthrough.keyboard.press("Escape")
    assert walkthrough.page.evaluate("() => escaped") == [False]
    walkthrough.press('button(ROOT, "Full screen")', "Enter")
    walkthrough.page.wait_for_function("() => !document.fullscreenElement")
    walkthrough.get("quiet(ROOT)")
    assert walkthrough.page.evaluate(f"() => {sizes}") == pytest.approx(before, abs=1)


def test_who_wants_no_motion_has_no_play_button(walkthrough):
    play = f"look.seen({walkthrough.root}, '[data-do=play]').length"
    assert walkthrough.page.evaluate(f"() => {play}") == 1
    walkthrough.page.emulate_media(reduced_motion="reduce")
    try:
        assert walkthrough.page.evaluate(f"() => {play}") == 0
        walkthrough.press(NEXT, "Enter")
        walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "u_1"), 1))
    finally:
        walkthrough.page.emulate_media(reduced_motion="no-preference")


SMALLEST = 24  # px: WCAG 2.2, target size, minimum


@pytest.mark.nightly
def test_a_finger_hits_every_control_on_a_phone(opens_alone, context):
    phone = context.browser.new_context(
        viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True
    )
    phone.set_default_timeout(30_000)
    phone.add_init_script(path=Path(__file__).parents[1] / "look.js")
    notebook = opens_alone(*ALONE, within=phone)
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    made = App(notebook, "walkthrough")
    assert notebook.page.evaluate("() => matchMedia('(pointer: coarse)').matches")
    made.get("quiet(ROOT)")
    targets = made.get("targets(ROOT)")
    assert len(targets) > 30
    # a handle is as small as its picture; its slider and field do the same
    controls = [target for target in targets if not target[0].startswith("g ")]
    for name, left, top, right, bottom in controls:
        assert right - left >= SMALLEST, name
        assert bottom - top >= SMALLEST, name
        if name.split()[0] in ("BUTTON", "INPUT", "SELECT"):
            assert bottom - top >= 44 - 0.5, name
    for k, (name, left, top, right, bottom) in enumerate(targets):
        for other, l2, t2, r2, b2 in targets[k + 1 :]:
            across, down = min(right, r2) - max(left, l2), min(bottom, b2) - max(top, t2)
            assert across <= 1 or down <= 1, (name, other)
    x, y = made.get("target(ROOT, 0)")
    notebook.page.touchscreen.tap(x, y)
    made.until(lambda found: found["controls"]["weight"] != "W_11" or wrong_numbers(found), "a tap")
    assert notebook.complaints == []
