"""The tape, against autograd, PyTorch where it is installed, and the package's own pass."""

import itertools
import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

import backprop_lab as bl
from backprop_lab.core.tape import Value
from tests.random_networks import error

EXPRESSIONS = 1000


def random_expression(seed, count=3, steps=12):
    """Steps that compute new values from earlier ones: (operation, places). Values are shared, as a
    place may be used any number of times."""
    rng = np.random.default_rng(seed)
    made = []
    for k in range(count, count + steps):
        name = str(rng.choice(["add", "mul", "sub", "div", "max", "exp", "log", "sin", "cos",
                               "tanh", "sqrt", "square"]))  # fmt: skip
        made.append((name, int(rng.integers(k)), int(rng.integers(k))))
    start = rng.uniform(-2, 2, count)
    return start, made


def run(start, made, library):
    """The last value that depends on most: the sum of the last three. Functions get arguments in
    their domain: log and sqrt 1 + a², exp tanh a, a division 2 + cos b."""
    values = list(start)
    for name, a, b in made:
        a, b = values[a], values[b]
        values.append({
            "add": lambda a=a, b=b: a + b,
            "mul": lambda a=a, b=b: library["tanh"](a) * b,
            "sub": lambda a=a, b=b: 1.5 - a - b,
            "div": lambda a=a, b=b: a / (2 + library["cos"](b)),
            "max": lambda a=a, b=b: library["max"](a, b + 0.01),
            "exp": lambda a=a: library["exp"](library["tanh"](a)),
            "log": lambda a=a: library["log"](1 + a * a),
            "sin": lambda a=a: library["sin"](a),
            "cos": lambda a=a: library["cos"](a),
            "tanh": lambda a=a: library["tanh"](a),
            "sqrt": lambda a=a: library["sqrt"](1 + a**2),
            "square": lambda a=a: library["sin"](a) ** 2,
        }[name]())  # fmt: skip
    return values[-1] + values[-2] * values[-3]


METHODS = ("exp", "log", "sin", "cos", "tanh", "sqrt")
TAPE = {name: getattr(Value, name) for name in METHODS} | {"max": Value.maximum}
AUTOGRAD = {name: getattr(anp, name) for name in METHODS} | {"max": anp.maximum}


def by_tape(start, made):
    inputs = [Value(x) for x in start]
    end = run(inputs, made, TAPE)
    end.backward()
    return end, [x.grad for x in inputs]


def shared_expressions():
    """So many expressions in which a value is used twice."""
    found = []
    for seed in itertools.count():
        start, made = random_expression(seed)
        end, _ = by_tape(start, made)
        uses = [id(parent) for value in end.tape() for parent, _ in value.parents if parent.parents]
        if len(set(uses)) < len(uses):
            found.append((start, made))
        if len(found) == EXPRESSIONS:
            return found


def test_random_expressions_against_autograd():
    for start, made in shared_expressions():
        _, found = by_tape(start, made)
        expected = grad(lambda x, made=made: run([x[0], x[1], x[2]], made, AUTOGRAD))(start)
        assert error(found, expected) <= 1e-12, made


def test_random_expressions_against_torch():
    torch = pytest.importorskip("torch")
    library = {name: getattr(torch, name) for name in METHODS} | {"max": torch.maximum}
    for start, made in shared_expressions():
        _, found = by_tape(start, made)
        inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in start]
        run(inputs, made, library).backward()
        expected = [0.0 if x.grad is None else x.grad.item() for x in inputs]
        assert error(found, expected) <= 1e-12, made


def test_the_network_of_the_lecture():
    """All nine gradients, on arrays of values."""
    lecture = bl.lectures.xor()
    given = [(layer.W, layer.b) for layer in lecture.network.layers]
    on_tape = [tuple(np.vectorize(Value, otypes=[object])(a) for a in pair) for pair in given]
    a = lecture.x
    for W, b in on_tape:
        a = 1 / (1 + np.exp(-(a @ W + b)))
    loss = ((lecture.y - a) ** 2 / 2).sum()
    loss.backward()
    g = lecture.run()
    assert loss.data == pytest.approx(g.loss, rel=1e-14)
    for (W, b), dW, db in zip(on_tape, g.dW, g.db, strict=True):
        for found, expected in ((W, dW), (b, db)):
            assert error([v.grad for v in found.flat], expected.ravel()) <= 1e-12


def test_backward_may_be_called_again():
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 6


def test_order_and_depth():
    x = Value(1.0)
    y = x
    for _ in range(3000):
        y = y + x
    order = y.tape()
    assert len(order) == 3001
    places = {id(value): k for k, value in enumerate(order)}
    assert all(places[id(p)] < places[id(v)] for v in order for p, _ in v.parents)
    y.backward()
    assert x.grad == 3001


def test_a_maximum_has_one_path():
    for a, b in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0)):
        x, y = Value(a), Value(b)
        x.maximum(y).backward()
        assert (x.grad, y.grad) == ((1, 0) if a >= b else (0, 1))


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: Value("2"), TypeError, "data: got '2'"),
        (lambda: Value(math.inf), ValueError, "data: got inf"),
        (lambda: Value([1, 2]), ValueError, "data: got shape"),
        (lambda: Value(-1.0).log(), ValueError, "log: got -1; expected a number where"),
        (lambda: Value(0.0).sqrt(), ValueError, "√: got 0"),
        (lambda: Value(1e6).exp(), ValueError, r"exp: got 1e\+06"),
        (lambda: 1 / Value(0.0), ValueError, "power -1: got 0"),
        (lambda: Value(2.0) ** Value(3.0), TypeError, "power: got a value of the tape"),
        (lambda: Value(1.0) + "x", TypeError, "data: got 'x'"),
    ],
)
def test_what_is_refused(call, kind, said):
    with pytest.raises(kind, match=said):
        call()
