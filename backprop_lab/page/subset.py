"""The words of Python's subset for pages: operators, methods, names, and what becomes of each."""

from __future__ import annotations

import ast
import inspect
import re
from types import FunctionType

import numpy as np


class Untranslatable(ValueError):
    """A function has a line that is outside of the subset."""


DROPPED = frozenset({"strict"})
"""Keywords that say nothing in a page."""
ORDERS = {np.max: ("a", "axis", "keepdims")}
"""The arguments that the runtime takes, where they are others."""
METHODS = {
    "append": ("x",), "copy": (), "get": ("key", "default"), "items": (), "keys": (), "values": (),
    "max": ("axis", "keepdims"), "mean": ("axis", "keepdims"), "sum": ("axis", "keepdims"),
    "reshape": ("*shape",), "join": ("texts",), "replace": ("old", "new"), "split": ("at",),
    "startswith": ("text",), "strip": (), "lower": (), "tolist": (), "is_integer": (),
    "fullmatch": ("text",), "groups": (), "rstrip": ("letters",), "translate": ("table",),
    "index": ("x",), "count": ("x",),
}  # fmt: skip
"""Methods that the runtime has as functions, with the names of their arguments."""
TYPES = (str, list, dict, set, float, np.ndarray)
"""What values in a page may be, besides records; methods of theirs that it lacks are refused."""
FORMAT = re.compile(r"\+?z?,?(\.\d+[fg])?")
"""The formats of numbers that the runtime writes (`$format`)."""
BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul",
    ast.Pow: "pow", ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.BitOr: "or", ast.BitAnd: "and",
}  # fmt: skip
ELEMENTWISE = {
    "sum_of": "(a, b) => a + b", "sub": "(a, b) => a - b", "product": "(a, b) => a * b",
    "div": "(a, b) => a / b", "pow": "(a, b) => a ** b", "floordiv": "(a, b) => Math.floor(a / b)",
    "mod": "(a, b) => ((a % b) + b) % b", "neg": "(a) => -a", "pos": "(a) => +a",
    "lt": "(a, b) => a < b", "le": "(a, b) => a <= b", "gt": "(a, b) => a > b",
    "ge": "(a, b) => a >= b", "eq": "(a, b) => $equal(a, b)", "ne": "(a, b) => !$equal(a, b)",
    "and": "(a, b) => a && b", "any_of": "(a, b) => a || b", "first": "(a, b) => a",
    **{name: f"(a) => Math.{name}(a)" for name in ("abs", "cosh", "exp", "floor", "log", "log1p")},
    **{name: f"(a) => Math.{name}(a)" for name in ("log2", "sqrt")},
    "isfinite": "(a) => Number.isFinite(a)", "snap": "(a) => Number(a.toPrecision(12))",
    # the even one of two
    "rint": "(a) => (Math.abs(a) < 2 ** 51 ? a + 1.5 * 2 ** 52 - 1.5 * 2 ** 52 : a)",
}  # fmt: skip
"""Operators and functions of numbers, which a page takes of arrays, too, element by element."""
LOOPS = {
    1: "(f) => (p, found) => { for (let k = 0; k < found.length; k++) found[k] = +f(p[k]); "
    'return found; }, (f, other) => (a) => (typeof a === "number" ? f(a) : other(a))',
    2: "(f) => (p, x, s, q, y, t, found, k, end) => "
    "{ for (; k < end; k++, x += s, y += t) found[k] = +f(p[x], q[y]); }, (f, other) => "
    '(a, b) => (typeof a === "number" && typeof b === "number" ? f(a, b) : other(a, b))',
}
"""The loop of each such function, by the number of its arguments, over a line of elements, those of
two arrays from places x and y on, s and t apart, where what is true becomes 1; and what decides
that there are only numbers. An engine compiles each function's own."""
IN_PLACE = {ast.Add: "$grown", ast.BitOr: "$updated"}
"""What += does to a list, and |= to a dict."""
COMPARE = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
    ast.In: "in", ast.NotIn: "notin", ast.Is: "is", ast.IsNot: "isnot",
}  # fmt: skip
RESERVED = {
    "arguments", "await", "case", "catch", "class", "const", "debugger", "default", "delete",
    "do", "enum", "eval", "export", "extends", "false", "function", "import", "in",
    "instanceof", "interface", "let", "new", "null", "package", "private", "protected",
    "public", "static", "super", "switch", "this", "throw", "true", "typeof", "undefined",
    "var", "void", "with", "yield",
    "Array", "Error", "Float64Array", "Infinity", "Int32Array", "JSON", "Map", "Math", "NaN",
    "Number", "Object", "RegExp", "Set", "String", "Symbol",
}  # fmt: skip


def elementwise(function: str, arguments: int) -> str:
    """A function of numbers, in JavaScript, as one of numbers and arrays."""
    return f"$elementwise({function}, {LOOPS[arguments]})"


def safe(name: str) -> str:
    """A name that JavaScript does not keep for itself, nor the runtime uses."""
    return f"{name}_" if name in RESERVED else name


def names_bound(statements: list[ast.stmt]) -> set[str]:
    """The names that a function's statements give to something: its local ones."""
    return {name for node in _nodes(statements) for name in _bound(node)}


def _nodes(statements):
    """All nodes, but those within comprehensions and functions, whose names are their own."""
    for node in statements:
        yield node
        own = ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.Lambda | ast.FunctionDef
        if not isinstance(node, own):
            yield from _nodes(ast.iter_child_nodes(node))


def _bound(node: ast.AST) -> list[str]:
    """The name that a node gives to something."""
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def leaves_over(function: FunctionType) -> bool:
    """Whether a function takes arguments beyond those that it names."""
    kinds = {p.kind for p in inspect.signature(function).parameters.values()}
    return not kinds.isdisjoint({inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})
