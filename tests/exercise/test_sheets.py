"""Sheets: parallel forms, marking by follow-through, and each format read back."""

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from backprop_lab.exercise.judge import Mistake
from backprop_lab.exercise.problems import DIGITS, TOPICS
from backprop_lab.exercise.sheets import RULE, Sheet, forms, latex, marked, moodle
from backprop_lab.formulas.notation import NOTATIONS, number

PLAN = [("output", 2), ("signal", 3), ("weight", 2), ("update", 1), ("batch", 2), ("bias", 1)]
SHEETS = forms(11, PLAN, 3, "LMU")


def test_forms_are_parallel():
    """The same kinds, the same number of points, other numbers; the same seed, the same sheet."""
    assert {topic for topic, _ in PLAN} == {*TOPICS}
    assert [sheet.form for sheet in SHEETS] == ["A", "B", "C"]
    assert len({tuple(sheet.points) for sheet in SHEETS}) == 1
    for problems in zip(*(sheet.problems for sheet in SHEETS), strict=True):
        assert len({one.question for one in problems}) == 3
        assert len({one.expected for one in problems}) == 3
        assert len({type(one.given.key) and one.given.key.kind for one in problems}) == 1
    again = forms(11, PLAN, 1, "LMU")[0]
    assert again.questions == SHEETS[0].questions
    assert again.solutions == SHEETS[0].solutions
    assert forms(12, PLAN[:1], 1)[0].questions != forms(11, PLAN[:1], 1)[0].questions


def test_the_sheets_read_back():
    for sheet in SHEETS:
        points = [int(n) for n in re.findall(r"^## Problem \d+ \((\d+) points\)$", sheet.questions,
                                             re.M)]  # fmt: skip
        assert points == sheet.points
        assert f"\n{sum(points)} points.\n" in sheet.questions
        assert RULE in sheet.solutions
        blocks = re.split(r"^## .*$", sheet.solutions, flags=re.M)[1:]
        asked = re.split(r"^## .*$", sheet.questions, flags=re.M)[1:]
        for one, block, question in zip(sheet.problems, blocks, asked, strict=True):
            lines = re.findall(r"^- 1 point: \$(.*)\$$", block, re.M)
            terms = [line for group in one.steps for line in group]
            assert len(terms) == points[sheet.problems.index(one)]
            assert [line.split(" = ")[-1] for line in lines] == [number(t.value) for t in terms]
            assert f"Answer: {one.expected:.4f}" in block
            assert question.strip() == one.question
            assert f"{one.expected:.4f}" not in question


@pytest.mark.parametrize("notation", NOTATIONS)
def test_latex_is_well_formed(notation):
    """Every environment and brace that opens closes; letters that LaTeX reads as signs are only in
    formulas."""
    sheet = forms(2, PLAN, 1, notation)[0]
    for source in (sheet.questions, sheet.solutions):
        text = latex(source)
        assert text.startswith("\\documentclass") and text.endswith("\\end{document}\n")  # noqa: PT018
        opened = []
        for what, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
            if what == "begin":
                opened.append(name)
            else:
                assert opened.pop() == name
        assert not opened
        assert text.count("{") == text.count("}")
        assert text.count("$") % 2 == 0
        assert text.count(r"\left") == text.count(r"\right")
        assert text.isascii()
        body = text.split("\\begin{document}")[1]
        outside = "".join(body.split("$")[::2])
        assert not re.search(r"[_^&%#~]|(?<!\\)\\(?!section|subsection|item|begin|end)", outside)
        formulas = re.findall(r"\$(.*?)\$", source)
        assert [f"\\displaystyle {one}" for one in formulas] == body.split("$")[1::2]


CHILDREN = ["name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden"]


def test_moodle_reads_it_back():
    """By the rules of Moodle's documentation, and by those by which Moodle grades a number: the
    first answer within whose tolerance it lies."""
    text = moodle(SHEETS, "Sheet <1> & more")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<quiz>')
    quiz = ET.fromstring(text.encode())
    kinds = [question.get("type") for question in quiz]
    assert kinds == ["category", "numerical", "numerical", "numerical"] * len(PLAN)
    categories = [q.findtext("category/text") for q in quiz if q.get("type") == "category"]
    assert categories == [
        f"$course$/top/Sheet <1> & more/Problem {k + 1}" for k in range(len(PLAN))
    ]
    questions = [question for question in quiz if question.get("type") == "numerical"]
    problems = [sheet.problems[k] for k in range(len(PLAN)) for sheet in SHEETS]
    assert len({q.findtext("name/text") for q in questions}) == len(questions)
    for question, one in zip(questions, problems, strict=True):
        tags = [child.tag for child in question]
        assert tags == CHILDREN + ["answer"] * len(one.verdicts)
        assert question.find("questiontext").get("format") == "html"
        shown = ET.fromstring(f"<div>{question.findtext('questiontext/text')}</div>")
        plain = " ".join("".join(shown.itertext()).split())
        asked = re.sub(r"\$(.*?)\$", r"\(\1\)".replace("\\", "\\\\").replace("\\\\1", "\\1"),
                       one.question)  # fmt: skip
        assert plain.replace(" ", "") == re.sub(r"^- ", "", asked, flags=re.M).replace(
            "\n", ""
        ).replace(" ", "")
        solution = ET.fromstring(f"<div>{question.findtext('generalfeedback/text')}</div>")
        assert len(solution.findall("ul/li")) == sum(map(len, one.steps))

        def graded(value, question=question):
            for answer in question.findall("answer"):
                assert answer.get("fraction") in ("0", "100")
                assert answer.findtext("tolerance").startswith("0.0000500")
                if abs(value - float(answer.findtext("text"))) <= float(
                    answer.findtext("tolerance")
                ):
                    return answer.get("fraction"), html.unescape(answer.findtext("feedback/text"))
            return None

        for value in (one.expected, one.by_hand):
            assert graded(round(value, DIGITS))[0] == "100"
        for mistake in one.mistakes:
            assert graded(round(mistake.value, DIGITS)) == ("0", mistake.sentence)
        assert graded(round(-one.expected, DIGITS)) == ("0", "The size is right, the sign is not.")
        assert graded(99.0) is None


def test_signs_of_markup_stay_text():
    said = "a < b & c"
    one = replace(
        SHEETS[0].problems[0], question=f"{said}: $x < 1$\n", mistakes=(Mistake(9.0, said),)
    )
    quiz = ET.fromstring(moodle([Sheet("A", (one,))]).encode())
    paths = "question/questiontext/text", "question/answer/feedback/text"
    shown = [text for path in paths for text in quiz.iterfind(path)]
    texts = ["".join(ET.fromstring(f"<p>{text.text}</p>").itertext()) for text in shown]
    assert texts[0] == rf"{said}: \(x < 1\)"
    assert said in texts[1:]


# --- marking --------------------------------------------------------------------------------------


def answers_of(steps, wrong=None, by=0.1):
    """Somebody's lines, each from their own values with four decimals, one of them wrong."""
    found = {}
    for line in steps:
        values = {s: found.get(s.name, float(v)) for s, v in line.numbers.items()}
        found[line.name] = round(float(line.formula.subs(values).evalf()), DIGITS)
        if line.name == wrong:
            found[line.name] = round(found[line.name] + by, DIGITS)
    return found


@pytest.mark.parametrize("kind", [("signal", 2), ("weight", 3), ("update", 1)])
def test_an_error_costs_one_point(kind):
    """Wherever it is made, all that follows from it is right by consequence."""
    for notation in NOTATIONS:
        steps = forms(4, [kind], 1, notation)[0].problems[0].steps[0]
        names = [line.name for line in steps]
        right = marked(steps, answers_of(steps))
        assert [name for name, _ in right] == names
        assert {verdict for _, verdict in right} <= {"right", "right by consequence"}
        for wrong in names:
            told = dict(marked(steps, answers_of(steps, wrong)))
            assert [name for name, verdict in told.items() if verdict == "wrong"] == [wrong]
            after = steps[names.index(wrong) + 1 :]
            takes = [n.name for n in after if wrong in {s.name for s in n.formula.free_symbols}]
            assert all(told[name] == "right by consequence" for name in takes)


def test_what_is_missing_costs_its_own_point():
    steps = forms(4, [("weight", 2)], 1)[0].problems[0].steps[0]
    answers = answers_of(steps)
    first = steps[0].name
    del answers[first]
    told = dict(marked(steps, answers))
    assert told.pop(first) == "missing"
    assert "wrong" not in told.values()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, PLAN), "seed: got -1; expected at least 0"),
        ((1, PLAN, 9), "count: got 9; expected at most 8"),
        ((1, []), r"plan: got none; expected at least one \(topic, level\)"),
        ((1, [("x", 1)]), "topic: got 'x'"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        forms(*arguments)
