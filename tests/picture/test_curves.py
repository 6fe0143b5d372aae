"""Curves that stand still: matplotlib's figure, in the theme's colours, the same in every run."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from backprop_lab import explore
from backprop_lab.picture.curves import COLOURS, figure

TWO = {"a": ([1, 2], [3, 4]), "b": ([1, 2], [5, 0.25])}


def test_curves_have_names_and_their_ends_are_said():
    markup = figure(TWO, "x", "loss", log="y")
    assert ">a<" in markup
    assert ">b<" in markup
    assert "a ends at 4; b ends at 0.25" in markup
    assert ">a<" not in figure({"a": TWO["a"]}, "x", "y"), "one alone needs no name"
    shown = explore.curves({"a": TWO["a"]}, "x", "loss")
    assert repr(shown) == "<loss against x>"


@pytest.mark.parametrize("count", [0, 5])
def test_curves_are_from_one_to_four(count):
    drawn = {str(k): ([1, 2], [k, k]) for k in range(count)}
    with pytest.raises(ValueError, match=f"drawn: got {count} curves; expected from 1 to 4"):
        figure(drawn, "x", "y")


def test_each_has_its_own_colour_and_its_own_dashes():
    markup = figure({str(k): ([1, 2], [k, 2 * k]) for k in range(1, 5)}, "x", "y")
    styles = re.findall(r'style="(fill: none;[^"]*stroke-width: 2.2[^"]*)"', markup)
    assert len(styles) == 8, "each curve, and its sample in the legend"
    colours = {re.search(r"stroke: ([^;]*)", style)[1] for style in styles}
    dashes = {"".join(re.findall(r"stroke-dasharray: [^;]*", style)) for style in styles}
    assert len(colours) == len(dashes) == 4


def test_colours_are_the_themes_and_nothing_styles_the_page():
    markup = figure(TWO, "x", "y")
    for name in ("forward", "backward", "ink", "faint"):
        assert f"var(--bl-{name})" in markup
    assert not any(stand_in in markup for stand_in in COLOURS.values())
    for unwanted in ("<style", "<metadata", "font-family", "DejaVu", "<?xml", "<script"):
        assert unwanted not in markup
    assert not re.search(r'id="(figure|axes|patch|line2d|text)', markup)
    ElementTree.fromstring(markup.replace("xlink:href", "href"))


def test_a_figure_is_the_same_in_every_run():
    assert figure(TWO, "x", "y") == figure(TWO, "x", "y")
    last_bit = {name: (x, np.nextafter(y, 9)) for name, (x, y) in TWO.items()}
    assert figure(last_bit, "x", "y") == figure(TWO, "x", "y")
    assert figure(TWO, "x", "y", log="xy") != figure(TWO, "x", "y")


def test_words_are_escaped():
    markup = figure({'<"&': ([1, 2], [3, 4])}, "x", 'less < & "more"')
    assert 'aria-label="less &lt; &amp; &quot;more&quot; against x. &lt;&quot;&amp; ends' in markup
    ElementTree.fromstring(markup.replace("xlink:href", "href"))
