"""The walk-through and its kernel: what Python sets, what it hears, and a page without it."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from ..conftest import APPS
from .app import ALONE, LOCKED, NEXT, STAGES, App
from .numbers import NAMES, POINTS, START, wrong_numbers, xor
from .steps import out_of_step, steps_of

BURST = 40
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


HELD = f"Out[{1 + 1 + list(APPS).index('walkthrough')}]"


def python(made, code):
    """What Python says to a line about the walk-through, which it holds as `app`."""
    return made.notebook.python(f"app = {HELD}\n{code}")


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
    walkthrough.page.add_script_tag(path=Path(__file__).parents[1] / "latency.js")
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


@pytest.mark.nightly
def test_the_app_needs_no_kernel_at_all(opens_alone):
    notebook = opens_alone(*ALONE)
    made = App(notebook, "walkthrough")
    made.choose("weight", "u_1")
    made.until(wrong_numbers)
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    use(made)
    # ipywidgets still tries to tell the kernel each time.
    assert [c for c in notebook.complaints if "Cannot send" not in c] == []
