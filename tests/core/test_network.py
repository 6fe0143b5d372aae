"""Layers, networks and the pass: what they promise, what they refuse, and what never changes."""

import itertools
import re

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import backward_pass, forward_pass
from backprop_lab.formulas.check import finite_difference, loss_of, symbolic_gradient
from backprop_lab.formulas.factors import trace
from tests.random_networks import BOUND, draw, error

NET = bl.Network.mlp([2, 3, 2], activation="tanh", output="sigmoid", seed=1)
LOGITS = bl.Network.mlp([2, 3, 2], output="identity", seed=1)
X = np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5], [1.0, 1.0]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.5], [1.0, 1.0]])
F = bl.forward(NET, X)
G = bl.backward(NET, F, Y)
F1 = bl.forward(NET, X[0])
G1 = bl.backward(NET, F1, Y[0])
SOME_BITS = 8e-15
"""Of a few products added up in another order or by fused steps, and of two exponentials that are
each right to four units in the last place, which is what vectorised ones promise."""


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


def test_forward_by_hand():
    hidden = np.tanh(X @ NET.layers[0].W + NET.layers[0].b)
    z = hidden @ NET.layers[1].W + NET.layers[1].b
    np.testing.assert_allclose(F.z_out[0], hidden, rtol=SOME_BITS)
    np.testing.assert_allclose(F.z_in[1], z, rtol=SOME_BITS)
    np.testing.assert_allclose(F.output, 1 / (1 + np.exp(-z)), rtol=SOME_BITS)
    assert F.output is F.z_out[-1]
    assert F.network is NET


def test_backward_by_hand():
    """LMU-8's layer form, unit by unit and example by example, in loops."""
    n = len(X)
    W2 = NET.layers[1].W
    dW = [np.zeros((2, 3)), np.zeros((3, 2))]
    db = [np.zeros(3), np.zeros(2)]
    for e, (x, y) in enumerate(zip(X, Y, strict=True)):
        a, h = F.output[e], F.z_out[0][e]
        out = [(a[k] - y[k]) * a[k] * (1 - a[k]) / n for k in range(2)]
        hid = [sum(W2[j, k] * out[k] for k in range(2)) * (1 - h[j] ** 2) for j in range(3)]
        for k in range(2):
            db[1][k] += out[k]
            for j in range(3):
                dW[1][j, k] += h[j] * out[k]
        for j in range(3):
            db[0][j] += hid[j]
            for i in range(2):
                dW[0][i, j] += x[i] * hid[j]
        assert error(G.delta[1][e], out) < 1e-14
        assert error(G.delta[0][e], hid) < 1e-14
        dx = [sum(NET.layers[0].W[i, j] * hid[j] for j in range(3)) for i in range(2)]
        assert error(G.dx[e], dx) < 1e-14
    for layer in range(2):
        assert error(G.dW[layer], dW[layer]) < 1e-14
        assert error(G.db[layer], db[layer]) < 1e-14
    assert pytest.approx(((F.output - Y) ** 2).sum() / 2 / n, rel=SOME_BITS) == G.loss


def test_shapes():
    for x, y in ((X, Y), (X[0], Y[0]), (X[:1], Y[:1])):
        f = bl.forward(NET, x)
        g = bl.backward(NET, f, y)
        batch = x.shape[:-1]
        assert [z.shape for z in f.z_in] == [z.shape for z in f.z_out] == [(*batch, 3), (*batch, 2)]
        assert [d.shape for d in g.delta] == [(*batch, 3), (*batch, 2)]
        assert [d.shape for d in g.dW] == [(2, 3), (3, 2)]
        assert [d.shape for d in g.db] == [(3,), (2,)]
        assert g.dx.shape == x.shape
        assert np.shape(g.loss) == ()
        assert g.forward is f
        assert g.loss_name == "half_squared_error"


@pytest.mark.parametrize("loss", LOSSES)
def test_mean_and_sum(loss):
    net = LOGITS if loss == "softmax_cross_entropy" else NET
    y = np.eye(2)[[0, 1, 1, 0]]
    f = bl.forward(net, X)
    mean, total = (bl.backward(net, f, y, loss, reduction=r) for r in ("mean", "sum"))
    each = [bl.backward(net, bl.forward(net, a), b, loss) for a, b in zip(X, y, strict=True)]
    assert total.loss == pytest.approx(sum(g.loss for g in each), rel=1e-14)
    assert mean.loss == pytest.approx(total.loss / 4, rel=1e-14)
    for g, n in ((total, 1), (mean, 4)):
        assert error(g.dx, np.array([e.dx for e in each]) / n) < 1e-14
        for i in range(2):
            assert error(g.delta[i], np.array([e.delta[i] for e in each]) / n) < 1e-14
            assert error(g.dW[i], sum(e.dW[i] for e in each) / n) < 1e-13
            assert error(g.db[i], sum(e.db[i] for e in each) / n) < 1e-13
    assert bl.backward(net, f, y, loss).loss == mean.loss, "mean is the default"


@pytest.mark.parametrize("loss", LOSSES)
def test_one_example_is_a_batch_of_one(loss):
    net = LOGITS if loss == "softmax_cross_entropy" else NET
    single = bl.backward(net, bl.forward(net, X[0]), [0, 1], loss)
    for reduction in ("mean", "sum"):
        batch = bl.backward(net, bl.forward(net, X[:1]), [[0, 1]], loss, reduction)
        assert batch.loss == pytest.approx(single.loss, rel=SOME_BITS)
        assert error(batch.dx[0], single.dx) <= SOME_BITS
        for i in range(2):
            assert error(batch.delta[i][0], single.delta[i]) <= SOME_BITS
            assert error(batch.dW[i], single.dW[i]) <= SOME_BITS
            assert error(batch.db[i], single.db[i]) <= SOME_BITS


def test_fused_error_signals():
    g = bl.backward(NET, F, Y, "binary_cross_entropy", "sum")
    assert error(g.delta[1], F.output - Y) < 1e-14
    f = bl.forward(LOGITS, X)
    y = np.eye(2)[[0, 1, 1, 0]]
    p = np.exp(f.output) / np.exp(f.output).sum(axis=1, keepdims=True)
    g = bl.backward(LOGITS, f, y, "softmax_cross_entropy", "sum")
    assert error(g.delta[1], p - y) < 1e-14
    assert g.loss == pytest.approx(-np.log(p[y == 1]).sum(), rel=1e-14)


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


def test_quantities():
    q = bl.quantities(G1)
    assert q["x", 0] == 0.5
    assert q["y", 1] == 1.0
    assert q["W", 1, 2, 0] == NET.layers[1].W[2, 0]
    assert q["b", 0, 2] == 0
    assert q["z_in", 1, 0] == F1.z_in[1][0]
    assert q["z_out", 0, 2] == F1.z_out[0][2]
    assert q["delta", 0, 1] == G1.delta[0][1]
    assert q["dW", 0, 1, 2] == G1.dW[0][1, 2]
    assert q["db", 1, 0] == G1.db[1][0]
    assert q["dx", 1] == G1.dx[1]
    assert q["loss",] == G1.loss
    assert len(q) == 2 + 17 + 5 + 5 + 2 + 1 + 5 + 17 + 2
    assert set(bl.quantities(F1)) == {k for k in q if k[0] in ("x", "W", "b", "z_in", "z_out")}


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


# --- the whole suite's networks, saturated -------------------------------------------------------


PAIRS = [
    (loss, output)
    for loss, output in itertools.product(LOSSES, ACTIVATIONS)
    if LOSSES[loss].output in (None, output)
]


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_saturation_is_finite_and_silent(loss, output):
    """Pre-activations up to 1e4 in either direction; any warning is an error."""
    z = np.array([0.0, 1e-12, 19, 40, 710, 745, 1e4])
    x = np.concatenate([z, -z])[:, None]
    for hidden in ACTIVATIONS:
        net = bl.Network([bl.Layer([[1]], [0], hidden), bl.Layer([[1, -1]], [0, 0], output)])
        y = np.tile([1.0, 0.0], (len(x), 1))
        f = bl.forward(net, x)
        assert all(np.isfinite(a).all() for a in (*f.z_in, *f.z_out))
        np.testing.assert_array_equal(f.z_in[0], x)
        g = bl.backward(net, f, y, loss)
        assert all(np.isfinite(a).all() for a in (g.loss, g.dx, *g.delta, *g.dW, *g.db))


@pytest.mark.parametrize("z", [-1e4, -745, -40, -19, 19, 40, 745, 1e4])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_saturated_neuron_against_sympy(z, activation):
    """With targets that the output does not reach: a - y has no digits where it is nearly 0."""
    net = bl.Network([bl.Layer([[z]], [0], activation)])
    for loss, targets in (
        ("half_squared_error", (0.25, -1.5)),
        ("binary_cross_entropy", (0.0, 1.0, 0.25)),
    ):
        for y in targets if (loss, activation) in PAIRS else ():
            g = bl.backward(net, bl.forward(net, [1.0]), [y], loss)
            dW, db = symbolic_gradient(g)
            assert float(g.dW[0][0, 0]) == pytest.approx(dW[0][0, 0], rel=1e-12, abs=1e-307)
            assert float(g.db[0][0]) == pytest.approx(db[0][0], rel=1e-12, abs=1e-307)
            assert g.delta[0][0] == g.db[0][0]


# --- the inner pass, on raw arrays of any dtype --------------------------------------------------


def test_inner_pass_takes_complex_numbers():
    x = X + 1e-30j
    z_in, z_out = forward_pass(NET.layers, x)
    assert z_out[-1].dtype == complex
    value, delta, *_ = backward_pass(
        NET.layers, x, z_in, z_out, Y, LOSSES["half_squared_error"], len(x)
    )
    assert value.real == pytest.approx(G.loss, rel=SOME_BITS)
    assert error(delta[0].real, G.delta[0]) < 1e-14


def tail_losses(case, start, z):
    """The loss of each example when layer `start` has the pre-activations z."""
    layers = case.net.layers
    a = ACTIVATIONS[layers[start].activation](z)
    z_in, z_out = forward_pass(layers[start + 1 :], a)
    loss = LOSSES[case.loss]
    v = ([z, *z_in] if loss.fused else [a, *z_out])[-1]
    return loss(v, case.y) / case.divisor


@pytest.mark.parametrize("block", range(10))
def test_delta_and_dx_by_nudging_what_they_are_of(block):
    """1,000 networks: each delta by an imaginary nudge of its z_in, dx by one of x."""
    h, worst, checked = 1e-30, 0.0, 0
    for seed in range(100 * block, 100 * block + 100):
        case = draw(seed)
        if case.on_a_kink:
            continue
        checked += 1
        f, g = case.run
        for i in range(len(case.net.layers)):
            by_nudge = np.empty_like(g.delta[i])
            for j in range(case.net.layers[i].units):
                z = f.z_in[i].astype(complex)
                z[..., j] += h * 1j
                by_nudge[..., j] = tail_losses(case, i, z).imag / h
            worst = max(worst, error(g.delta[i], by_nudge))
        by_nudge = np.empty_like(g.dx)
        first = case.net.layers[0]
        for j in range(first.inputs):
            x = f.x.astype(complex)
            x[..., j] += h * 1j
            by_nudge[..., j] = tail_losses(case, 0, x @ first.W + first.b).imag / h
        worst = max(worst, error(g.dx, by_nudge))
    assert checked >= 90
    assert worst <= BOUND


# --- bad input -----------------------------------------------------------------------------------

s = sp.Symbol("s", real=True)
BAD_NUMBERS = {
    "NaN": (float("nan"), ValueError),
    "infinite": (float("inf"), ValueError),
    "complex": (1j, TypeError),
    "text": ("1", TypeError),
    "formula as text": ("x + 1", TypeError),
    "bytes": (b"1", TypeError),
    "bool": (True, TypeError),
    "None": (None, TypeError),
    "dict": ({}, TypeError),
    "sympy nan": (sp.nan, ValueError),
    "sympy oo": (sp.oo, ValueError),
    "sympy -oo": (-sp.oo, ValueError),
    "sympy oo inside": (s + sp.Function("f")(sp.oo), ValueError),
    "sympy zoo": (sp.zoo, ValueError),
    "sympy I": (sp.I, TypeError),
    "sympy imaginary": (sp.Symbol("a", imaginary=True), TypeError),
    "sympy truth": (sp.true, TypeError),
    "sympy relation": (s > 0, TypeError),
}
PLACES = {
    "W": lambda v: bl.Layer([[1.0, v]], [0, 0]),
    "W beside a symbol": lambda v: bl.Layer([[s, v]], [0, 0]),
    "b": lambda v: bl.Layer([[1.0, 1]], [v, 0]),
    "X": lambda v: bl.forward(NET, [v, 1.0]),
    "X batch": lambda v: bl.forward(NET, [[1.0, 1.0], [1.0, v]]),
    "y": lambda v: bl.backward(NET, F1, [v, 1.0]),
    "y batch": lambda v: bl.backward(NET, F, [[v, 1.0]] * 4),
    "learning_rate": lambda v: bl.step(NET, G, v),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("bad", BAD_NUMBERS)
def test_bad_numbers(place, bad):
    value, kind = BAD_NUMBERS[bad]
    with pytest.raises((ValueError, TypeError), match=f"^{place.split()[0]}: ") as caught:
        PLACES[place](value)
    assert caught.type is kind


def other_pass():
    return bl.forward(bl.Network.mlp([2, 3, 2]), X)


BAD = {
    "W 1-D": (lambda: bl.Layer([1, 2], [0]), "W", "(inputs, units)"),
    "W 3-D": (lambda: bl.Layer(np.ones((1, 2, 3)), [0]), "W", "(1, 2, 3)"),
    "W a number": (lambda: bl.Layer(1.0, [0]), "W", "()"),
    "W without units": (lambda: bl.Layer(np.ones((2, 0)), []), "W", "(2, 0)"),
    "W without inputs": (lambda: bl.Layer(np.ones((0, 2)), [0, 0]), "W", "(0, 2)"),
    "W ragged": (lambda: bl.Layer([[1, 2], [3]], [0, 0]), "W", "unequal length"),
    "W ragged deep": (lambda: bl.Layer([[[1], [2]], [[3], [4, 5]]], [0]), "W", "unequal length"),
    "W ragged arrays": (lambda: bl.Layer([np.ones(2), np.ones(3)], [0]), "W", "unequal length"),
    "W complex array": (lambda: bl.Layer(np.ones((1, 1)) * 1j, [0]), "W", "1j"),
    "W bool array": (lambda: bl.Layer(np.array([[True]]), [0]), "W", "True"),
    "W text array": (lambda: bl.Layer(np.array([["1"]]), [0]), "W", "'1'"),
    "W too large": (lambda: bl.Layer([[10**400]], [0]), "W", "too large"),
    "W a set": (lambda: bl.Layer({1}, [0]), "W", "{1}"),
    "b too long": (lambda: bl.Layer([[1, 2]], [0, 0, 0]), "b", "(3,)"),
    "b 2-D": (lambda: bl.Layer([[1, 2]], [[0, 0]]), "b", "(1, 2)"),
    "b a number": (lambda: bl.Layer([[1, 2]], 0), "b", "()"),
    "b ragged": (lambda: bl.Layer([[1, 2]], [0, [1]]), "b", "unequal length"),
    "activation unknown": (lambda: bl.Layer([[1]], [0], "step"), "activation", "'step'"),
    "activation None": (lambda: bl.Layer([[1]], [0], None), "activation", "None"),
    "activation list": (lambda: bl.Layer([[1]], [0], ["tanh"]), "activation", "['tanh']"),
    "activation object": (lambda: bl.Layer([[1]], [0], ACTIVATIONS["tanh"]), "activation", "tanh"),
    "no layers": (lambda: bl.Network([]), "layers", "none"),
    "layers None": (lambda: bl.Network(None), "layers", "None"),
    "layers one": (lambda: bl.Network(NET.layers[0]), "layers", "Layer(2 -> 3"),
    "layers arrays": (lambda: bl.Network([np.ones((2, 2))]), "layers[0]", "expected a Layer"),
    "layers text": (lambda: bl.Network("ab"), "layers[0]", "'a'"),
    "layers misfit": (
        lambda: bl.Network([NET.layers[0], NET.layers[0]]),
        "layers[1]",
        "2 inputs; expected 3",
    ),
    "widths one": (lambda: bl.Network.mlp([2]), "widths", "at least one layer"),
    "widths none": (lambda: bl.Network.mlp([]), "widths", "[]"),
    "widths zero": (lambda: bl.Network.mlp([2, 0, 1]), "widths[1]", "0"),
    "widths negative": (lambda: bl.Network.mlp([-2, 1]), "widths[0]", "-2"),
    "widths fraction": (lambda: bl.Network.mlp([2, 1.5]), "widths[1]", "1.5"),
    "widths whole float": (lambda: bl.Network.mlp([2, 1.0]), "widths[1]", "1.0"),
    "widths text": (lambda: bl.Network.mlp("21"), "widths", "'21'"),
    "widths texts": (lambda: bl.Network.mlp(["2", "1"]), "widths[0]", "'2'"),
    "widths bool": (lambda: bl.Network.mlp([2, True]), "widths[1]", "True"),
    "widths None": (lambda: bl.Network.mlp(None), "widths", "None"),
    "widths number": (lambda: bl.Network.mlp(3), "widths", "3"),
    "mlp activation": (lambda: bl.Network.mlp([2, 2, 1], "step"), "activation", "'step'"),
    "mlp activation unused": (lambda: bl.Network.mlp([2, 1], "step"), "activation", "'step'"),
    "mlp output": (lambda: bl.Network.mlp([2, 1], output="step"), "output", "'step'"),
    "mlp output None": (lambda: bl.Network.mlp([2, 1], output=None), "output", "None"),
    "init unknown": (lambda: bl.Network.mlp([2, 1], init="xavier"), "init", "'xavier'"),
    "init None": (lambda: bl.Network.mlp([2, 1], init=None), "init", "None"),
    "seed negative": (lambda: bl.Network.mlp([2, 1], seed=-1), "seed", "-1"),
    "seed fraction": (lambda: bl.Network.mlp([2, 1], seed=0.5), "seed", "0.5"),
    "seed text": (lambda: bl.Network.mlp([2, 1], seed="0"), "seed", "'0'"),
    "seed None": (lambda: bl.Network.mlp([2, 1], seed=None), "seed", "None"),
    "seed bool": (lambda: bl.Network.mlp([2, 1], seed=True), "seed", "True"),
    "forward net": (lambda: bl.forward("net", X), "net", "'net'"),
    "X too wide": (lambda: bl.forward(NET, [1, 2, 3]), "X", "(3,)"),
    "X batch too wide": (lambda: bl.forward(NET, [[1, 2, 3]]), "X", "(1, 3)"),
    "X transposed": (lambda: bl.forward(NET, X.T), "X", "(2, 4)"),
    "X 3-D": (lambda: bl.forward(NET, X[None]), "X", "(1, 4, 2)"),
    "X a number": (lambda: bl.forward(NET, 1.0), "X", "()"),
    "X ragged": (lambda: bl.forward(NET, [[1, 2], [3]]), "X", "unequal length"),
    "X batch of 0": (lambda: bl.forward(NET, np.ones((0, 2))), "X", "(0, 2)"),
    "X empty": (lambda: bl.forward(NET, []), "X", "(0,)"),
    "backward net": (lambda: bl.backward(None, F, Y), "net", "None"),
    "backward f": (lambda: bl.backward(NET, X, Y), "f", "what forward returned"),
    "f of another": (lambda: bl.backward(NET, other_pass(), Y), "f", "another network"),
    "y too narrow": (lambda: bl.backward(NET, F, Y[:, :1]), "y", "(4, 1)"),
    "y too few": (lambda: bl.backward(NET, F, Y[:3]), "y", "(3, 2)"),
    "y one for a batch": (lambda: bl.backward(NET, F, Y[0]), "y", "(2,)"),
    "y a batch for one": (lambda: bl.backward(NET, F1, Y[:1]), "y", "(1, 2)"),
    "y a number": (lambda: bl.backward(NET, F1, 1.0), "y", "()"),
    "y ragged": (lambda: bl.backward(NET, F, [[1, 0], [1]]), "y", "unequal length"),
    "loss unknown": (lambda: bl.backward(NET, F, Y, "hinge"), "loss", "'hinge'"),
    "loss None": (lambda: bl.backward(NET, F, Y, None), "loss", "None"),
    "loss for output": (
        lambda: bl.backward(LOGITS, bl.forward(LOGITS, X), Y, "binary_cross_entropy"),
        "loss",
        "sigmoid as output",
    ),
    "softmax output": (
        lambda: bl.backward(NET, F, Y, "softmax_cross_entropy"),
        "loss",
        "identity as output",
    ),
    "reduction unknown": (lambda: bl.backward(NET, F, Y, reduction="none"), "reduction", "'none'"),
    "reduction None": (lambda: bl.backward(NET, F, Y, reduction=None), "reduction", "None"),
    "step net": (lambda: bl.step(G, G, 0.5), "net", "expected a Network"),
    "step g": (lambda: bl.step(NET, F, 0.5), "g", "what backward returned"),
    "step g of another shape": (
        lambda: bl.step(bl.Network.mlp([2, 4, 2]), G, 0.5),
        "g",
        "another shape",
    ),
    "learning_rate array": (lambda: bl.step(NET, G, [0.5]), "learning_rate", "(1,)"),
    "learning_rate matrix": (lambda: bl.step(NET, G, np.ones((2, 3))), "learning_rate", "(2, 3)"),
    "quantities f": (lambda: bl.quantities(None), "run", "None"),
    "quantities batch": (lambda: bl.quantities(G), "run", "batch of 4"),
    "quantities 3": (lambda: bl.quantities(3), "run", "3"),
    "trace 3": (lambda: trace(3), "run", "3"),
    "nudge h": (lambda: bl.nudge(G, "W^(1)_11", 0), "h", "positive"),
    "h text": (lambda: finite_difference(G, h="1"), "h", "'1'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, argument, says = BAD[name]
    with pytest.raises((ValueError, TypeError), match=rf"^{re.escape(argument)}: ") as caught:
        call()
    assert says in str(caught.value)


@pytest.mark.parametrize("y", [-0.1, 1.1, sp.Integer(2), sp.Rational(-1, 2)])
def test_targets_of_binary_cross_entropy(y):
    with pytest.raises(ValueError, match=r"^y: binary_cross_entropy expects probabilities"):
        bl.backward(NET, F1, [0, y], "binary_cross_entropy")


@pytest.mark.parametrize(
    "y", [[0, 0], [1, 1], [0.5, 0.5], [2, -1], [0, 1.5], [sp.Integer(1), sp.Integer(1)]]
)
def test_targets_of_softmax_cross_entropy(y):
    with pytest.raises(ValueError, match=r"^y: softmax_cross_entropy expects one-hot"):
        bl.backward(LOGITS, bl.forward(LOGITS, X[0]), y, "softmax_cross_entropy")
    with pytest.raises(ValueError, match=r"^y: softmax_cross_entropy expects one-hot"):
        bl.backward(LOGITS, bl.forward(LOGITS, X[:2]), [[0, 1], y], "softmax_cross_entropy")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_which_losses_go_with_which_outputs(loss, output):
    net = bl.Network.mlp([2, 2], output=output)
    f = bl.forward(net, X[0])
    if (loss, output) in PAIRS:
        assert np.isfinite(bl.backward(net, f, [0, 1], loss).loss)
    else:
        with pytest.raises(ValueError, match=f"^loss: {loss} expects"):
            bl.backward(net, f, [0, 1], loss)
