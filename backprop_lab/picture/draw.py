"""Pictures: pure functions from structure and values to SVG and HTML text.

What a picture is (`Picture`, drawn once from the structure) is kept apart from what changes in it:
fields, each named by a quantity's canonical key. The field's element carries the same name in
`data-q`. Colours come from the notebook's theme; forward, backward and the chosen weight have one
colour each, and each a second mark (a sign, a line's width), so that nothing is said by colour
alone.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as value_field
from importlib.resources import files

from backprop_lab.core.keys import Key
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import NOTATIONS, parameters
from backprop_lab.lectures import Printed

STYLE = files("backprop_lab.picture").joinpath("style.css").read_text(encoding="utf-8")
"""The style sheet: an app brings it to its page (`page.frame`), other markup has it beside it."""


ROUNDED = "rounded only to be shown"
"""Said wherever a reader may compute with the numbers that an app shows."""


def page(markup: str) -> str:
    """The markup as a view shows it; its page must have the `STYLE`."""
    return f'<div class="bl">{markup}</div>'


# --- labels --------------------------------------------------------------------------------------

_LETTERS = {
    r"\delta": "δ", r"\alpha": "α", r"\eta": "η", r"\partial": "∂", r"\sigma": "σ", r"\cdot": "·",
    r"\top": "⊤", r"\log": "log", r"\tanh": "tanh", r"\left": "", r"\right": "", r"\mathcal": "",
}  # fmt: skip
_TEXT = re.compile(r"\\text\{([^{}]*)\}")
_FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")


def html_label(latex: str) -> str:
    """A notation's LaTeX label as HTML: W_{11} becomes W<sub>11</sub>."""
    return _label(latex, lambda sign, text: f"<{'sub' if sign == '_' else 'sup'}>{text}</>")


def svg_label(latex: str) -> str:
    """A notation's LaTeX label as SVG text content."""
    shift = {"_": "sub", "^": "super"}
    return _label(
        latex,
        lambda sign, text: f'<tspan baseline-shift="{shift[sign]}" font-size="72%">{text}</tspan>',
    )


def plain_label(latex: str) -> str:
    """A notation's LaTeX label as plain text, for text alternatives: W_11."""
    return _label(latex, lambda sign, text: sign + text)


def plain_text(sentence: str) -> str:
    """A sentence with LaTeX between dollars as plain text."""
    return re.sub(r"\$([^$]*)\$", lambda match: plain_label(match[1]), sentence)


def _label(latex: str, script) -> str:
    text = _FRACTION.sub(r"\1/\2", _TEXT.sub(r"\1", latex))
    for letter, sign in _LETTERS.items():
        text = text.replace(letter + " ", sign).replace(letter, sign)
    text = _SCRIPT.sub(lambda match: script(match[1], match[2]), text)
    return re.sub(r"<(sub|sup)>(.*?)</>", r"<\1>\2</\1>", text)


# --- pictures with named fields -------------------------------------------------------------------


def name(key: Key) -> str:
    """A key as it stands in the markup: ("z_in", 0, 1) is z_in_0_1."""
    return "_".join(map(str, key))


def named_values(values: Mapping[Key, object]) -> dict[str, object]:
    """The values under the names that pictures use."""
    return {name(key): value for key, value in values.items()}


@dataclass(frozen=True)
class Picture:
    """Markup with a field for every quantity it shows; call it with values to fill them."""

    template: str

    def __call__(self, values: Mapping[str, object]) -> str:
        known = {k: snap(v) if isinstance(v, float) else v for k, v in values.items()}
        return page(self.template.format_map(known))


def field(quantity: str, digits: int = 4, signed: bool = False) -> str:
    """A number's place in a picture, rounded to so many decimals; z spares it a negative zero."""
    sign = ' data-signed=""' * signed
    return (
        f'<tspan class="n" data-q="{quantity}" data-digits="{digits}"{sign}>'
        f"{{{quantity}:{'+' * signed}z.{digits}f}}</tspan>"
    )


def number(quantity: str, value: float, digits: int = 4, tag: str = "span", css: str = "") -> str:
    """A number in HTML, under its quantity's name."""
    return (
        f'<{tag} class="n {css}" data-q="{quantity}" data-digits="{digits}">'
        f"{snap(value):z.{digits}f}</{tag}>"
    )


def when(tokens: str, held: Collection[str], css: str = "") -> str:
    """Attributes of what is shown while all these tokens hold (see `live`)."""
    off = " off" * (not set(tokens.split()) <= set(held))
    return f'class="{css}{off}" data-when="{tokens}"'


def matrix(entries: str) -> str:
    """Attributes of a transform: six numbers or names of quantities, a b c d e f as in SVG."""
    words = entries.split()
    fields = " ".join(f"{{{w}:z.6f}}" if w[0].isalpha() else f"{snap(float(w)):.6f}" for w in words)
    return f'transform="matrix({fields})" data-matrix="{entries}"'


# --- the network ----------------------------------------------------------------------------------

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

    def place(self, key: Key, css: str, marks: str = "") -> str:
        """Attributes of an element that lights up with its key."""
        lit = " lit" * (key in self.lit)
        return f'class="{css}{lit}{marks}" data-place="{name(key)}"'

    def tag(self, quantity: str, place: str) -> str:
        """A lecture's printed number, with its verdict's sign, if it prints this quantity."""
        if quantity not in self.printed:
            return ""
        found = self.printed[quantity]
        attributes = when("printed", self.held, f"printed {found.verdict}")
        return f"<text {attributes} {place}>{said(found)}</text>"


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
                key = ("W", layer, i, j)
                start, end = columns[layer][i], columns[layer + 1][j]
                line, text = _edge(key, start, end, widths, label, backward, scene)
                edges.append(line)
                texts.append(text)
            boxes.append(_unit(layer, j, columns[layer + 1][j], widths, label, backward, scene))
    for i, (x, y) in enumerate(columns[0]):
        boxes.append(
            f'<rect {scene.place(("x", i), "box")} x="{x - _INPUT}" y="{y - 17}" width="{_INPUT}" '
            'height="34" rx="6"/>'
            f'<text x="{x - _INPUT + 8}" y="{y + 5}">{svg_label(label(("x", i), widths))}</text>'
            f'<text x="{x - 10}" y="{y + 5}" text-anchor="end">{field(f"x_{i}", 0)}</text>'
        )
    boxes.append(_loss_box(columns[-1], widths, label, scene))
    alternative, for_page = _network_alternative(widths, label)
    return Picture(
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{alternative}" '
        f'data-label="{for_page}">'
        + "".join(edges + texts + boxes)
        + _legend(backward, scene)
        + "</svg>"
    )


def _columns(widths) -> list[list[tuple[int, int]]]:
    """For each column the right ends of its boxes: inputs, then units, left to right."""
    step = (_LAST - _FIRST) / (len(widths) - 1)
    return [
        [(round(_FIRST + c * step), 176 - 90 * (width - 1) + 180 * k) for k in range(width)]
        for c, width in enumerate(widths)
    ]


def _choice(key, widths) -> str:
    """The attribute by which a click on a weight's elements chooses it: its row among all."""
    return f'data-choose="{parameters(widths).index(key)}"'


def _weight_class(key, css, scene) -> str:
    chosen = " chosen" * (key == scene.chosen)
    return f'class="{css}{chosen}" data-weight="{name(key)}"'


def _edge(key, start, end, widths, label, backward, scene):
    """The line of a weight, and the numbers on it."""
    (x0, y0), (x1, y1) = start, (end[0] - _UNIT, end[1])
    t = 0.32 if key[1] == 0 else 0.5  # where four weights cross, the numbers keep to the left
    x, y = round(x0 + t * (x1 - x0)), round(y0 + t * (y1 - y0))
    ends = f'x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"'
    choice, quantity = _choice(key, widths), name(key)
    chosen = " chosen" * (key == scene.chosen)
    line = (
        f'<line {scene.place(key, "edge", chosen)} data-weight="{quantity}" {ends}/>'
        f'<line class="hit" {choice} {ends}/>'
    )
    text = (
        f'<g {choice}><rect class="plate" x="{x - 49}" y="{y - 21}" width="98" height="20" rx="4"/>'
        f'<text {_weight_class(key, "forward", scene)} x="{x}" y="{y - 6}" text-anchor="middle">'
        f"{svg_label(label(key, widths))} {field(quantity)}</text></g>"
    )
    if backward:
        text += (
            f"<g {when('backward', scene.held)} {choice}>"
            f'<rect class="plate" x="{x - 49}" y="{y + 2}" width="98" height="17" rx="4"/>'
            f'<text class="backward" x="{x}" y="{y + 15}" text-anchor="middle">'
            f"∂ {field('d' + quantity)}</text>"
            + scene.tag("d" + quantity, f'x="{x + 38}" y="{y + 15}"')
            + "</g>"
        )
    return line, text


def _unit(layer, j, place, widths, label, backward, scene):
    """The box of a unit: pre-activation, activation, error signal, bias and its gradient."""
    x, y = place[0] - _UNIT, place[1] - _BOX // 2
    bias = ("b", layer, j)
    choice = _choice(bias, widths)

    def row(kind, css, k):
        quantity = name((kind, layer, j))
        return (
            f'<text class="{css}" x="{x + 10}" y="{y + 22 + 22 * k}">'
            f"{svg_label(label((kind, layer, j), widths))}</text>"
            + scene.tag(quantity, f'x="{x + 106}" y="{y + 22 + 22 * k}" text-anchor="end"')
            + f'<text class="{css}" x="{x + _UNIT - 10}" y="{y + 22 + 22 * k}" text-anchor="end">'
            f"{field(quantity)}</text>"
        )

    texts = [
        row("z_in", "forward", 0),
        row("z_out", "forward", 1),
        f'<line class="axis" x1="{x}" y1="{y + 76}" x2="{x + _UNIT}" y2="{y + 76}"/>'
        f'<text {_weight_class(bias, "forward", scene)} {choice} x="{x + 10}" y="{y + 95}">'
        f"{svg_label(label(bias, widths))} {field(name(bias))}</text>",
    ]
    if backward:
        texts.append(
            f"<g {when('backward', scene.held)}>{row('delta', 'backward', 2)}"
            f'<text class="backward" {choice} x="{x + _UNIT - 10}" y="{y + 95}" text-anchor="end">'
            f"∂ {field('d' + name(bias))}</text></g>"
        )
    return (
        f'<rect {scene.place(("z_out", layer, j), "box")} x="{x}" y="{y}" width="{_UNIT}" '
        f'height="{_BOX}" rx="8"/>' + "".join(texts)
    )


def _loss_box(outputs, widths, label, scene):
    """The target and the loss, right of the output."""
    x, y = _LOSS, outputs[0][1] - _BOX // 2
    edge, box = (scene.place(("loss",), css) for css in ("edge", "box"))
    lines = "".join(
        f'<line {edge} x1="{x0}" y1="{y0}" x2="{x}" y2="{y + _BOX // 2}"/>' for x0, y0 in outputs
    )
    target = "".join(
        f'<text x="{x + 10}" y="{y + 22 + 20 * j}">{svg_label(label(("y", j), widths))} '
        f"{field(f'y_{j}', 0)}</text>"
        for j in range(widths[-1])
    )
    return (
        lines + f'<rect {box} x="{x}" y="{y}" width="86" height="{_BOX}" rx="8"/>'
        f'{target}<text x="{x + 10}" y="{y + 72}">{svg_label(label(("loss",), widths))}</text>'
        + scene.tag("loss", f'x="{x + 78}" y="{y + 72}" text-anchor="end"')
        + f'<text x="{x + 76}" y="{y + 94}" text-anchor="end">{field("loss")}</text>'
    )


def _legend(backward, scene):
    held = scene.held
    parts = ['<tspan class="forward">forward: values, weights</tspan>']
    if backward:
        parts.append(
            f'<tspan {when("backward", held, "backward")} dx="18">'
            "backward: δ, ∂ = derivative of the loss</tspan>"
        )
        parts.append(
            f'<tspan {when("backward", held, "chosen")} dx="18">'
            "dashed: the chosen weight, thick: its path</tspan>"
        )
    legend = (
        f'<text x="10" y="{_HEIGHT - 8}" font-size="13">{"".join(parts)}</text>'
        f'<text class="faint" x="{_WIDTH - 10}" y="{_HEIGHT - 8}" font-size="13" '
        f'text-anchor="end">{ROUNDED}</text>'
    )
    if scene.printed:
        signs = ", ".join(VERDICTS.values())
        legend += (
            f'<text {when("printed", held, "printed")} x="{_WIDTH - 10}" y="16" '
            f'text-anchor="end">bold and small: as the lecture prints it; {signs}</text>'
        )
    return legend


def _network_alternative(widths, label) -> tuple[str, str]:
    """The picture in words: with fields to fill, and with [names] that the page fills."""
    last = len(widths) - 2
    outputs = [("z_out", last, j) for j in range(widths[-1])]
    said = [f"{plain_label(label(key, widths))} {{{name(key)}:z.4f}}" for key in outputs]
    text = f"A {'-'.join(map(str, widths))} network. {', '.join(said)}, loss {{loss:z.4f}}"
    return text, _for_page(text)


def _for_page(template: str) -> str:
    """A template with fields, as the page fills it: with names in brackets."""
    return re.sub(r"\{(\w+):[^}]*\}", r"[\1]", template)


# --- loss against one weight ----------------------------------------------------------------------

CURVE_POINTS = 121
_PLOT = {"left": 56, "right": 620, "top": 34, "bottom": 250}


@dataclass(frozen=True)
class Axes:
    """The data ranges of a plot, and where a point of them lies in the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def px(self, x: float) -> float:
        """Horizontal place in the picture."""
        share = (x - self.x[0]) / (self.x[1] - self.x[0])
        return snap(_PLOT["left"] + share * (_PLOT["right"] - _PLOT["left"]))

    def py(self, y: float) -> float:
        """Vertical place in the picture."""
        share = (y - self.y[0]) / (self.y[1] - self.y[0])
        return snap(_PLOT["bottom"] - share * (_PLOT["bottom"] - _PLOT["top"]))

    def inside(self, markup: str) -> str:
        """Markup in data coordinates, cut off where it leaves the plot."""
        left, right, top, bottom = _PLOT.values()
        box = f"{left} {top - 8} {right - left} {bottom - top + 10}"
        x, y, width, height = box.split()
        a, d = self.px(1) - self.px(0), self.py(1) - self.py(0)
        return (
            f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}"><g '
            f'transform="matrix({a:.6f} 0 0 {d:.6f} {self.px(0):.6f} {self.py(0):.6f})">'
            f"{markup}</g></svg>"
        )

    def grid(self, x_name: str, y_name: str, x_ticks: Sequence, y_ticks: Sequence) -> str:
        """Axes with ticks and names."""
        left, right, top, bottom = _PLOT.values()
        lines = [f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>']
        lines += [
            f'<text class="faint" x="{self.px(t):.1f}" y="{bottom + 18}" text-anchor="middle">'
            f"{t:g}</text>"
            for t in x_ticks
        ]
        lines += [
            f'<text class="faint" x="{left - 8}" y="{self.py(t) + 5:.1f}" text-anchor="end">'
            f"{t:g}</text>"
            for t in y_ticks
        ]
        lines.append(f'<text x="{right}" y="{bottom + 36}" text-anchor="end">{x_name}</text>')
        lines.append(f'<text x="{left - 8}" y="{top - 14}" text-anchor="end">{y_name}</text>')
        return "".join(lines)


def loss_curve(axes: Axes, points: Iterable[tuple[float, float]], w_name: str) -> Picture:
    """The loss against one weight, with a point on it and the tangent there.

    points: (w, L), the curve, which the page computes anew when another parameter moves. Fields: w,
    z_out, loss, slope.
    """
    points = snap(list(points))
    path = "L".join(f"{w:z.6f} {loss:z.6f}" for w, loss in points)
    sweep = f"w {axes.x[0]:g} {axes.x[1]:g} {len(points)} loss"
    ticks = [axes.x[0] + k * (axes.x[1] - axes.x[0]) / 8 for k in range(9)]
    w, z_out = svg_label(w_name), svg_label("z_{out}")
    said = (
        f"The loss against {plain_label(w_name)}, with its tangent. At {plain_label(w_name)} "
        "{w:z.4f} the loss is {loss:z.4f} and the slope {slope:z.4f}"
    )
    return Picture(
        '<svg viewBox="0 0 640 300" role="img" style="max-width: 720px" '
        f'aria-label="{said}" data-label="{_for_page(said)}">'
        + axes.grid(w, "L", ticks, [0, 0.1, 0.2, 0.3, 0.4, 0.5])
        + axes.inside(
            f'<path class="curve" d="M{path}" data-curve="{sweep}"/>'
            f'<g {matrix("1 slope 0 1 w loss")}><path class="tangent" d="M-1.6 0H1.6"/>'
            '<path class="point" d="M0 0h0"/></g>'
        )
        + f'<text x="620" y="18" text-anchor="end"><tspan>{w} = {field("w", 2)}</tspan>'
        f'<tspan class="forward" dx="14">{z_out} = {field("z_out")}</tspan>'
        f'<tspan class="forward" dx="14">L = {field("loss")}</tspan>'
        f'<tspan class="backward" dx="14">slope {field("slope")}</tspan></text>'
        "</svg>"
    )


# --- losses before and after a step ---------------------------------------------------------------

LARGEST_CHANGE = 0.01
"""A change of the loss as large as this, or larger, fills its half of the change column."""
_BAR, _CHANGE = 260, 90


def loss_bars(labels: tuple[str, ...]) -> Picture:
    """One row a point: the loss before and after a step, and their difference, enlarged.

    Fields for row k: before_k, after_k, change_k. A change to the left is a fall, to the right a
    rise: the two halves have a colour each, and one bar lies across both.
    """
    rows = []
    for k, label in enumerate(labels):
        y = 40 + 46 * k
        change = f'<rect y="{y + 4}" width="1" height="20" {matrix(f"change_{k} 0 0 1 0 0")}/>'
        rows.append(
            f'<text x="10" y="{y + 18}">{html.escape(label)}</text>'
            f'<svg x="149" width="{_BAR + 2}" viewBox="-1 0 {_BAR + 2} {_bars_height(labels)}" '
            f'height="{_bars_height(labels)}"><g transform="scale({2 * _BAR} 1)">'
            f'<rect class="after" y="{y + 5}" width="1" height="18" '
            f"{matrix(f'after_{k} 0 0 1 0 0')}/>"
            f'<rect class="before" y="{y}" width="1" height="28" '
            f"{matrix(f'before_{k} 0 0 1 0 0')}/></g></svg>"
            f'<text x="500" y="{y + 18}" text-anchor="end">{field(f"before_{k}")} → '
            f"{field(f'after_{k}')}</text>"
            + _half("forward", 640 - _CHANGE, labels, change)
            + _half("backward", 640, labels, change)
            + f'<line class="axis" x1="640" y1="{y - 4}" x2="640" y2="{y + 32}"/>'
            f'<text x="748" y="{y + 18}">{field(f"change_{k}", signed=True)}</text>'
        )
    alternative = "Losses before and after. " + "; ".join(
        f"{html.escape(label)}: {{before_{k}:z.4f}} to {{after_{k}:z.4f}}"
        for k, label in enumerate(labels)
    )
    return Picture(
        f'<svg viewBox="0 0 860 {_bars_height(labels)}" role="img" aria-label="{alternative}" '
        f'data-label="{_for_page(alternative)}"><text class="faint" x="150" y="20">'
        'loss: dashed before, filled after</text><text class="faint" x="640" y="20" '
        f'text-anchor="middle">◂ falls | rises ▸; a full bar is {LARGEST_CHANGE}</text>'
        f'<text class="faint" x="10" y="{_bars_height(labels) - 8}" font-size="13">{ROUNDED}</text>'
        + "".join(rows)
        + "</svg>"
    )


def _bars_height(labels) -> int:
    return 50 + 46 * len(labels)


def _half(css, left, labels, bar) -> str:
    """One half of the column of changes: a bar is seen only in the half that it reaches into."""
    height = _bars_height(labels)
    return (
        f'<svg class="{css}" x="{left}" width="{_CHANGE}" height="{height}" '
        f'viewBox="{left - 640} 0 {_CHANGE} {height}">'
        f'<g transform="scale({_CHANGE / LARGEST_CHANGE:g} 1)">{bar}</g></svg>'
    )


def changes(before: Sequence[float], after: Sequence[float]) -> dict[str, object]:
    """The fields of `loss_bars` for these losses, numbers or formulas."""
    fields: dict[str, object] = {}
    for k, (old, new) in enumerate(zip(before, after, strict=True)):
        fields |= {f"before_{k}": old, f"after_{k}": new, f"change_{k}": new - old}
    return fields


# --- tables ---------------------------------------------------------------------------------------


def caption(said: str) -> str:
    """What a table says of all its numbers."""
    return f'<caption class="faint">{said}</caption>'


def update_table(
    widths: tuple[int, ...], now, after, notation: str = "LMU", scene: Scene | None = None
) -> str:
    """The parameters, their gradients and the new parameters; the output and the loss after that.

    now, after: `quantities` before and after a step. The new ones are named new_….
    """
    scene = scene or Scene()
    keys = parameters(widths)
    label = NOTATIONS[notation].label
    alpha = html_label(label(("learning_rate",), widths))
    loss = html_label(label(("loss",), widths))

    def cells(css, names, values):
        pairs = zip(names, values, strict=True)
        return "".join(number(each, value, tag="td", css=css) for each, value in pairs)

    names = [name(key) for key in keys]
    gradients = [now["d" + key[0], *key[1:]] for key in keys]
    rows = {
        "": "".join(f"<th>{html_label(label(key, widths))}</th>" for key in keys),
        "old": cells("forward", names, [now[key] for key in keys]),
        f"∂{loss}/∂…": cells("backward", [f"d{each}" for each in names], gradients),
        f"new = old − {alpha} ∂{loss}/∂…": cells(
            "chosen", [f"new_{each}" for each in names], [after[key] for key in keys]
        ),
    }
    body = "".join(f"<tr><th>{head}</th>{row}</tr>" for head, row in rows.items())
    if scene.printed:
        found = (scene.printed.get(f"new_{each}") for each in names)
        row = "".join(f"<td>{said(n) if n else ''}</td>" for n in found)
        body += f"<tr {when('printed', scene.held, 'printed')}><th>new, as printed</th>{row}</tr>"
    shown = [("z_out", len(widths) - 2, j) for j in range(widths[-1])] + [("loss",)]
    changed = ", ".join(
        f"{html_label(label(key, widths))}: {number(name(key), now[key])} → "
        f"{number('new_' + name(key), after[key])}" + _printed_after(scene, "new_" + name(key))
        for key in shown
    )
    return f'<table class="numbers">{body}</table><p>{changed}</p>'


def _printed_after(scene: Scene, quantity: str) -> str:
    if quantity not in scene.printed:
        return ""
    found = scene.printed[quantity]
    attributes = when("printed", scene.held, f"printed {found.verdict}")
    return f" <span {attributes}>{said(found)}</span>"


@dataclass(frozen=True)
class Card:
    """One line of a pass: its LaTeX, its quantity's name, its value."""

    latex: str
    quantity: str
    value: float


def cards(
    group: str, lines: Sequence[Card], css: str, scene: Scene, total: Card | None = None
) -> str:
    """Lines side by side, each formula above its number; below them, if they are factors, their
    product. Shown while the group's token holds. Formulas are set by whoever shows the markup."""
    each = "".join(
        f'<div class="card" data-card="{line.quantity}">${line.latex}$<br/>'
        f"<b>{number(line.quantity, line.value, css=css)}</b>"
        f"{_printed_after(scene, line.quantity)}</div>"
        for line in lines
    )
    if total:
        product = " × ".join(number(line.quantity, line.value) for line in lines)
        each += (
            f'<div class="product card" data-card="{total.quantity}">'
            f"$\\displaystyle {total.latex}$ "
            f'<b class="{css}">= {product} = {number(total.quantity, total.value)}</b>'
            f"{_printed_after(scene, total.quantity)}</div>"
        )
    return f"<div {when(group, scene.held, 'cards')}>{each}</div>"


def layers_table(widths: tuple[int, ...], values: Mapping[Key, float]) -> str:
    """The pre-activations, activations and error signals of every layer, a column a unit.

    values: `quantities` of one example's pass.
    """
    kinds = {"z_in": ("pre-activation", "forward"), "z_out": ("activation", "forward")}
    kinds["delta"] = ("error signal δ", "backward")
    rows = []
    for layer, (inputs, units) in enumerate(itertools.pairwise(widths)):
        for kind, (words, css) in kinds.items():
            first = f"layer {layer + 1}, W {inputs} × {units}" if kind == "z_in" else ""
            keys = [(kind, layer, j) for j in range(units)]
            cells = "".join(number(name(key), values[key], tag="td", css=css) for key in keys)
            rows.append(f'<tr><th>{first}</th><td class="words">{words}</td>{cells}</tr>')
    loss = number("loss", values["loss",])
    table = f'<table class="numbers">{"".join(rows)}</table>'
    return page(f'<div style="overflow-x: auto">{table}</div><p>L = {loss}</p>')


def nudge_table(rows: Sequence[tuple[str, str, float, float]], prefix: str = "") -> str:
    """Derivatives by a nudge beside the computed ones; the last row stands apart.

    rows: (LaTeX of the derivative, its quantity's name, by a nudge, computed). What depends on the
    nudge is named prefix + nudged_…, prefix + difference_….
    """
    titles = ("derivative", "by a nudge of h", "computed", "difference")
    head = f"<tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>"
    body = "".join(
        f'<tr><td class="words">{html_label(latex)}</td>'
        + number(f"{prefix}nudged_{quantity}", nudged, 6, "td", "forward")
        + f'<td class="n backward">{snap(exact):z.6f}</td>'
        + number(f"{prefix}difference_{quantity}", nudged - exact, 6, "td")
        + "</tr>"
        for latex, quantity, nudged, exact in rows
    )
    return f'<table class="numbers last-apart">{caption(ROUNDED)}{head}{body}</table>'


VERDICTS = {
    "agrees": "✓ agrees",
    "inherited": "↳ inherited",
    "wrong": "✗ wrong",
}
"""How each verdict is shown: a sign and a word."""


def printed_table(numbers: Sequence[Printed]) -> str:
    """A lecture's printed numbers beside the exact and the recomputed ones, with the verdicts."""
    titles = ("quantity", "printed", "exact", "recomputed from printed operands", "verdict")
    head = f"<tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>"
    rows = "".join(
        f'<tr class="{n.verdict}"><td class="words">{html_label(n.name)}</td><td>{n.text}</td>'
        + number(f"exact_{k}", n.exact, 6, "td")
        + number(f"recomputed_{k}", n.recomputed, 6, "td")
        + f'<td class="words">{VERDICTS[n.verdict]}</td></tr>'
        for k, n in enumerate(numbers)
    )
    return page(f'<table class="numbers">{head}{rows}</table>')


def fold(summary: str, markup: str) -> str:
    """Markup behind a summary line that the reader opens; it needs no kernel."""
    return page(f"<details><summary>{html.escape(summary)}</summary>{markup}</details>")
