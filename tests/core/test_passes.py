"""The pass, forward and backward: by hand, saturated, by nudges, on raw arrays of any dtype."""

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, backward_pass, forward_pass
from backprop_lab.formulas.check import symbolic_gradient
from tests.core.passes import F1, G1, LOGITS, NET, PAIRS, SOME_BITS, F, G, X, Y
from tests.random_networks import BOUND, draw, error

# --- what they promise ---------------------------------------------------------------------------


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


# --- saturated ---------------------------------------------------------------------------------


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


# --- many networks at once ------------------------------------------------------------------------


def both_passes(layers, x, y, loss):
    z_in, z_out = forward_pass(layers, x)
    value, *found = backward_pass(layers, x, z_in, z_out, y, loss, 2)
    return [value, *z_in, *z_out, *[array for group in found[:3] for array in group], found[3]]


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_many_networks_at_once_are_each_of_them_alone(loss, output):
    """With a batch of three; in the first layer all have the same weights, elsewhere their own."""
    rng, stacks = np.random.default_rng(4), 5
    layers = [RawLayer(rng.normal(size=(4, 3)), rng.normal(size=3), "tanh")]
    for n, m, name in ((3, 3, "silu"), (3, 2, output)):
        W, b = rng.normal(size=(stacks, n, m)), rng.normal(size=(stacks, 1, m))
        layers.append(RawLayer(W, b, name))
    x, y = rng.normal(size=(stacks, 3, 4)), np.zeros((stacks, 3, 2))
    y[..., 0] = 1
    together = both_passes(layers, x, y, LOSSES[loss])
    for k in range(stacks):
        own = [layers[0], *(layer._replace(W=layer.W[k], b=layer.b[k, 0]) for layer in layers[1:])]
        alone = both_passes(own, x[k], y[k], LOSSES[loss])
        for many, one in zip(together, alone, strict=True):
            assert many[k].shape == np.shape(one)
            np.testing.assert_allclose(many[k], one, rtol=1e-13, atol=1e-15)
