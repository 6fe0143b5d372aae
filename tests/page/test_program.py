"""Programs for the page, run by Python: against the public passes.

That the page computes the same, tests/browser/test_program.py says.
"""

import itertools

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.keys import parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import quantities
from backprop_lab.core.nodes import Node, Z
from backprop_lab.formulas.check import loss_of
from backprop_lab.formulas.factors import local_derivatives
from backprop_lab.page.program import network_program, step_program
from tests.random_networks import targets

XOR = bl.lectures.xor()
PAIRS = list(itertools.product(ACTIVATIONS, LOSSES))


def output_of(activation, loss):
    return LOSSES[loss].output or activation


def run(net, x, y, loss):
    return bl.backward(net, bl.forward(net, x), y, loss)


def moved(net, g, alpha):
    return bl.step(net, g, alpha)


def changes(before, after, X, Y, loss):
    found = {}
    each = [[float(loss_of(net, x, y, loss)) for x, y in zip(X, Y, strict=True)]
            for net in (before, after)]  # fmt: skip
    for k, (old, new) in enumerate(zip(*([*row, np.mean(row)] for row in each), strict=True)):
        found |= {f"before_{k}": old, f"after_{k}": new, f"change_{k}": new - old}
    return found


def given(program, net, x, y, alpha):
    known = {key.name: float(v) for key, v in quantities(bl.forward(net, x)).items()}
    known |= {f"y_{j}": float(v) for j, v in enumerate(np.ravel(y))} | {"alpha": alpha}
    return {name: known[name] for name in program.inputs}


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_a_program_gives_the_pass_its_factors_and_the_pass_after_a_step(activation, loss):
    net = bl.Network.mlp((2, 3, 2), activation, output_of(activation, loss), seed=4)
    rng = np.random.default_rng(3)
    x, y, alpha = rng.normal(size=2), targets(rng, loss, (2,)), 0.75
    program = network_program(net, loss)
    g = run(net, x, y, loss)
    expected = {key.name: v for key, v in (quantities(g) | local_derivatives(g)).items()}
    after = run(moved(net, g, alpha), x, y, loss)
    expected |= {key.new.name: value for key, value in quantities(after).items()}
    found = program(given(program, net, x, y, alpha))
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("one", range(4))
@pytest.mark.parametrize("every", [False, True])
def test_step_program_is_a_step_for_one_example_or_for_all(one, every, alpha):
    x, y = XOR.X[one], XOR.Y[one]
    program = step_program(XOR.network, (x, y), (XOR.X, XOR.Y), XOR.loss)
    g = run(XOR.network, *((XOR.X, XOR.Y) if every else (x, y)), XOR.loss)
    new = moved(XOR.network, g, alpha)
    found = program({"alpha": alpha, "batch": every})
    assert found == pytest.approx(changes(XOR.network, new, XOR.X, XOR.Y, XOR.loss), abs=1e-15)


@pytest.mark.parametrize(
    ("widths", "loss", "output"),
    [
        ((2, 2, 1), "half_squared_error", "sigmoid"),
        ((2, 2, 1), "half_squared_error", "identity"),
        ((2, 2, 1), "binary_cross_entropy", "sigmoid"),
        ((1, 2, 2), "softmax_cross_entropy", "identity"),
    ],
)
def test_network_program_with_points_has_their_losses_before_and_after(widths, loss, output):
    net = bl.Network.mlp(widths, activation="sigmoid", output=output, seed=4)
    X = np.array([[0.5 * k, -1.0][: widths[0]] for k in range(3)])
    Y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])[:, : widths[-1]]
    program = network_program(net, loss, points=(X, Y))
    g = run(net, X[1], Y[1], loss)
    found = program(given(program, net, X[1], Y[1], 0.75))
    expected = changes(net, moved(net, g, 0.75), X, Y, loss)
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-14)
    plain = network_program(net, loss)
    assert set(found) - set(plain(given(plain, net, X[1], Y[1], 0.75))) == set(expected)
    assert plain.inputs == program.inputs


def test_the_step_can_be_left_out():
    whole, half = network_program(XOR.network), network_program(XOR.network, step=False)
    values = dict.fromkeys(whole.inputs, 0.5)
    assert half.inputs == tuple(key for key in whole.inputs if key != "alpha")
    assert set(half(values)) == {key for key in whole(values) if not key.startswith("new_")}


def test_a_program_takes_all_that_a_reader_sets_and_no_more():
    keys = parameters((2, 2, 1))
    assert set(network_program(XOR.network).inputs) == {
        *(key.name for key in keys), "x_0", "x_1", "y_0", "alpha",
    }  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("widths", [(1, 1), (2, 3, 2), (2, 2, 3, 1), (1, 2, 1, 2)], ids=str)
def test_local_derivatives_are_the_factors_of_all_paths(widths, loss):
    net = bl.Network.mlp(widths, "silu", output_of("tanh", loss), seed=3)
    rng = np.random.default_rng(4)
    g = run(net, rng.normal(size=widths[0]), targets(rng, loss, widths[-1:]), loss)
    expected = {
        factor.key: factor.value
        for weight in parameters(widths)
        for path in bl.chain(g, weight).paths
        for factor in path.factors
    }
    assert local_derivatives(g) == expected


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-1e4, -710, -1, 0, 1e-9, 1, 40, 710, 1e4])
def test_the_safe_form_of_every_node_is_the_node(name, z):
    """Where exp overflows, only a branch that is not taken may be infinite."""
    activation = ACTIVATIONS[name]
    for expr in (activation.expr, activation.derivative):
        safe = expr.replace(lambda e: isinstance(e, Node), lambda e: e.func.safe(*e.args))
        value = float(safe.xreplace({Z: sp.Float(z, 30)}).evalf(30))
        exact = float(expr.xreplace({Z: sp.Float(z, 30)}).evalf(30))
        assert value == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_the_loss_is_half_the_squared_error_unless_another_is_named():
    given = [{}, {"loss": "half_squared_error"}, {"loss": "squared_error"}]
    half, same, other = (network_program(XOR.network, **named).javascript for named in given)
    assert half == same != other
