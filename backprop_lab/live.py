"""The page's own arithmetic: the quantities of a small network, computed without the kernel.

The one forward and backward pass is run on symbols. `sympy.cse` makes a straight-line program of
all quantities, in which every error signal is computed once: δ caching, found by a machine. SymPy
prints the program as JavaScript; no formula is written in JavaScript by hand. One small widget
(`Live`) runs it: it takes numbers from ipywidgets controls, by jslink, and writes the results into
the elements that carry their names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import anywidget
import sympy as sp
import traitlets
from sympy.printing.jscode import JavascriptCodePrinter

from backprop_lab import functions
from backprop_lab.draw import name
from backprop_lab.factors import chain
from backprop_lab.network import Key, backward, forward, quantities
from backprop_lab.notation import parameters, symbolic

_MATH = {"log1p": "Math.log1p", "expm1": "Math.expm1"}


@dataclass(frozen=True)
class Program:
    """A straight-line program. inputs, outputs: names; javascript: a module that exports
    `compute(values)`, from an object of inputs to an object of outputs."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    javascript: str


def program(formulas: Mapping[str, sp.Expr]) -> Program:
    """The program that computes these formulas from their symbols, by name."""
    temporaries = sp.numbered_symbols("t", real=True)
    lines, results = sp.cse(list(formulas.values()), symbols=temporaries, order="none")
    computed = {symbol for symbol, _ in lines}
    used = set().union(*(e.free_symbols for e in (*results, *(expr for _, expr in lines))))
    inputs = sorted(symbol.name for symbol in used - computed)
    nodes = sorted({type(n) for e in formulas.values() for n in e.atoms(functions.Node)}, key=str)
    printer = JavascriptCodePrinter(
        {"user_functions": _MATH | {node.__name__: node.__name__ for node in nodes}}
    )

    def one_line(expr):
        return " ".join(printer.doprint(expr).split())

    # Each named node becomes one function, printed from its overflow-safe form.
    z = functions.Z
    text = [f"const {node.__name__} = (z) => {one_line(node.safe(z))};" for node in nodes]
    text += ["export function compute(values) {", f"  const {{{', '.join(inputs)}}} = values;"]
    text += [f"  const {symbol} = {one_line(expr)};" for symbol, expr in lines]
    pairs = zip(formulas, results, strict=True)
    text += ["  return {", *(f"    {key}: {one_line(expr)}," for key, expr in pairs), "  };", "}"]
    return Program(tuple(inputs), tuple(formulas), "\n".join(text) + "\n")


@lru_cache(maxsize=8)
def network_program(
    widths: tuple[int, ...],
    activation: str = "sigmoid",
    output: str = "sigmoid",
    loss: str = "half_squared_error",
) -> Program:
    """Everything that a picture of a small network shows, by canonical name: the quantities of one
    example's pass, all chain factors, and (new_…) the quantities after a step of size alpha."""
    net = symbolic(widths, activation=activation, output=output)
    f = forward(net, net.x)
    g = backward(net, f, net.y, loss)
    now = quantities(f, g)
    given = {key: value for key, value in now.items() if key[0] in ("x", "y", "W", "b")}
    found = {key: value for key, value in now.items() if key not in given}
    # After the step the same formulas hold, with the new parameters in them.
    alpha = sp.Symbol("alpha", real=True)
    moved = {now[key]: now[key] - alpha * now["d" + key[0], *key[1:]] for key in parameters(widths)}
    formulas: dict[str, sp.Expr] = {name(key): formula for key, formula in found.items()}
    formulas |= {f"new_{name(key)}": moved[now[key]] for key in parameters(widths)}
    formulas |= {f"new_{name(key)}": formula.xreplace(moved) for key, formula in found.items()}
    for weight in parameters(widths):
        for path in chain(net, f, g, weight).paths:
            formulas |= {name(term.key): sp.sympify(term.value) for term in path.factors}
    canonical = {symbol: _input(key) for key, symbol in given.items()}
    return program({key: formula.xreplace(canonical) for key, formula in formulas.items()})


def _input(key: Key) -> sp.Symbol:
    return sp.Symbol(name(key), real=True)


class Live(anywidget.AnyWidget):
    """Runs a program in the page, within the app that it stands in.

    For each number that a reader may set there are two traits: `<input>`, to be linked to the
    number field, and `slider_<input>`, to be linked to the slider; the field's number counts. For
    each other control one trait, a row of `tables`, which gives several inputs at once.
    """

    def __init__(self, program: Program, numbers: Mapping[str, dict], tables: Mapping[str, dict]):
        """numbers: by input its value, low, high, step and label; tables: by trait its value and
        its rows, each a mapping from inputs to values."""
        given = set(numbers) | {key for table in tables.values() for key in table["rows"][0]}
        missing = sorted(set(program.inputs) - given)
        if missing:
            raise ValueError(f"numbers, tables: no value for {', '.join(missing)}")
        data = {"numbers": numbers, "tables": {key: t["rows"] for key, t in tables.items()}}
        self._esm = f"{program.javascript}\nconst data = {json.dumps(data)};\n" + files(
            "backprop_lab"
        ).joinpath("live.js").read_text(encoding="utf-8")
        self.add_traits(
            **{key: traitlets.Float(n["value"]).tag(sync=True) for key, n in numbers.items()},
            **{
                f"slider_{k}": traitlets.Float(n["value"]).tag(sync=True)
                for k, n in numbers.items()
            },
            **{key: traitlets.Int(table["value"]).tag(sync=True) for key, table in tables.items()},
        )
        super().__init__()

    def __repr__(self):
        return "<the page's arithmetic>"
