"""Programs for the page: the quantities of a small network as straight-line JavaScript.

The one forward and backward pass is run on arrays of symbols that write down each operation. What
they wrote is a straight-line program, in which every error signal is computed once, because the
pass does so: it grows with the number of parameters, where a formula in the inputs alone would
grow with the number of paths. SymPy prints it as JavaScript; no formula is written in JavaScript
by hand. One small widget (`Live`) runs it: it takes numbers from ipywidgets controls, by jslink,
and writes the results into the elements that carry their names.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from backprop_lab.core.compiled import nan_through
from backprop_lab.core.keys import Key
from backprop_lab.core.losses import LOSSES, Loss
from backprop_lab.core.network import (
    Forward,
    Gradient,
    Network,
    RawLayer,
    backward,
    backward_pass,
    descended,
    forward,
    forward_pass,
    loss_for,
    quantities,
)
from backprop_lab.core.nodes import Node, Z
from backprop_lab.core.rounding import snap
from backprop_lab.core.traced import Lines, traced
from backprop_lab.formulas.factors import local_derivatives
from backprop_lab.picture.charts import changes

MOST_PARAMETERS = 200
"""A larger network goes through the kernel. At 153 (8-8-8-1) a program takes 0.5 s to build, is
50 kB of an app that a notebook stores, and runs in 0.2 ms; at 289 (16-16-1) 0.9 s, 88 kB, 0.5 ms;
at 1089 (32-32-1) 3.4 s, 333 kB, 1.4 ms. So the build and the notebook set the limit, not the page.
Measured by benchmarks/program_size.py, on one core of a small shared machine."""

_MATH = {"log1p": "Math.log1p", "expm1": "Math.expm1"}


@dataclass(frozen=True)
class Program:
    """A straight-line program. inputs, outputs: names; javascript: a module that exports
    `compute(values)`, from an object of inputs to an object of outputs."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    javascript: str


def program(
    formulas: Mapping[str, sp.Expr], lines: Mapping[sp.Expr, sp.Symbol] | None = None
) -> Program:
    """The program that computes these formulas from their symbols, by name.

    lines: subexpressions in the order of computing, each with the symbol that stands for it in the
    formulas and in later lines; `sympy.cse` finds them if they are not given.
    """
    results = [nan_through(sp.sympify(formula)) for formula in formulas.values()]
    if lines is None:
        pairs, results = sp.cse(results, symbols=sp.numbered_symbols("t", real=True), order="none")
        lines = {expr: symbol for symbol, expr in pairs}
    else:
        lines = {nan_through(expr): symbol for expr, symbol in lines.items()}
    every = [*lines, *results]
    used = set().union(*(expr.free_symbols for expr in every))
    inputs = sorted(symbol.name for symbol in used - set(lines.values()))
    nodes = sorted({type(n) for expr in every for n in expr.atoms(Node)}, key=str)
    known, z = _MATH | {node.__name__: node.__name__ for node in nodes}, Z
    # Each named node becomes one function, printed from its overflow-safe form.
    text = [f"const {node.__name__} = (z) => {_javascript(node.safe(z), _MATH)};" for node in nodes]
    text += ["export function compute(values) {", f"  const {{{', '.join(inputs)}}} = values;"]
    text += [f"  const {symbol} = {_javascript(e, known)};" for e, symbol in lines.items()]
    text += ["  return {"]
    text += [f"    {k}: {_javascript(e, known)}," for k, e in zip(formulas, results, strict=True)]
    text += ["  };", "}"]
    return Program(tuple(inputs), tuple(formulas), "\n".join(text) + "\n")


class _Printer(JavascriptCodePrinter):
    """SymPy's, with the same text for a number on every processor."""

    def _print_Float(self, expr):
        return repr(snap(float(expr)))


def _javascript(expr: sp.Expr, names: Mapping[str, str]) -> str:
    """The expression on one line; names: of the functions whose JavaScript SymPy does not know."""
    printer = _Printer({"strict": True, "user_functions": dict(names)})
    return " ".join(printer.doprint(expr).split())


@lru_cache(maxsize=8)
def network_program(
    widths: tuple[int, ...],
    activation: str = "sigmoid",
    output: str = "sigmoid",
    loss: str = "half_squared_error",
    step: bool = True,
    points: Points = (),
) -> Program:
    """Everything that a picture of a small network shows, by canonical name: the quantities of one
    example's pass, all chain factors, and (new_…) the quantities after a step of size alpha.

    step: whether the app shows what comes after a step; the program is half as long without it.
    points: (x, y) of examples whose losses it shows before and after the step (`changes`).
    """
    net = Network.mlp(widths, activation, output, init="zeros")
    which = loss_for(net, loss)
    lines = Lines()

    def given(key, like):
        symbols = [sp.Symbol(Key(*key, *index).name, real=True) for index in np.ndindex(like.shape)]
        return traced(np.array(symbols).reshape(like.shape), lines)

    layers = [
        RawLayer(given(("W", i), layer.W), given(("b", i), layer.b), layer.activation)
        for i, layer in enumerate(net.layers)
    ]
    x, y = given(("x",), layers[0].W[:, 0]), given(("y",), layers[-1].b)
    g = _pass(layers, x, y, which)
    now = quantities(g) | local_derivatives(g)
    formulas = {key.name: now[key] for key in now if key.kind not in ("x", "y", "W", "b")}
    if step:
        alpha = sp.Symbol("alpha", real=True)
        stepped = descended(layers, g.dW, g.db, alpha)
        new = quantities(_pass(stepped, x, y, which))
        formulas |= {key.new.name: new[key] for key in new if key.kind not in ("x", "y")}
        formulas |= changes(*(losses(at, points, which) for at in (layers, stepped)))
    return program(formulas, lines)


def size(widths: Sequence[int]) -> int:
    """The number of parameters of a network of these widths, inputs first."""
    return sum((n + 1) * m for n, m in itertools.pairwise(widths))


def in_page(widths: Sequence[int]) -> bool:
    """Whether a page computes a network of these widths itself; else the kernel does."""
    return size(widths) <= MOST_PARAMETERS


Points = Sequence[tuple[Sequence[float], Sequence[float]]]


def losses(layers, points: Points, loss: Loss) -> list:
    """The loss at each point, and their mean, as formulas."""
    found = []
    for x, y in points:
        z_in, z_out = forward_pass(layers, np.array([x], dtype=object))
        v = loss.argument(z_in[-1], z_out[-1])
        found += loss(v, np.array([y], dtype=object)).tolist()
    return [*found, sp.Add(*found) / len(found)] if found else []


def step_program(net: Network, points: Points, loss: str) -> Program:
    """The losses at these points before and after one step of a network, of size alpha, along the
    points' gradients, each times its share_k: 1 and 0 for a single example, 1/n for all."""
    gradients = [backward(net, forward(net, x), y, loss) for x, y in points]
    shares = sp.symbols(f"share_:{len(points)}", real=True)
    alpha = sp.Symbol("alpha", real=True)
    lines = Lines()

    def moved(old, slopes):
        mixed = sum(share * slope for share, slope in zip(shares, slopes, strict=True))
        return traced(old - alpha * mixed, lines)

    layers = [
        RawLayer(
            moved(layer.W, [g.dW[i].astype(object) for g in gradients]),
            moved(layer.b, [g.db[i].astype(object) for g in gradients]),
            layer.activation,
        )
        for i, layer in enumerate(net.layers)
    ]
    which = loss_for(net, loss)
    before = [sp.Float(float(v)) for v in losses(net.layers, points, LOSSES[loss])]
    return program(changes(before, losses(layers, points, which)), lines)


def _pass(layers, x, y, loss: Loss) -> tuple[Forward, Gradient]:
    """The pass over one example, on raw arrays of any dtype."""
    z_in, z_out = forward_pass(layers, x[None])
    value, delta, dW, db, dx = backward_pass(layers, x[None], z_in, z_out, y[None], loss, 1)
    z_in, z_out, delta = ([row[0] for row in rows] for rows in (z_in, z_out, delta))
    f = Forward(SimpleNamespace(layers=layers), x, z_in, z_out)
    return Gradient(f, y, loss.name, "mean", value, delta, dW, db, dx[0])
