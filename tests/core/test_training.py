"""Gradient descent is the public forward, backward and step, many times; a bad run says so."""

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import INITIALISATIONS, RawLayer
from backprop_lab.core.training import (
    Diverged,
    Training,
    drawn,
    holds,
    norms,
    order,
    risk,
    standing,
    stepped,
    twinned,
    twins,
)

XOR = bl.lectures.xor()
NET, X, Y = XOR.network, XOR.X, XOR.Y


def parameters(net):
    return np.concatenate([np.r_[layer.W.ravel(), layer.b] for layer in net.layers])


def gradient(net, x, y, loss="half_squared_error", reduction="mean"):
    g = bl.backward(net, bl.forward(net, x), y, loss, reduction)
    return np.concatenate([np.r_[W.ravel(), b] for W, b in zip(g.dW, g.db, strict=True)])


def test_risk_is_the_mean_loss_that_the_ledger_has():
    assert round(risk(NET, X, Y), 6) == 0.155131
    singles = [risk(NET, x[None], y[None]) for x, y in zip(X, Y, strict=True)]
    assert np.mean(singles) == pytest.approx(risk(NET, X, Y), rel=1e-14)


def test_the_sum_of_the_gradients_is_n_times_the_gradient_of_the_risk():
    singles = [gradient(NET, x, y) for x, y in zip(X, Y, strict=True)]
    assert np.allclose(np.sum(singles, axis=0), 4 * gradient(NET, X, Y), rtol=1e-14)
    assert np.allclose(np.sum(singles, axis=0), gradient(NET, X, Y, reduction="sum"), rtol=1e-14)
    assert not np.allclose(singles[0], gradient(NET, X, Y), rtol=0.5)


@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_a_run_is_a_loop_of_the_public_functions(loss, activation):
    net = bl.Network.mlp([2, 3, 1], activation=activation, seed=4)
    run = Training(net, X, Y, loss, learning_rate=0.3)
    run.run(40)
    risks = []
    for _ in range(40):
        g = bl.backward(net, bl.forward(net, X), Y, loss)
        risks.append(g.loss)
        net = bl.step(net, g, 0.3)
    assert np.allclose(parameters(run.network), parameters(net), rtol=1e-13, atol=1e-15)
    assert np.allclose(run.risks, [*risks, risk(net, X, Y, loss)], rtol=1e-13)
    assert run.steps == 40
    last = bl.backward(net, bl.forward(net, X), Y, loss)
    assert all(np.allclose(a, b, rtol=1e-10) for a, b in zip(run.dW, last.dW, strict=True))


def test_the_given_network_never_changes():
    before = parameters(NET)
    Training(NET, X, Y).run(5)
    assert np.array_equal(parameters(NET), before)


def test_nothing_that_a_run_shows_is_its_live_state():
    run, same = Training(NET, X, Y), Training(NET, X, Y)
    for steps in (0, 3):
        run.run(steps)
        for dW in run.dW:
            with pytest.raises(ValueError, match="read-only"):
                dW[0] = 99
        run.risks.append(99.0)
        assert run.steps == steps
    same.run(3)
    assert run.risks == same.risks
    assert np.array_equal(parameters(run.network), parameters(same.network))
    with pytest.raises(AttributeError):
        run.dW = ()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_a_run_with_nan_in_it_has_diverged(activation, output):
    """No activation hides what an overflow has left."""
    run = Training(bl.Network.mlp([2, 2, 1], activation, output), X, Y)
    nan = [RawLayer(at.W * np.nan, at.b, at.activation) for at in run._at.layers]
    run._at = run._at._replace(layers=nan)
    with pytest.raises(Diverged, match="at step 1"):
        run.run(1)


def test_runs_in_pieces_are_the_run_in_one():
    whole, pieces = Training(NET, X, Y, batch=1, seed=3), Training(NET, X, Y, batch=1, seed=3)
    whole.run(10)
    for steps in (1, 0, 4, 5):
        pieces.run(steps)
    assert whole.risks == pieces.risks


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_an_epoch_of_small_batches_sees_every_example_once(batch):
    run = Training(NET, X, Y, learning_rate=1e-9, batch=batch, seed=1)
    steps = -(-4 // batch)
    run.run(steps)
    moved = (parameters(NET) - parameters(run.network)) / 1e-9
    sizes = [batch] * (4 // batch) + [4 % batch] * (4 % batch > 0)
    if len(set(sizes)) == 1:  # equal batches: the steps add up to as many full ones
        assert np.allclose(moved, steps * gradient(NET, X, Y), atol=1e-6)
    other = Training(NET, X, Y, batch=batch, seed=2)
    other.run(3)
    same = Training(NET, X, Y, batch=batch, seed=2)
    same.run(3)
    assert other.risks == same.risks


def test_another_batch_begins_another_epoch():
    run = Training(NET, X, Y, learning_rate=1e-9, batch=1, seed=1)
    run.run(1)
    run.batch = 2
    before = parameters(run.network)
    run.run(2)
    moved = (before - parameters(run.network)) / 1e-9
    assert np.allclose(moved, 2 * gradient(NET, X, Y), atol=1e-6), "all four examples, each once"


def test_rate_and_batch_may_change_between_two_runs():
    run = Training(NET, X, Y)
    run.run(1)
    first = parameters(run.network)
    run.learning_rate = 2.0
    run.run(1)
    expected = first - 2.0 * gradient(
        bl.step(NET, bl.backward(NET, bl.forward(NET, X), Y), 0.5), X, Y
    )
    assert np.allclose(parameters(run.network), expected, rtol=1e-13)
    run.batch = 1
    assert run.batch == 1
    run.batch = None
    assert run.batch == 4


def test_the_counterexample_of_a_loss_that_always_falls():
    one = bl.Network([bl.Layer([[0.0]], [0.0], "identity")])
    # w and b are both reached by the gradient: together they move twice as far as w alone
    run = Training(one, [[1.0]], [[1.0]], learning_rate=1.25)
    run.run(1)
    assert run.risks == [0.5, 1.125]


def test_xor_is_learned_after_2557_steps():
    run = Training(NET, X, Y, learning_rate=0.5)
    run.run(2556)
    for right in (False, True):
        sides = bl.forward(run.network, X).output > 0.5
        assert bool((sides == (Y > 0.5)).all()) is right
        run.run(1)


# --- a run in a page ------------------------------------------------------------------------------

HALF = LOSSES["half_squared_error"]


@pytest.mark.parametrize("single", [False, True])
def test_steps_of_a_page_are_a_run_and_those_of_the_public_functions(single):
    """With every example, and with one at a time in the seed's order."""
    run = Training(NET, X, Y, learning_rate=2.0, batch=1 if single else None, seed=6)
    run.run(10)
    at = standing([RawLayer(each.W, each.b, each.activation) for each in NET.layers], X, Y, HALF)
    net, risks, public = NET, [float(at.risk)], [risk(NET, X, Y)]
    for step in range(10):
        k = order(6, step // 4, 4)[step % 4]
        x, y = (X[k : k + 1], Y[k : k + 1]) if single else (X, Y)
        at = stepped(at, 2.0, standing(at.layers, x, y, HALF) if single else None, X, Y, HALF)
        risks.append(float(at.risk))
        net = bl.step(net, bl.backward(net, bl.forward(net, x), y), 2.0)
        public.append(risk(net, X, Y))
    assert risks == run.risks
    assert risks == pytest.approx(public, rel=1e-13)
    assert all(np.array_equal(one, other) for one, other in zip(at.dW, run.dW, strict=True))


def test_an_order_has_every_example_once_and_is_another_for_each_epoch_and_seed():
    orders = {(seed, epoch): order(seed, epoch, 10) for seed in range(30) for epoch in range(30)}
    assert all(sorted(found) == list(range(10)) for found in orders.values())
    assert len({tuple(found) for found in orders.values()}) == len(orders)
    firsts = np.bincount([order(seed, epoch, 4)[0] for seed in range(60) for epoch in range(60)])
    assert np.abs(firsts / 900 - 1).max() < 0.1, "each is as often the first"
    assert order(3, 5, 10) == orders[3, 5]


@pytest.mark.parametrize("init", INITIALISATIONS)
def test_drawn_weights_are_as_wide_as_those_of_a_generator(init):
    layers = drawn([40, 300, 30], "tanh", "identity", INITIALISATIONS[init], 3)
    assert [layer.W.shape for layer in layers] == [(40, 300), (300, 30)]
    assert [layer.activation for layer in layers] == ["tanh", "identity"]
    assert [layer.b.tolist() for layer in layers] == [[0.0] * 300, [0.0] * 30]
    rng = np.random.default_rng(0)
    for layer in layers:
        expected = INITIALISATIONS[init](rng, *layer.W.shape)
        assert layer.W.std() == pytest.approx(expected.std(), rel=0.04)
        assert layer.W.mean() == pytest.approx(0, abs=0.05 * max(expected.std(), 1e-300))


def test_another_seed_draws_other_weights_and_each_layer_its_own():
    def weights(seed):
        return drawn([4, 4, 4], "tanh", "identity", INITIALISATIONS["normal"], seed)

    one, same, other = weights(1), weights(1), weights(2)
    assert np.array_equal(one[0].W, same[0].W)
    rows = [layer.W.ravel() for layer in [*one, *other]]
    assert len({*np.ravel(rows)}) == 4 * 16


def test_twinned_layers_are_those_of_twins():
    net = bl.Network.mlp([2, 4, 3, 1], init="normal", seed=5)
    expected = twins(net)
    found = twinned([RawLayer(each.W, each.b + k, "tanh") for k, each in enumerate(net.layers)])
    for k, (one, other) in enumerate(zip(found, expected.layers, strict=True)):
        assert np.array_equal(one.W, other.W)
        assert np.array_equal(one.b, other.b + k)
        assert one.activation == "tanh"
    hidden, after = found[0], found[1]
    assert np.array_equal(hidden.W[:, 0], hidden.W[:, 1])
    assert np.array_equal(after.W[0], after.W[1])
    assert np.array_equal(hidden.W[:, 2:], net.layers[0].W[:, 2:]), "the others stay"


def test_norms_are_those_of_each_layers_gradient():
    at = standing(NET.layers, X, Y, HALF)
    assert norms(at) == pytest.approx([np.linalg.norm(dW) for dW in at.dW], rel=1e-14)
    assert len(norms(at)) == 2


@pytest.mark.parametrize("part", ["dW", "db"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_run_holds_while_all_of_it_is_finite(part, bad):
    """A loss, which is never below 0, may be finite where a slope of it is not."""
    at = standing(NET.layers, X, Y, HALF)
    assert holds(at)
    assert not holds(at._replace(risk=abs(bad)))
    large = at._replace(risk=1e200)
    assert holds(large)
    first = getattr(at, part)[0].copy()
    first.flat[0] = bad
    assert not holds(large._replace(**{part: [first, *getattr(at, part)[1:]]}))


# --- runs that go wrong ---------------------------------------------------------------------------


def wild(rate=5.0):
    net = bl.Network.mlp([2, 4, 1], activation="relu", output="identity", seed=3)
    return Training(net, X, Y, learning_rate=rate)


def test_a_run_that_overflows_says_at_which_step_and_keeps_the_last_numbers():
    run = wild()
    with pytest.raises(Diverged, match="the loss has overflowed at step 256: the learning rate is"):
        run.run(1000)
    assert run.steps == 255
    assert np.isfinite(run.risks).all()
    assert np.isfinite(parameters(run.network)).all()
    assert risk(run.network, X, Y) == pytest.approx(run.risks[-1], rel=1e-14)
    with pytest.raises(Diverged) as again:
        run.run(1)
    assert again.value.step == 256
    run.learning_rate = 1e-300
    run.run(1)
    assert run.steps == 256, "a smaller rate goes on from there"


def test_a_run_with_one_number_that_is_not_finite_has_diverged():
    """A loss of 5e305, and one weight's slope beyond the range, the other's 0."""
    layers = [
        bl.Layer([[1e200, 0.0]], [0, 0], "identity"),
        bl.Layer([[1e-47], [1]], [0], "identity"),
    ]
    run = Training(bl.Network.mlp([1, 2, 1]), [[1.0]], [[0.0]], learning_rate=1e-300)
    run._at = run._at._replace(layers=bl.Network(layers).layers)
    with pytest.raises(Diverged, match="at step 1"):
        run.run(1)
    assert run.steps == 0


def test_twins_never_part():
    start = twins(bl.Network.mlp([2, 4, 1], activation="tanh", init="normal", seed=5))
    run = Training(start, X, Y, learning_rate=1.0)
    run.run(1000)
    hidden, output = run.network.layers
    assert np.array_equal(hidden.W[:, 0], hidden.W[:, 1])
    assert hidden.b[0] == hidden.b[1]
    assert output.W[0] == output.W[1]
    assert not np.allclose(hidden.W[:, 0], hidden.W[:, 2]), "the others do part"
    assert not np.array_equal(hidden.W, start.layers[0].W)


@pytest.mark.parametrize("net", [bl.Network.mlp([2, 1]), bl.Network.mlp([2, 1, 1])])
def test_twins_take_two_hidden_units(net):
    with pytest.raises(ValueError, match=r"net: got widths .*; expected at least two hidden units"):
        twins(net)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"X": X[0], "y": Y[0]}, ValueError, r"X: got shape \(2,\); expected \(examples, inputs\)"),
        ({"X": X[:3]}, ValueError, r"y: got shape \(4, 1\); expected \(3, 1\)"),
        ({"X": X * np.nan}, ValueError, "X: got nan"),
        ({"y": Y * np.nan}, ValueError, "y: got nan"),
        ({"loss": "hinge"}, ValueError, "loss: got 'hinge'; expected one of"),
        ({"loss": "softmax_cross_entropy"}, ValueError, "expects identity as output"),
        ({"learning_rate": 0}, ValueError, "learning_rate: got 0; expected one positive number"),
        ({"learning_rate": -1}, ValueError, "learning_rate: got -1; expected one positive"),
        ({"learning_rate": np.inf}, ValueError, "learning_rate: got inf"),
        ({"learning_rate": [1, 2]}, ValueError, "learning_rate: got .*; expected one positive"),
        ({"learning_rate": "1"}, TypeError, "learning_rate: got '1'"),
        ({"batch": 0}, ValueError, "batch: got 0; expected at least 1"),
        ({"batch": 5}, ValueError, "batch: got 5; expected at most 4, the number of examples"),
        ({"batch": 1.5}, TypeError, "batch: got 1.5; expected a whole number"),
        ({"seed": -1}, ValueError, "seed: got -1; expected at least 0"),
        ({"net": "xor"}, TypeError, "net: got 'xor'; expected a Network"),
    ],
)  # fmt: skip
def test_bad_input_is_named(wrong, error, said):
    with pytest.raises(error, match=said):
        Training(**{"net": NET, "X": X, "y": Y} | wrong)


@pytest.mark.parametrize("steps", [-1, 1.5, "3"])
def test_steps_are_a_whole_number(steps):
    with pytest.raises((ValueError, TypeError), match="steps: got"):
        Training(NET, X, Y).run(steps)
