"""The derivative as a limit: the three ways, against SymPy and exact arithmetic."""

from fractions import Fraction
from importlib import import_module

import pytest
import sympy as sp

from backprop_lab import explore
from backprop_lab.picture import elements
from tests.markup import fields, inside

app = import_module("backprop_lab.explore.difference")
PLACE = [0.7, 1.3]


def test_the_function_and_its_slope():
    x = sp.symbols("x_1 x_2")
    formula = x[0] ** 3 * x[1] + x[0] * x[1] ** 3
    exact = dict(zip(x, map(Fraction, PLACE), strict=True))
    assert app.moved(PLACE, 0, 0.0, 0.0) == (pytest.approx(float(formula.subs(exact))), 0)
    for by in (0, 1):
        derivative = float(sp.diff(formula, x[by]).subs(exact))
        assert app.slope(PLACE, by) == pytest.approx(derivative, rel=1e-15)


@pytest.mark.parametrize("by", [0, 1])
def test_the_complex_step_is_the_imaginary_part(by):
    for h in app.STEPS:
        x = [complex(v) for v in PLACE]
        x[by] += 1j * h
        expected = (x[0] ** 3 * x[1] + x[0] * x[1] ** 3).imag / h
        assert app.quotients(PLACE, by, h)[2] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("by", [0, 1])
def test_two_errors_make_a_v_and_the_complex_step_none(by):
    errors = [
        [abs(found - app.slope(PLACE, by)) for found in app.quotients(PLACE, by, h)]
        for h in app.STEPS
    ]
    one_sided, central, complex_step = map(list, zip(*errors, strict=True))
    # truncation: h against h²
    assert one_sided[3] / one_sided[4] == pytest.approx(10, rel=0.01)
    assert central[3] / central[4] == pytest.approx(100, rel=0.01)
    assert 7 <= one_sided.index(min(one_sided)) <= 9
    assert 4 <= central.index(min(central)) <= 6
    # round-off
    assert min(one_sided[-3:]) > 1e-3
    assert max(complex_step[8:]) < 2e-15


def test_what_is_shown():
    one = explore.difference(4)
    markup = "".join(view.value for view in one.views.values())
    shown = fields(markup)
    for k, found in enumerate(app.quotients(PLACE, 0, 1e-4)):
        assert float(shown[f"quotient_{k}"]) == pytest.approx(found, abs=6e-12)
        assert float(shown[f"error_{k}"]) == pytest.approx(found - 4.108, abs=6e-12)
    assert "h = 1e-4" in markup
    assert any(one.page is each for each in inside(one))


def test_every_place_can_be_shown():
    for x_1 in (-2.0, 0.0, 1.0):
        for x_2 in (-1.0, 0.0, 2.0):
            for by in (0, 1):
                found = app.difference_view({"x_1": x_1, "x_2": x_2, "by": by, "k": 16})
                assert "nan" not in str(elements.page(*found.values()))


@pytest.mark.parametrize(
    ("k", "kind", "said"),
    [(17, ValueError, "k: got 17; expected at most 16"), (-1, ValueError, "k: got -1"),
     (0.5, TypeError, "k: got 0.5; expected a whole number")],
)  # fmt: skip
def test_what_is_refused(k, kind, said):
    with pytest.raises(kind, match=said):
        explore.difference(k)
