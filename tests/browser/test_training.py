"""The apps of 05 and 06 in JupyterLab: runs that play while controls move, sliders, the map.

The page does their work: a run ends with its page.
"""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core import depth as deep
from backprop_lab.core.training import Training
from backprop_lab.explore.steps_on_a_parabola import walk
from backprop_lab.picture import elements

XOR = bl.lectures.xor()
FRAMES = """
  window.asked = 0;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (done) => {
    window.asked += new Error().stack.includes("blob:"); // an app's module, and not the host itself
    return ask(done);
  };
"""
"""Counts the frames that the apps of a page ask for: work that goes on asks for one a slice."""


@pytest.fixture(scope="module")
def notebook(opens):
    return opens(
        "from backprop_lab import explore",
        "explore.xor_training()",
        "explore.steps_on_a_parabola()",
        "explore.risk_after_a_step()",
        "explore.chain_of_neurons(layers=1)",
        "explore.deep_network()",
        "explore.phase_map()",
        "explore.deep_training()",
    )


def number(cell, name):
    return float(cell.page.evaluate(f"() => {cell.quantity(name)}").replace(",", ""))


def path(cell, name):
    """JavaScript: the d of the path of that name."""
    return f"""{cell.at}.node.querySelector('[data-q="{name}"]').getAttribute('d')"""


def keys(cell, handle, *pressed):
    """Press keys on the cell's slider of that number."""
    handles = f"{cell.at}.node.querySelectorAll('[type=range]')"
    cell.page.evaluate(f"() => {handles}[{handle}].focus()")
    for key in pressed:
        cell.page.keyboard.press(key)


def choose(cell, description, text):
    field = (
        f"[...{cell.at}.node.querySelectorAll('.widget-dropdown')]"
        f".find(d => d.innerText.includes({description!r})).querySelector('select')"
    )
    cell.page.evaluate(
        f"() => {{ const f = {field}; f.value = {text!r}; "
        "f.dispatchEvent(new Event('change', {bubbles: true})); }"
    )


def type_number(cell, field, text):
    box = f"{cell.at}.node.querySelectorAll('.backprop-number [type=text]')[{field}]"
    cell.until(f"!{box}.disabled")
    cell.page.evaluate(f"() => {{ {box}.focus(); {box}.select(); }}")
    cell.page.keyboard.type(text)
    cell.page.keyboard.press("Enter")


def steps(cell):
    """JavaScript: the number of steps that the cell shows."""
    return f"parseFloat({cell.quantity('steps')}.replaceAll(',', ''))"


def still(cell):
    """The number of steps, which no longer grows: two frames after each other show the same."""
    frame = "await new Promise(requestAnimationFrame);"
    return cell.page.evaluate(
        f"async () => {{ {frame} const one = {steps(cell)}; {frame}{frame}"
        f" const other = {steps(cell)}; return one === other ? one : -1; }}"
    )


def trained(count, **settings):
    run = Training(XOR.network, XOR.X, XOR.Y, **settings)
    run.run(count)
    return run


@pytest.fixture
def training(cell):
    """XOR learned live, at its start: by other weights and back."""
    app = cell("explore.xor_training()")
    if app.page.evaluate(f"() => !!{app.button('❚❚ Pause')}"):
        app.press("❚❚ Pause")
    for name, text in (("speed", "10 a picture"), ("activation", "sigmoid"), ("weights", "random"),
                       ("loss", "half_squared_error"), ("weights", "the lecture's")):  # fmt: skip
        choose(app, name, text)
    type_number(app, 2, "2")
    type_number(app, 0, "0.5")
    app.until(f"{steps(app)} === 0 && {app.quantity('risk')} === '0.155131'")
    return app


def test_xor_plays_while_its_controls_move(training):
    app = training
    app.press("▶ Play")
    app.until(f"{steps(app)} > 20")
    choose(app, "speed", "100 a picture")
    type_number(app, 0, "2")
    app.until(f"{steps(app)} > 400")
    app.press("❚❚ Pause")
    app.until(app.button("▶ Play"))
    count = still(app)
    assert count > 400, "a pause is a pause"
    assert count % 10 == 0
    app.press("Again from the same weights")
    app.until(f"{steps(app)} === 0")
    assert number(app, "risk") == 0.155131
    app.press("Step", "Step", "Step")
    app.until(f"{steps(app)} === 3")
    assert number(app, "risk") == round(trained(3, learning_rate=2.0).risks[-1], 6)
    before = app.page.evaluate(f"() => {path(app, 'risk_before')}")
    assert before.count("L") > 20, "the old curve stays"


def test_a_mouse_plays_and_pauses_too(training):
    app = training
    for name, other in (("▶ Play", "❚❚ Pause"), ("❚❚ Pause", "▶ Play")):
        place = app.page.evaluate(
            f"() => {{ const {{ x, y, width, height }} = {app.button(name)}"
            ".getBoundingClientRect(); return [x + width / 2, y + height / 2]; }"
        )
        app.page.mouse.click(*place)
        app.until(app.button(other))
        if name == "▶ Play":
            app.until(f"{steps(app)} > 20")
    count = still(app)
    assert number(app, "risk") == round(trained(int(count)).risks[-1], 6)


def test_a_step_pauses_a_run(training):
    training.press("▶ Play")
    training.until(f"{steps(training)} > 20")
    training.press("Step")
    training.until(training.button("▶ Play"))
    count = int(still(training))
    assert number(training, "risk") == round(trained(count).risks[-1], 6)
    assert count % 10 == 1


def test_other_weights_begin_anew_and_play_on(training):
    app = training
    app.press("▶ Play")
    app.until(f"{steps(app)} > 500")
    choose(app, "weights", "twin units")
    app.until(f"{steps(app)} < 500 && {steps(app)} > 20")
    app.says("the first two hidden units are twins")
    assert app.page.evaluate(f"() => {path(app, 'risk_before')}").count("L") > 20
    type_number(app, 2, "3")
    app.until(f"{steps(app)} > 20")
    choose(app, "weights", "the lecture's")
    app.says("hidden units: got 3; the lecture's weights are for 2")
    type_number(app, 2, "2")
    app.until(f"!{app.at}.node.innerText.includes('hidden units: got')")
    app.until(f"{steps(app)} > 20")
    assert "twins" not in app.text


def test_single_examples_and_a_larger_speed(training):
    app = training
    app.page.evaluate(
        f"() => [...{app.at}.node.querySelectorAll('.widget-toggle-button')]"
        ".find((b) => b.innerText === 'one').click()"
    )
    app.press("Step", "Step", "Step")
    app.until(f"{steps(app)} === 3")
    assert number(app, "risk") == round(trained(3, batch=1).risks[-1], 6)
    app.page.evaluate(
        f"() => [...{app.at}.node.querySelectorAll('.widget-toggle-button')]"
        ".find((b) => b.innerText === 'all four').click()"
    )
    choose(app, "speed", "1,000 a picture")
    app.press("▶ Play")
    app.until(f"{steps(app)} > 5000")
    app.press("❚❚ Pause")
    assert still(app) % 1000 == 3
    app.says("4 of 4 on the right side of ½")


def test_a_run_that_overflows_says_so(training):
    app = training
    choose(app, "activation", "identity")
    choose(app, "loss", "binary_cross_entropy")
    type_number(app, 0, "20")
    choose(app, "speed", "100 a picture")
    app.press("▶ Play")
    app.says("the learning rate is too large")
    app.until(app.button("▶ Play"))
    said = re.search(r"overflowed at step (\d+)", app.text)[1]
    assert int(said) == number(app, "steps") + 1
    type_number(app, 0, "0.5")
    app.press("Again from the same weights", "Step")
    app.until(f"{steps(app)} === 1")
    assert "overflowed" not in app.text


def test_steps_on_the_parabola_follow_the_slider(cell):
    app = cell("explore.steps_on_a_parabola()")
    for key, rate in (("End", 2.6), ("ArrowLeft", 2.55), ("Home", 0)):
        keys(app, 0, key)
        app.until(f"{app.quantity('w_1')} === '{walk(rate)[1][0]:.4g}'")
    app = cell("explore.risk_after_a_step()")
    keys(app, 0, "End")
    app.says("it rises")


def test_stacked_neurons_leave_a_quarter_each(cell):
    app = cell("explore.chain_of_neurons(layers=1)")
    for layers in range(2, 7):
        keys(app, 0, "ArrowRight")
        app.until(f"Math.abs({app.quantity('product')} - {0.25**layers}) < 1e-8")
    choose(app, "activation", "relu")
    app.until(f"{app.quantity('product')} === '1'")


def test_deep_networks_follow_sliders_and_switches(cell):
    app = cell("explore.deep_network()")
    keys(app, 0, "End")
    found = deep.profile(100)
    ratio = np.median(found.delta[0]) / np.median(found.delta[-2])
    app.until(f"{app.quantity('delta_ratio')} === '{ratio:.3g}'")
    app.page.evaluate(f"() => {app.at}.node.querySelector('input[type=checkbox]').click()")
    app.says("stays within a factor of 100")
    choose(app, "weights", "own scale")
    type_number(app, 2, "11")
    app.says("expected a number from 0 to 10")


# --- the map --------------------------------------------------------------------------------------


@pytest.fixture
def chart(cell):
    app = cell("explore.phase_map()")
    app.plane = f"{app.at}.node.querySelector('[data-up]')"
    return app


def here(app, depth, scale):
    """Wait until the marker, its words and both sliders are there."""
    app.until(f"{app.plane}.ariaValueText === 'depth {depth}, g {scale}'")
    fields = f"{app.at}.node.querySelectorAll('.backprop-number [type=text]')"
    app.until(f"{fields}[0].value === '{depth}' && {fields}[1].value === '{scale}'")


def at(app, depth, scale):
    """Where a point of the plane lies on the screen."""
    box = app.page.evaluate(
        f"() => {{ {app.plane}.scrollIntoView({{ block: 'center' }});"
        f" const b = {app.plane}.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; }}"
    )
    half = np.log10(32) / 39 / 2
    up = (np.log10(scale / 0.25) + half) / (np.log10(32) + 2 * half)
    return box[0] + box[2] * (depth - 1) / 100, box[1] + box[3] * (1 - up)


def test_a_press_a_drag_and_keys_move_the_marker(chart):
    mouse, keyboard = chart.page.mouse, chart.page.keyboard
    mouse.move(*at(chart, 60, 2.0))
    mouse.down()
    here(chart, 60, 2)
    mouse.move(*at(chart, 20, 0.5), steps=3)
    here(chart, 20, 0.5)
    mouse.up()
    mouse.move(*at(chart, 90, 6.0))
    for key, depth, scale in (
        ("ArrowRight", 21, 0.5), ("ArrowUp", 21, 0.55), ("ArrowDown", 21, 0.5),
        ("ArrowLeft", 20, 0.5), ("PageUp", 20, 1),
    ):  # fmt: skip
        keyboard.press(key)
        here(chart, depth, scale)
    found = deep.profile(20, deep.MAP_WIDTH, "tanh", 1.0)
    ratio = np.median(found.delta[0]) / np.median(found.delta[-2])
    chart.until(f"{chart.quantity('delta_ratio')} === '{ratio:.3g}'")


def test_another_activation_grows_anew_with_progress_while_the_marker_moves(chart):
    chart.page.evaluate(
        f"""() => {{
          window.seen = new Set();
          new MutationObserver(() => {{
            const said = {chart.at}.node.innerHTML.match(/(\\d+) % computed/);
            if (said) window.seen.add(said[1]);
          }}).observe({chart.at}.node, {{ subtree: true, childList: true, characterData: true }});
        }}"""
    )
    choose(chart, "activation", "relu")
    keys(chart, 0, "ArrowRight")
    app = explore.phase_map("relu")
    shades = {k: re.search(f'data-q="shade_{k}" d="([^"]*)"', app.views["map"].value)[1]
              for k in (0, 5, 10)}  # fmt: skip
    for k, expected in shades.items():
        chart.until(f"{path(chart, f'shade_{k}')} === {expected!r}")
    assert len(chart.page.evaluate("() => [...window.seen]")) > 10
    assert "computed" not in chart.text


# --- two networks that learn ----------------------------------------------------------------------


@pytest.mark.nightly
def test_the_penguins_run_to_their_last_step(cell):
    app = cell("explore.deep_training()")
    python = explore.deep_training()
    work, values = python.page.computes.work, python.page.values()
    app.press("Step")
    app.says("step 1 of 400")
    app.press("▶ Play")
    app.says("step 400 of 400", 300_000)  # some seven seconds, on an idle machine
    app.until(app.button("▶ Play"))
    both = work.begin(values, None)
    while not both.done:
        both = work.on(values, both)
    for name, run in both.runs.items():
        assert number(app, f"risk_{name}") == pytest.approx(run.risks[-1], abs=1.1e-4)
    assert number(app, "risk_relu") < 0.05 < number(app, "risk_sigmoid")
    app.press("From the start")
    app.says("step 0 of 400")
    shown = python.page.computes(values | {"work": work.begin(values, None)})
    line = re.search(r'data-q="norms_relu" d="([^"]*)"', elements.page(shown["picture"]))[1]
    app.until(f"{path(app, 'norms_relu')} === {line!r}")


# --- work ends with its page ----------------------------------------------------------------------


@pytest.mark.nightly
@pytest.mark.parametrize("source", ["explore.xor_training()", "explore.phase_map()"])
def test_work_ends_when_its_app_leaves_the_page(opens_alone, source):
    opened = opens_alone("from backprop_lab import explore", source)
    page = opened.page
    page.evaluate(f"() => {{ {FRAMES} }}")
    if "xor" in source:
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => document.querySelector('[data-q=steps]').innerText !== '0'")
    else:
        page.evaluate(
            "() => { const f = document.querySelector('.backprop-app select'); f.value = 'relu';"
            " f.dispatchEvent(new Event('change', { bubbles: true })); }"
        )
        page.wait_for_function("() => document.body.innerHTML.includes('% computed')")
    assert page.evaluate("() => window.asked") > 0
    page.evaluate("() => { look.notebook().activeCellIndex = 1; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-cell-output')")
    page.wait_for_function("() => !document.querySelector('.backprop-app')")
    asked = """async () => {
      const frame = () => new Promise((done) => ask(done));
      const ask = (done) => setTimeout(done, 40);
      for (let k = 0; k < 5; k++) await frame();
      const before = window.asked;
      for (let k = 0; k < 10; k++) await frame();
      return window.asked - before;
    }"""
    assert page.evaluate(asked) == 0, "no frames go on"
    assert opened.complaints == []
