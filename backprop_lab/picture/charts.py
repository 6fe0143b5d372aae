"""Drawings that move in the page: a loss against one weight, losses before and after a step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backprop_lab.core.rounding import snap
from backprop_lab.picture.elements import (
    ROUNDED,
    Content,
    Element,
    Picture,
    el,
    field,
    for_page,
    matrix,
    svg,
    text_at,
)
from backprop_lab.picture.labels import plain_label, svg_label

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

    def inside(self, *drawn: Content) -> Element:
        """What is drawn in data coordinates, cut off where it leaves the plot."""
        left, right, top, bottom = _PLOT.values()
        x, y, width, height = left, top - 8, right - left, bottom - top + 10
        a, d = self.px(1) - self.px(0), self.py(1) - self.py(0)
        scaled = f"matrix({a:.6f} 0 0 {d:.6f} {self.px(0):.6f} {self.py(0):.6f})"
        box = f"{x} {y} {width} {height}"
        scene = el("g", *drawn, transform=scaled)
        return el("svg", scene, x=x, y=y, width=width, height=height, viewBox=box)

    def grid(self, x_name: str, y_name: str, x_ticks: Sequence, y_ticks: Sequence) -> Content:
        """Axes with ticks and names."""
        left, right, top, bottom = _PLOT.values()
        middle, end = {"text_anchor": "middle"}, {"text_anchor": "end"}
        return [
            el("path", class_="axis", d=f"M{left} {top}V{bottom}H{right}"),
            [
                text_at(f"{self.px(t):.1f}", bottom + 18, f"{t:g}", css="faint", **middle)
                for t in x_ticks
            ],
            [
                text_at(left - 8, f"{self.py(t) + 5:.1f}", f"{t:g}", css="faint", **end)
                for t in y_ticks
            ],
            text_at(right, bottom + 36, x_name, **end),
            text_at(left - 8, top - 14, y_name, **end),
        ]


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
    tangent = el("path", class_="tangent", d="M-1.6 0H1.6")
    point = el("path", class_="point", d="M0 0h0")
    return Picture(
        el(
            "svg",
            axes.grid(w_name, "L", ticks, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
            axes.inside(
                el("path", class_="curve", d=f"M{path}", data_curve=sweep),
                el("g", tangent, point, **matrix("1 slope 0 1 w loss")),
            ),
            text_at(
                620,
                18,
                el("tspan", w, " = ", field("w", 2)),
                el("tspan", z_out, " = ", field("z_out"), class_="forward", dx=14),
                el("tspan", "L = ", field("loss"), class_="forward", dx=14),
                el("tspan", "slope ", field("slope"), class_="backward", dx=14),
                text_anchor="end",
            ),
            viewBox="0 0 640 300",
            role="img",
            style="max-width: 720px",
            aria_label=said,
            data_label=for_page(said),
        )
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
    height = 50 + 46 * len(labels)
    rows = [_bars(k, label, height) for k, label in enumerate(labels)]
    alternative = "Losses before and after. " + "; ".join(
        f"{label}: {{before_{k}:z.4f}} to {{after_{k}:z.4f}}" for k, label in enumerate(labels)
    )
    scale = f"◂ falls | rises ▸; a full bar is {LARGEST_CHANGE}"
    return Picture(
        svg(
            f"0 0 860 {height}",
            alternative,
            text_at(150, 20, "loss: dashed before, filled after", css="faint"),
            text_at(640, 20, scale, css="faint", text_anchor="middle"),
            text_at(10, height - 8, ROUNDED, css="faint", font_size=13),
            rows,
            data_label=for_page(alternative),
        )
    )


def _bars(k: int, label: str, height: int) -> Content:
    y = 40 + 46 * k
    change = el("rect", y=y + 4, width=1, height=20, **matrix(f"change_{k} 0 0 1 0 0"))
    bars = [
        el("rect", class_=css, y=top, width=1, height=high, **matrix(f"{css}_{k} 0 0 1 0 0"))
        for css, top, high in (("after", y + 5, 18), ("before", y, 28))
    ]
    losses = el(
        "svg",
        el("g", *bars, transform=f"scale({2 * _BAR} 1)"),
        x=149, width=_BAR + 2, viewBox=f"-1 0 {_BAR + 2} {height}", height=height,
    )  # fmt: skip
    numbers = field(f"before_{k}"), " → ", field(f"after_{k}")
    return [
        text_at(10, y + 18, label),
        losses,
        text_at(500, y + 18, *numbers, text_anchor="end"),
        _half("forward", 640 - _CHANGE, height, change),
        _half("backward", 640, height, change),
        el("line", class_="axis", x1=640, y1=y - 4, x2=640, y2=y + 32),
        text_at(748, y + 18, field(f"change_{k}", signed=True)),
    ]


def _half(css: str, left: int, height: int, bar: Element) -> Element:
    """One half of the column of changes: a bar is seen only in the half that it reaches into."""
    return el(
        "svg",
        el("g", bar, transform=f"scale({_CHANGE / LARGEST_CHANGE:g} 1)"),
        class_=css, x=left, width=_CHANGE, height=height,
        viewBox=f"{left - 640} 0 {_CHANGE} {height}",
    )  # fmt: skip


def changes(before: Sequence[float], after: Sequence[float]) -> dict[str, object]:
    """The fields of `loss_bars` for these losses, numbers or formulas."""
    fields: dict[str, object] = {}
    for k, (old, new) in enumerate(zip(before, after, strict=True)):
        fields |= {f"before_{k}": old, f"after_{k}": new, f"change_{k}": new - old}
    return fields
