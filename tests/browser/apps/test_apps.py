"""The other apps and the exercises: every number against formulas written out by hand."""

import math
import re

import pytest

from backprop_lab.core.keys import Key
from backprop_lab.explore.nudge_app import nudge_view
from tests.xor import sigma

from .app import ALPHA
from .numbers import NAMES, START, chain, changes, xor


def test_all_apps_of_a_page_share_one_style(app):
    page = app("one_neuron").page
    texts = page.evaluate("() => [...document.querySelectorAll('style')].map((s) => s.textContent)")
    assert len([text for text in texts if "--bl-forward:" in text]) == 1
    assert page.evaluate("() => document.querySelectorAll('.backprop-app').length") > 3


def test_one_neuron(app):
    made = app("one_neuron")
    made.type("b", "0")
    made.type("w", "-2")

    def wrong(found):
        w, b = (float(found["controls"][name]) for name in "wb")
        a = sigma(1.5 * w + b)
        expected = {
            "w": w,
            "z_out": a,
            "loss": (1 - a) ** 2 / 2,
            "slope": 1.5 * (a - 1) * a * (1 - a),
        }
        shown = found["numbers"]
        if missing := {"w", "loss", "slope"} - set(shown):
            return missing
        return {
            n: t
            for n, t in shown.items()
            if abs(float(t) - expected[n]) > 0.5001 * 10 ** -len(t.partition(".")[2])
        }

    found = made.until(wrong)
    assert (found["numbers"]["loss"], found["numbers"]["slope"]) == ("0.4537", "-0.0646")
    places = {}
    for key in ("ArrowRight", "ArrowLeft", "PageUp", "Home", "End"):
        before = found["controls"]["w"]
        made.press("handle(ROOT, 'w')", key)
        made.until(lambda found, b=before: found["controls"]["w"] == b, key)
        found = made.until(wrong, key)
        (point, line) = made.get("curve(ROOT)")
        w, loss, slope = (
            float(found["controls"]["w"]),
            found["numbers"]["loss"],
            found["numbers"]["slope"],
        )
        places[w] = point
        # the curve's axes: w from -6 to 6, L from 0 to 0.5
        x, y = 56 + 564 * (w + 6) / 12, 250 - 216 * float(loss) / 0.5
        assert point == pytest.approx([x, y], abs=0.1)
        assert [(line[0] + line[2]) / 2, (line[1] + line[3]) / 2] == pytest.approx(point, abs=0.11)
        rise = (line[1] - line[3]) / (line[2] - line[0]) * (564 / 12) / (216 / 0.5)
        assert rise == pytest.approx(float(slope), abs=2e-4)
    assert len(places) >= 4
    assert {-6.0, 6.0} <= set(places)
    made.type("w", "99")
    stays = made.until(lambda found: not found["message"], "message")
    assert "w: got 99" in stays["message"]
    assert stays["numbers"] == found["numbers"]
    assert stays["controls"]["w"] == "99"
    made.type("w", "-2")
    made.until(wrong)


def test_one_step(app):
    made = app("one_step")

    def wrong(found):
        (mode,) = found["pressed"]
        of = [2] if mode == "step on (1, 0)" else range(4)
        slopes = [xor(START, point)[1] for point in of]
        alpha = float(found["controls"][ALPHA])
        new = {n: START[n] - alpha * sum(s[n] for s in slopes) / len(slopes) for n in NAMES}
        expected = changes(START, new)
        if set(found["numbers"]) != set(expected):
            return set(found["numbers"]) ^ set(expected)
        return {n: t for n, t in found["numbers"].items() if abs(float(t) - expected[n]) > 5.001e-5}

    made.until(wrong)
    for mode in ("full batch", "step on (1, 0)", "full batch"):
        made.press(f"button(ROOT, {mode!r})", "Space")
        made.until(lambda found, m=mode: found["pressed"] != [m], mode)
        found = made.until(wrong, mode)
        assert float(found["numbers"]["change_4"]) > 0 if mode[0] == "s" else True
        before = found["controls"][ALPHA]
        made.press(f"handle(ROOT, {ALPHA!r})", "ArrowRight")
        made.until(lambda found, b=before: found["controls"][ALPHA] == b, "the field")
        made.until(wrong)
    made.type(ALPHA, "3.25")
    found = made.until(lambda found: float(found["controls"][ALPHA]) != 3.25 or wrong(found))
    assert float(found["numbers"]["change_4"]) < 0


def test_nudge(app):
    made = app("nudge")

    def wrong(found):
        weight, key = found["controls"]["weight"], NAMES[found["controls"]["weight"]]
        h = float(found["controls"]["h"])
        up, down = (xor(START | {weight: START[weight] + s * h}, 2)[0]["loss"] for s in (1, -1))
        slope, exact = (up - down) / (2 * h), xor(START, 2)[1][weight]
        names = [*chain(weight), f"d{key}"]
        shown = found["numbers"]
        if set(shown) != {f"{key}_{of}_{n}" for of in ("nudged", "difference") for n in names}:
            return shown
        if h < 1e-8:  # round-off: as Python foretells it
            kind, *index = key.split("_")
            table = nudge_view(Key(kind, *map(int, index)), round(-math.log10(h)))["table"]
            return dict(re.findall(rf'data-q="({key}_\w+)"[^>]*>([^<]+)<', table)) != shown
        expected = {
            f"{key}_nudged_d{key}": slope,
            f"{key}_difference_d{key}": slope - exact,
        }
        return {
            n: (shown[n], v)
            for n, v in expected.items()
            if abs(float(shown[n]) - v) > 0.5001 * 10.0 ** -len(shown[n].partition(".")[2])
        }

    made.until(wrong)
    for h in ("0.1", "1e-08", "1", "0.001", "1e-16"):
        made.choose("h", h)
        made.until(wrong, h)
    for weight in ("W_12", "c", "b_1", "W_21", "u_1"):
        made.choose("weight", weight)
        made.until(wrong, weight)


# --- the exercises --------------------------------------------------------------------------------


def test_predict(app):
    made = app("predict")
    assert made.read()["pressed"] == []
    for option, said in (("down", "✗ No."), ("up", "✓ Yes."), ("down", "✗ No.")):
        made.press(f"button(ROOT, {option!r})", "Enter")
        made.until(lambda found, s=said: found["said"] != [s] and found["said"], option)
        assert made.read()["pressed"] == [option]


@pytest.mark.parametrize(
    ("place", "typed", "said"),
    [
        (0, "-0.2447", "✓ Right"),
        (0, "0.2447", "the sign is not"),
        (0, "-0.2475", "number on the slide"),
        (0, "a lot", "“a lot” is not a number"),
        (1, "0,1848", "✓ Right"),
        (1, "0.1862", "number on the slide"),
        (2, "1.04", "z_2,in"),
        (3, "-0.0334", "✓ Right"),
        (3, "0.0334", "the sign is not"),
    ],
)
def test_blanks(app, place, typed, said):
    made = app("blanks")
    field = f"element(ROOT, 'input', {place})"
    made.press(field, "Control+a")
    made.keyboard.type(typed)
    made.keyboard.press("Enter")
    made.until(lambda found: not any(said in text for text in found["said"]) and found["said"])
    assert made.get(f"{field}.value") == typed, "what was typed stays"
    made.press(field, "Control+a", "Delete", "Enter")
    made.until(lambda found: found["said"], "an empty field, no feedback")


def test_predict_step(app):
    made = app("predict_step")
    if made.get("pictures(ROOT).length") == 0:  # a second run finds it open
        for k in range(5):
            made.press(
                f"element(ROOT, '.widget-toggle-buttons', {k}).querySelector('button')", "Space"
            )
            guessed = ["rises"] * (k + 1)
            made.until(lambda found, g=guessed: found["pressed"][: len(g)] != g, "pressed")
            if k < 4:
                assert made.read()["said"] == []
                assert made.get("pictures(ROOT).length") == 0
    found = made.until(lambda found: len(found["said"]) != 5, "five answers")
    assert [text[0] for text in found["said"]] == ["✓", "✗", "✗", "✓", "✓"]
    made.until(lambda found: found["numbers"].get("after_4") != "0.1569", "the picture")
    assert made.get("pictures(ROOT).length") == 1


def test_the_hunt(app):
    made = app("hunt")
    select = "element(ROOT, 'select')"
    options = made.get(f"options(look.{select})")
    assert len(options) == 22
    signs = {}
    for option in options[1:]:
        before = made.read()["said"]
        made.press(select, "Enter", "ArrowDown", "Enter")
        found = made.until(lambda found, b=before: found["said"] == b or not found["said"], option)
        signs[option] = found["said"][0][0]
    assert [option for option, sign in signs.items() if sign == "✓"] == ["f_in = 1.1122"]
    details = "element(ROOT, 'details')"
    assert made.get(f"{details}.open") is False
    assert made.get(f"{details}.querySelector('table').checkVisibility()") is False
    made.press("element(ROOT, 'summary')", "Enter")
    assert made.get(f"{details}.open") is True
    table = made.get(f"{details}.innerText")
    assert table.count("✗ wrong") == 2
    assert "1.127019" in table
    made.press("element(ROOT, 'summary')", "Space")
    assert made.get(f"{details}.open") is False
