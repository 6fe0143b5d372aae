"""Pictures: pure, well formed, every number under its name, nothing said by colour alone."""

import re
from collections import Counter

import pytest

from tests.picture.pictures import names, number, tree
from tests.picture.samples import PICTURES


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def test_a_picture_is_a_pure_function(picture):
    draws, values = picture
    given = dict(values)
    first = draws(values)
    assert values == given
    other = {k: v + 0.0625 if isinstance(v, float) else v for k, v in values.items()}
    assert draws(other) != first
    assert draws(values) == first


def test_a_picture_is_valid_xml_with_one_name_a_field(picture):
    draws, values = picture
    found = names(draws(values))
    assert found
    assert [name for name, count in Counter(found).items() if count > 1] == []
    assert set(found) <= set(values)


def test_a_picture_shows_each_number_where_its_name_stands(picture):
    draws, values = picture
    markup = draws(values)
    for name in names(markup):
        assert float(number(markup, name)) == pytest.approx(float(values[name]), abs=0.5), name
        if name[0] not in "xyw":
            assert float(number(markup, name)) == pytest.approx(values[name], abs=5.1e-5), name


def test_each_number_of_a_picture_moves_its_own_field_alone(picture):
    draws, values = picture
    markup = draws(values)
    before = {name: number(markup, name) for name in names(markup)}
    for name in before:
        changed = draws({**values, name: values[name] + 1.0})
        after = {other: number(changed, other) for other in before}
        assert {other for other in before if before[other] != after[other]} == {name}


def test_a_missing_value_is_refused(picture):
    draws, values = picture
    for name in names(draws(values)):
        with pytest.raises(KeyError, match=name):
            draws({k: v for k, v in values.items() if k != name})


@pytest.mark.parametrize("bad", ["0.5", None, "<b>"])
def test_what_is_no_number_is_refused(picture, bad):
    draws, values = picture
    name = names(draws(values))[0]
    with pytest.raises((ValueError, TypeError)):
        draws({**values, name: bad})


def test_no_negative_zero_is_shown(picture):
    draws, values = picture
    markup = draws(values)
    tiny = draws({**values, **dict.fromkeys(names(markup), -1e-9)})
    assert not re.search(r"[-−]0(\.0+)?(?![\d.])", "".join(tree(tiny).itertext()))
    assert not re.search(r"[-−]0(\.0+)?(?![\d.])", tree(tiny).find("svg").get("aria-label"))


def test_a_picture_has_a_text_alternative_with_its_numbers(picture):
    draws, values = picture
    svg = tree(draws(values)).find("svg")
    drawing = svg if svg.get("role") == "img" else svg.find("g[@aria-hidden='true']")
    assert drawing is not None, "heard by its alternative, not number by number"
    alternative = svg.get("aria-label")
    assert re.search(r"[A-Za-z]{4}", alternative)
    assert re.search(r"\d\.\d{4}", alternative)
    assert not re.search(r"[{}\\]", alternative)
    for name in ("loss", "z_out_1_0", "slope", "before_1", "after_2"):
        if name in values:
            assert f"{values[name]:.4f}" in alternative
