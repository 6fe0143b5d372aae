"""Jacobians, their products with a direction and with a row, and the softmax's."""

import tracemalloc

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.jacobian import jacobian, jvp, softmax, softmax_jacobian, vjp
from backprop_lab.core.network import forward_pass
from tests.random_networks import BOUND, draw, error

H = 1e-30


def passes(count, start=0, **shape):
    for seed in range(start, start + count):
        case = draw(seed, **shape)
        yield bl.forward(case.net, case.x), np.random.default_rng(seed)


def by_complex_step(function, x):
    """The Jacobian of a function of one vector, column by column."""
    steps = 1j * H * np.eye(len(x))
    return np.stack([function(x + step).imag / H for step in steps], axis=-1)


def activations(f, layer):
    """A layer's activations as a function of what arrives there."""
    part = f.network.layers[layer]
    return lambda x: forward_pass([part], x)[1][-1]


@pytest.mark.parametrize("name", bl.ACTIVATIONS)
def test_a_layer_against_the_complex_step_and_sympy(name):
    rng = np.random.default_rng(5)
    letters = sp.symbols("x_1:4", real=True)
    for _ in range(5):
        layer = bl.Layer(rng.normal(size=(3, 4)), rng.normal(size=4), name)
        net, x = bl.Network([layer]), rng.normal(size=3)
        found = jacobian(bl.forward(net, x))
        assert found.shape == (4, 3)
        f = bl.forward(net, x)
        assert error(found, by_complex_step(activations(f, 0), x)) <= BOUND
        expr, z = bl.ACTIVATIONS[name].expr, sp.Symbol("z")
        plain = expr.subs(*expr.free_symbols, z)
        lines = [
            plain.subs(z, sum(w * t for w, t in zip(column, letters, strict=True)) + b)
            for column, b in zip(layer.W.T.tolist(), layer.b.tolist(), strict=True)
        ]
        exact = sp.Matrix(lines).jacobian(letters).subs(dict(zip(letters, x, strict=True)))
        assert error(found, np.array(exact.evalf(25), dtype=float)) <= BOUND


def test_networks_against_the_complex_step():
    done = 0
    for f, _ in passes(300, start=9000, single=True):
        kinks = [bl.ACTIVATIONS[layer.activation].kinks for layer in f.network.layers]
        if any(np.isin(z, at).any() for z, at in zip(f.z_in, kinks, strict=True)):
            continue
        whole = by_complex_step(lambda x, f=f: forward_pass(f.network.layers, x)[1][-1], f.x)
        assert error(jacobian(f), whole) <= BOUND
        for layer in range(len(f.z_in)):
            arriving = f.z_out[layer - 1] if layer else f.x
            assert (
                error(jacobian(f, layer), by_complex_step(activations(f, layer), arriving)) <= BOUND
            )
        done += 1
    assert done >= 250


def test_a_network_of_symbols():
    net = bl.symbolic([2, 3, 2])
    f = bl.forward(net, net.x)
    exact = sp.Matrix(list(f.output)).jacobian(sp.Matrix(list(net.x)))
    values = {s: sp.Rational(k + 1, 7) for k, s in enumerate(sorted(exact.free_symbols, key=str))}
    difference = (sp.Matrix(jacobian(f)) - exact).xreplace(values).evalf(20)
    assert max(map(abs, difference)) < 1e-15


def test_rows_and_directions_on_random_networks():
    """v J, J u and v (J u), on 500 networks, of one example and of batches."""
    for f, rng in passes(500):
        J, u, v = jacobian(f), rng.normal(size=f.x.shape), rng.normal(size=f.output.shape)
        pushed, pulled = jvp(f, u), vjp(f, v)
        assert pushed.shape == f.output.shape
        assert pulled.shape == f.x.shape
        assert error(pushed, (J @ u[..., None])[..., 0]) <= 1e-12
        assert error(pulled, (v[..., None, :] @ J)[..., 0, :]) <= 1e-12
        # relative to the terms: the sum may cancel
        scale = max(np.abs(v * pushed).sum(), np.abs(pulled * u).sum(), 1e-8)
        assert abs((v * pushed).sum() - (pulled * u).sum()) / scale <= 1e-12


def test_the_backward_pass_is_a_row_times_the_jacobian():
    net = bl.Network.mlp([3, 4, 2], seed=2)
    f = bl.forward(net, [0.5, -1.0, 2.0])
    g = bl.backward(net, f, [1.0, 0.0])
    assert error(vjp(f, f.output - g.y), g.dx) <= 1e-15
    assert error((f.output - g.y) @ jacobian(f), g.dx) <= 1e-15


def test_nothing_is_made_that_need_not_be():
    wide, narrow = np.zeros((1, 4000)), np.zeros((4000, 1))
    net = bl.Network([bl.Layer(wide, wide[0]), bl.Layer(narrow, [0.0]), bl.Layer(wide, wide[0])])
    f = bl.forward(net, [1.0])
    tracemalloc.start()
    vjp(f, np.ones(4000)), jvp(f, [1.0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6, "4000 × 4000 slopes as a matrix take 128 MB"


def test_softmax():
    rng = np.random.default_rng(3)
    letters = sp.symbols("z_1:5", real=True)
    total = sum(map(sp.exp, letters))
    exact = sp.Matrix([sp.exp(z) / total for z in letters])
    for scale in (0.1, 1, 5, 30):
        z = scale * rng.normal(size=4)
        values = {s: sp.Float(v, 40) for s, v in zip(letters, z, strict=True)}
        p = np.array(exact.subs(values).evalf(25), dtype=float)[:, 0]
        J = np.array(exact.jacobian(letters).subs(values).evalf(25), dtype=float)
        assert error(softmax(z), p) <= BOUND
        assert error(softmax_jacobian(z), J) <= BOUND
        if scale <= 1:  # neither of these works where a probability is near 1
            assert error(softmax_jacobian(z), by_complex_step(softmax, z)) <= BOUND
            assert error(softmax_jacobian(z), np.diag(p) - np.outer(p, p)) <= BOUND


def test_softmax_far_out_and_in_batches():
    z = np.array([[1000.0, 0.0, -1000.0], [0.0, 40.0, 1.0], [2.0, 2.0, 2.0]])
    J = softmax_jacobian(z)
    assert J.shape == (3, 3, 3)
    assert np.isfinite(J).all()
    assert np.allclose(J.sum(axis=-1), 0.0, rtol=0, atol=1e-15), "probabilities add up to 1"
    assert np.allclose(J, J.mT, rtol=1e-15, atol=0)
    for row, one in zip(z, J, strict=True):
        assert np.allclose(softmax_jacobian(row), one, rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda f: jacobian("f"), TypeError, "f: got 'f'; expected what forward returned"),
        (lambda f: jacobian(f, 2), ValueError, "layer: got 2; expected one from 0 to 1"),
        (lambda f: jacobian(f, -1), ValueError, "layer: got -1; expected at least 0"),
        (lambda f: jacobian(f, 0.5), TypeError, "layer: got 0.5; expected a whole number"),
        (lambda f: jvp(f, [1.0]), ValueError, r"u: got shape \(1,\); expected \(2,\)"),
        (lambda f: vjp(f, [1.0, 2.0]), ValueError, r"v: got shape \(2,\); expected \(1,\)"),
        (lambda f: vjp(f, [np.nan]), ValueError, "v: got nan"),
        (lambda f: jvp(None, [1.0, 2.0]), TypeError, "f: got None"),
        (lambda f: softmax(1.0), ValueError, "z: got .*; expected numbers of shape"),
        (lambda f: softmax_jacobian("z"), TypeError, "z: got 'z'"),
    ],
)
def test_what_is_refused(call, kind, said):
    net = bl.Network.mlp([2, 3, 1])
    with pytest.raises(kind, match=said):
        call(bl.forward(net, [1.0, 2.0]))
