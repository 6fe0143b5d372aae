"""The picture of a small network, with every number on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as value_field

from backprop_lab.core.keys import Key, parameters
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import Printed
from backprop_lab.picture.elements import (
    ROUNDED,
    Content,
    Element,
    Picture,
    el,
    field,
    for_page,
    svg,
    text_at,
    when,
)
from backprop_lab.picture.labels import plain_label, svg_label

VERDICTS = {
    "agrees": "✓ agrees",
    "inherited": "↳ inherited",
    "wrong": "✗ wrong",
}
"""How each verdict is shown: a sign and a word."""

_WIDTH, _HEIGHT = 960, 372
_INPUT, _UNIT, _BOX = 60, 176, 104  # widths of an input's and a unit's box; height of a unit's
_FIRST, _LAST, _LOSS = 70, 838, 866  # right ends of the first and last column, left of the loss


@dataclass(frozen=True)
class Scene:
    """What an app's state adds to the picture of a network.

    held: the tokens that hold (see `live`); lit: the keys along a weight's backward path; chosen:
    the weight itself; printed: by quantity, how a lecture prints it.
    """

    held: frozenset[str] = frozenset({"backward"})
    lit: frozenset[Key] = frozenset()
    chosen: Key | None = None
    printed: Mapping[str, Printed] = value_field(default_factory=dict)

    def place(self, key: Key, css: str, marks: str = "") -> dict[str, str]:
        """Attributes of an element that lights up with its key."""
        lit = " lit" * (key in self.lit)
        return {"class_": f"{css}{lit}{marks}", "data_place": key.name}

    def tag(self, quantity: str, x: float, y: float, **more) -> Content:
        """A lecture's printed number, with its verdict's sign, if it prints this quantity."""
        if quantity not in self.printed:
            return ()
        found = self.printed[quantity]
        attributes = when("printed", self.held, f"printed {found.verdict}")
        return el("text", said(found), **attributes, x=x, y=y, **more)


def said(printed: Printed) -> str:
    """A printed number and the sign of its verdict."""
    return f"{printed.text} {VERDICTS[printed.verdict][0]}"


def network(
    widths: tuple[int, ...],
    notation: str = "LMU",
    backward: bool = False,
    scene: Scene | None = None,
) -> Picture:
    """A small network with every weight, pre-activation and activation on it.

    widths: inputs first, at most two in each of at most three columns; backward adds error signals
    and gradients, shown while the token of that name holds. Fields: the names of `quantities`.
    """
    if max(widths) > 2 or len(widths) > 3:
        raise ValueError(f"widths: got {widths}; expected at most 3 columns of at most 2 units")
    scene = scene or Scene()
    label = NOTATIONS[notation].label
    columns = _columns(widths)
    edges, texts, boxes = [], [], []
    for layer in range(len(widths) - 1):
        for j in range(widths[layer + 1]):
            for i in range(widths[layer]):
                key = Key("W", layer, i, j)
                start, end = columns[layer][i], columns[layer + 1][j]
                line, text = _edge(key, start, end, widths, label, backward, scene)
                edges.append(line)
                texts.append(text)
            boxes.append(_unit(layer, j, columns[layer + 1][j], widths, label, backward, scene))
    for i, (x, y) in enumerate(columns[0]):
        key = Key("x", i)
        boxes += [
            el(
                "rect", **scene.place(key, "box"),
                x=x - _INPUT, y=y - 17, width=_INPUT, height=34, rx=6,
            ),
            text_at(x - _INPUT + 8, y + 5, svg_label(label(key, widths))),
            text_at(x - 10, y + 5, field(key.name, 0), text_anchor="end"),
        ]  # fmt: skip
    boxes.append(_loss_box(columns[-1], widths, label, scene))
    alternative = _alternative(widths, label)
    drawn = (edges, texts, boxes, _legend(backward, scene))
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return Picture(svg(box, alternative, *drawn, data_label=for_page(alternative)))


def _columns(widths) -> list[list[tuple[int, int]]]:
    """For each column the right ends of its boxes: inputs, then units, left to right."""
    step = (_LAST - _FIRST) / (len(widths) - 1)
    return [
        [(round(_FIRST + c * step), 176 - 90 * (width - 1) + 180 * k) for k in range(width)]
        for c, width in enumerate(widths)
    ]


def _choice(key, widths) -> dict[str, int]:
    """The attribute by which a click on a weight's elements chooses it: its row among all."""
    return {"data_choose": parameters(widths).index(key)}


def _weight_class(key, css, scene) -> dict[str, str]:
    chosen = " chosen" * (key == scene.chosen)
    return {"class_": f"{css}{chosen}", "data_weight": key.name}


def _plate(x, y, height) -> Element:
    """What keeps the numbers on an edge legible."""
    return el("rect", class_="plate", x=x - 49, y=y, width=98, height=height, rx=4)


def _edge(key, start, end, widths, label, backward, scene) -> tuple[Content, Content]:
    """The line of a weight, and the numbers on it."""
    (x0, y0), (x1, y1) = start, (end[0] - _UNIT, end[1])
    t = 0.32 if key.layer == 0 else 0.5  # where four weights cross, the numbers keep to the left
    x, y = round(x0 + t * (x1 - x0)), round(y0 + t * (y1 - y0))
    ends = {"x1": x0, "y1": y0, "x2": x1, "y2": y1}
    choice, quantity, gradient = _choice(key, widths), key.name, key.gradient.name
    place = scene.place(key, "edge", " chosen" * (key == scene.chosen))
    line = [
        el("line", **place, data_weight=quantity, **ends),
        el("line", class_="hit", **choice, **ends),
    ]
    of, middle = _weight_class(key, "forward", scene), {"text_anchor": "middle"}
    shown = svg_label(label(key, widths)), " ", field(quantity)
    text = [
        el("g", _plate(x, y - 21, 20), el("text", *shown, **of, x=x, y=y - 6, **middle), **choice)
    ]
    if backward:
        derivative = "∂ ", field(gradient)
        text.append(
            el(
                "g",
                _plate(x, y + 2, 17),
                text_at(x, y + 15, *derivative, css="backward", **middle),
                scene.tag(gradient, x + 38, y + 15),
                **when("backward", scene.held),
                **choice,
            )
        )
    return line, text


def _unit(layer, j, place, widths, label, backward, scene) -> Content:
    """The box of a unit: pre-activation, activation, error signal, bias and its gradient."""
    x, y = place[0] - _UNIT, place[1] - _BOX // 2
    bias = Key("b", layer, j)
    choice, end = _choice(bias, widths), {"text_anchor": "end"}

    def row(kind, css, k):
        key, height = Key(kind, layer, j), y + 22 + 22 * k
        return [
            text_at(x + 10, height, svg_label(label(key, widths)), css=css),
            scene.tag(key.name, x + 106, height, **end),
            text_at(x + _UNIT - 10, height, field(key.name), css=css, **end),
        ]

    of = _weight_class(bias, "forward", scene)
    shown = svg_label(label(bias, widths)), " ", field(bias.name)
    drawn = [
        el(
            "rect", **scene.place(Key("z_out", layer, j), "box"),
            x=x, y=y, width=_UNIT, height=_BOX, rx=8,
        ),
        row("z_in", "forward", 0),
        row("z_out", "forward", 1),
        el("line", class_="axis", x1=x, y1=y + 76, x2=x + _UNIT, y2=y + 76),
        el("text", *shown, **of, **choice, x=x + 10, y=y + 95),
    ]  # fmt: skip
    if backward:
        at = {"x": x + _UNIT - 10, "y": y + 95}
        derivative = el(
            "text", "∂ ", field(bias.gradient.name), class_="backward", **choice, **at, **end
        )
        signal = row("delta", "backward", 2)
        drawn.append(el("g", signal, derivative, **when("backward", scene.held)))
    return drawn


def _loss_box(outputs, widths, label, scene) -> Content:
    """The target and the loss, right of the output."""
    x, y = _LOSS, outputs[0][1] - _BOX // 2
    loss = Key("loss")
    edge, box = (scene.place(loss, css) for css in ("edge", "box"))
    end = {"text_anchor": "end"}
    return [
        [el("line", **edge, x1=x0, y1=y0, x2=x, y2=y + _BOX // 2) for x0, y0 in outputs],
        el("rect", **box, x=x, y=y, width=86, height=_BOX, rx=8),
        [
            text_at(x + 10, y + 22 + 20 * j, svg_label(label(y_j, widths)), " ", field(y_j.name, 0))
            for j, y_j in enumerate(Key("y", j) for j in range(widths[-1]))
        ],
        text_at(x + 10, y + 72, svg_label(label(loss, widths))),
        scene.tag("loss", x + 78, y + 72, **end),
        text_at(x + 76, y + 94, field("loss"), **end),
    ]


def _legend(backward, scene) -> Content:
    held, small, end = scene.held, {"font_size": 13}, {"text_anchor": "end"}
    parts = [el("tspan", "forward: values, weights", class_="forward")]
    if backward:
        parts += [
            el("tspan", words, **when("backward", held, css), dx=18)
            for css, words in (
                ("backward", "backward: δ, ∂ = derivative of the loss"),
                ("chosen", "dashed: the chosen weight, thick: its path"),
            )
        ]
    legend = [
        text_at(10, _HEIGHT - 8, *parts, **small),
        text_at(_WIDTH - 10, _HEIGHT - 8, ROUNDED, css="faint", **small, **end),
    ]
    if scene.printed:
        words = f"bold and small: as the lecture prints it; {', '.join(VERDICTS.values())}"
        shown = when("printed", held, "printed")
        legend.append(el("text", words, **shown, x=_WIDTH - 10, y=16, **end))
    return legend


def _alternative(widths, label) -> str:
    """The picture in words, with fields to fill."""
    last = len(widths) - 2
    outputs = [Key("z_out", last, j) for j in range(widths[-1])]
    values = [f"{plain_label(label(key, widths))} {{{key.name}:z.4f}}" for key in outputs]
    return f"A {'-'.join(map(str, widths))} network. {', '.join(values)}, loss {{loss:z.4f}}"
