"""A nudge of every factor of one weight's chain in the XOR network, and of the weight itself."""

from __future__ import annotations

import ipywidgets as widgets
import sympy as sp

from backprop_lab import draw
from backprop_lab.check import loss_of
from backprop_lab.explore.controls import App, NumberSlider, choice, grid, message_line
from backprop_lab.factors import chain
from backprop_lab.lectures import Lecture, xor
from backprop_lab.live import Live, Row
from backprop_lab.network import Key, Layer, Network, backward, forward
from backprop_lab.notation import NOTATIONS, parameter, parameters
from backprop_lab.program import program

_LOW, _HIGH, _STEP = -4.0, 0.5, 0.25  # of the exponent of h


def _moved(net: Network, weight: Key, by) -> Network:
    """The network with one parameter moved, by a number or by a formula."""
    kind, layer, *index = weight
    layers = list(net.layers)
    arrays = {"W": layers[layer].W.astype(object), "b": layers[layer].b.astype(object)}
    arrays[kind][tuple(index)] += by
    layers[layer] = Layer(arrays["W"], arrays["b"], layers[layer].activation)
    return Network(layers)


def _rows(lecture: Lecture, weight: Key, h) -> list[tuple[str, str, object, float]]:
    """(LaTeX, quantity, by a nudge, computed): each factor, and last the whole; h: as `_moved`."""
    net = lecture.network
    f = forward(net, lecture.x)
    found = chain(net, f, backward(net, f, lecture.y, lecture.loss), weight)
    up, down = (
        loss_of(_moved(net, weight, move), lecture.x, lecture.y, lecture.loss) for move in (h, -h)
    )
    rows = [(t.name, draw.name(t.key), t.nudge(h), t.value) for t in found.factors]
    return [*rows, (found.name, "d" + draw.name(weight), (up - down) / (2 * h), found.value)]


def nudge_view(weight: Key, power: float) -> dict[str, str]:
    """What `nudge_app` shows: each factor, and the whole loss, nudged by h = 10**power."""
    lecture = xor()
    h = 10.0**power
    held = {draw.name(weight)}
    tables = []
    for key in parameters(lecture.network.widths):
        rows = [(*r[:2], float(sp.sympify(r[2]).evalf()), r[3]) for r in _rows(lecture, key, h)]
        table = draw.nudge_table(h, rows, f"{draw.name(key)}_")
        tables.append(f"<div {draw.when(draw.name(key), held)}>{table}</div>")
    return {"table": draw.page(f'<div class="stack">{"".join(tables)}</div>')}


def nudge_app(weight: str = "u_1") -> App:
    """Nudge every factor of one weight's chain in the XOR network, and the weight itself, by h.

    weight: its name in LMU's notation.
    """
    lecture = xor()
    widths = lecture.network.widths
    label, keys = NOTATIONS[lecture.notation].label, parameters(widths)
    options = [(draw.plain_label(label(key, widths)), key) for key in keys]
    chosen = choice("weight", options, value=parameter(weight, widths))
    power = NumberSlider(r"\log_{10} h", 0.0, _LOW, _HIGH, _STEP)
    controls = {"weight": chosen, "power": power}
    table, message = widgets.HTML(), message_line()
    return App(
        f"a nudge of {weight}",
        controls,
        {"table": table},
        nudge_view,
        [grid(chosen, power), message, table],
        message,
        _page(lecture, keys, controls),
    )


def _page(lecture: Lecture, keys, controls) -> Live:
    h = 10 ** sp.Symbol("power", real=True)
    formulas = {"h": h}
    for key in keys:
        for _, quantity, nudged, exact in _rows(lecture, key, h):
            prefix = f"{draw.name(key)}_"
            formulas[f"{prefix}nudged_{quantity}"] = nudged
            formulas[f"{prefix}difference_{quantity}"] = nudged - exact
    return Live(
        program(formulas),
        {"power": controls["power"].for_page()},
        {"weight": (controls["weight"].index, [Row(tokens=(draw.name(key),)) for key in keys])},
    )
