"""Another processor than this one: noise in the last bit of what processors may compute apart.

Addition, multiplication, division and square root are the same everywhere. What is not: the order
in which a matrix product or a sum adds up, and the last bit of exp, tanh, log and the like. Here
the package's modules are rewritten as they are imported, and a notebook's cells as they are run:
each such operation is followed by noise. The noise follows from the result's bits and a seed, so
that a run with the same seed is the same run, and equal results stay equal.

What comes out the same everywhere is left alone: functions where they give a multiple of 2^-20,
such as tanh(0) and log10(1000); sums of one term, and those that no order of adding has to round.

A kernel loads this as an IPython extension, pytest as a plugin (`-p tests.confirm.noise`); the
environment variable names the seed, and without it nothing is rewritten.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.abc
import importlib.machinery
import operator
import os
import sys
from types import ModuleType
from typing import Any

import numpy as np

SEED = "BACKPROP_LAB_NOISE"
PACKAGE = "backprop_lab"
FUNCTIONS = {
    *("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "logaddexp", "power", "pow"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "atan", "hypot", "geomspace", "norm"),
    *("logspace", "var", "std"),
}
"""Functions of NumPy, of its linalg and of math whose results differ in the last bit."""
SUMS = {"sum", "mean", "cumsum", "prod", "cumprod"}
PRODUCTS = {"matmul", "dot"}
METHODS = {"var", "std", "normal", "standard_normal", "uniform", "transform"}
"""Methods likewise: of arrays, of generators of random numbers, of a chart's scales."""


# --- the noise -----------------------------------------------------------------------------------


def noisy(result: Any, size: Any = None) -> Any:
    """The result, one unit of its last place up or down, or as it is.

    size: of what was added up, without signs: it says how large the unit is where terms cancel; 0
    where nothing was rounded.
    """
    if type(result) in (tuple, list):
        return type(result)(noisy(each) for each in result)
    if isinstance(result, complex):  # np.complex128 too
        return type(result)(complex(noisy(result.real), noisy(result.imag)))
    if isinstance(result, float):  # np.float64 too
        return type(result)(_moved(np.array(result), size)[()])
    if type(result) is np.ndarray and result.dtype == float:
        return _moved(result, size)
    if type(result) is np.ndarray and result.dtype == complex:
        return noisy(result.real) + 1j * noisy(result.imag)
    return result


def _moved(values: np.ndarray, size: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        if size is None:
            size = np.where(np.rint(values * 2**20) == values * 2**20, 0.0, np.abs(values))
        apart = np.isfinite(values) & np.isfinite(size) & (size > 0)
        bits = np.array(values + 0.0, order="C").view(np.uint64)
        for _ in range(2):
            bits = (bits ^ (bits >> np.uint64(29)) ^ np.uint64(seed())) * np.uint64(_ODD)
        ulps = (bits >> np.uint64(40)).astype(np.int64) % 3 - 1
        return np.where(apart, values + ulps * np.spacing(np.where(apart, size, 1.0)), values)


_ODD = 0x9E3779B97F4A7C15


def seed() -> int:
    """The seed that the environment names."""
    return int(os.environ[SEED])


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or (type(value) is np.ndarray and value.dtype == float)


def product(left: Any, right: Any) -> Any:
    """left @ right, noisy."""
    found = operator.matmul(left, right)
    if not (_is_float(left) and _is_float(right)):
        return noisy(found)
    with np.errstate(all="ignore"):
        size = np.abs(left) @ np.abs(right)
        several = (left != 0).astype(float) @ (right != 0).astype(float) > 1
        is_rounded = several & (size > 2.0**53 * _grain(left) * _grain(right))
        return noisy(found, np.where(is_rounded, size, 0.0))


def _grain(values: np.ndarray) -> float:
    """The largest power of two of which all these numbers are multiples."""
    part, power = np.frexp(values[(values != 0) & np.isfinite(values)])
    whole = np.ldexp(part, 53).astype(np.int64)
    return float(np.min(np.ldexp(whole & -whole, power - 53), initial=np.inf))


def total(function: Any, values: Any, *rest: Any, **named: Any) -> Any:
    """A sum or a mean of these values, noisy."""
    found = function(values, *rest, **named)
    if not _is_float(values):
        return noisy(found)
    with np.errstate(all="ignore"):
        size = function(np.abs(values), *rest, **named)
        is_rounded = np.abs(values).sum() > 2.0**53 * _grain(np.asarray(values))
        return noisy(found, np.where(is_rounded, size, 0.0))


@functools.cache
def function(call: Any) -> Any:
    """A noisy form of a function, of an array type's method, or of sp.lambdify."""
    name = getattr(call, "__name__", "")
    if name in PRODUCTS:
        return product
    if name in SUMS:
        return functools.partial(total, call)
    if name == "lambdify":
        own = {f: function(getattr(np, f)) for f in FUNCTIONS if hasattr(np, f)}

        def lambdify(symbols, expression, modules=(), **named):
            if modules != "sympy":  # whose numbers no processor's functions touch
                modules = [*modules[:-1], own, modules[-1]]
            return call(symbols, expression, modules=modules, **named)

        return lambdify

    @functools.wraps(call)
    def made(*arguments, **named):
        return noisy(call(*arguments, **named))

    if isinstance(call, np.ufunc):
        made.reduce = functools.partial(method, call, "reduce")
    return made


def method(value: Any, name: str, *arguments: Any, **named: Any) -> Any:
    """value.name(...), noisy."""
    if name in SUMS:
        return total(lambda v, *rest, **n: getattr(v, name)(*rest, **n), value, *arguments, **named)
    if name in PRODUCTS:
        return product(value, *arguments)
    return noisy(getattr(value, name)(*arguments, **named))


# --- putting it in -------------------------------------------------------------------------------


class Noise(ast.NodeTransformer):
    """Rewrites a module, or a cell: the operations above are followed by noise."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult):
            return self._call(node, "product", node.left, node.right)
        if isinstance(node.op, ast.Pow) and not isinstance(node.right, ast.Constant):
            return self._call(node, "noisy", node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        taken = ast.unparse(node.value) in ("np", "np.linalg", "math") and node.attr in FUNCTIONS
        if isinstance(node.ctx, ast.Load) and (taken or ast.unparse(node) == "sp.lambdify"):
            return self._call(node, "function", node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        of = node.func
        if isinstance(of, ast.Name) and of.id == "sum":  # Python 3.12 adds up in another way
            return self._call(node, "noisy", self.generic_visit(node))
        self.generic_visit(node)
        if not isinstance(of, ast.Attribute) or of is not node.func:
            return node
        if ast.unparse(of.value) == "np" and of.attr in SUMS | PRODUCTS:
            node.func = self._call(of, "function", of)
        elif of.attr in METHODS | SUMS | PRODUCTS:
            name = ast.Constant(of.attr)
            return self._call(node, "method", of.value, name, *node.args, keywords=node.keywords)
        return node

    def _call(self, node: ast.AST, name: str, *arguments: ast.AST, keywords=()) -> ast.AST:
        at = ast.Attribute(ast.Name(HOME, ast.Load()), name, ast.Load())
        made = ast.Call(at, list(arguments), list(keywords))
        return ast.fix_missing_locations(ast.copy_location(made, node))


HOME = "__noise__"
"""Where rewritten code finds this module: a name among Python's own."""


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str):
        source = self.get_data(self.path)  # never from or to a cache
        return compile(Noise().visit(ast.parse(source)), self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None):
        if fullname.partition(".")[0] != PACKAGE:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        if not found:  # an editable install's own finder
            others = (f for f in sys.meta_path if f is not self and hasattr(f, "find_spec"))
            found = next(filter(None, (f.find_spec(fullname, path, target) for f in others)), None)
        if found and isinstance(found.loader, importlib.machinery.SourceFileLoader):
            found.loader = _Loader(found.loader.name, found.loader.path)
        return found


def install() -> None:
    """Rewrite what is imported of the package from now on, if the environment names a seed."""
    if SEED not in os.environ or hasattr(builtins, HOME):
        return
    loaded = [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    if loaded:
        raise RuntimeError(f"{', '.join(loaded)}: imported before the noise was put in")
    setattr(builtins, HOME, sys.modules[__name__])
    sys.meta_path.insert(0, _Finder())


def load_ipython_extension(shell: Any) -> None:
    """Put the noise into a kernel: into the package, and into the cells themselves."""
    install()
    if SEED in os.environ:
        shell.ast_transformers.append(Noise())


def pytest_configure() -> None:
    """Put it into a run of pytest, asked for by `-p`."""
    install()
