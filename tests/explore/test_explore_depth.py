"""The apps of notebook 06: what they show is what the package computes."""

import asyncio
import re
from functools import partial
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core import depth as deep
from backprop_lab.explore.deep_network import verdict
from backprop_lab.picture import powers
from tests.markup import number

# The apps have the same names.
deep_learning = import_module("backprop_lab.explore.deep_training")
phase = import_module("backprop_lab.explore.phase_map")


def path(app, name, view="picture"):
    """The d of a path: of an element of that name, or of what matplotlib drew under the name."""
    found = rf'data-q="{name}"(?: d="|>\s*<path d=")([^"]*)"'
    return re.search(found, app.views[view].value)[1]


def moved(app, **settings):
    """The app with other settings, as its page shows it."""
    for name, value in settings.items():
        control = app.controls[name]
        (control.set if hasattr(control, "set") else partial(setattr, control, "value"))(value)
    app.refresh()
    return app


# --- the chain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [1, 3, 6, 12])
def test_stacked_sigmoids_leave_a_quarter_each(layers):
    app = moved(explore.chain_of_neurons(), layers=layers)
    assert number(app, "product") == pytest.approx(0.25**layers, rel=1e-5)
    assert f"in {layers} of {layers} layers" in app.views["verdict"].value


def test_relu_leaves_all_of_it():
    app = moved(explore.chain_of_neurons(), activation="relu", z=1)
    assert number(app, "product") == 1
    assert number(moved(app, z=-1), "product") == 0


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_what_has_cases_is_shown_on_its_active_side(activation):
    """The page moves z off the joint (`Row.sets`)."""
    (row,) = (
        row
        for row in explore.chain_of_neurons().page.data["tables"]["activation"]
        if row["inputs"] == {"activation": activation}
    )
    cases = activation in ("relu", "leaky_relu", "elu")
    assert row.get("sets", {}) == ({"z": (0, 1)} if cases else {})


def test_a_weight_of_eight_doubles():
    app = moved(explore.chain_of_neurons(layers=5), weight=8)
    assert number(app, "product") == 32
    assert "in 0 of 5" in app.views["verdict"].value


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_a_free_bias_gives_what_backward_gives(activation):
    app = explore.chain_of_neurons(weight=-1.5, layers=4)
    assert app.controls["bias"].disabled
    assert not app.controls["z"].disabled
    moved(app, activation=activation, hold=False, bias=0.7)
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
    assert app.controls["scale"].disabled
    assert "explodes" in moved(app, init="own scale", scale=4).views["verdict"].value
    assert "vanishes" in moved(app, activation="sigmoid", scale=1).views["verdict"].value
    assert "stays within" in moved(app, residual=True).views["verdict"].value


@pytest.mark.parametrize("init", bl.INITIALISATIONS)
def test_weights_are_as_wide_as_their_rule_says(init):
    app = moved(explore.deep_network(), init=init, width=9)
    spread = f"{deep.scale_of(init, 9):.3g} / √9"
    assert f"weights of standard deviation {spread}." in app.views["verdict"].value


def test_each_switch_shows_its_part_of_a_layers_factor():
    app = explore.deep_network(depth=10)
    line = app.views["verdict"]
    assert "<b><i>w</i> σ′(<i>z</i>)</b>, where |σ′| ≤ 0.25." in line.value
    found = deep.profile(10)
    ratio = np.divide(*np.median(found.delta[[0, -2]], axis=1))
    assert number(app, "layer_factor") == pytest.approx(ratio ** (1 / 9), rel=5e-3)
    moved(app, residual=True)
    assert "<b>1 + <i>w</i> σ′(<i>z</i>)</b>" in line.value
    moved(app, normalised=True)
    assert "<b>1 + <i>w</i> σ′(<i>z</i>) / <i>s</i></b>" in line.value
    moved(app, activation="relu")
    assert "|σ′| ≤ 1, <i>s</i> the spread of <i>z</i>." in line.value
    moved(app, depth=1)
    assert "layer_factor" not in line.value, "nothing is crossed"


def test_a_last_layer_without_signal_does_not_hide_an_explosion():
    """Residual neurons, the median one of the last layer dead: the others' signals go past it."""
    found = deep.profile(100, 1, "relu", 1.0, 4.0, residual=True, seeds=10)
    first, last = np.median(found.delta[[0, -2]], axis=1)
    assert last == 0
    assert first > 1e20
    assert "explodes" in str(verdict(found))


def test_dead_networks_are_said_to_be_zero():
    app = moved(explore.deep_network(activation="relu"), bias=-4)
    assert "is zero" in app.views["verdict"].value
    assert "nan" not in app.views["picture"].value


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_every_corner_is_drawn(activation):
    """The ends of every slider, with every activation: no warning, no NaN in a path."""
    app = explore.deep_network(activation=activation)
    for depth, width, scale, bias in (
        (1, 1, 0, -4),
        (100, 8, 10, 4),
        (100, 8, 10, -4),
        (2, 64, 0, 0),
    ):
        for residual, normalised in ((False, False), (True, False), (False, True)):
            settings = {"depth": depth, "width": width, "scale": scale, "bias": bias}
            moved(app, init="own scale", residual=residual, normalised=normalised, **settings)
            assert "nan" not in re.sub("<text.*?</text>", "", app.views["picture"].value)


def test_axes_jump_rarely():
    assert powers.decades([np.array([1e-3, 1.0])]) == (-8, 2)
    assert powers.decades([np.array([1e-12, 1.0])]) == (-20, 5)
    assert powers.decades([np.array([0.0, np.inf, np.nan])]) == (-8, 2)
    assert powers.decades([np.array([1e305])]) == powers.DECADES[-1]
    assert [powers.end(n) for n in (1, 6, 7, 50, 100)] == [6, 6, 12, 50, 100]


@pytest.mark.parametrize("values", [[3.0, 1.0, 2.0], [4.0, 1.0, 3.0, 2.0], [np.inf, 1.0], [5.0]])
def test_medians(values):
    assert deep.median(np.array(values)) == np.median(values)
    assert np.isnan(deep.median([*values, np.nan]))


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
