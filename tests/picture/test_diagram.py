"""The picture of a network: every quantity once, its paths and clicks, what a state shows."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import quantities
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.labels import plain_label
from tests.picture.pictures import (
    CROWDED,
    LECTURE,
    SHAPES,
    WIDTHS,
    classes,
    keys_of,
    names,
    number,
    off,
    shown,
    tree,
    values_of,
)

# --- the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_network_shows_every_quantity_once(widths, notation):
    values = named_values(values_of(widths))
    everything = {key.name for key in keys_of(widths)}
    assert set(values) == everything
    dx = {name for name in everything if name.startswith("dx")}
    backward = {name for name in everything if name.startswith(("delta", "dW", "db"))}
    full = names(diagram.network(widths, notation, True)(values))
    assert sorted(full) == sorted(everything - dx)
    plain = names(diagram.network(widths, notation, False)(values))
    assert sorted(plain) == sorted(everything - dx - backward)


def test_network_numbers_are_the_lectures():
    now = quantities(LECTURE.run())
    markup = diagram.network(WIDTHS, "LMU", True)(named_values(now))
    expected = {
        "z_in_0_0": "-0.5300", "z_out_0_0": "0.3705", "z_in_1_0": "1.1270", "z_out_1_0": "0.7553",
        "loss": "0.0299", "delta_1_0": "-0.0452", "delta_0_0": "0.0023", "delta_0_1": "-0.0051",
        "dW_1_0_0": "-0.0168", "dW_0_0_0": "0.0023", "dW_0_1_0": "0.0000", "x_0": "1", "y_0": "1",
    }  # fmt: skip
    assert {name: number(markup, name) for name in expected} == expected


def test_a_weight_stands_beside_its_own_label():
    markup = shown()
    for key in parameters(WIDTHS):
        label = plain_label(NOTATIONS["LMU"].label(key, WIDTHS)).replace("_", "")
        (text,) = (
            t for t in tree(markup).iter("text") if any(s.get("data-q") == key.name for s in t)
        )
        assert "".join(text.itertext()).split()[0] == label


@pytest.mark.parametrize("widths", CROWDED, ids=str)
def test_where_many_weights_meet_the_chosen_one_alone_shows_its_numbers(widths):
    for key in parameters(widths):
        held = frozenset({"backward", key.name})
        markup = shown(widths, scene=diagram.Scene(held, chosen=key.name))
        hidden = {
            e.get("data-q")
            for group in tree(markup).iter("g")
            if "off" in classes(group)
            for e in group.iter()
        }
        weights = {k.name for k in parameters(widths) if k.kind == "W"}
        there = {f"d{name}" for name in weights} | weights
        assert there - hidden == ({key.name, f"d{key.name}"} if key.kind == "W" else set())


def test_decimals_are_those_of_inputs_and_targets():
    markup = shown((4, 1), scene=diagram.Scene(decimals=2))
    assert [number(markup, f"x_{i}") for i in range(4)] == ["0.50", "-0.25", "1.50", "-1.00"]
    assert number(markup, "y_0") == "1.00"


@pytest.mark.parametrize("widths", [(5, 1), (2, 5, 1), (2, 2, 2, 2, 1)], ids=str)
def test_a_network_too_large_for_a_picture_is_refused(widths):
    with pytest.raises(ValueError, match=re.escape(f"widths: got {widths}")):
        diagram.network(widths)


def test_an_unknown_notation_is_refused():
    with pytest.raises((KeyError, ValueError), match="XYZ"):
        diagram.network((2, 2, 1), "XYZ")


def test_the_chosen_weight_and_its_path_are_marked_without_colour():
    places = ("W", 0, 0, 0), ("W", 1, 0, 0), ("z_out", 1, 0), ("x", 0), ("loss",)
    path = [Key(*place).name for place in places]
    scene = diagram.Scene.of({"held": ["backward"], "lit": path, "chosen": "W_0_0_0"})
    markup = shown(scene=scene)
    lines = [e for e in tree(markup).iter("line") if "edge" in classes(e)]
    lit = [line for line in lines if "lit" in classes(line)]
    dashed = [line for line in lines if "chosen" in classes(line)]
    assert len(lines) == 6 + 1  # six weights, and the way to the loss
    assert {e.get("data-place") for e in lit} == {"W_0_0_0", "W_1_0_0", "z_out_1_0"}
    assert [e.get("data-place") for e in dashed] == ["W_0_0_0"]
    boxes = [e for e in tree(markup).iter("rect") if "lit" in classes(e)]
    assert {e.get("data-place") for e in boxes} == {"x_0", "z_out_1_0", "loss"}
    none = tree(shown())
    # a legend's words have the colour; nothing else is marked
    assert not [e for e in none.iter() if classes(e) & {"lit", "chosen"} and e.tag != "tspan"]


def test_every_place_of_the_picture_can_light_up():
    places = [e.get("data-place") for e in tree(shown()).iter() if e.get("data-place")]
    expected = {key.name for key in parameters(WIDTHS) if key[0] == "W"}
    expected |= {"x_0", "x_1", "z_out_0_0", "z_out_0_1", "z_out_1_0", "loss"}
    assert set(places) == expected
    # the output unit lights its box and the way to the loss
    assert Counter(places) == Counter(expected) + Counter(["z_out_1_0"])


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_a_click_on_a_weight_chooses_the_row_of_that_weight(widths):
    rows = [key.name for key in parameters(widths)]
    found = Counter()
    for e in tree(shown(widths)).iter():
        if e.get("data-choose") is None:
            continue
        row = rows[int(e.get("data-choose"))]
        inside = {s.get("data-q") for s in e.iter() if s.get("data-q")}
        assert inside <= {row, f"d{row}"}
        found[row] += bool(inside)
    assert found == dict.fromkeys(rows, 2), "the number, and its gradient"
    lines = [e for e in tree(shown(widths)).iter("line") if classes(e) & {"edge", "hit"}]
    ends = [[e.get(end) for end in ("x1", "y1", "x2", "y2")] for e in lines]
    for e, hit in pairwise(lines):
        if "hit" in classes(hit):  # a wide transparent line over each edge
            assert rows[int(hit.get("data-choose"))] == e.get("data-place") == e.get("data-weight")
            assert ends[lines.index(e)] == ends[lines.index(hit)]
    assert sum("hit" in classes(e) for e in lines) == sum(row[0] == "W" for row in rows)


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_every_parameter_is_a_handle_in_the_order_of_the_controls(widths):
    picture = tree(shown(widths)).find("svg")
    handles = [e for e in picture.iter() if e.get("data-handle")]
    assert [e.get("data-handle") for e in handles] == [key.name for key in parameters(widths)]
    for e in handles:
        (number,) = (s for s in e.iter() if s.get("data-q"))
        assert number.get("data-q") == e.get("data-handle")
    hidden = picture.find("g[@aria-hidden='true']")
    assert not [e for e in hidden.iter() if e.get("data-handle")], "no one would hear them"


def drawn_values(markup):
    """What the style sheet draws by a value: the variables of each name."""
    found = {}
    for e in tree(markup).iter():
        if e.get("data-drawn"):
            found.setdefault(e.get("data-drawn"), set()).add(e.get("style"))
    return found


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_lines_bars_and_flows_have_the_values_of_their_quantities(widths):
    values = {key.name: value for key, value in values_of(widths).items()}
    drawn = drawn_values(shown(widths))
    kinds = {"W", "z_out", "delta"}
    assert set(drawn) == {key.name for key in keys_of(widths) if key.kind in kinds}
    assert drawn == {name: {f"--value: {values[name]:z.6f}"} for name in drawn}
    forward = drawn_values(shown(widths, backward=False))
    assert set(forward) == {name for name in drawn if not name.startswith("delta")}


def test_what_is_drawn_by_a_value_is_the_same_on_every_processor():
    for value in (0.1234565, -0.1234565, 2e-17, -2e-17, 0.0):
        drawn = [
            elements.Picture(elements.el("g", **elements.valued("w"))).filled({"w": near})
            for near in (value, value * (1 - 2e-16), value * (1 + 2e-16))
        ]
        assert len(set(drawn)) == 1
        assert "-0.000000" not in drawn[0]


# --- parts that a state shows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "held", "off"),
    [
        ("a", {"a"}, False), ("a", set(), True), ("a b", {"a"}, True), ("a b", {"b"}, True),
        ("a b", {"a", "b", "c"}, False), ("ab", {"a", "b"}, True),
    ],
)  # fmt: skip
def test_when_shows_a_part_while_all_its_tokens_hold(tokens, held, off):
    element = tree(elements.el("p", **elements.when(tokens, held, "css")))
    assert element.get("data-when") == tokens
    assert classes(element) == {"css"} | ({"off"} if off else set())


def test_a_matrix_has_a_field_for_every_name():
    moved = elements.Picture(elements.el("g", **elements.matrix("1 slope 0 -2.5 w loss")))
    element = tree(moved.filled({"slope": -1e-9, "w": 2, "loss": 1 / 3}))
    assert element.get("data-matrix") == "1 slope 0 -2.5 w loss"
    assert element.get("transform") == (
        "matrix(1.000000 0.000000 0.000000 -2.500000 2.000000 0.333333)"
    )


PRINTED = {"loss": LECTURE.printed[6], "dW_1_0_0": LECTURE.printed[0]}


def test_a_scene_shows_what_its_tokens_say():
    scenes = {
        held: shown(scene=diagram.Scene(frozenset(held), printed=PRINTED))
        for held in [(), ("backward",), ("printed",), ("backward", "printed")]
    }
    assert [set(off(markup)) for markup in scenes.values()] == [
        {"backward", "printed"}, {"printed"}, {"backward"}, set(),
    ]  # fmt: skip
    assert len({tuple(names(markup)) for markup in scenes.values()}) == 1, "all of it is there"
    for e in tree(scenes["backward",]).iter("g"):
        named = {s.get("data-q") for s in e.iter() if s.get("data-q")}
        if e.get("data-when") == "backward":
            assert all(re.match("d[Wb]|delta", quantity) for quantity in named)


def test_a_scene_prints_a_lectures_number_beside_the_exact_one():
    scene = diagram.Scene(printed=PRINTED)
    assert not scene.tag("z_out_1_0", 7, 8)
    element = tree(scene.tag("loss", 7, 8))
    loss = PRINTED["loss"]
    assert (element.tag, element.get("x"), element.get("data-when")) == ("text", "7", "printed")
    assert classes(element) == {"printed", loss.verdict, "off"}
    assert element.text == diagram.said(loss) == f"{loss.text} {diagram.VERDICTS[loss.verdict][0]}"
    assert "off" not in classes(
        tree(diagram.Scene(frozenset({"printed"}), printed=PRINTED).tag("loss", 7, 8))
    )
    tags = [e.text for e in tree(shown(scene=scene)).iter("text") if "printed" in classes(e)]
    assert sorted(tags[:-1]) == sorted(map(diagram.said, PRINTED.values()))
    for shown_as in diagram.VERDICTS.values():
        assert shown_as in tags[-1], "the legend says what the signs mean"


def test_without_printed_numbers_a_picture_speaks_of_none():
    assert "printed" not in shown()
