"""Every app of the XOR network: what all of them keep to, and that the page knows all they name."""

import re

import ipywidgets as widgets
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.explore import NumberSlider
from backprop_lab.picture.charts import CURVE_POINTS
from tests.explore.programs import data_of, markup_of, names_of, scenes_of
from tests.markup import attributes, inside, message
from tests.xor import NAMES

APPS = {
    "one_neuron": explore.one_neuron,
    "forward": lambda: explore.walkthrough(bl.lectures.xor(), "forward"),
    "chain": lambda: explore.walkthrough(bl.lectures.xor(), "chain"),
    "update": lambda: explore.walkthrough(bl.lectures.xor(), "update", printed=True),
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


def test_every_name_in_the_markup_is_one_that_the_program_knows(make):
    app = make()
    given, computed = names_of(app)
    markup, data = markup_of(app), data_of(app)
    named = set(attributes(markup, "data-q"))
    assert named
    scenes = list(scenes_of(app))
    templates = {*attributes(markup, "data-label"), *(s["text"] for s in scenes if "text" in s)}
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
    for scene in scenes:
        assert {*scene.get("found", ()), *scene.get("known", ())} <= computed
    assert computed >= {f"new_{name}" for name in data["numbers"] if name in NAMES}


def test_every_token_place_and_button_in_the_markup_is_one_that_the_page_knows(make):
    app = make()
    markup, data = markup_of(app), data_of(app)
    scenes = list(scenes_of(app))
    held = {token for scene in scenes for token in scene.get("held", ())}
    shown = {t for when in attributes(markup, "data-when") for t in when.split()}
    assert shown <= held
    cards = {when for when in shown if when.endswith("cards")}
    assert all(cards & {*scene["held"]} for scene in scenes if cards), "every step has cards"
    assert {t for when in attributes(markup, "data-enabled") for t in when.split()} <= held
    assert {name for s in scenes for name in s.get("locked", ())} == set(data["locks"])
    buttons = {"start", "back", "next", "play", "step", "reset", "full"}
    assert set(attributes(markup, "data-do")) <= buttons
    places = set(attributes(markup, "data-place")) | set(attributes(markup, "data-weight"))
    lit = {place for s in scenes for part in ("lit", "now") for place in s.get(part, ())}
    chosen = {scene["chosen"] for scene in scenes if scene.get("chosen")}
    assert lit <= places
    assert chosen <= set(attributes(markup, "data-weight"))
    assert set(attributes(markup, "data-card")) <= set(attributes(markup, "data-q"))
    rows = {int(row) for row in attributes(markup, "data-choose")}
    assert rows == (set(range(9)) if chosen else set())


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
    locks = {f"lock_{name}" for name in data_of(app)["locks"]}
    own = {"tooltip", "at", "last", "library", "program", "scripts", "computes_with"}
    own |= {"state", "acts", "kept_as"}
    assert traits - own == set(app.controls) | locks


def test_apps_leave_the_lecture_alone(make):
    make().refresh()
    assert bl.lectures.xor().network.layers[0].W.tolist() == [[-0.07, 0.94], [0.22, 0.46]]
