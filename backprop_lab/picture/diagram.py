"""The picture of a small network, with every number on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as value_field
from functools import cached_property

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

MOST_COLUMNS, MOST_UNITS = 4, 4
_INPUT, _UNIT, _BOX = 96, 176, 104  # widths of an input's and a unit's box; height of a unit's
_FIRST, _BEYOND = 106, 122  # right end of the first column; what is right of the last one's
_STEP, _LEAST_STEP = 366, 350  # from one column to the next, of three; of four
_TOP, _BOTTOM = 34, 54  # above the highest box, below the lowest
_LOW, _CROWDED = 180, 124  # from one unit to the next


@dataclass(frozen=True)
class _Layout:
    """Where things stand in the picture of a network of these widths."""

    widths: tuple[int, ...]

    @property
    def crowded(self) -> bool:
        """Whether only the chosen weight has room for its numbers on its edge."""
        return max(self.widths) > (3 if len(self.widths) < 4 else 2)

    @property
    def width(self) -> int:
        return self.columns[-1][0][0] + _BEYOND

    @property
    def height(self) -> int:
        return _TOP + self._apart * (max(max(self.widths), 2) - 1) + _BOX + _BOTTOM

    @property
    def _apart(self) -> int:
        return _CROWDED if self.crowded else _LOW

    @cached_property
    def columns(self) -> list[list[tuple[int, int]]]:
        """For each column the right ends of its boxes: inputs, then units, left to right."""
        step = max(_STEP * 2 / (len(self.widths) - 1), _LEAST_STEP)
        middle = (self.height - _BOTTOM + _TOP) / 2
        return [
            [
                (round(_FIRST + c * step), round(middle + self._apart * (k - (width - 1) / 2)))
                for k in range(width)
            ]
            for c, width in enumerate(self.widths)
        ]

    def number(self, key: Key) -> tuple[int, int]:
        """Where the numbers of a weight stand on its edge: so that those of a layer keep apart."""
        (x0, y0), (x1, y1) = self.edge(key)
        t = 0.5 if self.crowded else 1 / (self.widths[key.layer + 1] + 1)
        return round(x0 + t * (x1 - x0)), round(y0 + t * (y1 - y0))

    def edge(self, key: Key) -> tuple[tuple[int, int], tuple[int, int]]:
        """The ends of a weight's line."""
        layer, i, j = key[1:]
        x, y = self.columns[layer + 1][j]
        return self.columns[layer][i], (x - _UNIT, y)


@dataclass(frozen=True)
class Scene:
    """What an app's state adds to the picture of a network.

    held: the tokens that hold (see `live`); lit: the places along a weight's backward path;
    chosen: the weight itself, both by name; printed: by quantity, how a lecture prints it;
    decimals: of inputs and targets.
    """

    held: frozenset[str] = frozenset({"backward"})
    lit: frozenset[str] = frozenset()
    chosen: str = ""
    printed: Mapping[str, Printed] = value_field(default_factory=dict)
    decimals: int = 0

    @classmethod
    def of(cls, shown: Mapping, **more) -> Scene:
        """What a program's scene says (`page.program.Program`)."""
        lit, chosen = frozenset(shown.get("lit", ())), shown.get("chosen", "")
        return cls(frozenset(shown["held"]), lit, chosen, **more)

    def place(self, key: Key, css: str, marks: str = "") -> dict[str, str]:
        """Attributes of an element that lights up with its key."""
        lit = " lit" * (key.name in self.lit)
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

    widths: inputs first, at most four in each of at most four columns; where there are many, an
    edge shows its numbers while its weight's token holds. backward adds error signals and
    gradients, shown while the token of that name holds. Fields: the names of `quantities`.
    """
    if max(widths) > MOST_UNITS or len(widths) > MOST_COLUMNS:
        most = f"at most {MOST_COLUMNS} columns of at most {MOST_UNITS} units"
        raise ValueError(f"widths: got {widths}; expected {most}")
    scene = scene or Scene()
    label = NOTATIONS[notation].label
    layout = _Layout(tuple(widths))
    columns = layout.columns
    edges, texts, boxes = [], [], []
    for layer in range(len(widths) - 1):
        for j in range(widths[layer + 1]):
            for i in range(widths[layer]):
                line, text = _edge(Key("W", layer, i, j), layout, label, backward, scene)
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
            text_at(x - 10, y + 5, field(key.name, scene.decimals), text_anchor="end"),
        ]  # fmt: skip
    boxes.append(_loss_box(layout, label, scene))
    alternative = _alternative(widths, label)
    drawn = (edges, texts, boxes, _legend(layout, backward, scene))
    box = f"0 0 {layout.width} {layout.height}"
    return Picture(svg(box, alternative, *drawn, data_label=for_page(alternative)))


def _choice(key, widths) -> dict[str, int]:
    """The attribute by which a click on a weight's elements chooses it: its row among all."""
    return {"data_choose": parameters(widths).index(key)}


def _weight_class(key, css, scene) -> dict[str, str]:
    chosen = " chosen" * (key.name == scene.chosen)
    return {"class_": f"{css}{chosen}", "data_weight": key.name}


def _plate(x, y, height) -> Element:
    """What keeps the numbers on an edge legible."""
    return el("rect", class_="plate", x=x - 49, y=y, width=98, height=height, rx=4)


def _edge(key, layout, label, backward, scene) -> tuple[Content, Content]:
    """The line of a weight, and the numbers on it."""
    (x0, y0), (x1, y1) = layout.edge(key)
    x, y = layout.number(key)
    ends = {"x1": x0, "y1": y0, "x2": x1, "y2": y1}
    widths, gradient = layout.widths, key.gradient.name
    choice = _choice(key, widths)
    place = scene.place(key, "edge", " chosen" * (key.name == scene.chosen))
    line = [
        el("line", **place, data_weight=key.name, **ends),
        el("line", class_="hit", **choice, **ends),
    ]
    of, middle = _weight_class(key, "forward", scene), {"text_anchor": "middle"}
    shown = svg_label(label(key, widths)), " ", field(key.name)
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
    return line, el("g", text, **when(key.name, scene.held)) if layout.crowded else text


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


def _loss_box(layout, label, scene) -> Content:
    """The target and the loss, right of the output."""
    outputs, widths = layout.columns[-1], layout.widths
    targets, loss = [Key("y", j) for j in range(widths[-1])], Key("loss")
    ways = [scene.place(Key("z_out", len(widths) - 2, j), "edge") for j in range(len(outputs))]
    end, height = {"text_anchor": "end"}, max(_BOX, 64 + 20 * len(targets))
    x, middle = outputs[0][0] + 28, (outputs[0][1] + outputs[-1][1]) // 2
    y, bottom = middle - height // 2, middle + height // 2
    return [
        [
            el("line", **way, x1=x0, y1=y0, x2=x, y2=middle)
            for way, (x0, y0) in zip(ways, outputs, strict=True)
        ],
        el("rect", **scene.place(loss, "box"), x=x, y=y, width=86, height=height, rx=8),
        [
            [
                text_at(x + 10, y + 22 + 20 * j, svg_label(label(key, widths))),
                text_at(x + 76, y + 22 + 20 * j, field(key.name, scene.decimals), **end),
            ]
            for j, key in enumerate(targets)
        ],
        text_at(x + 10, bottom - 32, svg_label(label(loss, widths))),
        scene.tag("loss", x + 78, bottom - 32, **end),
        text_at(x + 76, bottom - 10, field("loss"), **end),
    ]


def _legend(layout, backward, scene) -> Content:
    held, small, end = scene.held, {"font_size": 13}, {"text_anchor": "end"}
    width, bottom = layout.width, layout.height - 8
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
        text_at(10, bottom, *parts, **small),
        text_at(width - 10, bottom, ROUNDED, css="faint", **small, **end),
    ]
    if scene.printed:
        words = f"bold and small: as the lecture prints it; {', '.join(VERDICTS.values())}"
        shown = when("printed", held, "printed")
        legend.append(el("text", words, **shown, x=width - 10, y=16, **end))
    return legend


def _alternative(widths, label) -> str:
    """The picture in words, with fields to fill."""
    last = len(widths) - 2
    outputs = [Key("z_out", last, j) for j in range(widths[-1])]
    values = [f"{plain_label(label(key, widths))} {{{key.name}:z.4f}}" for key in outputs]
    return f"A {'-'.join(map(str, widths))} network. {', '.join(values)}, loss {{loss:z.4f}}"
