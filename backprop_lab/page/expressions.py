"""The syntax of Python's subset for pages, as JavaScript: expressions, names, calls."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType

from backprop_lab.page import subset
from backprop_lab.page.subset import Untranslatable, safe


class Expressions:
    """The expressions of one function, with the names that it sees. module: gives JavaScript for
    what they stand for outside, by `reference(value, name)`."""

    def __init__(self, module, function: FunctionType):
        self.module, self.function = module, function
        self.lines, self.first = inspect.getsourcelines(function)
        self.tree, *others = _definitions(self.lines)
        if others:
            self.refuse(self.tree, "a page knows one lambda a line")
        seen = inspect.getclosurevars(function)
        self.outer = {**vars(builtins), **function.__globals__, **seen.nonlocals}
        self.own = [{*inspect.signature(function).parameters}]

    def refuse(self, node: ast.AST, why: str):
        line = self.lines[node.lineno - 1].strip()
        where = f"{self.function.__module__}.{self.function.__qualname__}"
        raise Untranslatable(f"{where}, line {self.first + node.lineno - 1}: {why}: {line}")

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
                each = [
                    f"${subset.COMPARE[type(op)]}({value(a)}, {value(b)})" for a, op, b in pairs
                ]
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
            case ast.Lambda(ast.arguments([], args, None, [], [], None, []), body):
                return self.arrow([one.arg for one in args], lambda: value(body))
            case ast.JoinedStr(parts):
                return f'[{", ".join(map(self.part, parts))}].join("")'
        self.refuse(node, f"a page knows no {type(node).__name__}")

    def binary(self, node, op, left, right) -> str:
        if type(op) not in subset.BINARY:
            self.refuse(node, f"a page knows no {type(op).__name__}")
        return f"${subset.BINARY[type(op)]}({left}, {right})"

    def pair(self, key: ast.expr | None, of: ast.expr) -> str:
        return f"...{self.value(of)}" if key is None else f"[{self.value(key)}]: {self.value(of)}"

    def part(self, node: ast.expr) -> str:
        match node:
            case ast.FormattedValue(of, -1, None):
                return f"$str({self.value(of)})"
            case ast.FormattedValue(_, -1, ast.JoinedStr([ast.Constant(form)])) if (
                not subset.FORMAT.fullmatch(form)
            ):
                self.refuse(node, f"a page knows no format {form}")
            case ast.FormattedValue(of, -1, ast.JoinedStr() as form):
                return f"$format({self.value(of)}, {self.value(form)})"
            case ast.Constant(text):
                return json.dumps(text, ensure_ascii=False)
        self.refuse(node, "a page knows no such format")

    def index(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Slice):
            return self.value(node)
        ends = (node.lower, node.upper, node.step)
        return f"$slice({', '.join(self.value(e) if e else 'null' for e in ends)})"

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
        return f"[...{through}]{kept}.{call}(({self.pattern(first.target)}) => {literal(inner)})"

    def pattern(self, target: ast.expr) -> str:
        """A target as JavaScript takes apart what is assigned."""
        match target:
            case ast.Name(name):
                return safe(name)
            case ast.Tuple(elts) | ast.List(elts) if not any(
                isinstance(one, ast.Starred) for one in elts[:-1]
            ):
                return f"[{', '.join(self.pattern(one) for one in elts)}]"
            case ast.Starred(ast.Name(name)):
                return f"...{safe(name)}"
        self.refuse(target, "a page assigns to no such place")

    def arrow(self, names: list[str], body: Callable[[], str]) -> str:
        self.own.append(set(names))
        text = body()
        self.own.pop()
        return f"({', '.join(map(safe, names))}) => {literal(text)}"

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
            text = self.module.reference(self.outer_value(node), name)
        except Untranslatable as error:
            if "line" in str(error):
                raise
            self.refuse(node, str(error))
        hidden = any(text in map(safe, names) for names in self.own)
        return self.module.alias(text) if hidden else text

    def name(self, node: ast.Name, name: str) -> str:
        return self.reference(node, name) if self.from_outside(node) else safe(name)

    def attribute(self, node: ast.Attribute) -> str:
        if self.from_outside(node):
            return self.reference(node, node.attr)
        if node.attr in subset.METHODS:
            self.refuse(node, "a page only calls methods")
        return f"{self.value(node.value)}.{node.attr}"

    def call(self, node: ast.Call) -> str:
        function, given = node.func, [self.value(one) for one in node.args]
        if isinstance(function, ast.Attribute) and not self.from_outside(function):
            of = self.value(function.value)
            if self.from_outside(function.value) and isinstance(
                self.outer_value(function.value), type
            ):
                self.refuse(node, "a page knows no methods of types")
            if function.attr not in subset.METHODS:
                if any(hasattr(kind, function.attr) for kind in subset.TYPES):
                    self.refuse(node, f"a page knows no method {function.attr}")
                self.ordered(node, given, ())
                return f"{of}.{function.attr}({', '.join(given)})"
            given = self.ordered(node, given, subset.METHODS[function.attr])
            return f"${function.attr}({', '.join([of, *given])})"
        called, order = self.value(function), ()
        if self.from_outside(function):
            outer = self.outer_value(function)
            if isinstance(outer, FunctionType) and called[0] != "$" and subset.leaves_over(outer):
                return f"{called}({', '.join(self.gathered(node, outer))})"
            if {k.arg for k in node.keywords} - subset.DROPPED:
                order = subset.ORDERS.get(outer) or tuple(inspect.signature(outer).parameters)
        return f"{called}({', '.join(self.ordered(node, given, order))})"

    def gathered(self, node: ast.Call, function: FunctionType) -> list[str]:
        """The arguments of a function that takes what is left over, as a list or as a record."""
        parameters = inspect.signature(function).parameters.values()
        fixed = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        given = dict(zip(fixed, node.args, strict=False))
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        if any(isinstance(one, ast.Starred) for one in given.values()) or {*given} & {*named}:
            self.refuse(node, "a page cannot tell which argument is which")
        found = []
        for one in parameters:
            if one.kind is one.VAR_POSITIONAL:
                found.append(f"[{', '.join(map(self.value, node.args[len(fixed) :]))}]")
            elif one.kind is one.VAR_KEYWORD:
                more = [f"{json.dumps(k)}: {self.value(v)}" for k, v in named.items()]
                more += [f"...{self.value(k.value)}" for k in node.keywords if not k.arg]
                found.append(f"{{{', '.join(more)}}}")
                named = {}
            else:
                value = given.get(one.name) or named.pop(one.name, None)
                found.append(self.value(value) if value else "undefined")
        if named:
            self.refuse(node, f"a page knows no argument {', '.join(named)} here")
        return found

    def ordered(self, node: ast.Call, given: list[str], order: tuple[str, ...]) -> list[str]:
        """The arguments in their places, those given by name too."""
        places = list(given)
        for keyword in node.keywords:
            if keyword.arg in subset.DROPPED:
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


def literal(text: str) -> str:
    """A body of an arrow function: braces would begin a block."""
    return f"({text})" if text.startswith("{") else text
