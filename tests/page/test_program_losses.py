"""The programs' formulas, evaluated with SymPy, line by line: against NumPy's pass.

That the page computes what is printed, tests/browser/test_program.py says.
"""

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.network import quantities
from backprop_lab.formulas.check import loss_of
from backprop_lab.page import program as module

XOR = bl.lectures.xor()
POINTS = list(zip(XOR.X.tolist(), XOR.Y.tolist(), strict=True))


class Formulas:
    """A program before it is printed: called with numbers it gives numbers."""

    def __init__(self, formulas, lines):
        self.formulas, self.lines = formulas, lines

    def __call__(self, values):
        known = {sp.Symbol(key, real=True): sp.Float(value) for key, value in values.items()}

        def number(formula):
            return sp.sympify(formula).xreplace(known).evalf()

        for formula, symbol in self.lines.items():
            assert symbol not in known, "a line is computed once"
            known[symbol] = number(formula)
        return {key: float(number(formula)) for key, formula in self.formulas.items()}


@pytest.fixture
def unprinted(monkeypatch):
    monkeypatch.setattr(module, "program", Formulas)
    return module


def moved(net, gradients, alpha):
    """A step along the mean of the gradients."""
    layers = []
    for i, layer in enumerate(net.layers):
        dW, db = (np.mean([getattr(g, of)[i] for g in gradients], axis=0) for of in ("dW", "db"))
        layers.append(bl.Layer(layer.W - alpha * dW, layer.b - alpha * db, layer.activation))
    return bl.Network(layers)


def changes(before, after, points, loss):
    found = {}
    each = [[float(loss_of(net, x, y, loss)) for x, y in points] for net in (before, after)]
    for k, (old, new) in enumerate(zip(*([*row, np.mean(row)] for row in each), strict=True)):
        found |= {f"before_{k}": old, f"after_{k}": new, f"change_{k}": new - old}
    return found


@pytest.mark.parametrize("alpha", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("batch", [[2], [0, 1, 2, 3], [3]], ids=str)
def test_step_program_is_a_step_along_the_shares(unprinted, batch, alpha):
    found = unprinted.step_program(XOR.network, POINTS, XOR.loss)
    shares = {f"share_{k}": (k in batch) / len(batch) for k in range(4)}
    gradients = [
        bl.backward(XOR.network, bl.forward(XOR.network, POINTS[k][0]), POINTS[k][1], XOR.loss)
        for k in batch
    ]
    expected = changes(XOR.network, moved(XOR.network, gradients, alpha), POINTS, XOR.loss)
    got = found({"alpha": alpha} | shares)
    assert got == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize(
    ("widths", "loss", "output"),
    [
        ((2, 2, 1), "half_squared_error", "sigmoid"),
        ((2, 2, 1), "half_squared_error", "identity"),
        ((2, 2, 1), "binary_cross_entropy", "sigmoid"),
        ((1, 2, 2), "softmax_cross_entropy", "identity"),
    ],
)
def test_network_program_with_points_has_their_losses_before_and_after(
    unprinted, widths, loss, output
):
    net = bl.Network.mlp(widths, activation="sigmoid", output=output, seed=4)
    targets = [[1.0, 0.0][: widths[-1]], [0.0, 1.0][: widths[-1]], [1.0, 0.0][: widths[-1]]]
    points = tuple((tuple([0.5 * k, -1.0][: widths[0]]), tuple(y)) for k, y in enumerate(targets))
    found = unprinted.network_program.__wrapped__(widths, "sigmoid", output, loss, True, points)
    (x, y), alpha = points[1], 0.75
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    new = moved(net, [g], alpha)
    now = quantities(g)
    f_new = bl.forward(new, x)
    after = quantities(bl.backward(new, f_new, y, loss))
    given = {key.name: float(v) for key, v in now.items() if key[0] in ("x", "y", "W", "b")}
    got = found(given | {"alpha": alpha})
    expected = changes(net, new, points, loss)
    expected |= {key.name: float(v) for key, v in now.items() if key.name not in given}
    expected |= {f"new_{k.name}": float(v) for k, v in after.items() if k[0] not in ("x", "y")}
    assert set(expected) <= set(got)
    assert {key: got[key] for key in expected} == pytest.approx(expected, abs=1e-12)


def test_without_points_there_are_no_losses_of_points():
    plain = module.network_program((2, 2, 1))
    with_points = module.network_program((2, 2, 1), points=(((0.0, 1.0), (1.0,)),))
    assert set(plain.outputs) < set(with_points.outputs)
    assert set(with_points.outputs) - set(plain.outputs) == {
        f"{what}_{k}" for what in ("before", "after", "change") for k in range(2)
    }
    assert plain.inputs == with_points.inputs
