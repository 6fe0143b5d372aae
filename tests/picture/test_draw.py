"""Pictures: pure, well formed, every number under its name, nothing said by colour alone."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise

import pytest

import backprop_lab as bl
from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import quantities
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.charts import LARGEST_CHANGE, Axes, changes, loss_bars, loss_curve
from backprop_lab.picture.labels import html_label, plain_label, svg_label
from backprop_lab.picture.tables import Card, cards, fold, nudge_table, printed_table, update_table

LECTURE = bl.lectures.xor()
WIDTHS = LECTURE.network.widths
SHAPES = [(1, 1), (2, 1), (1, 2), (2, 2), (1, 1, 1), (2, 2, 1), (1, 2, 2), (2, 2, 2)]
AXES = Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
POINTS = [(-6.0, 0.5), (0.0, 0.1), (6.0, 0.0)]
NEURON = {"w": -2.0, "z_out": 0.05, "loss": 0.45, "slope": -0.06}
BEFORE = [0.25, 0.1, 0.3]
AFTER = [0.27, 0.1, 0.05]


def keys_of(widths):
    units = [(layer, j) for layer, n in enumerate(widths[1:]) for j in range(n)]
    keys = [Key(kind, i) for kind in ("x", "dx") for i in range(widths[0])]
    keys += [Key("y", j) for j in range(widths[-1])] + [Key("loss")]
    keys += [Key(kind, *unit) for kind in ("z_in", "z_out", "delta") for unit in units]
    return keys + [k for key in parameters(widths) for k in (key, key.gradient)]


def values_of(widths):
    net = bl.Network.mlp(list(widths), activation="sigmoid", seed=1)
    f = bl.forward(net, [0.5, -0.25][: widths[0]])
    return quantities(bl.backward(net, f, [1.0, 0.0][: widths[-1]]))


def shown(widths=WIDTHS, backward=True, **arguments):
    return diagram.network(widths, "LMU", backward, **arguments)(named_values(values_of(widths)))


def tree(markup):
    return ET.fromstring(str(markup))


def names(markup):
    return [element.get("data-q") for element in tree(markup).iter() if element.get("data-q")]


def number(markup, quantity):
    (found,) = (e for e in tree(markup).iter() if e.get("data-q") == quantity)
    return found.text


def classes(element):
    return set((element.get("class") or "").split())


def curve():
    return loss_curve(AXES, POINTS, "w"), NEURON


def bars():
    return loss_bars(("a & b", "c", "mean")), changes(BEFORE, AFTER)


def walkthrough():
    return diagram.network(WIDTHS, "LMU", True), named_values(values_of(WIDTHS))


PICTURES = {"network": walkthrough, "curve": curve, "bars": bars}


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


# --- every picture --------------------------------------------------------------------------------


def test_a_picture_is_a_pure_function(picture):
    draws, values = picture
    given = dict(values)
    first = draws(values)
    assert values == given
    other = {k: v + 0.0625 if isinstance(v, float) else v for k, v in values.items()}
    assert draws(other) != first
    assert draws(values) == first


def test_a_picture_is_valid_xml_with_one_name_a_field(picture):
    draws, values = picture
    found = names(draws(values))
    assert found
    assert [name for name, count in Counter(found).items() if count > 1] == []
    assert set(found) <= set(values)


def test_a_picture_shows_each_number_where_its_name_stands(picture):
    draws, values = picture
    markup = draws(values)
    for name in names(markup):
        assert float(number(markup, name)) == pytest.approx(float(values[name]), abs=0.5), name
        if name[0] not in "xyw":
            assert float(number(markup, name)) == pytest.approx(values[name], abs=5.1e-5), name


def test_each_number_of_a_picture_moves_its_own_field_alone(picture):
    draws, values = picture
    markup = draws(values)
    before = {name: number(markup, name) for name in names(markup)}
    for name in before:
        changed = draws({**values, name: values[name] + 1.0})
        after = {other: number(changed, other) for other in before}
        assert {other for other in before if before[other] != after[other]} == {name}


def test_a_missing_value_is_refused(picture):
    draws, values = picture
    for name in names(draws(values)):
        with pytest.raises(KeyError, match=name):
            draws({k: v for k, v in values.items() if k != name})


@pytest.mark.parametrize("bad", ["0.5", None, "<b>"])
def test_what_is_no_number_is_refused(picture, bad):
    draws, values = picture
    name = names(draws(values))[0]
    with pytest.raises((ValueError, TypeError)):
        draws({**values, name: bad})


def test_no_negative_zero_is_shown(picture):
    draws, values = picture
    markup = draws(values)
    tiny = draws({**values, **dict.fromkeys(names(markup), -1e-9)})
    assert not re.search(r"[-−]0(\.0+)?(?![\d.])", "".join(tree(tiny).itertext()))
    assert not re.search(r"[-−]0(\.0+)?(?![\d.])", tree(tiny).find("svg").get("aria-label"))


def test_a_picture_has_a_text_alternative_with_its_numbers(picture):
    draws, values = picture
    svg = tree(draws(values)).find("svg")
    assert svg.get("role") == "img"
    alternative = svg.get("aria-label")
    assert re.search(r"[A-Za-z]{4}", alternative)
    assert re.search(r"\d\.\d{4}", alternative)
    assert not re.search(r"[{}\\]", alternative)
    for name in ("loss", "z_out_1_0", "slope", "before_1", "after_2"):
        if name in values:
            assert f"{values[name]:.4f}" in alternative


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


@pytest.mark.parametrize("widths", [(3, 1), (2, 3, 1), (2, 2, 2, 1)], ids=str)
def test_a_network_too_large_for_a_picture_is_refused(widths):
    with pytest.raises(ValueError, match=re.escape(f"widths: got {widths}")):
        diagram.network(widths)


def test_an_unknown_notation_is_refused():
    with pytest.raises((KeyError, ValueError), match="XYZ"):
        diagram.network((2, 2, 1), "XYZ")


def test_the_chosen_weight_and_its_path_are_marked_without_colour():
    path = frozenset({Key("W", 0, 0, 0), Key("W", 1, 0, 0), Key("x", 0), Key("loss")})
    markup = shown(scene=diagram.Scene(lit=path, chosen=Key("W", 0, 0, 0)))
    lines = [e for e in tree(markup).iter("line") if "edge" in classes(e)]
    lit = [line for line in lines if "lit" in classes(line)]
    dashed = [line for line in lines if "chosen" in classes(line)]
    assert len(lines) == 6 + 1  # six weights, and the way to the loss
    assert {e.get("data-place") for e in lit} == {"W_0_0_0", "W_1_0_0", "loss"}
    assert [e.get("data-place") for e in dashed] == ["W_0_0_0"]
    boxes = [e for e in tree(markup).iter("rect") if "lit" in classes(e)]
    assert {e.get("data-place") for e in boxes} == {"x_0", "loss"}
    none = tree(shown())
    # a legend's words have the colour; nothing else is marked
    assert not [e for e in none.iter() if classes(e) & {"lit", "chosen"} and e.tag != "tspan"]


def test_every_place_of_the_picture_can_light_up():
    places = [e.get("data-place") for e in tree(shown()).iter() if e.get("data-place")]
    expected = {key.name for key in parameters(WIDTHS) if key[0] == "W"}
    expected |= {"x_0", "x_1", "z_out_0_0", "z_out_0_1", "z_out_1_0", "loss"}
    assert set(places) == expected
    assert Counter(places) == Counter(expected) + Counter(["loss"])  # its box and the way to it


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


def off(markup):
    """The elements that are switched off, each as the tokens it waits for."""
    return [e.get("data-when") for e in tree(markup).iter() if "off" in classes(e)]


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


# --- marks ----------------------------------------------------------------------------------------


def width_of(selector):
    (block,) = re.findall(rf"^\.bl {re.escape(selector)} \{{(.*?)\}}", elements.STYLE, re.M | re.S)
    return float(re.search(r"stroke-width: ([\d.]+)", block)[1])


def test_marks_differ_by_more_than_colour():
    assert width_of(".edge.lit") >= 2 * width_of(".edge")
    assert width_of("rect.box.lit") >= 2 * width_of("rect.box")
    assert re.search(r"\.edge\.chosen \{[^}]*stroke-dasharray: \d", elements.STYLE)
    assert re.search(r"\.chosen \{[^}]*font-weight: bold", elements.STYLE)
    assert re.search(r"\.before \{[^}]*stroke-dasharray: \d", elements.STYLE)
    assert re.search(r"tr\.wrong td \{[^}]*font-weight: bold", elements.STYLE)


PAPER = {"light": "#ffffff", "dark": "#111111"}  # of JupyterLab's two themes


def luminance(colour):
    """Of #rrggbb. Source: WCAG 2.1, relative luminance."""
    found = []
    for k in (1, 3, 5):
        c = int(colour[k : k + 2], 16) / 255
        found.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * found[0] + 0.7152 * found[1] + 0.0722 * found[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_every_colour_can_be_told_from_the_paper_of_either_theme():
    light, dark = re.search(
        r"^\.bl, \.backprop-app \{(.*?)\}.*?^\[data-jp-theme-light.*?\{(.*?)\}",
        elements.STYLE,
        re.M | re.S,
    ).groups()
    light, dark = (dict(re.findall(r"(--bl-\w+): (#\w+)", block)) for block in (light, dark))
    texts = {"--bl-forward", "--bl-backward", "--bl-chosen"}
    assert set(light) == texts | {"--bl-now"}
    assert set(dark) == texts, "the dark theme has these of its own"
    for theme, colours in (("light", light), ("dark", light | dark)):
        for name, colour in colours.items():
            # WCAG 2.1: text 4.5, lines 3
            assert contrast(colour, PAPER[theme]) >= (4.5 if name in texts else 3), (theme, name)
    # All other colours are the notebook's own, or stand in for them outside a notebook.
    assert len(re.findall(r"#\w+", elements.STYLE)) == len(light) + len(dark) + len(
        re.findall(r"var\(--jp-[\w-]+, #\w+\)", elements.STYLE)
    )


def test_what_is_off_is_hidden_and_in_a_stack_keeps_its_height():
    assert ".bl .off:not(.stack > *) {display: none}" in elements.STYLE
    assert ".bl .stack > .off {visibility: hidden}" in elements.STYLE


def test_backward_numbers_carry_a_sign_of_their_own():
    for text in tree(shown()).iter("text"):
        named = [s.get("data-q") for s in text if (s.get("data-q") or "").startswith(("dW", "db"))]
        assert len(named) <= 1
        if named:
            assert text.text.startswith("∂")
            assert "backward" in classes(text)


# --- the loss against a weight --------------------------------------------------------------------


def test_axes_place_the_corners():
    assert (AXES.px(-6.0), AXES.px(6.0)) == (56, 620)
    assert (AXES.py(0.0), AXES.py(0.5)) == (250, 34)


def transform(element):
    """The six numbers of a transform that is a matrix."""
    inside = re.fullmatch(r"matrix\((.*)\)", element.get("transform"))[1]
    return [float(word) for word in inside.split()]


def mapped(matrix, x, y):
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


@pytest.mark.parametrize("slope", [-0.3, 0.0, 0.7])
@pytest.mark.parametrize("w", [-5.9, 0.0, 4.0])
def test_the_tangent_passes_through_the_point_with_its_slope(w, slope):
    draws, _ = curve()
    markup = draws({"w": w, "z_out": 0.5, "loss": 0.2, "slope": slope})
    outer, inner = (transform(e) for e in tree(markup).iter("g"))
    paths = {c: e for e in tree(markup).iter("path") for c in classes(e)}
    assert paths["point"].get("d") == "M0 0h0"
    assert paths["tangent"].get("d") == "M-1.6 0H1.6"
    point = mapped(outer, *mapped(inner, 0, 0))
    assert point == pytest.approx((AXES.px(w), AXES.py(0.2)), abs=1e-3)
    left, right = (mapped(outer, *mapped(inner, x, 0)) for x in (-1.6, 1.6))
    assert (left[0] + right[0]) / 2 == pytest.approx(point[0])
    assert (left[1] + right[1]) / 2 == pytest.approx(point[1])
    per_w, per_loss = AXES.px(1.0) - AXES.px(0.0), AXES.py(0.0) - AXES.py(1.0)
    rise = (left[1] - right[1]) / per_loss / ((right[0] - left[0]) / per_w)
    assert rise == pytest.approx(slope, abs=1e-5)


def test_the_curve_goes_through_its_points():
    draws, values = curve()
    (path,) = (e for e in tree(draws(values)).iter("path") if "curve" in classes(e))
    assert path.get("d") == "M-6.000000 0.500000L0.000000 0.100000L6.000000 0.000000"
    assert path.get("data-curve") == "w -6 6 3 loss"
    outer = transform(next(tree(draws(values)).iter("g")))
    for w, loss in POINTS:
        assert mapped(outer, w, loss) == pytest.approx((AXES.px(w), AXES.py(loss)), abs=1e-3)


# --- losses before and after ----------------------------------------------------------------------


def test_changes_are_after_less_before():
    assert changes([0.5], [0.25]) == {"before_0": 0.5, "after_0": 0.25, "change_0": -0.25}
    with pytest.raises(ValueError, match="zip"):
        changes([0.1, 0.2], [0.1])


def bar_ends(markup):
    """By data-matrix, left and right ends of each bar in the picture, and what cuts it off."""
    found = {}
    for svg in tree(markup).iter("svg"):
        for group in svg.findall("g"):
            scale = float(re.fullmatch(r"scale\((\S+) 1\)", group.get("transform"))[1])
            left, _, width, _ = map(float, svg.get("viewBox").split())
            for rect in group.findall("rect"):
                assert (rect.get("width"), rect.get("x")) == ("1", None)
                a, b, c, d, e, f = transform(rect)
                assert (b, c, d, e, f) == (0, 0, 1, 0, 0)
                ends = sorted([0, scale * a])
                seen = [min(max(end, left), left + width) for end in ends]
                place = float(svg.get("x")) - left
                found.setdefault(rect.get("data-matrix").split()[0], []).append(
                    [classes(svg) | classes(rect), *(place + end for end in seen)]
                )
    return found


def test_bars_show_the_change_by_sign_length_and_side():
    draws, values = bars()
    markup = draws(values)
    found = bar_ends(markup)
    assert len(found) == 3 * 3
    for k, (before, after) in enumerate(zip(BEFORE, AFTER, strict=True)):
        # a loss of one half is as long as the column
        assert found[f"before_{k}"] == [[{"before"}, 150, pytest.approx(150 + 520 * before)]]
        assert found[f"after_{k}"] == [[{"after"}, 150, pytest.approx(150 + 520 * after)]]
        share = min(abs(after - before) / LARGEST_CHANGE, 1)
        left, right = found[f"change_{k}"]
        assert (left[0], right[0]) == ({"forward"}, {"backward"})
        falls, rises = (90 * share * (sign * (after - before) > 0) for sign in (-1, 1))
        assert left[1:] == pytest.approx([640 - falls, 640])
        assert right[1:] == pytest.approx([640, 640 + rises])
    text = "".join(tree(markup).itertext())
    assert "◂ falls | rises ▸" in text
    assert [number(markup, f"change_{k}") for k in range(3)] == ["+0.0200", "+0.0000", "-0.2500"]
    assert "a & b" in text


def test_a_small_change_fills_its_share_of_the_half():
    draws, _ = bars()
    found = bar_ends(draws(changes([0.1] * 3, [0.105, 0.0975, 0.1])))
    falls = [left[2] - left[1] for left, _ in (found[f"change_{k}"] for k in range(3))]
    assert falls == pytest.approx([0, 22.5, 0])
    assert found["change_0"][1][1:] == pytest.approx([640, 685])


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", [*SHAPES, (3, 4, 3, 1), (12, 10, 2)], ids=str)
def test_labels_leave_no_latex_behind(widths, notation):
    keys = [*keys_of(widths), ("learning_rate",)]
    plain = set()
    for key in keys:
        latex = NOTATIONS[notation].label(key, widths)
        for label in (html_label, svg_label, plain_label):
            text = str(label(latex))
            assert not re.search(r"[\\{}]", text), (key, text)
        for markup in (html_label(latex), svg_label(latex)):
            content = "".join(tree(f"<p>{markup}</p>").itertext())
            assert content == re.sub(r"[_^]", "", plain_label(latex))
            assert not re.search(r"[_^]", str(markup))
        plain.add(plain_label(latex))
    assert len(plain) == len(keys), "two quantities share a label"


@pytest.mark.parametrize(
    ("latex", "html", "plain"),
    [
        ("W_{11}", "W<sub>11</sub>", "W_11"),
        (r"\delta^{(O)}", "δ<sup>(O)</sup>", "δ^(O)"),
        (r"\frac{\partial L}{\partial W_{11}}", "∂L/∂W<sub>11</sub>", "∂L/∂W_11"),
        ("W^{(2)}_{31}", "W<sup>(2)</sup><sub>31</sub>", "W^(2)_31"),
        (r"\alpha", "α", "α"),
    ],
)
def test_labels(latex, html, plain):
    assert str(html_label(latex)) == html
    assert plain_label(latex) == plain
    assert "".join(tree(f"<p>{svg_label(latex)}</p>").itertext()) == re.sub("[_^]", "", plain)


# --- tables ---------------------------------------------------------------------------------------


def cells(markup):
    return [
        ["".join(cell.itertext()) for cell in row if cell.tag == "td"]
        for row in tree(markup).iter("tr")
    ]


def test_printed_table_shows_all_21_numbers_with_their_verdicts():
    table = printed_table(LECTURE.printed)
    head, *rows = cells(table)
    assert head == []
    assert len(rows) == 21
    for row, n in zip(rows, LECTURE.printed, strict=True):
        label, text, exact, recomputed, verdict = row
        assert label == re.sub("[_^]", "", plain_label(n.name))
        assert (text, exact, recomputed) == (n.text, f"{n.exact:.6f}", f"{n.recomputed:.6f}")
        assert verdict == diagram.VERDICTS[n.verdict]
    said = Counter(row[-1].split()[-1] for row in rows)
    assert said == {"agrees": 7, "inherited": 12, "wrong": 2}
    assert len(set(names(table))) == len(names(table)) == 42


def test_verdicts_differ_by_sign_and_word():
    signs, words = zip(*(shown.split() for shown in diagram.VERDICTS.values()), strict=True)
    assert words == tuple(diagram.VERDICTS)
    assert len(set(signs)) == 3


def test_update_table_is_the_step():
    net = LECTURE.network
    f = bl.forward(net, LECTURE.x)
    g = bl.backward(net, f, LECTURE.y)
    new = bl.step(net, g, 0.5)
    f_new = bl.forward(new, LECTURE.x)
    now, after = quantities(g), quantities(bl.backward(new, f_new, LECTURE.y))
    table = f"<p>{update_table(WIDTHS, now, after)}</p>"
    assert "printed" not in table
    assert len(names(table)) == len(set(names(table))) == 3 * 9 + 4
    for key in parameters(WIDTHS):
        kind, *index = key
        slope = now["d" + kind, *index]
        assert number(table, key.name) == f"{now[key]:.4f}"
        assert number(table, "d" + key.name) == f"{slope:z.4f}"
        assert number(table, "new_" + key.name) == f"{now[key] - 0.5 * slope:.4f}"
    assert number(table, "loss") == "0.0299"
    assert number(table, "new_loss") == "0.0282"
    assert number(table, "new_z_out_1_0") == "0.7624"


def test_update_table_has_the_printed_numbers_below_the_new_ones():
    now = quantities(LECTURE.run())
    printed = {"new_W_0_0_1": LECTURE.printed[3], "new_loss": LECTURE.printed[4]}
    for held in (set(), {"printed"}):
        scene = diagram.Scene(frozenset(held), printed=printed)
        table = f"<p>{update_table(WIDTHS, now, now, scene=scene)}</p>"
        assert set(off(table)) == {"printed"} - held
        row = cells(table)[-1]
        assert row == ["", diagram.said(LECTURE.printed[3]), *[""] * 7]
        (after,) = (e for e in tree(table).iter("span") if "printed" in classes(e))
        assert after.text == diagram.said(LECTURE.printed[4])


# --- cards ----------------------------------------------------------------------------------------


def test_cards_show_each_line_and_their_product():
    lines = [Card("a = b", "x_0", 0.5), Card("c = d", "x_1", -0.25)]
    total = Card("e = ac", "loss", -0.125)
    scene = diagram.Scene(frozenset({"mine"}), printed={"x_1": LECTURE.printed[0]})
    markup = cards("mine", lines, "backward", scene, total)
    root = tree(markup)
    assert (classes(root), root.get("data-when")) == ({"cards"}, "mine")
    assert [e.get("data-card") for e in root] == ["x_0", "x_1", "loss"]
    *each, product = root
    assert each[0].text == "$a = b$"
    assert [c.get("data-q") for c in each[0].iter() if c.get("data-q")] == ["x_0"]
    assert "".join(product.itertext()).split("$")[2] == " = 0.5000 × -0.2500 = -0.1250"
    assert "product" in classes(product)
    assert [e.text for e in root.iter() if "printed" in classes(e)] == [
        diagram.said(LECTURE.printed[0])
    ]
    assert len(tree(cards("mine", lines, "forward", scene))) == 2, "no product of values"
    assert "off" in classes(tree(cards("other", lines, "forward", scene)))


def test_nudge_table_shows_both_numbers_and_their_difference():
    rows = [(r"\frac{\partial L}{\partial u_{1}}", "dW_1_0_0", 0.25, 0.2), ("b", "db", -1.0, -1.0)]
    for prefix in ("", "u_"):
        table = nudge_table(rows, prefix)
        assert number(table, f"{prefix}nudged_dW_1_0_0") == "0.250000"
        assert number(table, f"{prefix}difference_dW_1_0_0") == "0.050000"
        assert number(table, f"{prefix}difference_db") == "0.000000"
        assert [row[2] for row in cells(table)[1:]] == ["0.200000", "-1.000000"]
        assert len(names(table)) == 4


def test_number_in_html():
    assert str(elements.number("loss", -1e-9)) == (
        '<span class="n " data-q="loss" data-digits="4">0.0000</span>'
    )
    assert number(elements.number("loss", 0.12345, 2, "td", "forward"), "loss") == "0.12"


def test_fold_and_page():
    folded = tree(fold("a < b", elements.el("p", "c")))
    assert folded.get("class") == "bl"
    assert folded.find("details/summary").text == "a < b"
    assert folded.find("details/p").text == "c"
    assert folded.find("details").get("open") is None
