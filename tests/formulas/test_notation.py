"""Four notations for one network: labels, names, and the pass on SymPy symbols."""

import itertools
import re
from decimal import Decimal

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.keys import parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.nodes import Node
from backprop_lab.formulas.notation import as_shown, latex, number, parameter, stepped
from tests.random_networks import targets

SHAPES = [
    (2, 2, 1),
    (1, 1),
    (2, 1),
    (3, 2),
    (1, 1, 1, 1),
    (2, 3, 2),
    (2, 2, 2, 1),
    (3, 4, 3, 1),
    (12, 11, 1),
    (11, 12, 13),
    (1, 11, 1),
    (11, 1),
    (2, 10, 11, 12, 2),
]
NOTATIONS = list(bl.NOTATIONS)


def elementary(expr):
    """The expression with every node written out in exponentials, so that SymPy's rules apply."""
    return expr.replace(
        lambda e: isinstance(e, Node), lambda e: type(e).definition(*e.args)
    ).replace(
        lambda e: type(e).__name__ == "logsumexp", lambda e: sp.log(sp.Add(*map(sp.exp, e.args)))
    )


# --- labels and names ----------------------------------------------------------------------------


def test_lmu_and_csc311_swap_indices():
    widths = (2, 2, 1)
    lmu, csc = bl.NOTATIONS["LMU"], bl.NOTATIONS["CSC311"]
    assert parameter("W_12", widths, "LMU") == ("W", 0, 0, 1)
    assert lmu.label(("W", 0, 0, 1), widths) == "W_{12}"
    assert csc.label(("W", 0, 0, 1), widths) == "W^{(1)}_{21}"
    assert parameter("W^(1)_21", widths, "CSC311") == ("W", 0, 0, 1)


@pytest.mark.parametrize(
    ("notation", "labels"),
    [
        ("LMU", "x_{2} W_{12} b_{2} z_{2,in} z_{2,out} u_{2} c f_{in} f_{out} y L"),
        (
            "CH8",
            "x_{2} w^{(1)}_{12} b^{(1)}_{2} z^{(1)}_{2} a^{(1)}_{2} "
            "w^{(2)}_{2} b^{(2)} z^{(2)} a^{(2)} y L",
        ),
        (
            "CSC311",
            "a^{(0)}_{2} W^{(1)}_{21} b^{(1)}_{2} z^{(1)}_{2} a^{(1)}_{2} "
            "w^{(2)}_{2} b^{(2)} z^{(2)} a^{(2)} t C",
        ),
        (
            "CSE463",
            "f_{0,2} A_{0,21} b_{0,2} Z_{1,2} f_{1,2} A_{1,12} b_{1,1} Z_{2,1} f_{2,1} Y_{1} E",
        ),
    ],
)
def test_labels_of_the_small_network(notation, labels):
    keys = [
        ("x", 1),
        ("W", 0, 0, 1),
        ("b", 0, 1),
        ("z_in", 0, 1),
        ("z_out", 0, 1),
        ("W", 1, 1, 0),
        ("b", 1, 0),
        ("z_in", 1, 0),
        ("z_out", 1, 0),
        ("y", 0),
        ("loss",),
    ]
    style = bl.NOTATIONS[notation]
    assert [style.label(key, (2, 2, 1)) for key in keys] == labels.split()
    slope = style.label(("dW", 0, 0, 1), (2, 2, 1))
    assert slope == rf"\frac{{\partial {labels.split()[-1]}}}{{\partial {labels.split()[1]}}}"


def every_key(widths):
    net = bl.Network.mlp(widths)
    f = bl.forward(net, np.ones(widths[0]))
    g = bl.backward(net, f, np.ones(widths[-1]))
    return [*bl.quantities(g), ("learning_rate",)]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_labels_are_distinct(notation, widths):
    style = bl.NOTATIONS[notation]
    keys = every_key(widths)
    assert len({style.label(key, widths) for key in keys}) == len(keys)
    assert len({style.plain(key, widths) for key in keys}) == len(keys)
    for key in keys:
        label = style.label(key, widths)
        assert label.count("{") == label.count("}")
        assert style.symbol(key, widths).name == label


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_every_plain_name_is_read_back(notation, widths):
    style = bl.NOTATIONS[notation]
    keys = parameters(widths)
    assert len(keys) == bl.Network.mlp(widths).size
    for key in keys if len(keys) < 100 else keys[::9]:
        assert not re.search(r"[{}\\]", style.plain(key, widths))
        assert parameter(style.plain(key, widths), widths, notation) == key
        assert parameter(key, widths, notation) == key


def test_wide_networks_part_the_indices():
    style = bl.NOTATIONS["LMU"]
    first, second = (style.plain(("W", 0, *ij), (12, 12, 1)) for ij in ((0, 10), (10, 0)))
    assert (first, second) == ("W_1,11", "W_11,1")


@pytest.mark.parametrize("weight", [("W", 0, 0.0, 1), ("W", np.int64(0), 0, np.int64(1))])
def test_keys_come_back_in_one_form(weight):
    key = parameter(weight, (2, 2, 1))
    assert key == ("W", 0, 0, 1)
    assert [type(part) for part in key] == [str, int, int, int]


@pytest.mark.parametrize(
    "weight",
    [
        "W_31",
        "w_11",
        "W_{11}",
        "W^(1)_11",
        "",
        "x_1",
        "L",
        ("W", 0, 2, 0),
        ("W", 0, -1, 0),
        ("W", 2, 0, 0),
        ("W", 0, 0),
        ("b", 0, 0, 0),
        ("x", 0),
        (),
        ("W", np.arange(2), 0, 0),
        ("W", 0, 0.5, 0),
    ],
    ids=repr,
)
def test_unknown_weights(weight):
    with pytest.raises(ValueError, match=r"^weight: got "):
        parameter(weight, (2, 2, 1))


@pytest.mark.parametrize("weight", [None, 3, ["W", 0, 0, 0], sp.Symbol("W_11"), b"W_11"], ids=repr)
def test_weights_that_are_no_names(weight):
    with pytest.raises(TypeError, match=r"^weight: got "):
        parameter(weight, (2, 2, 1))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: parameter("W_11", (2, 2, 1), "lmu"), "notation"),
        (lambda: parameter("W_11", (2, 2, 1), None), "notation"),
        (lambda: bl.symbolic([2, 2, 1], "TeX"), "notation"),
        (lambda: bl.symbolic([2, 2, 1], 1), "notation"),
        (lambda: bl.symbolic([2]), "widths"),
        (lambda: bl.symbolic([2, 0]), r"widths\[1\]"),
        (lambda: bl.symbolic([2, 1], activation="step"), "activation"),
        (lambda: bl.symbolic([2, 1], output="step"), "output"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises((ValueError, TypeError), match=rf"^{argument}: "):
        call()


# --- one network in each lecture's convention ----------------------------------------------------

# A weight's plain name from layer m (from 1), its input i and its unit j (from 1): each lecture's
# rule, written down a second time.
RULES = {
    "LMU": (lambda m, i, j: f"W^({m})_{i}{j}", lambda m, j: f"b^({m})_{j}"),
    "CH8": (lambda m, i, j: f"w^({m})_{i}{j}", lambda m, j: f"b^({m})_{j}"),
    "CSC311": (lambda m, i, j: f"W^({m})_{j}{i}", lambda m, j: f"b^({m})_{j}"),
    "CSE463": (lambda m, i, j: f"A_{m - 1},{j}{i}", lambda m, j: f"b_{m - 1},{j}"),
}


def test_every_notation_has_its_rule():
    assert RULES.keys() == bl.NOTATIONS.keys()


@pytest.mark.parametrize("notation", RULES)
def test_each_convention_gives_the_same_numbers(notation):
    widths = (3, 4, 2)
    net = bl.Network.mlp(widths, seed=4)
    x, y = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0])
    f = bl.forward(net, x)
    g = bl.backward(net, f, y)
    q, style = bl.quantities(g), bl.NOTATIONS[notation]
    named = {style.plain(key, widths): q[key] for key in parameters(widths)}
    weight, bias = RULES[notation]
    W1, W2 = (
        np.array(
            [
                [named[weight(m, i + 1, j + 1)] for i in range(widths[m - 1])]
                for j in range(widths[m])
            ]
        )
        for m in (1, 2)
    )  # rows are units, as CSC311 and CSE463 write them
    b1, b2 = (np.array([named[bias(m, j + 1)] for j in range(widths[m])]) for m in (1, 2))
    hidden = np.tanh(W1 @ x + b1)
    output = 1 / (1 + np.exp(-(W2 @ hidden + b2)))
    np.testing.assert_allclose(f.output, output, rtol=1e-14)
    signal = (output - y) * output * (1 - output)
    slopes = {2: np.outer(signal, hidden)}
    slopes[1] = np.outer((W2.T @ signal) * (1 - hidden**2), x)
    for m, (n, units) in enumerate(itertools.pairwise(widths), start=1):
        for i, j in np.ndindex(n, units):
            chain = bl.chain(g, weight(m, i + 1, j + 1), notation)
            assert chain.value == pytest.approx(slopes[m][j, i], rel=1e-13)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_symbolic_passes_agree_in_every_notation(notation):
    lecture = bl.lectures.xor()
    net = bl.symbolic([2, 2, 1], notation)
    assert net.notation == notation
    f = bl.forward(net, net.x)
    g = bl.backward(net, f, net.y)
    expected = bl.quantities(lecture.run())
    style = bl.NOTATIONS[notation]
    given = [*parameters((2, 2, 1)), ("x", 0), ("x", 1), ("y", 0)]
    values = {style.symbol(key, (2, 2, 1)): sp.Float(float(expected[key])) for key in given}
    for key, formula in bl.quantities(g).items():
        assert float(formula.xreplace(values).evalf()) == pytest.approx(
            expected[key], rel=1e-12, abs=1e-16
        )


# --- the pass on symbols -------------------------------------------------------------------------


def loss_formula(loss, output, z, y):
    """The loss written out from the textbook, over all outputs and examples."""
    if loss == "half_squared_error":
        return sum((t - a) ** 2 for a, t in zip(output.flat, y.flat, strict=True)) / 2
    if loss == "squared_error":
        return sum((t - a) ** 2 for a, t in zip(output.flat, y.flat, strict=True))
    if loss == "binary_cross_entropy":
        return -sum(
            t * sp.log(a) + (1 - t) * sp.log(1 - a)
            for a, t in zip(output.flat, y.flat, strict=True)
        )
    rows = zip(z.reshape(-1, z.shape[-1]), y.reshape(-1, y.shape[-1]), strict=True)
    return sum(sp.log(sum(map(sp.exp, zs))) - np.dot(ts, zs) for zs, ts in rows)


def check_against_diff(net, x, y, loss, reduction="mean", bound=1e-20):
    """backward on symbols == sympy.diff of the written-out loss, at a random point."""
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss, reduction)
    divisor = len(f.x) if f.x.ndim == 2 and reduction == "mean" else 1
    formula = elementary(
        loss_formula(loss, f.output, f.z_in[-1], np.asarray(y, dtype=object)) / divisor
    )
    rng = np.random.default_rng(0)
    free = sorted(formula.free_symbols, key=str)
    values = {symbol: sp.Float(float(rng.uniform(0.1, 0.9)), 30) for symbol in free}
    assert abs((g.loss - formula).xreplace(values).evalf(30)) < bound
    pairs = [(np.asarray(f.x), g.dx)]
    for layer, dW, db in zip(net.layers, g.dW, g.db, strict=True):
        pairs += [(layer.W, dW), (layer.b, db)]
    checked = 0
    for variables, slopes in pairs:
        assert variables.shape == slopes.shape
        for variable, slope in zip(variables.flat, slopes.flat, strict=True):
            if isinstance(variable, sp.Symbol):
                checked += 1
                by_sympy = sp.diff(formula, variable).xreplace(values).evalf(25)
                assert abs(slope.xreplace(values).evalf(25) - by_sympy) < bound
    return checked


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", [(2, 2, 1), (1, 2, 2), (1, 1, 1, 1)], ids=str)
def test_symbolic_backward_is_sympys_derivative(notation, widths):
    net = bl.symbolic(widths, notation)
    n = bl.Network.mlp(widths).size + widths[0]
    assert check_against_diff(net, net.x, net.y, "half_squared_error") == n


@pytest.mark.parametrize("loss", LOSSES)
def test_symbolic_backward_for_every_loss(loss):
    output = LOSSES[loss].output or "tanh"
    net = bl.symbolic([2, 1, 2], activation="softplus", output=output)
    y = targets(np.random.default_rng(0), loss, (2,)) if LOSSES[loss].fused else net.y
    check_against_diff(net, net.x, y, loss)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_batches_of_symbols(reduction):
    net = bl.symbolic([2, 2, 1])
    x = np.array(sp.symbols("p:3q:2", real=True), dtype=object).reshape(3, 2)
    y = np.array(sp.symbols("t:3", real=True), dtype=object).reshape(3, 1)
    assert check_against_diff(net, x, y, "half_squared_error", reduction) == 9 + 6


def test_symbolic_input_of_a_numeric_network():
    lecture = bl.lectures.xor()
    x = np.array(sp.symbols("p q", real=True), dtype=object)
    bound = 1e-15  # the network's own numbers have no more digits
    assert check_against_diff(lecture.network, x, lecture.y, lecture.loss, bound=bound) == 2
    f = bl.forward(lecture.network, x)
    point = dict(zip(x, lecture.x, strict=True))
    assert float(f.output[0].subs(point).evalf()) == pytest.approx(
        lecture.run().forward.output[0], rel=1e-14
    )


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", [(2, 2, 1), (1, 1), (2, 3, 2), (12, 11, 1)], ids=str)
def test_symbols_by_name(notation, widths):
    """The network's own symbols, by the plain name and by the one that they print as."""
    net, style = bl.symbolic(widths, notation), bl.NOTATIONS[notation]
    arrays = [net.x, net.y, *(a for layer in net.layers for a in (layer.W, layer.b))]
    own = {symbol for array in arrays for symbol in array.flat}
    assert set(net.symbols.values()) == own
    assert len(net.symbols) == len(own) == sum(array.size for array in arrays)
    for key in parameters(widths):
        symbol = style.symbol(key, widths)
        assert net.symbols[style.plain(key, widths)] is net.symbols[str(symbol)] is symbol


def test_symbols_are_found_in_a_formula():
    net = bl.symbolic([2, 2, 1])
    g = bl.backward(net, bl.forward(net, net.x), net.y)
    w = net.symbols["W_{11}"]
    assert sp.simplify(sp.diff(g.loss, w) - g.dW[0][0, 0]) == 0
    assert g.loss.subs(w, 2) != g.loss
    assert set(g.loss.free_symbols) == set(net.symbols.values())


@pytest.mark.parametrize("name", ["W_31", "w_11", "W_{13}", "", None, 3, sp.Symbol("W_{11}")])
def test_unknown_symbols(name):
    with pytest.raises(KeyError, match=r"symbols: got .*; expected one of x_1, x_2, y, W_11, "):
        bl.symbolic([2, 2, 1]).symbols[name]


def test_softmax_slope_is_the_derivative_of_its_loss():
    net = bl.symbolic([2, 3], output="identity")
    g = bl.backward(net, bl.forward(net, net.x), net.y, "softmax_cross_entropy")
    rng = np.random.default_rng(0)
    values = {symbol: sp.Float(rng.normal(), 30) for symbol in net.symbols.values()}
    for w, slope in zip(net.layers[0].W.flat, g.dW[0].flat, strict=True):
        difference = (sp.diff(g.loss, w) - slope).xreplace(values)
        assert abs(difference.evalf(25)) < 1e-20


def test_a_symbolic_step():
    net = bl.symbolic([1, 1])
    g = bl.backward(net, bl.forward(net, net.x), net.y)
    alpha = sp.Symbol("alpha", positive=True)
    new = bl.step(net, g, alpha)
    assert sp.expand(new.layers[0].b[0] - net.layers[0].b[0] + alpha * g.db[0][0]) == 0


# --- LaTeX and numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.75528, "0.7553"),
        (-0.0452295, "-0.0452"),
        (1.0, "1"),
        (0.5, "0.5"),
        (100.0, "100"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.00002, r"2.0 \cdot 10^{-5}"),
        (-1.25e-30, r"-1.3 \cdot 10^{-30}"),
        (9.96e-6, r"1.0 \cdot 10^{-5}"),
        (-0.22 - 0.5 * (-0.0171), "-0.2115"),  # a tie in decimals, not in binary numbers
        (0.1 + 0.2, "0.3"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (sp.Rational(1, 4), "0.25"),
        (sp.Symbol("u_{1}"), "u_{1}"),
    ],
)
def test_number(value, text):
    assert number(value) == text
    wrapped = number(value, wrap=True)
    assert wrapped == (f"({text})" if text.startswith("-") or "10^" in text else text)


def test_latex_in_the_lectures_order():
    y, f = sp.symbols("y f_{out}", real=True)
    assert latex(y - f) == "y - f_{out}"
    assert latex(f - y) == "f_{out} - y"
    assert latex(y * f, {y: 2.0, f: -0.5}) in (r"2 \cdot (-0.5)", r"(-0.5) \cdot 2")


def test_number_has_four_digits_or_as_many_as_are_asked_for():
    assert number(2 / 3) == number(2 / 3, 4) == "0.6667"
    assert [number(2 / 3, digits) for digits in (0, 1, 7)] == ["1", "0.7", "0.6666667"]
    assert [number(0.004, digits) for digits in (2, 3)] == [r"4.0 \cdot 10^{-3}", "0.004"]
    assert number(-0.004, 2, wrap=True) == r"(-4.0 \cdot 10^{-3})"


def test_more_digits_only_where_there_are_more():
    assert [number(0.5, more=k) for k in (0, 3)] == ["0.5", "0.5"]
    assert [number(1 / 3, more=k) for k in (0, 1)] == ["0.3333", "0.33333"]
    assert [number(2 / 3e5, more=k) for k in (0, 1)] == [
        r"6.7 \cdot 10^{-6}",
        r"6.67 \cdot 10^{-6}",
    ]
    for more in (0, 2):
        for value in (1 / 3, -2.0, 0.0, 2 / 3e5, 123456.7891234):
            text = number(value, more=more).replace(r" \cdot 10^{-6}", "e-6")
            assert Decimal(text) == as_shown(value, more=more)


KINDS = ("W", "b", "z_in", "z_out", "delta", "dW", "db")


@pytest.mark.parametrize("widths", [(1, 1), (2, 2, 1), (3, 4, 3, 1), (2, 3, 2)])
def test_a_whole_array_has_the_letters_of_its_units(widths):
    label = bl.NOTATIONS["CSC311"].label
    wide = [10] * len(widths)  # roles and commas of a single unit do not matter
    for array in [("x",), ("y",), *((k, m) for k in KINDS for m in range(len(widths) - 1))]:
        units = (0, 0) if array[0] in ("W", "dW") else (0,)
        unit = label((*array, *units), wide)
        assert label(array, widths) == re.sub(r"_\{[\d,]+\}", "", unit)
    assert label(("loss",), widths) == "C"
    with pytest.raises(ValueError, match=r"key: got \('W', 0\), a whole array; LMU"):
        bl.NOTATIONS["LMU"].label(("W", 0), widths)


def test_no_label_of_a_new_parameter_has_two_exponents():
    """LaTeX and MathJax refuse w^{(1)}_{11}^{new}."""
    assert stepped("W_{11}") == "W_{11}^{new}"
    assert stepped("w^{(1)}_{11}") == "{w^{(1)}_{11}}^{new}"
    g = bl.lectures.csc311().run()
    for name in bl.NOTATIONS:
        line = bl.chain(g, ("W", 0, 0, 0), name).update(0.5)
        assert not re.search(r"\^(\w|\{[^{}]*\})(_(\w|\{[^{}]*\}))?\^", line.latex)
