"""Deep stacks: what they find is what forward and backward find; the claims about their product."""

from fractions import Fraction

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS

# --- one neuron a layer ---------------------------------------------------------------------------


@pytest.mark.parametrize(("layers", "factor"), [(3, 0.015625), (6, 0.000244140625)])
def test_ch8s_chain_is_a_quarter_for_each_layer(layers, factor):
    for held, bias in ((0.0, 0.0), (None, -0.5)):
        net, x = deep.chain(layers, "sigmoid", 1.0, bias, held)
        f = bl.forward(net, x)
        assert all(z == 0 for z in f.z_in)
        g = bl.backward(net, f, [1.0])
        assert g.dx[0] / (f.output[0] - 1.0) == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_held_neurons_stay_where_they_are_held(activation):
    net, x = deep.chain(5, activation, -1.7, held=0.8)
    assert np.allclose(np.concatenate(bl.forward(net, x).z_in), 0.8, atol=1e-12)


@pytest.mark.parametrize("z", [-7.0, -1.0, 0.0, 0.3, 4.0])
def test_the_exact_condition_of_dividing_by_four(z):
    slope = float(ACTIVATIONS["sigmoid"].slope(np.array(z)))
    for weight in (-9.0, -1.0, 0.5, 1.0, 1.01, 3.9, 4.1, 8.0):
        assert bool(deep.divides_by_four(weight, z)) == (abs(weight) * slope <= 0.25 * (1 + 1e-15))
        assert bool(deep.shrinks(weight, z)) == (abs(weight) * slope < 1)


def test_the_counterexample_doubles_and_every_weight_up_to_one_divides():
    assert 8 * float(ACTIVATIONS["sigmoid"].slope(np.array(0.0))) == 2.0
    z = np.linspace(-9, 9, 181)
    assert deep.divides_by_four(1.0, z).all()
    assert not deep.divides_by_four(1.001, z).all()
    assert deep.shrinks(3.999, z).all()
    assert not deep.shrinks(4.0, z).all()


# --- scales ---------------------------------------------------------------------------------------


def test_scales_of_the_initialisations():
    found = {name: deep.scale_of(name, 32) for name in bl.INITIALISATIONS}
    assert found["lecun_normal"] == found["glorot_normal"] == pytest.approx(1)
    assert found["glorot_uniform"] == pytest.approx(1)
    assert found["he_normal"] == pytest.approx(np.sqrt(2))
    assert found["zeros"] == 0
    rng = np.random.default_rng(0)
    for name, init in bl.INITIALISATIONS.items():
        drawn = init(rng, 300, 300).std() * np.sqrt(300)
        assert drawn == pytest.approx(deep.scale_of(name, 300), rel=0.02)


# --- stacks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", deep.OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_profile_is_what_forward_and_backward_find(activation, loss):
    settings = (6, 9, activation, 1.3, -0.2, 3, loss)
    found = deep.profile(*settings)
    for number in (0, 17):
        net, x, y = deep.network(*settings, number)
        f = bl.forward(net, x)
        g = bl.backward(net, f, y, loss)
        for name, arrays in (("delta", g.delta), ("dW", g.dW)):
            norms = [np.linalg.norm(array) for array in arrays]
            assert np.allclose(getattr(found, name)[:, number], norms, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("switches", [{"residual": True}, {"normalised": True},
                                      {"residual": True, "normalised": True}])  # fmt: skip
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu"])
def test_switches_have_the_gradient_that_a_nudge_measures(activation, switches, monkeypatch):
    """Nudge one normal of the first layer: the loss moves as ∂L/∂W says."""
    depth, width, seeds = 3, 4, 2
    key = (0, width, width, 5, seeds)
    normals = deep._normals(*key).copy()
    true = deep._normals

    def loss_and_gradient(moved):
        monkeypatch.setattr(deep, "_normals", lambda *k: moved if k == key else true(*k))
        return deep.profile(depth, width, activation, 1.1, 0.3, 5, seeds=seeds, **switches)

    # with half the squared error and an identity output, delta of the output is output - 1
    def losses(moved):
        return loss_and_gradient(moved).delta[-1] ** 2 / 2

    gradient = np.zeros(seeds)
    h = 1e-5
    for index in np.ndindex(width, width):
        up, down = normals.copy(), normals.copy()
        up[:, *index] += h
        down[:, *index] -= h
        gradient += ((losses(up) - losses(down)) / (2 * h)) ** 2
    # by the normals, not by W = normals · scale/√width
    measured = np.sqrt(gradient) / (1.1 / np.sqrt(width))
    assert np.allclose(loss_and_gradient(normals).dW[0], measured, rtol=1e-5)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_no_signal_exceeds_the_bound(activation, residual):
    found = deep.profile(20, 16, activation, 1.5, 0.1, residual=residual)
    delta = found.delta[:, : deep.BOUNDED]
    assert (delta <= found.bound * (1 + 1e-12)).all()
    assert np.array_equal(delta[-1], found.bound[-1])
    assert deep.profile(3, 4, normalised=True).bound is None


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_signal_exceeds_the_bound_where_slopes_are_largest(activation):
    """One unit a layer, far from 0: there the bound is the product itself."""
    found = deep.profile(20, 1, activation, 8.0, 2.0)
    assert (found.delta[:, : deep.BOUNDED] <= found.bound * (1 + 1e-12)).all()


def test_in_a_chain_the_bound_is_the_product_of_weights_and_largest_slopes():
    settings = (4, 1, "sigmoid", 1.3, 0.0, 1, "half_squared_error")
    found, (net, *_) = deep.profile(*settings), deep.network(*settings, 3)
    factors = [abs(layer.W.item()) / 4 for layer in net.layers[1:]]
    expected = found.delta[-1, 3] * np.cumprod([1, *factors[::-1]])[::-1]
    assert np.allclose(found.bound[:, 3], expected, rtol=1e-13)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_saturated_units_are_counted_layer_by_layer(activation):
    settings = (5, 16, activation, 4.0, 0.5, 2, "half_squared_error")
    found = deep.profile(*settings)
    net, x, _ = deep.network(*settings, 3)
    slope = ACTIVATIONS[activation].slope
    shares = [np.mean(slope(z) < slope(np.array(0.0)) / 10) for z in bl.forward(net, x).z_in[:-1]]
    assert len(set(shares)) > 1
    assert np.array_equal(found.saturated[:, 3], shares)


@pytest.mark.parametrize(("activation", "scale"), [("sigmoid", 0.05), ("relu", 10.0)])
def test_norms_reach_as_far_as_floating_point(activation, scale):
    """Their squares would be 0 and inf."""
    settings = (100, 32, activation, scale, 0.0, 0, "half_squared_error")
    net, x, y = deep.network(*settings, 0)
    true = bl.backward(net, bl.forward(net, x), y).delta[0]
    largest = np.abs(true).max()
    expected = largest * np.linalg.norm(true / largest)
    assert deep.profile(*settings).delta[0, 0] == pytest.approx(expected, rel=1e-11, abs=0)


def arrays(found):
    """The map's two tables, scales by depths."""
    return np.array(found.first), np.array(found.ratio)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_map_is_whole(activation):
    """Where no network has a signal left, too: there it says so."""
    first, ratio = arrays(deep.phase_map(activation))
    assert first.shape == ratio.shape == (len(deep.MAP_SCALES), len(deep.MAP_DEPTHS))
    none_left = np.isneginf(first)
    assert np.array_equal(none_left, np.isneginf(ratio))
    assert np.isfinite(first[~none_left]).all()
    assert np.isfinite(ratio[~none_left]).all()
    if not (ACTIVATIONS[activation].slope(np.array([-40.0, 40.0])) == 0).all():
        assert not none_left.any()


def ratio(*args, **kwargs):
    found = deep.profile(*args, **kwargs)
    return np.median(found.delta[0]) / np.median(found.delta[-2])


def test_where_signals_vanish_explode_and_keep_their_size():
    assert ratio(50, 32, "sigmoid", 1.0) < 1e-20
    assert ratio(50, 32, "tanh", 0.5) < 1e-10
    assert ratio(50, 32, "tanh", 3.0) > 1e4
    assert ratio(50, 32, "relu", 3.0) > 1e10
    assert 0.02 < ratio(50, 32, "relu", np.sqrt(2)) < 50, "He's scale"
    assert 0.01 < ratio(50, 32, "tanh", 1.0) < 100, "LeCun's scale"
    assert ratio(50, 32, "sigmoid", 1.0, residual=True) > 0.1
    assert ratio(50, 32, "sigmoid", 8.0) > 1e10 * ratio(50, 32, "sigmoid", 1.0)


def test_dead_units_pass_nothing_and_are_counted():
    dead = deep.profile(10, 16, "relu", 0.5, -4.0)
    assert (dead.delta[0] == 0).all()
    assert dead.saturated[5:].min() == 1
    alive = deep.profile(10, 16, "relu", np.sqrt(2), 0.0)
    assert 0.4 < alive.saturated.mean() < 0.6
    assert deep.profile(4, 16, "sigmoid", 40.0).saturated.mean() > 0.5


def test_a_deeper_stack_has_the_same_first_layers_and_no_slider_draws_anew():
    shallow, deeper = (
        deep.network(d, 5, "tanh", 1.0, 0.0, 2, "half_squared_error", 1)[0] for d in (2, 6)
    )
    for i in range(2):
        assert np.array_equal(shallow.layers[i].W, deeper.layers[i].W)
    scaled = deep.network(2, 5, "tanh", 3.0, 0.0, 2, "half_squared_error", 1)[0]
    assert np.allclose(scaled.layers[0].W, 3 * shallow.layers[0].W, rtol=1e-15)
    other = deep.network(2, 5, "tanh", 1.0, 0.0, 3, "half_squared_error", 1)[0]
    assert not np.allclose(other.layers[0].W, shallow.layers[0].W)


def test_wide_stacks_are_fewer():
    assert deep.seeds_for(32) == deep.SEEDS == 30
    assert deep.seeds_for(64) == 10
    assert deep.profile(2, 64).delta.shape == (3, 10)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depth": 0}, "depth: got 0; expected at least 1"),
        ({"depth": 101}, "depth, width: got 101, 32; expected at most 100 and 64"),
        ({"width": 65}, "depth, width: got 3, 65"),
        ({"activation": "step"}, "activation: got 'step'; expected one of"),
        ({"loss": "squared_error"}, "loss: got 'squared_error'; expected one of"),
    ],
)
def test_bad_settings_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        deep.profile(**{"depth": 3} | wrong)


# --- the map --------------------------------------------------------------------------------------


DEEP = ("tanh", "relu", "sigmoid")
SCALES = np.array(deep.MAP_SCALES)


@pytest.fixture(scope="module")
def maps():
    return {activation: arrays(deep.phase_map(activation)) for activation in DEEP}


@pytest.fixture(scope="module")
def unrounded_maps():
    """The same, of weights and activations that are not rounded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deep, "_coarse", lambda matrices: matrices)
        patch.setattr(deep, "_coarse_normals", deep._coarse_normals.__wrapped__)
        return {name: arrays(deep.phase_map.__wrapped__(name)) for name in DEEP}


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 20), (17, 49), (26, 30), (39, 7)])
def test_the_map_is_what_a_backward_pass_finds(unrounded_maps, activation, row, column):
    first, ratio = unrounded_maps[activation]
    depth, scale = int(deep.MAP_DEPTHS[column]), deep.MAP_SCALES[row]
    found = deep.profile(
        depth, deep.MAP_WIDTH, activation, scale, seed=deep.MAP_SEED, seeds=deep.MAP_SEEDS
    )
    assert first[row, column] == pytest.approx(np.log10(found.dW[0]).mean(), abs=_STEP)
    expected = np.log10(found.delta[0] / found.delta[-2]).mean()
    assert ratio[row, column] == pytest.approx(expected, abs=_STEP)


_STEP = 0.000501
"""A map has three decimals."""


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_rounding_hardly_changes_the_map_where_it_is_not_chaotic(maps, unrounded_maps, activation):
    calm = SCALES < 1.1
    for k in range(2):
        with_, without = (m[activation][k][calm] for m in (maps, unrounded_maps))
        assert np.abs(with_ - without).max() < 2 * _STEP


def test_products_of_rounded_matrices_are_exact():
    rng = np.random.default_rng(0)
    a, W = (deep._coarse(rng.standard_normal((4, *shape))) for shape in ((1, 32), (32, 32)))
    forwards, backwards = a @ W, a[:, :, ::-1] @ W[:, ::-1]
    assert np.array_equal(forwards, backwards)
    exact = [[sum(Fraction(x) * Fraction(w) for x, w in zip(a[k, 0], column, strict=True))
              for column in W[k].T] for k in range(4)]  # fmt: skip
    assert [[Fraction(z) for z in row] for row in forwards[:, 0]] == exact
    nearly_one = np.array([[[1.0, 0.3]], [[1 - 2**-53, 0.3]]])
    assert np.array_equal(*deep._coarse(nearly_one))


def test_the_borderline_lies_at_he_for_relu_and_sigmoids_have_none_that_is_deep(maps):
    ratios = {activation: maps[activation][1][:, 40] for activation in DEEP}
    crossing = {activation: SCALES[np.argmax(ratio > 0)] for activation, ratio in ratios.items()}
    assert crossing["relu"] == pytest.approx(np.sqrt(2), rel=0.15)
    assert 1 <= crossing["tanh"] < 1.5
    assert (ratios["sigmoid"] < 0).all()


def test_where_the_borderline_of_tanh_lies(maps):
    """As notebook 06 says it: where the ratio passes 0 between two of the map's scales, for each of
    its depths from 30 on."""
    depths, nv = [], []
    for depth, ratio in zip(deep.MAP_DEPTHS, maps["tanh"][1].T, strict=True):
        for row in np.flatnonzero((ratio[:-1] > 0) != (ratio[1:] > 0)):
            part = ratio[row] / (ratio[row] - ratio[row + 1])
            depths.append(depth)
            nv.append((SCALES[row] * (SCALES[row + 1] / SCALES[row]) ** part) ** 2)
    depths, nv = np.array(depths), np.array(nv)
    deep_ones = depths >= 30
    assert f"{nv[deep_ones].min():.2f}, {nv[deep_ones].max():.2f}" == "1.46, 2.05"
    assert np.polyfit(depths[deep_ones], nv[deep_ones], 1)[0] < 0


@pytest.mark.parametrize(
    ("activation", "depth", "nv"),
    [("tanh", 30, 1.82), ("tanh", 100, 1.64), ("sigmoid", 30, 199), ("sigmoid", 100, 199)],
)
def test_the_borderline_of_a_hundred_networks(activation, depth, nv):
    """There δ is as large in the first hidden layer as in the last: a little below it is smaller, a
    little above larger."""

    def growth(factor):
        found = deep.profile(depth, deep.MAP_WIDTH, activation, np.sqrt(nv * factor), seeds=100)
        return np.ma.masked_invalid(np.log10(found.delta[0] / found.delta[-2])).mean()

    assert growth(0.985) < 0 < growth(1.015)


def test_a_map_grows_row_by_row(maps):
    """Each slice one weight scale; what is there stays as it is."""
    found = deep.NO_MAP
    for count in range(1, len(SCALES) + 1):
        before, found = found, deep.grown(found, "tanh")
        assert len(found.first) == len(found.ratio) == count
        assert found.first[:-1] == before.first
        assert found.ratio[:-1] == before.ratio
        assert found.done == (count == len(SCALES))
    for table, whole in zip(arrays(found), maps["tanh"], strict=True):
        assert np.array_equal(table, whole)
    assert deep.NO_MAP == ([], [], False), "a map that grows leaves its start alone"


def test_a_map_of_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="activation: got 'step'; expected one of"):
        deep.phase_map("step")


def test_a_chain_has_no_biases_unless_they_are_given():
    net, x = deep.chain(3, "tanh", 2.0)
    assert [layer.b.tolist() for layer in net.layers] == [[0.0]] * 3
    assert x.tolist() == [0.5]
    assert [layer.b.tolist() for layer in deep.chain(2, "tanh", 2.0, 0.5)[0].layers] == [[0.5]] * 2
