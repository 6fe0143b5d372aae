"""Charts: what is named in a figure moves, on the figure's own scales, in the theme's colours."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from backprop_lab import explore
from backprop_lab.explore.risk_after_a_step import risk_after, risk_view
from backprop_lab.explore.steps_on_a_parabola import parabola_view, walk
from backprop_lab.picture.plots import descent
from backprop_lab.picture.plots.plot import COLOURS, Plot, area, bands, blank, chart, line, words


def sample_figure(log):
    figure, (left, right) = blank(200, ncols=2)
    left.set(xlim=(0, 10), ylim=(0, 10))
    right.set(xlim=(0, 10), ylim=(1e-6, 1), yscale="log" if log else "linear")
    left.plot([0, 10], [0, 10], color=COLOURS["forward"])
    line(left, "walk", "backward")
    line(right, "norm", "chosen")
    area(right, "spread", "#aabbcc")
    words(left, "said", 0.1, 0.1)
    return figure


sample = chart(sample_figure)


def drawn(markup, name):
    """The path's data, or the text, of a named artist."""
    return re.search(rf'data-q="{name}">\s*<(?:path d="([^"]*)"|text[^>]*>([^<]*))', markup)


def points(markup, name):
    return np.array(re.findall(r"[ML](\S+) (\S+?)(?=[MLZ]|$)", drawn(markup, name)[1]), float)


def test_points_stand_where_matplotlib_itself_puts_them():
    figure = sample_figure(True)
    theirs = Plot(figure)
    x, y = np.arange(1, 10), 10.0 ** -np.arange(1.0, 10.0) * 5e4
    mine = points(theirs("sample", norm=np.c_[x, y]), "norm")
    artist = next(a for a in figure.axes[1].lines if a.get_gid() == "norm")
    places = artist.axes.transData.transform(np.c_[x, y])
    assert np.allclose(mine, np.c_[places[:, 0], 200 - places[:, 1]], atol=0.051)


def test_a_chart_is_drawn_once_and_the_same_in_every_run():
    assert sample(True) is sample(True)
    assert sample(True) is not sample(False)
    again = chart(sample_figure)(True)
    values = {"norm": np.array([[1, 0.5], [2, 0.25]]), "said": "half"}
    assert again("x", **values) == sample(True)("x", **values)


def test_colours_are_the_themes_and_nothing_styles_the_page():
    markup = sample(True)("sample", said="a")
    for name in ("forward", "backward", "chosen", "ink", "faint"):
        assert f"var(--bl-{name})" in markup
    assert not any(stand_in in markup for stand_in in COLOURS.values())
    for unwanted in ("<style", "<metadata", "font-family", "DejaVu", "<?xml"):
        assert unwanted not in markup
    assert not re.search(r'id="(figure|axes|patch|line2d|text)', markup)
    ElementTree.fromstring(markup.replace("xlink:href", "href"))


def test_what_cannot_be_shown_leaves_a_gap():
    values = np.array([[1, 0.1], [2, 0.0], [3, 0.01], [4, np.nan], [5, np.inf], [6, 0.5]])
    markup = sample(False)("gaps", norm=values[[0, 2, 3, 5]])
    assert drawn(markup, "norm")[1].count("M") == 2
    on_log = drawn(sample(True)("gaps", norm=values), "norm")[1]
    assert "nan" not in on_log
    assert "inf" not in on_log
    far = np.array([[1, 1e300], [2, -1e300]])
    assert len(drawn(sample(False)("far", norm=far), "norm")[1]) < 60


def test_artists_that_get_no_value_are_empty_and_unknown_names_are_refused():
    markup = sample(True)("nothing")
    assert drawn(markup, "norm")[1] == ""
    assert drawn(markup, "said")[2] == ""
    with pytest.raises(TypeError, match=r"got typo; expected some of .*norm"):
        sample(True)("x", typo=np.zeros((2, 2)))


def test_words_are_escaped():
    markup = sample(True)('less < & "more"', said="a < b & c")
    assert drawn(markup, "said")[2] == "a &lt; b &amp; c"
    assert 'aria-label="less &lt; &amp; &quot;more&quot;"' in markup


def test_areas_close_and_bands_leave_holes():
    grid = np.linspace(-1, 1, 21)
    ring = bands(grid, grid, np.hypot.outer(grid, grid), [-1, 0.5, 0.9])
    assert [len(outlines) for outlines in ring] == [1, 2], "a disc and a ring with its hole"
    markup = sample(True)("ring", spread=ring[1])
    assert drawn(markup, "spread")[1].count("Z") == 2

    def turn(outline):  # twice the signed area
        x, y = outline.T
        return x @ np.roll(y, -1) - y @ np.roll(x, -1)

    assert turn(ring[1][0]) * turn(ring[1][1]) < 0, "a hole runs the other way round"


# --- curves and steps -----------------------------------------------------------------------------


def test_curves_have_names_and_their_ends_are_said():
    markup = descent.curves({"a": ([1, 2], [3, 4]), "b": ([1, 2], [5, 0.25])}, "x", "loss", log="y")
    assert ">a<" in markup
    assert ">b<" in markup
    assert "a ends at 4; b ends at 0.25" in markup
    with pytest.raises(ValueError, match="drawn: got 0 curves; expected from 1 to 4"):
        descent.curves({}, "x", "y")
    shown = explore.curves({"a": ([1, 2], [3, 4])}, "x", "loss")
    assert repr(shown) == "<loss against x>"


def test_the_lectures_counterexample_rises():
    w, losses = walk(2.5)
    assert w[:2].tolist() == [0, 2.5]
    assert losses[:2].tolist() == [0.5, 1.125]


@pytest.mark.parametrize("rate", [0, 0.5, 1, 1.5, 2, 2.05, 2.6])
def test_each_step_on_the_parabola_multiplies_the_distance(rate):
    w, losses = walk(rate)
    assert np.allclose(1 - w, (1 - rate) ** np.arange(len(w)))
    assert np.allclose(losses, (1 - w) ** 2 / 2)
    text = parabola_view(rate)["picture"]
    assert ("rises" in text) == (rate > 2), "it rises for α > 2, not else"


def test_risk_after_a_step_falls_for_short_steps_only():
    before = risk_after(0.0)
    assert round(before, 6) == 0.155131
    assert risk_after(0.5) < risk_after(0.0) < risk_after(40.0)
    for rate, verdict in ((0.5, "it falls"), (40, "it rises"), (0, "before and after")):
        assert verdict in risk_view(rate)["picture"]


@pytest.mark.parametrize("app", [explore.steps_on_a_parabola, explore.risk_after_a_step])
def test_step_apps_keep_the_last_good_picture(app):
    shown = app()
    good = shown.views["picture"].value
    shown.controls["rate"].value = -1
    assert "expected a number from 0" in shown.message.value
    assert shown.views["picture"].value == good
    shown.controls["rate"].value = 1.5
    assert shown.views["picture"].value != good
    assert "got" not in shown.message.value
