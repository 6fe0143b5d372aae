"""The widget, as far as it can be told without a page."""

import json
import re
from dataclasses import replace

import pytest
import traitlets

from backprop_lab.page.library import script
from backprop_lab.page.live import Live, Number
from backprop_lab.page.program import Program

TOTAL = Program(("a", "b"), lambda values: {"total": values["a"] + values["b"]})
TWICE = Program(("a",), lambda values: {"twice": 2 * values["a"]})
NUMBERS = {"a": Number(1.0, 0.0, 2.0, "a_1")}
ROWS = [{"b": 1.0}, {"b": 2.0}]


def parity_scene(values):
    """More steps, and another lock, where b is even."""
    even = values.get("b") == 2
    return {"locked": ["one"] if even else ["two", "three"], "last": 3 if even else 2}


def live(row=0, **arguments):
    return Live(replace(TOTAL, scene=parity_scene), NUMBERS, {"which": (row, ROWS)}, **arguments)


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


@pytest.mark.parametrize(("row", "locked"), [(0, (False, True, True)), (1, (True, False, False))])
def test_locks_begin_as_the_scene_has_it(row, locked):
    page = live(row, locks=("one", "two", "three"))
    assert (page.lock_one, page.lock_two, page.lock_three) == locked
    assert data(page)["locks"] == ["one", "two", "three"]


@pytest.mark.parametrize(("row", "count"), [(0, 2), (1, 3)])
def test_as_many_steps_begin_as_the_scene_has(row, count):
    page = live(row)
    assert (page.at, page.last) == (0, count)


def test_the_page_is_told_what_python_was():
    program = replace(TOTAL, scene=parity_scene)
    page = Live(
        program, NUMBERS, {"which": (None, ROWS)}, {"hide": True}, ("one",), {"a": 1.0},
        {"said": "x"}, {"kept": 3},
    )  # fmt: skip
    assert data(page) == {
        "numbers": {
            "a": {
                "value": 1.0,
                "low": 0.0,
                "high": 2.0,
                "label": "a_1",
                "step": 0.01,
                "whole": False,
                "spoken": "a 1",
            }
        },
        "tables": {"which": [{"b": 1.0}, {"b": 2.0}]},
        "flags": ["hide"],
        "texts": ["said"],
        "locks": ["one"],
        "home": {"a": 1.0},
        "words": {"a": "a_1", "which": "which", "hide": "hide", "said": "said"},
        "options": {"which": ["0", "1"]},
        "start": {"which": None, "hide": True, "said": "x"},
        "state": {"kept": 3},
        "replayed": False,
    }
    assert page.program.startswith(program.javascript)
    assert page.hide is True


def test_what_the_controls_hold_is_known_by_name():
    page = live(1, flags={"hide": False}, texts={"said": "x"}, state={"kept": 3})
    assert page.values() == {
        "a": 1.0, "b": 2.0, "hide": False, "said": "x", "kept": 3, "at": 0, "revealed": [],
    }  # fmt: skip
    page.which, page.at, page.hide = 0, 2, True
    assert page.values() == {
        "a": 1.0, "b": 1.0, "hide": True, "said": "x", "kept": 3, "at": 2, "revealed": [],
    }  # fmt: skip


def test_the_page_builds_no_code_from_text():
    for call in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert call not in live().program + script("live")
