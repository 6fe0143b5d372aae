"""The apps: what their controls do, and that what they show is right."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import ipywidgets as widgets
import pytest

import backprop_lab as bl
from backprop_lab import draw, explore
from backprop_lab.explore import App, NumberSlider
from backprop_lab.notation import parameters

NAMES = [draw.name(key) for key in parameters((2, 2, 1))]
START = dict(zip(NAMES, (-0.07, 0.94, 0.22, 0.46, -0.46, 0.1, -0.22, 0.58, 0.78), strict=True))
XOR = {0: ((0, 0), 0), 1: ((0, 1), 1), 2: ((1, 0), 1), 3: ((1, 1), 0)}


# --- the same numbers, from formulas written out by hand ------------------------------------------


def sigma(z):
    return 1 / (1 + math.exp(-z))


def by_hand(p, point=2):
    """The 2-2-1 network and its gradient, by the names that pictures use."""
    (x1, x2), y = XOR[point]
    z1_in = p["W_0_0_0"] * x1 + p["W_0_1_0"] * x2 + p["b_0_0"]
    z2_in = p["W_0_0_1"] * x1 + p["W_0_1_1"] * x2 + p["b_0_1"]
    z1, z2 = sigma(z1_in), sigma(z2_in)
    f_in = p["W_1_0_0"] * z1 + p["W_1_1_0"] * z2 + p["b_1_0"]
    f = sigma(f_in)
    delta = (f - y) * f * (1 - f)
    d1, d2 = delta * p["W_1_0_0"] * z1 * (1 - z1), delta * p["W_1_1_0"] * z2 * (1 - z2)
    return p | {
        "x_0": x1, "x_1": x2, "y_0": y, "z_in_0_0": z1_in, "z_in_0_1": z2_in, "z_out_0_0": z1,
        "z_out_0_1": z2, "z_in_1_0": f_in, "z_out_1_0": f, "loss": (y - f) ** 2 / 2,
        "delta_1_0": delta, "delta_0_0": d1, "delta_0_1": d2, "dW_0_0_0": d1 * x1,
        "dW_0_0_1": d2 * x1, "dW_0_1_0": d1 * x2, "dW_0_1_1": d2 * x2, "db_0_0": d1, "db_0_1": d2,
        "dW_1_0_0": delta * z1, "dW_1_1_0": delta * z2, "db_1_0": delta,
        "loss_by_z_out_1_0": f - y, "z_out_1_0_by_z_in_1_0": f * (1 - f),
        "z_out_0_0_by_z_in_0_0": z1 * (1 - z1), "z_out_0_1_by_z_in_0_1": z2 * (1 - z2),
    }  # fmt: skip


def moved(p, alpha, point=2):
    now = by_hand(p, point)
    return {name: p[name] - alpha * now["d" + name] for name in NAMES}


FACTORS = {
    "b_1_0": ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0", 1.0],
    "W_1_0_0": ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0", "z_out_0_0"],
    "W_1_1_0": ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0", "z_out_0_1"],
}
for i, j in itertools.product(range(2), range(2)):
    hidden = ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0", f"W_1_{j}_0",
              f"z_out_0_{j}_by_z_in_0_{j}"]  # fmt: skip
    FACTORS[f"W_0_{i}_{j}"] = [*hidden, f"x_{i}"]
    FACTORS[f"b_0_{j}"] = [*hidden, 1.0]


def fields(markup):
    """Every named number in the markup."""
    found = {}
    for element in ET.fromstring(f"<p>{markup}</p>").iter():
        if element.get("data-q"):
            found.setdefault(element.get("data-q"), set()).add(element.text)
    assert all(len(texts) == 1 for texts in found.values()), found
    return {name: texts.pop() for name, texts in found.items()}


def assert_shown(markup, expected):
    texts = fields(markup)
    for name, text in texts.items():
        digits = len(text.partition(".")[2])
        assert text == f"{expected[name]:z.{digits}f}", name
    return texts


def message(app):
    return "".join(ET.fromstring(app.message.value).itertext()) if app.message.value else ""


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
    assert slider.read() == 0.94, "0.94 is no multiple of the step"
    assert slider.slider.value == 0.94


@pytest.mark.parametrize("reported", [0.95, 0.93, 0.9649, 0.9151])
def test_what_the_browser_snaps_is_no_move(slider, seen, reported):
    slider.slider.value = reported
    assert slider.text.value == 0.94
    assert seen == []


@pytest.mark.parametrize("to", [1.0, 0.9, -5.0, 5.0, 0.0])
def test_a_move_of_the_slider_is_in_the_field(slider, seen, to):
    slider.slider.value = to
    assert slider.read() == to
    assert seen == [to], "one change, heard once"


def test_a_move_leaves_no_binary_dust_in_the_field(slider):
    slider.slider.value = 0.1 + 0.2
    assert slider.read() == 0.3


@pytest.mark.parametrize("typed", [1.23456789, -5.0, 5.0, 0.9400001, 0.0])
def test_a_typed_number_is_kept_as_it_is(slider, seen, typed):
    slider.text.value = typed
    assert (slider.text.value, slider.slider.value) == (typed, typed)
    assert slider.read() == typed
    assert seen == [typed]


@pytest.mark.parametrize(("typed", "end"), [(99.0, 5.0), (-99.0, -5.0), (5.0001, 5.0)])
def test_beyond_the_range_the_slider_stands_at_its_end(slider, seen, typed, end):
    slider.text.value = typed
    assert slider.text.value == typed, "what was typed stays"
    assert slider.slider.value == end
    assert seen == [typed]
    with pytest.raises(ValueError, match=rf"^W_11: got {typed:g}; expected .* from -5 to 5$"):
        slider.read()
    slider.slider.value = end - 0.01  # the browser's snapped report of the end
    assert slider.text.value == typed


@pytest.mark.parametrize("typed", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(slider, typed):
    slider.text.value = typed
    assert math.isfinite(slider.slider.value)
    assert slider.text.value == typed or math.isnan(slider.text.value)
    with pytest.raises(ValueError, match="W_11: got"):
        slider.read()
    slider.text.value = 0.5
    assert slider.read() == slider.slider.value == 0.5


def test_a_locked_slider_locks_both(slider):
    for locked in (True, False):
        slider.disabled = locked
        assert slider.slider.disabled is slider.text.disabled is slider.disabled is locked


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
    app.controls["a"].text.value = 4.0
    assert app.calls[2:] == [(4.0, 5)]
    app.controls["a"].slider.value = 7.0
    assert app.calls[3:] == [(7.0, 5)]
    app.controls["a"].slider.value = 7.001
    assert len(app.calls) == 4, "a snapped report is no change"
    assert app.views["sum"].value == "12"


def test_a_number_out_of_range_leaves_the_picture_and_says_so():
    app = Counted()
    app.controls["a"].text.value = 99.0
    assert app.calls == [(1.0, 2)]
    assert app.views["sum"].value == "3"
    assert app.controls["a"].text.value == 99.0
    assert "a: got 99; expected a number from 0 to 10" in message(app)
    assert 'role="alert"' in app.message.value
    app.controls["a"].text.value = 9.0
    assert (message(app), app.views["sum"].value) == ("", "11")


def test_settings_that_compute_refuses_leave_the_picture_and_say_so():
    app = Counted()
    app.controls["b"].value = -1
    assert app.views["sum"].value == "3"
    assert app.controls["b"].value == -1
    assert "b: got <0>" in message(app), "and no markup comes of it"
    app.controls["b"].value = 1
    assert (message(app), app.views["sum"].value) == ("", "2")


def test_held_computes_once_at_the_end_even_after_an_error():
    app = Counted()
    with app.held():
        app.controls["a"].text.value = 3.0
        app.controls["b"].value = 4
        assert len(app.calls) == 1
    assert app.calls[1:] == [(3.0, 4)]

    def fails():
        with app.held():
            app.controls["b"].value = 6
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fails()
    assert app.calls[2:] == [(3.0, 6)]
    app.controls["b"].value = 7
    assert len(app.calls) == 4


def test_a_view_that_stays_the_same_is_not_sent_again():
    app = Counted()
    sent = []
    app.views["sum"].observe(sent.append, "value")
    with app.held():
        app.controls["a"].text.value = 2.0
        app.controls["b"].value = 1
    assert sent == []


# --- every app ------------------------------------------------------------------------------------

APPS = {
    "one_neuron": explore.one_neuron,
    "forward": lambda: explore.xor_walkthrough("forward"),
    "chain": lambda: explore.xor_walkthrough("chain"),
    "update": lambda: explore.xor_walkthrough("update"),
    "one_step": explore.one_step,
    "nudge": explore.nudge_app,
}


@pytest.fixture(params=APPS)
def make(request):
    return APPS[request.param]


def test_every_app_is_one_widget_with_a_repr_of_its_own(make):
    app, again = make(), make()
    assert isinstance(app, widgets.Widget)
    assert repr(app) == repr(again)
    assert re.fullmatch(r"<[a-z][\w :,-]+>", repr(app))
    assert "0x" not in repr(app)
    assert message(app) == ""


def test_every_app_shows_what_its_pure_view_computes(make):
    app = make()
    settings = app.settings()
    shown = app.compute(**settings)
    assert {name: view.value for name, view in app.views.items()} == shown
    assert make().compute(**settings) == shown
    assert app.settings() == settings


def test_every_control_and_view_is_on_the_page(make):
    def inside(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from inside(child)

    app = make()
    on_page = list(inside(app))
    for widget in (*app.controls.values(), *app.views.values(), app.message):
        assert sum(widget is other for other in on_page) == 1
    kinds = {type(widget) for widget in on_page}
    assert not any(kind.__name__ in ("Output", "interactive") for kind in kinds)


def test_apps_share_no_state(make):
    one, two = make(), make()
    before = {name: view.value for name, view in two.views.items()}
    for control in one.controls.values():
        if isinstance(control, NumberSlider) and not control.disabled:
            control.set(control.read() + 0.5)
        elif isinstance(control, widgets.Dropdown) and not control.disabled:
            control.index = (control.index + 1) % len(control.options)
        elif isinstance(control, widgets.FloatSlider):
            control.value -= 0.5
    one.refresh()  # what the page computes reaches the kernel, which draws it when asked
    assert {name: view.value for name, view in one.views.items()} != before
    assert {name: view.value for name, view in two.views.items()} == before
    assert {name: view.value for name, view in make().views.items()} == before


# --- one neuron -----------------------------------------------------------------------------------


@pytest.mark.parametrize("b", [-3.0, 0.0, 1.25])
@pytest.mark.parametrize("w", [-6.0, -2.0, 0.0, 0.35, 6.0])
def test_one_neuron_shows_loss_and_slope(w, b):
    a = sigma(1.5 * w + b)
    expected = {"w": w, "z_out": a, "loss": (1 - a) ** 2 / 2, "slope": (a - 1) * a * (1 - a) * 1.5}
    markup = explore.one_neuron_view(w, b)["picture"]
    assert set(assert_shown(markup, expected)) == {"w", "z_out", "loss", "slope"}
    (point,) = ET.fromstring(markup).iter("circle")
    assert float(point.get("cx")) == pytest.approx(56 + (w + 6) / 12 * 564, abs=0.051)
    assert float(point.get("cy")) == pytest.approx(250 - expected["loss"] / 0.5 * 216, abs=0.051)


@pytest.mark.parametrize("b", [-3.0, 0.5])
def test_one_neuron_draws_the_loss_for_every_weight(b):
    markup = explore.one_neuron_view(1.0, b)["picture"]
    (path,) = re.findall(r'class="curve" d="M([^"]+)"', markup)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    assert len(points) == 121
    for x, y in points:
        w = -6 + 12 * (x - 56) / 564
        assert y == pytest.approx(250 - 216 * (1 - sigma(1.5 * w + b)) ** 2, abs=0.3)


def test_one_neuron_starts_where_it_is_told():
    assert explore.one_neuron(1.5, -1.0).settings() == {"w": 1.5, "b": -1.0}


# --- the XOR walk-through -------------------------------------------------------------------------


def test_a_bad_stage_is_refused():
    with pytest.raises(ValueError, match=r"stage: got 'backward'; expected one of forward, chain"):
        explore.xor_walkthrough("backward")


def button(app, text):
    def inside(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from inside(child)

    (found,) = (w for w in inside(app) if isinstance(w, widgets.Button) and w.description == text)
    return found


def locked(app):
    found = {name for name, control in app.controls.items() if control.disabled}
    return found | {"take"} if button(app, "Take the step").disabled else found


LOCKED = {"forward": {"weight", "alpha", "take"}, "chain": {"alpha", "take"}, "update": set()}


@pytest.mark.parametrize("stage", LOCKED)
def test_stages_unlock_their_controls(stage):
    app = explore.xor_walkthrough(stage)
    assert locked(app) == LOCKED[stage]
    for other in (*LOCKED, stage):
        app.controls["stage"].value = other
        assert locked(app) == LOCKED[other]
    assert not button(app, "Lecture's weights").disabled


@pytest.mark.parametrize("stage", LOCKED)
def test_the_controls_start_with_the_lecture(stage):
    settings = explore.xor_walkthrough(stage).settings()
    assert {name: settings[name] for name in NAMES} == START
    others = ("stage", "point", "weight", "alpha")
    assert [settings[name] for name in others] == [stage, 2, ("W", 1, 0, 0), 0.5]


MOVED = START | {"W_0_0_0": 1.5, "W_0_1_1": -2.0, "b_0_1": 0.7, "W_1_0_0": -3.0, "b_1_0": -1.0}


def view(stage="update", point=2, weight="W_1_0_0", alpha=0.5, p=START):
    kind, *index = weight.split("_")
    return explore.walkthrough_view(stage, point, (kind, *map(int, index)), alpha, **p)


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("point", XOR)
def test_walkthrough_forward(point, p):
    shown, expected = view("forward", point, p=p), by_hand(p, point)
    texts = assert_shown(shown["picture"], expected)
    assert len(texts) == 9 + 3 + 6 + 1
    order = ["z_in_0_0", "z_in_0_1", "z_out_0_0", "z_out_0_1", "z_in_1_0", "z_out_1_0", "loss"]
    cards = [fields(shown[f"value_{k}"]) for k in range(7)]
    assert cards == [{name: f"{expected[name]:z.4f}"} for name in order]
    assert [shown[name] for name in ("total", "product", "update")] == ["", "", ""]


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("point", XOR)
@pytest.mark.parametrize("weight", NAMES)
def test_walkthrough_chain(weight, point, p):
    shown, expected = view("chain", point, weight, p=p), by_hand(p, point)
    texts = assert_shown(shown["picture"], expected)
    assert len(texts) == 9 + 3 + 6 + 1 + 3 + 9
    values = [expected[f] if isinstance(f, str) else f for f in FACTORS[weight]]
    cards = [list(fields(shown[f"value_{k}"]).values()) for k in range(len(values))]
    assert cards == [[f"{value:z.4f}"] for value in values]
    assert [shown[f"value_{k}"] for k in range(len(values), 7)] == [""] * (7 - len(values))
    assert [shown[f"formula_{k}"] for k in range(len(values), 7)] == [""] * (7 - len(values))
    product = "".join(ET.fromstring(shown["product"]).itertext())
    assert product == f"= {' × '.join(f'{v:z.4f}' for v in values)} = {expected['d' + weight]:z.4f}"
    assert math.prod(values) == pytest.approx(expected["d" + weight], abs=1e-15)
    assert shown["update"] == ""


@pytest.mark.parametrize("weight", NAMES)
def test_walkthrough_lights_the_chosen_weight_and_its_path(weight):
    svg = ET.fromstring(view("chain", weight=weight)["picture"])
    edges = [set(e.get("class").split()) for e in svg.iter("line") if "edge" in e.get("class")]
    boxes = [e for e in svg.iter("rect") if "lit" in e.get("class").split()]
    dashed = sum("chosen" in edge for edge in edges)
    lit = sum("lit" in edge for edge in edges)
    chosen = [t for t in svg.iter("text") if "chosen" in (t.get("class") or "").split()]
    assert [s.get("data-q") for t in chosen for s in t if s.get("data-q")] == [weight]
    kind, layer = weight.split("_")[:2]
    assert dashed == (kind == "W")
    # the way to the loss, the output's weight on the way, the weight itself
    assert lit == {("W", "0"): 3, ("b", "0"): 2, ("W", "1"): 2, ("b", "1"): 1}[kind, layer]
    assert len(boxes) == {("W", "0"): 4, ("b", "0"): 3, ("W", "1"): 3, ("b", "1"): 2}[kind, layer]


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 10.0])
@pytest.mark.parametrize("point", XOR)
def test_walkthrough_update(point, alpha, p):
    expected = by_hand(p, point)
    after = by_hand(moved(p, alpha, point), point)
    expected |= {f"new_{name}": value for name, value in after.items()}
    shown = view("update", point, alpha=alpha, p=p)
    assert len(assert_shown(shown["update"], expected)) == 3 * 9 + 4
    assert shown["picture"] == view("chain", point, p=p)["picture"]


def test_a_step_is_taken_and_taken_back():
    app = explore.xor_walkthrough("update")
    first = {name: view.value for name, view in app.views.items()}
    counted = []
    app.views["picture"].observe(counted.append, "value")
    button(app, "Take the step").click()
    assert len(counted) == 1, "nine numbers change, the picture once"
    once = {name: round(value, 6) for name, value in moved(START, 0.5).items()}
    assert {name: app.controls[name].read() for name in NAMES} == once
    button(app, "Take the step").click()
    twice = {name: round(value, 6) for name, value in moved(once, 0.5).items()}
    assert {name: app.controls[name].read() for name in NAMES} == twice
    app.controls["alpha"].set(3.0)
    button(app, "Lecture's weights").click()
    assert {name: view.value for name, view in app.views.items()} == first


def test_a_step_follows_point_and_learning_rate():
    app = explore.xor_walkthrough("update")
    app.controls["point"].value = 3
    app.controls["alpha"].set(4.0)
    button(app, "Take the step").click()
    expected = {name: round(value, 6) for name, value in moved(START, 4.0, 3).items()}
    assert {name: app.controls[name].read() for name in NAMES} == expected


@pytest.mark.parametrize("name", [*NAMES, "alpha"])
def test_what_the_page_computes_no_observer_of_the_kernel_draws(name):
    app = explore.xor_walkthrough("update")
    before = {view_name: view.value for view_name, view in app.views.items()}
    app.controls[name].text.value = 1.0
    assert {view_name: view.value for view_name, view in app.views.items()} == before
    app.refresh()
    assert app.views["update"].value != before["update"]


@pytest.mark.parametrize("name", [*NAMES, "alpha"])
def test_99_is_refused_in_every_field_and_stays_there(name):
    app = explore.xor_walkthrough("update")
    before = {view_name: view.value for view_name, view in app.views.items()}
    control = app.controls[name]
    control.text.value = 99.0
    app.refresh()
    low, high = (0, 10) if name == "alpha" else (-5, 5)
    assert f"{control.plain}: got 99; expected a number from {low} to {high}" in message(app)
    assert {view_name: view.value for view_name, view in app.views.items()} == before
    assert control.text.value == 99.0
    control.text.value = 1.0
    app.refresh()
    assert message(app) == ""
    assert app.views["update"].value != before["update"]


def test_a_step_from_a_number_out_of_range_does_not_end_in_an_error():
    app = explore.xor_walkthrough("update")
    app.controls["W_0_0_0"].text.value = 99.0
    (press,) = button(app, "Take the step")._click_handlers.callbacks  # click() swallows errors
    press(None)
    assert app.controls["W_0_0_0"].text.value == 99.0
    assert "W_11: got 99" in message(app)
    button(app, "Lecture's weights").click()
    assert message(app) == ""
    assert {name: app.controls[name].read() for name in NAMES} == START


# --- one step and the four points -----------------------------------------------------------------


def losses(p):
    each = [by_hand(p, point)["loss"] for point in XOR]
    return [*each, sum(each) / 4]


def stepped(batch, alpha):
    if not batch:
        return moved(START, alpha)
    every = [by_hand(START, point) for point in XOR]
    return {n: START[n] - alpha * sum(now["d" + n] for now in every) / 4 for n in NAMES}


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 5.0])
@pytest.mark.parametrize("batch", [False, True])
def test_losses_after_one_step(batch, alpha):
    before, after = explore.losses_after_step(batch, alpha)
    assert before == pytest.approx(losses(START), abs=1e-15)
    assert after == pytest.approx(losses(stepped(batch, alpha)), abs=1e-14)
    expected = {f"before_{k}": value for k, value in enumerate(before)}
    expected |= {f"after_{k}": value for k, value in enumerate(after)}
    expected |= {f"change_{k}": a - b for k, (b, a) in enumerate(zip(before, after, strict=True))}
    texts = fields(explore.one_step_view(batch, alpha)["bars"])
    for name, text in texts.items():
        assert float(text) == pytest.approx(expected[name], abs=5.01e-5)
    assert len(texts) == 15


def test_a_step_on_one_point_raises_the_mean_and_the_full_batch_lowers_it():
    def mean(batch):
        before, after = explore.losses_after_step(batch, 0.5)
        return f"{before[-1]:.5f}", f"{after[-1]:.5f}"

    assert mean(False) == ("0.15513", "0.15689")
    assert mean(True) == ("0.15513", "0.15337")


def test_one_step_switches_and_follows_alpha():
    app = explore.one_step()
    assert app.views["bars"].value == explore.one_step_view(False, 0.5)["bars"]
    app.controls["batch"].value = True
    assert app.views["bars"].value == explore.one_step_view(True, 0.5)["bars"]
    app.controls["alpha"].slider.value = 2.0
    assert app.views["bars"].value == explore.one_step_view(True, 2.0)["bars"]
    assert len({explore.one_step_view(*s)["bars"] for s in [(0, 0.5), (1, 0.5), (1, 2.0)]}) == 3


# --- a nudge --------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [0.5, 0.0, -1.25, -4.0])
@pytest.mark.parametrize("weight", NAMES)
def test_nudge_view_of_the_whole_loss(weight, power):
    h = 10**power
    up, down = (by_hand(START | {weight: START[weight] + s * h})["loss"] for s in (1, -1))
    slope, exact = (up - down) / (2 * h), by_hand(START)["d" + weight]
    kind, *index = weight.split("_")
    texts = fields(explore.nudge_view((kind, *map(int, index)), power)["table"])
    assert texts[f"nudged_d{weight}"] == f"{slope:z.6f}"
    assert texts[f"d{weight}"] == f"{exact:z.6f}"
    assert texts[f"difference_d{weight}"] == f"{slope - exact:z.6f}"


@pytest.mark.parametrize("power", [0.0, -2.0])
def test_nudge_view_of_every_factor(power):
    h, now = 10**power, by_hand(START)
    y, f, f_in, z1, z1_in = 1, now["z_out_1_0"], now["z_in_1_0"], now["z_out_0_0"], now["z_in_0_0"]
    expected = {
        "loss_by_z_out_1_0": ((y - f - h) ** 2 - (y - f + h) ** 2) / (4 * h),
        "z_out_1_0_by_z_in_1_0": (sigma(f_in + h) - sigma(f_in - h)) / (2 * h),
        "z_in_1_0_by_z_out_0_0": START["W_1_0_0"],
        "z_out_0_0_by_z_in_0_0": (sigma(z1_in + h) - sigma(z1_in - h)) / (2 * h),
        "z_in_0_0_by_W_0_0_0": 1.0,
    }
    exact = {
        "loss_by_z_out_1_0": f - y, "z_out_1_0_by_z_in_1_0": f * (1 - f),
        "z_in_1_0_by_z_out_0_0": START["W_1_0_0"], "z_out_0_0_by_z_in_0_0": z1 * (1 - z1),
        "z_in_0_0_by_W_0_0_0": 1.0,
    }  # fmt: skip
    texts = fields(explore.nudge_view(("W", 0, 0, 0), power)["table"])
    assert len(texts) == 3 * 6
    for name, nudged in expected.items():
        assert texts[f"nudged_{name}"] == f"{nudged:z.6f}"
        assert texts[name] == f"{exact[name]:z.6f}"
        assert texts[f"difference_{name}"] == f"{nudged - exact[name]:z.6f}"


def test_nudge_app_takes_a_name_and_refuses_another():
    app = explore.nudge_app("W_12")
    assert app.controls["weight"].value == ("W", 0, 0, 1)
    app.controls["power"].value = -2.0
    app.controls["weight"].value = ("b", 1, 0)
    assert app.views["table"].value == explore.nudge_view(("b", 1, 0), -2.0)["table"]
    with pytest.raises(ValueError, match="W_99"):
        explore.nudge_app("W_99")


def test_apps_leave_the_lecture_alone():
    app = explore.xor_walkthrough("update")
    button(app, "Take the step").click()
    assert bl.lectures.xor().network.layers[0].W.tolist() == [[-0.07, 0.94], [0.22, 0.46]]
