"""The widget, as far as it can be told without a page."""

import json
import re
from dataclasses import replace
from typing import NamedTuple

import pytest
import traitlets

from backprop_lab.page.library import script
from backprop_lab.page.live import Live, Number
from backprop_lab.page.program import Program, Work

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


def test_a_number_that_the_program_does_not_take_is_refused():
    gain = {"gain": Number(1.0, 0.0, 2.0, "gain")}
    with pytest.raises(ValueError, match=r"^numbers: got gain; expected a$"):
        Live(TWICE, NUMBERS | gain)
    with pytest.raises(ValueError, match=r"^numbers: got gain; expected none"):
        Live(Program((), lambda values: {}), gain)


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


class Count(NamedTuple):
    """What work does here: it counts from a to three more."""

    now: float
    before: float
    done: bool


def count_from(values, before):
    return Count(values["a"], before.now if before else -1.0, False)


def count_on(values, count):
    return Count(count.now + 1, count.before, count.now + 1 >= values["a"] + 3)


def counting(waits):
    work = Work(count_from, count_on, ("a",), waits)
    program = Program(("a", "b"), lambda values: {"now": values["work"].now}, work=work)
    return Live(program, NUMBERS, flags={"b": False})


@pytest.mark.parametrize(("waits", "expected"), [(True, 1.0), (False, 4.0)])
def test_work_stands_at_its_start_or_is_whole_where_it_waits_for_nothing(waits, expected):
    page = counting(waits)
    assert page.values()["work"].now == expected
    assert page.values(a=2.0)["work"].now == expected + 1
    assert page.computes(page.values()) == {"now": expected}
    assert "export { work }" in page.program
    assert "work" not in live().values()


def test_work_is_done_once_for_the_values_that_begin_it():
    page, calls = counting(False), []
    begin = page.computes.work.begin
    other = page.computes.work._replace(begin=lambda *given: calls.append(given) or begin(*given))
    page.computes = replace(page.computes, work=other)
    for more in ({}, {"b": True}, {"a": 2.0}, {"b": True, "a": 2.0}, {"a": 0.0}, {"a": 1.0}):
        page.values(**more)
    assert [values["a"] for values, _ in calls] == [1.0, 2.0, 0.0]
    assert {before for _, before in calls} == {None}


def test_the_page_builds_no_code_from_text():
    for call in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert call not in live().program + script("live")
