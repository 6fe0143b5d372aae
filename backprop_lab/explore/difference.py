"""A partial derivative as a limit: three quotients as h shrinks to 10⁻¹⁶.

The function is a polynomial, so all is done with sums, products and quotients, which every
processor rounds alike: what is shown of round-off is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backprop_lab.core.arguments import as_integer
from backprop_lab.core.rounding import snap
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    computing,
    grid,
    message_line,
    toggles,
    whole,
)
from backprop_lab.page.program import Program
from backprop_lab.picture import elements

STEPS = [float(f"1e-{k}") for k in range(17)]
"""The sizes of h."""
WAYS = ("one-sided", "central", "complex step")
_CSS = dict(zip(WAYS, ("backward", "forward", ""), strict=True))
_LEFT, _RIGHT, _TOP, _BOTTOM, _LEAST = 70, 690, 14, 236, -17.0

Complex = tuple[float, float]


def times(p: Complex, q: Complex) -> Complex:
    """The product of two complex numbers, each a pair."""
    return (p[0] * q[0] - p[1] * q[1], p[0] * q[1] + p[1] * q[0])


def f(x_1: Complex, x_2: Complex) -> Complex:
    """f(x₁, x₂) = x₁³x₂ + x₁x₂³, as x₁x₂(x₁² + x₂²)."""
    first, second = times(x_1, x_1), times(x_2, x_2)
    return times(times(x_1, x_2), (first[0] + second[0], first[1] + second[1]))


def moved(x: Sequence[float], by: int, real: float, imaginary: float) -> Complex:
    """f with one of its two variables moved."""
    both = [(one, 0.0) for one in x]
    both[by] = (x[by] + real, imaginary)
    return f(both[0], both[1])


def quotients(x: Sequence[float], by: int, h: float) -> list[float]:
    """The derivative of f by one variable, in each of the `WAYS`."""
    here, up, down = (moved(x, by, move, 0.0)[0] for move in (0.0, h, -h))
    return [(up - here) / h, (up - down) / (2 * h), moved(x, by, 0.0, h)[1] / h]


def slope(x: Sequence[float], by: int) -> float:
    """The derivative by the formula: 3x₁²x₂ + x₂³, and likewise by x₂."""
    one, other = x[by], x[1 - by]
    return 3 * one * one * other + other * other * other


def size(error: float) -> float:
    """The logarithm of an error; of none, the lowest that is drawn."""
    return max(snap(math.log10(abs(error))), _LEAST) if error else _LEAST


def chart(x: Sequence[float], by: int, here: int) -> elements.Element:
    """The errors of the three ways against h, both axes logarithmic, with one h marked."""
    exact = slope(x, by)

    def across(k):
        return _LEFT + (_RIGHT - _LEFT) * (1 - k / (len(STEPS) - 1))

    def down(power):
        return _TOP + (_BOTTOM - _TOP) * (2 - power) / (2 - _LEAST)

    parts = [elements.el("path", class_="axis", d=f"M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}")]
    for power in range(-16, 1, 4):
        text = "1" if power == 0 else f"1e{power}"
        low, high = f"{across(-power):.1f}", f"{down(power) + 5:.1f}"
        parts.append(elements.text_at(low, _BOTTOM + 18, text, css="faint", text_anchor="middle"))
        parts.append(elements.text_at(_LEFT - 8, high, text, css="faint", text_anchor="end"))
    now = f"{across(here):.1f}"
    parts.append(elements.el("line", class_="axis", x1=now, y1=_TOP, x2=now, y2=_BOTTOM))
    errors = [[size(one - exact) for one in quotients(x, by, step)] for step in STEPS]
    for way, name in enumerate(WAYS):
        points = [f"{across(k):.1f} {down(each[way]):.1f}" for k, each in enumerate(errors)]
        parts.append(elements.el("path", class_=f"way {_CSS[name]}", d="M" + "L".join(points)))
        high = f"{down(errors[here][way]):.1f}"
        parts.append(elements.el("circle", class_="dot", cx=now, cy=high, r=4))
        parts.append(elements.text_at(_RIGHT + 16, 40 + 26 * way, name, css=_CSS[name]))
        line = f"M{_RIGHT + 120} {35 + 26 * way}h56"
        parts.append(elements.el("path", class_=f"way {_CSS[name]}", d=line))
    parts.append(elements.text_at(_RIGHT, _BOTTOM + 36, "h", text_anchor="end"))
    parts.append(elements.text_at(_LEFT + 8, _TOP + 4, "error", css="faint"))
    said = [f"{name} 10 to the {errors[here][k]:.1f}" for k, name in enumerate(WAYS)]
    return elements.svg("0 0 900 276", f"Errors at h = 1e-{here}: {', '.join(said)}", parts)


def difference_view(values: Mapping[str, float]) -> dict[str, elements.Element]:
    """What `difference` shows of x_1, x_2, the variable that is moved, and k: h is 10**-k."""
    x, by, k_of_h = [values["x_1"], values["x_2"]], int(values["by"]), int(values["k"])
    h, exact = STEPS[k_of_h], slope(x, by)
    rows = [
        elements.row(
            elements.words(way, css=_CSS[way]),
            elements.number(f"quotient_{k}", found, 11, "td"),
            elements.number(f"error_{k}", found - exact, 11, "td"),
        )
        for k, (way, found) in enumerate(zip(WAYS, quotients(x, by, h), strict=True))
    ]
    last = elements.row(
        elements.words("by the formula"), elements.number("slope", exact, 11, "td"), ""
    )
    titles = elements.heads("method", "derivative", "error")
    title = elements.caption(f"h = 1e-{k_of_h}")
    table = elements.table(title, titles, *rows, last, css="numbers last-apart")
    return {"table": table, "chart": chart(x, by, k_of_h)}


@of_cell
def difference(k: int = 1) -> App:
    """f(x₁, x₂) = x₁³x₂ + x₁x₂³, differentiated by one variable in three ways, with h = 10**-k.

    k: from 0 to 16. Raises ValueError or TypeError for anything else.
    """
    if as_integer(k, "k", 0) >= len(STEPS):
        raise ValueError(f"k: got {k}; expected at most {len(STEPS) - 1}")
    x = {f"x_{i}": NumberSlider(f"x_{{{i}}}", v, -2.0, 2.0, 0.1) for i, v in ((1, 0.7), (2, 1.3))}
    numbers = {"k": whole("k", k, 0, len(STEPS) - 1), **x}
    by = toggles([("move x₁", 0), ("move x₂", 1)], 0, "The variable that is moved")
    controls = {**numbers, "by": by}
    page = computing(Program(tuple(controls), difference_view), controls)
    views, message = {name: page.view(name) for name in ("table", "chart")}, message_line()
    children = [grid(*controls.values()), message, *views.values()]
    return App("a derivative as a limit", controls, views, None, children, message, page)
