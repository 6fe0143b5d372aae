"""Notebook 03's pictures and exercises: the valve, the computation graph, the blanks of a step."""

import itertools
import re

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import Key, parameters
from backprop_lab.exercise import judge, practice
from backprop_lab.explore.graph import graph_view
from backprop_lab.explore.valve import ASKED, valve_values, valve_view
from backprop_lab.formulas import cost
from backprop_lab.picture import graphs
from tests.markup import fields, lit, said_to, tree

CSC = bl.lectures.csc311()
NET = CSC.network
G = CSC.run()
F = G.forward
WIDTHS = NET.widths


# --- the valve ------------------------------------------------------------------------------------


def as_network(u, v, delta_p, delta_q):
    """The valve's picture as a network: one input, two linear units, targets that give the δ."""
    net = bl.Network([bl.Layer([[u, v]], [0.0, 0.0], "identity")])
    f = bl.forward(net, [1.0])
    return bl.backward(net, f, f.output - [delta_p, delta_q])


@pytest.mark.parametrize("numbers", [(2, -1.5, 0.6, 0.8), (0.3, 2, -1, 0.5), (-3, 3, 3, -3)])
def test_open_valves_let_the_whole_derivative_through(numbers):
    values = fields(valve_view(*numbers, True, True)["picture"])
    exact = as_network(*numbers).dx[0]
    assert float(values["by_h"]) == pytest.approx(exact, abs=0.005)
    assert values["meter"] == values["by_h"]


def test_the_lesson_of_the_valve():
    both = fields(valve_view(2, -1.5, 0.6, 0.8, True, True)["picture"])
    assert (both["share_p"], both["share_q"]) == ("1.20", "-1.20")
    assert (both["by_h"], both["meter"]) == ("0.00", "0.00")
    shut = fields(valve_view(2, -1.5, 0.6, 0.8, True, False)["picture"])
    assert (shut["by_h"], shut["meter"], shut["share_q"]) == ("1.20", "0.00", "0.00")


def test_the_meter_never_asks_the_error_signals_that_flow_back():
    given = {"u": 0.3, "v": 2.0, "delta_p": -1.0, "delta_q": 0.5}
    ways = [given | {"p": p, "q": q} for p in (False, True) for q in (False, True)]
    assert len({valve_values(way)["meter"] for way in ways}) == 1
    assert len({valve_values(way)["by_h"] for way in ways}) == 4


def test_what_is_asked_is_hidden_and_nothing_else():
    picture = valve_view(2, -1.5, 0.6, 0.8, True, False, hide=True)["picture"]
    values = fields(picture)
    assert {name for name, text in values.items() if text == "?"} == set(ASKED)
    assert values["delta_p"] == "0.60"
    tree(picture)
    for way, state in (("p", "open"), ("q", "shut")):
        other = {"open": "shut", "shut": "open"}[state]
        assert f'class="" data-when="{way}_{state}"' in picture
        assert f'class=" off" data-when="{way}_{other}"' in picture


def test_the_valve_app_starts_hidden_and_says_what_it_got():
    app = explore.valve()
    assert app.page.hide is True
    assert fields(app.views["picture"].value)["meter"] == "?"
    before = app.views["picture"].value
    app.controls["u"].value = 99.0
    app.refresh()
    assert "u: got 99; expected a number from -3 to 3" in app.message.value
    assert app.views["picture"].value == before


# --- graphs ---------------------------------------------------------------------------------------


def reachable(widths, key):
    """All that lies between a weight and the loss, by walking the arrows of the picture."""
    _, layer, *ends = key
    edges = {("leaf",): [(("z_in", layer, ends[-1]), ("leaves", layer, ends[-1]))]}
    for m, width in enumerate(widths[1:]):
        for j in range(width):
            edges[("z_in", m, j)] = [(("z_out", m, j), ("z_out", m, j))]
            later = range(widths[m + 2]) if m + 2 < len(widths) else ()
            edges[("z_out", m, j)] = [(("z_in", m + 1, k), ("W", m + 1, j, k)) for k in later] or [
                (("loss",), ("loss",))
            ]
    found, todo = set(), [("leaf",)]
    while todo:
        for node, edge in edges.get(todo.pop(), []):
            found |= {node, edge}
            todo.append(node)
    return {Key(*each).name for each in found}


@pytest.mark.parametrize("widths", [(3, 4, 3, 1), (1, 1), (2, 2, 2), (2, 1, 3, 2, 1)])
def test_a_path_is_all_between_the_weight_and_the_loss(widths):
    for key in parameters(widths):
        picture = str(graphs.scalar(widths).picture(graphs.path(widths, key)))
        tree(picture)
        assert lit(picture) == reachable(widths, key)


@pytest.mark.parametrize("widths", [(3, 4, 3, 1), (1, 1), (2, 1, 3, 2, 1)])
def test_the_network_lights_what_the_graph_lights(widths):
    for key in parameters(widths):
        picture = str(graphs.network(widths).picture(graphs.path(widths, key), key))
        tree(picture)
        units = {name for name in reachable(widths, key) if name[0] in "Wz" and "z_in" not in name}
        assert lit(picture) == units
        marked = re.findall(r' chosen" data-place="(\w+)"', picture)
        assert marked == [key.name] * (key[0] == "W")
    assert picture.count("<path") == sum(n * m for n, m in itertools.pairwise(widths))


def test_the_graph_says_paths_and_derivative():
    for weight in ("W^(2)_12", "W^(1)_23", "b^(1)_4"):
        chain = bl.chain(G, weight, notation="CSC311")
        values = fields(graph_view(chain.key)["sentence"])
        assert values == {"paths": str(len(chain.paths)), "slope": f"{chain.value:.4f}"}


def test_the_graph_in_the_page_knows_every_weight():
    app = explore.graph("W^(1)_23")
    keys = parameters(WIDTHS)
    assert app.controls["weight"].value == ("W", 0, 2, 1)
    for key, (_, option) in zip(keys, app.controls["weight"].options, strict=True):
        assert option == key
        places = [place.name for place in graphs.path(WIDTHS, key)]
        scene = app.page.computes.scene({"weight": key.name})
        assert scene == {"held": [key.name], "lit": places, "chosen": key.name}
    with pytest.raises(ValueError, match="weight: got 'W_99'"):
        explore.graph("W_99")


def test_stills_are_well_formed_and_named():
    for still in (
        explore.chain_rules(), explore.layers_graph(2), explore.three_layers(),
        explore.printed_numbers("ch8"),
    ):  # fmt: skip
        assert repr(still).startswith("<")
        for picture in still.content[0].children:
            tree(picture.value)
    boxes = str(graphs.layers(2).picture()).count("<rect")
    assert boxes == 8, "two layers, a leaf for each, input and cost"
    with pytest.raises(ValueError, match="lecture: got 'csc311'"):
        explore.printed_numbers("csc311")


def test_arrows_touch_their_nodes():
    picture = str(graphs.chain_rule()[1].picture())
    boxes = [
        (float(x), float(y))
        for x, y in re.findall(r'<rect [^>]*x="(-?[\d.]+)" y="(-?[\d.]+)"', picture)
    ]
    middles = [(x + 24, y + 20) for x, y in boxes]
    for x, y in re.findall(r' d="M(-?[\d.]+) (-?[\d.]+)L', picture):
        gaps = [np.hypot(float(x) - a, float(y) - b) for a, b in middles]
        assert min(gaps) == pytest.approx(24, abs=0.2)


# --- the blanks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("layer", "unit"), [(2, 0), (1, 2), (0, 0), (1, 0), (0, 3)])
def test_blanks_expect_what_the_pass_computes(layer, unit):
    exercise = practice.signal_blanks(layer, unit)
    blanks = exercise.content[1:]
    right = [G.delta[layer][unit], G.dW[layer][1, unit], G.db[layer][unit]]
    assert [blank.expected for blank in blanks] == pytest.approx(right, rel=1e-12)
    for blank in blanks:
        assert "✓" in said_to(blank, f"{blank.expected:.4f}")
        for mistake in blank.mistakes:
            if not judge.is_right(mistake.value, blank.expected):
                assert "✗" in said_to(blank, f"{mistake.value:.6f}")


def test_blanks_of_another_example():
    x, y = [2, -1.5, 0.5], [0.5]
    other = bl.backward(NET, bl.forward(NET, x), y, CSC.loss)
    asked = practice.signal_blanks(1, 2, x=x, y=y).content[1:]
    right = [other.delta[1][2], other.dW[1][1, 2], other.db[1][2]]
    assert [blank.expected for blank in asked] == pytest.approx(right, rel=1e-12)


def test_blanks_name_the_usual_mistakes():
    signal, weight, bias = practice.signal_blanks(0, 2, formulas=False).content[1:]
    shares = NET.layers[1].W[2] * G.delta[1]
    slope = 1 - np.tanh(F.z_in[0][2]) ** 2
    for answer, said in (
        (shares.sum(), "Multiply it by the slope"),
        (shares.sum() * (1 - np.tanh(F.z_out[0][2]) ** 2), "take it at the pre-activation"),
        (shares[1] * slope, "Only the path through unit 2"),
        (-G.delta[0][2], "the sign is not"),
    ):
        assert said in said_to(signal, f"{answer:.4f}")
    assert "times the activation that arrives" in said_to(weight, f"{G.delta[0][2]:.4f}")
    assert "the last factor alone" in said_to(bias, "1")


def test_blanks_of_the_last_layer_name_the_missing_slope():
    signal, weight, _ = practice.signal_blanks(2, 0).content[1:]
    assert "Multiply it by the slope" in said_to(signal, f"{F.output[0] - CSC.y[0]:.4f}")
    assert "the slope alone" in said_to(signal, f"{F.output[0] * (1 - F.output[0]):.4f}")
    of_weight = G.delta[2][0] * NET.layers[2].W[1, 0]
    assert "Not times the weight" in said_to(weight, f"{of_weight:.4f}")


def test_what_is_given_is_in_one_order_and_gives_no_answer_away():
    given = practice.signal_blanks(0, 0).content[0].value
    names = re.findall(r"\$([^$]*) = [^$]*\$", given)
    assert names == sorted(names)
    assert not any("z^{(1)}_{1}}" in name for name in names), "the error signal is asked"


@pytest.mark.parametrize(("layer", "unit"), [(3, 0), (-1, 0), (0, 4)])
def test_blanks_are_for_units_of_the_network(layer, unit):
    with pytest.raises(ValueError, match=f"layer, unit: got {layer}, {unit}; expected"):
        practice.signal_blanks(layer, unit)


# --- the lines of a backward pass, and what a forward pass stores ---------------------------------


@pytest.mark.parametrize("notation", list(bl.NOTATIONS))
@pytest.mark.parametrize(
    ("widths", "activation", "output", "loss"),
    [
        ((3, 4, 3, 1), "tanh", "sigmoid", "half_squared_error"),
        ((2, 3, 2), "silu", "identity", "softmax_cross_entropy"),
        ((2, 2, 1), "elu", "sigmoid", "binary_cross_entropy"),
        ((1, 1), "sigmoid", "sigmoid", "squared_error"),
    ],
)
def test_backtrace_derives_what_the_pass_computes(notation, widths, activation, output, loss):
    net = bl.Network.mlp(widths, activation, output, seed=3)
    x = np.linspace(-1, 1.5, widths[0])
    y = np.eye(widths[-1])[0]
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    lines = bl.backtrace(g, notation)
    expected = bl.quantities(g)
    asked = [key for key in expected if key[0] in ("delta", "dW", "db")]
    assert sorted(line.key for line in lines) == sorted(asked)
    for line in lines:
        exact = {s: sp.Float(float(value), 30) for s, value in line.numbers.items()}
        by_formula = float(line.formula.xreplace(exact).evalf(30))
        assert by_formula == pytest.approx(line.value, rel=1e-10, abs=1e-14)
        assert line.value == pytest.approx(float(expected[line.key]), rel=1e-12)
    layers = [line.key[1] for line in lines if line.key[0] == "delta"]
    assert layers == sorted(layers, reverse=True), "from the last layer"


def test_lines_by_kind():
    lines = bl.backtrace(G)
    assert [line.key for line in lines.of("delta", 1)] == [("delta", 1, j) for j in range(3)]
    assert len(lines.of("dW")) == 3 + 12 + 12
    with pytest.raises(ValueError, match=re.escape("start: got ('delta', 9); there is no such")):
        lines.of("delta", 9)
    with pytest.raises(TypeError, match="g: got None"):
        bl.backtrace(None)


def test_a_long_line_has_its_numbers_below_it():
    latex = bl.backtrace(G, "CSC311").of("delta", 0)[:1]._repr_latex_()
    assert latex.count(r"\\") == 1
    short = bl.backtrace(G, "CSC311").of("delta", 1)[:1]._repr_latex_()
    assert r"\\" not in short


def test_paths_stand_below_each_other():
    latex = bl.chain(G, "W^(1)_23", notation="CSC311")._repr_latex_()
    assert latex.count(r"\\ &\quad +") == 4, "two more paths, in names and in numbers"
    assert latex.count("&=") == 3


@pytest.mark.parametrize("batch", [1, 5])
def test_stored_counts_the_arrays_of_a_pass(batch):
    for widths in itertools.product((1, 3), (2, 4), (1, 2)):
        net = bl.Network.mlp(widths)
        f = bl.forward(net, np.ones((batch, widths[0])))
        kept = f.x.size + sum(a.size for a in (*f.z_in, *f.z_out))
        assert cost.stored(widths, batch) == kept
    with pytest.raises(ValueError, match="batch: got 0"):
        cost.stored([2, 1], 0)
