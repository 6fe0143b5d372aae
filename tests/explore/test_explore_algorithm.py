"""The algorithm, step by step: its numbers are NumPy's, its arrays the ones that a step needs."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import Key
from backprop_lab.explore.algorithm import SEEDS, algorithm_scene, algorithm_view, drawn, moments
from backprop_lab.formulas.algorithm import Factor, steps
from backprop_lab.picture import elements
from backprop_lab.picture.memory import entries
from tests.markup import fields, text

NETWORKS = {
    "3-4-3-1": ((3, 4, 3, 1), "tanh", "sigmoid", "half_squared_error"),
    "2-2-1": ((2, 2, 1), "sigmoid", "sigmoid", "squared_error"),
    "bernoulli": ((2, 3, 1), "relu", "sigmoid", "binary_cross_entropy"),
    "softmax": ((3, 4, 4, 4, 3), "gelu", "identity", "softmax_cross_entropy"),
    "one neuron": ((1, 1), "tanh", "softplus", "half_squared_error"),
    "no hidden layer": ((2, 3), "tanh", "elu", "half_squared_error"),
}
PICKS = pytest.mark.parametrize("picked", NETWORKS.values(), ids=NETWORKS)


NUMBERS = {f"x_{i}": (0.5, -1.0, 1.5)[i] for i in range(3)} | {
    f"y_{j}": (1.0, 0.0, 0.5)[j] for j in range(3)
}


def state(widths, activation, output, loss, **more):
    """What the app's controls hold."""
    inputs, *hidden, outputs = widths
    units = {f"hidden_{k + 1}": n for k, n in enumerate([*hidden, 0, 0, 0][:3])}
    names = {"activation": activation, "output": output, "loss_name": loss}
    page = {"at": 0, "hide": True, "revealed": [], "seed": 0, "target": 1}
    return {"inputs": inputs, "outputs": outputs, **units, **names, **NUMBERS, **page, **more}


def shown(*picked, **more):
    """The markup that the app shows."""
    found = algorithm_view(state(*picked, **more))
    return {name: str(elements.page(found[name])) for name in ("step", "memory")}


def algorithm(widths, *names):
    return steps(len(widths) - 1, *names)


def run(widths, activation, output, loss):
    """The pass by NumPy, as arrays in CSC311's layout, each by its name."""
    net = bl.Network([bl.Layer(*layer) for layer in drawn(widths, activation, output, 0)])
    x = [NUMBERS[f"x_{i}"] for i in range(widths[0])]
    softmax = loss == "softmax_cross_entropy"
    y = np.eye(widths[-1])[1] if softmax else [NUMBERS[f"y_{j}"] for j in range(widths[-1])]
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    column = np.atleast_2d
    found = {("x",): column(f.x).T, ("y",): column(g.y).T, ("loss",): column(g.loss)}
    for m, layer in enumerate(net.layers):
        found |= {("W", m): layer.W.T, ("dW", m): g.dW[m].T}
        vectors = {"b": layer.b, "db": g.db[m], "z_in": f.z_in[m], "z_out": f.z_out[m]}
        vectors |= {"delta": g.delta[m], "slope": bl.ACTIVATIONS[layer.activation].slope(f.z_in[m])}
        found |= {(kind, m): column(v).T for kind, v in vectors.items()}
    last = len(net.layers) - 1
    if not bl.LOSSES[loss].fused:
        found["by_output", last] = column(bl.LOSSES[loss].slope(f.output, g.y)).T
    return net, found


@PICKS
def test_every_number_is_the_passes(picked):
    widths = picked[0]
    _, arrays = run(*picked)
    by_name = {}
    for array, values in arrays.items():
        names = entries(Key(*array), widths)
        assert np.shape(names) == values.shape
        by_name |= dict(zip(np.ravel(names), values.ravel(), strict=True))
    for at in range(len(algorithm(widths, *picked[1:])) + 2):
        view = shown(*picked, hide=False, at=at)
        for markup in view.values():
            ElementTree.fromstring(f"<all>{markup}</all>")
            for quantity, number in fields(markup).items():
                assert float(number) == pytest.approx(by_name[quantity], abs=5.1e-5)


@PICKS
def test_numbers_appear_with_the_step_that_computes_them(picked):
    widths = picked[0]
    net, _ = run(*picked)
    found = algorithm(widths, *picked[1:])
    given = {n for a in [Key("x"), Key("y")] for row in entries(a, widths) for n in row}
    for m in range(len(net.layers)):
        given |= {n for a in [Key("W", m), Key("b", m)] for row in entries(a, widths) for n in row}
    known = set(given)
    for at in range(len(found) + 1):
        if at:
            step = found[at - 1]
            written = (*step.writes, *step.own)
            known |= {n for a in written for row in entries(a, widths) for n in row}
        view = shown(*picked, at=at)
        for markup in view.values():
            for quantity, number in fields(markup).items():
                assert (number != "?") == (quantity in known), (at, quantity)
    everything = set(fields(view["memory"]))
    assert everything <= known, "in the end nothing is asked"


def needed(step, last, fused):
    """What a step reads and writes, by its title; layers in titles count from 1."""
    title = step.title
    if title == "The loss":
        return {("z_in" if fused else "z_out", last), ("y",)}, {("loss",)}
    m = int(re.search(r"layer (\d)", title)[1]) - 1
    before = ("z_out", m - 1) if m else ("x",)
    if "weighted sums" in title:
        return {("W", m), ("b", m), before}, {("z_in", m)}
    if "activations" in title:
        return {("z_in", m)}, {("z_out", m)}
    if "gradients" in title:
        return {("delta", m), before}, {("dW", m), ("db", m)}
    if m < last:
        return {("W", m + 1), ("delta", m + 1), ("z_in", m)}, {("delta", m)}
    of = {("z_in", m), ("y",)}
    return (of if fused else {("z_out", m), *of}), {("delta", m)}


@PICKS
def test_a_step_reads_what_its_formula_needs_and_no_more(picked):
    widths, *_, loss = picked
    net, arrays = run(*picked)
    last, fused = len(net.layers) - 1, bl.LOSSES[loss].fused
    found = algorithm(widths, *picked[1:])
    stored = {("x",), ("y",)} | {(kind, m) for kind in "Wb" for m in range(last + 1)}
    for step in found:
        assert (set(step.reads), set(step.writes)) == needed(step, last, fused)
        assert set(step.reads) <= stored, "nothing is read before it is stored"
        assert not set(step.writes) & stored, "nothing is computed twice"
        stored |= set(step.writes)
    assert {a for a in stored if a[0] in ("dW", "db")} == {
        (kind, m) for kind in ("dW", "db") for m in range(last + 1)
    }
    titles = [step.title for step in found]
    assert len(titles) == len(set(titles)) == 4 * (last + 1) + 1
    assert len(moments(found, widths)) == len(found) + 1
    assert set(arrays) >= stored


@PICKS
def test_a_formula_computes_what_it_says(picked):
    """Its factors, transposed where it says so, multiplied as its signs say."""
    _, arrays = run(*picked)
    for step in algorithm(*picked):
        factors = [part for part in step.formula if isinstance(part, Factor)]
        result, *given = (arrays[f.array].T if f.transposed else arrays[f.array] for f in factors)
        if "activations" in step.title or step.title == "The loss":
            continue  # a function of the given ones
        if "weighted sums" in step.title:
            expected = given[0] @ given[1] + given[2]
        elif "gradients" in step.title:
            expected = given[0] @ given[1]
            assert [part.array[0] for part in step.second[::2]] == ["db", "delta"]
        elif len(given) == 3:
            expected = (given[0] @ given[1]) * given[2]
        elif "⊙" in step.formula:
            expected = given[0] * given[1]
        else:
            softmax = np.exp(given[0]) / np.exp(given[0]).sum()
            sigmoid = 1 / (1 + np.exp(-given[0]))
            expected = (softmax if "softmax" in picked[-1] else sigmoid) - given[1]
        assert expected.shape == result.shape
        assert expected == pytest.approx(result, rel=1e-9)


@PICKS
def test_what_is_read_and_written_is_marked(picked):
    widths = picked[0]
    for at, step in enumerate(algorithm(widths, *picked[1:]), 1):
        memory = shown(*picked, at=at)["memory"]
        read = set(re.findall(r'class="read now" data-place="(\w+)"', memory))
        written = set(re.findall(r'class="written now" data-card="(\w+)"', memory))
        assert read == {"_".join(map(str, array)) for array in step.reads}
        assert written == {entries(array, widths)[0][0] for array in step.writes}
        assert f'class="layer now" data-place="layer_{step.layer}"' in memory


@PICKS
def test_shapes_and_sources_are_said(picked):
    widths = picked[0]
    _, arrays = run(*picked)
    found = algorithm(widths, *picked[1:])
    for at, (step, moment) in enumerate(zip(found, moments(found, widths), strict=False), 1):
        (card,) = re.findall(
            r'<div class="cards">(.*?)</div>(?=<div class="cards)', shown(*picked, at=at)["step"]
        )
        assert step.title in card
        for array in step.writes:
            rows, columns = arrays[array].shape
            assert f"{rows} × {columns}" in text(card)
            assert f"{rows} × {columns}" in moment.text
        for array in step.reads:
            if array in (("x",), ("y",)):
                source = "the input" if array == ("x",) else "the target"
            elif array[0] in "Wb":
                source = "parameter"
            else:
                source = (
                    f"kept in step {1 + next(k for k, s in enumerate(found) if array in s.writes)}"
                )
            assert source in moment.text


def test_a_row_of_w_is_a_unit():
    assert entries(Key("W", 0), (3, 2)) == [
        ["W_0_0_0", "W_0_1_0", "W_0_2_0"],
        ["W_0_0_1", "W_0_1_1", "W_0_2_1"],
    ]
    assert entries(Key("W", 0), (3, 2), transposed=True)[0] == ["W_0_0_0", "W_0_0_1"]
    assert entries(Key("delta", 1), (3, 2, 2)) == [["delta_1_0"], ["delta_1_1"]]


def test_a_click_reveals_a_number():
    picked = NETWORKS["2-2-1"]
    before, after = (
        fields(shown(*picked, revealed=names)["memory"]) for names in ([], ["z_in_0_1"])
    )
    assert {name for name in before if before[name] != after[name]} == {"z_in_0_1"}
    assert before["z_in_0_1"] == "?"


def test_weights_are_drawn_with_two_decimals_and_each_draw_is_another():
    draws = [drawn((3, 4, 4, 4, 3), "tanh", "tanh", seed) for seed in range(SEEDS)]
    arrays = [array for layers in draws for layer in layers for array in (layer.W, layer.b)]
    values = np.concatenate([array.ravel() for array in arrays])
    assert len({array.tobytes() for array in arrays}) == len(arrays) == 8 * SEEDS
    assert np.array_equal(values, values.round(2))
    assert -1 <= values.min() < -0.9 < 0.9 < values.max() <= 1
    assert abs(values.mean()) < 0.15


@PICKS
def test_only_the_controls_that_the_network_needs_are_shown(picked):
    widths, *_, loss = picked
    app = explore.algorithm(*picked)
    needed = {f"x_{i}" for i in range(widths[0])}
    softmax = loss == "softmax_cross_entropy"
    needed |= {"target"} if softmax else {f"y_{j}" for j in range(widths[-1])}
    scene = algorithm_scene(app.page.values())
    assert {name for name in scene["held"] if name.startswith("show_")} == {
        f"show_{name}" for name in needed
    }
    may_go = {*NUMBERS, "target"}
    assert set(scene["locked"]) == may_go - needed
    for name, control in app.controls.items():
        assert ("off" in control._dom_classes) == (name in may_go - needed)
        assert (f"show_{name}" in control._dom_classes) == (name in may_go)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss_name": "softmax_cross_entropy"}, "expects identity as output"),
        ({"loss_name": "binary_cross_entropy", "output": "tanh"}, "expects sigmoid as output"),
        ({"loss_name": "binary_cross_entropy", "y_0": 1.05}, "t: binary_cross_entropy expects"),
        (
            {"loss_name": "softmax_cross_entropy", "output": "identity", "target": 1},
            "target t: got class 2; the network has 1 outputs",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_with_the_network_is_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        algorithm_view(state(*NETWORKS["2-2-1"]) | change)


def test_all_of_it_is_computed_in_the_page():
    app = explore.algorithm((3, 4, 4, 4, 3))
    assert "71 parameters" in app.views["size"].value
    assert app.page is not None
    assert not [part for part in app.children if "without-kernel" in part._dom_classes]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((4, 1),), "widths: got (4, 1); expected at most 3 inputs"),
        (((2, 5, 1),), "widths: got (2, 5, 1); expected"),
        (((2, 1, 1, 1, 1, 1),), "widths: got (2, 1, 1, 1, 1, 1); expected"),
        (((2, 1), "tahn"), "activation: got 'tahn'"),
        (((2, 1), "tanh", "sigmoid", "mse"), "loss: got 'mse'"),
        (((2, 1), "tanh", "tanh", "binary_cross_entropy"), "binary_cross_entropy expects sigmoid"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explore.algorithm(*arguments)
