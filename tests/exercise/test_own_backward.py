"""A reader's own backward pass: the first quantity that differs is named, and the slip."""

import inspect
import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core.keys import Key
from backprop_lab.exercise import own_backward
from backprop_lab.exercise.own_backward import compare
from backprop_lab.exercise.slips import SLIPS, slipped
from tests import markup, random_networks


def written(net, f, y):
    """As a reader may write it: for one example or for a batch, ½ (y - a)², all layers sigmoid."""
    x, a = np.atleast_2d(f.x), [np.atleast_2d(z) for z in f.z_out]
    delta, dW, db = [], [], []
    d = (a[-1] - np.atleast_2d(y)) * a[-1] * (1 - a[-1]) / len(x)
    for i in range(len(a) - 1, -1, -1):
        before = a[i - 1] if i > 0 else x
        delta.insert(0, d.reshape(f.z_in[i].shape))
        dW.insert(0, before.T @ d)
        db.insert(0, d.sum(axis=0))
        d = d @ net.layers[i].W.T * before * (1 - before)
    return delta, dW, db


def edited(old, new):
    """The same with one edit."""
    source, names = inspect.getsource(written), {}
    assert source.count(old) == 1
    exec(source.replace(old, new), {"np": np}, names)
    return names["written"]


def gradient(batch=3, widths=(2, 3, 3, 2), loss="half_squared_error"):
    rng = np.random.default_rng(5)
    net = bl.Network.mlp(list(widths), "sigmoid", "sigmoid", "normal", 2)
    layers = [bl.Layer(la.W, rng.normal(size=la.units), la.activation) for la in net.layers]
    net, shape = bl.Network(layers), (batch,) if batch else ()
    x, y = rng.normal(size=(*shape, widths[0])), rng.random((*shape, widths[-1]))
    return bl.backward(net, bl.forward(net, x), y, loss)


@pytest.mark.parametrize("batch", [None, 1, 3])
def test_a_right_one_passes(batch):
    g = gradient(batch)
    found = compare(written, g)
    assert found.passed
    assert (found.first, found.slips) == (None, ())
    layers = [f"{what} of layer {k}" for k in (3, 2, 1) for what in ("δ", "∂L/∂W", "∂L/∂b")]
    assert [name for name, _ in found.rows] == layers
    assert compare(lambda net, f, y: bl.backward(net, f, y), g).passed
    lists = compare(lambda *given: [[a.tolist() for a in kind] for kind in written(*given)], g)
    assert lists.passed


@pytest.mark.parametrize(
    ("old", "new", "first", "slips"),
    [
        ("a[-1] - np.atleast_2d(y)", "np.atleast_2d(y) - a[-1]", ("delta", 2), ["the sign"]),
        ("/ len(x)", "", ("delta", 2), ["sum in place of the mean"]),
        ("a[i - 1] if i > 0 else x", "f.z_in[i - 1] if i > 0 else x",
         ("dW", 2), None),
        ("db.insert(0, d.sum(axis=0))", "db.insert(0, d.mean(axis=0))", ("db", 2),
         ["bias gradient averaged once more"]),
        ("before.T @ d", "0.5 * before.T @ d", ("dW", 2), None),
        ("* before * (1 - before)", "* (1 - before)", ("delta", 1), None),
        ("* before * (1 - before)", "", ("delta", 1), ["σ′ missing"]),
        ("@ net.layers[i].W.T * before", "@ (net.layers[i].W * 0 + 1).T * before", ("delta", 1),
         ["weights missing on the way back"]),
        ("d.reshape(f.z_in[i].shape)", "d.sum(axis=0)", ("delta", 2), None),
    ],
)  # fmt: skip
def test_the_first_that_differs_is_named(old, new, first, slips):
    found = compare(edited(old, new), gradient())
    assert not found.passed
    assert found.first[:2] == first
    at = [name for name, said in found.rows if said.endswith("this is the first that differs")]
    assert at == [f"{own_backward.KINDS[first[0]]} of layer {first[1] + 1}"]
    known = found.rows.index(next(row for row in found.rows if row[0] == at[0]))
    assert all(said == "✓" for _, said in found.rows[:known])
    assert list(found.slips) == ([slips] if slips else [])
    assert ("These are the numbers of this slip" in repr(found)) is bool(slips)


def test_the_number_that_is_farthest_off():
    g = gradient(3)

    def own(net, f, y):
        delta, dW, db = written(net, f, y)
        dW[1][2, 1] += 1.0
        dW[1][0, 0] += 0.5
        return delta, dW, db

    found = compare(own, g)
    assert found.first == Key("dW", 1, 2, 1)
    delta, dW, db = written(g.network, g.forward, g.y)
    delta[1][2, 0] += 1.0
    assert compare(lambda net, f, y: (delta, dW, db), g).first == Key("delta", 1, 0)
    said = dict(found.rows)["∂L/∂W of layer 2"]
    assert said.startswith(f"✗ wrong, most at (3, 2), where it is {g.dW[1][2, 1] + 1:.4g}")


@pytest.mark.parametrize("wrong", SLIPS, ids=lambda wrong: wrong.name)
def test_every_slip_in_code_is_named(wrong):
    """On a network on which it shows: of equal widths, a batch, the loss that it speaks of."""
    shown = 0
    for loss in ("half_squared_error", "squared_error", "binary_cross_entropy"):
        activation = "relu" if "relu" in wrong.where else "tanh"
        rng = np.random.default_rng(6)
        net = bl.Network.mlp([3, 3, 3, 3], activation, "sigmoid", "normal", 3)
        net = bl.Network([bl.Layer(la.W, rng.normal(size=3), la.activation) for la in net.layers])
        x, y = rng.normal(size=(3, 3)), rng.random((3, 3))
        reduction = "sum" if wrong.hidden_by == "mean" else "mean"
        g = bl.backward(net, bl.forward(net, x), y, loss, reduction)

        def own(net, f, y, loss=loss, divisor=g.divisor):
            passed = slipped([wrong.name], net.layers, f.x, y, bl.LOSSES[loss], divisor)
            return passed[1:4]

        found = compare(own, g)
        if not found.passed:
            assert [wrong.name] in list(found.slips)
            assert wrong.why in repr(found)
            shown += 1
    assert shown > 0


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (lambda net, f, y: 1 / 0, "it stopped, or gave no delta, dW, db: ZeroDivisionError"),
        (lambda net, f: None, "TypeError: .* takes 2 positional arguments but 3 were given"),
        (lambda net, f, y: None, "TypeError: Value after "),
        (lambda net, f, y: (1, 2), "TypeError: 'int' object is not iterable"),
        (lambda net, f, y: ([], []), "ValueError: zip"),
        (lambda net, f, y: ([], [], []), "✗ missing; this is the first"),
        (lambda net, f, y: ([["a"]] * 3, [None] * 3, []), "✗ not an array of numbers; this is"),
        (lambda net, f, y: ([[np.nan]] * 3, [None] * 3, []), r"✗ shape \(1,\); expected \(2,\)"),
        (lambda net, f, y: ([np.array([9.0, np.nan])] * 3, [], []), r"at \(2\), where it is nan"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(own, said):
    found = compare(own, gradient(None))
    assert not found.passed
    assert not found.slips
    assert re.search(said, repr(found))


def test_the_first_that_differs_is_lit():
    g = gradient(None)
    for old, new, start in (
        ("a[-1] - np.atleast_2d(y)", "np.atleast_2d(y) - a[-1]", "z_out_2_"),
        ("before.T @ d", "0.5 * before.T @ d", "W_2_"),
    ):
        found = compare(edited(old, new), g)
        (shown,) = markup.lit(found.picture().content[0].children[0].value)
        assert shown.startswith(start)
    missing = compare(lambda net, f, y: ([], [], []), g).picture()
    assert markup.lit(missing.content[0].children[0].value) == {"z_out_2_0", "z_out_2_1"}
    in_letters = compare(lambda net, f, y: ([], [], []), g).picture("CH8")
    assert "a^(3)_1" in in_letters.content[0].children[0].value
    with pytest.raises(ValueError, match="notation: got 'mine'"):
        compare(lambda net, f, y: ([], [], []), g).picture("mine")
    with pytest.raises(ValueError, match="picture: got nothing that differs"):
        compare(written, g).picture()
    with pytest.raises(ValueError, match="picture: got a batch"):
        compare(edited("before.T @ d", "d"), gradient(3)).picture()


def test_wrong_arguments():
    with pytest.raises(TypeError, match="backward: got 3; expected a function"):
        compare(3, gradient())
    with pytest.raises(TypeError, match="g: got None; expected what backward returned"):
        compare(written, None)


def test_random_networks_pass():
    for seed in range(60):
        _, g = random_networks.draw(seed).run
        found = compare(lambda net, f, y, g=g: bl.backward(net, f, y, g.loss_name, g.reduction), g)
        assert found.passed
