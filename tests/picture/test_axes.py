"""Charts as elements: points lie where matplotlib's own axes put them, gaps where there is none."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from backprop_lab.picture import axes, powers
from backprop_lab.picture.axes import Panel, Scale

PLAIN = Panel(60, 440, 36, 276, Scale(-2, 6, False), Scale(-1, 3, False))
LOG = PLAIN._replace(y=Scale(-8, 2, True))


def points(element):
    return np.array(re.findall(r"[ML](\S+) ([-\d.]+)", element.attributes["d"]), float)


def lines(element):
    """How many lines a path is in."""
    return element.attributes["d"].count("M")


@pytest.mark.parametrize("panel", [PLAIN, LOG], ids=["plain", "log"])
def test_points_stand_where_matplotlib_puts_them(panel):
    theirs = Figure().add_axes((0, 0, 1, 1))
    ends = (10.0**panel.y.low, 10.0**panel.y.high) if panel.y.logarithmic else panel.y[:2]
    theirs.set(xlim=panel.x[:2], ylim=ends, yscale="log" if panel.y.logarithmic else "linear")
    rng = np.random.default_rng(1)
    y = rng.uniform(*panel.y[:2], 50)
    given = np.c_[rng.uniform(*panel.x[:2], 50), 10.0**y if panel.y.logarithmic else y]
    across, up = theirs.transAxes.inverted().transform(theirs.transData.transform(given)).T
    expected = np.c_[
        panel.left + (panel.right - panel.left) * across,
        panel.bottom - (panel.bottom - panel.top) * up,
    ]
    assert np.abs(points(axes.line(panel, "a", "", given)) - expected).max() <= 0.051
    assert np.abs(points(axes.marks(panel, "a", "", given)) - expected).max() <= 0.051


def test_what_an_axis_cannot_show_leaves_a_gap():
    values = [0.1, 0.0, 0.01, np.nan, 0.2, np.inf, 0.5, 0.6, -np.inf, -1.0]
    given = list(enumerate(values, -2))
    on_log, plain = axes.line(LOG, "a", "", given), axes.line(PLAIN, "a", "", given)
    assert (lines(on_log), len(points(on_log))) == (4, 5)
    assert (lines(plain), len(points(plain))) == (4, 7), "0 and -1 have a place there"
    for name in ("line", "marks", "band"):
        more = (given,) if name == "band" else ()
        d = getattr(axes, name)(LOG, "a", "", given, *more).attributes["d"]
        assert not re.search("nan|inf|None", d)
    assert axes.line(LOG, "a", "", [(0, 0.0)]).attributes["d"] == ""
    assert axes.marks(LOG, "a", "", [(0, np.nan), (1, 1.0)]).attributes["d"].count("h0") == 1


def test_points_far_out_stay_as_far_as_a_picture_can_hold():
    far = axes.line(PLAIN, "a", "", [(0, 1e300), (1, -1e300)])
    assert np.abs(points(far)).max() < 10 * 440
    assert np.abs(points(axes.line(LOG, "a", "", [(0, 5e-324), (1, 1e308)]))).max() < 10 * 440


def test_a_band_goes_there_and_back_and_down_to_the_axis_where_it_is_zero():
    lows, highs = [(0, 0.5), (1, 0.0)], [(0, 1.0), (1, 10.0)]
    found = axes.band(LOG, "a", "", lows, highs)
    assert found.attributes["d"].endswith("Z")
    corners = points(found)
    assert corners[:, 0].tolist() == [155.0, 202.5, 202.5, 155.0]
    assert corners[2, 1] > LOG.bottom, "below the axis"
    assert axes.band(LOG, "a", "", [(0, np.inf)], [(0, np.inf)]).attributes["d"] == ""


def test_powers_of_ten_are_some_six_on_the_axis():
    for low, high in (*powers.DECADES, (-5, 1), (-10, 10), (-300, 308)):
        ticks = axes.powers(Scale(low, high, True))
        exponents = np.log10([value for value, _ in ticks])
        assert 4 <= len(ticks) <= 7
        assert exponents[0] == pytest.approx(low)
        assert exponents[-1] <= high
        assert len({*np.diff(exponents).round(6)}) == 1
    assert axes.powers(Scale(-8, 2, True))[0][1] == "10⁻⁸"
    assert axes.power(120) == "10¹²⁰"


def test_ticks_part_an_axis_evenly():
    assert axes.even(-2, 4, 6) == [(k, str(k)) for k in range(-2, 5)]
    assert [said for _, said in axes.even(0, 0.25, 5)] == [
        "0",
        "0.05",
        "0.1",
        "0.15",
        "0.2",
        "0.25",
    ]


def test_axes_jump_rarely():
    assert powers.decades([np.array([1e-3, 1.0])]) == (-8, 2, True)
    assert powers.decades([np.array([1e-12, 1.0])]) == (-20, 5, True)
    assert powers.decades([np.array([0.0, np.inf, np.nan])]) == (-8, 2, True)
    assert powers.decades([np.array([1e305])]) == (*powers.DECADES[-1], True)
    assert powers.decades([[1.0]], ((-5, 1), (-8, 2))) == (-5, 1, True)
    assert [powers.end(n) for n in (1, 6, 7, 50, 100)] == [6, 6, 12, 50, 100]
