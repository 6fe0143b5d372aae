"""Tables of numbers, and lines of formulas with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import Printed
from backprop_lab.picture.diagram import VERDICTS, Scene, said
from backprop_lab.picture.elements import (
    ROUNDED,
    Content,
    Element,
    Markup,
    caption,
    el,
    heads,
    joined,
    number,
    page,
    row,
    scrolling,
    table,
    when,
    words,
)
from backprop_lab.picture.labels import html_label


def update_table(
    widths: tuple[int, ...], now, after, notation: str = "LMU", scene: Scene | None = None
) -> Element:
    """The parameters, their gradients and the new parameters; the output and the loss after that.

    now, after: `quantities` before and after a step. The new ones are named new_….
    """
    scene = scene or Scene()
    keys = parameters(widths)
    label = NOTATIONS[notation].label
    alpha, loss = (html_label(label(Key(kind), widths)) for kind in ("learning_rate", "loss"))

    def line(head, css, values):
        cells = (number(key.name, value, tag="td", css=css) for key, value in values.items())
        return row(el("th", *head), *cells)

    rows = [
        heads(el("td"), *(html_label(label(key, widths)) for key in keys)),
        line(["old"], "forward", {key: now[key] for key in keys}),
        line(["∂", loss, "/∂…"], "backward", {k: now[k] for k in (key.gradient for key in keys)}),
        line(
            ["new = old − ", alpha, " ∂", loss, "/∂…"],
            "chosen",
            {key.new: after[key] for key in keys},
        ),
    ]
    if scene.printed:
        found = (scene.printed.get(key.new.name) for key in keys)
        cells = (said(n) if n else "" for n in found)
        shown = when("printed", scene.held, "printed")
        rows.append(row(el("th", "new, as printed"), *cells, **shown))
    told = [Key("z_out", len(widths) - 2, j) for j in range(widths[-1])] + [Key("loss")]
    changed = joined(", ", (_changed(key, widths, label, now, after, scene) for key in told))
    shown = table(caption(ROUNDED), *rows)
    return el("", scrolled("the parameters", shown), el("p", *changed))


def _changed(key, widths, label, now, after, scene) -> Content:
    new = key.new.name
    numbers = number(key.name, now[key]), " → ", number(new, after[key])
    return html_label(label(key, widths)), ": ", *numbers, _printed_after(scene, new)


def _printed_after(scene: Scene, quantity: str) -> Content:
    if quantity not in scene.printed:
        return ()
    found = scene.printed[quantity]
    return " ", el("span", said(found), **when("printed", scene.held, f"printed {found.verdict}"))


def scrolled(name: str, wide: Element) -> Element:
    """What may be wider than its page, in a box of that name that scrolls."""
    return el("div", wide, style="overflow-x: auto", **scrolling(name))


@dataclass(frozen=True)
class Card:
    """One line of a pass: its LaTeX, its quantity's name, its value."""

    latex: str
    quantity: str
    value: float


def cards(
    group: str, lines: Sequence[Card], css: str, scene: Scene, total: Card | None = None
) -> Element:
    """Lines side by side, each formula above its number; below them, if they are factors, their
    product. Shown while the group's token holds. Formulas are set by whoever shows the markup."""
    shown = [
        el(
            "div",
            f"${line.latex}$",
            el("br"),
            el("b", number(line.quantity, line.value, css=css)),
            _printed_after(scene, line.quantity),
            class_="card",
            data_card=line.quantity,
        )
        for line in lines
    ]
    if total:
        product = joined(" × ", (number(line.quantity, line.value) for line in lines))
        result = number(total.quantity, total.value)
        shown.append(
            el(
                "div",
                rf"$\displaystyle {total.latex}$ ",
                el("b", "= ", product, " ≈ ", result, class_=css),
                _printed_after(scene, total.quantity),
                class_="product card",
                data_card=total.quantity,
            )
        )
    return el("div", *shown, **when(group, scene.held, "cards"))


KINDS = {
    "z_in": ("pre-activation", "forward"),
    "z_out": ("activation", "forward"),
    "delta": ("error signal δ", "backward"),
}


def layers_table(widths: Sequence[int], values: Mapping[str, float]) -> Element:
    """The pre-activations, activations and error signals of every layer, a column a unit.

    values: `quantities` of one example's pass, by name.
    """
    rows = []
    for layer, inputs in enumerate(widths[:-1]):
        units = widths[layer + 1]
        for kind, (called, css) in KINDS.items():
            first = el("th", f"layer {layer + 1}, W {inputs} × {units}")
            names = [Key(kind, layer, j).name for j in range(units)]
            cells = [number(name, values[name], tag="td", css=css) for name in names]
            rows.append(row(first if kind == "z_in" else el("td"), words(called), *cells))
    return el(
        "div",
        scrolled("layer by layer", table(*rows)),
        el("p", "L = ", number("loss", values["loss"])),
    )


def nudge_table(rows: Sequence[tuple[str, str, float, float]], prefix: str = "") -> Element:
    """Derivatives by a nudge beside the computed ones; the last row stands apart.

    rows: (LaTeX of the derivative, its quantity's name, by a nudge, computed). What depends on the
    nudge is named prefix + nudged_…, prefix + difference_….
    """
    body = [
        row(
            words(html_label(latex)),
            number(f"{prefix}nudged_{quantity}", nudged, 6, "td", "forward"),
            el("td", f"{snap(exact):z.6f}", class_="n backward"),
            number(f"{prefix}difference_{quantity}", nudged - exact, 6, "td"),
        )
        for latex, quantity, nudged, exact in rows
    ]
    titles = heads("derivative", "by a nudge of h", "computed", "difference")
    return table(caption(ROUNDED), titles, *body, css="numbers last-apart")


def printed_table(numbers: Sequence[Printed]) -> Markup:
    """A lecture's printed numbers beside the exact and the recomputed ones, with the verdicts."""
    titles = ("quantity", "printed", "exact", "recomputed from printed operands", "verdict")
    rows = (
        row(
            words(html_label(n.name)),
            n.text,
            number(f"exact_{k}", n.exact, 6, "td"),
            number(f"recomputed_{k}", n.recomputed, 6, "td"),
            words(VERDICTS[n.verdict]),
            class_=n.verdict,
        )
        for k, n in enumerate(numbers)
    )
    return page(table(heads(*titles), *rows))


def fold(summary: str, *content: Content) -> Markup:
    """What stands behind a summary line that the reader opens; it needs no kernel."""
    return page(el("details", el("summary", summary), *content))
