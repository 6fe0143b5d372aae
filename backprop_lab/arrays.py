"""What comes in and what goes out: arrays of numbers, read-only results, tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

# --- what comes in -------------------------------------------------------------------------------


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


# --- what goes out -------------------------------------------------------------------------------


def freeze(*values) -> None:
    """Make arrays read-only, those in tuples and lists too."""
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(False)  # write; by position it takes a third of the time
        elif isinstance(value, (tuple, list)):
            freeze(*value)


class Frozen:
    """A dataclass whose arrays are read-only, and stay so in a copy and out of a pickle."""

    def __post_init__(self):
        freeze(*self.__dict__.values())

    def __setstate__(self, state):
        self.__dict__.update(state)
        Frozen.__post_init__(self)


class Table(Mapping):
    """Entries by name, read-only. What it is called in its module is what a pickle holds."""

    def __init__(self, module: str, name: str, entries: Mapping):
        self.__module__, self._name, self._entries = module, name, dict(entries)

    def __getitem__(self, name):
        return self._entries[name]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __repr__(self):
        return f"<{self._name}: {', '.join(self)}>"

    def __reduce__(self):
        return self._name
