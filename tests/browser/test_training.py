"""The apps of 05 and 06 in JupyterLab: runs that play while controls move, sliders, the map."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core import depth as deep
from backprop_lab.core.training import Training
from backprop_lab.explore.deep_training import start
from backprop_lab.explore.phase_map import map_view
from backprop_lab.explore.steps_on_a_parabola import walk

XOR = bl.lectures.xor()


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
    cell.page.evaluate("() => look.heard()")  # what was set before is drawn, and draws no more
    cell.page.evaluate(f"() => {{ {box}.focus(); {box}.select(); }}")
    cell.page.keyboard.type(text)
    cell.page.keyboard.press("Enter")


def test_xor_plays_while_its_controls_move(cell):
    app = cell("explore.xor_training()")
    assert number(app, "steps") == 0
    app.press("Play")
    app.until(f"parseFloat({app.quantity('steps')}) > 20")
    choose(app, "speed", "100 a picture")
    type_number(app, 0, "2")
    app.until(f"parseFloat({app.quantity('steps')}.replace(',', '')) > 300")
    app.press("Pause")
    app.until(app.button("Play"))
    app.page.wait_for_timeout(300)
    steps = number(app, "steps")
    app.page.wait_for_timeout(400)
    assert number(app, "steps") == steps, "a pause is a pause"
    app.press("Again from the same weights")
    app.until(f"{app.quantity('steps')} === '0'")
    assert number(app, "risk") == 0.155131
    app.press("Step", "Step", "Step")
    app.until(f"{app.quantity('steps')} === '3'")
    run = Training(XOR.network, XOR.X, XOR.Y, learning_rate=2.0)
    run.run(3)
    assert number(app, "risk") == round(run.risks[-1], 6)
    before = app.page.evaluate(f"() => {app.at}.node.querySelector('[data-q=risk_before] path')")
    assert before is not None


def test_a_run_that_overflows_says_so(cell):
    app = cell("explore.xor_training()")
    choose(app, "activation", "identity")
    choose(app, "loss", "binary_cross_entropy")
    type_number(app, 0, "20")
    choose(app, "speed", "100 a picture")
    app.press("Play")
    app.says("the learning rate is too large")
    app.until(app.button("Play"))  # the last picture follows the message, then the run is over
    said = re.search(r"overflowed at step (\d+)", app.text)[1]
    assert int(said) == number(app, "steps") + 1
    type_number(app, 0, "0.5")
    app.press("Again from the same weights", "Step")
    app.until(f"{app.quantity('steps')} === '1'")


def test_steps_on_the_parabola_follow_the_slider(cell):
    app = cell("explore.steps_on_a_parabola()")
    for key, rate in (("End", 2.6), ("ArrowLeft", 2.55), ("Home", 0)):
        keys(app, 0, key)
        app.until(f"{app.quantity('w_1')} === '{walk(rate)[0][1]:.4g}'")
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


def test_the_map_grows_and_its_marker_moves(cell):
    app = cell("explore.phase_map()")
    choose(app, "activation", "relu")
    keys(app, 0, "ArrowRight")
    expected = deep.profile(31, deep.MAP_WIDTH, "relu", 1.0)
    ratio = np.median(expected.delta[0]) / np.median(expected.delta[-2])
    app.until(f"{app.quantity('delta_ratio')} === '{ratio:.3g}'")
    whole = re.search(r'data-q="band_10">\s*<path d="([^"]*)"', map_view("relu", 31, 1.0)["map"])
    shade = f"{app.at}.node.querySelector('[data-q=band_10] path').getAttribute('d')"
    app.until(f"{shade} === '{whole[1]}'")


def test_the_sigmoids_do_not_learn_and_can_be_stopped(cell):
    app = cell("explore.deep_training()")
    app.press("Train")
    app.until(f"parseFloat({app.quantity('steps')}) > 60")
    app.press("Pause")
    app.until(app.button("Train"))
    app.page.wait_for_timeout(500)
    steps = int(number(app, "steps"))
    runs = start(8, 0.05)
    for name, run in runs.items():
        run.run(steps)
        assert number(app, f"risk_{name}") == round(run.risks[-1], 4)
    assert number(app, "risk_relu") < number(app, "risk_sigmoid")
