"""The loss against a weight, and losses before and after a step."""

import re

import pytest

from backprop_lab.picture.charts import LARGEST_CHANGE, changes
from tests.picture.pictures import classes, number, tree
from tests.picture.samples import AFTER, AXES, BEFORE, POINTS, bars, curve

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
