"""Lines of arithmetic as a reader recomputes them: from the LaTeX that is shown, and only that."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal

import mpmath

mpmath.mp.dps = 40

_TOKEN = re.compile(
    r"\s*(\d+\.\d+|\d+|\\begin\{cases\}|\\end\{cases\}|\\text\{for\}|\\text\{otherwise\}"
    r"|\\operatorname\{\w+\}|\\[a-zA-Z]+|\\\\|[-+^{}(),&<>=]|e(?=\^|\s|$)|\S)"
)
_IGNORED = re.compile(r"\\(?:left|right|displaystyle|quad|[bB]igg?[lr]?)(?![a-zA-Z])|\\[,;:]")
_DECIMALS = Context(prec=400, rounding=ROUND_HALF_UP)


def _sigmoid(z):
    return 1 / (1 + mpmath.exp(-z))


_FUNCTIONS = {
    r"\sigma": _sigmoid,
    r"\tanh": mpmath.tanh,
    r"\cosh": mpmath.cosh,
    r"\operatorname{softplus}": lambda z: mpmath.log(1 + mpmath.exp(z)),
    r"\operatorname{logsumexp}": lambda *z: mpmath.log(mpmath.fsum(map(mpmath.exp, z))),
}
_CONSTANTS = {"e": mpmath.e, r"\pi": mpmath.pi}


class NotANumber(Exception):
    """The text has letters in it, or is no arithmetic."""


class _Reader:
    """One expression, read from left to right; products may lack their sign."""

    def __init__(self, text: str):
        self.tokens = _TOKEN.findall(_IGNORED.sub(" ", text).strip())
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        found = self.next
        if not found or (expected and found != expected):
            raise NotANumber(f"{found!r}, where {expected or 'something'!r} was expected")
        self.at += 1
        return found

    def within(self, opening: str, closing: str):
        self.take(opening)
        value = self.sum()
        self.take(closing)
        return value

    def sum(self):
        value = self.product()
        while self.next in ("+", "-"):
            value += self.product() if self.take() == "+" else -self.product()
        return value

    def product(self):
        value = self.power()
        while self.next and self.next not in ("+", "-", ")", "}", ",", "&", "\\\\", "<", ">", "="):
            if self.next == "\\end{cases}":
                break
            if self.next == r"\cdot":
                self.take()
            value *= self.power()
        return value

    def power(self):
        if self.next == "-":
            self.take()
            return -self.product()
        base = self.base()
        if self.next != "^":
            return base
        self.take()
        return base ** (self.within("{", "}") if self.next == "{" else self.base())

    def base(self):
        token = self.take()
        if token == "(":
            self.at -= 1
            return self.within("(", ")")
        if token == "{":
            self.at -= 1
            return self.within("{", "}")
        if token == r"\frac":
            if self.next == "{":
                return self.within("{", "}") / self.within("{", "}")
            above, below = self.take()  # \frac12
            return mpmath.mpf(above) / mpmath.mpf(below)
        if token == r"\sqrt":
            return mpmath.sqrt(self.within("{", "}"))
        if token in _FUNCTIONS:
            return self.function(_FUNCTIONS[token])
        if token == r"\begin{cases}":
            return self.cases()
        if token in _CONSTANTS:
            return _CONSTANTS[token] + 0
        if token[0].isdigit():
            return mpmath.mpf(token)
        raise NotANumber(token)

    def function(self, of):
        exponent = 1
        if self.next == "^":
            self.take()
            exponent = self.within("{", "}")
        braced = self.next == "{"
        if braced:
            self.take()
        self.take("(")
        values = [self.sum()]
        while self.next == ",":
            self.take()
            values.append(self.sum())
        self.take(")")
        if braced:
            self.take("}")
        return of(*values) ** exponent

    def cases(self):
        """The first of the cases whose condition holds."""
        found = None
        while True:
            value = self.sum()
            self.take("&")
            if self.take() == r"\text{otherwise}":
                holds = True
            else:
                left, sign, right = self.sum(), self.take(), self.sum()
                holds = left > right if sign == ">" else left < right
            if found is None and holds:
                found = value
            if self.take() == r"\end{cases}":
                return found


def evaluate(text: str):
    """The value of an expression in numbers. Raises NotANumber."""
    reader = _Reader(text)
    value = reader.sum()
    if reader.next:
        raise NotANumber(reader.next)
    return value


_RESULT = re.compile(
    r"^\(?(?P<mantissa>-?\d+(?:\.(?P<decimals>\d+))?)"
    r"(?: \\cdot 10\^\{(?P<exponent>-?\d+)\})?\)?$"
)


def agrees(expression: str, result: str, digits: int = 0) -> bool:
    """Whether the expression, recomputed, rounds to the result: to as many decimals as it shows,
    at least `digits` of them; half away from zero."""
    found = _RESULT.match(result)
    exponent = int(found["exponent"] or 0)
    decimals = len(found["decimals"] or "")
    place = exponent - (decimals if found["exponent"] else max(decimals, digits))
    recomputed = Decimal(mpmath.nstr(evaluate(expression), 25, min_fixed=-400, max_fixed=400))
    shown = Decimal(found["mantissa"]).scaleb(exponent)
    return recomputed.quantize(Decimal(1).scaleb(place), context=_DECIMALS) == shown


def lines(latex: str) -> Iterator[tuple[str, str]]:
    """(an expression in numbers, the result shown) of every line in a formula that has both."""
    body = re.sub(r"\\(?:begin|end)\{(?:aligned|array)\}(?:\{\w+\})?", " ", latex.replace("$", " "))
    kept = re.sub(
        r"\\begin\{cases\}.*?\\end\{cases\}",
        lambda m: m[0].replace("&", "\x00").replace("\\\\", "\x01"),
        body,
        flags=re.S,
    )
    rows = re.split(r"\\\\(?:\[\d+pt\])?\s*", kept)
    joined: list[str] = []
    for row in rows:
        begins = row.strip().removeprefix("&").strip()
        carried_on = begins.startswith(("=", r"\quad +"))
        if joined and carried_on:
            joined[-1] += " " + row
        else:
            joined.append(row)
    for row in joined:
        parts = re.split(r"=|\\approx", row.replace("&", " "))
        parts = [p.replace("\x00", "&").replace("\x01", "\\\\").strip(" .,") for p in parts]
        for expression, result in itertools.pairwise(parts):
            if not _RESULT.match(result) or _RESULT.match(expression):
                continue
            try:
                evaluate(expression)
            except NotANumber:
                continue
            yield expression, result


def texts(value):
    """Every text in what a notebook stores, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)
