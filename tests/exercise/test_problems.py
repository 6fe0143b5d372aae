"""Generated problems: the numbers against SymPy and the complex step, each wrong way's feedback,
the solution's lines."""

import itertools
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.keys import Key
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.judge import Mistake, judged, verdicts
from backprop_lab.exercise.problems import (
    DIGITS,
    INPUTS,
    RATES,
    TOPICS,
    WIDTHS,
    numbers,
    problem,
)
from backprop_lab.formulas import check
from backprop_lab.formulas.notation import NOTATIONS

KINDS = list(itertools.product(TOPICS, WIDTHS))
SEEDS = range(56)
"""Times 18 kinds: 1,008 problems."""
PROBLEMS = [(topic, level, seed) for topic, level in KINDS for seed in SEEDS]
drawn = cache(numbers)


@cache
def of_sympy(widths, names, loss):
    """The last layer's outputs, and the gradient by every weight and bias, as a function of all
    numbers: weights and biases layer by layer, x, y. No pass: the formulas are written out."""
    sizes = [n * m + m for n, m in itertools.pairwise(widths)]
    symbols = sp.symbols(f"p0:{sum(sizes) + widths[0] + widths[-1]}")
    free, a = list(symbols), list(symbols[sum(sizes) : sum(sizes) + widths[0]])
    functions = {"sigmoid": lambda z: 1 / (1 + sp.exp(-z)), "tanh": sp.tanh}
    for (n, m), name in zip(itertools.pairwise(widths), names, strict=True):
        W, b = sp.Matrix(n, m, free[: n * m]), free[n * m : n * m + m]
        free = free[n * m + m :]
        a = [functions[name](sum(a[i] * W[i, j] for i in range(n)) + b[j]) for j in range(m)]
    y = free[widths[0] :]
    total = sum((one - target) ** 2 for one, target in zip(a, y, strict=True))
    value = total / 2 if loss == "half_squared_error" else total
    slopes = [sp.diff(value, symbol) for symbol in symbols[: sum(sizes)]]
    return sp.lambdify([symbols], [a, slopes], "numpy", cse=True)


def by_sympy(found):
    """What is asked for."""
    given = found.given
    widths = (given.X.shape[1], *(len(layer.b) for layer in given.layers))
    names = tuple(layer.activation for layer in given.layers)
    flat = [n for layer in given.layers for n in (*layer.W.ravel(), *layer.b)]
    function = of_sympy(widths, names, given.loss)
    runs = [function([*flat, *x, *y]) for x, y in zip(given.X, given.y, strict=True)]
    kind, layer, *place = given.key
    if kind == "z_out":
        return runs[0][0][place[0]]
    start = sum(n * m + m for n, m in itertools.pairwise(widths[: layer + 1]))
    n, m = widths[layer : layer + 2]
    if kind in ("delta", "db"):  # of one example both are the slope by the bias
        return runs[0][1][start + n * m + place[0]]
    slope = np.mean([slopes[start + place[0] * m + place[1]] for _, slopes in runs])
    return slope if kind == "dW" else given.layers[layer].W[tuple(place)] - given.rate * slope


def by_complex_step(found):
    given = found.given
    net = bl.Network([bl.Layer(*layer) for layer in given.layers])
    f = bl.forward(net, given.X)
    kind, layer, *place = given.key
    if kind == "z_out":
        return f.output[0, place[0]]
    dW, db = check.complex_step(bl.backward(net, f, given.y, given.loss))
    if kind in ("delta", "db"):
        return db[layer][place[0]]
    slope = dW[layer][tuple(place)]
    return slope if kind == "dW" else net.layers[layer].W[tuple(place)] - given.rate * slope


def test_a_thousand_answers_agree_with_sympy_and_numpy():
    assert len(PROBLEMS) >= 1000
    for topic, level, seed in PROBLEMS:
        found = drawn(seed, topic, level)
        assert found.expected == pytest.approx(by_sympy(found), rel=1e-9, abs=1e-12)
        assert found.expected == pytest.approx(by_complex_step(found), rel=1e-9, abs=1e-12)


def test_each_wrong_way_gets_its_own_feedback_and_no_other():
    for topic, level, seed in PROBLEMS:
        found = drawn(seed, topic, level)
        known = verdicts(found.expected, [Mistake(*way) for way in found.ways], None, DIGITS)

        def said(value, found=found, known=known):
            return judged(round(value, DIGITS), known, found.expected, DIGITS)

        assert said(found.expected) == (True, "Right.")
        assert said(-found.expected) == (False, "The size is right, the sign is not.")
        sentences = [sentence for _, sentence in found.ways]
        assert len({*sentences}) == len(sentences) >= 2
        for value, sentence in found.ways:
            assert said(value) == (False, sentence), (topic, level, seed)
            assert said(-value) == (False, f"{sentence} The sign is off as well.")
        assert sum(answer[1] for answer in known) == 1
        off = [abs(abs(value) - abs(found.expected)) for value, _ in found.ways]
        assert min(off) > 5 * 10**-DIGITS  # what rounding in between may lead to, is none of them


def test_every_slip_that_shows_at_a_level_is_met():
    """By the first sentence of what is said."""
    told = {kind: {way[1] for seed in SEEDS for way in drawn(seed, *kind).ways} for kind in KINDS}
    for level, least in {1: 6, 2: 14, 3: 16}.items():
        assert len(told["weight", level]) >= least
    assert any("rate is missing" in one for one in told["update", 1])
    for level in (2, 3):
        assert any("turned round" in one for one in told["output", level])
        assert any("Without b" in one for one in told["output", level])
    assert any("number of examples" in one for one in told["batch", 2])
    assert any("W transposed" in one for one in told["signal", 3])
    assert any("Only the first one" in one or "only the first one" in one
               for one in told["signal", 3])  # fmt: skip


def test_the_numbers_are_clean():
    for topic, level, seed in PROBLEMS:
        given = drawn(seed, topic, level).given
        for layer in given.layers:
            for array in (layer.W, layer.b):
                assert np.array_equal(array, array.round(1))
                assert np.all((abs(array) >= 0.1) & (abs(array) <= 0.9))
        assert np.isin(given.X, INPUTS).all()
        assert np.isin(given.y, (0, 1)).all()
        assert given.rate in RATES
        assert len(given.X) == (2 if topic == "batch" else 1)


def test_the_same_seed_gives_the_same_problem():
    one, again = problem(5, "weight", 2, "CH8"), problem(5, "weight", 2, "CH8")
    assert one.question == again.question
    assert one.expected == pytest.approx(again.expected, rel=1e-12)
    assert [m.sentence for m in one.mistakes] == [m.sentence for m in again.mistakes]
    values = [m.value for m in again.mistakes]
    assert [m.value for m in one.mistakes] == pytest.approx(values, rel=1e-11)
    for topic, level in KINDS:
        given = [drawn(seed, topic, level).given for seed in SEEDS]
        assert len({(str(one.layers), str(one.X)) for one in given}) == len(SEEDS)
        asked = {tuple(drawn(seed, topic, level).given.key) for seed in SEEDS}
        assert (topic, level) in [("output", 1), ("output", 2), ("signal", 1), ("bias", 1)] or len(
            asked
        ) > 1


def with_four_decimals(steps):
    """Each line from what was written down before; more digits of what would be 0."""
    results = []
    for group in steps:
        written = {f"g_{k}": value for k, value in enumerate(results, 1)}
        for line in group:
            values = {s: written.get(s.name, float(v)) for s, v in line.numbers.items()}
            exact = Decimal(repr(snap(float(line.formula.subs(values).evalf()))))
            short = exact.quantize(Decimal("1e-4"), ROUND_HALF_UP)
            written[line.name] = float(short or exact.quantize(Decimal("1e-6")))
        results.append(written[group[-1].name])
    return results[-1]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("topic", "level"), KINDS)
def test_the_solution_leads_to_the_answer_line_by_line(topic, level, notation):
    seed = 100 + list(NOTATIONS).index(notation)
    p = problem(seed, topic, level, notation)
    given, widths = p.given, WIDTHS[level]
    style = NOTATIONS[notation]
    keys = [Key("x", i) for i in range(2)]
    keys += [Key("y", j) for j in range(widths[-1])] if topic != "output" else []
    for i, (n, m) in enumerate(itertools.pairwise(widths)):
        keys += [Key("W", i, *at) for at in np.ndindex(n, m)] + [Key("b", i, j) for j in range(m)]
    labels = {style.label(key, widths) for key in keys} | {
        style.label(Key("learning_rate"), widths)
    }
    told = re.findall(r"\$([^$=]+?) = (-?[\d.]+)\$", p.question)
    assert {name for name, _ in told} <= labels
    assert len(told) == len(keys) * 1 + (topic == "update") + (topic == "batch") * (2 + widths[-1])
    for k, group in enumerate(p.steps):
        known = labels | {f"g_{i}" for i in (1, 2) if k == 2}
        for line in group:
            assert {symbol.name for symbol in line.formula.free_symbols} <= known
            value = sp.sympify(line.formula.xreplace(line.numbers)).evalf()
            assert float(value) == pytest.approx(line.value, rel=1e-12, abs=1e-15)
            known.add(line.name)
    assert p.steps[-1][-1].value == pytest.approx(p.expected, rel=1e-12)
    assert abs(p.by_hand - p.expected) < 4e-4
    assert p.by_hand == with_four_decimals(p.steps)
    for answer in (p.expected, p.by_hand):
        assert p.judge(round(answer, DIGITS))[0]
    assert not p.judge(p.mistakes[0].value)[0]
    assert len(p.steps) == (3 if topic == "batch" else 1)
    asked = style.label(given.key, widths)
    assert f"${asked}$" in p.question.splitlines()[-1]
    assert p.question.endswith("Give four decimals.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, "weight"), "seed: got -1; expected at least 0"),
        ((2**32, "weight"), "seed: got 4294967296; expected less than 2"),
        ((0, "weights"), "topic: got 'weights'; expected one of output, signal"),
        ((0, "weight", 4), "level: got 4; expected 1, 2 or 3"),
        ((0, "weight", 1, "X"), "notation: got 'X'; expected one of LMU"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        problem(*arguments)
