"""A reader's own tape, checked rule by rule against the package's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backprop_lab.core.rounding import snap
from backprop_lab.core.tape import Value

_A, _B = 2.0, 3.0
"""The two numbers that every line is tried on."""

LINES: Sequence[tuple[str, Callable, dict[tuple[float, ...], str]]] = (
    ("a + b", lambda a, b: a + b, {
        (_A, _B): "those are the numbers; a sum passes the signal on as it is",
        (_B, _A): "that is the rule of the product; a sum passes the signal on as it is",
    }),
    ("a * b", lambda a, b: a * b, {
        (_A, _B): "turned round: moving a by 1 moves the product by b",
        (1.0, 1.0): "that is the rule of the sum",
    }),
    ("a.maximum(b)", lambda a, b: a.maximum(b), {
        (1.0, 1.0): "only the larger number is felt; the other one gets 0",
        (1.0, 0.0): "turned round: the larger one gets 1",
        (0.0, _B): "the larger number moves the maximum by 1 for 1, whatever it is",
    }),
    ("a.exp()", lambda a, b: a.exp(), {
        (_A,): "that is a; exp is its own slope",
        (1.0,): "that is the slope at 0; exp is its own slope",
    }),
    ("a.log()", lambda a, b: a.log(), {
        (math.log(_A),): "that is log a; its slope is 1 / a",
        (_A,): "that is a; the slope is 1 / a",
    }),
)  # fmt: skip
"""Each line, its rule on either tape, and what is said to known wrong derivatives by a and by b."""

WHOLES: Sequence[tuple[str, Callable, dict[tuple[float, ...], str]]] = (
    ("a * a", lambda a, b: (a * a, a), {
        (_A,): "the second share has taken the place of the first; shares add up",
    }),
    ("c = a * b; c + c.log()", lambda a, b: ((lambda c: c + c.log())(a * b), a, b), {
        (_B, _A): "only one of c's two shares arrives; shares add up",
        (_B / 6, _A / 6): "only one of c's two shares arrives; shares add up",
    }),
)  # fmt: skip
"""Values that are used twice: the end of each line, and whose gradients are asked for."""


@dataclass(frozen=True)
class Checked:
    """What was tried: (line, found, expected, verdict) each, and whether all is right. What is
    expected is not told before it is found."""

    rows: tuple[tuple[str, str, str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether every line is right."""
        return all(verdict.startswith("✓") for *_, verdict in self.rows)

    def _repr_markdown_(self) -> str:
        rows = ["| line | yours: ∂/∂a, ∂/∂b | the package's | verdict |", "|:--|--:|--:|:--|"]
        rows += [f"| `{line}` | {mine} | {ours} | {said} |" for line, mine, ours, said in self.rows]
        return "\n".join(rows)

    def __repr__(self):
        return self._repr_markdown_()


def check(kind: type) -> Checked:
    """Try a tape of one's own: a class with data, parents (pairs of a number and the derivative by
    it), grad, `+`, `*`, maximum, exp, log and backward. a is 2, b is 3.

    Raises TypeError for what is no class.
    """
    if not isinstance(kind, type):
        raise TypeError(f"kind: got {kind!r}; expected a class, such as Number")
    tried = [(*line, _slopes) for line in LINES] + [(*line, _gradients) for line in WHOLES]
    return Checked(tuple(_row(kind, *each) for each in tried))


def _slopes(kind: type, rule: Callable) -> tuple[float, ...]:
    return tuple(slope for _, slope in rule(kind(_A), kind(_B)).parents)


def _gradients(kind: type, rule: Callable) -> tuple[float, ...]:
    end, *asked = rule(kind(_A), kind(_B))
    end.backward()
    return tuple(number.grad for number in asked)


def _row(kind, line, rule, mistakes, measured) -> tuple[str, str, str, str]:
    ours = tuple(snap(float(one)) for one in measured(Value, rule))
    try:
        mine = tuple(snap(float(one)) for one in measured(kind, rule))
    except (TypeError, ValueError, AttributeError) as error:
        said = "fill in the derivatives" if "ellipsis" in str(error) else str(error)
        return line, "…", "…", f"✗ {said}"
    known = {tuple(map(snap, wrong)): said for wrong, said in mistakes.items()}
    if mine == ours:
        return line, _text(mine), _text(ours), "✓"
    nothing = "nothing arrives yet" if not any(mine) else "not yet"
    return line, _text(mine), "…", f"✗ {known.get(mine, nothing)}"


def _text(numbers: Sequence[float]) -> str:
    return ", ".join(f"{one:.4g}" for one in numbers)
