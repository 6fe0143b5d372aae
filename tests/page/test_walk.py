"""The steps through a pass: what each computes, where, and in which words."""

import re

import pytest

import backprop_lab as bl
from backprop_lab.core.keys import Key, parameters
from backprop_lab.page import walk
from backprop_lab.page.program import network_program
from backprop_lab.picture.labels import plain_label

LECTURE = bl.lectures.xor()
NET = LECTURE.network
G = LECTURE.run()
F = G.forward
KEYS = {key.name: key for key in parameters(NET.widths)}
PROGRAM = network_program(NET)
COMPUTED = set(PROGRAM(dict.fromkeys(PROGRAM.inputs, 0.5)))

PATHS = {
    "W_0_0_0": "loss z_out_1_0 W_1_0_0 z_out_0_0 W_0_0_0 x_0",
    "W_0_0_1": "loss z_out_1_0 W_1_1_0 z_out_0_1 W_0_0_1 x_0",
    "W_0_1_0": "loss z_out_1_0 W_1_0_0 z_out_0_0 W_0_1_0 x_1",
    "W_0_1_1": "loss z_out_1_0 W_1_1_0 z_out_0_1 W_0_1_1 x_1",
    "b_0_0": "loss z_out_1_0 W_1_0_0 z_out_0_0 b_0_0",
    "b_0_1": "loss z_out_1_0 W_1_1_0 z_out_0_1 b_0_1",
    "W_1_0_0": "loss z_out_1_0 W_1_0_0 z_out_0_0",
    "W_1_1_0": "loss z_out_1_0 W_1_1_0 z_out_0_1",
    "b_1_0": "loss z_out_1_0 b_1_0",
}
"""Every parameter's way to the loss, read off the network by hand."""


def forward_steps():
    return walk.forward_steps(NET.widths, bl.trace(G))


def chain_of(weight):
    return bl.chain(G, KEYS[weight])


def chain_steps(weight):
    return walk.chain_steps(chain_of(weight), "mine")


def update_step(weight):
    found = chain_of(weight)
    return walk.update_step(found.name, found.rate.name, found.key, "mine")


def test_the_forward_pass_has_two_steps_a_layer_and_the_loss():
    assert [(set(step.places), step.known) for step in forward_steps()] == [
        ({"W_0_0_0", "W_0_0_1", "W_0_1_0", "W_0_1_1", "z_out_0_0", "z_out_0_1"},
         ("z_in_0_0", "z_in_0_1")),
        ({"z_out_0_0", "z_out_0_1"}, ("z_out_0_0", "z_out_0_1")),
        ({"W_1_0_0", "W_1_1_0", "z_out_1_0"}, ("z_in_1_0",)),
        ({"z_out_1_0"}, ("z_out_1_0",)),
        ({"loss"}, ("loss",)),
    ]  # fmt: skip
    assert [step.text for step in forward_steps()] == [
        "The inputs of the hidden layer: z_1,in = [z_in_0_0], z_2,in = [z_in_0_1]",
        "The activations of the hidden layer: z_1,out = [z_out_0_0], z_2,out = [z_out_0_1]",
        "The inputs of the output layer: f_in = [z_in_1_0]",
        "The activations of the output layer: f_out = [z_out_1_0]",
        "The loss: L = [loss]",
    ]
    assert {step.group for step in forward_steps()} == {walk.FORWARD}


@pytest.mark.parametrize("widths", [(1, 1), (2, 1), (1, 1, 1), (2, 2, 2)], ids=str)
def test_every_quantity_of_a_forward_pass_is_computed_once(widths):
    net = bl.Network.mlp(widths, seed=1)
    f = bl.forward(net, [0.5] * widths[0])
    g = bl.backward(net, f, [1.0] * widths[-1])
    steps = walk.forward_steps(widths, bl.trace(g))
    units = [(layer, j) for layer, n in enumerate(widths[1:]) for j in range(n)]
    kinds = ("z_in", "z_out")
    expected = sorted([Key(kind, *unit).name for kind in kinds for unit in units] + ["loss"])
    assert sorted(name for step in steps for name in step.known) == expected
    assert len(steps) == 2 * (len(widths) - 1) + 1
    titles = [step.text.partition(":")[0] for step in steps]
    assert ["hidden" in title for title in titles[:-1]] == [
        layer < len(widths) - 2 for layer in range(len(widths) - 1) for _ in kinds
    ]


@pytest.mark.parametrize("weight", PATHS)
def test_a_path_goes_from_the_loss_to_the_weight_and_to_what_arrives(weight):
    expected = set(map(lit, PATHS[weight].split()))
    assert {key.name for key in walk.path(KEYS[weight], NET.widths)} == expected


def lit(place):
    """A bias stands in the box of its unit, which lights up for it."""
    return place.replace("b_", "z_out_")


@pytest.mark.parametrize("weight", PATHS)
def test_a_chain_has_one_step_a_factor_from_the_loss_backwards_and_the_product(weight):
    factors, (*steps, last) = chain_of(weight).factors, chain_steps(weight)
    assert len(steps) == len(factors)
    way = PATHS[weight].split()
    for k, (step, factor) in enumerate(zip(steps, factors, strict=True)):
        # on the way back: loss, output, its weight, hidden unit, the weight itself
        expected = [*way[: len(factors) - 1], weight][k]
        assert step.places == (lit(expected),)
        assert step.known == (factor.key.name,)
        assert step.text.startswith(f"Factor {k + 1} of {len(factors)}: ∂")
        assert step.text.endswith(f" = [{factor.key.name}]")
    assert set(last.places) == set(map(lit, way))
    assert last.known == (f"d{weight}",)
    assert last.text == (
        f"The product of the factors: {plain_label(chain_of(weight).name)} = [d{weight}]"
    )
    assert {step.group for step in (*steps, last)} == {"mine"}


def test_an_update_names_the_old_number_the_slope_and_the_new_one():
    step = update_step("W_1_0_0")
    assert step.text == "The update: [W_1_0_0] - α ∂L/∂u_1 = [new_W_1_0_0]"
    assert (step.places, step.known) == (("W_1_0_0",), ("new_W_1_0_0",))
    assert step.group == "mine"


@pytest.mark.parametrize("weight", PATHS)
def test_every_name_in_a_step_is_one_that_the_program_computes(weight):
    for step in (*forward_steps(), *chain_steps(weight), update_step(weight)):
        named = re.findall(r"\[(\w+)\]", step.text)
        assert named
        assert set(named) <= COMPUTED | set(PROGRAM.inputs)
        assert set(step.known) <= COMPUTED
        assert set(step.known) <= set(named), "what is computed is said"
        assert not re.search(r"[\\{}$]", step.text), "plain words"


# --- several paths --------------------------------------------------------------------------------

SHAPES = [(2, 2, 2), (3, 4, 3, 1), (2, 2, 2, 2), (4, 4, 4, 2), (1, 3, 1)]


def run(widths):
    net = bl.Network.mlp(widths, "tanh", seed=1)
    return bl.backward(net, bl.forward(net, [0.5] * widths[0]), [1.0] * widths[-1])


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_a_path_has_the_places_of_all_the_chains_paths(widths):
    g = run(widths)
    for key in parameters(widths):
        found = bl.chain(g, key)
        places = {factor.place for path in found.paths for factor in path.factors}
        boxes = {Key("z_out", *place[1:]) if place.kind == "b" else place for place in places}
        source = [Key("z_out", key.layer - 1, key[2]) if key.layer else Key("x", key[2])]
        outputs = [Key("z_out", len(widths) - 2, j) for j in range(widths[-1])]
        ways = outputs if key.layer < len(widths) - 2 else [Key("z_out", key.layer, key.unit)]
        expected = boxes | set(ways) | set(source if key.kind == "W" else [])
        assert set(walk.path(key, widths)) == expected


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_several_paths_are_walked_signal_by_signal(widths):
    lines, program = bl.backtrace(run(widths)), network_program(bl.Network.mlp(widths, "tanh"))
    computed = set(program(dict.fromkeys(program.inputs, 0.5)))
    last = len(widths) - 2
    for key in parameters(widths):
        *signals, gradient = walk.signal_steps(key, widths, lines, "mine")
        layers = list(reversed(range(key.layer, last + 1)))
        expected = [[f"delta_{m}_{j}" for j in range(widths[m + 1])] for m in layers]
        assert [list(step.known) for step in signals] == expected
        assert [list(step.places) for step in signals] == [
            [f"z_out_{m}_{j}" for j in range(widths[m + 1])] for m in layers
        ]
        assert gradient.known == (f"d{key.name}",)
        assert set(gradient.places) <= {place.name for place in walk.path(key, widths)}
        for step in (*signals, gradient):
            assert set(re.findall(r"\[(\w+)\]", step.text)) == set(step.known) <= computed
            assert step.group == "mine"


def test_layers_are_called_by_their_number_where_there_are_several():
    assert [walk.layer_name(m, (2, 2, 1)) for m in (0, 1)] == [
        "the hidden layer", "the output layer",
    ]  # fmt: skip
    assert [walk.layer_name(m, (3, 4, 3, 1)) for m in range(3)] == [
        "layer 1", "layer 2", "the output layer",
    ]  # fmt: skip


def test_a_large_network_shows_the_cards_of_a_layer_at_a_time():
    widths = (3, 4, 3, 1)
    steps = walk.forward_steps(widths, bl.trace(run(widths)), by_layer=True)
    groups = [walk.forward_cards(m) for m in (0, 0, 1, 1, 2, 2, 2)]
    assert [step.group for step in steps] == groups


def test_a_scene_says_how_far_a_walk_has_come():
    steps = [walk.Moment(f"group_{k}", (f"at_{k}",), (f"known_{k}",), f"say {k}") for k in (1, 2)]
    assert walk.walked(steps, 0) == {"held": ["group_2"], "last": 2}, "all its cards, none marked"
    one = {"held": ["group_1"], "now": ("at_1",), "found": ("known_1",), "text": "say 1"}
    assert walk.walked(steps, 1) == {**one, "last": 2, "known": ["known_1"]}
    two = {"held": ["group_2"], "now": ("at_2",), "found": ("known_2",), "text": "say 2"}
    for at in (2, 3):  # a choice may leave fewer steps than were taken
        assert walk.walked(steps, at) == {**two, "last": 2, "known": ["known_1", "known_2"]}
