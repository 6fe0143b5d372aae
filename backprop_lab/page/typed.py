"""What a reader typed: read as a number and nothing else. A page runs this, translated."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

MINUS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"  # hyphens, dashes, minus signs
_SPACE = r"[\s\u200b\ufeff]*"
_AROUND = re.compile(rf"{_SPACE}([+-]?){_SPACE}(.*?){_SPACE}", re.S)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]+)?", re.I)


def reading(text: str, whole: bool = False) -> tuple[float, str]:
    """The number, with a decimal point or comma and any kind of minus sign, or the sentence that
    refuses it. whole: whether it must be an integer."""
    typed = "".join(["-" if letter in MINUS else letter for letter in text])
    sign, digits = _AROUND.fullmatch(typed).groups()
    plain = sign + digits
    if _THOUSANDS.fullmatch(plain):
        first, last = plain.replace("+", "").split(",")
        return math.nan, f"“{text}” can be read in two ways; write {first}.{last} or {first}{last}"
    value = float(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else math.nan
    if whole and not value.is_integer():
        return value, f"“{text}” is not a whole number"
    if not math.isfinite(value):
        kind = "number" if math.isnan(value) else "finite number"
        return value, f"“{text}” is not a {kind}; write it like -0.2447"
    return value, ""


NOTHING_TYPED = {"typed": {}}
"""The state of an app whose fields are all empty."""


def typed(state: Mapping, field: str, text: str) -> Mapping:
    """The state with a text typed in the field of that name."""
    return state | {"typed": state["typed"] | {field: text}}


def last_typed(state: Mapping) -> list[tuple[str, str]]:
    """The fewest presses that lead to a state: of each field only the last text counts."""
    return list(state["typed"].items())
