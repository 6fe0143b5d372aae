"""One way to round, for all that is shown or stored: the same on every processor.

Processors differ in the last bits of a sum or a function. Rounding alone does not hide that: a
value that lies between two roundings falls to either side. So a value is first snapped to twelve
significant digits, which leaves no such bits; what is then rounded, compared or counted comes out
the same. Whatever becomes text, or state that a notebook stores, or decides what is said or drawn,
goes through here.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

DIGITS = 12
"""Significant digits that every processor agrees on, where nothing amplifies the last bit."""
HALF_AWAY = Context(prec=2000, rounding=ROUND_HALF_UP)
"""Decimals, a tie away from zero; digits enough for any float beside a thousand decimals."""

_POWERS = np.array([float(f"1e{power}") for power in range(309)])


def snap(values):
    """Real numbers to twelve significant digits: a float for a number, else an array.

    An array of dtype object is snapped number by number; what is not a float there stays as it is.
    """
    if isinstance(values, float):  # np.float64 too; an array would take ten times as long
        return float(f"{values:.{DIGITS - 1}e}")
    array = np.asarray(values)
    if array.dtype == object:
        kept = np.frompyfunc(lambda v: snap(v) if isinstance(v, float) else v, 1, 1)
        return np.asarray(kept(array), dtype=object)
    array = array.astype(float)
    with np.errstate(all="ignore"):
        power = DIGITS - 1 - np.floor(np.log10(np.abs(array)))
        known = np.abs(power) < len(_POWERS)  # not of 0, nor of what is no number
        factor = _POWERS[np.where(known, np.abs(power), 0).astype(int)]
        snapped = np.where(
            power < 0, np.rint(array / factor) * factor, np.rint(array * factor) / factor
        )
    found = np.where(known, snapped, array)
    return found if found.ndim else float(found)


def rounded(values, decimals: int):
    """Numbers rounded to so many decimals: a float for a number, else an array."""
    return np.round(snap(values), decimals) if np.ndim(values) else round(snap(values), decimals)


def printed_like(value: float, text: str) -> Decimal:
    """A number with as many decimals as a printed one has; half away from zero."""
    return Decimal(repr(snap(value))).quantize(Decimal(text), context=HALF_AWAY)
