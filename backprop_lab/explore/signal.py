"""The error signal, felt: move one pre-activation, and see how far the loss moves."""

from __future__ import annotations

import ipywidgets as widgets

from backprop_lab.core.keys import Key
from backprop_lab.formulas.check import loss_of
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, message_line
from backprop_lab.picture import elements
from backprop_lab.picture.labels import html_label, plain_label

UNITS = ((0, 0), (0, 1), (1, 0))
"""The neurons of the XOR network: layer, unit."""


def _label(kind: str, unit: tuple[int, int]) -> str:
    lecture = xor()
    return NOTATIONS[lecture.notation].label(Key(kind, *unit), lecture.network.widths)


def moved_loss(unit: tuple[int, int], h: float) -> tuple[float, float, float]:
    """The loss of the XOR network, that with one pre-activation moved by h, and its error signal.

    The bias adds to the pre-activation and to nothing else, so it is the bias that is moved.
    """
    lecture, (layer, j) = xor(), unit
    g, net = lecture.run(), lecture.network.moved(Key("b", *unit), h)
    new = loss_of(net, lecture.x, lecture.y, lecture.loss)
    return float(g.loss), float(new), float(g.delta[layer][j])


def signal_view(unit: tuple[int, int], h: float) -> dict[str, str]:
    """What `signal` shows for these settings."""
    old, new, delta = moved_loss(unit, h)
    z, signal = (html_label(_label(kind, unit)) for kind in ("z_in", "delta"))
    rows = [
        ((z, " moves by"), "h", h, "chosen"),
        ("L was", "loss", old, "forward"),
        ("L is now", "new_loss", new, "forward"),
        ("L has moved by", "moved", new - old, "forward"),
        (signal, "delta", delta, "backward"),
        ((signal, " times the move"), "foretold", delta * h, "backward"),
        ("difference", "difference", new - old - delta * h, ""),
    ]
    body = (
        elements.row(elements.words(words), elements.number(name, value, 7, "td", css))
        for words, name, value, css in rows
    )
    table = elements.table(elements.caption(elements.ROUNDED), *body, css="numbers last-apart")
    return {"table": elements.page(table)}


@of_cell
def signal() -> App:
    """Move one pre-activation of the XOR network; beside the loss stands what δ foretells."""
    options = [(plain_label(_label("z_in", unit)), unit) for unit in UNITS]
    controls = {
        "unit": choice("move", options),
        "h": NumberSlider("h", 0.1, -2.0, 2.0, 0.01),
    }
    table, message = widgets.HTML(), message_line()
    return App(
        "an error signal", controls, {"table": table}, signal_view,
        [grid(*controls.values()), message, table], message,
    )  # fmt: skip
