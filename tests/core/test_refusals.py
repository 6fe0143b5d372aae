"""What layers, networks, passes and the step refuse, each by its name."""

import re

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES
from backprop_lab.formulas.check import finite_difference
from backprop_lab.formulas.factors import trace
from tests.core.passes import F1, LOGITS, NET, PAIRS, F, G, X, Y

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
