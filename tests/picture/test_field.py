"""Heights over a plane: the line of a level is contourpy's, each cell has its height's shade."""

import re

import contourpy
import numpy as np
import pytest

from backprop_lab.picture import field
from backprop_lab.picture.axes import Panel, Scale

PANEL = Panel(40, 280, 36, 276, Scale(0, 1, False), Scale(0, 1, False))
FINE = Panel(0, 1e6, 0, 1e6, *PANEL[4:])
"""Points are written with one decimal; here that is little."""


def pieces(element):
    """Its straight pieces, (n, 4), each from its left end."""
    number = r"(-?\d+\.\d)"
    found = re.findall(f"M{number} {number}L{number} {number}", element.attributes["d"])
    return in_order(np.array(found, float).reshape(-1, 2, 2))


def in_order(found):
    """Each piece from its left end (or lower, where it is upright)."""
    turned = found[:, 0, 0] > found[:, 1, 0]
    upright = np.isclose(found[:, 0, 0], found[:, 1, 0], atol=0.2)
    turned = np.where(upright, found[:, 0, 1] > found[:, 1, 1], turned)
    return np.where(turned[:, None, None], found[:, ::-1], found).reshape(-1, 4)


def foreign(panel, rows, level):
    """The same of contourpy, which takes the mean of a cell's corners at a saddle, too."""
    rows = np.asarray(rows, float)
    wide, deep = (panel.right - panel.left) / rows.shape[1], (panel.bottom - panel.top) / len(rows)
    x = panel.left + wide * (np.arange(rows.shape[1]) + 0.5)
    y = panel.bottom - deep * (np.arange(len(rows)) + 0.5)
    heights = np.ma.masked_invalid(rows)
    drawn = contourpy.contour_generator(x, y, heights, corner_mask=False).lines(level)
    found = [np.stack([line[:-1], line[1:]], axis=1) for line in drawn]
    return in_order(np.concatenate([np.zeros((0, 2, 2)), *found]))


def same(mine, theirs):
    """Whether each piece has its other one."""
    if len(mine) != len(theirs):
        return False
    apart = np.abs(mine[:, None] - theirs[None]).max(axis=-1)
    return bool(
        not len(mine) or ((apart.min(axis=0) < 0.2).all() and (apart.min(axis=1) < 0.2).all())
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_line_of_a_level_is_contourpys(seed):
    """Of noise, which has many saddles, of waves, and with holes in them."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(rng.integers(2, 14), rng.integers(2, 14)))
    if seed % 3 == 1:
        y, x = np.mgrid[: len(rows), : len(rows[0])]
        rows = np.sin(0.7 * x + seed) * np.cos(0.5 * y)
    if seed % 3 == 2:
        rows[rng.random(rows.shape) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    for level in (0.0, 0.3):
        found = pieces(field.contour(FINE, "line", rows.tolist(), level))
        assert same(found, foreign(FINE, rows, level))


@pytest.mark.parametrize(("mean", "parts"), [(0.6, "low"), (0.4, "high")])
@pytest.mark.parametrize("turned", [False, True])
def test_at_a_saddle_the_mean_decides_which_corners_are_cut_off(mean, parts, turned):
    high = mean * 4 / 2
    rows = [[high, 0.0], [0.0, high]]
    rows = rows[::-1] if turned else rows
    found = pieces(field.contour(FINE, "line", rows, 0.5))
    assert len(found) == 2
    assert same(found, foreign(FINE, rows, 0.5))
    middles = found.reshape(2, 2, 2).mean(axis=1)
    corners = np.array(
        [(250_000, 750_000), (750_000, 750_000), (250_000, 250_000), (750_000, 250_000)]
    )
    nearest = {int(np.abs(corners - middle).sum(axis=1).argmin()) for middle in middles}
    low = {0, 3} if turned else {1, 2}
    assert nearest == (low if parts == "low" else {0, 1, 2, 3} - low)


def test_rows_that_are_missing_take_their_place_and_have_no_line():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(8, 6))
    some = [*rows[:3].tolist(), *[[] for _ in range(5)]]
    whole, part = (pieces(field.contour(FINE, "line", r, 0.0)) for r in (rows.tolist(), some))
    below = whole[whole[:, [1, 3]].min(axis=1) > FINE.bottom - 2.5 / 8 * 1e6 - 1]
    assert same(part, below)
    assert len(part)
    assert field.contour(FINE, "line", [[], []], 0.0).attributes["d"] == ""


@pytest.mark.parametrize("seed", range(10))
def test_each_cell_has_its_heights_shade(seed):
    rng = np.random.default_rng(seed)
    levels = [-2, -1, -0.5, 0, 0.5, 1, 2]
    rows = rng.choice([-3.0, -2.0, -0.7, 0.0, 0.1, 5.0, np.nan, np.inf, -np.inf], size=(12, 10))
    drawn = field.shades(PANEL, [*rows.tolist(), [], []], levels)
    assert [each.attributes["class"] for each in drawn] == [f"shade_{k}" for k in range(11)]
    found = np.full((14, 10), -1)
    for k, each in enumerate(drawn):
        cells = re.findall(r"M(\S+) (\S+?)H(\S+?)V(\S+?)H(\S+?)z", each.attributes["d"])
        for left, low, right, high, back in np.array(cells, float).reshape(-1, 5):
            assert left == back
            row = round((PANEL.bottom - low) / (240 / 14))
            assert high == pytest.approx(low - 240 / 14, abs=0.11)
            first, end = (round((x - PANEL.left) / 24) for x in (left, right))
            assert (found[row, first:end] == -1).all(), "no cell is painted twice"
            found[row, first:end] = k
    expected = np.digitize(np.where(np.isnan(rows), 0, rows), levels)
    expected[np.isnan(rows)] = -1
    assert np.array_equal(found[:12], expected)
    assert (found[12:] == -1).all()


def test_a_plane_says_where_it_is_and_which_numbers_it_moves():
    panel = Panel(60, 700, 36, 330, Scale(1, 101, False), Scale(-0.6, 0.9, True))
    said = field.plane(panel, {"depth": 30, "scale": 1.5}, "depth 30, g 1.5").attributes
    assert (said["role"], said["tabindex"]) == ("slider", "0")
    assert (said["data-handle"], said["data-up"]) == ("depth", "scale")
    assert said["data-across"].split() == ["1.000000", "101.000000"]
    assert said["data-along"].split() == ["-0.600000", "0.900000"]
    assert (said["aria-valuenow"], said["aria-valuetext"]) == (30, "depth 30, g 1.5")
    assert said["aria-label"] == "depth by left and right, scale by up and down"
