"""The slips: each is refused where it shows, and named by the digits that it gives."""

import itertools
from collections import Counter
from functools import cache

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core import network
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, backward_pass, forward_pass
from backprop_lab.exercise import slips
from backprop_lab.exercise.slips import SLIPS, Answer, find, gradients, slipped
from backprop_lab.exercise.wrong_passes import SOURCES, compiled
from backprop_lab.formulas import check
from tests import random_networks

NAMES = [wrong.name for wrong in SLIPS]
EACH = pytest.mark.parametrize("wrong", SLIPS, ids=NAMES)
LEAST = {
    "sum in place of the mean": (1, 1, 2), "mean in place of the sum": (1, 1, 2),
    "mean over the outputs too": (1, 2, 1), "the sign": (1, 1, 1), "missing ½": (1, 1, 1),
    "½ counted twice": (1, 1, 1), "the 2 of the square missing": (1, 1, 1),
    "σ′ on top of a − y": (1, 1, 1), "the target left out": (1, 1, 1),
    "σ′ of the output missing": (1, 1, 1), "σ′ of the output at its activation": (1, 1, 1),
    "pre-activation in place of the activation": (2, 1, 1),
    "activation of the wrong layer": (1, 1, 1), "activation missing": (1, 1, 1),
    "δ of the wrong layer": (2, 1, 1), "bias gradient not summed over the batch": (1, 1, 2),
    "bias gradient averaged once more": (1, 1, 2), "missing transpose": (2, 2, 1),
    "δ of the updated weights": (2, 1, 1), "a forgotten path": (2, 2, 1),
    "weights missing on the way back": (2, 1, 1), "σ′ missing": (2, 1, 1),
    "σ′ of the activation, not of the pre-activation": (2, 1, 1), "σ in place of σ′": (2, 1, 1),
    "σ′ of the wrong layer": (2, 1, 1), "ReLU slope from the wrong side": (2, 1, 1),
    "bias missing": (1, 1, 1),
}  # fmt: skip
"""The least depth, width and batch at which each shows, written down a second time."""


def arrays(rng, widths, activations, loss, batch, places=2):
    """Layers, X and y of numbers with two decimals."""

    def drawn(*shape):
        return rng.normal(size=shape).round(places) + 0.0

    layers = [
        RawLayer(drawn(n, m), drawn(m), name)
        for n, m, name in zip(widths, widths[1:], activations, strict=False)
    ]
    y = random_networks.targets(rng, loss, (batch, widths[-1])).round(places)
    return layers, drawn(batch, widths[0]), y


def by_pass(layers, X, y, loss, divisor):
    z_in, z_out = forward_pass(layers, X)
    return backward_pass(layers, X, z_in, z_out, y, loss, divisor)


# --- what a slip is -------------------------------------------------------------------------------


@EACH
def test_an_edit_fits_the_pass_in_one_place(wrong):
    assert sum(source.count(wrong.old) for source in SOURCES.values()) == 1
    assert wrong.lines[0] != wrong.lines[1]
    assert len(wrong.why) > 40


def test_there_are_no_two_of_a_name():
    assert len({*NAMES}) == len(NAMES) == len(LEAST) == 27
    assert len(slips.PAIRS) > 300


SEED = 10
"""With it no case hides by chance what it can show."""


def is_measurable(layers, X, y, loss, reduction):
    """Whether each gradient is far above the round-off of a difference quotient of the loss."""
    right = by_pass(layers, X, y, LOSSES[loss], network.REDUCTIONS[reduction](len(X)))
    return all(np.abs(array).max() > 1e-3 for array in (*right[2], *right[3]))


def case_of(name, depth=3, width=3, batch=3, seed=SEED):
    """A case in which the slip shows if anything does: its loss, its activation, its reduction."""
    where = {wrong.name: wrong for wrong in SLIPS}[name].where
    loss = next((n for n in LOSSES if f"loss.name == '{n}'" in where), "half_squared_error")
    hidden = "relu" if "relu" in where else "tanh"
    rng = np.random.default_rng([seed, depth, width, batch])
    names = [hidden] * (depth - 1) + [LOSSES[loss].output or "sigmoid"]
    reduction = "sum" if name == "mean in place of the sum" else "mean"
    drawn = (
        (*arrays(rng, [width] * (depth + 1), names, loss, batch), loss, reduction)
        for _ in itertools.count()
    )
    return next(case for case in drawn if is_measurable(*case))


def of(case):
    layers, X, y, loss, reduction = case
    return layers, X, y, LOSSES[loss], network.REDUCTIONS[reduction](len(X))


@pytest.mark.parametrize("name", NAMES)
def test_a_switch_runs_the_wrong_line(name):
    """With no slip it is the pass, with one what its edit gives."""
    arguments = of(case_of(name))
    layers, X, y, loss, divisor = arguments
    right, wrong = by_pass(*arguments), {each.name: each for each in SLIPS}[name]
    passes = {"forward_pass": forward_pass, "backward_pass": backward_pass}
    passes[wrong.part] = wrong
    z_in, z_out = passes["forward_pass"](layers, X)
    expected = passes["backward_pass"](layers, X, z_in, z_out, y, loss, divisor)
    for switches, by_hand in (([], right), ([name], expected)):
        found = slipped(switches, *arguments)
        assert found[0] == pytest.approx(by_hand[0], rel=1e-13)
        for kinds in zip(found[1:4], by_hand[1:4], strict=True):
            assert all(np.allclose(a, b, 1e-12, 1e-14) for a, b in zip(*kinds, strict=True))
    assert gradients(*right[2:4]) != gradients(*expected[2:4])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_slip_gives_written_out(name):
    """Two layers of two units, three examples, each slip as a formula of its own."""
    layers, X, y, loss, reduction = case_of(name, 2, 2, 3)
    (V, b, hidden), (W, c, output) = layers
    sigma, tau = (bl.ACTIVATIONS[which] for which in (output, hidden))
    no = {"bias missing": 0.0}.get(name, 1.0)
    z = X @ V + no * b
    h = tau(z)
    u = h @ W + no * c
    a, n = sigma(u), len(X)
    error = {"squared_error": 2 * (a - y)}.get(loss, a - y) / (n if reduction == "mean" else 1)
    error = {
        "sum in place of the mean": error * n,
        "mean in place of the sum": error / n,
        "mean over the outputs too": error / 2,
        "the sign": -error,
        "missing ½": 2 * error,
        "½ counted twice": error / 2,
        "the 2 of the square missing": error / 2,
        "σ′ on top of a − y": error * a * (1 - a),
        "the target left out": a / n,
    }.get(name, error)
    slope = 1.0 if loss == "binary_cross_entropy" else a * (1 - a)
    slope = {
        "σ′ of the output missing": 1.0,
        "σ′ of the output at its activation": sigma(a) * (1 - sigma(a)),
    }.get(name, slope)
    late = error * slope
    of_W = {
        "pre-activation in place of the activation": z.T @ late,
        "activation of the wrong layer": a.T @ late,
        "activation missing": np.ones((2, 3)) @ late,
    }.get(name, h.T @ late)
    back = {
        "missing transpose": late @ W,
        "δ of the updated weights": late @ (W - 0.5 * of_W).T,
        "a forgotten path": np.outer(late[:, 0], W[:, 0]),
        "weights missing on the way back": late.sum(axis=1, keepdims=True) * np.ones(2),
    }.get(name, late @ W.T)
    early = back * {
        "σ′ missing": 1.0,
        "σ′ of the activation, not of the pre-activation": 1 - np.tanh(h) ** 2,
        "σ in place of σ′": h,
        "σ′ of the wrong layer": 1 - np.tanh(u) ** 2,
        "ReLU slope from the wrong side": back > 0,
    }.get(name, 1.0 * (z > 0) if hidden == "relu" else 1 - h**2)
    of_V = {
        "activation of the wrong layer": h.T @ early,
        "activation missing": np.ones((2, 3)) @ early,
        "δ of the wrong layer": X.T @ late,
    }.get(name, X.T @ early)
    of_biases = {
        "bias gradient not summed over the batch": (early[0], late[0]),
        "bias gradient averaged once more": (early.mean(axis=0), late.mean(axis=0)),
    }.get(name, (early.sum(axis=0), late.sum(axis=0)))
    expected = gradients((of_V, of_W), of_biases)
    found = gradients(*slipped([name], *of((layers, X, y, loss, reduction)))[2:4])
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_two_switches_run_both_wrong_lines():
    by_name = {wrong.name: wrong for wrong in SLIPS}
    tried = 0
    for one, other in slips.PAIRS:
        pair = by_name[one], by_name[other]
        if {wrong.part for wrong in pair} != {"backward_pass"} or pair[0].where or pair[1].where:
            continue
        source = SOURCES["backward_pass"]
        for wrong in pair:
            source = source.replace(wrong.old, wrong.new)
        arguments = of(case_of(one))
        layers, X, y, loss, divisor = arguments
        expected = compiled(source)(layers, X, *forward_pass(layers, X), y, loss, divisor)
        found = slipped([other, one], *arguments)
        by_hand = pytest.approx(gradients(*expected[2:4]), rel=1e-12, abs=1e-14)
        assert gradients(*found[2:4]) == by_hand, (one, other)
        tried += 1
    assert tried > 100


def test_the_learning_rate_of_a_step_too_early():
    arguments = of(case_of("δ of the updated weights"))
    name = ["δ of the updated weights"]
    still, slow, fast = (
        gradients(*slipped(name, *arguments, rate=rate)[2:4]) for rate in (0.0, 0.1, 0.5)
    )
    assert still == pytest.approx(gradients(*by_pass(*arguments)[2:4]), rel=1e-12)
    assert slow != pytest.approx(fast, rel=1e-6)
    assert fast == pytest.approx(gradients(*slipped(name, *arguments)[2:4]), rel=1e-12)


# --- the project's checks refuse each -------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_from_its_least_case_on_and_not_before(name, monkeypatch):
    """In place of the real pass, so that `backward` runs it, against both measurements."""
    wrong = {each.name: each for each in SLIPS}[name]
    assert (wrong.depth, wrong.width, wrong.batch) == LEAST[name]
    for sizes in itertools.product((1, 2, 3), repeat=3):
        layers, X, y, loss, reduction = case_of(name, *sizes)
        net = bl.Network([bl.Layer(*layer) for layer in layers])

        def gradient(net=net, X=X, y=y, loss=loss, reduction=reduction):
            return bl.backward(net, bl.forward(net, X), y, loss, reduction)

        measured = [
            (check.complex_step(gradient()), random_networks.BOUND),
            (check.finite_difference(gradient()), 1e-5),
        ]

        def refused(gradient=gradient, measured=measured):
            g = gradient()
            said = [*g.dW, *g.db]
            return [
                any(bl.error(a, b) > bound for a, b in zip(said, [*dW, *db], strict=True))
                for (dW, db), bound in measured
            ]

        assert refused() == [False, False]
        shows = all(size >= least for size, least in zip(sizes, LEAST[name], strict=True))
        forward, backward = (
            lambda *given, part=part: part(*given, slips=[name])
            for part in (slips.FORWARD, slips.BACKWARD)
        )
        with monkeypatch.context() as patch:
            patch.setattr(network, "forward_pass", forward)
            patch.setattr(network, "backward_pass", backward)
            assert refused() == [shows, shows], sizes


# --- named by their digits ------------------------------------------------------------------------


def random_case(seed):
    """Any network of numbers with two decimals, any loss, one example or a few."""
    rng = np.random.default_rng([77, seed])
    loss = str(rng.choice(list(LOSSES)))
    depth, width = rng.integers(1, 4), int(rng.integers(1, 4))
    widths = [width] * (depth + 1) if rng.random() < 0.5 else rng.integers(1, 4, depth + 1).tolist()
    names = list(rng.choice(["sigmoid", "tanh", "relu", "softplus"], depth))
    names[-1] = LOSSES[loss].output or names[-1]
    layers, X, y = arrays(rng, widths, names, loss, int(rng.integers(1, 4)))
    divisor = len(X) if rng.random() < 0.6 else 1
    return layers, X, y, LOSSES[loss], divisor


def runs(seed):
    """The gradient by name, from the names of slips."""
    arguments = random_case(seed)

    def run(names):
        return gradients(*slipped(names, *arguments)[2:4])

    kept = cache(lambda names: run(list(names)))
    return lambda names: kept(tuple(names))


def typed(gradient, decimals):
    """As somebody types it who has computed it without a mistake but the slip."""
    return [Answer(n, float(f"{v:.{decimals}f}"), decimals) for n, v in gradient.items()]


NETWORKS = 200
ALIKE = {
    frozenset(pair)
    for pair in [
        # a factor 2 or ½ has several sources where there are two examples or two outputs
        ("mean in place of the sum", "mean over the outputs too"),
        ("mean in place of the sum", "the 2 of the square missing"),
        ("mean in place of the sum", "½ counted twice"),
        ("mean over the outputs too", "the 2 of the square missing"),
        ("mean over the outputs too", "½ counted twice"),
        ("missing ½", "sum in place of the mean"),
        # ReLU: where it lets pass in both layers, its slopes are 1
        ("σ′ missing", "σ′ of the wrong layer"),
    ]
}
"""What the digits of a whole gradient cannot always tell apart."""


def test_each_slip_is_named_by_the_digits_of_the_whole_gradient():
    """Alone, but where these digits cannot tell; then all are named that give them."""
    count, together = Counter(), set()
    for seed in range(NETWORKS):
        run = runs(seed)
        for name in NAMES:
            wrong = typed(run([name]), 6)
            found = find(wrong, run)
            if found.right:
                assert wrong == typed(run([]), 6)
                count["hidden"] += 1
                continue
            assert [name] in found.slips, (seed, name)
            assert all(typed(run(others), 6) == wrong for others in found.slips)
            count["alone" if len(found.slips) == 1 else "among others"] += 1
            together |= {frozenset((name, other)) for (other,) in found.slips if other != name}
    assert together == ALIKE
    assert count["alone"] > 2500
    assert count["among others"] < 150


def test_each_slip_is_named_by_one_number():
    """Where it is off most; the others named give this number too."""
    count = Counter()
    for seed in range(NETWORKS):
        run = runs(seed)
        right = run([])
        for name in NAMES:
            wrong = run([name])
            entry = max(right, key=lambda one: abs(wrong[one] - right[one]))
            answers = typed({entry: wrong[entry]}, 6)
            found = find(answers, run)
            if found.right:
                assert typed(wrong, 6) == typed(right, 6)
                continue
            assert [name] in found.slips, (seed, name)
            assert all(abs(run(s)[entry] - answers[0].value) < 0.5001e-6 for s in found.slips)
            count[len(found.slips)] += 1
    assert count[1] > 0.7 * count.total()


def test_two_slips_at_once():
    rng = np.random.default_rng(3)
    count = Counter()
    for seed in range(25):
        run = runs(seed)
        for k in rng.choice(len(slips.PAIRS), 10, replace=False):
            wrong = typed(run(slips.PAIRS[k]), 6)
            found = find(wrong, run)
            if found.right or len(found.slips[0]) == 1:  # one hides, or they cancel
                count["seen as less"] += 1
                assert any(typed(run(less), 6) == wrong for less in [[], *slips.ONES])
                continue
            assert slips.PAIRS[k] in found.slips, (seed, slips.PAIRS[k])
            count["found"] += 1
    assert count["found"] > 50


def test_no_right_answer_is_accused():
    """Of 1,000 networks: whole gradients and single numbers, of few digits and of many."""
    rng = np.random.default_rng(1)
    for seed in range(1000):
        layers, X, y, loss, divisor = random_case(seed + 1000)
        net = bl.Network([bl.Layer(*layer) for layer in layers])
        reduction = "sum" if divisor == 1 else "mean"
        g = bl.backward(net, bl.forward(net, X), y, loss.name, reduction)
        right, run = gradients(g.dW, g.db), runs(seed + 1000)
        entry = str(rng.choice(list(right)))
        for decimals in (1, 2, 4, 8):
            assert find(typed(right, decimals), run) == (True, [], False)
            assert find(typed({entry: right[entry]}, decimals), run) == (True, [], False)


def test_what_is_no_slip_is_not_made_one():
    """A number off by chance has none; one that is nearly right may be rounded too early."""
    run = runs(3)
    right = run([])
    (entry, value) = max(right.items(), key=lambda item: abs(item[1]))
    assert find([Answer(entry, 1.01 * value, 9)], run) == (False, [], True)
    assert find([Answer(entry, 1.234567891 * value, 9)], run) == (False, [], False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0.0123", 4), ("-1", 0), ("−0,25", 2), ("1.2e-3", 4), (" 1e−3 ", 3), ("1,5E2", -1), (".5", 1),
     ("1e+2", -2), ("5.", 0)],
)  # fmt: skip
def test_decimals(text, expected):
    assert slips.decimals(text) == expected
