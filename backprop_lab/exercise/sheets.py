"""Sheets of generated problems: parallel forms of an exam, solutions with a marking scheme, in
Markdown, LaTeX and Moodle's XML; and marking by follow-through.

Moodle's format: docs.moodle.org, Moodle XML format, numerical questions.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from backprop_lab.core.arguments import as_integer
from backprop_lab.core.counter import uniform
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.judge import is_right
from backprop_lab.exercise.problems import DIGITS, Problem, problem
from backprop_lab.formulas.factors import Term

FORMS = "ABCDEFGH"
RULE = (
    "One point for each line. A line that follows from wrong values of earlier lines, and is right "
    "with these, gets its point: an error costs one point, where it was made."
)

# --- marking --------------------------------------------------------------------------------------


def consequence(line: Term, answers: Mapping[str, float]) -> float:
    """What a line gives with somebody's own values, by name, of what it takes; what they lack is
    right."""
    values = {s: sp.Float(answers.get(s.name, v)) for s, v in line.numbers.items()}
    return float(line.formula.xreplace(values).evalf())


def marked(steps: Sequence[Term], answers: Mapping[str, float]) -> list[tuple[str, str]]:
    """Each line's name and "right", "right by consequence", "wrong" or "missing", from somebody's
    answers by the lines' names."""
    found = []
    for line in steps:
        verdict = "missing"
        if line.name in answers:
            answer = answers[line.name]
            follows = is_right(answer, consequence(line, answers), DIGITS)
            verdict = "right by consequence" if follows else "wrong"
            verdict = "right" if is_right(answer, float(line.value), DIGITS) else verdict
        found.append((line.name, verdict))
    return found


# --- forms ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """One form: its letter and its problems. `questions` and `solutions` are Markdown, with one
    point a line; `latex` makes a document of either."""

    form: str
    problems: tuple[Problem, ...]

    @property
    def points(self) -> list[int]:
        """The points of each problem: the lines of its solution."""
        return [sum(map(len, one.steps)) for one in self.problems]

    @property
    def questions(self) -> str:
        """The problem sheet."""
        rows = [f"# Backpropagation, form {self.form}", "", f"{sum(self.points)} points.", ""]
        for k, (one, points) in enumerate(zip(self.problems, self.points, strict=True), 1):
            rows += [f"## Problem {k} ({points} points)", "", one.question, ""]
        return "\n".join(rows)

    @property
    def solutions(self) -> str:
        """The solution sheet: each line with its point and what it takes."""
        rows = [f"# Backpropagation, form {self.form}: solutions", "", RULE, ""]
        for k, (one, points) in enumerate(zip(self.problems, self.points, strict=True), 1):
            rows += [f"## Problem {k} ({points} points)", ""]
            for i, group in enumerate(one.steps, 1):
                if len(one.steps) > 1:
                    last = i == len(one.steps)
                    rows += ["The mean of both, $g_1$ and $g_2$:" if last else f"Example {i}:", ""]
                rows += [*(f"- 1 point: ${line.latex}$" for line in group), ""]
            rows += [f"Answer: {snap(one.expected):.{DIGITS}f}", ""]
        return "\n".join(rows)

    def _repr_markdown_(self) -> str:
        return self.questions

    def __repr__(self):
        return f"<form {self.form}: {len(self.problems)} problems, {sum(self.points)} points>"


def forms(
    seed: int, plan: Sequence[tuple[str, int]], count: int = 2, notation: str = "LMU"
) -> list[Sheet]:
    """Parallel forms, A, B, …: the same kinds of problems, other numbers.

    plan: (topic, level) of each problem, see `problem`. Raises ValueError or TypeError naming the
    argument.
    """
    seed = as_integer(seed, "seed", 0)
    if as_integer(count, "count", 1) > len(FORMS):
        raise ValueError(f"count: got {count}; expected at most {len(FORMS)}")
    if not plan:
        raise ValueError("plan: got none; expected at least one (topic, level)")
    seeds = (uniform(seed, (count, len(plan))) * 2**32).astype("int64").tolist()
    return [
        Sheet(
            FORMS[k],
            tuple(problem(s, *kind, notation) for s, kind in zip(row, plan, strict=True)),
        )
        for k, row in enumerate(seeds)
    ]


# --- LaTeX ----------------------------------------------------------------------------------------

_HEAD = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage[a4paper, margin=18mm]{geometry}
\begin{document}
"""
_LEVELS = {"# ": r"\section*", "## ": r"\subsection*"}


def latex(markdown: str) -> str:
    """A LaTeX document of a sheet's Markdown: headings, lists, and what stands between $."""
    rows, listed = [], False
    for line in markdown.splitlines():
        item = line.startswith("- ")
        if item is not listed:
            rows.append(r"\begin{itemize}" if item else r"\end{itemize}")
            listed = item
        level = next((start for start in _LEVELS if line.startswith(start)), None)
        text = _math(line.removeprefix(level or "- " * item), r"$\displaystyle ", "$", str)
        rows.append(f"{_LEVELS[level]}{{{text}}}" if level else rf"\item {text}" * item or text)
    return _HEAD + "\n".join([*rows, r"\end{itemize}" * listed, r"\end{document}", ""])


def _math(text: str, opens: str, closes: str, escaped) -> str:
    """A line whose formulas stand between other signs than $."""
    parts = [escaped(part) for part in text.split("$")]
    return "".join(f"{opens}{part}{closes}" if k % 2 else part for k, part in enumerate(parts))


# --- Moodle ---------------------------------------------------------------------------------------


def moodle(sheets: Sequence[Sheet], category: str = "Backpropagation") -> str:
    """All problems as Moodle's XML: numerical questions, each wrong way with its feedback, one
    category for each place in the plan, with one question of each form."""
    quiz = ET.Element("quiz")
    for k in range(len(sheets[0].problems)):
        heading = ET.SubElement(quiz, "question", type="category")
        _text(ET.SubElement(heading, "category"), f"$course$/top/{category}/Problem {k + 1}")
        for sheet in sheets:
            _numerical(quiz, f"Problem {k + 1}, form {sheet.form}", sheet.problems[k])
    ET.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(quiz, "unicode") + "\n"


def _numerical(quiz: ET.Element, name: str, one: Problem) -> None:
    question = ET.SubElement(quiz, "question", type="numerical")
    _text(ET.SubElement(question, "name"), name)
    _text(ET.SubElement(question, "questiontext", format="html"), _html(one.question))
    lines = "\n".join(f"- ${line.latex}$" for group in one.steps for line in group)
    _text(ET.SubElement(question, "generalfeedback", format="html"), _html(lines))
    for tag, value in {"defaultgrade": "1", "penalty": "0.1", "hidden": "0"}.items():
        ET.SubElement(question, tag).text = value
    for value, right, sentence in one.verdicts:
        fraction = "100" if right else "0"
        answer = ET.SubElement(question, "answer", fraction=fraction, format="moodle_auto_format")
        _text(answer, f"{snap(value):.9f}")
        ET.SubElement(answer, "tolerance").text = f"{0.5 * 10.0**-DIGITS * (1 + 1e-6):.10f}"
        _text(ET.SubElement(answer, "feedback", format="html"), html.escape(sentence, quote=False))


def _text(parent: ET.Element, text: str) -> None:
    ET.SubElement(parent, "text").text = text


def _html(markdown: str) -> str:
    r"""A question's Markdown as HTML; formulas stand between \( and \), which Moodle shows."""
    blocks = []
    for block in re.split(r"\n\n+", markdown.strip()):
        lines = [_math(line, r"\(", r"\)", lambda part: html.escape(part, quote=False))
                 for line in block.split("\n")]  # fmt: skip
        items = [f"<li>{line[2:]}</li>" for line in lines if line.startswith("- ")]
        blocks.append(f"<ul>{''.join(items)}</ul>" if items else f"<p>{' '.join(lines)}</p>")
    return "\n".join(blocks)
