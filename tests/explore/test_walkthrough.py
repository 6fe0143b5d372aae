"""The XOR walk-through: every number in every state, by hand; what it lights, prints, refuses."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.network import quantities
from backprop_lab.explore.walkthrough import FEW, walkthrough_view
from backprop_lab.picture import diagram
from tests.explore.programs import data_of, markup_of
from tests.markup import attributes, fields, message, on_page
from tests.xor import FACTORS, NAMES, START, XOR, by_hand, losses, moved

LECTURE = bl.lectures.xor()


def test_a_bad_stage_is_refused():
    with pytest.raises(ValueError, match=r"stage: got 'backward'; expected one of forward, chain"):
        explore.walkthrough(LECTURE, "backward")


@pytest.mark.parametrize("x", [(1, 2), (0.5, 1), (1,)])
def test_a_point_that_xor_has_not_is_refused(x):
    with pytest.raises(ValueError, match=r"^x: got .*; expected one of \(0, 0\), \(0, 1\), "):
        explore.walkthrough(LECTURE, x=x)


LOCKED = {"forward": {"weight", "alpha"}, "chain": {"alpha"}, "update": set()}
STEPS = {"forward": 5, "chain": 5 + 3 + 1, "update": 5 + 3 + 1 + 1}
"""Of the chosen weight, u_1: five of the forward pass, three factors, their product, the update."""


@pytest.mark.parametrize("stage", LOCKED)
def test_a_stage_begins_with_its_locks_and_its_steps(stage):
    app = explore.walkthrough(LECTURE, stage)
    assert {name for name, c in app.controls.items() if getattr(c, "disabled", 0)} == LOCKED[stage]
    locks = ("weight", "alpha")
    assert {n for n in locks if getattr(app.page, f"lock_{n}")} == LOCKED[stage]
    assert data_of(app)["locks"] == ["weight", "alpha"]
    assert (app.page.at, app.page.last) == (0, STEPS[stage])
    (take,) = re.findall(r'<button data-do="step" data-enabled="(\w+)" disabled ', markup_of(app))
    assert take == "update"


@pytest.mark.parametrize("stage", LOCKED)
def test_the_controls_start_with_the_lecture(stage):
    settings = explore.walkthrough(LECTURE, stage).settings()
    assert {name: settings[name] for name in NAMES} == START
    others = ("stage", "point", "weight", "alpha", "hide")
    assert [settings[n] for n in others] == [stage, 2, ("W", 1, 0, 0), 0.5, False]
    assert "printed" not in settings, "what the hunt is for, only where it is asked for"
    assert explore.walkthrough(LECTURE, stage, printed=True).settings()["printed"] is False
    home = data_of(explore.walkthrough(LECTURE, stage, (0, 1)))["home"]
    assert home == START | {"alpha": 0.5}, "where the lecture's numbers belong"


@pytest.mark.parametrize("point", XOR)
def test_the_walkthrough_starts_where_it_is_told(point):
    assert explore.walkthrough(LECTURE, x=XOR[point][0]).settings()["point"] == point


MOVED = START | {"W_0_0_0": 1.5, "W_0_1_1": -2.0, "b_0_1": 0.7, "W_1_0_0": -3.0, "b_1_0": -1.0}


def view(stage="update", point=2, weight="W_1_0_0", alpha=0.5, p=START):
    kind, *index = weight.split("_")
    return walkthrough_view(LECTURE, stage, point, Key(kind, *map(int, index)), alpha, **p)


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
    assert text == f"= {' × '.join(f'{v:z.4f}' for v in values)} ≈ {expected[gradient]:z.4f}"
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


MOVES = ("class", "transform", "aria-label", "style")


@pytest.mark.parametrize("stage", explore.STAGES)
def test_every_state_has_the_same_markup_but_for_classes_and_numbers(stage):
    """The page shows each state from what Python drew for another."""

    def skeleton(shown):
        elements = ET.fromstring(f"<p>{''.join(shown.values())}</p>").iter()
        return [(e.tag, {k: v for k, v in e.items() if k not in MOVES}) for e in elements]

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
        plain = walkthrough_view(LECTURE, *settings, **START, **printed)
        for switched in ({"hide": True}, {"hide": True} | dict.fromkeys(printed, True)):
            assert walkthrough_view(LECTURE, *settings, **(START | printed | switched)) == plain
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
    found = {number.key.name: number for number in LECTURE.printed}
    assert {name: diagram.said(number) for name, number in found.items()} == PRINTED
    assert list(found.values()) == list(LECTURE.printed), "all 21, in order"
    exact = with_step(START)
    for name, number in found.items():
        assert number.exact == pytest.approx(exact[name], abs=1e-12)


def test_a_printed_number_stands_beside_its_own_quantity():
    shown = walkthrough_view(LECTURE, "update", 2, Key("W", 0, 0, 0), 0.5, printed=False, **START)
    for part in shown.values():
        for e in ET.fromstring(f"<p>{part}</p>").iter():
            assert ("printed" in e.get("class", "")) <= ("off" in e.get("class", ""))
    cards = ET.fromstring(f"<p>{shown['cards']}</p>")
    for card in (e for e in cards.iter() if e.get("data-card")):
        texts = [e.text for e in card.iter() if "printed" in e.get("class", "").split()]
        assert texts == [PRINTED[n] for n in [card.get("data-card")] if n in PRINTED]
    _, *groups = ET.fromstring(shown["picture"]).iter("g")  # the first holds all of the drawing
    for group in groups:
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
    app = explore.walkthrough(LECTURE, "update")
    before = {view_name: view.value for view_name, view in app.views.items()}
    app.controls[name].value = 1.0
    assert {view_name: view.value for view_name, view in app.views.items()} == before
    app.refresh()
    assert app.views["update"].value != before["update"]


@pytest.mark.parametrize("name", [*NAMES, "alpha"])
def test_99_is_refused_in_every_field_and_stays_there(name):
    app = explore.walkthrough(LECTURE, "update")
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


# --- other lectures -------------------------------------------------------------------------------


def lecture_of(widths, **given):
    net = bl.Network.mlp(widths, "tanh", seed=1)
    x, y = [1.0, -0.5, 0.25, 2.0][: widths[0]], [1.0, 0.0, 0.0, 1.0][: widths[-1]]
    given = {"x": x, "y": y, "learning_rate": 0.1, "loss": "half_squared_error"} | given
    return bl.Lecture("Mine, Ours", given.pop("notation", "CSC311"), net, **given)


LECTURES = [
    bl.lectures.ch8(), bl.lectures.csc311(), lecture_of((4, 4, 4, 2)), lecture_of((1, 1)),
    lecture_of((2, 3, 1), loss="binary_cross_entropy"), lecture_of((2, 2, 2), notation="CH8"),
]  # fmt: skip


def lecture_of_widths(lecture):
    return "-".join(map(str, lecture.network.widths))


@pytest.mark.parametrize("stage", explore.STAGES)
@pytest.mark.parametrize("lecture", LECTURES, ids=lecture_of_widths)
def test_every_lectures_numbers_stand_in_its_walk(lecture, stage):
    app = explore.walkthrough(lecture, stage)
    g = lecture.run()
    known = {key.name: value for key, value in quantities(g).items()}
    new = bl.step(lecture.network, g, lecture.learning_rate)
    f_new = bl.forward(new, lecture.x)
    after = quantities(bl.backward(new, f_new, lecture.y, lecture.loss))
    known |= {key.new.name: value for key, value in after.items()}
    shown = fields("".join(view.value for view in app.views.values()))
    digits = (
        {"x": 0, "y": 0} if not any(v % 1 for v in (*lecture.x, *lecture.y)) else {"x": 2, "y": 2}
    )
    expected = {
        name: f"{known[name]:z.{digits.get(name[0], 4)}f}" for name in shown if name in known
    }
    assert {name: shown[name] for name in expected} == expected
    assert {key.name for key in parameters(lecture.network.widths)} <= set(shown)
    assert "loss" in shown


@pytest.mark.parametrize("lecture", LECTURES, ids=lecture_of_widths)
def test_of_many_parameters_the_chosen_ones_slider_is_shown(lecture):
    app = explore.walkthrough(lecture, "update")
    keys = parameters(lecture.network.widths)
    chosen = app.controls["weight"].value
    classes = {key: tuple(app.controls[key.name]._dom_classes) for key in keys}
    if len(keys) <= FEW:
        assert set(classes.values()) == {()}
    else:
        assert {key for key in keys if "off" not in classes[key]} == {chosen}
        scene, values = app.page.computes.scene, app.page.values()
        tokens = {key: scene(values | {"weight": key.name})["held"] for key in keys}
        assert all(classes[key][0] in held for key, held in tokens.items())
        assert sum(f"show_{chosen.name}" in held for held in tokens.values()) == 1


def test_a_walk_begins_with_the_lectures_example_and_knows_its_others():
    lecture = lecture_of((2, 2, 1), X=[[0, 0.5], [1, -0.5]], Y=[[1], [1]])
    assert explore.walkthrough(lecture).settings()["point"] == 1
    assert explore.walkthrough(lecture, x=[0, 0.5]).settings()["point"] == 0
    assert explore.point_names(lecture) == ["(0, 0.5), y = 1", "(1, -0.5), y = 1", "mean of all"]
    with pytest.raises(
        ValueError, match=r"x: got \[2, 2\]; expected one of \(0, 0.5\), \(1, -0.5\)"
    ):
        explore.walkthrough(lecture, x=[2, 2])


@pytest.mark.parametrize(
    ("lecture", "belong"),
    [
        (bl.lectures.xor(), "its α and the point (1, 0)."),
        (bl.lectures.csc311(), "its η and the point (1, -0.5, 2)."),
    ],
    ids=["xor", "csc311"],
)
def test_where_the_printed_numbers_belong_is_said_in_the_lectures_letters(lecture, belong):
    markup = markup_of(explore.walkthrough(lecture, printed=True))
    (said,) = re.findall(r'<span class="off" data-when="away">([^<]*)</span>', markup)
    assert said == f"The printed numbers belong to the lecture's weights, {belong}"


@pytest.mark.parametrize("given", ["xor", bl.lectures.xor, bl.lectures.xor().network])
def test_what_is_no_lecture_is_refused(given):
    with pytest.raises(TypeError, match=r"lecture: got .*; expected a bl.Lecture"):
        explore.walkthrough(given)


@pytest.mark.parametrize("widths", [(5, 2), (2, 5, 1), (2, 2, 2, 2, 1)], ids=str)
def test_a_network_too_large_for_the_picture_is_refused(widths):
    lecture = lecture_of(widths) if widths[0] < 5 else lecture_of(widths, x=[1, 2, 3, 4, 5])
    with pytest.raises(
        ValueError, match=r"widths: got .*; expected at most 4 columns of at most 4"
    ):
        explore.walkthrough(lecture)


def test_large_parameters_are_within_their_sliders_reach():
    net = bl.Network([bl.Layer([[40.0]], [-0.5], "tanh")])
    lecture = bl.Lecture("Mine", "LMU", net, [1.0], [1.0], 30.0, "half_squared_error")
    controls = explore.walkthrough(lecture).controls
    assert (controls["W_0_0_0"].low, controls["W_0_0_0"].high) == (-80, 80)
    assert controls["alpha"].high == 60
