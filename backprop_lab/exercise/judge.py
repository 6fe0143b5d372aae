"""Judging an answer: a known mistake is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backprop_lab.core.rounding import snap


@dataclass(frozen=True)
class Mistake:
    """A wrong way that leads to `value`, and the sentence that names it."""

    value: float
    sentence: str


DIGITS = {3: "three", 4: "four", 6: "six"}
"""The numbers of decimals that an exercise may ask for, in words."""


def is_right(answer: float, expected: float, digits: int = 4) -> bool:
    """Whether the answer is the expected number: half a unit of its last decimal is allowed, and
    the last digits of the expected one, which may fall to either side of a tie."""
    return abs(answer - expected) <= 0.5 * 10**-digits * (1 + 1e-9) + 1e-12 * abs(expected)


CONSEQUENCE = "Right by consequence: it follows from your own numbers above."

Verdict = tuple[float, bool, str]
"""A number that an answer may be, whether it is right, and the sentence that says so."""


def verdicts(
    expected: float,
    mistakes: Sequence[Mistake] = (),
    by_hand: float | None = None,
    digits: int = 4,
) -> list[Verdict]:
    """What is known of an answer before it is typed, in the order in which it counts.

    by_hand: what rounded numbers lead to, if that may differ: right as well; digits: the decimals
    asked for. Mistakes that so many decimals cannot tell from the right answer are passed over.
    """
    rights = [value for value in (expected, by_hand) if value is not None]
    exact = f"Right; without rounding in between it is {snap(expected):.{digits}f}."
    known = [m for m in mistakes if not is_right(m.value, expected, digits)]
    known += [Mistake(-m.value, m.sentence + " The sign is off as well.") for m in known]
    signs = [Mistake(-value, "The size is right, the sign is not.") for value in rights]
    return [
        *zip(rights, [True, True], ["Right.", exact], strict=False),
        *((m.value, False, m.sentence) for m in [*signs, *known]),
    ]


def judged(
    answer: float,
    known: Sequence[Verdict],
    expected: float,
    digits: int,
    consequence: float | None = None,
) -> tuple[bool, str]:
    """Whether the answer is right, and a sentence; a known mistake is named. known: `verdicts`;
    consequence: what follows from a reader's own numbers, which counts before any mistake."""
    follows = consequence is not None and is_right(answer, consequence, digits)
    for value, right, sentence in known:
        if (right or not follows) and is_right(answer, value, digits):
            return right, sentence
    if follows:
        return True, CONSEQUENCE
    if abs(answer - expected) <= 0.02 * abs(expected):
        return False, f"Close. Carry more digits in between, and give {DIGITS[digits]} decimals."
    return False, "Not yet. Write the formula down first, then put the numbers in."
