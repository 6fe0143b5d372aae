"""The apps of notebook 02: what they show is what the package computes."""

import asyncio
import itertools
import math
import re
from functools import partial
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.exercise import golf
from backprop_lab.explore.overlap import SHARED
from backprop_lab.formulas import cost
from tests.markup import fields, lit, said_to, text, tree

# The apps have the same names.
errors = import_module("backprop_lab.explore.signal")
growth = import_module("backprop_lab.explore.counts")
sizes = import_module("backprop_lab.explore.formula_sizes")
timings = import_module("backprop_lab.explore.timing")

XOR = bl.lectures.xor()
NET = XOR.network
G = XOR.run()
F = G.forward


def values(markup):
    """Every number under its name."""
    return {name: float(text.replace(",", "")) for name, text in fields(markup).items()}


# --- overlap --------------------------------------------------------------------------------------


def test_overlap_boxes_what_two_weights_share():
    found = cost.Overlap(bl.chain(G, "W_11"), bl.chain(G, "W_21"), r"\delta_1")
    assert [term.name for term in found.shared] == [t.name for t in bl.chain(G, "W_11").factors[:4]]
    shown = found._repr_latex_()
    assert shown.count(r"\boxed{") == 2
    assert r"= 0.002321 \cdot 1 = 0.002321" in shown
    assert r"= 0.002321 \cdot 0 = 0 " in shown
    others = cost.Overlap(bl.chain(G, "W_11"), bl.chain(G, "W_12"), r"\delta^{(O)}")
    assert len(others.shared) == 2
    assert "f_{out}" in repr(others)
    assert others._repr_latex_().count(" = 0.002321") == 1, "several factors: the result alone"


def test_partial_products_are_shared_backwards_only():
    first, second = (bl.chain(G, weight) for weight in ("W_11", "W_21"))
    for forwards, shared in ((False, 3), (True, 0)):
        mine = cost.partial_products(first, forwards)
        assert len(mine) == 4
        assert len(mine & cost.partial_products(second, forwards)) == shared


def test_the_paths_of_two_weights():
    app = explore.overlap("W_11", "W_21")
    first = lit(app.views["network"].value)
    assert {"W_0_0_0", "W_1_0_0", "x_0", "z_out_0_0", "z_out_1_0", "loss"} == first
    scenes = {show: app.page.computes.scene({"show": show}) for show in ("W_11", "W_21", SHARED)}
    lights = {show: set(scene["lit"]) for show, scene in scenes.items()}
    assert lights["W_11"] == first, "the page lights what Python drew"
    second = lights["W_21"]
    assert lights[SHARED] == first & second
    assert [scene["chosen"] for scene in scenes.values()] == ["W_0_0_0", "W_0_1_0", ""]
    for option in (SHARED, "W_21"):
        app.controls["show"].value = option
        app.refresh()
        assert lit(app.views["network"].value) == lights[option]
    assert first & second == first - {"W_0_0_0", "x_0"}
    assert "W_11" in repr(app)


# --- error signal ---------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", list(explore.signal().controls["bias"].options))
@pytest.mark.parametrize("h", [-2.0, -0.01, 0.0, 0.1, 1.5])
def test_signal(unit, h):
    """Against the rest of the network, written out."""
    name, bias = unit
    layer, j = errors.UNITS[bias]
    z, f_in = F.z_in[0].copy(), 0.0
    z[j] += h * (layer == 0)
    f_in = (1 / (1 + np.exp(-z))) @ NET.layers[1].W[:, 0] + NET.layers[1].b[0] + h * (layer == 1)
    expected = 0.5 * (1 - 1 / (1 + math.exp(-f_in))) ** 2
    app = explore.signal()
    app.controls["bias"].value = bias
    app.controls["h"].set(h)
    app.refresh()
    numbers = values(app.views["table"].value)
    assert numbers["new_loss"] == pytest.approx(expected, abs=6e-8)
    assert numbers["loss"] == pytest.approx(G.loss, abs=6e-8)
    assert numbers["delta"] == pytest.approx(G.delta[layer][j], abs=6e-8)
    assert numbers["moved"] == pytest.approx(expected - G.loss, abs=6e-8)
    assert numbers["foretold"] == pytest.approx(h * G.delta[layer][j], abs=6e-8)
    assert numbers["difference"] == pytest.approx(
        expected - G.loss - h * G.delta[layer][j], abs=6e-8
    )
    assert name.replace("_", "").replace(",in", "") in text(app.views["table"].value).replace(
        " ,in", ""
    ).replace(" ", "")


# --- counts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("depth", "width", "layer"), [(1, 1, 1), (3, 3, 1), (4, 2, 3), (12, 8, 5)])
def test_counts_view(depth, width, layer):
    widths = [width] * depth + [1]
    settings = {"depth": depth, "width": width, "layer": layer, "against": "depth"}
    views = {name: str(view) for name, view in growth.counts_view(settings).items()}
    numbers = values(views["numbers"])
    assert numbers.pop("edges") == width * width * (depth - 1) + width
    assert numbers.pop("parameters") == bl.Network.mlp(widths, init="zeros").size
    assert numbers.pop("paths") == width ** max(depth - layer - 1, 0)
    assert numbers == {way.replace(" ", "_"): f(widths) for way, f in cost.WAYS.items()}
    for markup in views.values():
        tree(markup)
    again = explore.counts(depth, width)
    again.controls["layer"].set(layer)
    again.refresh()
    assert {name: view.value for name, view in again.views.items()} == {
        name: f'<div class="bl">{view}</div>' for name, view in views.items()
    }


@pytest.mark.parametrize(("depth", "width", "layer"), [(1, 1, 1), (3, 3, 1), (4, 2, 3), (5, 4, 5)])
def test_the_lit_edges_are_those_on_a_path(depth, width, layer):
    """Paths through the lit edges, counted by walking them, are the paths claimed."""
    widths = [width] * depth + [1]
    lines = [
        (kind.get("class"), *map(float, re.split("[ L]", edge)))
        for kind in tree(str(growth.paths_picture(widths, layer))).iter("path")
        for edge in kind.get("d").split("M")[1:]
    ]
    assert len(lines) == cost.edges(widths) + 1
    on_path = [line for line in lines if "path" in line[0]]
    (weight,) = (line for line in on_path if "chosen" in line[0])

    def walks(place):
        onward = [line[3:] for line in on_path if line[1:3] == place]
        return sum(map(walks, onward)) if onward else 1

    assert walks(weight[3:]) == cost.paths(widths, layer)
    reached, border = set(), {weight[3:]}
    while border:
        border = {line[3:] for line in on_path if line[1:3] in border}
        reached |= border
    assert {line[3:] for line in on_path} == reached | {weight[3:]}, "lit, and on no path"
    assert {line[1:3] for line in on_path} <= reached | {weight[1:3], weight[3:]}, "no path there"
    neurons = {
        (float(circle.get("cx")), float(circle.get("cy")))
        for circle in tree(str(growth.paths_picture(widths, layer))).iter("circle")
        if "path" in circle.get("class")
    }
    assert neurons == {place for place in reached | {weight[3:]} if place[0] <= 850}


def points(markup, way):
    (path,) = re.findall(rf'data-way="{way}" d="M([^"]*)"', markup)
    return [tuple(map(float, pair.split())) for pair in path.split("L")]


@pytest.mark.parametrize("against", ["depth", "width"])
@pytest.mark.parametrize("way", cost.WAYS)
def test_the_chart_is_logarithmic(against, way):
    """Every point of a line stands where its axis says."""
    markup = str(growth.chart(5, 4, against))
    tree(markup)
    values = growth.DEPTHS if against == "depth" else growth.WIDTHS
    ticks = re.findall(r'y="([\d.]+)" text-anchor="end">1(?:0([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?<', markup)
    decades = {
        int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")) or 0): float(y) - 5
        for y, power in ticks
    }
    assert list(decades) == list(range(0, 15, 2))
    per_decade = (decades[14] - decades[0]) / 14
    for value, (x, y) in zip(values, points(markup, way), strict=True):
        widths = [4] * value + [1] if against == "depth" else [value] * 5 + [1]
        count = cost.WAYS[way](widths)
        assert y == pytest.approx(decades[0] + per_decade * math.log10(count), abs=0.2)
        (tick,) = re.findall(rf'x="([\d.]+)" y="268" text-anchor="middle">{value}<', markup)
        assert x == pytest.approx(float(tick), abs=0.1)


def test_the_chart_holds_all_its_lines():
    for depth, width in itertools.product(growth.DEPTHS, growth.WIDTHS):
        for against in ("depth", "width"):
            for way in cost.WAYS:
                assert all(
                    16 <= y <= 250 for _, y in points(str(growth.chart(depth, width, against)), way)
                )


def test_a_weight_s_layer_beyond_the_depth_is_the_last_one():
    """In the page the slider follows the depth: tests/browser/test_caching.py."""
    app = explore.counts(depth=4)
    assert app.controls["layer"].high == 4
    assert app.page.data["numbers"]["layer"]["high"] == growth.DEPTHS[-1]
    settings = {"depth": 2.0, "width": 3.0, "layer": 4.0, "against": "width"}
    views = growth.counts_view(settings)
    assert views == growth.counts_view(settings | {"layer": 2.0})
    assert values(str(views["numbers"]))["paths"] == 1


def test_the_page_times_its_own_pass():
    timings_page = explore.timing().content[-1]
    assert timings_page.state == {"milliseconds": {}}
    shown = text(str(timings.page_view({"grows": "width", "milliseconds": {}})["timed"]))
    assert shown.count("…") == 5
    state = timings.page_timed({"milliseconds": {"depth": [1.0]}}, "time", "width")
    measured = state["milliseconds"]["width"]
    assert len(measured) == 5
    assert all(0 < one < 1000 for one in measured)
    assert state["milliseconds"]["depth"] == [1.0]
    shown = text(str(timings.page_view({"grows": "width"} | state)["timed"]))
    assert "…" not in shown
    assert f"{measured[2]:.4f}" in shown


def test_formula_sizes_are_computed_and_measured_ones_are_said_to_be():
    app = explore.formula_sizes()
    numbers = values(app.views["table"].value)
    for widths in sizes.LIVE:
        name = "_".join(map(str, widths))
        found = numbers[f"alone_{name}"], numbers[f"named_{name}"]
        assert found == cost.formula_sizes(widths)
    assert text(app.views["table"].value).count("measured once") == len(sizes.MEASURED)
    tree(app.views["table"].value)


def test_a_measured_formula_size():
    widths = (2, 3, 3, 3, 1)
    assert cost.formula_sizes(widths) == sizes.MEASURED[widths]


# --- timings --------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """Small networks, one round, and a clock of our own."""
    monkeypatch.setattr(
        timings, "SIZES", {"depth": {2: [2, 2, 1], 4: [2, 2, 2, 2, 1]}, "width": {}}
    )
    ticks = itertools.count()
    clock = partial(timings.measure, clock=lambda: next(ticks) / 1000)
    monkeypatch.setattr(timings, "measure", clock)


def test_nothing_is_timed_before_start():
    app = explore.timing()
    assert "Nothing is timed before you press Start." in text(app.views["table"].value)
    assert re.search(r"weight by weight … … … … … × … × 4\.6", text(app.views["table"].value))
    assert app.stop.disabled
    assert not app.start.disabled


def test_a_run_ends_with_every_number(quick):
    async def run():
        app = explore.timing()
        app.begin(app._run)
        assert app.start.disabled
        assert not app.stop.disabled
        await app.task
        return app

    app = asyncio.run(run())
    said = text(app.views["table"].value)
    assert app.bar.value == 1
    assert "…" not in said
    counted = cost.weight_by_weight([2, 2, 2, 2, 1]) / cost.weight_by_weight([2, 2, 1])
    assert f"weight by weight 1.00 1.00 × 1.0 × {counted:.1f}" in said
    assert "backpropagation 1.00 1.00 × 1.0" in said
    assert "At 4, compared with backpropagation: weight by weight 1 times as long" in said
    assert app.stop.disabled
    assert app.task is None


def test_stop_ends_a_run_and_keeps_what_is_measured(quick):
    async def run():
        app = explore.timing()
        app.begin(app._run)
        task = app.task
        await asyncio.sleep(0.03)
        app.stop.click()
        with pytest.raises(asyncio.CancelledError):
            await task
        before = app.views["table"].value
        await asyncio.sleep(0.05)
        assert app.views["table"].value == before
        assert 0 < app.bar.value < 1
        assert "1.00" in before
        assert not app.start.disabled
        app.begin(app._run)
        app.controls["grows"].value = "width"
        assert app.task is None
        assert app.bar.value == 0

    asyncio.run(run())


def test_the_best_of_all_rounds_counts(monkeypatch):
    monkeypatch.setattr(timings, "SIZES", {"depth": {2: [2, 2, 1]}})
    took = iter([0, 5, 0, 6, 0, 7, 0, 2, 0, 9, 0, 9, 0, 3, 0, 1, 0, 8])
    *_, (share, best) = timings.measure("depth", clock=lambda: next(took))
    assert share == 1
    assert best == dict(zip([(way, 2) for way in timings.TIMED], (2, 1, 7), strict=True))


@pytest.mark.parametrize("widths", [[8] * 4 + [1], [32] * 2 + [1]])
def test_what_is_timed_gives_the_gradient(widths):
    net = bl.Network.mlp(widths, seed=1)
    f = bl.forward(net, np.linspace(-1, 1, widths[0]))
    g = bl.backward(net, f, [1.0])
    for name, way in timings.TIMED.items():
        found = way(net, f, np.ones(1))
        dW = found.dW if name == "backpropagation" else found[0]
        for mine, theirs in zip(dW, g.dW, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-15)


# --- counting by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blank", "typed", "said"),
    [
        (0, "35", "✓ Right."), (1, "13", "✓ Right."),
        (0, "13", "with the error signals kept"), (0, "46", "You counted factors"),
        (0, "38", "A bias has the last factor 1"), (1, "35", "That is weight by weight"),
        (1, "11", "an error signal of a hidden neuron needs two"),
        (1, "8", "the error signals cost some too"), (1, "15", "A bias takes its error signal"),
        (1, "12", "Not yet."),
    ],
)  # fmt: skip
def test_count_blanks(blank, typed, said):
    exercise = golf.count_blanks(3, 2)
    blanks = [child for child in exercise.content if hasattr(child, "expected")]
    assert [b.expected for b in blanks] == [35, 13]
    assert said in said_to(blanks[blank], typed)


def test_every_app_is_named():
    apps = explore.counts(), explore.signal(), explore.overlap(), explore.timing()
    assert len({repr(app) for app in apps}) == 4
