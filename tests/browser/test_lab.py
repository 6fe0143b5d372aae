"""The apps as a learner meets them: in JupyterLab, by keyboard, in both themes.

They are driven on a page of the tests' own, and every number is compared with formulas written out
here.
"""

import json
import math
import os
import random
import re
import signal
import time
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

import backprop_lab as bl
from backprop_lab.core.keys import Key, parameters
from backprop_lab.explore.nudge_app import nudge_view
from backprop_lab.explore.xor_walkthrough import walkthrough_view
from backprop_lab.page import walk

from .conftest import APPS
from .servers import Notebook

PATIENCE = 10.0  # seconds until a page shows what it must
NAMES = {
    "W_11": "W_0_0_0", "W_12": "W_0_0_1", "W_21": "W_0_1_0", "W_22": "W_0_1_1", "b_1": "b_0_0",
    "b_2": "b_0_1", "u_1": "W_1_0_0", "u_2": "W_1_1_0", "c": "b_1_0",
}  # fmt: skip
"""The nine parameters: the lecture's name, and the one in the page's markup."""
START = dict(zip(NAMES, (-0.07, 0.94, 0.22, 0.46, -0.46, 0.1, -0.22, 0.58, 0.78), strict=True))
POINTS = ["(0, 0) → 0", "(0, 1) → 1", "(1, 0) → 1", "(1, 1) → 0"]
ALPHA = "α"
STAGES = ["1 Forward", "2 One chain", "3 Update"]
SWITCHES = ["Hide numbers", "As printed"]
START_AGAIN = 'button(ROOT, "Start")'
PLAY = "element(ROOT, '[data-do=play]')"


# --- the apps -------------------------------------------------------------------------------------


class App:
    """One app on the page of apps; moved by keyboard only."""

    def __init__(self, notebook, name):
        self.notebook, self.page = notebook, notebook.page
        self.keyboard = self.page.keyboard
        self.root = f"look.app({APPS[name]!r})"
        cells = f"look.codeCells().find(cell => cell.node.contains({self.root}))"
        self.page.evaluate(f"() => look.show({cells})")

    def read(self):
        found = self.page.evaluate(f"() => look.read({self.root})")
        assert found["clashes"] == [], "one quantity, two numbers"
        return found

    def get(self, expression):
        """What `look` finds; ROOT stands for the app's element."""
        return self.page.evaluate(f"() => look.{expression}".replace("ROOT", self.root))

    def focus(self, what):
        """what: an expression such as button(ROOT, "Take the step"). It must take the focus."""
        element = f"look.{what}".replace("ROOT", self.root)
        self.page.evaluate(f"() => {element}.focus()")
        assert self.page.evaluate(f"() => document.activeElement === {element}"), what

    def press(self, what, *keys):
        self.focus(what)
        for key in keys:
            self.keyboard.press(key)

    def type(self, name, text):
        """Type a number into a field, in place of the one that stands there."""
        self.press(f"field(ROOT, {name!r})", "Control+a")
        self.keyboard.type(text)
        self.keyboard.press("Enter")

    def choose(self, name, text):
        """An option of a dropdown: Enter opens the list, arrow keys, Enter."""
        select = f"select(ROOT, {name!r})"
        options = self.get(f"options({select.replace('select', 'look.select')})")
        steps = options.index(text) - options.index(self.read()["controls"][name])
        if steps:
            arrows = ["ArrowDown" if steps > 0 else "ArrowUp"] * abs(steps)
            self.press(select, "Enter", *arrows, "Enter")
        assert self.read()["controls"][name] == text

    def until(self, holds, what="", patience=PATIENCE):
        """Read the page until this holds of it; holds returns what is still wrong."""
        end = time.monotonic() + patience
        while wrong := holds(found := self.read()):
            if time.monotonic() > end:
                rest = {key: found[key] for key in ("controls", "pressed", "locked", "message")}
                pytest.fail(f"{what}: {wrong}\n{rest}")
            self.page.wait_for_timeout(15)
        return found


@pytest.fixture(scope="module")
def page_of_apps(lab, context):
    opened = Notebook(lab, context, "apps.ipynb")
    opened.look("run()")
    yield opened
    opened.close()


@pytest.fixture
def app(page_of_apps):
    """Makes an app of the page; nothing on it may have complained in the end."""
    page_of_apps.page.bring_to_front()
    page_of_apps.theme("Light")
    yield lambda name: App(page_of_apps, name)
    assert page_of_apps.complaints == []


def sigma(z):
    return 1 / (1 + math.exp(-z))


def xor(p, point):
    """The 2-2-1 network by hand: every number that the pictures name."""
    (x1, x2), y = ((0, 0), (0, 1), (1, 0), (1, 1))[point], (0, 1, 1, 0)[point]
    z1_in = p["W_11"] * x1 + p["W_21"] * x2 + p["b_1"]
    z2_in = p["W_12"] * x1 + p["W_22"] * x2 + p["b_2"]
    z1, z2 = sigma(z1_in), sigma(z2_in)
    f_in = p["u_1"] * z1 + p["u_2"] * z2 + p["c"]
    f = sigma(f_in)
    delta = (f - y) * f * (1 - f)
    s1, s2 = z1 * (1 - z1), z2 * (1 - z2)
    d1, d2 = delta * p["u_1"] * s1, delta * p["u_2"] * s2
    slopes = {
        "W_11": d1 * x1, "W_12": d2 * x1, "W_21": d1 * x2, "W_22": d2 * x2, "b_1": d1, "b_2": d2,
        "u_1": delta * z1, "u_2": delta * z2, "c": delta,
    }  # fmt: skip
    numbers = {
        "x_0": x1, "x_1": x2, "y_0": y, "z_in_0_0": z1_in, "z_in_0_1": z2_in, "z_out_0_0": z1,
        "z_out_0_1": z2, "z_in_1_0": f_in, "z_out_1_0": f, "loss": (y - f) ** 2 / 2,
        "delta_1_0": delta, "delta_0_0": d1, "delta_0_1": d2,
        # the factors of the chains
        "loss_by_z_out_1_0": f - y, "z_out_1_0_by_z_in_1_0": f * (1 - f),
        "z_out_0_0_by_z_in_0_0": s1, "z_out_0_1_by_z_in_0_1": s2,
        "z_in_1_0_by_z_out_0_0": p["u_1"], "z_in_1_0_by_z_out_0_1": p["u_2"],
        "z_in_1_0_by_W_1_0_0": z1, "z_in_1_0_by_W_1_1_0": z2, "z_in_1_0_by_b_1_0": 1,
        "z_in_0_0_by_W_0_0_0": x1, "z_in_0_0_by_W_0_1_0": x2, "z_in_0_0_by_b_0_0": 1,
        "z_in_0_1_by_W_0_0_1": x1, "z_in_0_1_by_W_0_1_1": x2, "z_in_0_1_by_b_0_1": 1,
    }  # fmt: skip
    for name, key in NAMES.items():
        numbers |= {key: p[name], f"d{key}": slopes[name]}
    return numbers, slopes


FORWARD = {*NAMES.values(), "x_0", "x_1", "y_0", "loss"}
FORWARD |= {f"{kind}_{unit}" for kind in ("z_in", "z_out") for unit in ("0_0", "0_1", "1_0")}
BACKWARD = FORWARD | {f"d{key}" for key in NAMES.values()}
BACKWARD |= {"delta_0_0", "delta_0_1", "delta_1_0"}
OUTPUT = {"loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0"}


def chain(weight):
    """The names of a weight's factors."""
    key = NAMES[weight]
    if weight in ("u_1", "u_2", "c"):
        return OUTPUT | {f"z_in_1_0_by_{key}"}
    k = key[-1]
    return OUTPUT | {
        f"z_in_1_0_by_z_out_0_{k}", f"z_out_0_{k}_by_z_in_0_{k}", f"z_in_0_{k}_by_{key}",
    }  # fmt: skip


CHANGES = {f"{what}_{k}" for what in ("before", "after", "change") for k in range(5)}


def losses(p):
    """At the four points, and their mean."""
    each = [xor(p, point)[0]["loss"] for point in range(4)]
    return [*each, sum(each) / 4]


def changes(p, new):
    found = {}
    for k, (before, after) in enumerate(zip(losses(p), losses(new), strict=True)):
        found |= {f"before_{k}": before, f"after_{k}": after, f"change_{k}": after - before}
    return found


def wrong_numbers(found):
    """What the walk-through must show for what its controls say, and does not."""
    controls, shown = found["controls"], found["numbers"]
    p = {name: float(controls[name]) for name in NAMES}
    point = POINTS.index(controls["point"])
    expected, slopes = xor(p, point)
    (stage,) = set(found["pressed"]) - set(SWITCHES)
    names = FORWARD if stage == STAGES[0] else BACKWARD | chain(controls["weight"])
    if stage == STAGES[2]:
        new = {name: p[name] - float(controls[ALPHA]) * slopes[name] for name in NAMES}
        after, _ = xor(new, point)
        names = names | {f"new_{key}" for key in (*NAMES.values(), "z_out_1_0", "loss")} | CHANGES
        expected |= {f"new_{key}": value for key, value in after.items()}
        expected |= changes(p, new)
    if set(shown) != names:
        return set(shown) ^ names
    return {
        name: (text, expected[name])
        for name, text in shown.items()
        if abs(float(text) - expected[name]) > 0.50001 * 10.0 ** -len(text.partition(".")[2])
        or text.startswith("-0.0000")
        or len(text.partition(".")[2]) != (0 if name in ("x_0", "x_1", "y_0") else 4)
    }


@pytest.fixture
def walkthrough(app):
    """The walk-through in its last stage, with the lecture's numbers, before its first step."""
    made = app("walkthrough")
    for switch in made.read()["pressed"]:
        if switch in SWITCHES:
            made.press(f"button(ROOT, {switch!r})", "Enter")
    made.press(f"button(ROOT, {STAGES[2]!r})", "Enter")
    made.until(lambda found: found["pressed"] != [STAGES[2]], "stage")
    made.press(START_AGAIN, "Enter")
    made.until(lambda found: "press Next" not in found["caption"], "no step")
    made.press('button(ROOT, "Lecture\'s weights")', "Enter")
    made.until(lambda found: {n: float(found["controls"][n]) for n in NAMES} != START)
    made.choose("point", POINTS[2])
    made.choose("weight", "u_1")
    made.until(wrong_numbers)
    return made


def test_the_walkthrough_starts_with_the_lecture(walkthrough):
    found = walkthrough.read()
    assert found["numbers"]["z_in_1_0"] == "1.1270"
    assert found["numbers"]["dW_1_0_0"] == "-0.0168"
    assert found["numbers"]["new_W_1_0_0"] == "-0.2116"
    assert float(found["controls"][ALPHA]) == 0.5


LOCKED = [
    {"weight", ALPHA, f"{ALPHA} slider", "Take the step"},
    {ALPHA, f"{ALPHA} slider", "Take the step"},
    set(),
]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_stages_lock_and_unlock(walkthrough, key):
    for stage in (0, 1, 2, 1, 0):
        walkthrough.press(f"button(ROOT, {STAGES[stage]!r})", key)
        walkthrough.until(lambda found, s=stage: found["pressed"] != [STAGES[s]], "stage")
        walkthrough.until(lambda found, s=stage: set(found["locked"]) ^ LOCKED[s], "locks")
        walkthrough.until(wrong_numbers, STAGES[stage])


@pytest.mark.parametrize("stage", STAGES)
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


SLIDERS = [(name, 0.01) for name in NAMES] + [(ALPHA, 0.1)]


@pytest.mark.parametrize(("name", "step"), SLIDERS, ids=[name for name, _ in SLIDERS])
def test_sliders_and_fields(walkthrough, name, step):
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
        there = made.get("stops(ROOT).indexOf(document.activeElement)")
        assert there == k, made.page.evaluate("() => document.activeElement.outerHTML")[:300]
        assert made.get("looks(document.activeElement)") != plain[k], f"no focus to be seen: {k}"
        places.append(made.get("place(document.activeElement)"))
    assert count >= {"walkthrough": 27, "one_neuron": 4, "one_step": 4, "nudge": 2}[name]
    for (left, middle), (next_left, next_middle) in pairwise(places):
        same_row = abs(next_middle - middle) < 20
        assert next_left > left if same_row else next_middle > middle


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
            made.until(lambda found, k=k: len(found["pressed"]) != k + 1, "pressed")
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


@pytest.mark.parametrize("theme", ["Light", "Dark"])
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


BURST = 40
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


# --- the page draws what Python draws -------------------------------------------------------------

KEYS = parameters((2, 2, 1))
SHOWN = ("q", "when", "place", "weight", "card", "matrix", "label", "curve")
TOKENS = ("forward", "chain", "update")


def drawn(markup):
    """As `look.drawn`: every element that changes with the app's state."""
    found = []
    for e in ET.fromstring(f"<p>{markup}</p>").iter():
        named = [e.get(f"data-{name}") for name in SHOWN]
        if any(name is not None for name in named):
            classes = (e.get("class") or "").split()
            found.append(
                {
                    "of": [e.tag, *named],
                    "marks": [css for css in ("chosen", "lit", "now", "off") if css in classes],
                    "text": e.text if e.get("data-q") else None,
                    **{name: e.get(name) for name in ("transform", "aria-label", "d")},
                }
            )
    return found


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


def test_every_state_is_drawn_as_python_draws_it(walkthrough):
    for stage, point, weight, numbers in states(25):
        lists = {"point": point, "weight": weight}
        walkthrough.get(f"set(ROOT, {STAGES[stage]!r}, {json.dumps(lists)}, {json.dumps(numbers)})")
        values = {NAMES[name]: float(numbers[name]) for name in NAMES}
        alpha = float(numbers[ALPHA])
        parts = walkthrough_view(TOKENS[stage], point, KEYS[weight], alpha, printed=False, **values)
        expected = drawn("".join(parts.values()))
        assert len(expected) > 300

        def wrong(_, expected=expected):
            got = walkthrough.get("drawn(ROOT)")
            if [e["of"] for e in got] != [e["of"] for e in expected]:
                return "other elements"
            return [(a, b) for a, b in zip(got, expected, strict=True) if a != b][:5]

        walkthrough.until(wrong, (stage, point, weight, numbers))


# --- step by step ---------------------------------------------------------------------------------


PLACES = {"W_0_0_0", "W_0_0_1", "W_0_1_0", "W_0_1_1", "W_1_0_0", "W_1_1_0", "x_0", "x_1", "loss"}
PLACES |= {"z_out_0_0", "z_out_0_1", "z_out_1_0"}
NOW = "rgb(184, 122, 0) 6px"  # --bl-now, thicker than a path
NEXT, BACK = (f"button(ROOT, {text!r})" for text in ("Next ▸", "◂ Back"))
WALKS = [
    (STAGES[0], "u_1", 5),
    (STAGES[1], "W_12", 11),
    (STAGES[2], "W_11", 12),
    (STAGES[2], "b_2", 12),
    (STAGES[2], "c", 10),
]


def steps_of(stage, weight):
    """The steps of a stage, for a weight; tests/test_walk.py says what they are."""
    net, x, y, loss = (getattr(bl.lectures.xor(), of) for of in ("network", "x", "y", "loss"))
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    steps = walk.forward_steps((2, 2, 1), bl.trace(g))
    if stage != STAGES[0]:
        found, group = bl.chain(g, weight), f"{NAMES[weight]}_cards"
        steps += walk.chain_steps(found, group, ())
        steps += [walk.update_step(found, group, ())] * (stage == STAGES[2])
    return steps


def everything(p, point=2, alpha=0.5):
    """Every number of the walk-through by its name, those after the step too."""
    now, slopes = xor(p, point)
    new = {name: p[name] - alpha * slopes[name] for name in NAMES}
    return now | {f"new_{key}": v for key, v in xor(new, point)[0].items()} | changes(p, new)


def caption(steps, at):
    """What is said of step number `at`, at the lecture's numbers."""
    if not at:
        return f"{len(steps)} steps; press Next."
    numbers = everything(START)
    text = re.sub(r"\[(\w+)\]", lambda match: f"{numbers[match[1]]:z.4f}", steps[at - 1].text)
    return f"Step {at} of {len(steps)}. {text}"


def out_of_step(made, steps, at):
    """What the page shows of step number `at` and what it must show, where they differ."""
    found = made.get("now(ROOT)") | {"caption": made.read()["caption"]}
    places, known = (steps[at - 1].places, steps[at - 1].known) if at else ((), ())
    expected = {
        "places": sorted(PLACES.intersection(places)),
        "strokes": [NOW] * bool(PLACES.intersection(places)),
        "cards": sorted(name for name in known if not name.startswith("new_")),
        "groups": [steps[at - 1].group],  # before the first step as at the last
        "caption": caption(steps, at),
    }
    return {key: (found[key], v) for key, v in expected.items() if found[key] != v}


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


# --- Python's hand, and none ----------------------------------------------------------------------

HELD = f"Out[{1 + 1 + list(APPS).index('walkthrough')}]"


def python(made, code):
    """What Python says to a line about the walk-through, which it holds as `app`."""
    return made.page.evaluate("code => look.python(code)", f"app = {HELD}\n{code}")


def test_what_python_sets_moves_the_page(walkthrough):
    python(walkthrough, 'app.controls["W_0_0_0"].set(1)')
    found = walkthrough.until(
        lambda found: float(found["controls"]["W_11"]) != 1 or wrong_numbers(found)
    )
    assert found["sliders"]["W_11"] == 1
    assert found["numbers"]["z_in_0_0"] == "0.5400"
    python(walkthrough, 'app.controls["W_0_0_0"].set(-0.07)')
    walkthrough.until(
        lambda found: float(found["controls"]["W_11"]) != -0.07 or wrong_numbers(found)
    )
    for at in (1, 3):
        python(walkthrough, f"app.page.at = {at}")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "u_1"), 3))
    python(walkthrough, 'app.controls["weight"].value = ("W", 0, 0, 0)')
    python(walkthrough, "app.page.at = 8")
    walkthrough.until(lambda _: out_of_step(walkthrough, steps_of(STAGES[2], "W_11"), 8))
    python(walkthrough, 'app.controls["stage"].value = "forward"')
    walkthrough.until(lambda found: set(found["locked"]) ^ LOCKED[0], "locks")


def test_what_the_page_computes_it_keeps_but_the_settings_python_hears(walkthrough):
    views = "[view.value for view in app.views.values()]"
    before = python(walkthrough, f"hash(tuple({views}))")
    walkthrough.type("W_11", "1.25")
    walkthrough.choose("point", POINTS[0])
    walkthrough.press(NEXT, "Enter", "Enter")
    walkthrough.press('button(ROOT, "Take the step")', "Enter")
    walkthrough.get("quiet(ROOT)")
    walkthrough.get("heard()")
    assert re.fullmatch(r"-?\d+", before)
    assert python(walkthrough, f"hash(tuple({views}))") == before
    settings = json.loads(
        python(walkthrough, "import json\njson.dumps({k: v for k, v in app.settings().items()})")[
            1:-1
        ]
    )
    controls = walkthrough.read()["controls"]
    assert settings["point"] == 0
    assert {n: settings[key] for n, key in NAMES.items()} == {n: float(controls[n]) for n in NAMES}
    assert python(walkthrough, "app.page.at") == "2"


def use(made):
    """A lesson in short: numbers, stages, weights, steps, a step of descent, and back."""
    made.type("W_11", "1.25")
    made.until(wrong_numbers, "a number")
    made.press("handle(ROOT, 'c')", "ArrowRight", "ArrowRight")
    made.until(wrong_numbers, "a slider")
    made.choose("point", POINTS[3])
    made.until(wrong_numbers, "a point")
    made.page.mouse.click(*made.get("target(ROOT, 2)"))
    made.until(
        lambda found: found["controls"]["weight"] != "W_21" or wrong_numbers(found), "weight"
    )
    p = {name: float(made.read()["controls"][name]) for name in NAMES}
    _, slopes = xor(p, 3)
    made.press('button(ROOT, "Take the step")', "Enter")
    made.until(
        lambda found: {
            n: found["controls"][n]
            for n in NAMES
            if abs(float(found["controls"][n]) - (p[n] - 0.5 * slopes[n])) > 1.5e-6
        },
        "the step",
    )
    made.until(wrong_numbers, "the step")
    made.press('button(ROOT, "Lecture\'s weights")', "Enter")
    made.until(lambda found: {n: float(found["controls"][n]) for n in NAMES} != START)
    made.until(wrong_numbers, "back")
    made.choose("point", POINTS[2])
    made.press(NEXT, "Enter", "ArrowRight")
    made.until(lambda _: out_of_step(made, steps_of(STAGES[2], "W_21"), 2), "two steps")
    made.press(f"button(ROOT, {STAGES[0]!r})", "Enter")
    made.until(lambda found: set(found["locked"]) ^ LOCKED[0], "locks")


@pytest.fixture
def stopped_kernel(walkthrough):
    """Stops the kernel's process: one that is busy would still hear sliders, on a thread apart."""
    walkthrough.get("heard()")
    kernel = int(python(walkthrough, "import os; os.getpid()"))
    os.kill(kernel, signal.SIGSTOP)
    yield
    os.kill(kernel, signal.SIGCONT)
    walkthrough.get("heard()")


@pytest.mark.usefixtures("stopped_kernel")
def test_every_key_of_a_burst_is_drawn_without_the_kernel(walkthrough):
    walkthrough.page.add_script_tag(path=Path(__file__).with_name("latency.js"))
    walkthrough.focus("handle(ROOT, 'u_1')")
    start = f"latency.start({walkthrough.root}, '[data-q]'); latency.everyFrame();"
    walkthrough.page.evaluate(f"() => {{ {start} }}")
    for _ in range(BURST):
        walkthrough.keyboard.press("ArrowRight")
        walkthrough.page.evaluate(TWO_FRAMES)
    record = walkthrough.page.evaluate("() => latency.take()")
    assert len(record["keys"]) == BURST
    assert record["blanks"] == 0
    drawn = [set(record["pictures"][k].split("\n")) for _, k in record["frames"]]
    assert len(drawn) == 1 + BURST
    for k, numbers in enumerate(drawn):
        expected, _ = xor(START | {"u_1": START["u_1"] + 0.01 * k}, 2)
        for name in ("W_1_0_0", "z_out_1_0", "loss", "dW_1_0_0"):
            shown = {text for text in numbers if text.startswith(f"{name} ")}
            assert shown == {f"{name} {expected[name]:.4f}"}, k


@pytest.mark.usefixtures("stopped_kernel")
def test_the_app_needs_no_kernel_that_answers(walkthrough):
    use(walkthrough)


ALONE = ("from backprop_lab import explore", APPS["walkthrough"])


def test_the_app_needs_no_kernel_at_all(opens):
    notebook = opens(*ALONE)
    made = App(notebook, "walkthrough")
    made.choose("weight", "u_1")
    made.until(wrong_numbers)
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    use(made)
    # ipywidgets still tries to tell the kernel each time.
    assert [c for c in notebook.complaints if "Cannot send" not in c] == []


# --- large, small, still --------------------------------------------------------------------------


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


def test_a_finger_hits_every_control_on_a_phone(opens, context):
    phone = context.browser.new_context(
        viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True
    )
    phone.set_default_timeout(30_000)
    phone.add_init_script(path=Path(__file__).with_name("look.js"))
    notebook = opens(*ALONE, within=phone)
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    made = App(notebook, "walkthrough")
    assert notebook.page.evaluate("() => matchMedia('(pointer: coarse)').matches")
    made.get("quiet(ROOT)")
    targets = made.get("targets(ROOT)")
    assert len(targets) > 30
    for name, left, top, right, bottom in targets:
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


# --- keys stay in the app -------------------------------------------------------------------------

FIELD = "field(ROOT, 'c')"


@pytest.mark.parametrize(
    "focus",
    [NEXT, PLAY, "handle(ROOT, 'c')", FIELD, "select(ROOT, 'weight')",
     f"button(ROOT, {STAGES[2]!r})", "button(ROOT, 'As printed')"],
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
