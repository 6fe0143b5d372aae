"""The gradients of 1,000 random networks by the complex step, of small ones by SymPy."""

import itertools

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.formulas import check
from tests.random_networks import BOUND, Case, draw, error, targets

RUNS = 1000


def lost(g):
    """What adding up the terms of each gradient can lose, in the order dW, db."""
    eps = 4 * np.finfo(float).eps
    arriving = [np.atleast_2d(a) for a in (g.forward.x, *g.forward.z_out[:-1])]
    signals = [np.abs(np.atleast_2d(signal)) for signal in g.delta]
    pairs = zip(arriving, signals, strict=True)
    yield from (eps * (np.abs(a.T) @ signal) for a, signal in pairs)
    yield from (eps * signal.sum(axis=0) for signal in signals)


def worst_error(g, dW, db):
    """Beyond what is lost where terms cancel."""
    errors = []
    for got, expected, off in zip([*g.dW, *g.db], [*dW, *db], lost(g), strict=True):
        beyond = np.maximum(np.abs(got - expected) - off, 0)
        errors.append(error(expected + beyond, expected))
    return max(errors)


@pytest.mark.parametrize("block", range(10))
def test_gradients_by_the_complex_step(block):
    worst, checked = 0.0, 0
    for seed in range(RUNS * block // 10, RUNS * (block + 1) // 10):
        case = draw(seed)
        if case.on_a_kink:  # not valid there: see the tests against SymPy
            continue
        checked += 1
        _, g = case.run
        by_step = check.complex_step(g)
        worst = max(worst, worst_error(g, *by_step))
    assert checked >= 90
    assert worst <= BOUND


def test_the_random_networks_are_of_every_kind():
    """Of those on no kink, which the tests of the blocks look at."""
    cases = [case for case in map(draw, range(RUNS)) if not case.on_a_kink]
    assert len(cases) >= 0.95 * RUNS
    layers = [case.net.layers for case in cases]
    outputs = {(case.loss, case.net.layers[-1].activation) for case in cases}
    pairs = itertools.product(LOSSES.values(), ACTIVATIONS)
    assert outputs == {(loss.name, a) for loss, a in pairs if loss.output in (None, a)}
    assert {layer.activation for net in layers for layer in net[:-1]} == set(ACTIVATIONS)
    assert {len(net) for net in layers} == {1, 2, 3, 4, 5}
    assert {w for case in cases for w in case.net.widths} == {1, 2, 3, 4, 5, 6}
    assert {case.init for case in cases} == set(bl.INITIALISATIONS)
    assert {(case.reduction, case.x.ndim) for case in cases} == {
        *itertools.product(("mean", "sum"), (1, 2))
    }
    assert {len(case.x) for case in cases if case.x.ndim == 2} == {1, 2, 3, 4, 5}


def by_sympy(case):
    f = bl.forward(case.net, case.x)
    g = bl.backward(case.net, f, case.y, case.loss)
    return g, check.symbolic_gradient(g)


@pytest.mark.parametrize("block", range(5))
def test_gradients_by_sympy(block):
    for seed in range(16 * block, 16 * block + 16):
        case = draw(seed, depth=2, width=2, single=True)
        g, found = by_sympy(case)
        assert worst_error(g, *found) <= BOUND, case


def test_gradients_by_sympy_of_deep_chains():
    for seed in range(12):
        case = draw(seed, depth=4, width=1, single=True)
        if [layer.activation for layer in case.net.layers].count("gelu") > 1:
            continue  # each GELU writes its argument out four times
        g, found = by_sympy(case)
        assert worst_error(g, *found) <= BOUND, case


@pytest.mark.parametrize("kinked", [name for name, a in ACTIVATIONS.items() if 0 in a.joints])
@pytest.mark.parametrize("loss", LOSSES)
def test_exactly_at_the_kink(kinked, loss):
    """In numbers that are exact in binary, so that the pre-activations are exactly 0."""
    output = LOSSES[loss].output or kinked
    net = bl.Network(
        [
            bl.Layer([[0.5, 1.25], [-0.5, 0.25]], [0.0, -1.5], kinked),
            bl.Layer([[1.5, -0.5], [0.75, 0.25]], [0.0, 0.0], output),
        ]
    )
    x, y = np.array([1.0, 1.0]), np.array([0.0, 1.0])
    f = bl.forward(net, x)
    assert all((z == 0).all() for z in f.z_in)
    g = bl.backward(net, f, y, loss)
    assert worst_error(g, *check.symbolic_gradient(g)) <= BOUND
    slope = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0}[kinked]
    W, delta = net.layers[1].W, g.delta[1]
    lost = 4 * np.finfo(float).eps * (np.abs(W) @ np.abs(delta))  # of two terms, fused or not
    assert (np.abs(g.delta[0] - slope * (W @ delta)) <= slope * lost).all()
    if kinked == "relu":
        assert not any(d.any() for d in (*g.dW, g.delta[0], g.db[0], g.dx))


def test_random_networks_on_a_kink():
    """Those that the complex step leaves out: example by example, as SymPy takes them."""
    found = 0
    for seed in range(400):
        case = draw(seed, depth=2, width=2, single=True)
        if case.on_a_kink:
            found += 1
            g, expected = by_sympy(case)
            assert worst_error(g, *expected) <= BOUND, case
    assert found >= 3


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scale", [20.0, 5000.0])
def test_saturated_networks_by_sympy(activation, scale):
    if activation == "gelu":  # its cubed argument saturates by itself
        scale = scale ** (1 / 3)
    rng = np.random.default_rng(int(scale))
    for loss in ("half_squared_error", "binary_cross_entropy", "softmax_cross_entropy"):
        layers = [
            bl.Layer(scale * rng.uniform(-1, 1, (2, 2)), rng.uniform(-1, 1, 2), activation),
            bl.Layer(rng.uniform(-1, 1, (2, 2)), [0, 0], LOSSES[loss].output or "identity"),
        ]
        x, y = rng.uniform(-2, 2, 2), targets(rng, loss, (2,))
        g, found = by_sympy(Case(bl.Network(layers), x, y, loss, "mean", ""))
        assert worst_error(g, *found) <= BOUND


def test_central_differences():
    for seed in range(30):
        case = draw(seed, depth=3, width=4)
        if any(ACTIVATIONS[layer.activation].joints for layer in case.net.layers):
            continue
        _, g = case.run
        found = check.finite_difference(g)
        assert worst_error(g, *found) < 1e-6


def test_a_wrong_gradient_is_found():
    lecture = bl.lectures.xor()
    _, g = Case(lecture.network, lecture.x, lecture.y, lecture.loss, "mean", "").run
    for right in (
        check.complex_step(g),
        check.symbolic_gradient(g),
    ):
        assert worst_error(g, *right) < 1e-14
        dW = [right[0][0], -right[0][1]]
        assert worst_error(g, dW, right[1]) > 1


# --- error, nudge, agreement ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.5], [1.0, 2.0], 0.25),
        ([1.5, 4.0], [1.0, -4.0], 2.0),
        ([[1.0, 0.0]], [[0.5, 2.0]], 1.0),
        (1e-9, 0.0, 0.1),
        (3e-9, 1e-9, 0.2),
        (3e-8, 2e-8, 0.5),
    ],
)
def test_error(a, b, expected):
    assert bl.error(a, b) == pytest.approx(expected, rel=1e-12)
    assert error(a, b) == pytest.approx(expected, rel=1e-12)


def test_error_of_different_shapes_or_nan():
    with pytest.raises(ValueError, match=r"^a: got shape \(2,\); expected \(1,\)"):
        bl.error([1, 2], [1])
    with pytest.raises(ValueError, match=r"^a: got shape \(2,\); expected \(1, 2\)"):
        bl.error([1, 2], [[1, 2]])
    assert not bl.error([1.0, float("nan")], [1.0, 2.0]) <= 1e9


def test_loss_of():
    lecture = bl.lectures.xor()
    net = lecture.network
    g = bl.backward(net, bl.forward(net, lecture.X), lecture.Y)
    assert check.loss_of(net, lecture.X, lecture.Y) == g.loss
    total = check.loss_of(net, lecture.X, lecture.Y, reduction="sum")
    assert total == pytest.approx(4 * g.loss, rel=1e-15)


def test_nudge():
    lecture = bl.lectures.xor()
    g = lecture.run()
    for weight, slope in (("W_12", g.dW[0][0, 1]), ("c", g.db[1][0]), (("b", 0, 1), g.db[0][1])):
        nudge = bl.nudge(g, weight, 1e-4)
        assert nudge.h == 1e-4
        assert nudge.here == pytest.approx(g.loss, rel=1e-14)
        assert nudge.slope == pytest.approx(slope, rel=1e-7)
        assert nudge.slope == (nudge.up - nudge.down) / 2e-4
        assert (nudge.up > nudge.here) == (slope > 0)


@pytest.mark.parametrize("notation", bl.NOTATIONS)
def test_agreement(notation):
    lecture = bl.lectures.xor()
    agreement = bl.agreement(gradient(lecture.x, lecture.y), notation)
    assert agreement.sympy_error < 1e-14
    assert 0 < agreement.nudge_error < 1e-8
    assert len(agreement.rows) == lecture.network.size == 9
    style, widths = bl.NOTATIONS[notation], lecture.network.widths
    assert agreement.rows[0][0] == style.label(("W", 0, 0, 0), widths)
    assert agreement.rows[-1][0] == style.label(("b", 1, 0), widths)
    table = agreement._repr_markdown_()
    assert table.count("\n") == 10
    assert "$0.002321$ | $0.002321$ | $0.002321$" in table


def test_agreement_says_what_stands_on_a_kink():
    first = bl.Layer([[1.0, 1.0, 2.0]], [-1.0, 0.0, -2.0], "relu")
    net = bl.Network([first, bl.Layer([[1.0], [1.0], [1.0]], [-1.0], "elu")])
    found = bl.agreement(gradient([1.0], [0.5], net))
    assert found.on_kinks == ("z_{1,in}", "z_{3,in}")  # f_in = 0 too: ELU has no kink
    assert "kink of the activation: $z_{1,in}$, $z_{3,in}$; " in found._repr_markdown_()
    assert found.sympy_error == 0 < found.nudge_error
    beside = bl.agreement(gradient([1.5], [0.5], net))
    assert beside.on_kinks == ()
    assert "kink" not in beside._repr_markdown_()


XOR = bl.lectures.xor()


def gradient(x, y, net=XOR.network):
    return bl.backward(net, bl.forward(net, x), y)


def symbolic():
    net = bl.symbolic([2, 2, 1])
    return gradient(net.x, net.y, net)


G, BATCH = gradient(XOR.x, XOR.y), gradient(XOR.X, XOR.Y)
BAD = {
    "agreement notation": (lambda: bl.agreement(G, "TeX"), "notation"),
    "agreement notation None": (lambda: bl.agreement(G, None), "notation"),
    "agreement symbols": (lambda: bl.agreement(symbolic()), "g"),
    "agreement batch": (lambda: bl.agreement(BATCH), "g"),
    "agreement forward": (lambda: bl.agreement(G.forward), "g"),
    "symbolic_gradient symbols": (lambda: check.symbolic_gradient(symbolic()), "g"),
    "symbolic_gradient batch": (lambda: check.symbolic_gradient(BATCH), "g"),
    "symbolic_gradient digits": (lambda: check.symbolic_gradient(G, digits=0), "digits"),
    "symbolic_gradient text": (lambda: check.symbolic_gradient(G, digits="30"), "digits"),
    "complex_step symbols": (lambda: check.complex_step(symbolic()), "g"),
    "complex_step network": (lambda: check.complex_step(XOR.network), "g"),
    "complex_step h": (lambda: check.complex_step(G, h=-1), "h"),
    "complex_step h array": (lambda: check.complex_step(G, h=[1e-30]), "h"),
    "finite_difference symbols": (lambda: check.finite_difference(symbolic()), "g"),
    "finite_difference h NaN": (lambda: check.finite_difference(G, h=float("nan")), "h"),
    "finite_difference h symbol": (lambda: check.finite_difference(G, h=sp.Symbol("h")), "h"),
    "nudge weight": (lambda: bl.nudge(G, "W_31", 1e-3), "weight"),
    "nudge weight None": (lambda: bl.nudge(G, None, 1e-3), "weight"),
    "nudge h": (lambda: bl.nudge(G, "W_11", 0), "h"),
    "nudge symbols": (lambda: bl.nudge(symbolic(), "W_11", 1e-3), "g"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, argument = BAD[name]
    with pytest.raises((ValueError, TypeError), match=f"^{argument}: "):
        call()
