"""The algorithm, step by step: its numbers are NumPy's, its arrays the ones that a step needs."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.explore.algorithm import algorithm_view, build, moments
from backprop_lab.formulas.algorithm import Factor, steps
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


def settings(widths, loss):
    numbers = {f"x_{i}": (0.5, -1.0, 1.5)[i] for i in range(widths[0])}
    if loss == "softmax_cross_entropy":
        return numbers | {"target": 1}
    return numbers | {f"y_{j}": (1.0, 0.0, 0.5)[j] for j in range(widths[-1])}


def run(widths, activation, output, loss):
    """The pass by NumPy, as arrays in CSC311's layout, each by its name."""
    net, numbers = build(widths, activation, output, 0), settings(widths, loss)
    x = [numbers[f"x_{i}"] for i in range(widths[0])]
    softmax = loss == "softmax_cross_entropy"
    y = np.eye(widths[-1])[1] if softmax else [numbers[f"y_{j}"] for j in range(widths[-1])]
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
    widths, *_, loss = picked
    net, arrays = run(*picked)
    by_name = {}
    for array, values in arrays.items():
        names = entries(array, widths)
        assert np.shape(names) == values.shape
        by_name |= dict(zip(np.ravel(names), values.ravel(), strict=True))
    for at in range(len(steps(net, loss)) + 2):
        view = algorithm_view(*picked, hide=False, at=at, **settings(widths, loss))
        for markup in view.values():
            ElementTree.fromstring(f"<all>{markup}</all>")
            for quantity, number in fields(markup).items():
                assert float(number) == pytest.approx(by_name[quantity], abs=5.1e-5)


@PICKS
def test_numbers_appear_with_the_step_that_computes_them(picked):
    widths, *_, loss = picked
    net, _ = run(*picked)
    found = steps(net, loss)
    given = {n for a in [("x",), ("y",)] for row in entries(a, widths) for n in row}
    for m in range(len(net.layers)):
        given |= {n for a in [("W", m), ("b", m)] for row in entries(a, widths) for n in row}
    known = set(given)
    for at in range(len(found) + 1):
        if at:
            step = found[at - 1]
            written = (*step.writes, *step.own)
            known |= {n for a in written for row in entries(a, widths) for n in row}
        view = algorithm_view(*picked, at=at, **settings(widths, loss))
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
    found = steps(net, loss)
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
    net, arrays = run(*picked)
    for step in steps(net, picked[-1]):
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
    widths, *_, loss = picked
    net, _ = run(*picked)
    for at, step in enumerate(steps(net, loss), 1):
        memory = algorithm_view(*picked, at=at, **settings(widths, loss))["memory"]
        read = set(re.findall(r'class="read now" data-place="(\w+)"', memory))
        written = set(re.findall(r'class="written now" data-card="(\w+)"', memory))
        assert read == {"_".join(map(str, array)) for array in step.reads}
        assert written == {entries(array, widths)[0][0] for array in step.writes}
        assert f'class="layer now" data-place="layer_{step.layer}"' in memory


@PICKS
def test_shapes_and_sources_are_said(picked):
    widths, *_, loss = picked
    net, arrays = run(*picked)
    found = steps(net, loss)
    for at, (step, moment) in enumerate(zip(found, moments(found, widths), strict=False), 1):
        card = re.search(
            rf'data-when="step_{at}">(.*?)</div>(?=<div class="cards|$)',
            algorithm_view(*picked, at=at, **settings(widths, loss))["step"],
        )[1]
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
    assert entries(("W", 0), (3, 2)) == [
        ["W_0_0_0", "W_0_1_0", "W_0_2_0"],
        ["W_0_0_1", "W_0_1_1", "W_0_2_1"],
    ]
    assert entries(("W", 0), (3, 2), transposed=True)[0] == ["W_0_0_0", "W_0_0_1"]
    assert entries(("delta", 1), (3, 2, 2)) == [["delta_1_0"], ["delta_1_1"]]


def chooser(app, description):
    row = app.content[0]
    return next(control for control in row.children if control.description == description)


def test_another_architecture_keeps_what_was_typed():
    app = explore.algorithm((2, 2, 1))
    app.content[-1].children[0].controls["x_0"].value = -1.25
    chooser(app, "hidden 1").value = 4
    assert app.content[-1].children[0].title.endswith("2, 4, 1")
    assert app.content[-1].children[0].controls["x_0"].value == -1.25
    chooser(app, "inputs").value = 1
    chooser(app, "inputs").value = 3
    assert app.content[-1].children[0].controls["x_0"].value == -1.25
    chooser(app, "hidden 1").value = 0
    assert app.content[-1].children[0].title.endswith("3, 1")


def test_a_loss_that_does_not_go_with_the_output_is_said_in_place():
    app = explore.algorithm((2, 2, 1))
    before = app.content[-1].children[0]
    chooser(app, "loss").value = "softmax_cross_entropy"
    assert app.content[-1].children[0] is before, "the last good network stays"
    assert "softmax_cross_entropy expects identity as output" in app.content[1].value
    assert 'role="alert"' in app.content[1].value
    chooser(app, "output").value = "identity"
    assert app.content[-1].children[0] is not before
    assert 'role="alert"' not in app.content[1].value
    assert "target" in app.content[-1].children[0].controls


def test_the_largest_network_is_computed_in_the_page():
    box = explore.algorithm((3, 4, 4, 4, 3))
    assert "71 parameters" in box.content[1].value
    assert box.content[2].children[0].page is not None


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
