"""How long formulas grow: written out one by one, and with every common part named once."""

from __future__ import annotations

import math

import ipywidgets as widgets

from backprop_lab.core.rounding import snap
from backprop_lab.formulas import cost
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App
from backprop_lab.picture import elements

LIVE = ((2, 2, 1), (2, 2, 2, 1), (2, 3, 3, 1))
MEASURED = {(2, 3, 3, 3, 1): (26_480, 145), (2, 4, 4, 4, 4, 1): (553_981, 320)}
"""`cost.formula_sizes` of larger networks, measured once: the last takes half a minute."""


def formula_sizes_view() -> dict[str, str]:
    """What `formula_sizes` shows: a table, with bars on a logarithmic scale."""
    sizes = {widths: cost.formula_sizes(widths) for widths in LIVE} | MEASURED
    rows = []
    for widths, (alone, named) in sizes.items():
        bars = [
            elements.el("rect", class_=css, y=y, width=f"{snap(40 * math.log10(n)):.1f}", height=8)
            for css, y, n in (("faint", 2, alone), ("backward", 13, named))
        ]
        title = "-".join(map(str, widths)) + ", measured once" * (widths in MEASURED)
        name = "_".join(map(str, widths))
        drawn = {"viewBox": "0 0 240 24", "style": "width: 240px", "aria_hidden": "true"}
        rows.append(
            elements.row(
                elements.words(title),
                elements.quantity(f"alone_{name}", f"{alone:,}", "td"),
                elements.quantity(f"named_{name}", f"{named:,}", "td", "backward"),
                elements.el("svg", *bars, **drawn),
            )
        )
    legend = "upper bar: one by one, lower: with names; logarithmic"
    titles = elements.heads("network", "one by one", "with names", legend)
    return {"table": elements.page(elements.table(titles, *rows))}


@of_cell
def formula_sizes() -> App:
    """Operations in all gradients, as SymPy writes them: one by one, and with δ as names."""
    table = widgets.HTML()
    return App("the sizes of the formulas", {}, {"table": table}, formula_sizes_view, [table])
