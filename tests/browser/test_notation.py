"""The notation switch in JupyterLab: four notations, one set of numbers, no LaTeX error."""

import re

import pytest

import backprop_lab as bl
from backprop_lab.lectures import xor
from backprop_lab.lectures.conventions import CONVENTIONS, ROWS
from backprop_lab.picture.labels import plain_label

SWITCH, TABLE = "explore.notation_switch()", "conventions.dictionary()"
WIDTHS = xor().network.widths


@pytest.fixture(scope="module")
def page(opens):
    opened = opens(
        "from backprop_lab import explore\nfrom backprop_lab.lectures import conventions",
        SWITCH,
        TABLE,
    )
    opened.look("cells(look.failures)")
    opened.root = f"look.app({SWITCH!r})"
    return opened


def shown(page, selector):
    found = f"look.seen({page.root}, {selector!r}).map(e => e.textContent)"
    return page.page.evaluate(f"() => {found}")


def choose(page, name):
    page.page.evaluate(f"() => look.button({page.root}, {name!r}).click()")
    page.page.wait_for_function(
        f"() => look.seen({page.root}, '[data-when]').some(e => e.dataset.when === {name!r})"
    )
    page.page.evaluate(f"async () => look.quiet({page.root})")


def flat(text):
    """A label as the page's elements spell it."""
    return re.sub(r"[_^]", "", plain_label(text))


def heights(page):
    return page.page.evaluate(
        f"() => [...{page.root}.querySelectorAll('.widget-html, .widget-htmlmath')]"
        ".map(e => e.offsetHeight)"
    )


def test_all_four_show_their_labels_and_the_same_numbers(page):
    page.page.evaluate(f"() => look.show(look.codeCells().find(c => c.node.contains({page.root})))")
    numbers, layout = [], []
    for name in (*CONVENTIONS, "LMU"):
        choose(page, name)
        visible = " ".join(shown(page, "svg text"))
        for key in [("W", 0, 0, 1), ("b", 0, 1), ("z_in", 0, 1), ("delta", 0, 1), ("loss",)]:
            assert flat(bl.NOTATIONS[name].label(key, WIDTHS)) in visible
        corner = flat(bl.NOTATIONS[name].label(CONVENTIONS[name].entries(0, WIDTHS)[0][1], WIDTHS))
        assert shown(page, "td[data-weight]")[1].startswith(corner)
        assert len(shown(page, "svg[role]")) == 1
        found = page.look(f"read({page.root})")
        assert found["clashes"] == []
        numbers.append(found["numbers"])
        layout.append(heights(page))
        assert page.look("cells(look.failures)") == []
        assert page.look("cells(look.overlaps)") == []
        assert page.look("cells(look.contrasts)") == []
        assert len(shown(page, "mjx-container")) >= 5
    assert all(other == numbers[0] for other in numbers), "a notation changes no number"
    assert all(other == layout[0] for other in layout), "nothing jumps"
    assert page.complaints == []


def test_a_weight_is_found_in_all_four(page):
    page.page.evaluate(
        f"() => {{ const s = {page.root}.querySelector('select'); s.selectedIndex = 2;"
        " s.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    choose(page, "CSC311")
    assert [text.strip()[:6] for text in shown(page, "td.chosen")] == ["W(1)12"]
    said = next(text for text in shown(page, "div[data-when]") if text.startswith("One weight"))
    for name, style in bl.NOTATIONS.items():
        assert f"{name} {flat(style.label(('W', 0, 1, 0), WIDTHS))}" in said


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_dictionary_is_typeset(page, theme):
    page.theme(theme)
    assert page.look("cells(look.failures)") == []
    table = "document.querySelector('.jp-RenderedMarkdown.jp-OutputArea-output table')"
    assert page.page.evaluate(f"() => {table}.rows.length") == 1 + len(ROWS)
    assert page.page.evaluate(f"() => {table}.innerText.includes('$')") is False
    dollars = sum(t.count("$") for c in CONVENTIONS.values() for t in c.formulas.values())
    assert page.page.evaluate(f"() => {table}.querySelectorAll('mjx-container').length") == (
        dollars // 2
    )
