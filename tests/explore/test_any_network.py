"""The app for any architecture: that its numbers are the pass's."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import named_values
from backprop_lab.core.network import INITIALISATIONS, Layer, Network, quantities
from backprop_lab.core.training import drawn
from backprop_lab.explore.any_network import HIDDEN, SEEDS


def layers(widths, activation, seed):
    return drawn(widths, activation, "sigmoid", INITIALISATIONS["glorot_uniform"], seed)


def numbers(markup):
    return dict(re.findall(r'data-q="(\w+)" data-digits="4">([^<]+)<', markup))


def expected(net, x, y):
    return named_values(quantities(bl.backward(net, bl.forward(net, x), y)))


@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
def test_the_app_shows_the_pass(hidden):
    app = explore.any_network(hidden, "relu")
    widths = (2, *hidden, 1)
    net = Network([Layer(*layer) for layer in layers(widths, "relu", 0)])
    assert net.widths == widths
    assert [layer.activation for layer in net.layers] == ["relu"] * len(hidden) + ["sigmoid"]
    shown = app.views["layers"].value
    assert f"<p>{net.size:,} parameters</p>" in shown
    now = expected(net, [1.0, 0.0], [1.0])
    found = numbers(shown)
    assert len(found) == 3 * sum(widths[1:]) + 1
    assert found == {name: f"{now[name]:z.4f}" for name in found}


def test_every_control_changes_what_is_shown():
    app = explore.any_network()
    net = Network([Layer(*layer) for layer in layers((2, 4, 4, 1), "tanh", 1)])
    app.controls["hidden"].value = (4, 4)
    app.controls["seed"].value = 1
    for name, value in {"x_0": -2.0, "x_1": 0.5, "y_0": 0.25}.items():
        app.controls[name].set(value)
    app.refresh()
    now = expected(net, [-2.0, 0.5], [0.25])
    assert numbers(app.views["layers"].value)["loss"] == f"{now['loss']:z.4f}"
    assert len(app.page.data["tables"]["seed"]) == SEEDS
    assert repr(app) == "<a network of any depth and width>"


def test_draws_differ_and_have_glorot_s_spread():
    draws = [layers((32, 32, 1), "tanh", seed)[0].W for seed in range(SEEDS)]
    assert not np.array_equal(draws[0], draws[1])
    for W in draws:
        assert np.abs(W).max() <= np.sqrt(6 / 64)
        assert W.std() == pytest.approx(np.sqrt(2 / 64), rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": (5,)}, "hidden: got \\(5,\\)"),
        ({"activation": "step"}, "activation: got 'step'"),
    ],
)
def test_what_it_does_not_know_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore.any_network(**arguments)
