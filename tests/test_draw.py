"""Pictures: pure, well formed, every number under its name, nothing said by colour alone."""

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest

import backprop_lab as bl
from backprop_lab import draw
from backprop_lab.network import quantities
from backprop_lab.notation import NOTATIONS, parameters

LECTURE = bl.lectures.xor()
WIDTHS = LECTURE.network.widths
SHAPES = [(1, 1), (2, 1), (1, 2), (2, 2), (1, 1, 1), (2, 2, 1), (1, 2, 2), (2, 2, 2)]
AXES = draw.Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
POINTS = [(-6.0, 0.5), (0.0, 0.1), (6.0, 0.0)]
NEURON = {"w": -2.0, "z_out": 0.05, "loss": 0.45, "slope": -0.06}
BEFORE = [0.25, 0.1, 0.3]
AFTER = [0.27, 0.1, 0.05]


def keys_of(widths):
    units = [(layer, j) for layer, n in enumerate(widths[1:]) for j in range(n)]
    keys = [("x", i) for i in range(widths[0])] + [("dx", i) for i in range(widths[0])]
    keys += [("y", j) for j in range(widths[-1])] + [("loss",)]
    keys += [(kind, *unit) for kind in ("z_in", "z_out", "delta") for unit in units]
    for kind, *index in parameters(widths):
        keys += [(kind, *index), (f"d{kind}", *index)]
    return keys


def values_of(widths):
    net = bl.Network.mlp(list(widths), activation="sigmoid", seed=1)
    f = bl.forward(net, [0.5, -0.25][: widths[0]])
    return quantities(f, bl.backward(net, f, [1.0, 0.0][: widths[-1]]))


def shown(widths=WIDTHS, backward=True, **arguments):
    return draw.network(widths, "LMU", backward, **arguments)(draw.named_values(values_of(widths)))


def tree(markup):
    return ET.fromstring(markup)


def names(markup):
    return [element.get("data-q") for element in tree(markup).iter() if element.get("data-q")]


def number(markup, quantity):
    (found,) = (e for e in tree(markup).iter() if e.get("data-q") == quantity)
    return found.text


def classes(element):
    return set((element.get("class") or "").split())


def curve():
    places = draw.tangent(AXES, NEURON["w"], NEURON["loss"], NEURON["slope"])
    return draw.loss_curve(AXES, POINTS, "w"), NEURON | places


def bars():
    return draw.loss_bars(("a & b", "c", "mean")), draw.bar_places(BEFORE, AFTER)


def walkthrough():
    return draw.network(WIDTHS, "LMU", True), draw.named_values(values_of(WIDTHS))


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
    values = draw.named_values(values_of(widths))
    everything = {draw.name(key) for key in keys_of(widths)}
    assert set(values) == everything
    dx = {name for name in everything if name.startswith("dx")}
    backward = {name for name in everything if name.startswith(("delta", "dW", "db"))}
    full = names(draw.network(widths, notation, True)(values))
    assert sorted(full) == sorted(everything - dx)
    plain = names(draw.network(widths, notation, False)(values))
    assert sorted(plain) == sorted(everything - dx - backward)


def test_network_numbers_are_the_lectures():
    f = bl.forward(LECTURE.network, LECTURE.x)
    now = quantities(f, bl.backward(LECTURE.network, f, LECTURE.y, LECTURE.loss))
    markup = draw.network(WIDTHS, "LMU", True)(draw.named_values(now))
    expected = {
        "z_in_0_0": "-0.5300", "z_out_0_0": "0.3705", "z_in_1_0": "1.1270", "z_out_1_0": "0.7553",
        "loss": "0.0299", "delta_1_0": "-0.0452", "delta_0_0": "0.0023", "delta_0_1": "-0.0051",
        "dW_1_0_0": "-0.0168", "dW_0_0_0": "0.0023", "dW_0_1_0": "0.0000", "x_0": "1", "y_0": "1",
    }  # fmt: skip
    assert {name: number(markup, name) for name in expected} == expected


def test_a_weight_stands_beside_its_own_label():
    markup = shown()
    for key in parameters(WIDTHS):
        label = draw.plain_label(NOTATIONS["LMU"].label(key, WIDTHS)).replace("_", "")
        (text,) = (
            t
            for t in tree(markup).iter("text")
            if any(s.get("data-q") == draw.name(key) for s in t)
        )
        assert "".join(text.itertext()).split()[0] == label


@pytest.mark.parametrize("widths", [(3, 1), (2, 3, 1), (2, 2, 2, 1)], ids=str)
def test_a_network_too_large_for_a_picture_is_refused(widths):
    with pytest.raises(ValueError, match=re.escape(f"widths: got {widths}")):
        draw.network(widths)


def test_an_unknown_notation_is_refused():
    with pytest.raises((KeyError, ValueError), match="XYZ"):
        draw.network((2, 2, 1), "XYZ")


def test_the_chosen_weight_and_its_path_are_marked_without_colour():
    chosen, path = ("W", 0, 0, 0), frozenset({("W", 0, 0, 0), ("W", 1, 0, 0), ("x", 0), ("loss",)})
    lines = [e for e in tree(shown(lit=path, chosen=chosen)).iter("line") if "edge" in classes(e)]
    lit = [line for line in lines if "lit" in classes(line)]
    dashed = [line for line in lines if "chosen" in classes(line)]
    assert len(lines) == 6 + 1  # six weights, and the way to the loss
    assert len(lit) == 3
    assert len(dashed) == 1
    assert dashed[0] in lit
    boxes = [e for e in tree(shown(lit=path, chosen=chosen)).iter("rect") if "lit" in classes(e)]
    assert len(boxes) == 2  # the input and the loss
    none = tree(shown())
    assert not [e for e in none.iter() if classes(e) & {"lit", "chosen"}]


def width_of(selector):
    (block,) = re.findall(rf"^\.bl {re.escape(selector)} \{{(.*?)\}}", draw.STYLE, re.M | re.S)
    return float(re.search(r"stroke-width: ([\d.]+)", block)[1])


def test_marks_differ_by_more_than_colour():
    assert width_of(".edge.lit") >= 2 * width_of(".edge")
    assert width_of("rect.box.lit") >= 2 * width_of("rect.box")
    assert re.search(r"\.edge\.chosen \{[^}]*stroke-dasharray: \d", draw.STYLE)
    assert re.search(r"\.chosen \{[^}]*font-weight: bold", draw.STYLE)
    assert re.search(r"\.before \{[^}]*stroke-dasharray: \d", draw.STYLE)
    assert re.search(r"tr\.wrong td \{[^}]*font-weight: bold", draw.STYLE)


def test_every_colour_has_a_second_one_for_the_dark_theme():
    light, dark = re.search(r"^\.bl \{(.*?)\}.*?^\[data-jp-theme-light.*?\{(.*?)\}", draw.STYLE,
                            re.M | re.S).groups()  # fmt: skip
    colours = dict(re.findall(r"(--bl-\w+): (#\w+)", light))
    assert set(colours) == {"--bl-forward", "--bl-backward", "--bl-chosen"}
    assert set(dict(re.findall(r"(--bl-\w+): (#\w+)", dark))) == set(colours)
    # All other colours are the notebook's own, or stand in for them outside a notebook.
    assert len(re.findall(r"#\w+", draw.STYLE)) == 2 * len(colours) + len(
        re.findall(r"var\(--jp-[\w-]+, #\w+\)", draw.STYLE)
    )


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


@pytest.mark.parametrize("slope", [-0.3, 0.0, 0.7])
@pytest.mark.parametrize("w", [-5.9, 0.0, 4.0])
def test_the_tangent_passes_through_the_point_with_its_slope(w, slope):
    places = draw.tangent(AXES, w, 0.2, slope)
    x0, x1 = places["tangent_x0"], places["tangent_x1"]
    y0, y1 = places["tangent_y0"], places["tangent_y1"]
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((places["point_x"], places["point_y"]))
    assert (places["point_x"], places["point_y"]) == pytest.approx((AXES.px(w), AXES.py(0.2)))
    per_w, per_loss = AXES.px(1.0) - AXES.px(0.0), AXES.py(0.0) - AXES.py(1.0)
    assert (y0 - y1) / per_loss * per_w / (x1 - x0) == pytest.approx(slope)
    assert (x1 - x0) ** 2 + (y1 - y0) ** 2 == pytest.approx(180.0**2)


def test_the_curve_goes_through_its_points():
    draws, values = curve()
    (path,) = (e for e in tree(draws(values)).iter("path") if "curve" in classes(e))
    assert path.get("d") == "M56.0 34.0L338.0 206.8L620.0 250.0"


# --- losses before and after ----------------------------------------------------------------------


def test_bars_show_the_change_by_sign_length_and_side():
    places = draw.bar_places(BEFORE, AFTER)
    signs = [places[f"change_sign_{k}"] for k in range(3)]
    assert signs == ["▲", "=", "▼"]
    assert [places[f"change_class_{k}"] for k in range(3)] == ["backward", "faint", "forward"]
    assert places["change_x_0"] == 640
    assert places["change_width_0"] == pytest.approx(90 * min(0.02 / draw.LARGEST_CHANGE, 1))
    assert places["change_x_2"] + places["change_width_2"] == pytest.approx(640)
    assert places["change_width_2"] == 90, "a larger change fills its half"
    assert places["before_width_0"] == pytest.approx(130)
    text = "".join(tree(bars()[0](places)).itertext())
    assert "▲ +0.0200" in text
    assert "▼ -0.2500" in text
    assert "= +0.0000" in text
    assert "a & b" in text


def test_bars_want_as_many_losses_after_as_before():
    with pytest.raises(ValueError, match="zip"):
        draw.bar_places([0.1, 0.2], [0.1])


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", [*SHAPES, (3, 4, 3, 1), (12, 10, 2)], ids=str)
def test_labels_leave_no_latex_behind(widths, notation):
    keys = [*keys_of(widths), ("learning_rate",)]
    plain = set()
    for key in keys:
        latex = NOTATIONS[notation].label(key, widths)
        for label in (draw.html_label, draw.svg_label, draw.plain_label):
            text = label(latex)
            assert not re.search(r"[\\{}]", text), (key, text)
        for markup in (draw.html_label(latex), draw.svg_label(latex)):
            content = "".join(tree(f"<p>{markup}</p>").itertext())
            assert content == re.sub(r"[_^]", "", draw.plain_label(latex))
            assert not re.search(r"[_^]", markup)
        plain.add(draw.plain_label(latex))
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
    assert draw.html_label(latex) == html
    assert draw.plain_label(latex) == plain
    assert "".join(tree(f"<p>{draw.svg_label(latex)}</p>").itertext()) == re.sub("[_^]", "", plain)


# --- tables ---------------------------------------------------------------------------------------


def cells(markup):
    return [
        ["".join(cell.itertext()) for cell in row if cell.tag == "td"]
        for row in tree(markup).iter("tr")
    ]


def test_printed_table_shows_all_21_numbers_with_their_verdicts():
    table = draw.printed_table(LECTURE.printed)
    head, *rows = cells(table)
    assert head == []
    assert len(rows) == 21
    for row, n in zip(rows, LECTURE.printed, strict=True):
        label, text, exact, recomputed, verdict = row
        assert label == re.sub("[_^]", "", draw.plain_label(n.name))
        assert (text, exact, recomputed) == (n.text, f"{n.exact:.6f}", f"{n.recomputed:.6f}")
        assert verdict == draw.VERDICTS[n.verdict]
    said = Counter(row[-1].split()[-1] for row in rows)
    assert said == {"agrees": 7, "inherited": 12, "wrong": 2}
    assert len(set(names(table))) == len(names(table)) == 42


def test_verdicts_differ_by_sign_and_word():
    signs, words = zip(*(shown.split() for shown in draw.VERDICTS.values()), strict=True)
    assert words == tuple(draw.VERDICTS)
    assert len(set(signs)) == 3


def test_update_table_is_the_step():
    net = LECTURE.network
    f = bl.forward(net, LECTURE.x)
    g = bl.backward(net, f, LECTURE.y)
    new = bl.step(net, g, 0.5)
    f_new = bl.forward(new, LECTURE.x)
    now, after = quantities(f, g), quantities(f_new, bl.backward(new, f_new, LECTURE.y))
    table = draw.update_table(WIDTHS, now, after)
    assert len(names(table)) == len(set(names(table))) == 3 * 9 + 4
    for key in parameters(WIDTHS):
        kind, *index = key
        slope = now["d" + kind, *index]
        assert number(table, draw.name(key)) == f"{now[key]:.4f}"
        assert number(table, "d" + draw.name(key)) == f"{slope:z.4f}"
        assert number(table, "new_" + draw.name(key)) == f"{now[key] - 0.5 * slope:.4f}"
    assert number(table, "loss") == "0.0299"
    assert number(table, "new_loss") == "0.0282"
    assert number(table, "new_z_out_1_0") == "0.7624"


def test_nudge_table_shows_both_numbers_and_their_difference():
    rows = [(r"\frac{\partial L}{\partial u_{1}}", "dW_1_0_0", 0.25, 0.2), ("b", "db", -1.0, -1.0)]
    table = draw.nudge_table(0.1, rows)
    assert number(table, "nudged_dW_1_0_0") == "0.250000"
    assert number(table, "dW_1_0_0") == "0.200000"
    assert number(table, "difference_dW_1_0_0") == "0.050000"
    assert number(table, "difference_db") == "0.000000"
    assert "h = 0.1000" in table


def test_number_in_html():
    assert draw.number("loss", -1e-9) == (
        '<span class="n " data-q="loss" data-digits="4">0.0000</span>'
    )
    assert number(draw.number("loss", 0.12345, 2, "td", "forward"), "loss") == "0.12"


def test_fold_and_page():
    folded = tree(draw.fold("a < b", "<p>c</p>"))
    assert folded.get("class") == "bl"
    assert folded.find("details/summary").text == "a < b"
    assert folded.find("details/p").text == "c"
    assert folded.find("details").get("open") is None
