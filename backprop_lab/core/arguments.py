"""What comes in: numbers, arrays and names, refused by the name of their argument."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import sympy as sp

from backprop_lab.core.results import freeze


def as_numbers(value, argument: str) -> np.ndarray:
    """The value as an array of floats, of complex numbers, or (formulas among them) of objects.

    Floats come back as they are, a matrix as a plain array. Raises TypeError for what is no number
    and for a masked array, with whose masked values NumPy would compute, ValueError for ragged
    nesting; both name the argument.
    """
    if type(value) is np.ndarray and value.dtype.char == "d":
        return value
    value = _plain(value, argument)
    try:  # lists element by element: NumPy would make 1.0 of a True beside numbers
        array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    except ValueError as error:
        raise ValueError(f"{argument}: rows of unequal length; expected an array") from error
    if array.dtype.kind in "fc" or type(array) is not np.ndarray:  # one that is traced stays so
        return array
    elements = [] if array.dtype.kind in "iu" else list(array.flat)
    formulas = [_is_formula(element, argument) for element in elements]
    if any(formulas):
        return array
    is_complex = any(isinstance(e, (complex, np.complexfloating)) for e in elements)
    try:
        return array.astype(complex if is_complex else float)
    except OverflowError:
        raise ValueError(f"{argument}: got a number too large for floating point") from None


def _plain(value, argument):
    """A matrix as an array, a number in an array as a number, in lists too; nothing masked."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{argument}: got a masked array; expected one without a mask")
    if isinstance(value, np.matrix):
        value = np.asarray(value)
    if type(value) is np.ndarray and (value.dtype == object or not value.ndim):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(element, argument) for element in value]
    return value


def _is_formula(element, argument) -> bool:
    if isinstance(element, (list, tuple, np.ndarray)):
        raise ValueError(f"{argument}: rows of unequal length; expected an array")
    if isinstance(element, sp.Expr):
        return True
    number = (int, float, complex, np.number)
    if isinstance(element, (bool, np.timedelta64)) or not isinstance(element, number):
        raise TypeError(f"{argument}: got {element!r}; expected real numbers or SymPy objects")
    return False


def as_array(value, argument: str) -> np.ndarray:
    """A new read-only array of finite floats, or of SymPy objects.

    Raises TypeError for masked arrays, text, complex numbers and anything else that is no real
    number, ValueError for NaN, infinity and ragged nesting; both name the argument.
    """
    array = as_numbers(value, argument)
    if array.dtype == object:
        for element in array.flat:
            _check(sp.sympify(element), argument)
    elif array.dtype.kind == "c":
        raise TypeError(f"{argument}: got {array.flat[0]}; expected real numbers")
    else:
        if array.dtype != float:
            with np.errstate(over="ignore"):  # of numbers longer than floats
                array = array.astype(float)
        if np.count_nonzero(np.isfinite(array)) < array.size:
            bad = array[~np.isfinite(array)].flat[0]
            raise ValueError(f"{argument}: got {bad}; expected finite real numbers")
    array = np.array(array)
    freeze(array)
    return array


def _check(formula: sp.Expr, argument: str) -> None:
    """Finite and, as far as SymPy can tell, real: a symbol may stand for any number, I may not."""
    if formula.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise ValueError(f"{argument}: got {formula}; expected a finite value")
    parts = sp.preorder_traversal(formula)
    if formula.has(sp.AccumBounds, sp.Order, sp.Lambda) or (
        not formula.is_extended_real
        and any(getattr(part, "is_extended_real", None) is False for part in parts)
    ):
        raise TypeError(f"{argument}: got {formula}; expected a real number or symbol")


def as_number(value, argument: str):
    """A finite real number or SymPy object. Raises ValueError or TypeError naming the argument."""
    array = as_array(value, argument)
    if array.ndim:
        raise ValueError(f"{argument}: got shape {array.shape}; expected one number")
    return array[()]


def as_positive(value, argument: str) -> float:
    """One positive number. Raises ValueError or TypeError naming the argument."""
    array = as_array(value, argument)
    if array.ndim or array.dtype == object or array <= 0:
        raise ValueError(f"{argument}: got {value!r}; expected one positive number")
    return float(array)


def as_integer(value, argument: str, least: int) -> int:
    """A whole number, at least so large. Raises ValueError or TypeError naming the argument."""
    try:
        if isinstance(value, (bool, np.ma.MaskedArray)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument}: got {value!r}; expected a whole number") from None
    if number < least:
        raise ValueError(f"{argument}: got {number}; expected at least {least}")
    return number


def as_widths(widths) -> list[int]:
    """The widths of a network, inputs first. Raises ValueError or TypeError naming the argument."""
    if isinstance(widths, str) or not hasattr(widths, "__iter__"):
        raise TypeError(f"widths: got {widths!r}; expected a list of whole numbers")
    widths = list(widths)
    if len(widths) < 2:
        raise ValueError(f"widths: got {widths}; expected the inputs and at least one layer")
    return [as_integer(width, f"widths[{i}]", 1) for i, width in enumerate(widths)]


def named(table: Mapping, name: str, argument: str):
    """The table's entry of that name, or an error that names the argument and the known names."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: got {name!r}; expected a name, one of {', '.join(table)}")
    try:
        return table[name]
    except KeyError:
        known = ", ".join(table)
        raise ValueError(f"{argument}: got {name!r}; expected one of {known}") from None


def no_two_alike(values: Iterable[str], argument: str) -> None:
    """Raises ValueError if two of the values are equal."""
    for value, count in Counter(values).items():
        if count > 1:
            raise ValueError(f"{argument}: got {value!r} {count} times; expected no two alike")
