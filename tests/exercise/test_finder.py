"""The slip finder as an exercise: what it says to right digits, to a slip's, to none."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer
from backprop_lab.exercise import finder
from backprop_lab.exercise.slips import WHY, gradients, slipped
from backprop_lab.page.typed import NOTHING_TYPED
from tests.markup import text


def gradient(g, *slips):
    """What slips make of a gradient, by name."""
    layers = [RawLayer(layer.W, layer.b, layer.activation) for layer in g.network.layers]
    X, y = np.atleast_2d(g.forward.x), np.atleast_2d(g.y)
    made = slipped(slips, layers, X, y, LOSSES[g.loss_name], g.divisor, 0.5)
    return gradients(*made[2:4])


def said(app, **numbers):
    app.page.state = NOTHING_TYPED
    for name, number in numbers.items():
        app.page.act(name, number if isinstance(number, str) else f"{number:.6f}")
    shown = str(app.page.computes(app.page.values())["finder"])
    return text(shown.split('<div role="status">')[1])


@pytest.fixture(scope="module")
def app():
    return finder.play(bl.lectures.csc311().run(), "CSC311")


def test_right_digits_accuse_nobody(app):
    right = gradient(bl.lectures.csc311().run())
    for name, value in right.items():
        assert said(app, **{name: value}) == "✓ These are the right digits."


@pytest.mark.parametrize(
    "slip", ["σ′ missing", "weights missing on the way back", "σ′ of the output missing"]
)
def test_a_slip_is_named_and_explained(app, slip):
    wrong = gradient(bl.lectures.csc311().run(), slip)
    told = said(app, dW_0_2_1=wrong["dW_0_2_1"], db_0_0=wrong["db_0_0"])
    assert told.startswith("Exactly these digits come from:")
    assert text(f"<b>{slip}</b>: {WHY[slip]}") in told


def test_two_slips_together_are_named(app):
    pair = ("missing ½", "weights missing on the way back")
    wrong = gradient(bl.lectures.csc311().run(), *pair)
    told = said(app, **{name: value for name, value in wrong.items() if name.startswith("dW_0")})
    assert all(name in told for name in pair)


def test_the_notebooks_example_is_what_it_says():
    wrong = gradient(bl.lectures.xor().run(), "σ′ of the output missing")
    assert f"{wrong['dW_1_0_0']:.4f}" == "-0.0907"
    told = said(finder.play(), dW_1_0_0="-0.0907")
    assert "σ′ of the output missing" in told
    wrong = gradient(bl.lectures.csc311().run(), "weights missing on the way back")
    assert [f"{wrong[name]:.4f}" for name in ("dW_0_2_1", "db_0_0")] == ["-0.0721", "-0.1092"]


def test_digits_of_no_slip_and_none_at_all(app):
    assert said(app) == "Type at least one number, with four decimals or more."
    assert said(app, dW_0_0_0="9.87654").startswith("✗ No slip on the list")
    right = gradient(bl.lectures.csc311().run())["dW_0_0_0"]
    assert "rounded in between" in said(app, dW_0_0_0=right * 1.01)
    assert said(app, dW_0_0_0="0").startswith("✗")  # and not right to no decimals


def test_nonsense_is_refused_at_its_place(app):
    app.page.state = NOTHING_TYPED
    app.page.act("db_0_0", "<b>x</b>")
    shown = str(app.page.computes(app.page.values())["finder"])
    assert "is not a number" in shown
    assert "<b>x</b>" not in shown
    assert re.search('value="&lt;b&gt;x&lt;/b&gt;"', shown)


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match=r"g: got 3; expected what bl\.backward returned"):
        finder.play(3)
    with pytest.raises(ValueError, match="notation: got 'ABC'"):
        finder.play(notation="ABC")
