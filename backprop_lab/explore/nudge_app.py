"""A nudge of every factor of one weight's chain in the XOR network, and of the weight itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

import ipywidgets as widgets
import sympy as sp

from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.network import quantities
from backprop_lab.core.nodes import Node
from backprop_lab.formulas.factors import chain, trace
from backprop_lab.formulas.notation import NOTATIONS, parameter
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, choice, computing, grid, message_line
from backprop_lab.page.live import Live
from backprop_lab.page.program import Program, Values
from backprop_lab.picture import elements
from backprop_lab.picture.labels import plain_label
from backprop_lab.picture.tables import nudge_table

SMALLEST = 16
"""The smallest nudge is 10**-16: there a double's round-off is all that is left."""


@cache
def _function(line: sp.Expr):
    """The symbols of a line, and the function of them that it is, on SymPy's numbers."""
    symbols = tuple(line.free_symbols)
    plain = line.replace(lambda e: isinstance(e, Node), lambda e: e.definition(*e.args))
    return symbols, sp.lambdify(symbols, plain, "sympy")


Formulas = Sequence[tuple[sp.Symbol, sp.Expr]]
Exact = dict[sp.Symbol, sp.Float]


def run(lines: Formulas, values: Exact) -> Exact:
    """The values, and those of the lines: a symbol and its formula each, in order.

    SymPy's numbers have a double's 53 bits, and all that is done with them is rounded right: so
    round-off is the same on every machine, which a processor's own functions are not.
    """
    values = dict(values)
    for symbol, line in lines:
        symbols, function = _function(line)
        values[symbol] = function(*map(values.get, symbols))
    return values


def nudged(lines: Formulas, values: Exact, by: sp.Symbol, power: int) -> float:
    """The last line's central difference by one symbol, moved by h = 10**-power: see `run`."""
    h, last = sp.Float(10) ** -power, lines[-1][0]
    up, down = (run(lines, values | {by: values[by] + move})[last] for move in (h, -h))
    return float((up - down) / (2 * h))


@cache
def _rows() -> dict[Key, list[tuple[str, str, list[float], float]]]:
    """By weight: (LaTeX, quantity, by a nudge of 10**0, 10**-1, …, computed), each factor and last
    the whole; rounded, since they are kept."""
    lecture = xor()
    net, g = lecture.network, lecture.run()
    f = g.forward
    style = NOTATIONS[lecture.notation]
    given = {k: sp.Float(float(v)) for k, v in quantities(f).items() if k.kind in ("x", "W", "b")}
    given |= {Key("y", j): sp.Float(float(y)) for j, y in enumerate(lecture.y)}
    lines = [(style.symbol(t.key, net.widths), t.formula) for t in trace(g)]
    values = run(lines, {style.symbol(k, net.widths): value for k, value in given.items()})
    measured: dict[str, list[float]] = {}

    def one(name, quantity, lines, by, value):
        if quantity not in measured:
            sizes = range(SMALLEST + 1)
            measured[quantity] = [round(nudged(lines, values, by, k), 9) for k in sizes]
        return name, quantity, measured[quantity], round(value, 9)

    found = {}
    for key in parameters(net.widths):
        whole = chain(g, key)
        found[key] = [
            one(t.name, t.key.name, [(sp.Dummy(), t.line)], t.by, t.value) for t in whole.factors
        ]
        quantity = key.gradient.name
        found[key].append(one(whole.name, quantity, lines, whole.weight, whole.value))
    return found


def nudge_view(weight: Key, power: int) -> dict[str, str]:
    """What `nudge_app` shows: each factor, and the whole loss, nudged by h = 10**-power."""
    held, tables = {weight.name}, []
    for key, rows in _rows().items():
        at_power = [(name, quantity, by[power], value) for name, quantity, by, value in rows]
        table = nudge_table(at_power, f"{key.name}_")
        tables.append(elements.el("div", table, **elements.when(key.name, held)))
    return {"table": elements.page(elements.el("div", *tables, class_="stack"))}


@of_cell
def nudge_app(weight: str = "u_1") -> App:
    """Nudge every factor of one weight's chain in the XOR network, and the weight itself, by h.

    weight: its name in LMU's notation.
    """
    lecture = xor()
    widths = lecture.network.widths
    label, keys = NOTATIONS[lecture.notation].label, parameters(widths)
    options = [(plain_label(label(key, widths)), key) for key in keys]
    chosen = choice("weight", options, value=parameter(weight, widths))
    power = choice("h", [(f"{10.0**-k:g}", k) for k in range(SMALLEST + 1)])
    controls = {"weight": chosen, "power": power}
    table, message = widgets.HTML(), message_line()
    return App(
        f"a nudge of {weight}",
        controls,
        {"table": table},
        nudge_view,
        [grid(chosen, power), message, table],
        message,
        _page(controls),
    )


def _page(controls: Mapping[str, widgets.Widget]) -> Live:
    """The page chooses: what a nudge of each size gives is known to it."""
    computed = [(key.name, *each[1:]) for key, rows in _rows().items() for each in rows]
    program = Program(tuple(controls), partial(nudge_values, computed=computed), scene=weight_scene)
    return computing(program, controls)


def nudge_values(values: Values, computed) -> Values:
    """By weight and quantity: what the nudge gives, and how far it is from what is computed."""
    found = {}
    for weight, quantity, by_power, value in computed:
        nudged = by_power[values["power"]]
        found[f"{weight}_nudged_{quantity}"] = nudged
        found[f"{weight}_difference_{quantity}"] = nudged - value
    return found


def weight_scene(values: Values) -> Mapping:
    """The table of the chosen weight."""
    return {"held": [values["weight"]]}
