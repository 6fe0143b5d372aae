"""The style sheet: marks differ by more than colour, colours can be told from the paper."""

import re

from backprop_lab.picture import elements, field
from tests.picture.pictures import classes, shown, tree


def width_of(selector):
    (block,) = re.findall(rf"^\.bl {re.escape(selector)} \{{(.*?)\}}", elements.STYLE, re.M | re.S)
    return float(re.search(r"(?:stroke-width|--line): ([\d.]+)", block)[1])


def test_marks_differ_by_more_than_colour():
    assert width_of(".edge.lit") >= 2 * width_of(".edge")
    assert ".bl .weight:has(.lit) .beside {display: inline}" in elements.STYLE  # its arrow
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
    # All other colours are a map's, the notebook's own, or stand in for these outside a notebook.
    rest = ON_A_MAP.sub("", elements.STYLE)
    assert len(re.findall(r"#\w+", rest)) == len(light) + len(dark) + len(
        re.findall(r"var\(--jp-[\w-]+, #\w+\)", rest)
    )


ON_A_MAP = re.compile(r"^\.bl \.(shade_\d+|contour|rule|cross|marker|example)\b.*$", re.M)


def test_the_marker_can_be_told_from_every_shade_of_a_map():
    lines = [found[0] for found in ON_A_MAP.finditer(elements.STYLE)]
    shades = [re.search(r"#\w+", line)[0] for line in lines if "shade_" in line]
    assert len(shades) == len(set(shades)) == field.SHADES
    marker, rim = (re.search(r"stroke: (#\w+)", line)[1] for line in lines if ".marker" in line)
    for shade in shades:
        assert max(contrast(shade, f"#{one[1:] * 2}") for one in (marker, rim)) >= 3


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
