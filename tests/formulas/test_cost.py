"""What a gradient costs: closed forms against counts by running the pass."""

import itertools
import math

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core.traced import Products
from backprop_lab.formulas import cost

XOR = (2, 2, 1)


def architecture(seed):
    """At most 6 layers of at most 5 units."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, 6, size=rng.integers(2, 8)).tolist()


def swept(widths, way):
    """The products of the slow way (a method of `Local`), all parameters together."""
    serial, layers, x, z_in, z_out, y = cost._given_pass(widths)
    local = cost.Local.of(layers, x, z_in, z_out, y, bl.LOSSES["half_squared_error"])
    start = next(serial)
    for parameter in local.parameters:
        getattr(local, way)(*parameter)
    return next(serial) - start - 1


# --- counts ---------------------------------------------------------------------------------------


def test_the_lecture_s_network():
    assert {name: way(XOR) for name, way in cost.WAYS.items()} == {
        "path by path": 27,
        "weight by weight": 27,
        "forward accumulation": 27,
        "backpropagation": 11,
    }
    assert cost.forward_from_units(XOR) == 13
    assert cost.edges(XOR) == 6
    assert [cost.paths((2, 3, 4, 2), layer) for layer in (1, 2, 3)] == [8, 2, 1]


@pytest.mark.parametrize("seed", range(200))
def test_closed_forms_equal_counts(seed):
    d = architecture(seed)
    found = cost.counted(d)
    assert found == {
        "path by path": cost.path_by_path(d),
        "weight by weight": cost.weight_by_weight(d),
        "backpropagation": cost.backpropagation(d),
        "paths": sum((d[i - 1] + 1) * d[i] * cost.paths(d, i) for i in range(1, len(d))),
        "forward pass": cost.edges(d),
    }
    assert swept(d, "backwards") == cost.weight_by_weight(d)
    assert swept(d, "forwards") == cost.forward_accumulation(d)


def test_counts_by_brute_force():
    """Every path walked and every product of it counted, with no code of the package."""
    d = (3, 2, 4, 2)
    layers, total = len(d) - 1, 0
    for i in range(1, layers + 1):
        for bias in [True] * d[i] + [False] * (d[i - 1] * d[i]):
            for path in itertools.product(*(range(units) for units in d[i + 1 :])):
                slopes, weights = 1 + len(path), len(path)
                factors = 1 + slopes + weights + (not bias)
                total += factors - 1
    assert cost.path_by_path(d) == total


def test_backpropagation_is_proportional_to_the_number_of_parameters():
    for depth, width in itertools.product(range(1, 65), (1, 2, 4, 16)):
        widths = [width] * (depth + 1)
        ratio = cost.backpropagation(widths) / bl.Network.mlp(widths, init="zeros").size
        assert 1 <= ratio < 2
    for depth in (1, 2, 4, 8, 16, 32, 64):
        assert cost.counted([4] * (depth + 1))["backpropagation"] == 36 * depth - 16
        assert bl.Network.mlp([4] * (depth + 1)).size == 20 * depth


def test_depth_makes_the_gain_not_width():
    def gain(widths):
        return cost.weight_by_weight(widths) / cost.backpropagation(widths)

    one_hidden = [gain([width, width, 1]) for width in (2, 10, 100, 1000)]
    assert all(2.4 < each < 4.01 for each in one_hidden)
    deep = [gain([8] * (depth + 1)) for depth in (16, 32, 64)]
    assert deep[1] / deep[0] == pytest.approx(2, rel=0.1)
    assert deep[2] / deep[1] == pytest.approx(2, rel=0.05)


def test_path_by_path_grows_with_the_paths():
    widths = [3] * 8 + [1]
    assert cost.paths(widths, 1) == 3**6
    assert cost.path_by_path(widths) > math.prod(widths)


def run_of_jacobians(widths, forwards):
    """The products of all ∂output/∂input, one vector at a time through the layers' Jacobians."""
    counter = Products()
    layers = [(counter.given((n, m)), counter.given((m,))) for n, m in itertools.pairwise(widths)]
    for start in range(widths[0] if forwards else widths[-1]):
        first, *rest = layers if forwards else layers[::-1]
        W, slopes = first
        v = W[start] * slopes if forwards else W[:, start] * slopes[start]
        for W, slopes in rest:
            v = (v @ W) * slopes if forwards else W @ (v * slopes)
    return next(counter.serial)


@pytest.mark.parametrize("widths", [(3, 2), (2, 2, 1), (1, 8, 8, 5), (5, 4, 3, 1), (2, 1, 1, 6)])
def test_input_derivatives(widths):
    counts = run_of_jacobians(widths, forwards=True), run_of_jacobians(widths, forwards=False)
    assert cost.input_derivatives(widths) == counts


def test_forward_wins_with_one_input_and_many_outputs():
    assert cost.input_derivatives((1, 16, 16, 16)) == (560, 5120)
    assert cost.input_derivatives((16, 16, 16, 1)) == (4880, 560)


def test_one_example_is_stored_where_no_batch_is_named():
    assert cost.stored((2, 2, 1)) == cost.stored((2, 2, 1), 1) == 8


def test_a_negative_factor_stands_in_brackets():
    net = bl.lectures.xor().network
    f = bl.forward(net, [1.0, -1.0])
    pair = [bl.chain(bl.backward(net, f, [1.0]), weight) for weight in ("W_11", "W_21")]
    assert r" \cdot (-1) = " in cost.Overlap(*pair, r"\delta")._repr_latex_()


@pytest.mark.parametrize("layer", [0, 3, -1, "1", None])
def test_paths_refuses_a_layer_that_is_not_there(layer):
    with pytest.raises(ValueError, match=r"layer: got .*; expected a layer from 1 to 2"):
        cost.paths(XOR, layer)


@pytest.mark.parametrize("way", [*cost.WAYS.values(), cost.counted, cost.edges])
def test_widths_are_checked(way):
    with pytest.raises(ValueError, match="widths"):
        way([3])
    with pytest.raises(TypeError, match="widths"):
        way([2, 1.5])


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("widths", [XOR, (3, 1), (2, 4, 3, 2), (1, 1, 1, 1, 1)])
def test_every_way_gives_the_same_gradient(widths):
    net = bl.Network.mlp(widths, seed=3)
    x, y = np.linspace(-1, 1, widths[0]), np.linspace(0, 1, widths[-1])
    f = bl.forward(net, x)
    g = bl.backward(net, f, y)
    for way in ("backwards", "forwards"):
        dW, db = cost.gradient(net, f, y, way)
        for mine, theirs in zip((*dW, *db), (*g.dW, *g.db), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-15)


# --- formulas -------------------------------------------------------------------------------------


def test_formula_sizes():
    small, larger = cost.formula_sizes(XOR), cost.formula_sizes((2, 2, 2, 1))
    assert small == (355, 30)
    assert larger == (1549, 54)


def test_formula_sizes_of_one_neuron_by_hand():
    # both derivatives hold σ(wx + b), 3, and σ′(wx + b), 3; y − σ, 1; the sign, 1; and the products
    # of 2 and 3 factors: 9 and 10. Shared: wx + b 2, σ 1, σ′ 1, a − y 1, δ 1, δx 1.
    assert cost.formula_sizes((1, 1)) == (19, 7)


def test_one_derivative_with_many_outputs():
    for outputs in (1, 3, 10):
        widths = (1, 1, outputs)
        alone = cost.weight_by_weight(widths) - outputs * (1 + 2)  # that of the output layer
        assert alone == (2 * outputs + 2) + (2 * outputs + 1)  # one weight, one bias
