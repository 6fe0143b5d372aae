"""The valve: one unit that feeds two others, and what flows back to it on either way."""

from __future__ import annotations

import math
from collections.abc import Mapping

import ipywidgets as widgets
import sympy as sp

from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, grid, message_line, row, toggles
from backprop_lab.page.live import Live, Row
from backprop_lab.page.program import program
from backprop_lab.picture import draw

_H, _NUDGE = 1, sp.Rational(1, 100)
"""Where the unit h stands, and the move with which the meter measures."""
WAYS = {"p": ("u", 70), "q": ("v", 230)}
"""The two units that h feeds: the weight on the way, and the height of the box."""
ASKED = ("share_p", "share_q", "delta_h", "meter")
"""What a reader is to predict."""


def formulas() -> dict[str, sp.Expr]:
    """What flows back to h, in the weights u and v, the error signals of p and q, and the valves.

    open_p, open_q: 1 or 0. meter: the central difference of the loss by h, from the forward pass
    alone; the loss is half the squared error, its targets such that p and q have their error
    signals where h stands.
    """
    u, v, delta_p, delta_q, open_p, open_q = sp.symbols(
        "u v delta_p delta_q open_p open_q", real=True
    )
    targets = u * _H - delta_p, v * _H - delta_q

    def loss(h):
        return sum((w * h - t) ** 2 for w, t in zip((u, v), targets, strict=True)) / 2

    shares = {"share_p": open_p * u * delta_p, "share_q": open_q * v * delta_q}
    return {
        **shares,
        "delta_h": sum(shares.values()),
        "meter": (loss(_H + _NUDGE) - loss(_H - _NUDGE)) / (2 * _NUDGE),
    }


def valve_view(u, v, delta_p, delta_q, p: bool, q: bool, hide: bool = False) -> dict[str, str]:
    """What `valve` shows. p, q: whether the valve on that way is open; hide: what is asked."""
    given = {"u": u, "v": v, "delta_p": delta_p, "delta_q": delta_q}
    at = {sp.Symbol(k, real=True): x for k, x in (given | {"open_p": +p, "open_q": +q}).items()}
    found = {name: float(formula.xreplace(at)) for name, formula in formulas().items()}
    held = {f"{way}_{'open' if is_open else 'shut'}" for way, is_open in (("p", p), ("q", q))}
    return {"picture": draw.page(_picture(given | found, held, ASKED if hide else ()))}


def _picture(values: Mapping[str, float], held: set[str], hidden: tuple[str, ...]) -> str:
    def shown(quantity, digits=2):
        text = "?" if quantity in hidden else f"{snap(values[quantity]):z.{digits}f}"
        return f'<tspan class="n" data-q="{quantity}" data-digits="{digits}">{text}</tspan>'

    ways = "".join(_way(way, *WAYS[way], shown, held) for way in WAYS)
    return (
        '<svg viewBox="0 0 960 300" role="img" aria-label="A unit h feeds two units, p and q, and '
        'both feed the loss L. A valve on each way can block what flows back from p or q to h.">'
        '<path class="edge" d="M200 150L640 70M200 150L640 230M800 70L870 150M800 230L870 150"/>'
        f"{ways}"
        '<rect class="box" x="16" y="92" width="184" height="116" rx="8"/>'
        '<text x="30" y="118" font-weight="bold">h</text>'
        f'<text class="backward" x="30" y="150">δ<tspan baseline-shift="sub" font-size="72%">h'
        f"</tspan> = {shown('delta_h')}</text>"
        '<text class="faint" x="30" y="170" font-size="12">what has flown back</text>'
        f'<text class="forward" x="30" y="196">meter: ΔL/Δh = {shown("meter")}</text>'
        '<rect class="box" x="870" y="126" width="60" height="48" rx="8"/>'
        '<text x="895" y="155" font-weight="bold">L</text></svg>'
    )


def _way(way, weight, y, shown, held) -> str:
    up = -1 if way == "p" else 1
    slope = up * 80 / 440
    middle = 150 + slope * 220
    glyph = f'<g transform="translate(420 {middle:.0f})">'
    across = 90 + math.degrees(math.atan(slope))
    bar = f'<line class="valve" x1="-17" x2="17" transform="rotate({snap(across):.2f})"/>'
    for state, more in (("open", ""), ("shut", bar)):
        glyph += (
            f'<g {draw.when(f"{way}_{state}", held)}><circle class="valve {state}" r="19"/>{more}'
            f'<text class="faint" y="{36 if up > 0 else -26}" text-anchor="middle" '
            f'font-size="12">{state}</text></g>'
        )
    flow = (
        f'<text class="backward" x="300" y="{150 + slope * 100 + (26 if up > 0 else -16):.0f}" '
        f'text-anchor="middle">← {shown(f"share_{way}")}</text>'
    )
    return (
        f"{glyph}</g>{flow}"
        f'<text class="forward" x="540" y="{150 + slope * 340 + (26 if up > 0 else -16):.0f}" '
        f'text-anchor="middle">{weight} = {shown(weight)} →</text>'
        f'<rect class="box" x="640" y="{y - 38}" width="160" height="76" rx="8"/>'
        f'<text x="654" y="{y - 12}" font-weight="bold">{way}</text>'
        f'<text class="backward" x="654" y="{y + 18}">δ<tspan baseline-shift="sub" '
        f'font-size="72%">{way}</tspan> = {shown(f"delta_{way}")}</text>'
    )


@of_cell
def valve() -> App:
    """Two ways from a unit h to the loss; a valve on each blocks what flows back, nothing else."""
    numbers = {"u": NumberSlider("u", 2.0, -3.0, 3.0, 0.1)}
    for name, label, value in (
        ("v", "v", -1.5), ("delta_p", r"\delta_{p}", 0.6), ("delta_q", r"\delta_{q}", 0.8),
    ):  # fmt: skip
        numbers[name] = NumberSlider(label, value, -3.0, 3.0, 0.1, like=numbers["u"])
    states = {
        way: toggles([(f"{way}: open", True), ("shut", False)], True, f"The valve from {way} to h")
        for way in WAYS
    }
    hide = widgets.ToggleButton(value=True, description="Hide what is asked")
    hide.tooltip = "Numbers appear when you click on their question marks, or all at once"
    controls = {**numbers, **states, "hide": hide}
    page = Live(
        program(formulas()),
        {name: number.for_page() for name, number in numbers.items()},
        {
            way: (
                0,
                [
                    Row({f"open_{way}": float(is_open)}, (f"{way}_{state}",))
                    for state, is_open in (("open", True), ("shut", False))
                ],
            )
            for way in WAYS
        },
        {"hide": True},
    )
    picture, message = widgets.HTML(), message_line()
    return App(
        "the valve",
        controls,
        {"picture": picture},
        valve_view,
        [grid(*numbers.values()), row(*states.values(), hide), message, picture],
        message,
        page,
    )
