"""How long formulas grow: written out one by one, and with every common part named once."""

from __future__ import annotations

import math

import ipywidgets as widgets

from backprop_lab.core.rounding import snap
from backprop_lab.formulas import cost
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App
from backprop_lab.picture import draw

LIVE = ((2, 2, 1), (2, 2, 2, 1), (2, 3, 3, 1))
MEASURED = {(2, 3, 3, 3, 1): (26_480, 145), (2, 4, 4, 4, 4, 1): (553_981, 320)}
"""`cost.formula_sizes` of larger networks, measured once: the last takes half a minute."""


def formula_sizes_view() -> dict[str, str]:
    """What `formula_sizes` shows: a table, with bars on a logarithmic scale."""
    sizes = {widths: cost.formula_sizes(widths) for widths in LIVE} | MEASURED
    rows = ""
    for widths, (alone, named) in sizes.items():
        bars = "".join(
            f'<rect class="{css}" y="{y}" width="{snap(40 * math.log10(count)):.1f}" height="8"/>'
            for css, y, count in (("faint", 2, alone), ("backward", 13, named))
        )
        title = "-".join(map(str, widths)) + ", measured once" * (widths in MEASURED)
        name = "_".join(map(str, widths))
        rows += (
            f'<tr><td class="words">{title}</td><td class="n" data-q="alone_{name}">{alone:,}</td>'
            f'<td class="n backward" data-q="named_{name}">{named:,}</td>'
            f'<td><svg viewBox="0 0 240 24" style="width: 240px" aria-hidden="true">{bars}</svg>'
            "</td></tr>"
        )
    return {
        "table": draw.page(
            '<table class="numbers"><tr><th>network</th><th>one by one</th>'
            "<th>with names</th><th>upper bar: one by one, lower: with names; logarithmic</th></tr>"
            f"{rows}</table>"
        )
    }


@of_cell
def formula_sizes() -> App:
    """Operations in all gradients, as SymPy writes them: one by one, and with δ as names."""
    table = widgets.HTML()
    return App("the sizes of the formulas", {}, {"table": table}, formula_sizes_view, [table])
