"""Traced arrays: arrays of objects that tell a trace what NumPy computes with them.

The one pass, run on them, writes itself down: with `Products` as a count of the products that each
number is made of.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np


class Traced(np.ndarray):
    """An array whose trace, a function of (ufunc, method, arrays, keywords), gives the elements of
    each result; what is computed or cut from the array has the same trace."""

    def __array_finalize__(self, source):
        self.trace = getattr(source, "trace", None)

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        trace = next(each.trace for each in inputs if isinstance(each, Traced))
        return traced(trace(ufunc, method, [np.asarray(each) for each in inputs], keywords), trace)


def traced(values, trace) -> Traced:
    """The values, numbers or formulas in an array of any shape, with that trace."""
    array = np.asarray(values, dtype=object).view(Traced)
    array.trace = trace
    return array


class Number:
    """A number that knows the products it is made of, each once (`made`, a set as bits), and what
    it is when all is multiplied out: so many terms with so many factors."""

    __slots__ = ("factors", "made", "serial", "terms")

    def __init__(self, serial, made=0, terms=1, factors=1):
        self.serial, self.made, self.terms, self.factors = serial, made, terms, factors

    def __add__(self, other):
        terms, factors = self.terms + other.terms, self.factors + other.factors
        return Number(self.serial, self.made | other.made, terms, factors)

    def __mul__(self, other):
        if not isinstance(other, Number):
            return NotImplemented  # an array: number by number
        return Number(
            self.serial,
            self.made | other.made | 1 << next(self.serial),
            self.terms * other.terms,
            self.factors * other.terms + self.terms * other.factors,
        )


class Products:
    """A trace that counts products, by their serial number. What a function gives, an activation or
    a slope, is a given number again."""

    def __init__(self):
        self.serial = itertools.count()

    def given(self, shape: Sequence[int]) -> Traced:
        """An array of given numbers."""
        numbers = [Number(self.serial) for _ in np.ndindex(shape)]
        return traced(np.array(numbers, dtype=object).reshape(shape), self)

    def __call__(self, ufunc, method, arrays, keywords):
        if ufunc in (np.add, np.multiply, np.matmul):
            return getattr(ufunc, method)(*arrays, **keywords)
        return self.given(np.broadcast_shapes(*(each.shape for each in arrays)))
