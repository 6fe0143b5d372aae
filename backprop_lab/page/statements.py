"""The syntax of Python's subset for pages, as JavaScript: a function and its statements."""

from __future__ import annotations

import ast
import inspect

from backprop_lab.page import subset
from backprop_lab.page.expressions import Expressions, literal
from backprop_lab.page.subset import safe


class Function(Expressions):
    """One function."""

    def text(self) -> str:
        parameters = inspect.signature(self.function).parameters
        listed = ", ".join(self.parameter(name, p) for name, p in parameters.items())
        if isinstance(self.tree, ast.Lambda):
            return f"({listed}) => {literal(self.value(self.tree.body))}"
        return f"({listed}) => {self.body(self.tree.body, set(parameters), '')}"

    def parameter(self, name: str, one: inspect.Parameter) -> str:
        """A parameter; what is left over comes as a list, or as a record."""
        left_over = {one.VAR_POSITIONAL: " = []", one.VAR_KEYWORD: " = {}"}.get(one.kind, "")
        if one.default is not one.empty:
            return f"{safe(name)} = {self.module.reference(one.default, name)}"
        return safe(name) + left_over

    def body(self, statements: list[ast.stmt], parameters: set[str], indent: str) -> str:
        """A function's statements in braces, with its local names declared."""
        local = subset.names_bound(statements) - parameters
        self.own.append(local | parameters)
        text = self.block(statements, f"{indent}  ")
        self.own.pop()
        declared = f"{indent}  let {', '.join(map(safe, sorted(local)))};\n" if local else ""
        return f"{{\n{declared}{text}{indent}}}"

    def block(self, statements: list[ast.stmt], indent: str) -> str:
        return "".join(self.statement(one, indent) for one in statements)

    def braces(self, statements: list[ast.stmt], indent: str) -> str:
        return f"{{\n{self.block(statements, indent + '  ')}{indent}}}"

    def statement(self, node: ast.stmt, indent: str) -> str:
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
                changed = subset.IN_PLACE.get(type(op))
                made = f"{changed}({old}, {by})" if changed else self.binary(node, op, old, by)
                return f"{indent}{self.assigned(target, made)};\n"
            case ast.If(test, body, orelse):
                text = f"{indent}if ({self.test(test)}) {self.braces(body, indent)}"
                return f"{text} else {self.braces(orelse, indent)}\n" if orelse else f"{text}\n"
            case ast.For(target, through, body, []):
                head = f"for ({self.pattern(target)} of {self.value(through)})"
                return f"{indent}{head} {self.braces(body, indent)}\n"
            case ast.While(test, body, []):
                return f"{indent}while ({self.test(test)}) {self.braces(body, indent)}\n"
            case ast.Raise(ast.Call(ast.Name("ValueError"), [said], []), None):
                return f"{indent}throw new $ValueError({self.value(said)});\n"
            case ast.Break():
                return f"{indent}break;\n"
            case ast.Continue():
                return f"{indent}continue;\n"
            case ast.FunctionDef(name, ast.arguments([], args, None, [], [], None, []), body, []):
                names = [one.arg for one in args]
                made = f"({', '.join(map(safe, names))}) => {self.body(body, {*names}, indent)}"
                return f"{indent}{safe(name)} = {made};\n"
            case ast.With([ast.withitem(ast.Call(ast.Attribute(_, "errstate")), None)], body):
                return self.block(body, indent)
        self.refuse(node, f"a page knows no {type(node).__name__}")

    def assigned(self, target: ast.expr, value: str) -> str:
        match target:
            case ast.Name(name):
                return f"{safe(name)} = {value}"
            case ast.Tuple() | ast.List():
                return f"{self.pattern(target)} = {value}"
            case ast.Subscript(of, index) if not isinstance(index, ast.Slice | ast.Tuple):
                return f"$set({self.value(of)}, {self.value(index)}, {value})"
        self.refuse(target, "a page assigns to no such place")


def _loaded(target: ast.expr) -> ast.expr:
    """A target of an assignment, as a value."""
    return ast.parse(ast.unparse(target), mode="eval").body
