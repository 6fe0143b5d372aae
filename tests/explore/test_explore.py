"""The apps: what their controls do, and that what they show is right."""

import itertools
import json
import math
import re
import xml.etree.ElementTree as ET

import ipywidgets as widgets
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import Key, parameters
from backprop_lab.explore import App, NumberSlider
from backprop_lab.explore.nudge_app import nudge_view, nudged
from backprop_lab.explore.one_neuron import one_neuron_view
from backprop_lab.explore.one_step import one_step_view
from backprop_lab.explore.xor_walkthrough import printed_by_quantity, walkthrough_view
from backprop_lab.page.controls import whole
from backprop_lab.picture import diagram
from backprop_lab.picture.charts import CURVE_POINTS

NAMES = [key.name for key in parameters((2, 2, 1))]
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
        "z_in_1_0_by_z_out_0_0": p["W_1_0_0"], "z_in_1_0_by_z_out_0_1": p["W_1_1_0"],
        "z_in_1_0_by_W_1_0_0": z1, "z_in_1_0_by_W_1_1_0": z2, "z_in_1_0_by_b_1_0": 1.0,
        "z_in_0_0_by_W_0_0_0": x1, "z_in_0_0_by_W_0_1_0": x2, "z_in_0_0_by_b_0_0": 1.0,
        "z_in_0_1_by_W_0_0_1": x1, "z_in_0_1_by_W_0_1_1": x2, "z_in_0_1_by_b_0_1": 1.0,
    }  # fmt: skip


def moved(p, alpha, point=2):
    now = by_hand(p, point)
    return {name: p[name] - alpha * now["d" + name] for name in NAMES}


OUTPUT = ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0"]
FACTORS = {name: [*OUTPUT, f"z_in_1_0_by_{name}"] for name in ("W_1_0_0", "W_1_1_0", "b_1_0")}
for i, j in itertools.product(range(2), range(2)):
    hidden = [*OUTPUT, f"z_in_1_0_by_z_out_0_{j}", f"z_out_0_{j}_by_z_in_0_{j}"]
    FACTORS[f"W_0_{i}_{j}"] = [*hidden, f"z_in_0_{j}_by_W_0_{i}_{j}"]
    FACTORS[f"b_0_{j}"] = [*hidden, f"z_in_0_{j}_by_b_0_{j}"]


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


def on_page(markup):
    """The markup without the parts that are switched off."""
    root = ET.fromstring(f"<p>{markup}</p>")
    for parent in list(root.iter()):
        for child in list(parent):
            if "off" in (child.get("class") or "").split():
                parent.remove(child)
    return ET.tostring(root, encoding="unicode")


def attributes(markup, name):
    """All values of an attribute in the markup."""
    elements = ET.fromstring(f"<p>{markup}</p>").iter()
    return [e.get(name) for e in elements if e.get(name) is not None]


def inside(widget):
    """A widget and all that it contains."""
    yield widget
    for child in getattr(widget, "content", getattr(widget, "children", ())):
        yield from inside(child)


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
    app = make()
    on_page = list(inside(app))
    for widget in (*app.controls.values(), *app.views.values(), app.message, app.page):
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
    one.refresh()  # what the page computes reaches the kernel, which draws it when asked
    assert {name: view.value for name, view in one.views.items()} != before
    assert {name: view.value for name, view in two.views.items()} == before
    assert {name: view.value for name, view in make().views.items()} == before


# What the page knows of an app: the program's names, and the data beside it.


def data_of(app):
    return json.loads(re.search(r"^const data = (.*);$", app.page._esm, re.M)[1])


def names_of(app):
    (given,) = re.findall(r"const \{(.*)\} = values;", app.page._esm)
    _, results = app.page._esm.split("\n  return {\n", 1)
    computed = re.findall(r"^    (\w+): ", results.partition("\n  };\n")[0], re.M)
    return set(given.split(", ")), set(computed)


def markup_of(app):
    shown = [w.value for w in inside(app) if isinstance(w, widgets.HTML | widgets.HTMLMath)]
    markup = "".join(value for value in shown if "<style>" not in value)
    return markup.replace(" disabled ", ' disabled="" ')  # HTML, as XML has it


def test_every_name_in_the_markup_is_one_that_the_program_knows(make):
    app = make()
    given, computed = names_of(app)
    markup, data = markup_of(app), data_of(app)
    named = set(attributes(markup, "data-q"))
    assert named
    templates = [*attributes(markup, "data-label"), *(m["text"] for m in data["moments"])]
    for template in templates:
        named |= set(re.findall(r"\[(\w+)\]", template))
    for entries in attributes(markup, "data-matrix"):
        assert len(entries.split()) == 6
        named |= {word for word in entries.split() if not re.fullmatch(r"-?[\d.]+", word)}
    for sweep in attributes(markup, "data-curve"):
        which, low, high, count, result = sweep.split()
        assert which in given
        assert result in computed
        assert float(low) < float(high)
        assert int(count) == CURVE_POINTS
    assert named <= given | computed
    for moment in data["moments"]:
        assert set(moment["known"]) <= computed
    assert computed >= {f"new_{name}" for name in data["numbers"] if name in NAMES}


def test_every_token_place_and_button_in_the_markup_is_one_that_the_page_knows(make):
    app = make()
    markup, data = markup_of(app), data_of(app)
    held = {t for rows in data["tables"].values() for row in rows for t in row["tokens"]}
    groups = {moment["group"] for moment in data["moments"]}
    shown = {t for when in attributes(markup, "data-when") for t in when.split()}
    assert shown <= held | set(data["flags"]) | {"away"} | groups
    assert groups <= shown, "every step has cards"
    assert {t for when in attributes(markup, "data-enabled") for t in when.split()} <= held
    assert {t for when in data["locks"].values() for t in when} <= held
    buttons = {"start", "back", "next", "play", "step", "reset", "full"}
    assert set(attributes(markup, "data-do")) <= buttons
    places = set(attributes(markup, "data-place")) | set(attributes(markup, "data-weight"))
    lit = {place for part in (*data["moments"], *data["lights"]) for place in part["places"]}
    assert lit <= places
    assert {light["chosen"] for light in data["lights"]} <= set(attributes(markup, "data-weight"))
    assert set(attributes(markup, "data-card")) <= set(attributes(markup, "data-q"))
    rows = {int(row) for row in attributes(markup, "data-choose")}
    assert rows == (set(range(9)) if data["lights"] else set())


def test_every_control_is_linked_to_a_trait_of_its_own(make):
    app = make()
    for name, control in app.controls.items():
        if isinstance(control, NumberSlider):
            assert getattr(app.page, name) == control.read()
        elif isinstance(control, widgets.Dropdown | widgets.ToggleButtons):
            assert getattr(app.page, name) == control.index
        else:
            assert getattr(app.page, name) == control.value
    traits = {key for key in app.page.keys if not key.startswith("_")} - {"layout", "tabbable"}
    locks = set(data_of(app)["locks"])
    assert traits - {"tooltip", "at", "last"} == set(app.controls) | locks


# --- one neuron -----------------------------------------------------------------------------------


@pytest.mark.parametrize("b", [-3.0, 0.0, 1.25])
@pytest.mark.parametrize("w", [-6.0, -2.0, 0.0, 0.35, 6.0])
def test_one_neuron_shows_loss_and_slope(w, b):
    a = sigma(1.5 * w + b)
    expected = {"w": w, "z_out": a, "loss": (1 - a) ** 2 / 2, "slope": (a - 1) * a * (1 - a) * 1.5}
    markup = one_neuron_view(w, b)["picture"]
    assert set(assert_shown(markup, expected)) == {"w", "z_out", "loss", "slope"}
    axes, point = (e.get("transform") for e in ET.fromstring(markup).iter("g"))
    assert axes == "matrix(47.000000 0 0 -432.000000 338.000000 250.000000)"
    moved = (1, expected["slope"], 0, 1, w, expected["loss"])
    assert point == f"matrix({' '.join(f'{v:z.6f}' for v in moved)})"


@pytest.mark.parametrize("b", [-3.0, 0.5])
def test_one_neuron_draws_the_loss_for_every_weight(b):
    markup = one_neuron_view(1.0, b)["picture"]
    (path,) = re.findall(r'class="curve" d="M([^"]+)"', markup)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    assert [w for w, _ in points] == pytest.approx([-6 + k / 10 for k in range(121)])
    for w, loss in points:
        assert loss == pytest.approx((1 - sigma(1.5 * w + b)) ** 2 / 2, abs=5.1e-7)


def test_one_neuron_starts_where_it_is_told():
    assert explore.one_neuron(1.5, -1.0).settings() == {"w": 1.5, "b": -1.0}


# --- the XOR walk-through -------------------------------------------------------------------------


def test_a_bad_stage_is_refused():
    with pytest.raises(ValueError, match=r"stage: got 'backward'; expected one of forward, chain"):
        explore.xor_walkthrough("backward")


@pytest.mark.parametrize("x", [(1, 2), (0.5, 1), (1,)])
def test_a_point_that_xor_has_not_is_refused(x):
    with pytest.raises(ValueError, match=r"^x: got .*; expected one of \(0, 0\), \(0, 1\), "):
        explore.xor_walkthrough(x=x)


LOCKED = {"forward": {"weight", "alpha"}, "chain": {"alpha"}, "update": set()}
STEPS = {"forward": 5, "chain": 5 + 3 + 1, "update": 5 + 3 + 1 + 1}
"""Of the chosen weight, u_1: five of the forward pass, three factors, their product, the update."""


@pytest.mark.parametrize("stage", LOCKED)
def test_a_stage_begins_with_its_locks_and_its_steps(stage):
    app = explore.xor_walkthrough(stage)
    assert {name for name, c in app.controls.items() if getattr(c, "disabled", 0)} == LOCKED[stage]
    locks = ("weight", "alpha")
    assert {n for n in locks if getattr(app.page, f"lock_{n}")} == LOCKED[stage]
    assert data_of(app)["locks"] == {"lock_weight": ["backward"], "lock_alpha": ["update"]}
    assert (app.page.at, app.page.last) == (0, STEPS[stage])
    (take,) = re.findall(r'<button data-do="step" data-enabled="(\w+)" disabled=', markup_of(app))
    assert take == "update"


@pytest.mark.parametrize("stage", LOCKED)
def test_the_controls_start_with_the_lecture(stage):
    settings = explore.xor_walkthrough(stage).settings()
    assert {name: settings[name] for name in NAMES} == START
    others = ("stage", "point", "weight", "alpha", "hide")
    assert [settings[n] for n in others] == [stage, 2, ("W", 1, 0, 0), 0.5, False]
    assert "printed" not in settings, "what the hunt is for, only where it is asked for"
    assert explore.xor_walkthrough(stage, printed=True).settings()["printed"] is False
    home = data_of(explore.xor_walkthrough(stage, (0, 1)))["home"]
    assert home == START | {"alpha": 0.5, "point": 2}, "where the lecture's numbers belong"


@pytest.mark.parametrize("point", XOR)
def test_the_walkthrough_starts_where_it_is_told(point):
    assert explore.xor_walkthrough(x=XOR[point][0]).settings()["point"] == point


MOVED = START | {"W_0_0_0": 1.5, "W_0_1_1": -2.0, "b_0_1": 0.7, "W_1_0_0": -3.0, "b_1_0": -1.0}


def view(stage="update", point=2, weight="W_1_0_0", alpha=0.5, p=START):
    kind, *index = weight.split("_")
    return walkthrough_view(stage, point, Key(kind, *map(int, index)), alpha, **p)


def with_step(p, point=2, alpha=0.5):
    """All that the walk-through shows: the numbers now and after a step, the losses of all points.

    By hand.
    """
    new = moved(p, alpha, point)
    expected = by_hand(p, point)
    expected |= {f"new_{name}": value for name, value in by_hand(new, point).items()}
    for k, (before, after) in enumerate(zip(losses(p), losses(new), strict=True)):
        expected |= {f"before_{k}": before, f"after_{k}": after, f"change_{k}": after - before}
    return expected


FORWARD = {*NAMES, "x_0", "x_1", "y_0", "loss"}
FORWARD |= {f"{kind}_{unit}" for kind in ("z_in", "z_out") for unit in ("0_0", "0_1", "1_0")}
BACKWARD = {f"d{name}" for name in NAMES} | {"delta_0_0", "delta_0_1", "delta_1_0"}
AFTER = {f"new_{name}" for name in (*NAMES, "z_out_1_0", "loss")}
CHANGES = {f"{what}_{k}" for what in ("before", "after", "change") for k in range(5)}


def assert_right(markup, expected):
    """Each number, where it stands, is the right one; a change carries its sign."""
    texts = fields(markup)
    for name, text in texts.items():
        sign = "+" * name.startswith("change")
        assert text == f"{expected[name]:{sign}z.{len(text.partition('.')[2])}f}", name
    return set(texts)


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("point", XOR)
def test_walkthrough_forward(point, p):
    shown, expected = view("forward", point, p=p), with_step(p, point)
    assert assert_right(on_page(shown["picture"]), expected) == FORWARD
    order = ["z_in_0_0", "z_in_0_1", "z_out_0_0", "z_out_0_1", "z_in_1_0", "z_out_1_0", "loss"]
    cards = on_page(shown["cards"])
    assert attributes(cards, "data-q") == attributes(cards, "data-card") == order
    assert assert_right(cards, expected) == set(order)
    assert assert_right(on_page(shown["update"]), expected) == set()


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("point", XOR)
@pytest.mark.parametrize("weight", NAMES)
def test_walkthrough_chain(weight, point, p):
    shown, expected = view("chain", point, weight, p=p), with_step(p, point)
    assert assert_right(on_page(shown["picture"]), expected) == FORWARD | BACKWARD
    cards, gradient = on_page(shown["cards"]), f"d{weight}"
    assert attributes(cards, "data-card") == [*FACTORS[weight], gradient]
    assert assert_right(cards, expected) == {*FACTORS[weight], gradient}
    values = [expected[name] for name in FACTORS[weight]]
    assert math.prod(values) == pytest.approx(expected[gradient], abs=1e-15)
    product = next(e for e in ET.fromstring(cards).iter() if "product" in e.get("class", ""))
    text = "".join(product.find("b").itertext())
    assert text == f"= {' × '.join(f'{v:z.4f}' for v in values)} = {expected[gradient]:z.4f}"
    assert assert_right(on_page(shown["update"]), expected) == set()


@pytest.mark.parametrize("weight", NAMES)
def test_walkthrough_lights_the_chosen_weight_and_its_path(weight):
    svg = ET.fromstring(view("chain", weight=weight)["picture"])
    by_class = {
        css: [e for e in svg.iter() if css in e.get("class", "").split() and e.tag != "tspan"]
        for css in ("lit", "chosen")
    }
    # the way to the loss, the output's weight on the way, the weight itself
    kind, layer, *ends = weight.split("_")
    path = {"loss", "z_out_1_0", weight} if kind == "W" else {"loss", "z_out_1_0"}
    if layer == "0":
        path |= {f"W_1_{ends[-1]}_0", f"z_out_0_{ends[-1]}"}
    if kind == "W":
        path.add(f"z_out_0_{ends[0]}" if layer == "1" else f"x_{ends[0]}")
    assert {e.get("data-place") for e in by_class["lit"]} == path
    assert len(by_class["lit"]) == len(path) + 1, "the loss has a box and a line"
    assert {e.get("data-weight") for e in by_class["chosen"]} == {weight}
    texts = [e for e in by_class["chosen"] if e.tag == "text"]
    assert [s.get("data-q") for t in texts for s in t if s.get("data-q")] == [weight]
    assert [e.tag for e in by_class["chosen"] if e.tag != "text"] == ["line"] * (kind == "W")
    unlit = ET.fromstring(view("forward", weight=weight)["picture"])
    assert not [
        e for e in unlit.iter()
        if set(e.get("class", "").split()) & {"lit", "chosen"} and e.tag != "tspan"
    ]  # fmt: skip


@pytest.mark.parametrize("p", [START, MOVED], ids=["start", "moved"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 10.0])
@pytest.mark.parametrize("point", XOR)
def test_walkthrough_update(point, alpha, p):
    shown, expected = view("update", point, alpha=alpha, p=p), with_step(p, point, alpha)
    old = {*NAMES, *(f"d{name}" for name in NAMES), "z_out_1_0", "loss"}
    assert assert_right(on_page(shown["update"]), expected) == old | AFTER | CHANGES
    for part in ("picture", "cards"):
        assert shown[part] == view("chain", point, p=p)[part]


@pytest.mark.parametrize("stage", explore.STAGES)
def test_every_state_has_the_same_markup_but_for_classes_and_numbers(stage):
    """The page shows each state from what Python drew for another."""

    def skeleton(shown):
        elements = ET.fromstring(f"<p>{''.join(shown.values())}</p>").iter()
        return [
            (e.tag, {k: v for k, v in e.items() if k not in ("class", "transform", "aria-label")})
            for e in elements
        ]

    first = skeleton(view())
    for weight, point in itertools.product(NAMES, (0, 3)):
        assert skeleton(view(stage, point, weight, 2.0, MOVED)) == first


def test_every_number_is_right_in_the_parts_that_are_off_too():
    shown = view("forward", 3, "b_0_1", 2.5, MOVED)
    expected = with_step(MOVED, 3, 2.5)
    everything = FORWARD | BACKWARD | AFTER | CHANGES | set(itertools.chain(*FACTORS.values()))
    assert assert_right("".join(shown.values()), expected) == everything


def test_the_switches_change_nothing_in_what_python_draws():
    for printed in ({}, {"printed": False}):
        settings = ("update", 2, Key("W", 1, 0, 0), 0.5)
        plain = walkthrough_view(*settings, **START, **printed)
        for switched in ({"hide": True}, {"hide": True} | dict.fromkeys(printed, True)):
            assert walkthrough_view(*settings, **(START | printed | switched)) == plain
    assert "printed" not in "".join(view().values())


PRINTED = {
    "z_in_0_0": "-0.53 ✓", "z_out_0_0": "0.3705 ✓", "z_in_0_1": "1.04 ✓", "z_out_0_1": "0.7389 ✓",
    "z_in_1_0": "1.1122 ✗", "z_out_1_0": "0.7525 ↳", "loss": "0.0306 ↳",
    "loss_by_z_out_1_0": "-0.2475 ↳", "z_out_1_0_by_z_in_1_0": "0.1862 ↳",
    "dW_1_0_0": "-0.0171 ↳", "new_W_1_0_0": "-0.2115 ↳", "z_out_0_0_by_z_in_0_0": "0.2332 ✓",
    "dW_0_0_0": "0.0024 ↳", "new_W_0_0_0": "-0.0712 ✓", "new_W_0_0_1": "0.9426 ↳",
    "new_b_0_0": "-0.4612 ✓", "new_b_0_1": "0.1026 ↳", "new_W_1_1_0": "0.5970 ↳",
    "new_b_1_0": "0.8030 ↳", "new_z_out_1_0": "0.7615 ✗", "new_loss": "0.0284 ↳",
}  # fmt: skip
"""LMU-8's printed numbers, by the quantity that they stand for, with the signs of the verdicts."""


def test_all_printed_numbers_stand_for_the_right_quantities():
    found = printed_by_quantity()
    assert {name: diagram.said(number) for name, number in found.items()} == PRINTED
    assert list(found.values()) == list(bl.lectures.xor().printed), "all 21, in order"
    exact = with_step(START)
    for name, number in found.items():
        assert number.exact == pytest.approx(exact[name], abs=1e-12)


def test_a_printed_number_stands_beside_its_own_quantity():
    shown = walkthrough_view("update", 2, Key("W", 0, 0, 0), 0.5, printed=False, **START)
    for part in shown.values():
        for e in ET.fromstring(f"<p>{part}</p>").iter():
            assert ("printed" in e.get("class", "")) <= ("off" in e.get("class", ""))
    cards = ET.fromstring(f"<p>{shown['cards']}</p>")
    for card in (e for e in cards.iter() if e.get("data-card")):
        texts = [e.text for e in card.iter() if "printed" in e.get("class", "").split()]
        assert texts == [PRINTED[n] for n in [card.get("data-card")] if n in PRINTED]
    for group in ET.fromstring(shown["picture"]).iter("g"):
        named = [e.get("data-q") for e in group.iter() if e.get("data-q")]
        texts = [e.text for e in group.iter("text") if "printed" in e.get("class", "").split()]
        assert texts == [PRINTED[name] for name in named if name in PRINTED]
    picture = [n for n in PRINTED if n in FORWARD | BACKWARD]
    table = [n for n in PRINTED if n.startswith("new_")]
    for part, names in (("picture", picture), ("update", table)):
        text = "".join(ET.fromstring(shown[part]).itertext())
        for name in names:
            assert text.count(PRINTED[name]) == 1, name


@pytest.mark.parametrize("name", [*NAMES, "alpha"])
def test_what_the_page_computes_no_observer_of_the_kernel_draws(name):
    app = explore.xor_walkthrough("update")
    before = {view_name: view.value for view_name, view in app.views.items()}
    app.controls[name].value = 1.0
    assert {view_name: view.value for view_name, view in app.views.items()} == before
    app.refresh()
    assert app.views["update"].value != before["update"]


@pytest.mark.parametrize("name", [*NAMES, "alpha"])
def test_99_is_refused_in_every_field_and_stays_there(name):
    app = explore.xor_walkthrough("update")
    before = {view_name: view.value for view_name, view in app.views.items()}
    control = app.controls[name]
    control.value = 99.0
    app.refresh()
    low, high = (0, 10) if name == "alpha" else (-5, 5)
    assert f"{control.plain}: got 99; expected a number from {low} to {high}" in message(app)
    assert {view_name: view.value for view_name, view in app.views.items()} == before
    assert control.value == 99.0
    control.value = 1.0
    app.refresh()
    assert message(app) == ""
    assert app.views["update"].value != before["update"]


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
    texts = fields(one_step_view(batch, alpha)["bars"])
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
    assert app.views["bars"].value == one_step_view(False, 0.5)["bars"]
    app.controls["batch"].value = True
    app.controls["alpha"].set(2.0)
    app.refresh()
    assert app.views["bars"].value == one_step_view(True, 2.0)["bars"]
    assert len({one_step_view(*s)["bars"] for s in [(0, 0.5), (1, 0.5), (1, 2.0)]}) == 3


# --- a nudge --------------------------------------------------------------------------------------


def nudge_rows(weight, power):
    """The rows of the table that is shown: nudged, computed, difference, as texts."""
    kind, *index = weight.split("_")
    table = on_page(nudge_view(Key(kind, *map(int, index)), power)["table"])
    rows = {}
    for row in ET.fromstring(table).iter("tr"):
        if named := [cell.get("data-q") for cell in row if cell.get("data-q")]:
            prefix, quantity = named[0].split("_nudged_")
            assert prefix == weight
            assert named == [f"{weight}_nudged_{quantity}", f"{weight}_difference_{quantity}"]
            rows[quantity] = [cell.text for cell in row][1:]
    return rows


@pytest.mark.parametrize("power", [0, 1, 4])
@pytest.mark.parametrize("weight", NAMES)
def test_nudge_view_of_the_whole_loss(weight, power):
    h = 10**-power
    up, down = (by_hand(START | {weight: START[weight] + s * h})["loss"] for s in (1, -1))
    slope, exact = (up - down) / (2 * h), by_hand(START)["d" + weight]
    rows = nudge_rows(weight, power)
    assert list(rows) == [*FACTORS[weight], f"d{weight}"]
    assert rows[f"d{weight}"] == [f"{v:z.6f}" for v in (slope, exact, slope - exact)]


@pytest.mark.parametrize("power", [0, 2])
def test_nudge_view_of_every_factor(power):
    h, now = 10**-power, by_hand(START)
    y, f, f_in, z1_in = 1, now["z_out_1_0"], now["z_in_1_0"], now["z_in_0_0"]
    expected = {
        "loss_by_z_out_1_0": ((y - f - h) ** 2 - (y - f + h) ** 2) / (4 * h),
        "z_out_1_0_by_z_in_1_0": (sigma(f_in + h) - sigma(f_in - h)) / (2 * h),
        "z_in_1_0_by_z_out_0_0": START["W_1_0_0"],
        "z_out_0_0_by_z_in_0_0": (sigma(z1_in + h) - sigma(z1_in - h)) / (2 * h),
        "z_in_0_0_by_W_0_0_0": 1.0,
    }
    rows = nudge_rows("W_0_0_0", power)
    assert list(rows) == [*expected, "dW_0_0_0"]
    for name, value in expected.items():
        assert rows[name] == [f"{v:z.6f}" for v in (value, now[name], value - now[name])]


def test_the_smallest_nudges_are_round_off():
    """A double's: the best h is neither large nor small, and at 10^-16 next to nothing is right."""

    def off(power):
        rows = nudge_rows("W_0_0_0", power)
        return max(abs(float(nudged) - float(now)) for nudged, now, _ in rows.values())

    errors = [off(power) for power in range(17)]
    assert errors[0] > 1e-3
    assert max(errors[4:9]) <= 1e-6
    assert 1e-6 < errors[12] < errors[14] < errors[16]
    assert nudge_rows("W_1_0_0", 16)["dW_1_0_0"][0] == "0.000000"
    assert nudge_rows("W_1_0_0", 16)["loss_by_z_out_1_0"][0] == "-0.260209"


def test_round_off_is_that_of_doubles():
    """Sums and products are rounded as the processor rounds them, to the last bit."""
    u, z, c = sp.symbols("u z c", real=True)
    numbers = {u: -0.22, z: 0.37051688803260513, c: 0.78}
    values = {symbol: sp.Float(value) for symbol, value in numbers.items()}
    for power in range(17):
        h = float(f"1e-{power}")
        up, down = ((-0.22 + move) * numbers[z] + 0.78 for move in (h, -h))
        assert nudged([(sp.Dummy(), u * z + c)], values, u, power) == (up - down) / (2 * h)


def test_nudge_app_takes_a_name_and_refuses_another():
    app = explore.nudge_app("W_12")
    assert app.controls["weight"].value == ("W", 0, 0, 1)
    app.controls["power"].value = 2
    app.controls["weight"].value = ("b", 1, 0)
    app.refresh()
    assert app.views["table"].value == nudge_view(Key("b", 1, 0), 2)["table"]
    with pytest.raises(ValueError, match="W_99"):
        explore.nudge_app("W_99")


def test_apps_leave_the_lecture_alone(make):
    make().refresh()
    assert bl.lectures.xor().network.layers[0].W.tolist() == [[-0.07, 0.94], [0.22, 0.46]]
