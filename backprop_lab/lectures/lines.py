"""A line of arithmetic as it stands in a lecture's data, read as a formula.

It is text in plain names: "u_1 * z_1,out + u_2 * z_2,out + c", "-(y - f_out)", "sigmoid(f_in)".
It is taken apart, never executed.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Mapping

import sympy as sp

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.nodes import Z

_OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.USub: operator.neg,
}  # fmt: skip


def formula(line: str, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
    """The line as a formula in these symbols, which stand in it by name.

    There may be whole numbers, + - * / ** and brackets, and the `ACTIVATIONS`, called by name.
    Raises ValueError for anything else.
    """
    longest_first = sorted(symbols, key=len, reverse=True)
    names = "|".join(map(re.escape, longest_first))
    # A name such as z_1,out is none in Python: its place in the list is.
    text = re.sub(rf"(?<!\w)({names})(?!\w)", lambda name: f"_{longest_first.index(name[0])}", line)

    def read(node):
        match node:
            case ast.BinOp(left, operation, right) if type(operation) in _OPERATIONS:
                return _OPERATIONS[type(operation)](read(left), read(right))
            case ast.UnaryOp(operation, operand) if type(operation) in _OPERATIONS:
                return _OPERATIONS[type(operation)](read(operand))
            case ast.Call(ast.Name(name), [operand], []) if name in ACTIVATIONS:
                return ACTIVATIONS[name].expr.xreplace({Z: read(operand)})
            case ast.Constant(int(value)):
                return sp.Integer(value)
            case ast.Name(name) if re.fullmatch(r"_\d+", name):
                return symbols[longest_first[int(name[1:])]]
        raise ValueError(
            f"line: got {line!r}, with {ast.unparse(node)}; expected + - * / **, whole numbers, "
            f"{', '.join(ACTIVATIONS)} and {', '.join(symbols)}"
        )

    try:
        return read(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError:
        raise ValueError(f"line: got {line!r}; expected a formula") from None
