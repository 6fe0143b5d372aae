"""The apps of notebook 06: what they show is what the package computes."""

import re
from functools import partial
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core import depth as deep
from backprop_lab.core.network import Layer, Network
from backprop_lab.core.training import Training
from backprop_lab.data import penguins
from backprop_lab.explore.deep_network import verdict
from backprop_lab.picture import elements
from tests.markup import number

# The apps have the same names.
deep_learning = import_module("backprop_lab.explore.deep_training")
phase = import_module("backprop_lab.explore.phase_map")


def path(app, name, view="picture"):
    """The d of the path of that name."""
    return re.search(rf'data-q="{name}" d="([^"]*)"', app.views[view].value)[1]


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
    """The page moves z off the joint."""
    page = explore.chain_of_neurons().page
    values = page.values() | {"activation": activation, "z": 0.0}
    cases = activation in ("relu", "leaky_relu", "elu")
    assert page.computes.scene(values)["moved"] == ({"z": 1} if cases else {})
    assert page.computes.scene(values | {"z": -0.5})["moved"] == {}


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


@pytest.mark.parametrize("values", [[3.0, 1.0, 2.0], [4.0, 1.0, 3.0, 2.0], [np.inf, 1.0], [5.0]])
def test_medians(values):
    assert deep.median(np.array(values)) == np.median(values)
    assert np.isnan(deep.median([*values, np.nan]))


# --- the map --------------------------------------------------------------------------------------


def grown(rows, activation="tanh"):
    found = deep.NO_MAP
    for _ in range(rows):
        found = deep.grown(found, activation)
    return found


def on_map(app, found, **settings):
    """What the app shows of a map that has grown so far."""
    shown = app.page.computes(app.page.values() | settings | {"work": found})
    return elements.page(shown["map"])


def test_the_marker_moves_on_a_map_that_stays(monkeypatch):
    app = explore.phase_map("tanh")
    shades = [path(app, f"shade_{k}", "map") for k in range(11)]
    monkeypatch.setattr(deep, "grown", None)  # nothing may compute it again
    for depth, scale in ((60, 2.0), (2, 0.25), (100, 8.0)):
        moved(app, depth=depth, scale=scale)
        left, top = map(float, re.match(r"M(\S+) (\S+)h0$", path(app, "marker", "map")).groups())
        panel = phase._PANEL
        assert (left - panel.left) / 640 * 100 + 1 == pytest.approx(depth, abs=0.01)
        up = panel.y.low + (panel.bottom - top) / 294 * (panel.y.high - panel.y.low)
        assert up == pytest.approx(np.log10(scale), abs=3e-4)
        assert path(app, "cross", "map") == f"M60 {top:.1f}H{left:.1f}V330"
        assert [path(app, f"shade_{k}", "map") for k in range(11)] == shades
        assert f"here: depth {depth}, g {scale:.3g}." in app.views["map"].value
        found = deep.profile(depth, 32, "tanh", scale).delta
        ratio = np.divide(*np.median(found[[0, -2]], axis=1))
        assert number(app, "delta_ratio") == pytest.approx(ratio, rel=5e-3)


def test_each_point_of_the_map_has_the_shade_of_its_gradient():
    app, found = explore.phase_map("relu"), deep.phase_map("relu")
    shown = np.full((40, 50), -1)
    for k in range(11):
        for left, low, right in re.findall(
            r"M(\S+) (\S+?)H(\S+?)V", path(app, f"shade_{k}", "map")
        ):
            columns = slice(round((float(left) - 60) / 12.8), round((float(right) - 60) / 12.8))
            shown[round((330 - float(low)) / 7.35), columns] = k
    assert np.array_equal(shown, np.digitize(np.array(found.first), phase.LEVELS))
    assert (found.first[-1][-1], shown[-1, -1]) > (20, 9)
    assert len(re.findall(r'class="shade_\d+" x="815"', app.views["map"].value)) == 11


def test_the_rules_stand_at_their_scales():
    text = explore.phase_map().views["map"].value
    panel = phase._PANEL
    heights = map(float, re.findall(r'class="rule" d="M60 (\S+)H700"', text))
    share = [(panel.bottom - height) / (panel.bottom - panel.top) for height in heights]
    scales = [10 ** (panel.y.low + part * (panel.y.high - panel.y.low)) for part in share]
    expected = [deep.scale_of(name, 32) for name in ("lecun_normal", "he_normal")]
    assert scales == pytest.approx(expected, rel=1e-3)
    assert ">LeCun, Glorot<" in text
    assert ">He<" in text


def test_a_map_that_grows_is_shown_row_by_row_with_its_progress():
    app = explore.phase_map("tanh")
    whole = on_map(app, deep.phase_map("tanh"))
    assert "computed" not in whole
    text = on_map(app, grown(10))
    assert "25 % computed" in text
    lows = [float(low) for low in re.findall(r"M\S+ (\S+?)H\S+?V\S+?H\S+?z", text)]
    assert len({*lows}) == 10
    assert min(lows) == pytest.approx(330 - 9 * 7.35, abs=0.1)
    assert "0 % computed" in on_map(app, deep.NO_MAP)


def test_the_networks_at_the_marker_are_run_once_while_the_map_grows(monkeypatch):
    app, calls, run = explore.phase_map("tanh"), [], deep.stacks
    monkeypatch.setattr(deep, "stacks", lambda *given: calls.append(given) or run(*given))
    found = deep.NO_MAP
    for _ in range(5):
        found = deep.grown(found, "tanh")
        on_map(app, found, depth=17, scale=1.3)
    assert len(calls) == 1
    on_map(app, found, depth=18, scale=1.3)
    assert len(calls) == 2


def test_another_activation_has_another_map_and_no_number_more():
    work = explore.phase_map().page.computes.work
    assert (work.anew, work.waits) == (("activation",), False)
    record = work.begin({"activation": "relu"}, deep.phase_map("tanh"))
    assert record[:3] == deep.NO_MAP
    for _ in deep.MAP_DEPTHS:
        assert not record.first, "a row is shown when it is whole"
        record = work.on({"activation": "relu"}, record)
    assert record[:3] == grown(1, "relu")


@pytest.mark.parametrize("activation", bl.ACTIVATIONS)
def test_every_map_is_drawn(activation):
    text = explore.phase_map(activation).views["map"].value
    assert "nan" not in re.sub("<text.*?</text>", "", text)
    assert len(re.findall(r"[ML]\S+ ", text)) > 100


# --- two networks that learn ----------------------------------------------------------------------


def learning(app, *rates, before=None, **settings):
    """Both runs after a step with each of these rates."""
    work, values = app.page.computes.work, app.page.values() | settings
    both = work.begin(values, before)
    for rate in rates:
        both = work.on(values | {"rate": rate}, both)
    return both


def told(app, both):
    shown = app.page.computes(app.page.values() | {"work": both})
    return {name: elements.page(view) for name, view in shown.items()}


def alike(both, name, layers, rates, steps):
    """Training of the same layers, with the same rates for so many steps each."""
    X, y = penguins()
    net = Network([Layer(*layer) for layer in layers])
    run = Training(net, X, y, deep_learning.LOSS, rates[0])
    for rate, count in zip(rates, steps, strict=True):
        run.learning_rate = rate
        run.run(count)
    learner = both.runs[name]
    assert learner.risks == run.risks
    expected = [np.linalg.norm(dW) for dW in run.dW]
    assert deep_learning.norms(learner.at) == pytest.approx(expected, rel=1e-13)


def test_the_sigmoids_guess_and_the_relus_learn():
    app = explore.deep_training()
    start = learning(app)
    both = learning(app, *[0.05] * deep_learning.STEPS)
    assert (both.steps, both.done, both.failed) == (400, True, "")
    for name in ("sigmoid", "relu"):
        alike(both, name, start.runs[name].at.layers, [0.05], [400])
    shares = np.array([151, 68, 123]) / 342
    entropy = -(shares * np.log(shares)).sum()
    assert deep_learning.guessing(penguins()[1]) == pytest.approx(entropy)
    assert both.runs["sigmoid"].risks[-1] == pytest.approx(entropy, abs=2e-3)
    assert both.runs["relu"].risks[-1] < 0.05
    text = told(app, both)
    assert "step 400 of 400" in text["numbers"]
    for name in ("sigmoid", "relu"):
        layers = both.runs[name].at.layers
        f = bl.forward(Network([Layer(*layer) for layer in layers]), penguins()[0])
        right = (f.output.argmax(axis=1) == penguins()[1].argmax(axis=1)).mean()
        row = re.search(rf">{name}<.*?</tr>", text["numbers"], re.S)[0]
        assert f"{both.runs[name].risks[-1]:.4f}" in row
        assert f"{100 * right:.1f} %" in row
        norms = [np.linalg.norm(dW) for dW in both.runs[name].at.dW]
        assert f"{norms[0]:.2g}" in row
        assert f"{norms[-1]:.2g}" in row
    first = start.runs["sigmoid"].first
    assert first == deep_learning.norms(start.runs["sigmoid"].at)
    assert first[0] < 1e-4 * first[-1]


def test_a_rate_holds_at_once_and_another_depth_begins_anew():
    app = explore.deep_training()
    assert app.page.computes.work.anew == ("depth",)
    both = learning(app, 0.05, 0.05, 0.1, 0.1, 0.1)
    alike(both, "relu", learning(app).runs["relu"].at.layers, [0.05, 0.1], [2, 3])
    assert (both.steps, both.done) == (5, False)
    anew = learning(app, before=both, depth=3)
    assert (anew.steps, anew.done, len(anew.runs["relu"].first)) == (0, False, 4)
    moved(app, depth=3)
    assert "step 0 of 400" in app.views["numbers"].value
    assert "Two networks of 4 layers" in app.views["picture"].value


def test_a_network_that_overflows_is_named_with_its_step_and_keeps_its_numbers():
    app = explore.deep_training(depth=2)
    both = learning(app, 0.05, *[1e200] * 5)
    assert both.failed in deep_learning.INITS
    assert both.done
    assert all(np.isfinite(run.risks).all() for run in both.runs.values())
    said = f"✗ {both.failed}: the loss has overflowed at step {both.steps + 1}."
    assert said in told(app, both)["numbers"]
    assert "overflowed" not in told(app, learning(app, 0.05))["numbers"]
