"""What goes in is what is computed with; what comes out cannot be changed, and copies neither."""

import copy
import itertools
import pickle

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS, Activation
from backprop_lab.core.arguments import as_array, as_numbers
from backprop_lab.core.losses import LOSSES, Loss
from backprop_lab.core.training import Training, risk
from backprop_lab.formulas import check, cost

NET = bl.Network.mlp([2, 3, 2], activation="tanh", output="sigmoid", seed=1)
X = np.array([[0.5, -1.0], [2.0, 0.25]])
Y = np.array([[0.0, 1.0], [1.0, 0.0]])
F = bl.forward(NET, X)
F1 = bl.forward(NET, X[0])
G = bl.backward(NET, F, Y)
XOR = bl.lectures.xor()

# --- every way in --------------------------------------------------------------------------------

PLACES = {  # argument, what takes it, and an array that it takes
    "W": (lambda v: bl.Layer(v, [0, 0]), X),
    "b": (lambda v: bl.Layer(X, v), X[0]),
    "X": (lambda v: bl.forward(NET, v), X),
    "X of the loss": (lambda v: check.loss_of(NET, v, Y), X),
    "X of risk": (lambda v: risk(NET, v, Y), X),
    "X of Training": (lambda v: Training(NET, v, Y), X),
    "y": (lambda v: bl.backward(NET, F, v), Y),
    "y of Training": (lambda v: Training(NET, X, v), Y),
    "y of cost": (lambda v: cost.gradient(NET, F1, v, "forwards"), Y[0]),
    "learning_rate": (lambda v: bl.step(NET, G, v), np.array(0.5)),
    "learning_rate of Training": (lambda v: Training(NET, X, Y, learning_rate=v), np.array(0.5)),
    "h": (lambda v: bl.nudge(G, "W^(1)_11", v), np.array(0.5)),
    "a": (lambda v: bl.error(v, X), X),
    "b of the error": (lambda v: bl.error(X, v), X),
}
for _name in ACTIVATIONS:
    PLACES[f"z of {_name}"] = ACTIVATIONS[_name], X
    PLACES[f"z of {_name}'s slope"] = ACTIVATIONS[_name].slope, X
for _name in LOSSES:
    PLACES[f"v of {_name}"] = (lambda v, loss=LOSSES[_name]: loss(v, Y)), X
    PLACES[f"y of {_name}"] = (lambda v, loss=LOSSES[_name]: loss(X, v)), Y
    PLACES[f"v of {_name}'s slope"] = (lambda v, loss=LOSSES[_name]: loss.slope(v, Y)), X
    PLACES[f"y of {_name}'s slope"] = (lambda v, loss=LOSSES[_name]: loss.slope(X, v)), Y

AMISS = {
    "masked": np.ma.masked_array,
    "masked, nothing hidden": lambda v: np.ma.masked_array(v, mask=False),
    "masked, one hidden": lambda v: np.ma.masked_array(v, mask=np.arange(v.size) % 2 == 0),
    "a list of masked": lambda v: [np.ma.masked_array(row) for row in np.atleast_1d(v)],
    "the constant masked": lambda v: [np.ma.masked, *v.flat],
    "dates": lambda v: v.astype("datetime64[s]"),
    "spans of time": lambda v: v.astype("timedelta64[s]"),
    "a span of time": lambda v: v.astype("timedelta64[s]").astype(object).tolist(),
    "spans in a list": lambda v: [np.timedelta64(1)] * v.size,
    "text": lambda v: v.astype(str),
    "truth": lambda v: v > 0,
    "truth among numbers": lambda v: [True, *v.flat],
    "records": lambda v: v.astype([("number", float)]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("amiss", AMISS)
def test_what_is_no_plain_number_is_refused_by_name(place, amiss):
    takes, right = PLACES[place]
    takes(right)
    wrong = AMISS[amiss](right.reshape(right.shape or (1,)) if "list" in amiss else right)
    with pytest.raises((TypeError, ValueError), match=f"^{place.split()[0]}: "):
        takes(wrong)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", [np.matrix, lambda v: np.vectorize(np.array, otypes=[object])(v)])
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_is_computed_with_element_by_element_or_refused(place, form):
    takes, right = PLACES[place]
    expected = takes(right)
    if form is np.matrix and right.ndim < 2:
        with pytest.raises(ValueError, match=f"^{place.split()[0]}: got "):
            takes(form(right))
        return
    got = takes(form(right))
    if isinstance(expected, np.ndarray):
        assert type(got) is np.ndarray
        np.testing.assert_array_equal(got, expected)


def test_numbers_in_arrays_are_numbers():
    layer = bl.Layer(
        [[np.array(0.5), np.float32(2)], [np.array(3), np.int8(1)]], [np.array(0.0), 1]
    )
    assert layer.W.tolist() == [[0.5, 2.0], [3.0, 1.0]]
    assert layer.W.dtype == layer.b.dtype == float
    assert as_array([np.array(sp.Symbol("s")), 1], "x")[0] == sp.Symbol("s")
    with pytest.raises(ValueError, match=r"^x: rows of unequal length"):
        as_array([np.array([1.0]), 1.0], "x")


a, c, k = sp.Symbol("a", real=True), sp.Symbol("c"), sp.Symbol("k", integer=True)
NOT_REAL = {
    "I a": sp.I * a,
    "I c": sp.I * c + 1,
    "a root of -1": (-1) ** sp.Rational(1, 3) * c,
    "an imaginary symbol": sp.Symbol("i", imaginary=True) * c,
    "bounds": sp.AccumBounds(0, 1),
    "bounds inside": a + sp.AccumBounds(0, 1),
    "an order": sp.O(a),
    "a function of no argument": sp.Lambda(a, a),
    "an interval": sp.Interval(0, 1),
    "a relation": a > 0,
    "a truth": sp.true,
    "zoo": sp.zoo,
    "a quaternion": sp.Quaternion(1, 2, 3, 4),
    "a symbol that does not commute": sp.Symbol("n", commutative=False),
    "a complex root": sp.rootof(c**3 - c + 1, 1),
    "a trace": sp.I * sp.Trace(sp.MatrixSymbol("M", 2, 2)),
}


@pytest.mark.parametrize("name", NOT_REAL)
@pytest.mark.parametrize("beside", [1.0, a])
def test_formulas_that_are_not_real(name, beside):
    with pytest.raises((TypeError, ValueError), match=r"^W: "):
        bl.Layer([[beside, NOT_REAL[name]]], [0, 0])


@pytest.mark.parametrize(
    "formula",
    [a, c, sp.sqrt(c), sp.log(a), c**a, sp.Function("f")(c), sp.IndexedBase("w")[1], sp.pi,
     sp.Abs(sp.I * c), sp.Sum(a, (k, 1, 3)), sp.Piecewise((a, a > 0), (c, True)),
     ACTIVATIONS["gelu"].derivative],
    ids=str,
)  # fmt: skip
def test_formulas_that_may_be_real(formula):
    assert as_array([[formula]], "x")[0, 0] == formula


def test_arrays_as_they_are():
    """Floats are not copied on the way in to a function; a network's own are."""
    assert as_numbers(X, "x") is X
    assert not np.shares_memory(as_array(X, "x"), X)
    assert as_numbers([1j, 1], "x").dtype == complex
    assert as_numbers(np.array([1, 2], dtype=object), "x").dtype == float
    assert as_array(np.longdouble(2) ** 0.5, "x") == 2**0.5
    with pytest.raises(ValueError, match=r"^x: got inf"):
        as_array(np.array([np.finfo(np.longdouble).max]), "x")


# --- what comes out ------------------------------------------------------------------------------

LOGITS = bl.Network.mlp([2, 2], output="identity")
SYMBOLIC = bl.symbolic([2, 2, 1])


def passes():
    """Forward and backward passes of every kind, by name."""
    cases = {"one layer": (bl.Network.mlp([2, 2], output="sigmoid"), X, Y)}
    for name in ACTIVATIONS:
        net = bl.Network.mlp([2, 1, 2], activation=name, output=name)
        cases |= {name: (net, X, Y), f"{name}, one example": (net, X[0], Y[0])}
    cases["symbolic"] = SYMBOLIC, SYMBOLIC.x, SYMBOLIC.y
    cases["softmax"] = LOGITS, X, Y
    for name, (net, x, y) in cases.items():
        f = bl.forward(net, x)
        yield (
            name,
            bl.backward(net, f, y, *(["softmax_cross_entropy"] if name == "softmax" else [])),
        )


PASSES = dict(passes())


def arrays(found):
    """All arrays within what a pass, a lecture or a run holds."""
    if isinstance(found, np.ndarray):
        yield found
    elif isinstance(found, (tuple, list)):
        for each in found:
            yield from arrays(each)
    elif hasattr(found, "__dict__") and type(found).__module__.startswith("backprop_lab"):
        yield from arrays(list(vars(found).values()))


@pytest.mark.parametrize("name", PASSES)
def test_nothing_that_a_pass_returns_can_be_changed_or_is_anothers(name):
    g = PASSES[name]
    found = list(arrays(g))
    assert len(found) == 3 + 7 * len(g.delta) + (2 if name == "symbolic" else 0)
    assert not any(array.flags.writeable for array in found)
    for one, other in itertools.combinations(found, 2):
        assert not np.shares_memory(one, other)
    for array in found:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 99
        with pytest.raises(ValueError, match="read-only"):
            array -= 1.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_gives_an_array_of_its_own(name):
    z = np.array([-1.0, 0.0, 2.0])
    for got in (ACTIVATIONS[name](z), ACTIVATIONS[name].slope(z)):
        assert not np.shares_memory(got, z)
        got[:] = 9
    assert z.tolist() == [-1.0, 0.0, 2.0]


def used(net=XOR.network):
    """Public things after their first use, by name."""
    run = Training(net, XOR.X, XOR.Y, batch=3, seed=5)
    run.run(3)
    lecture = bl.lectures.xor()
    assert lecture.printed
    f = bl.forward(net, XOR.x)
    g = bl.backward(net, f, XOR.y)
    cube = Activation("cube", sp.Symbol("z", real=True) ** 3)
    assert cube(np.array([2.0])) == 8
    for entry in ACTIVATIONS.values():
        entry(X), entry.slope(X)
    for entry in LOSSES.values():
        entry(X, Y), entry.slope(X, Y)
    return {
        "layer": net.layers[0],
        "network": net,
        "symbolic": SYMBOLIC,
        "run": run,
        "lecture": lecture,
        "csc311": bl.lectures.csc311(),
        "f": f,
        "g": g,
        "chain": bl.chain(g, "W_11"),
        "trace": bl.trace(g),
        "backtrace": bl.backtrace(g),
        "nudge": bl.nudge(g, "W_11", 0.1),
        "agreement": bl.agreement(g),
        "cube": cube,
        "a loss": Loss("cube", sp.Symbol("a", real=True) ** 3),
        **{name: getattr(bl, name) for name in bl.__all__ if name not in MODULES},
        **{f"activation {name}": entry for name, entry in ACTIVATIONS.items()},
        **{f"loss {name}": entry for name, entry in LOSSES.items()},
        **{f"init {name}": entry for name, entry in bl.INITIALISATIONS.items()},
        **{f"notation {name}": entry for name, entry in bl.NOTATIONS.items()},
        **{f"pass {name}": g for name, g in PASSES.items()},
    }


MODULES = ("check", "cost", "lectures")
USED = used()
WAYS = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "the oldest pickle": lambda thing: pickle.loads(pickle.dumps(thing, 2)),
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", USED)
def test_everything_public_pickles_and_stays_read_only(name, way):
    thing = USED[name]
    same = WAYS[way](thing)
    assert type(same) is type(thing)
    before, after = list(arrays(thing)), list(arrays(same))
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
        assert old.dtype == new.dtype
        assert name == "run" or not new.flags.writeable
    if name in bl.__all__ or name.split()[0] in ("activation", "loss", "init"):
        assert same is thing
    elif name.split()[0] in ("notation", "cube", "nudge", "agreement", "trace", "backtrace"):
        assert same == thing


@pytest.mark.parametrize("way", WAYS)
def test_copies_compute_the_same(way):
    net, f, x, y = WAYS[way]((XOR.network, USED["f"], XOR.x, XOR.y))
    g = bl.backward(net, f, y)
    assert g.loss == USED["g"].loss
    assert bl.forward(net, x).output == f.output
    cube = WAYS[way](USED["cube"])
    assert cube == USED["cube"]
    assert cube.slope(np.array([2.0])) == 12
    net = WAYS[way](SYMBOLIC)
    assert net.notation == "LMU"
    assert bl.forward(net, net.x).output[0] == PASSES["symbolic"].forward.output[0]
    run, other = USED["run"], WAYS[way](USED["run"])
    expected = copy.deepcopy(run)
    for one in (expected, other):
        one.run(7)
    assert other.risks == expected.risks
    assert run.steps == 3
    assert [p.verdict for p in WAYS[way](USED["lecture"]).printed] == [
        p.verdict for p in USED["lecture"].printed
    ]


def test_tables_are_read_only():
    for name in ("ACTIVATIONS", "LOSSES", "INITIALISATIONS", "NOTATIONS"):
        table = getattr(bl, name)
        assert name in repr(table)
        with pytest.raises(TypeError):
            table["tanh"] = None
        with pytest.raises(TypeError):
            del table[next(iter(table))]
