"""A number's control, and the skeleton of an app: when it computes, what it refuses."""

import math

import ipywidgets as widgets
import pytest

from backprop_lab.explore import App, NumberSlider
from backprop_lab.page.controls import whole
from tests.markup import message

# --- the number slider ----------------------------------------------------------------------------


@pytest.fixture
def slider():
    return NumberSlider("W_{11}", 0.94, -5.0, 5.0, 0.05)


@pytest.fixture
def seen(slider):
    values = []
    slider.observe(lambda change: values.append(change.new), "value")
    return values


def test_a_slider_starts_with_its_number_unchanged(slider):
    assert slider.read() == slider.value == 0.94, "0.94 is no multiple of the step"


def test_a_number_is_heard_once_and_kept_as_it_is(slider, seen):
    for value in (1.23456789, -5.0, 5.0, 0.9400001, 0.0):
        slider.value = value
        assert slider.read() == value
    assert seen == [1.23456789, -5.0, 5.0, 0.9400001, 0.0]


@pytest.mark.parametrize("typed", [99.0, -99.0, 5.0001, math.nan, math.inf, -math.inf])
def test_beyond_the_range_a_number_stays_and_is_refused(slider, typed):
    slider.value = typed
    assert slider.value == typed or math.isnan(typed), "what was typed stays"
    with pytest.raises(ValueError, match=rf"^W_11: got {typed:g}; expected .* from -5 to 5$"):
        slider.read()
    slider.value = 0.5
    assert slider.read() == 0.5


def test_a_whole_number_is_an_integer():
    depth = whole("depth", 3, 1, 12)
    assert (depth.read(), type(depth.read()), depth.value) == (3, int, 3.0)
    for typed in (2.5, 0, 13, math.nan):
        depth.value = typed
        message = rf"^depth: got {typed:g}; expected a whole number from 1 to 12$"
        with pytest.raises(ValueError, match=message):
            depth.read()


@pytest.mark.parametrize(
    ("label", "shown", "spoken"),
    [
        ("W_{11}", "W<sub>11</sub>", "W 11"),
        (r"\delta_{q}", "δ<sub>q</sub>", "δ q"),
        ("a^{(0)}_{1}", "a<sup>(0)</sup><sub>1</sub>", "a (0) 1"),
        (r"\log_{10} h", "log<sub>10</sub> h", "log 10 h"),
        ("hidden units", "hidden units", "hidden units"),
    ],
)
def test_a_number_has_a_name_to_see_and_one_to_hear(label, shown, spoken):
    slider = NumberSlider(label, 0, -1, 1)
    assert (slider.label, slider.spoken) == (shown, spoken)
    assert repr(slider) == f"<{slider.plain}>"


def test_set_keeps_six_decimals(slider):
    slider.set(-0.21162085047765433)
    assert slider.read() == -0.211621


# --- the skeleton ---------------------------------------------------------------------------------


class Counted(App):
    def __init__(self):
        self.calls = []
        self.controls_ = {"a": NumberSlider("a", 1.0, 0.0, 10.0), "b": widgets.IntText(2)}
        view = widgets.HTML()
        super().__init__("counted", self.controls_, {"sum": view}, self._compute,
                         [widgets.HBox(list(self.controls_.values())), view])  # fmt: skip

    def _compute(self, a, b):
        self.calls.append((a, b))
        if b < 0:
            raise ValueError("b: got <0>")
        return {"sum": f"{a + b:g}"}


def test_an_app_computes_once_at_the_start_and_once_a_change():
    app = Counted()
    assert app.calls == [(1.0, 2)]
    assert app.views["sum"].value == "3"
    app.controls["b"].value = 5
    assert app.calls[1:] == [(1.0, 5)]
    app.controls["a"].value = 4.0
    assert app.calls[2:] == [(4.0, 5)]
    assert app.views["sum"].value == "9"


def test_a_number_out_of_range_leaves_the_picture_and_says_so():
    app = Counted()
    app.controls["a"].value = 99.0
    assert app.calls == [(1.0, 2)]
    assert app.views["sum"].value == "3"
    assert app.controls["a"].value == 99.0
    assert "a: got 99; expected a number from 0 to 10" in message(app)
    assert 'role="alert"' in app.message.value
    app.controls["a"].value = 9.0
    assert (message(app), app.views["sum"].value) == ("", "11")


def test_settings_that_compute_refuses_leave_the_picture_and_say_so():
    app = Counted()
    app.controls["b"].value = -1
    assert app.views["sum"].value == "3"
    assert app.controls["b"].value == -1
    assert "b: got <0>" in message(app), "and no markup comes of it"
    app.controls["b"].value = 1
    assert (message(app), app.views["sum"].value) == ("", "2")


def test_a_view_that_stays_the_same_is_not_sent_again():
    app = Counted()
    sent = []
    app.views["sum"].observe(sent.append, "value")
    app.controls["a"].value = 1.0000001
    assert len(app.calls) == 2
    assert sent == []
