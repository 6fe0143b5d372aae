"""The chain rule written out: products of factors, their formulas, values and places."""

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.keys import parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.formulas import factors
from tests.formulas.test_notation import elementary
from tests.random_networks import BOUND, draw, error

NOTATIONS = list(bl.NOTATIONS)


def evaluate(formula, numbers):
    """The formula with its numbers in it, by mpmath."""
    exact = {symbol: sp.Float(float(value), 30) for symbol, value in numbers.items()}
    return float(formula.xreplace(exact).evalf(30))


def run(lecture):
    g = lecture.run()
    return lecture.network, g.forward, g


XOR = run(bl.lectures.xor())


# --- random networks -----------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(4))
def test_paths_add_up_to_the_gradient(block):
    for seed in range(12 * block, 12 * block + 12):
        case = draw(seed, depth=4, width=3, single=True)
        _, g = case.run
        dW, db = [np.empty_like(d) for d in g.dW], [np.empty_like(d) for d in g.db]
        for kind, layer, *index in parameters(case.net.widths):
            chain = bl.chain(g, (kind, layer, *index), NOTATIONS[seed % 4])
            (dW if kind == "W" else db)[layer][tuple(index)] = chain.value
            units = case.net.widths[layer + 2 :]
            assert len(chain.paths) == np.prod(units, dtype=int)
            products = [np.prod([t.value for t in path.factors]) for path in chain.paths]
            assert error(chain.value, sum(products)) <= 1e-12
        for got, expected in (*zip(dW, g.dW, strict=True), *zip(db, g.db, strict=True)):
            assert error(got, expected) <= BOUND


@pytest.mark.parametrize("seed", range(24))
def test_formulas_values_and_places(seed):
    """Each factor is SymPy's derivative of a line of the forward pass, and so is its value."""
    case = draw(1000 + seed, depth=3, width=3, single=True)
    _, g = case.run
    notation = NOTATIONS[seed % 4]
    style, widths = bl.NOTATIONS[notation], case.net.widths
    quantities = bl.quantities(g)
    known = {style.symbol(key, widths): value for key, value in quantities.items()}
    lines = bl.trace(g, notation)
    assert [line.place[0] for line in lines][-1] == "loss"
    of = {}
    for line in lines:
        assert line.value == quantities[line.place]
        assert line.name == style.label(line.place, widths)
        assert line.numbers == {s: known[s] for s in line.formula.free_symbols}
        assert error(line.value, evaluate(line.formula, line.numbers)) <= BOUND
        for symbol in line.formula.free_symbols:
            of[partial(line.name, symbol.name)] = (
                sp.diff(elementary(line.formula), symbol),
                line.numbers,
            )
    seen = set()
    for key in parameters(widths)[:: 1 + case.net.size // 12]:
        for path in bl.chain(g, key, notation).paths:
            for factor in path.factors:
                if factor.name in seen:
                    continue
                seen.add(factor.name)
                assert factor.place in quantities
                assert factor.numbers == {s: known[s] for s in factor.line.free_symbols}
                assert error(factor.value, evaluate(factor.formula, factor.numbers)) <= BOUND
                by_sympy, numbers = of[factor.name]
                assert error(factor.value, evaluate(by_sympy, numbers)) <= BOUND
                middle = factor.key.index("by")
                above, below = factor.key[:middle], factor.key[middle + 1 :]
                assert {above, below} <= set(quantities)
                assert factor.name == partial(*(style.label(k, widths) for k in (above, below)))
    assert seen


def test_nudged_factors():
    net, f, g = XOR
    for key in parameters(net.widths):
        for factor in bl.chain(g, key).factors:
            assert factor.nudged(1e-4) == pytest.approx(factor.value, abs=1e-8)
            h = sp.Symbol("h")
            formula = factor.nudge(h)
            assert formula.free_symbols <= {h}
            assert float(formula.subs(h, 0.5).evalf()) == pytest.approx(factor.nudged(0.5))
    with pytest.raises(ValueError, match=r"^nudge: z_\{1,in\} is a quantity"):
        bl.trace(f)[0].nudged(1e-4)


def test_formula_of_a_path_is_the_product():
    _, _, g = XOR
    for path in bl.chain(g, "W_11").paths:
        numbers = {s: v for factor in path.factors for s, v in factor.numbers.items()}
        assert evaluate(path.formula, numbers) == pytest.approx(path.value, rel=1e-13)


# --- the lecture's two chains --------------------------------------------------------------------


def names(weight, lecture=XOR, notation="LMU"):
    return [factor.name for factor in bl.chain(lecture[2], weight, notation).factors]


def partial(of, by):
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def test_u_1_has_three_factors_in_the_lectures_order():
    assert names("u_1") == [
        partial("L", "f_{out}"),
        partial("f_{out}", "f_{in}"),
        partial("f_{in}", "u_{1}"),
    ]
    chain = bl.chain(XOR[2], "u_1")
    assert chain.key == ("W", 1, 0, 0)
    assert chain.name == partial("L", "u_{1}")
    assert [factor.place for factor in chain.factors] == [
        ("loss",),
        ("z_out", 1, 0),
        ("W", 1, 0, 0),
    ]
    assert chain.latex == (
        partial("L", "u_{1}")
        + " = "
        + r" \cdot ".join(names("u_1"))
        + r" = (-0.2447) \cdot 0.1848 \cdot 0.3705 = -0.0168"
    )


def test_W_11_has_five_factors_in_the_lectures_order():
    assert names("W_11") == [
        partial("L", "f_{out}"),
        partial("f_{out}", "f_{in}"),
        partial("f_{in}", "z_{1,out}"),
        partial("z_{1,out}", "z_{1,in}"),
        partial("z_{1,in}", "W_{11}"),
    ]
    assert [factor.place for factor in bl.chain(XOR[2], "W_11").factors] == [
        ("loss",),
        ("z_out", 1, 0),
        ("W", 1, 0, 0),
        ("z_out", 0, 0),
        ("W", 0, 0, 0),
    ]
    values = [factor.value for factor in bl.chain(XOR[2], "W_11").factors]
    assert values == pytest.approx([-0.244712, 0.184828, -0.22, 0.233234, 1.0], abs=5e-7)


def test_biases_end_in_one():
    for weight in ("b_1", "c"):
        last = bl.chain(XOR[2], weight).factors[-1]
        assert last.value == 1
        assert last.formula == 1


def test_a_key_and_every_notation_give_the_same_chain():
    by_key = bl.chain(XOR[2], ("W", 0, 0, 1))
    for notation, name in (
        ("LMU", "W_12"),
        ("CH8", "w^(1)_12"),
        ("CSC311", "W^(1)_21"),
        ("CSE463", "A_0,21"),
    ):
        chain = bl.chain(XOR[2], name, notation)
        assert chain.key == by_key.key
        assert chain.value == by_key.value
        assert len(chain.factors) == 5


def test_trace_of_the_lecture():
    _, f, g = XOR
    lines = bl.trace(f)
    assert [line.name for line in lines] == [
        *("z_{1,in}", "z_{2,in}", "z_{1,out}", "z_{2,out}", "f_{in}", "f_{out}")
    ]
    assert lines[0].latex == (
        r"z_{1,in} = W_{11} x_{1} + W_{21} x_{2} + b_{1} = "
        r"(-0.07) \cdot 1 + 0.22 \cdot 0 + (-0.46) = -0.53"
    )
    assert [line.name for line in bl.trace(g)] == [line.name for line in lines] + ["L"]


def test_shown_as_latex():
    _, f, g = XOR
    for shown in (bl.trace(g), bl.chain(g, "W_11"), bl.trace(f)[0]):
        text = shown._repr_latex_()
        assert text.startswith(r"$\displaystyle ")
        assert text.endswith("$")
        assert text.count("{") == text.count("}")


def test_no_parentheses_twice_around_a_negative_number():
    net = bl.Network([bl.Layer([[-0.5]], [0.1], "sigmoid")])
    f = bl.forward(net, [1.0])
    g = bl.backward(net, f, [0.3], "binary_cross_entropy")
    assert bl.chain(g, "w").factors[0].latex.split(" = ")[2] == (
        r"\left(1 - 0.3\right) \cdot \sigma\left(-0.4\right)"
        r" - 0.3 \cdot \left(1 - \sigma\left(-0.4\right)\right)"
    )


# --- fused losses, several outputs, symbols ------------------------------------------------------


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "softmax_cross_entropy"])
def test_a_fused_loss_is_one_factor(loss):
    net = bl.Network.mlp([2, 3, 3], output=LOSSES[loss].output, seed=3)
    f = bl.forward(net, [0.5, -2.0])
    y = np.array([0.0, 1.0, 0.0])
    g = bl.backward(net, f, y, loss)
    chain = bl.chain(g, ("W", 1, 2, 0))
    first = chain.factors[0]
    assert len(chain.factors) == 2
    assert first.name == partial("L", "z^{(2)}_{1,in}")
    assert first.value == pytest.approx(g.delta[1][0], rel=1e-14)
    hidden = bl.chain(g, ("W", 0, 1, 2))
    assert len(hidden.paths) == 3
    assert all(len(path.factors) == 4 for path in hidden.paths)
    assert hidden.value == pytest.approx(g.dW[0][1, 2], rel=1e-13)
    with pytest.raises(ValueError, match=r"^factors: 3 paths lead from \('W', 0, 1, 2\)"):
        _ = hidden.factors


def test_chain_of_a_symbolic_network():
    net = bl.symbolic([2, 2, 1])
    f = bl.forward(net, net.x)
    g = bl.backward(net, f, net.y)
    rng = np.random.default_rng(0)
    free = sorted(g.loss.free_symbols, key=str)
    values = {symbol: sp.Float(rng.uniform(-1, 1), 30) for symbol in free}
    for key in parameters(net.widths):
        slope = sp.diff(elementary(g.loss), _symbol(key))
        chain = bl.chain(g, key)
        assert abs((chain.value - slope).xreplace(values).evalf(30)) < 1e-20
        assert chain.paths[0].factors[0].latex


def _symbol(key):
    return bl.NOTATIONS["LMU"].symbol(key, (2, 2, 1))


# --- what it refuses -----------------------------------------------------------------------------


def test_too_many_paths():
    net = bl.Network.mlp([1, 2, 101, 100, 1])
    f = bl.forward(net, [1.0])
    g = bl.backward(net, f, [1.0])
    assert factors.MOST_PATHS == 10_000
    with pytest.raises(ValueError, match=r"^weight: \('W', 0, 0, 0\) has 10100 paths to the loss"):
        bl.chain(g, ("W", 0, 0, 0))
    assert len(bl.chain(g, ("W", 2, 0, 0)).paths) == 1


LECTURE = bl.lectures.xor()
BATCH = bl.backward(XOR[0], bl.forward(XOR[0], LECTURE.X), LECTURE.Y)
BAD = {
    "g None": (lambda f, g: bl.chain(None, "u_1"), "g"),
    "g a forward pass": (lambda f, g: bl.chain(f, "u_1"), "g"),
    "g a network": (lambda f, g: bl.chain(f.network, "u_1"), "g"),
    "batch": (lambda f, g: bl.chain(BATCH, "u_1"), "g"),
    "weight unknown": (lambda f, g: bl.chain(g, "u_3"), "weight"),
    "weight of another notation": (lambda f, g: bl.chain(g, "u_1", "CH8"), "weight"),
    "weight None": (lambda f, g: bl.chain(g, None), "weight"),
    "weight out of range": (lambda f, g: bl.chain(g, ("W", 0, 2, 0)), "weight"),
    "notation": (lambda f, g: bl.chain(g, "u_1", "lmu"), "notation"),
    "notation None": (lambda f, g: bl.chain(g, "u_1", None), "notation"),
    "trace None": (lambda f, g: bl.trace(None), "run"),
    "trace network": (lambda f, g: bl.trace(f.network), "run"),
    "trace batch": (lambda f, g: bl.trace(BATCH), "run"),
    "trace notation": (lambda f, g: bl.trace(f, "lmu"), "notation"),
    "backtrace forward": (lambda f, g: bl.backtrace(f), "g"),
    "backtrace batch": (lambda f, g: bl.backtrace(BATCH), "g"),
    "backtrace notation": (lambda f, g: bl.backtrace(g, "lmu"), "notation"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, argument = BAD[name]
    with pytest.raises((ValueError, TypeError), match=f"^{argument}: "):
        call(*XOR[1:])


@pytest.mark.parametrize("shows", [bl.chain, bl.trace, bl.backtrace])
def test_the_notation_is_lmu_unless_another_is_named(shows):
    net = bl.lectures.xor().network
    f = bl.forward(net, [1.0, 0.5])
    arguments = bl.backward(net, f, [1.0]), *([("W", 0, 0, 0)] if shows is bl.chain else [])
    shown = [shows(*arguments, **named)._repr_latex_() for named in
             ({}, {"notation": "LMU"}, {"notation": "CSC311"})]  # fmt: skip
    assert shown[0] == shown[1] != shown[2]
