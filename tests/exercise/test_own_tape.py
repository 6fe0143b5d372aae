"""What is said to a tape of one's own, right or wrong."""

import math

import pytest

from backprop_lab.core.tape import Value
from backprop_lab.exercise.own_tape import LINES, WHOLES, check


def tape(add=(1.0, 1.0), mul="ba", top="larger", exp="exp", log="1/a", share="add"):
    """A tape with these rules, written down a second time."""

    class Number:
        def __init__(self, data, parents=()):
            self.data, self.parents, self.grad = data, parents, 0.0

        def __add__(self, other):
            slopes = {"ab": (self.data, other.data)}.get(add, add)
            return Number(self.data + other.data, list(zip((self, other), slopes, strict=True)))

        def __mul__(self, other):
            a, b = self.data, other.data
            slopes = {"ba": (b, a), "ab": (a, b), "11": (1.0, 1.0)}[mul]
            return Number(a * b, list(zip((self, other), slopes, strict=True)))

        def maximum(self, other):
            first = float(self.data >= other.data)
            slopes = {"larger": (first, 1 - first), "both": (1.0, 1.0)}[top]
            larger = max(self.data, other.data)
            return Number(larger, list(zip((self, other), slopes, strict=True)))

        def exp(self):
            return Number(
                math.exp(self.data),
                [(self, {"exp": math.exp(self.data), "a": self.data, "...": ...}[exp])],
            )

        def log(self):
            return Number(
                math.log(self.data),
                [(self, {"1/a": 1 / self.data, "log": math.log(self.data)}[log])],
            )

        def backward(self):
            order = []

            def visit(number):
                if number not in order:
                    for parent, _ in number.parents:
                        visit(parent)
                    order.append(number)

            visit(self)
            self.grad = 1.0
            for number in reversed(order):
                for parent, slope in number.parents:
                    if share == "add":
                        parent.grad += number.grad * slope
                    elif share == "last":
                        parent.grad = number.grad * slope

    return Number


def verdicts(**rules):
    return {line: said for line, _, _, said in check(tape(**rules)).rows}


def test_a_right_tape_and_the_packages_own_pass():
    assert check(tape()).passed
    assert check(Value).passed
    assert set(verdicts().values()) == {"✓"}


@pytest.mark.parametrize(
    ("rules", "line", "said"),
    [
        ({"add": "ab"}, "a + b", "those are the numbers"),
        ({"mul": "ab"}, "a * b", "turned round"),
        ({"mul": "11"}, "a * b", "the rule of the sum"),
        ({"top": "both"}, "a.maximum(b)", "only the larger"),
        ({"exp": "a"}, "a.exp()", "that is a"),
        ({"exp": "..."}, "a.exp()", "fill in the derivatives"),
        ({"log": "log"}, "a.log()", "that is log a"),
        ({"share": "last"}, "a * a", "shares add up"),
        ({"share": "none"}, "a * a", "nothing arrives yet"),
        ({"share": "last"}, "c = a * b; c + c.log()", "only one of c's two shares"),
    ],
)
def test_a_mistake_is_named(rules, line, said):
    found = verdicts(**rules)
    assert found[line].startswith("✗ ")
    assert said in found[line]
    others = {k: v for k, v in found.items() if k in [name for name, *_ in LINES] and k != line}
    assert set(others.values()) == {"✓"}, "the other rules are right"


def test_an_unfinished_class_is_told_so():
    found = check(type("Number", (), {"__init__": lambda self, data: None}))
    assert not found.passed
    assert len(found.rows) == len(LINES) + len(WHOLES)
    assert "unsupported operand" in found.rows[0][-1]
    with pytest.raises(TypeError, match="kind: got 3; expected a class"):
        check(3)


def test_it_is_shown_as_a_table():
    shown = repr(check(tape(mul="ab")))
    assert shown.count("\n") == 1 + len(LINES) + len(WHOLES)
    assert "| `a * b` | 2, 3 | … | ✗ turned round" in shown
    assert "| `a + b` | 1, 1 | 1, 1 | ✓ |" in shown


def test_its_numbers_are_named_and_only_the_letters_in_the_line_are_asked():
    rows = check(tape()).rows
    asked = {line: mine.count(",") + 1 for line, mine, _, _ in rows}
    assert asked == {line: 1 + ("b" in line) for line in asked}
    assert "| line | yours: ∂/∂a, ∂/∂b |" in repr(check(tape()))
