"""No answer to an exercise stands printed elsewhere in the notebooks."""

import html
import re
from collections import defaultdict

import pytest

from tests import reading
from tests.confirm.store import NOTEBOOKS, models, read

RIGHT = re.compile(
    r'\[(?P<answer>-?[\d.]+(?:e-?\d+)?), true, "Right\."\]'
    r'(?:(?!, true, "Right\.").)*?, (?P=answer), (?P<decimals>\d+)[,\]]'
)
"""A right answer in what the page judges by, and the decimals that its own blank asks for."""
NUMBER = re.compile(r"\d*\.\d+")
SHOWN = "text/plain", "text/html", "text/latex", "text/markdown"
"""Of what a cell puts out, all that holds numbers as text."""
AT_LEAST = 3
"""An answer of fewer significant digits stands elsewhere by chance."""

ELSEWHERE = {
    ("03", "cell-19"): "the next step begins with it, in a folded output",
    ("03", "cell-21"): "the next step begins with it, in a folded output",
    ("07", "cell-10"): "CH8's own numbers; the same on others follows",
    ("07", "cell-13"): "CH8's own numbers; the same on others follows",
    ("07", "cell-16"): "CH8's own numbers; the same on others follows",
    ("07", "cell-19"): "CH8's own numbers; the same on others follows",
}


def shown(value):
    """The numbers in all texts of what is stored."""
    for text in reading.texts(value):
        yield from NUMBER.findall(re.sub(r"<[^>]*>", " ", html.unescape(text)))


def places(nb):
    """Each cell's id, what it shows, and what its apps show and judge by."""
    apps = defaultdict(list)
    ids = [cell.id for cell in nb.cells]
    for model, stored in models(nb).items():
        apps[max((one for one in ids if model.startswith(one)), key=len, default="")].append(
            stored["state"]
        )
    for cell in nb.cells:
        texts = [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts += [output.get("text", ""), *map(data.get, SHOWN)]
        yield cell.id, [*texts, [state.get("value", "") for state in apps[cell.id]]], apps[cell.id]


def written(value, asked):
    """An answer as it may be printed: with the decimals asked for, or up to six."""
    return [f"{abs(value):.{decimals}f}" for decimals in range(asked, 7)]


@pytest.fixture(scope="module")
def found():
    """Each answer with its place, and the places of each number that is shown."""
    asked, at = [], defaultdict(set)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell, texts, apps in places(read(path)):
            here = path.name[:2], cell
            for number in shown(texts):
                at[number].add(here)
            programs = [state.get("program", "") for state in apps]
            for text in programs:
                answers = list(RIGHT.finditer(text))
                assert len(answers) == text.count(', true, "Right."]'), f"{here}: a blank is missed"
                asked += [(here, float(one["answer"]), int(one["decimals"])) for one in answers]
    return asked, at


def test_answers_stand_nowhere_else(found):
    asked, at = found
    assert len(asked) > 80
    printed = set()
    for here, answer, decimals in asked:
        for text in written(answer, decimals):
            if len(text.replace(".", "").strip("0")) >= AT_LEAST and at[text] - {here}:
                printed.add(here)
    assert printed == set(ELSEWHERE)
