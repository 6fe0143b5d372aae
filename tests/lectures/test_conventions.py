"""Each lecture's pass, in its own layout, against the one pass of the core; the dictionary."""

import itertools
import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.lectures.conventions import (
    CONVENTIONS,
    ROWS,
    _cse463,
    convention,
    dictionary,
)
from tests.random_networks import error

BOUND = 1e-12
WIDTHS = [(1, 1), (1, 1, 1, 1), (3, 1), (1, 4), (2, 2, 1), (3, 4, 3, 1), (2, 1, 3), (2, 2, 2, 2)]
ELEMENTWISE = list(bl.ACTIVATIONS)


def case(seed):
    """Random widths, of depth 1 and width 1 among them; every activation occurs in 20 seeds."""
    rng = np.random.default_rng(seed)
    widths = WIDTHS[seed % len(WIDTHS)] if seed < len(WIDTHS) else rng.integers(1, 6, 4).tolist()
    layers = [
        bl.Layer(
            rng.standard_normal((n, m)),
            rng.standard_normal(m),
            ELEMENTWISE[(seed + k) % len(ELEMENTWISE)],
        )
        for k, (n, m) in enumerate(itertools.pairwise(widths))
    ]
    net = bl.Network(layers)
    return net, rng.standard_normal(widths[0]), rng.standard_normal(widths[-1])


def compare(own, run, net, x, y, loss):
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    assert error(run.loss, g.loss) < BOUND
    for i in range(len(net.layers)):
        assert run.dW[i].shape == own(net.layers[i].W).shape
        assert error(own(run.dW[i]), g.dW[i]) < BOUND
        for ours, core in ((run.z_in, f.z_in), (run.z_out, f.z_out), (run.delta, g.delta)):
            assert error(ours[i].ravel(), core[i]) < BOUND
        assert error(run.db[i].ravel(), g.db[i]) < BOUND


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", CONVENTIONS)
def test_each_convention_gives_the_same_numbers(name, seed):
    net, x, y = case(seed)
    found = CONVENTIONS[name]
    compare(found.own, found(net, x, y), net, x, y, found.loss)


def test_every_activation_is_among_the_cases():
    used = {layer.activation for seed in range(20) for layer in case(seed)[0].layers}
    assert used == set(bl.ACTIVATIONS)


@pytest.mark.parametrize("seed", range(20))
def test_without_the_half_every_gradient_is_twice(seed):
    net, x, y = case(seed)
    g = bl.backward(net, bl.forward(net, x), y)
    ch8 = convention("CH8")(net, x, y)
    for i, dW in enumerate(g.dW):
        assert error(ch8.dW[i].T, 2 * dW) < BOUND


@pytest.mark.parametrize("seed", range(20))
def test_equation_5_114_has_no_half(seed):
    net, x, y = case(seed)
    found = convention("CSE463")
    without = replace(found, run=partial(_cse463, half=False))
    compare(found.own, without(net, x, y), net, x, y, "squared_error")


def test_error_signals_are_rows_in_cse463_and_columns_in_lmu_and_csc311():
    net, x, y = case(5)
    shapes = {name: CONVENTIONS[name](net, x, y).delta[0].shape for name in CONVENTIONS}
    assert shapes == {"LMU": (4, 1), "CH8": (4,), "CSC311": (4, 1), "CSE463": (1, 4)}


@pytest.mark.parametrize("widths", [(2, 3, 2), (3, 4, 3, 1), (1, 11, 2)], ids=str)
@pytest.mark.parametrize("name", CONVENTIONS)
def test_entries_lie_where_the_matrix_has_them(name, widths):
    """The number at a place of the own matrix is that of the key which `entries` puts there."""
    net, found = bl.Network.mlp(widths), CONVENTIONS[name]
    for layer in range(len(widths) - 1):
        matrix = found.own(net.layers[layer].W)
        for place, number in np.ndenumerate(matrix):
            _, m, i, j = found.entries(layer, widths)[place[0]][place[1]]
            assert number == net.layers[m].W[i, j]


@pytest.mark.parametrize("name", CONVENTIONS)
def test_indices_follow_the_layout(name):
    """Row and column are the indices, in this order; CH8 alone has them the other way round."""
    found, widths = CONVENTIONS[name], (2, 3, 2)
    for r, row in enumerate(found.entries(0, widths), 1):
        for c, key in enumerate(row, 1):
            indices = re.search(r"(\d)(\d)\}$", bl.NOTATIONS[name].label(key, widths)).groups()
            expected = (c, r) if name == "CH8" else (r, c)
            assert tuple(map(int, indices)) == expected
            assert found.from_first == (tuple(map(int, indices)) == (key[2] + 1, key[3] + 1)) or (
                key[2] == key[3]
            )


def test_the_dictionary_is_complete():
    assert {"LMU", "CH8", "CSC311", "CSE463"} <= CONVENTIONS.keys()
    assert list(CONVENTIONS) == [name for name in bl.NOTATIONS if name in CONVENTIONS]
    lines = dictionary()._repr_markdown_().splitlines()
    assert len(lines) == 2 + len(ROWS)
    for line in lines:
        assert line.count("|") == 6, "a column for each lecture, no bar within a formula"
    for line, row in zip(lines[2:], ROWS, strict=True):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        assert cells == [row, *(found.formulas[row] for found in CONVENTIONS.values())]
        assert all(cells)
        assert all(
            cell.count("$") % 2 == 0 and cell.count("{") == cell.count("}") for cell in cells
        )


def test_the_dictionary_of_two():
    found = dictionary("CSE463", "LMU")
    first = found._repr_markdown_().splitlines()[0]
    assert first == "| quantity | CSE463 | LMU |"
    assert repr(found) == "<the notations of CSE463, LMU>"
    with pytest.raises(ValueError, match="notation: got 'CSC'"):
        dictionary("CSC")


def test_a_row_left_out_is_noticed():
    found = convention("LMU")
    less = {row: text for row, text in found.formulas.items() if row != "bias"}
    for formulas in (less, dict(reversed(found.formulas.items()))):
        with pytest.raises(ValueError, match=r"formulas: LMU has .*; expected input, target, "):
            replace(found, formulas=formulas)


def test_an_unknown_convention_is_named():
    with pytest.raises(ValueError, match="LMU"):
        convention("MML")
