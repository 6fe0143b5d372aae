"""What a lecture would have to correct; a lecturer's own example is the README's."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.lectures.erratum import Erratum
from tests.markup import text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def mine():
    """The README's example, as it stands there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```python\n(.*?)```", readme, re.S) if "bl.Lecture(" in b)
    names = {}
    exec(block, names)  # the project's own text
    return names["mine"]


def test_the_readme_s_example_has_the_verdicts_that_it_tells_of(mine):
    verdicts = {n.name: n.verdict for n in mine.printed}
    assert list(verdicts.values()) == ["agrees"] * 7 + ["wrong", "inherited"]
    shown = text(explore.printed_numbers(mine).content[0].children[0].value)
    assert "✗ wrong" in shown
    assert repr(explore.printed_numbers(mine)) == "<the numbers that Ada Example, week 3 prints>"


def test_its_erratum(mine):
    found = mine.erratum()
    assert repr(found) == "<erratum: 1 wrong, 1 inherited, 7 agrees>"
    markdown = found._repr_markdown_()
    assert markdown.startswith(
        "### Erratum: Ada Example, week 3\n\n7 of 9 printed numbers are right."
    )
    assert "1 is wrong." in markdown
    line = r"\delta_{1} = (-0.0735) \cdot 0.7 \cdot \left(1 - 0.1974^{2}\right) = -0.0494"
    assert rf"| $\delta_{{1}} = -0.0515$ | ${line}$ | $-0.0495$ |" in markdown
    assert r"| $W_{11}^{new} = 0.4052$ | $0.4049$ |" in markdown


def test_xor_s_erratum_has_its_wrong_lines_and_all_that_follow():
    lecture = bl.lectures.xor()
    found = lecture.erratum()
    assert [n.name for n in found.of("wrong")] == ["f_{in}", "f_{out}^{new}"]
    markdown = found._repr_markdown_()
    assert "7 of 21 printed numbers are right. 2 are wrong." in markdown
    assert markdown.count("\n| $") == 14
    assert "| $f_{in} = 1.1122$ |" in markdown
    assert "= 1.1271$ | $1.1270$ |" in markdown


def test_without_a_fault_an_erratum_says_so():
    lecture = replace(bl.lectures.xor(), lines=[("z_1,in", "-0.53", "W_11 * x_1 + b_1")])
    markdown = lecture.erratum()._repr_markdown_()
    assert markdown.endswith("1 of 1 printed numbers are right.")
    assert Erratum("nothing", ())._repr_markdown_().endswith("0 of 0 printed numbers are right.")


@pytest.mark.parametrize("name", bl.lectures.LECTURES)
def test_every_name_is_one_that_a_line_may_have(name):
    lecture = bl.lectures.LECTURES[name]
    names = lecture.names
    assert len(set(names)) == len(names) > 40
    assert not set("".join(names)) & set("\\{}")
    printed = replace(lecture, lines=[(each, "0.0", "1") for each in names]).printed
    assert [n.row for n in printed] == [""] * len(names)
