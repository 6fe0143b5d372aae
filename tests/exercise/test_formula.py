"""Typed formulas: against SymPy, and against texts that are none."""

import builtins
import itertools
import time
from functools import cache

import numpy as np
import pytest
import sympy as sp

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.keys import Key, parameters
from backprop_lab.exercise import formula
from backprop_lab.exercise.formula import parse, parsed, points, same, value
from backprop_lab.formulas.notation import NOTATIONS
from tests import typed_formulas
from tests.typed_formulas import BY_NUMPY, NAMES, SYMBOLS

AT = points(NAMES)


def number(text, **at):
    return float(value(parse(text, list(at)), {k: np.array([v]) for k, v in at.items()})[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+2*3", 7), ("2*3+1", 7), ("8/4/2", 1), ("8-4-2", 2), ("2^3^2", 512), ("-2^2", -4),
        ("(-2)^2", 4), ("2^-1", 0.5), ("2^-1*4", 2), ("2*-3", -6), ("1--1", 2), ("+3", 3),
        ("−3·2", -6), ("3²", 9), ("2¹⁰", 1024), ("-3²", -9), ("½(3-1)²", 2), ("2(3)(4)", 24),
        ("0,5*4", 2), (".5*4", 2), ("1e-2", 0.01), ("2×3÷4", 1.5), ("[2+1](3)", 9), ("2**3", 8),
        ("e^0", 1), ("ln(e)", 1), ("π", np.pi), ("sqrt(16)", 4), ("σ(0)", 0.5), ("σ'(0)", 0.25),
        ("sigmoid′(0)", 0.25), ("tanh’(0)", 1), ("ReLU(-2)", 0), ("leaky_relu'(-1)", 0.01),
        ("2 exp(0)", 2), ("exp(0)2¹", None), ("(1)2", None), ("6/2(3)", None), ("2^3(2)", None),
    ],
)  # fmt: skip
def test_values(text, expected):
    if expected is None:
        with pytest.raises(ValueError, match="place"):
            parse(text, [])
    else:
        assert number(text) == pytest.approx(expected, rel=1e-12)


def test_names():
    """In any spelling; the exact one first, then small and capital letters where only one fits."""
    at = {"w11": 2.0, "W_12": 3.0, "δ": 5.0, "z_1,in": 7.0, "y": 11.0, "E": 13.0, "ŷ": 17.0}
    for text, expected in {
        "w11": 2, "w_11": 2, "w_{11}": 2, "w₁₁": 2, "W11": 2, "W_12": 3, "w12": 3, "W_{12}": 3,
        "δ": 5, "delta": 5, "\\delta": 5, "z_1,in": 7, "2z_1,in": 14, "Y": 11, "δ y": 55,
        "y(1-y)": -110, "e": 13, "ŷ": 17, "δ²y": 275, "w11w12": None, "delta2": None, "x": None,
    }.items():  # fmt: skip
        if expected is None:
            with pytest.raises(ValueError, match="is no name here; expected one of w11, W_12, δ"):
                parse(text, list(at))
        else:
            assert number(text, **at) == expected, text
    assert number("w+W", w=1.0, W=2.0) == 3.0
    with pytest.raises(ValueError, match="“V1” is no name"):
        parse("V1", ["v_1", "v1"])


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_name_of_a_notation_is_itself(notation):
    for widths in itertools.product((1, 2, 3), repeat=3):
        keys = [Key("x", i) for i in range(widths[0])] + parameters(widths)
        for layer, kind in itertools.product((0, 1), ("z_in", "z_out", "delta")):
            keys += [Key(kind, layer, j) for j in range(widths[layer + 1])]
        names = [NOTATIONS[notation].plain(key, widths) for key in keys]
        assert len({*map(formula.spelled, names)}) == len({*names})
        for name in names:
            assert parse(f"2·{name}", names).parts[1] == ("name", name, [])
            assert parse(f"{name}²", names).parts[0] == ("name", name, [])


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "the formula ends at place 1; expected a number, a name or an opening bracket"),
        ("2*(y+", "the formula ends at place 6; expected a number, a name or an opening bracket"),
        ("(y", "place 1: “(” is open; expected its closing bracket"),
        ("σ(y", "place 2: “(” is open; expected its closing bracket"),
        ("y)", "place 2: “)” closes no open bracket"),
        ("(y]", "place 3: “]” closes no open bracket"),
        ("y*/2", "place 3, “/”: expected a number, a name or an opening bracket"),
        ("()", "place 2, “)”: expected a number, a name or an opening bracket"),
        ("y 2", "place 3, “2”: expected a sign such as + or ·"),
        ("tanh y", "place 6, “y”: expected brackets after tanh, as in tanh(z)"),
        ("σ", "the formula ends at place 2; expected brackets after σ, as in σ(z)"),
        ("1/2y", "place 2: “/2y” can be read in two ways; write brackets, or ·"),
        ("y^2y", "place 2: “^2y” can be read in two ways; write brackets, or ·"),
        ("1,234", "place 1: “1,234” can be read in two ways; write 1.234 or 1234"),
        ("9e999", "place 1: “9e999” is not a finite number; write it like -0.2447"),
        ("q", "place 1: “q” is no name here; expected one of y, or a function such as σ"),
        ("y & y", "place 3: “&” has no meaning in a formula"),
        ("𝒚", "place 1: “𝒚” has no meaning in a formula"),
        ("😀y?", "place 1: “😀” has no meaning in a formula"),
        ("y😀?", "place 2: “😀” has no meaning in a formula"),
        ("y" * 401, "the formula has 401 characters; expected at most 400"),
        ("(" * 50, "place 42: too many open brackets and signs; at most 40"),
    ],
)  # fmt: skip
def test_refusals_name_the_place_and_what_is_expected(text, refusal):
    assert parsed(text, ["y"]) == (None, refusal)
    with pytest.raises(ValueError, match="text: "):
        parse(text, ["y"])


def test_what_is_no_text():
    with pytest.raises(TypeError, match="text: got 3; expected a formula as text"):
        parse(3, [])


# --- against SymPy --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn():
    """A thousand formulas: texts and SymPy's expressions."""
    return typed_formulas.formulas(15, 1000)


@cache
def by_sympy(expression):
    found = sp.lambdify(SYMBOLS, expression, [BY_NUMPY, "numpy"])
    with np.errstate(all="ignore"):
        values = found(*(AT[name] + 0j for name in NAMES))
    values = np.asarray(values, dtype=complex) + np.zeros(formula.POINTS)
    return np.where(values.imag == 0, values.real, np.nan)


def near(a, b):
    with np.errstate(all="ignore"):
        known = np.isfinite(a) & np.isfinite(b) & (abs(b) < 1e100)
        return known, abs(a - b) <= 1e-8 * (abs(b) + 1e-4)


def test_a_thousand_formulas_have_sympy_s_values(drawn):
    compared = 0
    for text, expression in drawn:
        if expression.has(sp.zoo, sp.nan, sp.oo):
            continue
        known, close = near(value(parse(text, NAMES), AT), by_sympy(expression))
        assert close[known].all(), text
        compared += known.any()
    assert compared > 900


def test_same_says_what_sympy_says(drawn):
    """A formula is the same as SymPy's form of it, and as no other formula of other values."""
    trees = [(parse(text, NAMES), expression) for text, expression in drawn]
    told = 0
    for (one, x), (other, y) in itertools.pairwise(trees):
        if x.has(sp.zoo, sp.nan) or y.has(sp.zoo, sp.nan):
            continue
        a = by_sympy(x)
        if not np.isfinite([a, value(one, AT) + np.zeros(formula.POINTS)]).all():
            continue
        assert same(one, one, AT)
        known, close = near(a, by_sympy(y))
        assert same(one, other, AT) is bool(close[known].all() and known.all())
        told += 1
    assert told > 400


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("δ w11 + δ w_12", "(w11 + W12)·delta", True), ("σ'(y)", "σ(y)(1 − σ(y))", True),
        ("tanh'(y)", "1 - tanh(y)²", True), ("relu(y)", "(y + sqrt(y²))/2", True),
        ("½(y-a1)²", "(a1-y)^2/2", True), ("(y-a1)²", "(a1-y)^2/2", False), ("y", "-y", False),
        ("log(y)", "log(a1)", False), ("log(y)", "ln(y²)/2", False), ("σ(y)", "tanh(y)", False),
        ("log(-y²)", "log(-a1²)", False), ("1/3", "0.3333333333333333", True), ("1/3", ".3", False),
        ("y/y", "1", True), ("exp(y)", "e^y", True), ("relu'(y)", "relu(y)/y", True),
        ("1e300^2", "y", False), ("1e300^2", "1e300^3", False),
    ],
)  # fmt: skip
def test_same(one, other, expected):
    trees = [parse(text, NAMES) for text in (one, other)]
    assert same(*trees, AT) is expected
    assert same(*reversed(trees), AT) is expected


def test_what_a_name_stands_for_can_be_given():
    """a1 is σ(y): then a1(1 - a1) is its slope."""
    slope, product = parse("σ'(y)", NAMES), parse("a1(1 - a1)", NAMES)
    assert not same(slope, product, AT)
    assert same(slope, product, AT | {"a1": value(parse("σ(y)", NAMES), AT)})


def test_the_points_are_fixed():
    for name, values in AT.items():
        assert values.tolist() == points(NAMES)[name].tolist()
        assert np.all((values[:8] > 0) & (values[:8] < 1))
        assert np.all(abs(values) <= 2)
        assert values.min() < -1
    assert len({values[0] for values in AT.values()}) == len(NAMES)


# --- against texts that are none ------------------------------------------------------------------


SLOWEST = 0.05
"""Seconds for the parser and one evaluation."""


def test_ten_thousand_hostile_texts(monkeypatch, drawn):
    """Nothing is run, none takes long, each refusal says where and what."""
    rng = np.random.default_rng(8)
    right = [text for text, _ in drawn]
    texts = typed_formulas.HOSTILE + [typed_formulas.hostile(rng, right) for _ in range(10_000)]
    names, read = list(NAMES), 0
    for activation in ACTIVATIONS.values():  # compiled by SymPy at its first use
        activation(AT["y"]), activation.slope(AT["y"])

    def seconds(text):
        start = time.process_time()
        tree, refusal = parsed(text, names)
        if tree is not None:
            value(tree, AT)
        assert (tree is None) is bool(refusal)
        assert not refusal or refusal.startswith(("place ", "the formula "))
        return time.process_time() - start, tree is not None

    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "compile"):
            patch.setattr(builtins, name, None)
        for text in texts:
            took, is_formula = seconds(text)
            read += is_formula
            if took >= SLOWEST:  # once more: a pause of the garbage collector is not the parser's
                took, _ = seconds(text)
            assert took < SLOWEST, text
    assert 100 < read < 5000
