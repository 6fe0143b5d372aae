"""The apps of notebook 06: what they show is what the package computes."""

import asyncio
import re
import time
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core import depth as deep
from backprop_lab.explore.deep_network import verdict
from backprop_lab.picture.plots import depth as plots
from backprop_lab.picture.plots.plot import decades
from tests.markup import number

# The apps have the same names.
deep_learning = import_module("backprop_lab.explore.deep_training")
phase = import_module("backprop_lab.explore.phase_map")


def path(app, name, view="picture"):
    return re.search(rf'data-q="{name}">\s*<path d="([^"]*)"', app.views[view].value)[1]


# --- the chain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [1, 3, 6, 12])
def test_stacked_sigmoids_leave_a_quarter_each(layers):
    app = explore.chain_of_neurons()
    app.controls["layers"].value = layers
    assert number(app, "product") == pytest.approx(0.25**layers, rel=1e-5)
    assert f"in {layers} of {layers} layers" in app.views["verdict"].value


def test_relu_leaves_all_of_it():
    app = explore.chain_of_neurons()
    app.controls["activation"].value = "relu"
    assert app.controls["z"].value == 1, "off the kink"
    assert number(app, "product") == 1
    app.controls["z"].set(-1)
    assert number(app, "product") == 0


@pytest.mark.parametrize(("activation", "z"), [("elu", 1), ("leaky_relu", 1), ("gelu", 0)])
def test_what_has_cases_is_shown_on_its_active_side(activation, z):
    app = explore.chain_of_neurons()
    app.controls["activation"].value = activation
    assert app.controls["z"].value == z


def test_a_weight_of_eight_doubles():
    app = explore.chain_of_neurons(layers=5)
    app.controls["weight"].set(8)
    assert number(app, "product") == 32
    assert "in 0 of 5" in app.views["verdict"].value


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_a_free_bias_gives_what_backward_gives(activation):
    app = explore.chain_of_neurons(weight=-1.5, layers=4)
    app.controls["activation"].value = activation
    app.controls["hold"].value = False
    app.controls["bias"].set(0.7)
    assert app.controls["z"].disabled
    assert not app.controls["bias"].disabled
    net, x = deep.chain(4, activation, -1.5, 0.7)
    f = bl.forward(net, x)
    left = bl.backward(net, f, f.output - 1).dx[0]  # of a signal 1, wherever the output lies
    assert number(app, "product") == pytest.approx(left, rel=1e-5)


def test_delta_and_the_weights_gradient_are_drawn_apart():
    app = explore.chain_of_neurons()
    assert path(app, "delta")
    assert path(app, "dW")
    assert path(app, "delta") != path(app, "dW")


# --- stacks ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stacks():
    return explore.deep_network()


def test_the_ratios_are_those_of_the_profile(stacks):
    found = deep.profile(10)
    for name, norms in (("delta_ratio", found.delta), ("dW_ratio", found.dW)):
        expected = np.median(norms[0]) / np.median(norms[-2])
        assert number(stacks, name) == pytest.approx(expected, rel=5e-3)
    assert "vanishes" in stacks.views["verdict"].value


def test_own_scale_explodes_and_switches_help():
    app = explore.deep_network(depth=50, activation="tanh")
    assert "stays within" in app.views["verdict"].value
    app.controls["init"].value = "own scale"
    assert not app.controls["scale"].disabled
    app.controls["scale"].set(4)
    assert "explodes" in app.views["verdict"].value
    app.controls["activation"].value = "sigmoid"
    app.controls["scale"].set(1)
    assert "vanishes" in app.views["verdict"].value
    app.controls["residual"].value = True
    assert "stays within" in app.views["verdict"].value


def test_each_switch_shows_its_part_of_a_layers_factor():
    app = explore.deep_network(depth=10)
    line = app.views["verdict"]
    assert "<b><i>w</i> σ′(<i>z</i>)</b>, where |σ′| ≤ 0.25." in line.value
    found = deep.profile(10)
    ratio = np.divide(*np.median(found.delta[[0, -2]], axis=1))
    assert number(app, "layer_factor") == pytest.approx(ratio ** (1 / 9), rel=5e-3)
    app.controls["residual"].value = True
    assert "<b>1 + <i>w</i> σ′(<i>z</i>)</b>" in line.value
    app.controls["normalised"].value = True
    assert "<b>1 + <i>w</i> σ′(<i>z</i>) / <i>s</i></b>" in line.value
    app.controls["activation"].value = "relu"
    assert "|σ′| ≤ 1, <i>s</i> the spread of <i>z</i>." in line.value
    app.controls["depth"].value = 1
    assert "layer_factor" not in line.value, "nothing is crossed"


def test_a_last_layer_without_signal_does_not_hide_an_explosion():
    """Residual neurons, the median one of the last layer dead: the others' signals go past it."""
    found = deep.profile(100, 1, "relu", 1.0, 4.0, residual=True, seeds=10)
    first, last = np.median(found.delta[[0, -2]], axis=1)
    assert last == 0
    assert first > 1e20
    assert "explodes" in str(verdict(found))


def test_dead_networks_are_said_to_be_zero():
    app = explore.deep_network(activation="relu")
    app.controls["bias"].set(-4)
    assert "is zero" in app.views["verdict"].value
    assert "nan" not in app.views["picture"].value


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_every_corner_is_drawn(activation):
    """The ends of every slider, with every activation: no warning, no NaN in a path."""
    app = explore.deep_network(activation=activation)
    app.controls["init"].value = "own scale"
    for depth, width, scale, bias in (
        (1, 1, 0, -4),
        (100, 8, 10, 4),
        (100, 8, 10, -4),
        (2, 64, 0, 0),
    ):
        for residual, normalised in ((False, False), (True, False), (False, True)):
            settings = {
                "depth": depth,
                "width": width,
                "residual": residual,
                "normalised": normalised,
            }
            for name, value in settings.items():
                app.controls[name].value = value
            app.controls["scale"].set(scale)
            app.controls["bias"].set(bias)
            assert "got" not in app.message.value
            assert "nan" not in re.sub("<text.*?</text>", "", app.views["picture"].value)


def test_a_scale_out_of_range_is_said_and_the_picture_stays(stacks):
    good = stacks.views["picture"].value
    stacks.controls["init"].value = "own scale"
    stacks.controls["scale"].value = 11
    assert "g: got 11; expected a number from 0 to 10" in stacks.message.value
    assert stacks.views["picture"].value == good
    assert stacks.controls["scale"].value == 11
    stacks.controls["scale"].value = 1
    assert "got" not in stacks.message.value


def test_axes_jump_rarely():
    assert decades([np.array([1e-3, 1.0])], plots.DECADES) == (-8, 2)
    assert decades([np.array([1e-12, 1.0])], plots.DECADES) == (-20, 5)
    assert decades([np.array([0.0, np.inf])], plots.DECADES) == (-8, 2)
    assert decades([np.array([1e305])], plots.DECADES) == plots.DECADES[-1]
    assert [plots.end(n) for n in (1, 6, 7, 50, 100)] == [6, 6, 12, 50, 100]


def test_a_move_takes_less_than_a_frame_of_the_aim(stacks):
    """The share of Python in 100 ms: depth 50, width 32, 100 networks. Measured: 21 ms, of the
    processor's time: a busy machine has as much to do."""
    app = explore.deep_network(depth=50, activation="tanh")
    app.controls["init"].value = "own scale"
    took = []
    for k in range(15):
        begin = time.process_time()
        app.controls["scale"].set(1 + k / 20)
        took.append(time.process_time() - begin)
    assert np.median(took) < 0.08


# --- the map --------------------------------------------------------------------------------------


def test_the_marker_moves_on_a_map_that_stays(monkeypatch):
    app = explore.phase_map("tanh")
    shades = path(app, "band_3", "map")
    monkeypatch.setattr(deep, "phase_map", None)  # nothing may compute it again
    marker = path(app, "marker", "map")
    app.controls["depth"].value = 60
    app.controls["scale"].set(2)
    assert path(app, "marker", "map") != marker
    assert path(app, "band_3", "map") == shades
    assert number(app, "delta_ratio") == pytest.approx(
        np.divide(*np.median(deep.profile(60, 32, "tanh", 2.0).delta[[0, -2]], axis=1)), rel=5e-3
    )


def test_an_unknown_map_grows_in_the_background(monkeypatch):
    monkeypatch.setattr(phase, "_MAPS", {})
    phase._areas.cache_clear()
    app = explore.phase_map("tanh")
    seen, asked, ask = [], [], deep.phase_map
    monkeypatch.setattr(deep, "phase_map", lambda name: asked.append(name) or ask(name))

    async def change():
        app.controls["activation"].value = "relu"
        assert app.task is not None
        app.controls["scale"].set(3)  # the marker moves meanwhile
        while app.task:
            seen.append((app.bar.value, app.views["map"].value))
            await asyncio.sleep(0.05)

    asyncio.run(change())
    assert asked == ["relu"], "computed once, in the background"
    assert len({bar for bar, _ in seen}) > 3
    assert app.bar.value == 1
    assert app.views["map"].value == phase.map_view("relu", 30, 3.0)["map"]


def test_another_activation_in_the_middle_is_survived(monkeypatch):
    monkeypatch.setattr(phase, "_MAPS", {})
    phase._areas.cache_clear()
    app = explore.phase_map("tanh")

    async def change():
        for activation in ("relu", "sigmoid", "tanh", "elu"):
            app.controls["activation"].value = activation
            await asyncio.sleep(0.1)
        while app.task:
            await asyncio.sleep(0.05)

    asyncio.run(change())
    assert "elu" in phase._MAPS
    assert app.views["map"].value == phase.map_view("elu", 30, 1.0)["map"]
    assert not app.message.value.count("✗")


# --- two networks that learn ----------------------------------------------------------------------


def test_the_sigmoids_guess_and_the_relus_learn():
    app = explore.deep_training()
    assert number(app, "steps") == 0

    async def train():
        app.begin(app._train)
        while app.task:
            await asyncio.sleep(0.05)

    asyncio.run(train())
    assert number(app, "steps") == deep_learning.STEPS
    assert number(app, "risk_sigmoid") == pytest.approx(deep_learning.guessing(), abs=2e-4)
    assert number(app, "risk_relu") < 0.05
    assert app.button.description == "Train"
    fresh = deep_learning.start(8, 0.05)
    first = {name: deep_learning.norms(run) for name, run in fresh.items()}
    for run in fresh.values():
        run.run(deep_learning.STEPS)
    expected = deep_learning.learning_view(fresh, first)
    assert {name: view.value for name, view in app.views.items()} == expected
    assert first["sigmoid"][0, 1] < 1e-4 * first["sigmoid"][-1, 1]


def test_training_can_be_stopped_and_begun_anew():
    app = explore.deep_training()

    async def some():
        app.begin(app._train)
        await asyncio.sleep(0.3)
        app.end()
        await asyncio.sleep(0.05)

    asyncio.run(some())
    steps = app.runs["relu"].steps
    assert 0 < steps < deep_learning.STEPS
    app.controls["rate"].set(0.1)
    assert app.runs["relu"].steps == steps
    assert app.runs["relu"].learning_rate == 0.1
    app.controls["depth"].value = 3
    assert number(app, "steps") == 0
    assert len(app.runs["relu"].dW) == 4
    asyncio.run(some())
    app.again()
    assert number(app, "steps") == 0
