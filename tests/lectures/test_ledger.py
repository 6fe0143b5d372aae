"""Every row of the lectures' ledger is covered by a cell.

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


def named(path):
    """Cell id -> the rows that the cell names."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["metadata"].get("ledger", []) for cell in cells}


COVERED = {row for path in NOTEBOOKS for rows in named(path).values() for row in rows}


def statements(rows):
    return "".join(f"\n  {row}  {LEDGER[row]['statement']}" for row in LEDGER if row in rows)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_name_rows_that_exist_and_each_once(path):
    for cell, rows in named(path).items():
        unknown = [row for row in rows if row not in LEDGER]
        assert not unknown, f"{cell} names rows that are not in the ledger"
        assert len(set(rows)) == len(rows), f"{cell} names a row twice: {rows}"


@pytest.mark.parametrize("lecture", LECTURES)
def test_every_row_is_covered(lecture, record_property):
    rows = {row for row in LEDGER if LEDGER[row]["source"] == lecture}
    covered = rows & COVERED
    record_property("summary", f"ledger, {lecture}: {len(covered)}/{len(rows)} rows in a cell")
    missing = sorted(rows - covered)
    assert not missing, f"{len(missing)} rows are in no cell:{statements(missing)}"


def test_the_ledger_is_whole():
    assert len(LEDGER) == 428


@pytest.mark.parametrize("name", bl.lectures.LECTURES)
def test_printed_numbers_stand_in_their_rows(name):
    """All of a lecture's, or none: one that has no rows in the ledger says "" for each number."""
    numbers = bl.lectures.LECTURES[name].printed
    if any(number.row for number in numbers):
        for number in numbers:
            assert number.text in LEDGER[number.row]["statement"], number.row
