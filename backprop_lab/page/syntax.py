"""The syntax of Python's subset for pages, as JavaScript: statements, expressions, calls."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType

import numpy as np


class Untranslatable(ValueError):
    """A function has a line that is outside of the subset."""


_DROPPED = frozenset({"strict", "dtype", "copy"})
"""Keywords that say nothing in a page."""
_ORDERS = {np.max: ("a", "axis", "keepdims")}
"""The arguments that the runtime takes, where they are others."""
_METHODS = {
    "append": ("x",), "copy": (), "get": ("key", "default"), "items": (), "keys": (), "values": (),
    "max": ("axis", "keepdims"), "mean": ("axis", "keepdims"), "sum": ("axis", "keepdims"),
    "reshape": ("*shape",), "join": ("texts",), "replace": ("old", "new"), "split": ("at",),
    "startswith": ("text",), "strip": (), "lower": (), "tolist": (), "is_integer": (),
    "fullmatch": ("text",), "groups": (),
}  # fmt: skip
"""Methods that the runtime has as functions, with the names of their arguments."""
_BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul",
    ast.Pow: "pow", ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.BitOr: "or", ast.BitAnd: "and",
}  # fmt: skip
_IN_PLACE = {ast.Add: "$grown", ast.BitOr: "$updated"}
"""What += does to a list, and |= to a dict."""
_COMPARE = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
    ast.In: "in", ast.NotIn: "notin", ast.Is: "is", ast.IsNot: "isnot",
}  # fmt: skip
_RESERVED = {
    "arguments", "await", "case", "catch", "class", "const", "debugger", "default", "delete",
    "do", "enum", "eval", "export", "extends", "false", "function", "import", "in",
    "instanceof", "interface", "let", "new", "null", "package", "private", "protected",
    "public", "static", "super", "switch", "this", "throw", "true", "typeof", "undefined",
    "var", "void", "with", "yield",
}  # fmt: skip


class Function:
    """One function, with the names that it sees. module: gives JavaScript for what they stand for
    outside, by `reference(value, name)`."""

    def __init__(self, module, function: FunctionType):
        self.module, self.function = module, function
        self.lines, self.first = inspect.getsourcelines(function)
        self.tree, *others = _definitions(self.lines)
        if others:
            self.refuse(self.tree, "a page knows one lambda a line")
        seen = inspect.getclosurevars(function)
        self.outer = {**vars(builtins), **function.__globals__, **seen.nonlocals}
        code = function.__code__
        self.own = [{*code.co_varnames, *code.co_cellvars}]

    def text(self) -> str:
        signature = inspect.signature(self.function)
        listed = [
            safe(name)
            + ("" if p.default is p.empty else f" = {self.module.reference(p.default, name)}")
            for name, p in signature.parameters.items()
        ]
        if isinstance(self.tree, ast.Lambda):
            return f"({', '.join(listed)}) => {_literal(self.value(self.tree.body))}"
        local = sorted(
            {
                node.id
                for node in self._nodes(self.tree.body)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            - set(signature.parameters)
        )
        declared = f"  let {', '.join(map(safe, local))};\n" if local else ""
        body = self.block(self.tree.body)
        return f"({', '.join(listed)}) => {{\n{declared}{body}}}"

    def _nodes(self, statements):
        """All nodes, but those of comprehensions, whose names are their own."""
        for node in statements:
            if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.Lambda):
                continue
            yield node
            yield from self._nodes(ast.iter_child_nodes(node))

    def refuse(self, node: ast.AST, why: str):
        line = self.lines[node.lineno - 1].strip()
        where = f"{self.function.__module__}.{self.function.__qualname__}"
        raise Untranslatable(f"{where}, line {self.first + node.lineno - 1}: {why}: {line}")

    # statements

    def block(self, statements: list[ast.stmt], indent: str = "  ") -> str:
        return "".join(self.statement(one, indent) for one in statements)

    def statement(self, node: ast.stmt, indent: str) -> str:
        more = f"{indent}  "
        match node:
            case ast.Expr(ast.Constant(str())) | ast.Pass():
                return ""
            case ast.Expr(value):
                return f"{indent}{self.value(value)};\n"
            case ast.Return(value):
                return f"{indent}return {self.value(value) if value else 'null'};\n"
            case ast.Assign(targets, value):
                made = self.value(value)
                for target in reversed(targets):
                    made = self.assigned(target, made)
                return f"{indent}{made};\n"
            case ast.AnnAssign(target, _, ast.expr() as value):
                return f"{indent}{self.assigned(target, self.value(value))};\n"
            case ast.AugAssign(target, op, value):
                old, by = self.value(_loaded(target)), self.value(value)
                changed = _IN_PLACE.get(type(op))
                made = f"{changed}({old}, {by})" if changed else self.binary(node, op, old, by)
                return f"{indent}{self.assigned(target, made)};\n"
            case ast.If(test, body, orelse):
                text = f"{indent}if ({self.test(test)}) {{\n{self.block(body, more)}{indent}}}"
                if orelse:
                    text += f" else {{\n{self.block(orelse, more)}{indent}}}"
                return f"{text}\n"
            case ast.For(target, through, body, []):
                head = f"for ({self.pattern(target)} of {self.value(through)})"
                return f"{indent}{head} {{\n{self.block(body, more)}{indent}}}\n"
            case ast.While(test, body, []):
                head = f"while ({self.test(test)})"
                return f"{indent}{head} {{\n{self.block(body, more)}{indent}}}\n"
            case ast.Break():
                return f"{indent}break;\n"
            case ast.Continue():
                return f"{indent}continue;\n"
            case ast.With([ast.withitem(ast.Call(ast.Attribute(_, "errstate")), None)], body):
                return self.block(body, indent)
        self.refuse(node, f"a page knows no {type(node).__name__}")

    def assigned(self, target: ast.expr, value: str) -> str:
        match target:
            case ast.Name(name):
                return f"{safe(name)} = {value}"
            case ast.Tuple(elts) | ast.List(elts):
                return f"[{', '.join(self.pattern(one) for one in elts)}] = {value}"
            case ast.Subscript(of, index) if not isinstance(index, ast.Slice | ast.Tuple):
                return f"$set({self.value(of)}, {self.value(index)}, {value})"
        self.refuse(target, "a page assigns to no such place")

    def pattern(self, target: ast.expr) -> str:
        """A target as JavaScript takes apart what is assigned."""
        match target:
            case ast.Name(name):
                return safe(name)
            case ast.Tuple(elts) | ast.List(elts):
                return f"[{', '.join(self.pattern(one) for one in elts)}]"
            case ast.Starred(ast.Name(name)):
                return f"...{safe(name)}"
        self.refuse(target, "a page assigns to no such place")

    # expressions

    def test(self, node: ast.expr) -> str:
        """An expression whose truth decides."""
        match node:
            case ast.BoolOp(op, values):
                sign = " && " if isinstance(op, ast.And) else " || "
                return f"({sign.join(map(self.test, values))})"
            case ast.UnaryOp(ast.Not(), operand):
                return f"!{self.test(operand)}"
            case ast.Compare():
                return self.value(node)
        return f"$truth({self.value(node)})"

    def value(self, node: ast.expr) -> str:
        value, test = self.value, self.test
        match node:
            case ast.Constant(constant):
                return self.module.reference(constant, "constant")
            case ast.Name(name):
                return self.name(node, name)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript(of, ast.Slice() as cut):
                return f"$item({value(of)}, {self.index(cut)})"
            case ast.Subscript(of, ast.Tuple(elts)):
                return f"$cut({value(of)}, {', '.join(map(self.index, elts))})"
            case ast.Subscript(of, index):
                return f"$item({value(of)}, {value(index)})"
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left, op, right):
                return self.binary(node, op, value(left), value(right))
            case ast.UnaryOp(ast.USub(), ast.Constant(number)):
                return f"-{value(ast.Constant(number))}"
            case ast.UnaryOp(ast.USub(), operand):
                return f"$neg({value(operand)})"
            case ast.UnaryOp(ast.UAdd(), operand):
                return f"$pos({value(operand)})"
            case ast.UnaryOp(ast.Not(), operand):
                return f"!{test(operand)}"
            case ast.Compare(left, ops, comparators):
                pairs = zip([left, *comparators], ops, comparators, strict=False)
                each = [f"${_COMPARE[type(op)]}({value(a)}, {value(b)})" for a, op, b in pairs]
                return each[0] if len(each) == 1 else f"({' && '.join(each)})"
            case ast.BoolOp(op, values):
                name = "$both" if isinstance(op, ast.And) else "$either"
                *first, text = map(value, values)
                for before in reversed(first):
                    text = f"{name}({before}, () => {text})"
                return text
            case ast.IfExp(condition, body, orelse):
                return f"({test(condition)} ? {value(body)} : {value(orelse)})"
            case ast.List(elts) | ast.Tuple(elts):
                return f"[{', '.join(map(value, elts))}]"
            case ast.Starred(of):
                return f"...{value(of)}"
            case ast.Dict(keys, values):
                pairs = zip(keys, values, strict=True)
                return f"{{{', '.join(self.pair(k, v) for k, v in pairs)}}}"
            case ast.ListComp(elt, generators) | ast.GeneratorExp(elt, generators):
                return self.comprehension(generators, lambda: value(elt))
            case ast.DictComp(key, of, generators):
                pairs = self.comprehension(generators, lambda: f"[{value(key)}, {value(of)}]")
                return f"$dict({pairs})"
            case ast.Lambda(arguments, body):
                return self.arrow([a.arg for a in arguments.args], lambda: value(body))
            case ast.JoinedStr(parts):
                return f'[{", ".join(map(self.part, parts))}].join("")'
        self.refuse(node, f"a page knows no {type(node).__name__}")

    def binary(self, node, op, left, right) -> str:
        if type(op) not in _BINARY:
            self.refuse(node, f"a page knows no {type(op).__name__}")
        return f"${_BINARY[type(op)]}({left}, {right})"

    def pair(self, key: ast.expr | None, of: ast.expr) -> str:
        return f"...{self.value(of)}" if key is None else f"[{self.value(key)}]: {self.value(of)}"

    def part(self, node: ast.expr) -> str:
        match node:
            case ast.FormattedValue(of, -1, None):
                return f"$str({self.value(of)})"
            case ast.FormattedValue(of, -1, ast.JoinedStr([ast.Constant(form)])):
                return f"$format({self.value(of)}, {json.dumps(form)})"
            case ast.Constant(text):
                return json.dumps(text, ensure_ascii=False)
        self.refuse(node, "a page knows no such format")

    def index(self, node: ast.expr) -> str:
        if isinstance(node, ast.Slice):
            ends = (node.lower, node.upper, node.step)
            return f"$slice({', '.join(self.value(e) if e else 'null' for e in ends)})"
        return self.value(node)

    def comprehension(self, generators: list[ast.comprehension], made: Callable[[], str]) -> str:
        first, *others = generators
        through = self.value(first.iter)
        names = {n.id for n in ast.walk(first.target) if isinstance(n, ast.Name)}
        self.own.append(names)
        kept = "".join(f".filter(({self.pattern(first.target)}) => {self.test(condition)})"
                       for condition in first.ifs)  # fmt: skip
        inner = self.comprehension(others, made) if others else made()
        self.own.pop()
        call = "flatMap" if others else "map"
        return f"[...{through}]{kept}.{call}(({self.pattern(first.target)}) => {_literal(inner)})"

    def arrow(self, names: list[str], body: Callable[[], str]) -> str:
        self.own.append(set(names))
        text = body()
        self.own.pop()
        return f"({', '.join(map(safe, names))}) => {_literal(text)}"

    # names and calls

    def outer_value(self, node: ast.expr):
        """What a name from outside, or an attribute of a module, stands for."""
        if isinstance(node, ast.Attribute):
            return getattr(self.outer_value(node.value), node.attr)
        return self.outer[node.id]

    def from_outside(self, node: ast.expr) -> bool:
        """Whether it is a name from outside, or an attribute of a module that is one."""
        if isinstance(node, ast.Attribute):
            return self.from_outside(node.value) and isinstance(
                self.outer_value(node.value), ModuleType
            )
        if not isinstance(node, ast.Name) or any(node.id in names for names in self.own):
            return False
        if node.id not in self.outer:
            self.refuse(node, f"unknown: {node.id}")
        return True

    def reference(self, node: ast.expr, name: str) -> str:
        try:
            return self.module.reference(self.outer_value(node), name)
        except Untranslatable as error:
            if "line" in str(error):
                raise
            self.refuse(node, str(error))

    def name(self, node: ast.Name, name: str) -> str:
        return self.reference(node, name) if self.from_outside(node) else safe(name)

    def attribute(self, node: ast.Attribute) -> str:
        if self.from_outside(node):
            return self.reference(node, node.attr)
        return f"{self.value(node.value)}.{node.attr}"

    def call(self, node: ast.Call) -> str:
        function, given = node.func, [self.value(one) for one in node.args]
        if isinstance(function, ast.Attribute) and not self.from_outside(function):
            of = self.value(function.value)
            if function.attr not in _METHODS:
                self.ordered(node, given, ())
                return f"{of}.{function.attr}({', '.join(given)})"
            given = self.ordered(node, given, _METHODS[function.attr])
            return f"${function.attr}({', '.join([of, *given])})"
        called = self.value(function)
        order = ()
        if {k.arg for k in node.keywords} - _DROPPED and self.from_outside(function):
            outer = self.outer_value(function)
            order = _ORDERS.get(outer) or tuple(inspect.signature(outer).parameters)
        return f"{called}({', '.join(self.ordered(node, given, order))})"

    def ordered(self, node: ast.Call, given: list[str], order: tuple[str, ...]) -> list[str]:
        """The arguments in their places, those given by name too."""
        places = list(given)
        for keyword in node.keywords:
            if keyword.arg in _DROPPED:
                continue
            if keyword.arg not in order:
                self.refuse(node, f"a page knows no argument {keyword.arg} here")
            place = order.index(keyword.arg)
            places += ["undefined"] * (place + 1 - len(places))
            places[place] = self.value(keyword.value)
        return places


def _definitions(lines: list[str]):
    """The function in these lines: a definition, or the one lambda."""
    tree = ast.parse(textwrap.dedent("".join(lines)))
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    return found or [n for n in ast.walk(tree) if isinstance(n, ast.Lambda)]


def _loaded(target: ast.expr) -> ast.expr:
    """A target of an assignment, as a value."""
    return ast.parse(ast.unparse(target), mode="eval").body


def _literal(text: str) -> str:
    """A body of an arrow function: braces would begin a block."""
    return f"({text})" if text.startswith("{") else text


def safe(name: str) -> str:
    """A name that JavaScript does not keep for itself."""
    return f"{name}_" if name in _RESERVED else name
