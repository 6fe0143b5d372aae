"""A network with other values of some weights and biases, and the keys of all of them."""

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.keys import Key, as_parameter, input_of, parameters

NET = bl.Network.mlp([2, 3, 1], seed=3)
BIAS, WEIGHT = Key("b", 0, 2), Key("W", 1, 1, 0)


def values(net):
    """Every weight and bias by its key, as the pass lists them."""
    every = bl.quantities(bl.forward(net, [1.0, 2.0]))
    return {key: value for key, value in every.items() if key.kind in ("W", "b")}


def test_the_keys_are_those_of_all_weights_and_biases_layer_by_layer():
    assert parameters(NET.widths) == list(values(NET))
    assert len(parameters(NET.widths)) == NET.size


def test_a_layer_takes_in_the_inputs_or_the_activations_before_it():
    assert (input_of(0, 1), input_of(2, 1)) == (Key("x", 1), Key("z_out", 1, 1))
    assert (input_of(0), input_of(1)) == (Key("x"), Key("z_out", 0))


def test_a_plain_tuple_becomes_the_key_that_it_equals():
    assert type(as_parameter(("W", 1, 1, 0), NET.widths, "key")) is Key


@pytest.mark.parametrize("key", parameters(NET.widths), ids=lambda key: key.name)
def test_one_parameter_is_moved_and_no_other(key):
    before = values(NET)
    assert values(NET.moved(key, 0.25)) == before | {key: before[key] + 0.25}
    assert values(NET) == before, "a network never changes"


def test_some_parameters_are_replaced_and_no_others():
    new = NET.replaced({BIAS: 2, tuple(WEIGHT): -0.5})
    assert values(new) == values(NET) | {BIAS: 2.0, WEIGHT: -0.5}
    assert [layer.activation for layer in new.layers] == ["tanh", "sigmoid"]
    assert {layer.W.dtype for layer in new.layers} == {np.dtype(float)}
    assert values(NET.replaced({})) == values(NET)


def test_a_formula_moves_and_replaces():
    h = sp.Symbol("h", real=True)
    before = values(NET)
    assert values(NET.moved(WEIGHT, h)) == before | {WEIGHT: before[WEIGHT] + h}
    assert values(NET.replaced({BIAS: h})) == before | {BIAS: h}
    net = bl.symbolic((2, 2, 1))
    u_1 = Key("W", 1, 0, 0)
    assert values(net.moved(u_1, h))[u_1] == net.symbols["u_1"] + h


@pytest.mark.parametrize(
    "key",
    [Key("W", 2, 0, 0), Key("W", 0, 2, 0), Key("W", -1, 0, 0), Key("W", 0), Key("x", 0), "u_1"],
    ids=str,
)
def test_an_unknown_parameter_is_refused(key):
    with pytest.raises(ValueError, match=r"^key: got .*; there is none such in a 2-3-1 network"):
        NET.moved(key, 0.1)
    with pytest.raises(ValueError, match=r"^values: got .*; there is none such in a 2-3-1 network"):
        NET.replaced({BIAS: 0.0, key: 0.1})


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (np.nan, ValueError, "got nan; expected finite"),
        (1j, TypeError, "got 1j; expected real"),
        ("much", TypeError, "got 'much'; expected real"),
        ([1.0, 2.0], ValueError, r"got shape \(2,\); expected one number"),
    ],
)
def test_what_is_no_number_is_refused(value, error, said):
    with pytest.raises(error, match=f"^by: {said}"):
        NET.moved(BIAS, value)
    with pytest.raises(error, match=rf"^values\[\('b', 0, 2\)\]: {said}"):
        NET.replaced({BIAS: value})


def test_what_is_not_by_key_is_refused():
    with pytest.raises(TypeError, match=r"^values: got \[0.5\]; expected numbers"):
        NET.replaced([0.5])
