"""Matrices to scale, tensors, and the graph of a tape."""

import itertools
import re

import numpy as np
import pytest

from backprop_lab import explore
from backprop_lab.core.tape import Value
from backprop_lab.picture import elements, graphs, shapes, tapes
from tests.markup import text
from tests.picture.pictures import tree


def rects(picture):
    return [
        {side: float(e.get(side)) for side in ("x", "y", "width", "height")}
        for e in tree(elements.page(picture)).iter("rect")
        if "box" in e.get("class")
    ]


def test_matrices_are_to_one_scale_and_do_not_overlap():
    sizes = [(1, 2), (2, 2), (2, 4), (4, 4), (4, 1)]
    drawn = rects(shapes.product([shapes.Box(f"M{k}", *size) for k, size in enumerate(sizes)]))
    for box, (rows, columns) in zip(drawn, sizes, strict=True):
        assert box["width"] / columns == pytest.approx(box["height"] / rows, rel=0.01)
        assert box["width"] == pytest.approx(26 * columns, rel=0.01)
    for one, other in itertools.pairwise(drawn):
        assert one["x"] + one["width"] < other["x"]


def test_the_largest_fits_and_the_smallest_is_seen():
    sizes = [(1, 10_000), (10_000, 10_000), (10_000, 1), (1, 10_000), (10_000, 10_000)]
    picture = shapes.product([shapes.Box("M", *size) for size in sizes])
    drawn = rects(picture)
    wide, high = map(float, tree(elements.page(picture)).find("svg").get("viewBox").split()[2:])
    assert wide <= 960
    for box in drawn:
        assert min(box["width"], box["height"]) >= 3
        assert box["x"] + box["width"] <= wide
        assert box["y"] + box["height"] <= high - 40
    assert "10,000 × 1" in text(elements.page(picture))


def test_diagonals_are_drawn_as_such():
    boxes = [shapes.Box("D", 3, 3, "diagonal"), shapes.Box("A", 3, 2, "full")]
    lines = [e.get("d") for e in tree(elements.page(shapes.product(boxes))).iter("path")]
    assert lines[0].count("L") == 1, "one line, corner to corner"
    assert lines[1].count("M") == 3, "the lines between cells"


def test_a_tensor_shows_its_numbers():
    values = np.einsum("ip,q->ipq", np.eye(3), [2, -1])
    shown = text(elements.page(shapes.tensor(values, ["a", "b", "c"])))
    assert len(re.findall(r"(?<![\d-])2(?!\d)", shown)) == 3
    assert shown.count("-1") == 3
    with pytest.raises(ValueError, match=r"values: got shape \(3, 3, 2\); expected \(2, rows"):
        shapes.tensor(values, ["a", "b"])
    with pytest.raises(TypeError, match="values: got 'x'"):
        shapes.tensor("x", ["a"])


def test_the_numbers_of_a_tensor_stand_apart_and_within():
    values = [[[0.222, -0.111, -0.111]], [[-1, 0, 1]]]
    root = tree(elements.page(shapes.tensor(values, ["a", "b"])))
    (x, right), *_ = [
        (float(e.get("x")), float(e.get("x")) + float(e.get("width")))
        for e in root.iter("rect")
        if "box" in e.get("class")
    ]
    middles = [float(e.get("x")) for e in root.iter("text") if (e.text or "").endswith("111")]
    half = 4 * len("-0.111")  # at 8 px a character
    assert middles[1] - middles[0] > 2 * half + 4
    assert x < min(middles) - half
    assert max(middles) + half < right


def test_a_tensor_has_no_minus_zero():
    shown = text(elements.page(shapes.tensor([[[-0.0, 0.0], [-1.0, 2.0]]], ["a"])))
    assert "-1" in shown
    assert "-0" not in shown


def drawn_graph():
    p, q = Value(2.0, name="p"), Value(3.0, name="q")
    end = (p * q + p.maximum(q)) * p
    end.backward()
    return end


def test_the_graph_of_a_tape():
    end = drawn_graph()
    picture = tapes.graph(end)
    root = tree(elements.page(picture))
    shown = [(e.get("class"), "".join(e.itertext())) for e in root.iter("text")]
    gradients = [said for css, said in shown if css == "backward"]
    assert [said for css, said in shown if css == "forward"].count("18") == 1
    assert {"15", "6"} <= set(gradients), "those of p and q"
    # seven values and eight arrows: ∂end/∂value, and the derivative on each arrow
    arrows = [v for value in end.tape() for _, v in value.parents]
    assert len(gradients) == len(end.tape()) + len(arrows)
    assert f"A graph of {len(end.tape())} values" in root.find("svg").get("aria-label")


def test_a_graph_has_no_minus_zero():
    end = Value(0.0, name="x") * -1.0
    end.backward()
    assert "-1" in text(elements.page(tapes.graph(end)))
    assert "-0" not in text(elements.page(tapes.graph(end)))


def test_no_two_values_of_a_graph_overlap():
    x = Value(0.5, name="x")
    a = x**2
    c = a + a.exp()
    for end in (c.sqrt() + c.cos(), drawn_graph(), x * x, sum((x * k for k in range(4)), x)):
        end.backward()
        drawn = rects(tapes.graph(end))
        assert len(drawn) == len(end.tape())
        for k, one in enumerate(drawn):
            for other in drawn[:k]:
                apart = abs(one["x"] - other["x"]), abs(one["y"] - other["y"])
                assert apart[0] >= one["width"] + 40 or apart[1] >= one["height"] + 30


def test_what_is_no_graph_is_refused():
    with pytest.raises(TypeError, match="end: got 3; expected a Value"):
        explore.tape_graph(3)
    x = Value(1.0)
    with pytest.raises(ValueError, match="end: got 101 values; expected at most 60"):
        explore.tape_graph(sum((Value(k) for k in range(50)), x))
    assert repr(explore.tape_graph(x * 2)) == "<a graph of values>"


def test_the_apps_of_pictures():
    assert repr(explore.matrices(("A", 2, 3), ("x", 3, 1, "column"))) == "<a product of matrices>"
    assert repr(explore.tensor(np.zeros((1, 2, 2)), ["one"])) == "<a tensor>"


def test_a_row_of_quantities():
    labels, leaves = ["X_{r}", "f_{1}", "E^{r}"], {1: "A_{0}", 2: "Y_{r}"}
    graph = graphs.row_of(labels, leaves, copies=3, total="E")
    assert len(graph.nodes) == 3 * 5 + 1
    assert len(graph.edges) == 3 * (2 + 2 + 1)
    assert "X_1, f_1, A_0, E^1, Y_1, X_2" in graph.alternative
    back = graphs.row_of(labels, leaves, backward=True)
    assert {(b, a) for a, b, _ in back.edges} == {
        (a, b) for a, b, _ in graphs.row_of(labels, leaves).edges
    }
    assert {"A 0", "Y 1"} <= set(re.findall(r"[AY] \d", text(elements.page(back.picture()))))
