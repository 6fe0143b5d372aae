"""The app for any architecture: who computes, and that the numbers are the pass's."""

import re

import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import named_values
from backprop_lab.core.network import quantities
from backprop_lab.explore.any_network import HIDDEN, network_view
from backprop_lab.page.program import network_program


def numbers(markup):
    return dict(re.findall(r'data-q="(\w+)" data-digits="4">([^<]+)<', markup))


@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
def test_the_app_shows_the_pass_and_says_who_computes(hidden):
    box = explore.any_network(hidden, "relu")
    _, who, place = box.content
    (app,) = place.children
    widths = (2, *hidden, 1)
    net = bl.Network.mlp(list(widths), activation="relu", seed=0)
    count = sum(layer.W.size + layer.b.size for layer in net.layers)
    assert f"{count:,} parameters: this page computes" in who.value
    assert app.page is not None
    f = bl.forward(net, [1.0, 0.0])
    now = named_values(quantities(bl.backward(net, f, [1.0])))
    shown = numbers(app.views["layers"].value)
    assert len(shown) == 3 * sum(widths[1:]) + 1
    assert shown == {name: f"{now[name]:z.4f}" for name in shown}


def test_another_architecture_asks_the_kernel_and_each_moves_in_the_page():
    box = explore.any_network()
    choose, function = box.content[0].children
    small = box.content[2].children[0]
    before = small.views["layers"].value
    small.controls["x_0"].value = -2.0
    assert small.views["layers"].value == before, "the page draws that"
    choose.value = (16, 16)
    large = box.content[2].children[0]
    before = large.views["layers"].value
    assert before == network_view((2, 16, 16, 1), "tanh", 0, 1.0, 0.0, 1.0)["layers"]
    large.controls["x_0"].value = -2.0
    assert large.views["layers"].value == before, "the page draws that, too"
    function.value = "relu"
    assert box.content[2].children[0] is not large


def test_every_number_is_computed_by_its_program():
    app = explore.any_network((4, 4)).content[2].children[0]
    program = network_program((2, 4, 4, 1), "tanh", step=False)
    found = program(dict.fromkeys(program.inputs, 0.5))
    assert set(numbers(app.views["layers"].value)) <= set(found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": (5,)}, "hidden: got \\(5,\\)"),
        ({"activation": "step"}, "activation: got 'step'"),
    ],
)
def test_what_it_does_not_know_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore.any_network(**arguments)
