"""The slip finder: type any number of a gradient of your own, and see which slip gives its digits.

The page runs every named slip, and then each two of them, on the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.arguments import named
from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Gradient, RawLayer, quantities
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.blanks import NOTHING_SAID, Exercise, said, spoken
from backprop_lab.exercise.slips import WHY, Answer, Found, decimals, find, gradients, slipped
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, nothing_judged
from backprop_lab.page.typed import NOTHING_TYPED, last_typed, reading, typed
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.labels import label_parts, of_parts

LEAST_DECIMALS = 4
"""A number with fewer decimals counts as if zeros followed."""


def answers_in(texts: Mapping[str, str]) -> list[Answer]:
    """The numbers among what was typed."""
    found = []
    for name, text in texts.items():
        number, refusal = reading(text)
        if text.strip() and not refusal:
            found.append(Answer(name, number, max(decimals(text), LEAST_DECIMALS)))
    return found


def finder_view(
    state: Mapping, case, labels: Mapping[str, Sequence[str]], drawn: Mapping[str, float]
) -> dict[str, object]:
    """The fields and what is found, in a state. case: what `slipped` takes after the slips; labels:
    of each number of the gradient; drawn: the numbers of the picture."""

    def run(names):
        layers, X, y, loss, divisor, rate = case
        _, _, dW, db, _ = slipped(names, layers, X, y, LOSSES[loss], divisor, rate)
        return gradients(dW, db)

    texts = state["typed"]
    answers = answers_in(texts)
    rows = [row_of(name, label, texts.get(name, "")) for name, label in labels.items()]
    table = elements.table(
        elements.heads("gradient", elements.left("yours"), elements.left("verdict")), *rows
    )
    verdict = told(find(answers, run)) if answers else START_SAID
    return drawn | {"finder": elements.el("div", table, elements.el("div", verdict, role="status"))}


START_SAID = elements.el("p", "Type at least one number, with four decimals or more.")


def row_of(name: str, label: Sequence[str], text: str) -> elements.Element:
    """One number's field."""
    field = elements.el(
        "input", type="text", data_act=name, value=text, placeholder="four decimals",
        autocomplete="off", aria_label=f"Your {name.replace('_', ' ')}",
    )  # fmt: skip
    _, refusal = reading(text)
    heard = said(False, refusal) if text.strip() and refusal else NOTHING_SAID
    return elements.row(*[elements.words(one) for one in (of_parts(label), field, spoken(heard))])


def told(found: Found) -> elements.Element:
    """What is found, in words."""
    if found.right:
        return elements.el("p", spoken(said(True, "These are the right digits.")))
    if not found.slips:
        close = "Close to the right ones: were they rounded in between?"
        none = "No slip on the list gives these digits, nor do two of them together."
        return elements.el("p", spoken(said(False, close if found.close else none)))
    several = len(found.slips) > 1
    intro = "These digits cannot tell apart:" if several else "Exactly these digits come from:"
    items = [
        elements.el(
            "li", [elements.el("p", elements.el("b", name), ": ", WHY[name]) for name in names]
        )
        for names in found.slips
    ]
    more = "More decimals, or another number, tell more." if several else ""
    return elements.el("div", elements.el("p", intro), elements.el("ul", items), more)


@of_cell
def play(g: Gradient | None = None, notation: str = "LMU", rate: float = 0.5) -> Exercise:
    """The slip finder for a network and its examples, by default LMU-8's XOR network at (1, 0).

    g: the gradient of one example or a batch, see `bl.backward`; notation: of the labels; rate: the
    learning rate, for weights that are updated too early. Raises TypeError naming the argument.
    """
    g = xor().run() if g is None else g
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what bl.backward returned")
    net = g.network
    layers = [RawLayer(layer.W, layer.b, layer.activation) for layer in net.layers]
    X, y = (np.atleast_2d(np.asarray(part, float)) for part in (g.forward.x, g.y))
    label = named(NOTATIONS, notation, "notation").label
    names = {
        Key(kind, i, *at).name: label_parts(label(Key(kind, i, *at), net.widths))
        for kind in ("dW", "db")
        for i, array in enumerate(getattr(g, kind))
        for at in np.ndindex(array.shape)
    }
    case = [layers, X, y, g.loss_name, g.divisor, float(rate)]
    drawn = forward_numbers(g)
    compute = partial(finder_view, case=case, labels=names, drawn=drawn)
    kept = Kept("the slip finder", nothing_judged, last_typed)  # a number may be another's
    page = Live(Program((), compute, typed, kept=kept), {}, state=NOTHING_TYPED)
    pictures = [widgets.HTML(forward_picture(g, notation)(drawn))] if drawn else []
    return Exercise("the slip finder", [*pictures, page.view("finder")], page)


MOST_DRAWN = 12
"""A network of more parameters has no room for their numbers."""


def forward_numbers(g: Gradient) -> dict[str, float]:
    """The numbers of the forward pass by name, if one example ran and a picture has room for
    them."""
    if g.forward.x.ndim > 1 or len(parameters(g.network.widths)) > MOST_DRAWN:
        return {}
    return {name: snap(float(v)) for name, v in named_values(quantities(g)).items()}


def forward_picture(g: Gradient, notation: str) -> elements.Picture:
    """The network, for the numbers of its forward pass."""
    decimals = 0 if all(map(float.is_integer, [*g.forward.x, *g.y])) else 2
    scene = diagram.Scene(frozenset(), decimals=decimals)
    return diagram.network(g.network.widths, notation, scene=scene)
