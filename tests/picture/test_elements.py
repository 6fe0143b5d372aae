"""Elements: what becomes text, in which order, and what is escaped."""

import pytest

from backprop_lab.picture.elements import (
    Markup,
    Picture,
    el,
    field,
    heads,
    joined,
    number,
    page,
    quantity,
    row,
    table,
    text,
    words,
)


def test_text_and_attributes_are_escaped_once():
    made = el("p", "a < b & 'c'", el("b", "<i>"), title='"x" < & y')
    assert str(made) == (
        "<p title=\"&quot;x&quot; &lt; &amp; y\">a &lt; b &amp; 'c'<b>&lt;i&gt;</b></p>"
    )
    assert text(Markup("<i>")) == "<i>"
    assert page(page("<")) == '<div class="bl"><div class="bl">&lt;</div></div>'


def test_attributes_stand_as_they_were_given():
    made = el("path", data_q="w", class_="n", stroke_width=2, hidden=True, title=None, role=False)
    assert str(made) == '<path data-q="w" class="n" stroke-width="2" hidden/>'
    assert str(el("td", data_signed="")) == '<td data-signed=""></td>'


def test_children_may_be_lists_and_generators():
    parts = (el("i", k) for k in "ab")
    assert str(el("", ["x", [el("br")]], joined(", ", parts))) == "x<br/><i>a</i>, <i>b</i>"
    assert joined(", ", []) == []


def test_an_element_says_the_same_twice():
    made = el("p", *joined(" ", ["a", "b"]))
    assert str(made) == str(made) == "<p>a b</p>"


def test_a_number_has_its_quantitys_name():
    assert str(number("w_0", -1e-9, 2, "td", "forward")) == (
        '<td class="n forward" data-q="w_0" data-digits="2">0.00</td>'
    )
    assert str(number("w_0", 0.5, shown="?")) == (
        '<span class="n " data-q="w_0" data-digits="4">?</span>'
    )
    assert str(quantity("steps", "1,000")) == '<b class="n" data-q="steps">1,000</b>'


@pytest.mark.parametrize(("signed", "shown"), [(False, "0.50"), (True, "+0.50")])
def test_a_field_is_filled_and_says_what_the_page_needs(signed, shown):
    mark = ' data-signed=""' * signed
    assert Picture(field("w", 2, signed)).filled({"w": 0.5}) == (
        f'<tspan class="n" data-q="w" data-digits="2"{mark}>{shown}</tspan>'
    )


def test_a_table_wraps_what_is_no_cell():
    made = table(heads("a", el("th", "b", style="x")), row(words("c"), el("i", "d")), css="kept")
    assert str(made) == (
        '<table class="kept"><tr><th>a</th><th style="x">b</th></tr>'
        '<tr><td class="words">c</td><td><i>d</i></td></tr></table>'
    )
