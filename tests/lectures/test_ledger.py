"""Every row of the lectures' ledger is covered by a cell, or a later notebook is named for it.

A cell names the rows that its reader meets: `"ledger": ["L8-100", "CS-12"]` in its metadata.
"""

import json
from pathlib import Path

import pytest

import backprop_lab as bl

TESTS = Path(__file__).parents[1]
LEDGER = {
    row["id"]: row
    for row in json.loads((TESTS / "data" / "ledger.json").read_text(encoding="utf-8"))
}
NOTEBOOKS = sorted((TESTS.parent / "notebooks").glob("*.ipynb"))
LECTURES = sorted({row["source"] for row in LEDGER.values()})

LATER = {
    "07_practice": "C8-60..64",  # the quiz
}
"""The rows that no notebook has to cover yet, by the one that will."""


def expanded(text):
    """ "L8-09..11 C8-65" -> L8-09, L8-10, L8-11, C8-65."""
    found = []
    for part in text.split():
        lecture, numbers = part.split("-")
        first, _, last = numbers.partition("..")
        found += [f"{lecture}-{n:02}" for n in range(int(first), int(last or first) + 1)]
    return found


def named(path):
    """Cell id -> the rows that the cell names."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["metadata"].get("ledger", []) for cell in cells}


COVERED = {row for path in NOTEBOOKS for rows in named(path).values() for row in rows}
POSTPONED = [row for text in LATER.values() for row in expanded(text)]


def statements(rows):
    return "".join(f"\n  {row}  {LEDGER[row]['statement']}" for row in LEDGER if row in rows)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_name_rows_that_exist_and_each_once(path):
    for cell, rows in named(path).items():
        unknown = [row for row in rows if row not in LEDGER]
        assert not unknown, f"{cell} names rows that are not in the ledger"
        assert len(set(rows)) == len(rows), f"{cell} names a row twice: {rows}"


@pytest.mark.parametrize("lecture", LECTURES)
def test_every_row_is_covered_or_postponed(lecture, record_property):
    rows = {row for row in LEDGER if LEDGER[row]["source"] == lecture}
    covered, later = rows & COVERED, rows & set(POSTPONED)
    counts = f"{len(covered)}/{len(rows)} rows in a cell, {len(later)} postponed"
    record_property("summary", f"ledger, {lecture}: {counts}")
    missing = sorted(rows - covered - later)
    assert not missing, f"{len(missing)} rows are in no cell:{statements(missing)}"


def test_only_rows_that_exist_and_are_not_covered_are_postponed():
    assert [row for row in POSTPONED if row not in LEDGER] == []
    assert len(set(POSTPONED)) == len(POSTPONED)
    both = COVERED & set(POSTPONED)
    assert not both, f"covered, and yet postponed:{statements(both)}"
    written = {path.stem for path in NOTEBOOKS}
    assert not LATER.keys() & written, "a notebook that exists covers its rows"


@pytest.mark.parametrize("name", bl.lectures.LECTURES)
def test_printed_numbers_stand_in_their_rows(name):
    """All of a lecture's, or none: one that has no rows in the ledger says "" for each number."""
    numbers = bl.lectures.LECTURES[name].printed
    if any(number.row for number in numbers):
        for number in numbers:
            assert number.text in LEDGER[number.row]["statement"], number.row
