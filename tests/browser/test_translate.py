"""Translated functions, run by a browser, against themselves in Python."""

import json
import math
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pytest

from backprop_lab.core.counter import normal, uniform
from backprop_lab.core.keys import Key
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript

CALL = """async ([program, given]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { $found, $plain } = await import(source);
  const text = (_, value) => (typeof value === "number" && !isFinite(value) ? `${value}` : value);
  return JSON.stringify(JSON.parse(given).map((one) => $plain($found(...one))), text);
}"""
PLAIN = """
const $plain = (x) => (x instanceof $Array ? $tolist(x) : Array.isArray(x) ? x.map($plain)
  : x instanceof $Key ? x.name : x && typeof x === "object"
  ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, $plain(v)])) : x);
export { $plain };
"""


class Pair(NamedTuple):
    first: float
    second: float


SCALE = 3.0


def double(x):
    return 2 * x


DIGITS = str.maketrans("0123456789abA", "₀₁₂₃₄₅₆₇₈₉xyz")


def square(x):
    return x**2


TABLE = {"double": double, "square": square}
ODD_NAMES = {"W_{11}": [{"a": 1}], "2": {"b": (2,)}, "σ": {"c": 3}}


def arithmetic(a, b):
    return [a + b, a - b, a * b, a / b, a // b, a % b, a**2, -a, +b, SCALE * a, abs(a), round(a, 2),
            round(a, 1)]  # fmt: skip


def comparisons(a, b):
    return [a < b, a <= b, a > b, a >= b, a == b, a != b, a is None, a is not None, -9 < a < b]


def truths(a, b):
    found = []
    for one in (a, b, [], [0], "", "x", None, {}, {"k": 1}, 0.0):
        found.append(1 if one else 0)
        found.append(not one)
    found.append(a and b)
    found.append(a or b)
    return found


def loops(n):
    total, seen = 0, []
    for i in range(n):
        if i == 2:
            continue
        if i > 5:
            break
        total += i
        seen.append(total)
    while total > 3:
        total -= 2
    for k, (i, j) in enumerate(zip(range(n), reversed(range(n)), strict=True)):
        seen += [k * i - j]
    return total, seen, list(range(n, 0, -2)), list(enumerate(seen, 1))


def lists(given):
    first, *others = given
    found = [x * y for x in given for y in range(2) if x > 1]
    found[-1] = first
    return [
        given[0], given[-1], given[1:], given[:-1], given[::-1], given[::2], given[-2:],
        len(given), sum(given), max(given), min(given), max(1, 2), sorted(given), others, found,
        [0.5] * 3, given + others, 2 in given, 2 not in given, any(x > 2 for x in given),
        all(x > 2 for x in given), (1, 2) == (1, 2), [*given, 7], sum([x * x for x in given]),
    ]  # fmt: skip


def dicts(given):
    found = {f"{key}_{k}": value for k, (key, value) in enumerate(given.items())}
    found |= {"new": 1.0, **given}
    found["set"] = 2.0
    return [
        found, "new" in found, "old" in found, found.get("old"), found.get("old", 3),
        list(found.keys()), list(found.values()), len(given), found | {"more": 4.0}, found["set"],
    ]  # fmt: skip


def texts(name, value):
    return [
        f"{name}: {value:.4f}", f"{value:.1f}", f"{value:+.2f}", f"{0.0 * value:z.2f}", f"{12}",
        name.strip(), name.lower(), name.replace("a", "bb"), name.split(","), ", ".join(["p", "q"]),
        name.startswith("A"), name[0], name[1:], "a" in name, name + "!", f"{1234567:,}", len(name),
        name.rstrip("ab"), f"{name} ".rstrip(), name.translate(DIGITS), f"{value:.{len(name)}f}",
        f"{12345.678:,.1f}",
        f"{410.0625:.6g}", f"{9.5:.1g}", f"{8.5:.1g}", f"{0.375:.2g}", f"{-2.5:.1g}",
        f"{value * 1000:.3g}", f"{value:.3g}", f"{value / 1e7:.2g}", f"{-1234567:,}",
    ]  # fmt: skip


def decimals(start, count):
    """Every eighth from a number on: those in the middle between two roundings too."""
    return [f"{start + k / 8:.{digits}f}" for k in range(count) for digits in (0, 1, 2)]


def arrays(values, more):
    a, b = np.array(values), np.array(more)
    stacked = np.array([values, values]) * np.array([[[1.0]], [[2.0]]])
    return [
        a + b, a * 2, 2 / b, a - b[0], a @ b.T, a.T, a.sum(), a.sum(axis=0), a.sum(axis=-1), -a,
        a.sum(axis=-2), a.sum(axis=-1, keepdims=True), a.max(axis=0), np.max(a, axis=-1), a.mean(),
        a.mean(axis=0), a[0], a[-1], a[0, 1], a[:, 1], a[:, :1], a[1:, ::-1], a[None].shape,
        a.shape, a.ndim, len(a), a.reshape((3, 2)), np.where(a > 1, a, 0.0), np.exp(a),
        np.sqrt(a * a),
        np.eye(3), np.zeros((2, 1)), np.ones(2), np.full((2, 2), 3.0), a == b, a[0] @ b.T,
        [row.sum() for row in a], list(a[0]), stacked @ b.T, stacked @ stacked.mT,
        stacked.sum(axis=-2), stacked.sum(axis=(-2, -1)), a.sum(axis=(-2, -1)), stacked + a,
        stacked[1], stacked.mT, a.tolist(), a.sum(axis=0) * a,
        list(np.ndindex(a.shape)), [[i, j, x] for (i, j), x in np.ndenumerate(a)],
        a[(0, 1)], np.asarray(2.0)[()], np.log1p(a * a), (a < b) & (b > 1), (a < b) | (b > 1),
    ]  # fmt: skip


def large_arrays(seed):
    """They are computed in another way than small ones; of whole numbers, which add up exactly."""
    A, B = 99 * uniform(seed, (3, 20, 40)) // 1, 99 * uniform(seed + 1, (3, 40, 30)) // 1
    rows = 99 * uniform(seed + 2, (3, 1, 1200)) // 1
    return [
        A @ B, A[0] @ B, A @ B[0], (A @ B).mT, 0.5 * A, (A @ B).sum(axis=-1), rows @ rows.mT,
        rows.mT[:, :40] @ rows[:, :, :30], np.array([0.5 * rows, rows]).sum(), list((2 * A)[0, 0]),
        uniform(seed, (2, 2)), normal(seed, (2, 700)), normal(2**32 - 1, (3,)),
    ]  # fmt: skip


@lru_cache(maxsize=2)
def fresh(n):
    return [n]


def what_is_kept(n):
    """A page keeps what a cached function has given, and no more than Python does."""
    fresh(n).append(1)
    both = [list(fresh(n)), len(fresh(n + 1)), len(fresh(n + 2))]
    return [*both, list(fresh(n))]


NO_GROUP, GROUPS = re.compile("[0-9]+(?:,[0-9])?"), re.compile("([+-]?)(x)?(.*)", re.S | re.I)


def patterns(text):
    found = GROUPS.fullmatch(text)
    return [1 if NO_GROUP.fullmatch(text) else 0, 1 if found else 0, found.groups()]


def records(a, b):
    pair = Pair(a, second=b)
    other = Pair(pair.second, pair.first)
    return [pair.first, other.first, TABLE["double"](a), TABLE["square"](b), factorial(5),
            ODD_NAMES]  # fmt: skip


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def keys(i, j):
    key = Key("W", i, j)
    return [key.name, key.new.name, Key(*Key("dW"), i, j).name, key.by(Key("b", j)).name,
            {Key("x", i): 1.0, Key("x", j): 2.0}]  # fmt: skip


def reserved(new, default=2.0):
    function = new + default
    this = [case + 1 for case in range(3)]
    return [function, this]


def takes_a_function(n):
    add = lambda x, y: x + y  # noqa: E731
    return [add(k, n) for k in range(n)]


def element(tag, *children, css=None, **attributes):
    return [tag, list(children), css, {k.rstrip("_"): v for k, v in attributes.items()}]


def arguments(a, b):
    more = {"x": a, "y_": b}
    return [
        element("p"), element("p", a, *[b, b], css="c"), element("p", a, z=b, **more), plus(*[a, b])
    ]  # fmt: skip


def plus(a, b=1.0):
    return a + b


def inner_functions(n, start):
    kept = []

    def keep(k):
        doubled = 2 * k
        kept.append(doubled + start)
        return doubled

    found = [keep(k) for k in range(n)]
    doubled = "own"
    return [found, kept, doubled]


other = plus


def a_hidden_name(a):
    plus = 10 * a  # the definition that `other` stands for has this name in the page
    return [other(plus), plus]


def functions_of_lists(given):
    return [
        sorted(given, key=lambda one: -one), math.prod(given), math.log10(given[0]),
        given.index(given[1]), getattr(given, "nothing", 5), list(STEPS),
    ]  # fmt: skip


STEPS = range(1, 6, 2)


VALUES, MORE = [[0.5, 2.0, -1.0], [1.0, 3.0, 0.25]], [[1.0, 2.0, 2.0], [-2.0, 0.5, 0.25]]
CASES = {
    arithmetic: [(7.25, 2.0), (-7.25, 2.0), (1e150, 3.0)],
    comparisons: [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (math.nan, 1.0)],
    truths: [(0.0, 2.0), (1.0, 0.0)],
    loops: [(4,), (9,), (0,)],
    lists: [([3.0, 1.0, 2.0],)],
    dicts: [({"a": 0.5, "b": 1.5},)],
    texts: [(" A, ab", 2.34567), ("Aba", -0.00001)],
    arrays: [(VALUES, MORE)],
    large_arrays: [(5,)],
    what_is_kept: [(5,)],
    patterns: [("12,3",), ("12,34",), ("-x2\n",), ("X",)],
    records: [(2.0, 3.0)],
    keys: [(0, 1)],
    reserved: [(1.5,)],
    takes_a_function: [(4,)],
    arguments: [(1.0, 2.0)],
    inner_functions: [(3, 1.0)],
    a_hidden_name: [(2.0,)],
    functions_of_lists: [([3.0, 1.0, 2.0],)],
    decimals: [(0.0, 40), (-3.0, 40), (1234.0, 8)],
}


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {k.name if isinstance(k, Key) else k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def in_page(page, function, given):
    text = SCRIPTS["runtime"] + javascript(**{"$found": function}) + PLAIN
    given = json.dumps(given).replace("NaN", "null")
    return json.loads(page.evaluate(CALL, [text, given]))


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_the_page_does_what_python_does(page, function):
    given = [one for one in CASES[function] if math.nan not in one]
    for got, one in zip(in_page(page, function, given), given, strict=True):
        expected = plain(function(*one))
        assert len(got) == len(expected)
        for k, (a, b) in enumerate(zip(got, expected, strict=True)):
            assert a == pytest.approx(b, rel=1e-15) if not _texts(b) else a == b, (k, a, b)


def _texts(value):
    """Whether there is a text in it, which `approx` does not take."""
    if isinstance(value, list | dict):
        return True
    return isinstance(value, str) or value is None


def test_what_is_not_in_a_list_has_no_place_there(page):
    with pytest.raises(Exception, match="3 is not in the list"):
        in_page(page, lambda given, x: given.index(x), [([1, 2], 3)])


def test_shapes_that_do_not_go_together_are_refused(page):
    with pytest.raises(Exception, match="do not go together"):
        in_page(page, lambda a, b: np.array(a) @ np.array(b), [(VALUES, VALUES)])
    with pytest.raises(Exception, match="do not go together"):
        in_page(page, lambda a, b: np.array(a) + np.array(b), [(VALUES, [1.0, 2.0])])
