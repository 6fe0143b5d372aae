"""Python's functions for the page: translated to JavaScript, from their source.

What a page computes is written once, in Python, in a small subset of it: functions of numbers,
texts, lists, dicts (gone through by their items, keys or values) and arrays; assignments, `if`,
`for`, `while`, `return`, comprehensions, lambdas and functions within; operators, indices and
slices; calls of functions in this subset, of records (dataclasses and named tuples, as their
fields), and of what `arrays.js` has of NumPy, `python.js` of Python (`_KNOWN`, `subset.METHODS`).
Whatever a function refers to comes along: other functions, tables, numbers. Formulas of SymPy are
printed. Anything else is refused, with its line: what is not understood is never guessed.

Only the text of the package's own functions is read here, nothing is run and nothing that a reader
typed ever comes here.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import cache, partial
from types import FunctionType

import numpy as np
import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from backprop_lab.core.activations import Activation
from backprop_lab.core.arguments import as_widths
from backprop_lab.core.compiled import constant, nan_through
from backprop_lab.core.counter import normal, uniform
from backprop_lab.core.keys import Key
from backprop_lab.core.losses import LOSSES, Loss
from backprop_lab.core.network import descended, entries, raw_pass
from backprop_lab.core.nodes import Node, Z
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.factors import factors_of, slopes_of
from backprop_lab.page.state_text import quoted, unquoted
from backprop_lab.page.statements import Function
from backprop_lab.page.subset import ELEMENTWISE, Untranslatable, elementwise, safe
from backprop_lab.page.typed import reading
from backprop_lab.page.walk import walked
from backprop_lab.picture import axes, powers
from backprop_lab.picture.elements import (
    caption,
    el,
    heads,
    number,
    quantity,
    row,
    svg,
    table,
    text_at,
    words,
)


def javascript(prefix: str = "", **exports) -> str:
    """A module that exports these functions or values by name, with all that they need but what
    stands before it: the runtime (`arrays.js`, `python.js`), and `common`. prefix: of all names but
    these, where another such module stands beside it. Raises Untranslatable."""
    module = _Module(_common(), prefix)
    values = {name: module.reference(value, name) for name, value in exports.items()}
    ends = (
        f"export {{ {name} }};" if text == name else f"export const {name} = {text};"
        for name, text in values.items()
    )
    return "\n".join([*module.texts, *ends]) + "\n"


COMMON = {
    "LOSSES": LOSSES, "raw_pass": raw_pass, "descended": descended, "entries": entries,
    "factors_of": factors_of, "slopes_of": slopes_of, "walked": walked, "reading": reading,
    **{f.__name__: f for f in (axes.even, axes.inside, axes.level, axes.line, axes.marks)},
    **{f.__name__: f for f in (axes.legend, powers.decades, powers.end, powers.frame)},
    **{f.__name__: f for f in (powers.by_layer, powers.layers, el, caption, heads, number)},
    **{f.__name__: f for f in (quantity, row, svg, table, text_at, words)},
}  # fmt: skip


def common() -> str:
    """The definitions that most programs need, kept once for all of them: they stand behind the
    runtime, first what it has of operators and functions of numbers."""
    operators = (
        f"const ${name} = {elementwise(text, 1 + (', ' in text.split(')')[0]))};"
        for name, text in ELEMENTWISE.items()
    )
    return "\n".join([*operators, *_common().texts]) + "\n"


@cache
def _common() -> _Module:
    module = _Module()
    for name, thing in COMMON.items():
        module.reference(thing, name)
    return module


def translated(function: FunctionType) -> str:
    """The JavaScript of one function alone, to be read. Raises Untranslatable."""
    module = _Module()
    return f"const {module.reference(function, '')} = {Function(module, function).text()};"


# --- what a name may stand for --------------------------------------------------------------------

_KNOWN = {
    "abs": abs, "all": all, "any": any, "dict": dict, "enumerate": enumerate, "int": int,
    "float": float, "len": len, "list": list, "max": max, "min": min, "range": range,
    "reversed": reversed, "round": round, "sorted": sorted, "str": str, "total": sum,
    "tuple": tuple, "zip": zip, "key": Key, "array": np.array, "asarray": np.asarray,
    "cosh": np.cosh, "exp": np.exp, "eye": np.eye, "floor": np.floor, "full": np.full,
    "getattr": getattr,
    "isfinite": np.isfinite, "isfinite_": math.isfinite, "isnan": math.isnan, "log": np.log,
    "log10": math.log10, "log1p": np.log1p, "log2": np.log2, "prod": math.prod, "snap": snap,
    "mmax": np.max, "ndenumerate": np.ndenumerate, "ndindex": np.ndindex, "normal": normal,
    "ones": np.ones, "perf_counter": time.perf_counter, "quoted": quoted, "rint": np.rint,
    "sqrt": np.sqrt, "uniform": uniform, "unquoted": unquoted, "where": np.where,
    "zeros": np.zeros,
}  # fmt: skip
"""What the runtime has, by its name there, with a $ before it. Widths that an app gives are whole
numbers: nothing is left to be checked."""
_NAMES = {
    id(one): f"${name}"
    for name, known in _KNOWN.items()
    for one in (known, getattr(known, "__wrapped__", known))  # by either, where one wraps another
} | {id(as_widths): "$list", id(np.abs): "$abs"}
_MATH = {"log1p": "Math.log1p", "expm1": "Math.expm1"}


_LONG = 500


class _Printer(JavascriptCodePrinter):
    """SymPy's, with the same text for a number on every processor."""

    def _print_Float(self, expr):
        return repr(snap(float(expr)))


class _Module:
    """The definitions of a module, in the order in which they need each other."""

    def __init__(self, before: _Module | None = None, prefix: str = ""):
        """before: definitions that stand before this module already."""
        self.prefix = prefix
        self.texts: list[str] = []
        self._named: dict[int, str] = dict(before._named) if before else {}
        self._kept: list[object] = [before]  # so that no id is given twice

    def define(self, thing, name: str, text: Callable[[], str]) -> str:
        """The name of a thing; it is defined by this text if it was not yet."""
        if id(thing) not in self._named:
            name = self.prefix + safe(re.sub(r"^(?=\d)|[^\w$]", "_", name, flags=re.A))
            while name in self._named.values():
                name += "_"
            self._named[id(thing)] = name
            self._kept.append(thing)
            self.texts.append(f"const {name} = {text()};")
        return self._named[id(thing)]

    def alias(self, name: str) -> str:
        """Another name of a definition, for where a local one hides it."""
        text = f"const {name}$ = {name};"
        if text not in self.texts:
            self.texts.append(text)
        return f"{name}$"

    def reference(self, thing, name: str) -> str:
        """JavaScript for a value: a literal, or the name of its definition."""
        if id(thing) in _NAMES:
            return _NAMES[id(thing)]
        if thing is None or isinstance(thing, bool | str):
            return json.dumps(thing, ensure_ascii=False)
        if isinstance(thing, int | float):
            special = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
            text = repr(thing if isinstance(thing, int) else snap(thing))
            return special.get(text, text)
        if isinstance(thing, re.Pattern):
            return self.define(thing, name, lambda: _pattern(thing))
        if isinstance(thing, np.generic):
            return self.reference(thing.item(), name)
        if isinstance(thing, np.ndarray):
            entries = self.reference(thing.tolist(), name)
            return self.define(thing, name, lambda: f"$array({entries})")
        if _fields(type(thing)) and not isinstance(thing, Activation | Loss):
            record = {field: getattr(thing, field) for field in _fields(type(thing))}
            return self.define(thing, name, lambda: self._mapping(record))
        if isinstance(thing, tuple | list | range):
            text = f"[{', '.join(self.reference(one, name) for one in thing)}]"
            long = isinstance(thing, tuple) and len(text) > _LONG  # nobody changes it: written once
            return self.define(thing, name, lambda: text) if long else text
        if isinstance(thing, partial):
            return self.define(thing, name, lambda: self._partial(thing))
        if hasattr(thing, "cache_parameters"):
            made, most = thing.__wrapped__, thing.cache_parameters()["maxsize"]
            called = self.reference(made, name)
            return self.define(thing, f"kept_{name}", lambda: f"$cached({called}, {most})")
        if isinstance(thing, FunctionType):
            return self.define(
                thing,
                thing.__name__.replace("<lambda>", name),
                lambda: Function(self, thing).text(),
            )
        if isinstance(thing, type) and _fields(thing):
            fields = ", ".join(_fields(thing))
            return self.define(thing, thing.__name__, lambda: f"({fields}) => ({{{fields}}})")
        if isinstance(thing, Mapping):
            return self.define(thing, name, lambda: self._mapping(thing))
        if isinstance(thing, Activation):
            return self.define(thing, thing.name, lambda: self._activation(thing))
        if isinstance(thing, Loss):
            return self.define(thing, thing.name, lambda: self._loss(thing))
        but = " but those in `_KNOWN`" if callable(thing) else ""
        raise Untranslatable(f"{name}: got {thing!r}; a page knows no {type(thing).__name__}{but}")

    def _mapping(self, mapping) -> str:
        pairs = (f"{json.dumps(str(k))}: {self.reference(v, str(k))}" for k, v in mapping.items())
        return f"{{{', '.join(pairs)}}}"

    def _partial(self, bound: partial) -> str:
        signature = inspect.signature(bound.func)
        given = signature.bind_partial(*bound.args, **bound.keywords).arguments
        free = [name for name in signature.parameters if name not in given]
        every = [
            self.reference(given[name], name) if name in given else name
            for name in signature.parameters
        ]
        called = self.reference(bound.func, bound.func.__name__)
        return f"({', '.join(free)}) => {called}({', '.join(every)})"

    # formulas

    def formula(self, expression: sp.Expr, *symbols: sp.Symbol) -> str:
        """An expression as a function of arrays, or of numbers."""
        text, nodes = _printed(expression, symbols)
        for node in nodes:
            self.define(node, f"${node.__name__}", lambda n=node: _printed(n.safe(Z), (Z,))[0])
        return elementwise(text, len(symbols))

    def _activation(self, activation: Activation) -> str:
        value, slope = (self.formula(e, Z) for e in (activation.expr, activation.derivative))
        return f"Object.assign({value}, {{slope: {slope}}})"

    def _loss(self, loss: Loss) -> str:
        shares, slope = (
            self.formula(formula, *loss.symbols)
            if function is None
            else self.reference(function, function.__name__)
            for formula, function in zip((loss.expr, loss.derivative), loss.numeric, strict=True)
        )
        told = ("name", "fused", "kind", "output", "targets")
        fields = ", ".join(f"{name}: {json.dumps(getattr(loss, name))}" for name in told)
        methods = ", ".join(
            f"{name}(a, b) {{ return {self.reference(getattr(Loss, name), name)}(this, a, b); }}"
            for name in ("argument", "total")
        )
        return f"{{{fields}, {methods}, shares: {shares}, slope: {slope}}}"


@cache
def _printed(expression: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> tuple[str, list[type[Node]]]:
    """The expression as a function of numbers, on one line, and the nodes that it refers to."""
    expression = nan_through(expression)
    if not expression.free_symbols:
        expression = constant(expression, symbols[0])
    nodes = sorted({type(node) for node in expression.atoms(Node)}, key=str)
    names = _MATH | {node.__name__: f"${node.__name__}" for node in nodes}
    printer = _Printer({"strict": True, "user_functions": names})
    text = " ".join(printer.doprint(expression).split())
    return f"({', '.join(symbol.name for symbol in symbols)}) => {text}", nodes


def _pattern(pattern: re.Pattern) -> str:
    """A regular expression, for `fullmatch`."""
    flags = "".join(flag for flag in "is" if pattern.flags & getattr(re, flag.upper()))
    return f"new RegExp({json.dumps(pattern.pattern)}, {json.dumps('u' + flags)})"


def _fields(kind: type) -> tuple[str, ...]:
    """The fields of a record: a dataclass or a named tuple."""
    return tuple(kind.__dataclass_fields__) if is_dataclass(kind) else getattr(kind, "_fields", ())
