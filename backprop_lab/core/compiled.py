"""Formulas as functions of arrays: SymPy's expressions, compiled to NumPy.

NaN comes out of each as NaN, complex numbers go through for the complex step, and an array of
formulas gives formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from operator import getitem
from typing import ClassVar

import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from backprop_lab.core.arguments import as_numbers


class Named(sp.Function):
    """A function that SymPy does not know: it has a definition, and forms to compute with.

    definition(z): in elementary functions, without cancellation, which mpmath evaluates; safe(z):
    in what every language has, without overflow, which the page computes; numpy(z): of arrays of
    floats or complex numbers, without overflow. `sympy.lambdify` takes it as it is.
    """

    @classmethod
    def _imp_(cls, *z):
        return cls.numpy(*(as_numbers(each, "z") for each in z))[()]

    def _eval_evalf(self, prec):
        return self.definition(*self.args)._eval_evalf(prec)

    def _mpmathcode(self, printer):
        return printer.doprint(self.definition(*self.args))

    def _eval_is_real(self):
        return all(z.is_real for z in self.args) or None


class constant(sp.Function):
    """c; but NaN where z is NaN."""

    nargs = 2

    def _numpycode(self, printer):
        c, z = float(self.args[0]), printer.doprint(self.args[1])
        return f"where({z} == {z}, {c}, {z})"

    def _javascript(self, printer):
        c, z = map(printer.doprint, self.args)
        return f"(({z} === {z}) ? ({c}) : ({z}))"


def nan_through(expression: sp.Expr) -> sp.Expr:
    """The expression with its cases arranged so that NaN, in none of them, comes out as NaN."""

    def arranged(*cases):
        *first, (value, test), (other, _) = cases
        if not other.free_symbols and value.free_symbols:
            (value, test), other = (other, ~test), value
        elif not other.free_symbols:
            other = constant(other, sp.Add(*test.free_symbols))
        return sp.Piecewise(*first, (value, test), (other, True))

    return expression.replace(sp.Piecewise, arranged)


class _Printer(NumPyPrinter):
    """Cases by np.where: SymPy's np.select takes ten times as long on small arrays."""

    def _print_Piecewise(self, expr):
        *cases, (text, _) = [(self._case(value), test) for value, test in expr.args]
        for value, test in reversed(cases):
            text = f"{self._module_format('numpy.where')}({self._print(test)}, {value}, {text})"
        return text

    def _case(self, value):
        return repr(float(value)) if value.is_Number else self._print(value)


class ArrayFunction:
    """The expression as a function of arrays, one for each symbol; formulas are substituted."""

    def __init__(self, expression: sp.Expr, *symbols: sp.Symbol):
        self._expression, self._symbols = expression, symbols
        forms = {type(node).__name__: node.numpy for node in expression.atoms(Named)}
        free = bool(expression.free_symbols)
        self._compiled = sp.lambdify(
            symbols,
            nan_through(expression) if free else constant(expression, symbols[0]),
            [forms, "numpy"],
            printer=_Printer({"fully_qualified_modules": False, "allow_unknown_functions": True}),
            use_imps=False,
        )
        if expression.is_Symbol:  # not the argument itself
            place = symbols.index(expression)
            self._compiled = lambda *arrays: arrays[place].copy("K")

    def __call__(self, *arrays):
        for array in arrays:
            if type(array) is not np.ndarray or array.dtype.char != "d":
                break
        else:
            return self._compiled(*arrays)  # at once: of a small network's pass the rest took most
        arrays = [as_numbers(a, s.name) for a, s in zip(arrays, self._symbols, strict=True)]
        if any(array.dtype == object for array in arrays):
            found = np.frompyfunc(self._substitute, len(arrays), 1)(*arrays)
            return np.asanyarray(found, dtype=object)
        return self._compiled(*arrays)

    def _substitute(self, *values):
        values = [sp.sympify(value, strict=True) for value in values]  # strict: never text
        if sp.nan in values:
            return sp.nan
        return self._expression.xreplace(dict(zip(self._symbols, values, strict=True)))


@dataclass(frozen=True)
class Formula:
    """An entry of a table of formulas: `expr`, and everything that follows from it.

    `symbols`: what it is a function of; it is differentiated by the first. It pickles as the entry
    of its table; another one without the functions made from it.
    """

    table: ClassVar[Mapping[str, Formula]] = {}
    name: str
    expr: sp.Expr

    @cached_property
    def derivative(self) -> sp.Expr:
        """The derivative with respect to the first of the symbols."""
        return sp.diff(self.expr, self.symbols[0])

    @property
    def latex(self) -> str:
        """The expression as LaTeX."""
        return sp.latex(self.expr)

    @cached_property
    def _value(self):
        return ArrayFunction(self.expr, *self.symbols)

    @cached_property
    def _slope(self):
        return ArrayFunction(self.derivative, *self.symbols)

    def __reduce__(self):
        if self.table.get(self.name) is self:
            return getitem, (self.table, self.name)
        return type(self), tuple(getattr(self, field.name) for field in fields(self))
