"""The picture of a small network, with every number on it."""

from __future__ import annotations

import math
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
    valued,
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
        t = self._share(key.layer)
        return round(x0 + t * (x1 - x0)), round(y0 + t * (y1 - y0))

    def room(self, layer: int) -> int:
        """How wide a weight's number may be, right of what its edge comes from."""
        between = self.columns[layer + 1][0][0] - _UNIT - self.columns[layer][0][0]
        return min(120 if self.crowded else 102, round(2 * self._share(layer) * between) - 4)

    def _share(self, layer: int) -> float:
        return 0.5 if self.crowded else 1 / (self.widths[layer + 1] + 1)

    def hides(self, key: Key) -> bool:
        """Whether the numbers of a parameter are shown only while its token holds."""
        return self.crowded and key.kind == "W"

    def bias(self, key: Key) -> tuple[int, int]:
        """The left upper corner of a bias' place, at the foot of its unit's box."""
        x, y = self.columns[key.layer + 1][key.unit]
        return x - _UNIT, y + _BOX // 2 - 28

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
                key = Key("W", layer, i, j)
                edges.append(_edge(key, layout, backward, scene))
                texts.append(_gradient(key, layout, scene) if backward else ())
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
    # The alternative says the drawing; the handles in front of it are heard by themselves.
    drawn = el("g", edges, texts, boxes, _legend(layout, backward, scene), aria_hidden="true")
    handles = [_handle(key, layout, label(key, widths), scene) for key in parameters(widths)]
    box = f"0 0 {layout.width} {layout.height}"
    said = {"role": "group", "data_label": for_page(alternative)}
    return Picture(svg(box, alternative, drawn, handles, **said))


def _choice(key, widths) -> dict[str, int]:
    """The attribute by which a click on a weight's elements chooses it: its row among all."""
    return {"data_choose": parameters(widths).index(key)}


def _handle(key, layout, label, scene) -> Element:
    """A parameter and its number: where a control moves it, the page makes a handle of them."""
    chosen = " chosen" * (key.name == scene.chosen)
    if key.kind == "W":
        (x, y), room = layout.number(key), layout.room(key.layer)
        at = {"x": x, "y": y - 8, "text_anchor": "middle"}
        plate = _plate(x - room // 2, y - 23, room, 22)
    else:
        x, y = layout.bias(key)
        at, plate = {"x": x + 10, "y": y + 19}, _plate(x + 4, y + 3, 92, 22)
    shown = svg_label(label), " ", field(key.name)
    number = el("text", *shown, class_=f"forward{chosen}", data_weight=key.name, **at)
    css = when(key.name, scene.held) if layout.hides(key) else {}
    choice = _choice(key, layout.widths)
    return el("g", plate, number, data_handle=key.name, **choice, **css)


def _plate(x, y, width, height) -> Element:
    """What keeps the numbers on an edge legible."""
    return el("rect", class_="plate", x=x, y=y, width=width, height=height, rx=4)


def _edge(key, layout, backward, scene) -> Content:
    """The line of a weight, as wide as the weight is large; beside it, as wide as the error signal
    that comes along it, where it flows."""
    (x0, y0), (x1, y1) = layout.edge(key)
    ends = {"x1": x0, "y1": y0, "x2": x1, "y2": y1}
    place = scene.place(key, "edge", " chosen" * (key.name == scene.chosen))
    line = [
        el("line", **place, data_weight=key.name, **ends),
        el("line", class_="core", **ends),
        el("line", class_="hit", **_choice(key, layout.widths), **ends),
    ]
    if backward:
        length, angle = math.hypot(x1 - x0, y1 - y0), math.degrees(math.atan2(y1 - y0, x1 - x0))
        signal = Key("delta", key.layer, key.unit)
        flow = [
            el("line", class_="flow", x1=0, y1=0, x2=round(length), y2=0),
            el("path", class_="flow head", d=f"M{length - 38:.0f} 0l14 -7v14Z"),
        ]
        turned = {"transform": f"translate({x0} {y0}) rotate({angle:.2f})"}
        line.append(el("g", el("g", flow, class_="beside", **valued(signal.name)), **turned))
    return el("g", line, class_="weight", **valued(key.name))


def _gradient(key, layout, scene) -> Element:
    """The derivative of the loss by a weight, below the weight's number."""
    (x, y), gradient = layout.number(key), key.gradient.name
    derivative = text_at(x, y + 14, "∂ ", field(gradient), css="backward", text_anchor="middle")
    tag = scene.tag(gradient, x + 38, y + 14)
    tokens = f"backward {key.name}" if layout.hides(key) else "backward"
    shown = _choice(key, layout.widths) | when(tokens, scene.held)
    return el("g", _plate(x - 45, y - 1, 90, 19), derivative, tag, **shown)


def _unit(layer, j, place, widths, label, backward, scene) -> Content:
    """The box of a unit: pre-activation, activation, error signal and its bias' gradient."""
    x, y = place[0] - _UNIT, place[1] - _BOX // 2
    bias = Key("b", layer, j)
    end = {"text_anchor": "end"}

    def row(kind, css, k):
        key, height = Key(kind, layer, j), y + 22 + 22 * k
        return [
            text_at(x + 10, height, svg_label(label(key, widths)), css=css),
            scene.tag(key.name, x + 106, height, **end),
            text_at(x + _UNIT - 10, height, field(key.name), css=css, **end),
        ]

    def bar(kind, css, k):
        at = {"x": x + 2, "y": y + 7 + 22 * k, "width": _UNIT - 4, "height": 20, "rx": 3}
        return el("rect", class_=f"bar {css}", **valued(Key(kind, layer, j).name), **at)

    drawn = [
        el(
            "rect", **scene.place(Key("z_out", layer, j), "box"),
            x=x, y=y, width=_UNIT, height=_BOX, rx=8,
        ),
        bar("z_out", "forward", 1),
        row("z_in", "forward", 0),
        row("z_out", "forward", 1),
        el("line", class_="axis", x1=x, y1=y + 76, x2=x + _UNIT, y2=y + 76),
    ]  # fmt: skip
    if backward:
        at = {"x": x + _UNIT - 10, "y": y + 95}
        derivative = el(
            "text",
            "∂ ",
            field(bias.gradient.name),
            class_="backward",
            **_choice(bias, widths),
            **at,
            **end,
        )
        signal = bar("delta", "backward", 2), row("delta", "backward", 2)
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
    sizes = [
        el("tspan", "drag a number · ", class_="movable"),
        "width: a weight's size · hollow: negative · bar: activation",
    ]
    parts = [el("tspan", "forward: values, weights", class_="forward")]
    if backward:
        sizes.append(el("tspan", ", error signal", **when("backward", held)))
        parts += [
            el("tspan", words, **when("backward", held, css), dx=18)
            for css, words in (
                ("backward", "backward: δ, ∂ = derivative of the loss"),
                ("chosen", "dashed: the chosen weight, arrows: the signal on its path"),
            )
        ]
    legend = [
        text_at(10, bottom - 20, *sizes, css="faint", **small),
        text_at(width - 10, bottom - 20, ROUNDED, css="faint", **small, **end),
        text_at(10, bottom, *parts, **small),
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
