"""Layers, networks and the step: what they promise, and what never changes."""

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.formulas.check import loss_of
from tests.core.passes import NET, G, X, Y

# --- what they promise ---------------------------------------------------------------------------


def test_layer_and_network():
    layer = bl.Layer([[1, 2, 3], [4, 5, 6]], [0, 0, 1], "relu")
    assert (layer.inputs, layer.units, layer.activation) == (2, 3, "relu")
    assert layer.W.dtype == layer.b.dtype == float
    assert bl.Layer([[1]], [0]).activation == "sigmoid"
    assert NET.widths == (2, 3, 2)
    assert NET.size == 2 * 3 + 3 + 3 * 2 + 2
    assert [la.activation for la in NET.layers] == ["tanh", "sigmoid"]
    assert repr(NET) == "Network(2-3-2: Layer(2 -> 3, tanh), Layer(3 -> 2, sigmoid))"


def test_mlp_defaults():
    net = bl.Network.mlp([3, 5, 5, 1])
    assert [la.activation for la in net.layers] == ["tanh", "tanh", "sigmoid"]
    assert all((la.b == 0).all() for la in net.layers)
    same = bl.Network.mlp([3, 5, 5, 1], "tanh", "sigmoid", "glorot_normal", 0)
    other = bl.Network.mlp([3, 5, 5, 1], seed=1)
    for a, b, c in zip(net.layers, same.layers, other.layers, strict=True):
        np.testing.assert_array_equal(a.W, b.W)
        assert (a.W != c.W).all()


@pytest.mark.parametrize(
    ("init", "deviation", "bound"),
    [
        ("zeros", 0, 0),
        ("normal", 1, np.inf),
        ("uniform", 1 / np.sqrt(3), 1),
        ("glorot_normal", np.sqrt(2 / 500), np.inf),
        ("glorot_uniform", np.sqrt(2 / 500), np.sqrt(6 / 500)),
        ("he_normal", np.sqrt(2 / 400), np.inf),
        ("lecun_normal", np.sqrt(1 / 400), np.inf),
    ],
)
def test_initialisations(init, deviation, bound):
    W = bl.Network.mlp([400, 100], init=init).layers[0].W
    assert abs(W.mean()) <= 0.02 * deviation
    assert W.std() == pytest.approx(deviation, rel=0.02)
    assert np.abs(W).max() <= bound
    if np.isfinite(bound):
        assert np.abs(W).max() >= 0.99 * bound


def test_every_initialisation_is_tested():
    assert list(bl.INITIALISATIONS) == [
        "zeros",
        "normal",
        "uniform",
        "glorot_normal",
        "glorot_uniform",
        "he_normal",
        "lecun_normal",
    ]


def test_step():
    new = bl.step(NET, G, 0.5)
    for old, layer, dW, db in zip(NET.layers, new.layers, G.dW, G.db, strict=True):
        np.testing.assert_array_equal(layer.W, old.W - 0.5 * dW)
        np.testing.assert_array_equal(layer.b, old.b - 0.5 * db)
        assert layer.activation == old.activation
    assert loss_of(new, X, Y) < G.loss
    same = bl.step(NET, G, 0)
    np.testing.assert_array_equal(same.layers[0].W, NET.layers[0].W)
    symbolic = bl.step(NET, G, sp.Symbol("alpha")).layers[0].W[0, 0]
    assert float(symbolic.subs("alpha", 0.5)) == pytest.approx(new.layers[0].W[0, 0], rel=1e-15)


# --- immutability --------------------------------------------------------------------------------


def test_parameters_are_read_only_copies():
    W, b = np.ones((2, 2)), np.zeros(2)
    layer = bl.Layer(W, b)
    W[0, 0] = b[0] = 7
    assert layer.W[0, 0] == 1
    assert layer.b[0] == 0
    for array in (layer.W, layer.b):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 3
    with pytest.raises(AttributeError):
        layer.W = W
    with pytest.raises(AttributeError):
        NET.layers = ()
    layers = [layer]
    net = bl.Network(layers)
    layers.append(layer)
    assert len(net.layers) == 1
    assert isinstance(net.layers, tuple)


def test_input_and_target_are_copied():
    x, y = X.copy(), Y.copy()
    f = bl.forward(NET, x)
    g = bl.backward(NET, f, y)
    x[0, 0] = y[0, 0] = 99
    assert f.x[0, 0] == X[0, 0]
    assert g.y[0, 0] == Y[0, 0]


def test_a_pass_and_a_step_change_nothing():
    before = [(la.W.copy(), la.b.copy()) for la in NET.layers]
    f = bl.forward(NET, X)
    kept = [z.copy() for z in (*f.z_in, *f.z_out)]
    g = bl.backward(NET, f, Y)
    bl.step(NET, g, 0.5)
    for (W, b), layer in zip(before, NET.layers, strict=True):
        np.testing.assert_array_equal(W, layer.W)
        np.testing.assert_array_equal(b, layer.b)
    for old, now in zip(kept, (*f.z_in, *f.z_out), strict=True):
        np.testing.assert_array_equal(old, now)


def test_symbolic_network_does_not_change():
    net = bl.symbolic([2, 2, 1])
    with pytest.raises(ValueError, match="read-only"):
        net.layers[0].W[0, 0] = 1
