"""Ask before you tell: what a question asks for is not printed below it in full view."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
ASKS = re.compile(
    r"[Bb]efore you (?:run|open)|[Pp]redict (?:the|each|for|it)|Guess (?:first|the)|"
    r"[Ww]hat do you expect|Predict, then run|Answer, then"
)
JUDGES = re.compile(r"practice\.(?:predict|Exercise|Blank)\(")
"""The calls that are given the right answer."""
VIEW = "application/vnd.jupyter.widget-view+json"


def asked(cell):
    """A question whose answer does not stand behind a fold of its own text."""
    question = cell.cell_type == "markdown" and ASKS.search(cell.source)
    return question and "<details>" not in cell.source[question.end() :]


def tells(cell):
    """What a reader moves or answers tells nothing by itself; a curve does."""
    moves = any(VIEW in output.get("data", {}) for output in cell.outputs)
    return cell.outputs and (not moves or "explore.curves(" in cell.source)


def below(cells):
    """Each question with the next cell that says something by itself."""
    for k, cell in enumerate(cells):
        if asked(cell):
            ahead = (c for c in cells[k + 1 :] if c.cell_type == "markdown" or tells(c))
            yield cell, next(ahead, None)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_answer_stands_open_below_its_question(path):
    cells = nbformat.read(path, as_version=4).cells
    for question, answer in below(cells):
        if answer is not None and answer.cell_type == "code":
            assert "fold" in answer.metadata.get("tags", ()), (
                f"{path.name}, asked: {question.source[-200:]}\nopen: {answer.source}"
            )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_answer_stands_open_in_the_source_of_its_question(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and JUDGES.search(cell.source):
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), cell.source


def test_the_questions_are_found():
    found = [sum(1 for _ in below(nbformat.read(path, as_version=4).cells)) for path in NOTEBOOKS]
    assert sum(found) >= 15
