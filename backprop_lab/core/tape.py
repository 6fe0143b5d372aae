"""A tape: numbers that remember what they were computed from, and the reverse mode on them.

Each value keeps its parents and the derivative by each. `backward` goes through the values from the
last to the first and adds each one's share to its parents: a value used twice gets two shares.
NumPy's operators and functions work on arrays of such values (dtype object).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from backprop_lab.core.arguments import as_number


def _function(name: str, value: Callable, slope: Callable):
    """A method: a function of one number, whose slope at x is slope(x, value(x))."""

    def method(self: Value) -> Value:
        try:
            y = value(self.data)
            return Value(y, [(self, slope(self.data, y))], name)
        except (ValueError, OverflowError, ZeroDivisionError):
            raise ValueError(
                f"{name}: got {self.data:g}; expected a number where it has a finite slope"
            ) from None

    return method


class Value:
    """A number on the tape. data: the number; parents: pairs of a value and the derivative by it;
    name: a letter, or the operation that made it; grad: set by `backward`.

    Raises ValueError or TypeError for what is no finite real number.
    """

    def __init__(self, data, parents=(), name: str = ""):
        self.data, self.parents, self.name = float(as_number(data, "data")), tuple(parents), name
        self.grad = 0.0

    def __add__(self, other):
        other = of(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        other = of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)], "×")

    def __truediv__(self, other):
        return self * of(other) ** -1

    def __pow__(self, power):
        if isinstance(power, Value):
            raise TypeError("power: got a value of the tape; expected a number")
        p = float(as_number(power, "power"))
        return _function(f"power {p:g}", lambda x: x**p, lambda x, y: p * x ** (p - 1))(self)

    def maximum(self, other) -> Value:
        """The larger of the two; the other one has the derivative 0."""
        other = of(other)
        first = float(self.data >= other.data)
        larger = max(self.data, other.data)
        return Value(larger, [(self, first), (other, 1 - first)], "max")

    exp = _function("exp", math.exp, lambda x, y: y)
    log = _function("log", math.log, lambda x, y: 1 / x)
    sqrt = _function("√", math.sqrt, lambda x, y: 1 / (2 * y))
    sin = _function("sin", math.sin, lambda x, y: math.cos(x))
    cos = _function("cos", math.cos, lambda x, y: -math.sin(x))
    tanh = _function("tanh", math.tanh, lambda x, y: 1 - y * y)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -of(other)

    def __rsub__(self, other):
        return of(other) - self

    def __rtruediv__(self, other):
        return of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self):
        return f"Value({self.data:.6g}{', ' * bool(self.name)}{self.name})"

    def tape(self) -> list[Value]:
        """All values that this one is computed from, and itself: each after its parents."""
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            value, is_next = waiting.pop()
            if is_next:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                waiting += [(value, True), *((parent, False) for parent, _ in value.parents)]
        return order

    def backward(self) -> None:
        """Set grad, the derivative of this value, of all values that it is computed from."""
        order = self.tape()
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in value.parents:
                parent.grad += value.grad * slope


def of(number) -> Value:
    """The value itself, or a number put on the tape."""
    return number if isinstance(number, Value) else Value(number)
