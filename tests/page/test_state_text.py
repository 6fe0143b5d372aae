"""An app's state as a text: every app's there and back, and what is refused."""

import math
import random
import re
from pathlib import Path

import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.rounding import snap
from backprop_lab.exercise import drill, exercises, finder, gallery, golf, letters, practice
from backprop_lab.page import state_text
from backprop_lab.page.live import Live, Number
from backprop_lab.page.program import Program
from backprop_lab.picture.elements import Element
from tests.nightly import by_night

STATES = pytest.mark.parametrize("states", [20, by_night(200)])
XOR = bl.lectures.xor
MADE = {
    "forward": lambda **more: explore.walkthrough(XOR(), **more),
    "update": lambda **more: explore.walkthrough(XOR(), "update", printed=True, **more),
    "csc311": lambda **more: explore.walkthrough(bl.lectures.csc311(), **more),
    "ch8": lambda **more: explore.walkthrough(bl.lectures.ch8(), "chain", **more),
    "predict": lambda **more: practice.predict(
        "Which?", [("up", True, "Yes."), ("down", False, "No.")], **more
    ),
    "predict_step": practice.predict_step,
    "hunt": practice.find_first_wrong,
    "blanks": lambda **more: practice.chain_blanks("u_2", **more),
    "signals": lambda **more: practice.signal_blanks(1, 2, **more),
    "exercise": lambda **more: exercises.exercise(1, **more),
    "golf": golf.play,
    "counting": golf.count_blanks,
    "gallery": gallery.play,
    "drill": drill.play,
    "finder": finder.play,
    "formula": lambda **more: letters.formula("δ?", "δ", "a - y", ["a", "y"], **more),
}
"""Apps that need an argument, and exercises."""
NAMED = [
    "algorithm", "any_network", "chain_of_neurons", "counts", "deep_network", "deep_training",
    "difference", "graph", "notation_switch", "nudge_app", "one_neuron", "one_step", "overlap",
    "phase_map", "product_order", "risk_after_a_step", "signal", "steps_on_a_parabola", "timing",
    "valve", "xor_training",
]  # fmt: skip
APPS = {name: getattr(explore, name) for name in NAMED} | MADE


def lives(app):
    return [child for child in app.children if isinstance(child, Live)]


def test_every_app_with_a_program_is_here():
    folder = Path(explore.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "computing(" in path.read_text("utf-8")}
    assert {*NAMED, "walkthrough"} >= found, "add it to NAMED, here"


def moved(live, dice):
    """Move each control somewhere, or not at all, press what is offered, go to a step."""
    data = live.data
    for name, rows in data["tables"].items():
        if dice.random() < 0.5:
            setattr(live, name, dice.randrange(len(rows)))
    for name, number in data["numbers"].items():
        low, high = number["low"], number["high"]
        if dice.random() < 0.5:
            value = dice.choice([dice.uniform(low, high), round(dice.uniform(low, high), 2), low])
            whole = number["whole"]
            setattr(live, name, float(dice.randint(int(low), int(high))) if whole else snap(value))
    for name in data["flags"]:
        setattr(live, name, dice.random() < 0.5)
    for name in data["texts"]:
        typed = ["", "0,5", "1e-3", " −2 ", "a=b&c", "100 %", "%41", "é#?+\n", "日本", "<b>"]
        setattr(live, name, dice.choice(typed))
    if data["replayed"]:
        for _ in range(dice.randrange(12)):
            found = live.computes(live.values()).values()
            offered = state_text.offers([one for one in found if isinstance(one, Element)])
            name, value = dice.choice(offered)
            live.act(name, dice.choice(["15", "x y", ""]) if value is None else value)
    live._settle()
    live.at = dice.randint(0, live.last)


def in_short(held):
    """What the traits hold; of a number, the twelve digits that are told."""
    return {k: f"{v:z.12g}" if isinstance(v, float) else plain(v) for k, v in held.items()}


def plain(value):
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


@STATES
@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_a_state_goes_into_a_text_and_comes_back(make, states):
    (live,) = lives(make())
    data, of = live.data, live.computes
    dice, texts = random.Random(3), set()
    for _ in range(states):
        moved(live, dice)
        text = live.shown_state
        assert re.fullmatch(r"[\w.~%=&+-]*", text, re.A), "it may stand in any link"
        known = of.kept and of.kept.known
        held = state_text.understood(text, data, of.scene, of.changed, of.compute, known)
        assert in_short(held) == in_short(live.trait_values()), text
        assert state_text.written(held, data, of.scene) == text
        texts.add(text)
        if data["replayed"]:
            live.state, live.acts = data["state"], []
    assert len(texts) > (2 if data["numbers"] or data["texts"] else 0)


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_the_start_is_no_text_and_no_text_is_the_start(make):
    app = make()
    (live,) = lives(app)
    start = in_short(live.trait_values())
    assert app.shown == ""
    moved(live, random.Random(4))
    app.show("")
    assert in_short(live.trait_values()) == start


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_a_call_takes_a_state_and_its_controls_and_views_show_it(make):
    asked, dice = make(), random.Random(5)
    while not asked.shown:
        moved(lives(asked)[0], dice)
    app = make(state=asked.shown)
    (live,) = lives(app)
    assert app.shown == asked.shown
    for name, control in live.linked_controls.items():
        held = control.index if name in live.data["tables"] else control.value
        assert in_short({name: held}) == in_short({name: getattr(live, name)})
        if name in live.data["locks"]:
            assert control.disabled == getattr(live, f"lock_{name}")
    fresh = make()
    fresh.show(asked.shown)
    for name, view in live.own_views.items():
        assert view.value == lives(fresh)[0].own_views[name].value


def test_the_picture_of_a_call_is_that_of_its_state():
    app = explore.one_neuron(state="w=1.5")
    assert app.views["picture"].value == explore.one_neuron(w=1.5).views["picture"].value
    assert app.views["picture"].value != explore.one_neuron().views["picture"].value
    assert (
        explore.signal(state="h=0.3").views["table"].value != explore.signal().views["table"].value
    )


def test_a_text_is_for_readers():
    app = explore.walkthrough(XOR(), "update", printed=True)
    app.show("W_11=0.3&at=4&hide=1&weight=c")
    assert app.shown == "weight=c&W_11=0.3&hide=1&at=4"
    assert app.controls["W_0_0_0"].value == 0.3
    assert app.controls["weight"].label == "c"
    assert (app.page.at, app.page.hide) == (4, True)
    played = golf.play(state="guess=15&press=0&press=3")
    assert len(played.page.state["moves"]) == 1
    assert gallery.play(state="suspect=C&depth=3").page.state["depth"] == 3


def test_numbers_are_read_as_they_are_typed():
    app = explore.walkthrough(XOR(), state="W_11=0,3&b_1=%E2%88%922")
    assert app.shown == "W_11=0.3&b_1=-2"


def test_a_choice_may_move_a_number_and_the_text_knows():
    app = explore.chain_of_neurons(state="activation=relu")
    assert (app.page.z, app.shown) == (1.0, "activation=relu")
    app.show(
        "activation=relu&z_held_at=0"
        if "z_held_at" in app.page.data["words"].values()
        else "activation=relu&z=0"
    )
    assert app.page.z == 0.0
    assert app.shown.startswith("activation=relu&z=0")


REFUSED = {
    "x": "got “x”; expected name=value, joined by &",
    "=1": "got “=1”; expected name=value",
    "W_11=1=2": "got “W_11=1=2”; expected name=value",
    "W_11": "got “W_11”; expected name=value",
    "&": "got “”; expected name=value",
    "W_11=1&": "got “”; expected name=value",
    "?W_11=1": "got “?W_11”; expected one of W_11, W_12",
    "w_11=1": "got “w_11”; expected one of W_11, W_12",
    "__proto__=1": "got “__proto__”; expected one of W_11",
    "W_0_0_0=1": "got “W_0_0_0”; expected one of W_11",
    "W_11=": "W_11: “” is not a number",
    "W_11=abc": "W_11: “abc” is not a number",
    "W_11=nan": "W_11: “nan” is not a number",
    "W_11=1e999": "W_11: “1e999” is not a finite number",
    "W_11=5.01": "W_11: got 5.01; expected a number from -5 to 5",
    "W_11=1,234": "W_11: “1,234” can be read in two ways",
    "W_11=1&W_11=2": "W_11: got “1” and “2”; expected one of them",
    "W_11=%zz": "got “W_11=%zz”; expected name=value",
    "W_11=%": "got “W_11=%”; expected name=value",
    "W_11=%ff": "got “W_11=%ff”; expected name=value",
    "W_11=%ED%A0%80": "got “W_11=%ED%A0%80”; expected name=value",
    "stage=third": "stage: got “third”; expected one of forward, chain, update",
    "weight=W_33": "weight: got “W_33”; expected one of W_11",
    "weight=0": "weight: got “0”; expected one of W_11",
    "hide=2": "hide: got “2”; expected one of 0, 1",
    "hide=True": "hide: got “True”; expected one of 0, 1",
    "at=-1": "at: got “-1”; expected a whole number from 0 to 5",
    "at=6": "at: got “6”; expected a whole number from 0 to 5",
    "at=1.5": "at: got “1.5”; expected a whole number",
    "press=1": "got “press”; expected one of W_11",
    "W_11=1&" * 2000 + "c=1": "got 14003 characters; expected at most 8000",
    "constructor=1": "got “constructor”; expected one of W_11",
    "<img src=x onerror=alert(1)>": "got “<img src=x onerror=alert(1)>”; expected name=value",
}
"""By text, how the sentence begins that an app of XOR's walk refuses it with."""


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_a_damaged_or_foreign_text_is_refused_and_changes_nothing(text):
    app = explore.walkthrough(XOR(), state="W_12=0.5&at=2")
    before = (app.page.trait_values(), {name: view.value for name, view in app.views.items()})
    with pytest.raises(ValueError, match=f"^state: {re.escape(REFUSED[text])}"):
        app.show(text)
    assert (
        app.page.trait_values(),
        {name: view.value for name, view in app.views.items()},
    ) == before
    with pytest.raises(ValueError, match=r"^state: "):
        explore.walkthrough(XOR(), state=text)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("press=0", "guess=…"),  # nothing is pressed before a guess
        ("guess=15&press=10", "guess=…, press=0, "),
        ("guess=15&undo=", "guess=…, press=0, "),  # there is nothing to undo
        ("guess=15&press=__proto__", "guess=…, press=0, "),
        ("moves=%5B%5B0%2C1%5D%5D", "guess=…"),
        ("said=%7B%22tag%22%3A%22script%22%7D", "guess=…"),
    ],
)
def test_a_text_does_what_a_reader_can_and_no_more(text, offered):
    with pytest.raises(ValueError, match=rf"expected {re.escape(offered)}"):
        golf.play(state=text)


def test_whole_numbers_are_whole():
    with pytest.raises(ValueError, match=r"layers: “2\.5” is not a whole number"):
        explore.chain_of_neurons(state="layers=2.5")
    with pytest.raises(ValueError, match=r"layers: got 99; expected a whole number from 1 to"):
        explore.chain_of_neurons(state="layers=99")


def test_what_has_no_state_says_so():
    for build in (explore.chain_rules, explore.formula_sizes):
        with pytest.raises(ValueError, match=r"^state: got one for <.*>; expected none"):
            build(state="w=1")
    with pytest.raises(TypeError, match=r"^state: got 3; expected a text"):
        explore.one_neuron(state=3)


def test_names_that_are_not_plain_or_not_one_alone_are_the_controls_own():
    numbers = {
        "p": Number(0, -1, 1, "a^(1)_2"), "q": Number(0, -1, 1, "s"), "r": Number(0, -1, 1, "s"),
        "t": Number(0, -1, 1, "ŷ"), "u": Number(0, -1, 1, "at"), "v": Number(0, -1, 1, "w"),
        "w": Number(0, -1, 1, "v"),
    }  # fmt: skip
    page = Live(Program(tuple(numbers), dict), numbers)
    words = page.data["words"]
    assert words == {"p": "a_1_2", "q": "q", "r": "r", "t": "t", "u": "u", "v": "v", "w": "w"}
    page.v = math.pi
    assert page.shown_state == "v=3.14159265359"


def test_a_control_does_not_hide_what_its_page_has():
    for name in ("at", "state", "show_state", "values"):
        with pytest.raises(ValueError, match=rf"got {name}; expected no names of Live's own"):
            Live(Program((), dict), {name: Number(0, -1, 1, "w")})
