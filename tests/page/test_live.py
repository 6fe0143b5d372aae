"""The widget, as far as it can be told without a page."""

import json
import re

import pytest
import traitlets

from backprop_lab.page.library import script
from backprop_lab.page.live import Light, Live, Moment, Number, Row
from backprop_lab.page.program import Program

TOTAL = Program(("a", "b"), lambda values: {"total": values["a"] + values["b"]})
TWICE = Program(("a",), lambda values: {"twice": 2 * values["a"]})
NUMBERS = {"a": Number(1.0, 0.0, 2.0, "a_1")}
ROWS = [Row({"b": 1.0}, ("even",)), Row({"b": 2.0}, ("odd", "last"))]


def live(row=0, **arguments):
    return Live(TOTAL, NUMBERS, {"which": (row, ROWS)}, **arguments)


def data(page):
    return json.loads(re.search(r"^export const data = (.*);$", page.program, re.M)[1])


def test_a_program_without_a_value_for_an_input_is_refused():
    with pytest.raises(ValueError, match=r"numbers, tables: no value for b$"):
        Live(TOTAL, NUMBERS)
    with pytest.raises(ValueError, match=r"numbers, tables: no value for a, b$"):
        Live(TOTAL, {})


def test_the_widget_has_a_repr_without_an_address():
    assert repr(Live(TWICE, NUMBERS)) == "<the page's arithmetic>"


def test_every_number_has_a_trait():
    page = live()
    assert page.a == 1.0
    assert {"a", "which", "at", "last"} <= set(page.keys)
    with pytest.raises(traitlets.TraitError):
        page.a = "much"


@pytest.mark.parametrize(("row", "locked"), [(0, (False, True, True)), (1, (True, False, True))])
def test_locks_begin_as_the_chosen_row_has_it(row, locked):
    locks = {"one": ("even",), "two": ("odd", "last"), "three": ("even", "odd")}
    page = live(row, locks=locks)
    assert (page.one, page.two, page.three) == locked
    assert data(page)["locks"] == {name: list(when) for name, when in locks.items()}


@pytest.mark.parametrize(("row", "count"), [(0, 2), (1, 3)])
def test_as_many_steps_begin_as_belong_to_the_chosen_row(row, count):
    whens = [(), (), ("odd",), ("even", "odd")]
    page = live(row, moments=[Moment(when, "all", (), ("total",), "[total]") for when in whens])
    assert (page.at, page.last) == (0, count)


def test_the_page_is_told_what_python_was():
    moment = Moment(("even",), "cards", ("here",), ("total",), "now [total]")
    light = Light(("odd",), ("here", "there"), "here")
    page = live(moments=[moment], lights=[light], flags={"hide": False}, home={"a": 1.0})
    told = data(page)
    assert told == {
        "numbers": {
            "a": {"value": 1.0, "low": 0.0, "high": 2.0, "label": "a_1", "step": 0.01,
                  "spoken": "a 1"}
        },
        "tables": {
            "which": [
                {"inputs": {"b": 1.0}, "tokens": ["even"]},
                {"inputs": {"b": 2.0}, "tokens": ["odd", "last"]},
            ]
        },
        "flags": {"hide": False},
        "texts": [],
        "moments": [
            {"when": ["even"], "group": "cards", "places": ["here"], "known": ["total"],
             "text": "now [total]"}
        ],
        "lights": [{"when": ["odd"], "places": ["here", "there"], "chosen": "here"}],
        "locks": {},
        "home": {"a": 1.0},
    }  # fmt: skip
    assert page.program.startswith(TOTAL.javascript)
    assert page.hide is False


def test_the_page_builds_no_code_from_text():
    for call in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert call not in live().program + script("live")
