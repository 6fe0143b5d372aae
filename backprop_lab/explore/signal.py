"""The error signal, felt: move one pre-activation, and see how far the loss moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from backprop_lab.core.keys import Key, named_values
from backprop_lab.core.network import quantities
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, computing, grid, message_line
from backprop_lab.page.program import Program, network_program
from backprop_lab.picture import elements
from backprop_lab.picture.labels import html_label, plain_label

UNITS = {Key("b", *unit).name: unit for unit in ((0, 0), (0, 1), (1, 0))}
"""The neurons of the XOR network, layer and unit, by the name of their bias."""

Values = Mapping[str, float]


def moved_loss(bias: str, h: float, run: Callable[[Values], Values], start: Values):
    """The loss, that with one pre-activation moved by h, and the error signal there.

    The bias adds to the pre-activation and to nothing else, so it is the bias that is moved.
    run: what a network computes from numbers by name; start: these numbers.
    """
    was, now = run(start), run(start | {bias: start[bias] + h})
    return was["loss"], now["loss"], was[Key("delta", *UNITS[bias]).name]


def signal_view(values: Values, run, start, labels) -> dict[str, elements.Element]:
    """What `signal` shows. labels: of each unit's pre-activation and error signal."""
    bias, h = values["bias"], values["h"]
    old, new, delta = moved_loss(bias, h, run, start)
    z, signal = labels[bias]
    rows = [
        ([z, " moves by"], "h", h, "chosen"),
        ("L was", "loss", old, "forward"),
        ("L is now", "new_loss", new, "forward"),
        ("L has moved by", "moved", new - old, "forward"),
        (signal, "delta", delta, "backward"),
        ([signal, " times the move"], "foretold", delta * h, "backward"),
        ("difference", "difference", new - old - delta * h, ""),
    ]
    body = [
        elements.row(elements.words(said), elements.number(name, value, 7, "td", css))
        for said, name, value, css in rows
    ]
    table = elements.table(elements.caption(elements.ROUNDED), *body, css="numbers last-apart")
    return {"table": table}


@of_cell
def signal() -> App:
    """Move one pre-activation of the XOR network; beside the loss stands what δ foretells."""
    lecture = xor()
    widths, style = lecture.network.widths, NOTATIONS[lecture.notation]
    names = {
        bias: [style.label(Key(kind, *unit), widths) for kind in ("z_in", "delta")]
        for bias, unit in UNITS.items()
    }
    program = network_program(lecture.network, step=False)
    start = named_values(quantities(lecture.run()))
    view = partial(
        signal_view,
        run=program.compute,
        start={name: start[name] for name in program.inputs},
        labels={bias: [html_label(label) for label in both] for bias, both in names.items()},
    )
    options = [(plain_label(z), bias) for bias, (z, _) in names.items()]
    controls = {"bias": choice("move", options), "h": NumberSlider("h", 0.1, -2.0, 2.0, 0.01)}
    page = computing(Program(("bias", "h"), view), controls)
    table, message = page.view("table"), message_line()
    return App(
        "an error signal", controls, {"table": table}, None,
        [grid(*controls.values()), message, table], message, page,
    )  # fmt: skip
