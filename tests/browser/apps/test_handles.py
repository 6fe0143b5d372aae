"""Numbers on the picture as handles: by mouse, finger and keys; and what lines and bars say."""

import pytest

from .app import BACK, NEXT, SWITCHES
from .numbers import NAMES, START, wrong_numbers

HANDLE = "element(ROOT, '[data-handle=%s]')"
LEFT, RIGHT = -5, 5
"""The ends of the sliders."""


@pytest.fixture(params=["W_11", "b_2", "u_1"])
def weight(request):
    return request.param


def handle(name):
    return HANDLE % NAMES[name]


def middle(app, name):
    return app.get(f"middle(ROOT, '[data-handle={NAMES[name]}]')")


def moved(app, name, value):
    """Wait until field, slider, handle and picture agree on this value, and all that follows."""

    def wrong(found):
        said = app.get(f"{handle(name)}.ariaValueNow")
        held = [float(found["controls"][name]), found["sliders"][name], float(said)]
        off = [v for v in held if v != pytest.approx(value, abs=1e-9)]
        return off or wrong_numbers(found)

    return app.until(wrong, f"{name} = {value}")


def test_dragging_a_number_moves_its_control_and_the_picture(walkthrough, weight):
    x, y = middle(walkthrough, weight)
    mouse = walkthrough.page.mouse
    mouse.move(x, y)
    mouse.down()
    for by in (10, 40, -30):
        mouse.move(x + by, y + by / 2)
        moved(walkthrough, weight, START[weight] + by / 100)
    mouse.up()
    mouse.move(x + 60, y)
    found = moved(walkthrough, weight, START[weight] - 0.3)
    assert found["controls"]["weight"] == "u_1", "dragged, not chosen"


def test_a_number_is_dragged_no_further_than_its_slider_goes(walkthrough, weight):
    x, y = middle(walkthrough, weight)
    for end, far in ((RIGHT, 2000), (LEFT, -2000)):
        walkthrough.page.mouse.move(x, y)
        walkthrough.page.mouse.down()
        walkthrough.page.mouse.move(x + far, y)
        moved(walkthrough, weight, end)
        walkthrough.page.mouse.up()


def test_a_click_chooses_and_moves_nothing(walkthrough, weight):
    walkthrough.choose("weight", "W_22")
    x, y = middle(walkthrough, weight)
    walkthrough.page.mouse.move(x, y)
    walkthrough.page.mouse.down()
    walkthrough.page.mouse.move(x + 2, y)  # a hand is not quite still
    walkthrough.page.mouse.up()
    found = moved(walkthrough, weight, START[weight])
    assert found["controls"]["weight"] == weight


@pytest.fixture
def finger(walkthrough):
    """Touches the page as a finger does; the browser decides whether that scrolls."""
    session = walkthrough.page.context.new_cdp_session(walkthrough.page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind, *points):
        at = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})

    yield touch
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()


def test_a_finger_drags_a_number_sideways_and_the_page_stays(walkthrough, weight, finger):
    x, y = middle(walkthrough, weight)
    top = f"{walkthrough.root}.getBoundingClientRect().top"
    before = walkthrough.page.evaluate(f"() => {top}")
    finger("Start", (x, y))
    for by in (10, 20, 30, 50):
        finger("Move", (x + by, y + by / 10))
    finger("End")
    moved(walkthrough, weight, START[weight] + 0.5)
    assert walkthrough.page.evaluate(f"() => {top}") == before


def test_a_finger_that_goes_down_a_number_scrolls_the_page(walkthrough, weight, finger):
    x, y = middle(walkthrough, weight)
    top = f"{walkthrough.root}.getBoundingClientRect().top"
    before = walkthrough.page.evaluate(f"() => {top}")
    finger("Start", (x, y))
    for by in range(10, 110, 10):
        finger("Move", (x + 0.45 * by, y - by))  # not quite straight
    finger("End")
    walkthrough.page.wait_for_function(f"() => {top} < {before - 20}")
    moved(walkthrough, weight, START[weight])


@pytest.mark.parametrize(
    ("key", "by"),
    [("ArrowRight", 0.01), ("ArrowUp", 0.01), ("ArrowLeft", -0.01), ("ArrowDown", -0.01),
     ("PageUp", 0.1), ("PageDown", -0.1), ("Home", None), ("End", None)],
)  # fmt: skip
def test_keys_move_a_number_and_nothing_else(walkthrough, key, by):
    caption = walkthrough.read()["caption"]
    walkthrough.press(handle("W_11"), key)
    to = {"Home": LEFT, "End": RIGHT}.get(key, START["W_11"] + (by or 0))
    found = moved(walkthrough, "W_11", to)
    assert found["caption"] == caption, "no step of the walk"


def test_a_handle_says_its_name_and_its_value(walkthrough):
    names = ("ariaLabel", "ariaValueMin", "ariaValueMax", "ariaValueNow", "ariaValueText")
    said = [walkthrough.get(f"{handle('W_11')}.{name}") for name in names]
    assert said == ["W 11", "-5", "5", "-0.07", "minus 0.07"]
    cell = walkthrough.page.locator(".backprop-app", has=walkthrough.page.locator("[data-handle]"))
    for name in ("W 11", "b 2", "c"):
        heard = cell.first.get_by_role("slider", name=name, exact=True)
        assert heard.count() == 2, "the number on the picture, and the slider below"


# --- what lines and bars say ----------------------------------------------------------------------

DRAWN = "[...ROOT.querySelectorAll('[data-drawn]')].map((e) => [e.dataset.drawn, %s])"
VALUE = "e.style.getPropertyValue('--value')"


def drawn(app, what):
    return app.page.evaluate(f"() => {DRAWN % what}".replace("ROOT", app.root))


def width(app, part):
    line = f"{app.root}.querySelector('[data-drawn={NAMES['W_11']}] > {part}')"
    return float(app.page.evaluate(f"() => getComputedStyle({line}).strokeWidth")[:-2])


def test_a_line_is_as_wide_as_its_weight_is_large_and_hollow_if_it_is_negative(walkthrough):
    walkthrough.choose("weight", "b_2")
    lines, cores = [], []
    for value in (-5, -1, 0, 1, 5):
        walkthrough.type("W_11", str(value))
        moved(walkthrough, "W_11", value)
        lines.append(width(walkthrough, ".edge"))
        cores.append(width(walkthrough, ".core"))
    assert lines == lines[::-1]
    assert lines[0] > 1.5 * lines[1] > 3 * lines[2] > 0
    assert cores[2:] == [0, 0, 0]
    assert [line - core for line, core in zip(lines[:2], cores, strict=False)] == [3, 3]


def test_hidden_numbers_are_given_away_by_no_bar_and_no_flow(walkthrough):
    hide = f"button(ROOT, {SWITCHES[0]!r})"
    given = set(NAMES.values())

    def told():
        return {name for name, value in drawn(walkthrough, VALUE) if float(value)} - given

    everything = {"z_out_0_0", "z_out_0_1", "z_out_1_0", "delta_0_0", "delta_0_1", "delta_1_0"}
    assert told() == everything
    walkthrough.press(hide, "Enter")
    walkthrough.until(lambda _: told(), "nothing told")
    assert {name for name, value in drawn(walkthrough, VALUE) if float(value)} <= given
    walkthrough.page.mouse.click(*walkthrough.get("middle(ROOT, '[data-q=delta_1_0]')"))
    walkthrough.until(lambda _: told() != {"delta_1_0"}, "the one that was asked for")
    walkthrough.press(NEXT, "Enter", "Enter")
    steps = {"delta_1_0", "z_out_0_0", "z_out_0_1"}
    walkthrough.until(lambda _: told() != steps, "those of two steps")
    walkthrough.press(BACK, "Enter", "Enter")
    walkthrough.press(hide, "Enter")
    walkthrough.until(lambda _: told() != everything, "all again")
