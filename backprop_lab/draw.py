"""Pictures: pure functions from structure and values to SVG and HTML text.

What a picture is (`Picture`, drawn once from the structure) is kept apart from what changes in it:
fields, each named by a quantity's canonical key. The field's element carries the same name in
`data-q`. Colours come from the notebook's theme; forward, backward and the chosen weight have one
colour each, and each a second mark (a sign, a line's width), so that nothing is said by colour
alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backprop_lab.lectures import Printed
from backprop_lab.network import Key
from backprop_lab.notation import NOTATIONS, parameters

STYLE = """<style>
.bl {--bl-forward: #0b5fa5; --bl-backward: #b34700; --bl-chosen: #7b3294;
  --bl-ink: var(--jp-content-font-color1, #1f1f1f); --bl-faint: var(--jp-content-font-color2, #666);
  --bl-paper: var(--jp-layout-color0, #fff); --bl-line: var(--jp-border-color1, #bdbdbd);
  color: var(--bl-ink); font-family: var(--jp-content-font-family, sans-serif); line-height: 1.45}
[data-jp-theme-light="false"] .bl {--bl-forward: #6cb8ff; --bl-backward: #ffa15c;
  --bl-chosen: #dda0ff}
.bl svg {display: block; width: 100%; height: auto; font-size: 14px}
.bl text {fill: var(--bl-ink)}
.bl .n {font-variant-numeric: tabular-nums}
.bl .forward {fill: var(--bl-forward); color: var(--bl-forward)}
.bl .backward {fill: var(--bl-backward); color: var(--bl-backward)}
.bl .chosen {fill: var(--bl-chosen); color: var(--bl-chosen); font-weight: bold}
.bl .faint {fill: var(--bl-faint); color: var(--bl-faint)}
.bl rect.box {fill: var(--bl-paper); stroke: var(--bl-line); stroke-width: 1.5}
.bl rect.box.lit {stroke: var(--bl-chosen); stroke-width: 3.5}
.bl rect.plate {fill: var(--bl-paper); fill-opacity: 0.86}
.bl .edge {stroke: var(--bl-line); stroke-width: 1.5; fill: none}
.bl .edge.lit {stroke: var(--bl-chosen); stroke-width: 4}
.bl .edge.chosen {stroke-dasharray: 9 4}
.bl .axis {stroke: var(--bl-faint); stroke-width: 1; fill: none}
.bl .curve {stroke: var(--bl-forward); stroke-width: 2.5; fill: none}
.bl .tangent {stroke: var(--bl-backward); stroke-width: 2.5; fill: none}
.bl .before {fill: none; stroke: var(--bl-ink); stroke-width: 1.5; stroke-dasharray: 4 2}
.bl .after {fill: var(--bl-forward); opacity: 0.85}
.bl table.numbers {border-collapse: collapse; font-variant-numeric: tabular-nums}
.bl table.numbers th, .bl table.numbers td {padding: 2px 9px; text-align: right;
  border-bottom: 1px solid var(--bl-line); white-space: nowrap}
.bl table.numbers th:first-child, .bl table.numbers td.words {text-align: left}
.bl tr.wrong td {font-weight: bold; border-bottom: 2px solid var(--bl-backward)}
.bl table.last-apart tr:last-child td {font-weight: bold; border-top: 2px solid var(--bl-line)}
.bl details > summary {cursor: pointer}
</style>"""


def page(markup: str) -> str:
    """The markup as a view shows it; `STYLE` must stand somewhere beside it."""
    return f'<div class="bl">{markup}</div>'


# --- labels --------------------------------------------------------------------------------------

_LETTERS = {r"\delta": "δ", r"\alpha": "α", r"\eta": "η", r"\partial": "∂", r"\sigma": "σ"}
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


def _label(latex: str, script) -> str:
    text = _FRACTION.sub(r"\1/\2", latex)
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
        return page(self.template.format_map(values))


def field(quantity: str, digits: int = 4) -> str:
    """A number's place in a picture, rounded to so many decimals; z spares it a negative zero."""
    return (
        f'<tspan class="n" data-q="{quantity}" data-digits="{digits}">'
        f"{{{quantity}:z.{digits}f}}</tspan>"
    )


def number(quantity: str, value: float, digits: int = 4, tag: str = "span", css: str = "") -> str:
    """A number in HTML, under its quantity's name."""
    return (
        f'<{tag} class="n {css}" data-q="{quantity}" data-digits="{digits}">'
        f"{value:z.{digits}f}</{tag}>"
    )


# --- the network ----------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 960, 372
_INPUT, _UNIT, _BOX = 60, 176, 104  # widths of an input's and a unit's box; height of a unit's
_FIRST, _LAST, _LOSS = 70, 838, 866  # right ends of the first and last column, left of the loss


@lru_cache(maxsize=64)
def network(
    widths: tuple[int, ...],
    notation: str = "LMU",
    backward: bool = False,
    lit: frozenset[Key] = frozenset(),
    chosen: Key | None = None,
) -> Picture:
    """A small network with every weight, pre-activation and activation on it.

    widths: inputs first, at most two in each of at most three columns; backward adds error signals
    and gradients; lit are the keys along a weight's backward path, chosen the weight itself.
    Fields: the names of `quantities`.
    """
    if max(widths) > 2 or len(widths) > 3:
        raise ValueError(f"widths: got {widths}; expected at most 3 columns of at most 2 units")
    label = NOTATIONS[notation].label
    columns = _columns(widths)
    edges, texts, boxes = [], [], []
    for layer in range(len(widths) - 1):
        for j in range(widths[layer + 1]):
            for i in range(widths[layer]):
                key = ("W", layer, i, j)
                start, end = columns[layer][i], columns[layer + 1][j]
                line, text = _edge(key, start, end, label(key, widths), backward, lit, chosen)
                edges.append(line)
                texts.append(text)
            boxes.append(
                _unit(layer, j, columns[layer + 1][j], widths, label, backward, lit, chosen)
            )
    for i, (x, y) in enumerate(columns[0]):
        is_lit = " lit" if ("x", i) in lit else ""
        boxes.append(
            f'<rect class="box{is_lit}" x="{x - _INPUT}" y="{y - 17}" width="{_INPUT}" '
            'height="34" rx="6"/>'
            f'<text x="{x - _INPUT + 8}" y="{y + 5}">{svg_label(label(("x", i), widths))}</text>'
            f'<text x="{x - 10}" y="{y + 5}" text-anchor="end">{field(f"x_{i}", 0)}</text>'
        )
    boxes.append(_loss_box(columns[-1], widths, label, lit))
    alternative, for_page = _network_alternative(widths, label)
    return Picture(
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{alternative}" '
        f'data-label="{for_page}">'
        + "".join(edges + texts + boxes)
        + _legend(backward, chosen)
        + "</svg>"
    )


def _columns(widths) -> list[list[tuple[int, int]]]:
    """For each column the right ends of its boxes: inputs, then units, left to right."""
    step = (_LAST - _FIRST) / (len(widths) - 1)
    return [
        [(round(_FIRST + c * step), 176 - 90 * (width - 1) + 180 * k) for k in range(width)]
        for c, width in enumerate(widths)
    ]


def _edge(key, start, end, label, backward, lit, chosen):
    """The line of a weight, and the numbers on it."""
    (x0, y0), (x1, y1) = start, (end[0] - _UNIT, end[1])
    marks = " lit" * (key in lit) + " chosen" * (key == chosen)
    t = 0.32 if key[1] == 0 else 0.5  # where four weights cross, the numbers keep to the left
    x, y = round(x0 + t * (x1 - x0)), round(y0 + t * (y1 - y0))
    line = f'<line class="edge{marks}" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/>'
    kind = "chosen" if key == chosen else "forward"
    height = 39 if backward else 20
    text = (
        f'<rect class="plate" x="{x - 49}" y="{y - 21}" width="98" height="{height}" rx="4"/>'
        f'<text class="{kind}" x="{x}" y="{y - 6}" text-anchor="middle">'
        f"{svg_label(label)} {field(name(key))}</text>"
    )
    if backward:
        text += (
            f'<text class="backward" x="{x}" y="{y + 15}" text-anchor="middle">'
            f"∂ {field('d' + name(key))}</text>"
        )
    return line, text


def _unit(layer, j, place, widths, label, backward, lit, chosen):
    """The box of a unit: pre-activation, activation, error signal, bias and its gradient."""
    x, y = place[0] - _UNIT, place[1] - _BOX // 2
    is_lit = " lit" if ("z_out", layer, j) in lit else ""
    bias = ("b", layer, j)
    bias_class = "chosen" if bias == chosen else "forward"
    rows = [("z_in", "forward"), ("z_out", "forward")] + [("delta", "backward")] * backward
    texts = [
        f'<text class="{css}" x="{x + 10}" y="{y + 22 + 22 * k}">'
        f"{svg_label(label((kind, layer, j), widths))}</text>"
        f'<text class="{css}" x="{x + _UNIT - 10}" y="{y + 22 + 22 * k}" text-anchor="end">'
        f"{field(name((kind, layer, j)))}</text>"
        for k, (kind, css) in enumerate(rows)
    ]
    texts.append(
        f'<line class="axis" x1="{x}" y1="{y + 76}" x2="{x + _UNIT}" y2="{y + 76}"/>'
        f'<text class="{bias_class}" x="{x + 10}" y="{y + 95}">'
        f"{svg_label(label(bias, widths))} {field(name(bias))}</text>"
    )
    if backward:
        texts.append(
            f'<text class="backward" x="{x + _UNIT - 10}" y="{y + 95}" text-anchor="end">'
            f"∂ {field('d' + name(bias))}</text>"
        )
    return (
        f'<rect class="box{is_lit}" x="{x}" y="{y}" width="{_UNIT}" height="{_BOX}" rx="8"/>'
        + "".join(texts)
    )


def _loss_box(outputs, widths, label, lit):
    """The target and the loss, right of the output."""
    is_lit = " lit" if ("loss",) in lit else ""
    x, y = _LOSS, outputs[0][1] - _BOX // 2
    lines = "".join(
        f'<line class="edge{is_lit}" x1="{x0}" y1="{y0}" x2="{x}" y2="{y + _BOX // 2}"/>'
        for x0, y0 in outputs
    )
    target = "".join(
        f'<text x="{x + 10}" y="{y + 22 + 20 * j}">{svg_label(label(("y", j), widths))} '
        f"{field(f'y_{j}', 0)}</text>"
        for j in range(widths[-1])
    )
    return (
        lines + f'<rect class="box{is_lit}" x="{x}" y="{y}" width="86" height="{_BOX}" rx="8"/>'
        f'{target}<text x="{x + 10}" y="{y + 72}">{svg_label(label(("loss",), widths))}</text>'
        f'<text x="{x + 76}" y="{y + 94}" text-anchor="end">{field("loss")}</text>'
    )


def _legend(backward, chosen):
    parts = ['<tspan class="forward">forward: values and weights</tspan>']
    if backward:
        parts.append(
            '<tspan class="backward" dx="18">backward: δ, and ∂ = derivative of the loss</tspan>'
        )
    if chosen:
        parts.append(
            '<tspan class="chosen" dx="18">dashed: the chosen weight, thick: its path</tspan>'
        )
    return f'<text x="10" y="{_HEIGHT - 8}" font-size="13">{"".join(parts)}</text>'


def _network_alternative(widths, label) -> tuple[str, str]:
    """The picture in words: with fields to fill, and with [names] that the page fills."""
    last = len(widths) - 2
    outputs = [("z_out", last, j) for j in range(widths[-1])]
    said = [f"{plain_label(label(key, widths))} {{{name(key)}:z.4f}}" for key in outputs]
    text = f"A {'-'.join(map(str, widths))} network. {', '.join(said)}, loss {{loss:z.4f}}"
    return text, re.sub(r"\{(\w+):[^}]*\}", r"[\1]", text)


# --- loss against one weight ----------------------------------------------------------------------

CURVE_POINTS = 121
_PLOT = {"left": 56, "right": 620, "top": 34, "bottom": 250}


_CLIP = '<svg x="56" y="26" width="564" height="226" viewBox="56 26 564 226">'
"""Opens an inner picture that cuts off what leaves the plot."""


@dataclass(frozen=True)
class Axes:
    """The data ranges of a plot, and where a point of them lies in the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def px(self, x: float) -> float:
        """Horizontal place in the picture."""
        share = (x - self.x[0]) / (self.x[1] - self.x[0])
        return _PLOT["left"] + share * (_PLOT["right"] - _PLOT["left"])

    def py(self, y: float) -> float:
        """Vertical place in the picture."""
        share = (y - self.y[0]) / (self.y[1] - self.y[0])
        return _PLOT["bottom"] - share * (_PLOT["bottom"] - _PLOT["top"])

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

    points: (w, L), the curve. Fields: w, z_out, loss, slope, and the places of the point and of
    the tangent: point_x, point_y, tangent_x0, tangent_y0, tangent_x1, tangent_y1 (see `tangent`).
    """
    path = "L".join(f"{axes.px(w):.1f} {axes.py(loss):.1f}" for w, loss in points)
    ticks = [axes.x[0] + k * (axes.x[1] - axes.x[0]) / 8 for k in range(9)]
    w, z_out = svg_label(w_name), svg_label("z_{out}")
    return Picture(
        f'<svg viewBox="0 0 640 300" role="img" style="max-width: 720px" aria-label="The loss '
        f"against {plain_label(w_name)}, with its tangent. At {plain_label(w_name)} "
        '{w:z.2f} the loss is {loss:z.4f} and the slope {slope:z.4f}">'
        + axes.grid(w, "L", ticks, [0, 0.1, 0.2, 0.3, 0.4, 0.5])
        + f'<path class="curve" d="M{path}"/>'
        + _CLIP
        + '<line class="tangent" x1="{tangent_x0:z.1f}" y1="{tangent_y0:z.1f}" '
        'x2="{tangent_x1:z.1f}" y2="{tangent_y1:z.1f}"/></svg>'
        '<circle class="backward" cx="{point_x:z.1f}" cy="{point_y:z.1f}" r="6"/>'
        f'<text x="620" y="18" text-anchor="end"><tspan>{w} = {field("w", 2)}</tspan>'
        f'<tspan class="forward" dx="14">{z_out} = {field("z_out")}</tspan>'
        f'<tspan class="forward" dx="14">L = {field("loss")}</tspan>'
        f'<tspan class="backward" dx="14">slope {field("slope")}</tspan></text>'
        "</svg>"
    )


def tangent(axes: Axes, w: float, loss: float, slope: float, reach: float = 90.0) -> dict:
    """The places of the point and of its tangent, drawn `reach` long to either side."""
    x, y = axes.px(w), axes.py(loss)
    step = 1e-3 * (axes.x[1] - axes.x[0])
    dx, dy = axes.px(w + step) - x, axes.py(loss + slope * step) - y
    scale = reach / (dx * dx + dy * dy) ** 0.5
    dx, dy = dx * scale, dy * scale
    return {
        "point_x": x, "point_y": y, "tangent_x0": x - dx, "tangent_y0": y - dy,
        "tangent_x1": x + dx, "tangent_y1": y + dy,
    }  # fmt: skip


# --- losses before and after a step ---------------------------------------------------------------

LARGEST_CHANGE = 0.01
"""A change of the loss as large as this, or larger, fills its half of the change column."""
_BAR, _CHANGE = 260, 90


def loss_bars(labels: tuple[str, ...]) -> Picture:
    """One row a point: the loss before and after a step, and their difference, enlarged.

    Fields for row k: before_k, after_k, change_k and those of `bar_places`.
    """
    rows = []
    for k, label in enumerate(labels):
        y = 40 + 46 * k
        rows.append(
            f'<text x="10" y="{y + 18}">{html.escape(label)}</text>'
            f'<rect class="after" x="150" y="{y + 5}" height="18" '
            f'width="{{after_width_{k}:z.1f}}"/>'
            f'<rect class="before" x="150" y="{y}" height="28" width="{{before_width_{k}:z.1f}}"/>'
            f'<text x="500" y="{y + 18}" text-anchor="end">{field(f"before_{k}")} → '
            f"{field(f'after_{k}')}</text>"
            f'<line class="axis" x1="640" y1="{y - 4}" x2="640" y2="{y + 32}"/>'
            f'<rect class="{{change_class_{k}}}" y="{y + 4}" height="20" '
            f'x="{{change_x_{k}:z.1f}}" width="{{change_width_{k}:z.1f}}"/>'
            f'<text class="{{change_class_{k}}}" x="748" y="{y + 18}">{{change_sign_{k}}} '
            f'<tspan class="n" data-q="change_{k}">{{change_{k}:+z.4f}}</tspan></text>'
        )
    height = 50 + 46 * len(labels)
    alternative = "; ".join(
        f"{html.escape(label)}: {{before_{k}:z.4f}} to {{after_{k}:z.4f}}"
        for k, label in enumerate(labels)
    )
    return Picture(
        f'<svg viewBox="0 0 860 {height}" role="img" aria-label="Losses before and after. '
        f'{alternative}"><text class="faint" x="150" y="20">loss: dashed before, filled after'
        '</text><text class="faint" x="640" y="20" text-anchor="middle">'
        f"change; a full bar is {LARGEST_CHANGE}</text>" + "".join(rows) + "</svg>"
    )


def bar_places(before: Sequence[float], after: Sequence[float]) -> dict[str, object]:
    """The fields of `loss_bars` for these losses (each at most 0.5)."""
    places: dict[str, object] = {}
    for k, (old, new) in enumerate(zip(before, after, strict=True)):
        change = new - old
        length = min(abs(change) / LARGEST_CHANGE, 1.0) * _CHANGE
        rises, still = change > 0, abs(change) < 5e-5
        places |= {
            f"before_{k}": old,
            f"after_{k}": new,
            f"change_{k}": change,
            f"before_width_{k}": min(old / 0.5, 1.0) * _BAR,
            f"after_width_{k}": min(new / 0.5, 1.0) * _BAR,
            f"change_width_{k}": length,
            f"change_x_{k}": 640.0 if rises else 640.0 - length,
            f"change_sign_{k}": "=" if still else "▲" if rises else "▼",
            f"change_class_{k}": "faint" if still else "backward" if rises else "forward",
        }
    return places


# --- tables ---------------------------------------------------------------------------------------


def update_table(widths: tuple[int, ...], now, after, notation: str = "LMU") -> str:
    """The parameters, their gradients and the new parameters; the output and the loss after that.

    now, after: `quantities` before and after a step. The new ones are named new_….
    """
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
    shown = [("z_out", len(widths) - 2, j) for j in range(widths[-1])] + [("loss",)]
    changes = ", ".join(
        f"{html_label(label(key, widths))}: {number(name(key), now[key])} → "
        f"{number('new_' + name(key), after[key])}"
        for key in shown
    )
    return page(f'<table class="numbers">{body}</table><p>{changes}</p>')


def nudge_table(h: float, rows: Sequence[tuple[str, str, float, float]]) -> str:
    """Derivatives by a nudge of size h beside the computed ones; the last row stands apart.

    rows: (LaTeX of the derivative, its quantity's name, by a nudge, computed).
    """
    titles = ("derivative", f"by a nudge, h = {h:.4f}", "computed", "difference")
    head = f"<tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>"
    body = "".join(
        f'<tr><td class="words">{html_label(latex)}</td>'
        + number(f"nudged_{quantity}", nudged, 6, "td", "forward")
        + number(quantity, exact, 6, "td", "backward")
        + number(f"difference_{quantity}", nudged - exact, 6, "td")
        + "</tr>"
        for latex, quantity, nudged, exact in rows
    )
    return page(f'<table class="numbers last-apart">{head}{body}</table>')


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
