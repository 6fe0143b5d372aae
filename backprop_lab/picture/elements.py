"""Markup as elements: a tag, attributes and children; text only in the end.

`el("td", "p < q", class_="words", data_q="p")` is an element. Its children are text, elements, or
lists of both; text is escaped when the whole becomes text, by `str` or `page`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from backprop_lab.core.rounding import snap

STYLE = files("backprop_lab.picture").joinpath("style.css").read_text(encoding="utf-8")
"""The style sheet: an app brings it to its page (`page.frame`), other markup has it beside it."""

ROUNDED = "rounded only to be shown"
"""Said wherever a reader may compute with the numbers that an app shows."""

_EMPTY = frozenset({"br", "circle", "input", "line", "path", "rect"})


class Markup(str):
    """Text that is markup already: a filled picture, a figure of matplotlib's."""


@dataclass(frozen=True)
class Element:
    """An element; str gives its markup. tag: none of what is its children and no more; attributes:
    in the order in which they are written."""

    tag: str
    children: tuple
    attributes: Mapping[str, object]

    def __str__(self):
        inner = text(self.children)
        if not self.tag:
            return str(inner)
        given = "".join(map(_attribute, self.attributes, self.attributes.values()))
        if self.tag in _EMPTY:
            return f"<{self.tag}{given}/>"
        return f"<{self.tag}{given}>{inner}</{self.tag}>"


Content = str | Element | Iterable
"""What may stand in an element: text, elements, or lists of both."""


def el(tag: str, *children: Content, **attributes: object) -> Element:
    """An element. In attributes' names _ stands for -, and one at the end is dropped (class_); True
    is an attribute without a value, None and False are none."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return Element(tag, children, names)


def text(content: Content) -> Markup:
    """The markup of elements and texts."""
    if isinstance(content, Markup | Element):
        return Markup(content)
    if isinstance(content, str):
        return Markup(html.escape(content, quote=False))
    return Markup("".join(map(text, content)))


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    said = html.escape(str(value), quote=False).replace('"', "&quot;")
    return f" {name}" if value is True else f' {name}="{said}"'


def joined(between: Content, parts: Iterable[Content]) -> list[Content]:
    """The parts, with something between each and the next."""
    return [piece for part in parts for piece in (between, part)][1:]


def page(*content: Content) -> Markup:
    """The markup as a view shows it; its page must have the `STYLE`."""
    return text(el("div", *content, class_="bl"))


# --- what the page finds by its attributes: see `page.live` ---------------------------------------


def quantity(
    name: str, shown: str, tag: str = "b", css: str | None = None, digits: int | None = None
) -> Element:
    """What is shown of a quantity, under its name. digits: if the page may write another number."""
    class_ = "n" if css is None else f"n {css}"
    return el(tag, shown, class_=class_, data_q=name, data_digits=digits)


def button(shown: Content, act: str, value: str = "", **attributes: object) -> Element:
    """A button that does something to the app's state (`page.program.Program.changed`)."""
    return el("button", shown, type="button", data_act=act, value=value, **attributes)


def number(
    name: str,
    value: float,
    digits: int = 4,
    tag: str = "span",
    css: str = "",
    shown: str | None = None,
) -> Element:
    """A number in HTML, under its quantity's name. shown: a text that stands in for it."""
    said = f"{snap(value):z.{digits}f}" if shown is None else shown
    return quantity(name, said, tag, css, digits)


def field(name: str, digits: int = 4, signed: bool = False) -> Element:
    """A number's place in a `Picture`, rounded to so many decimals; z spares it a negative zero."""
    filled = f"{{{name}:{'+' * signed}z.{digits}f}}"
    mark = "" if signed else None
    return el("tspan", filled, class_="n", data_q=name, data_digits=digits, data_signed=mark)


def when(tokens: str, held: Collection[str], css: str = "") -> dict[str, str]:
    """Attributes of what is shown while all these tokens hold (see `live`)."""
    off = " off" * (not set(tokens.split()) <= set(held))
    return {"class_": css + off, "data_when": tokens}


def matrix(entries: str) -> dict[str, str]:
    """Attributes of a transform: six numbers or names of quantities, a b c d e f as in SVG."""
    words = entries.split()
    fields = " ".join(f"{{{w}:z.6f}}" if w[0].isalpha() else f"{snap(float(w)):.6f}" for w in words)
    return {"transform": f"matrix({fields})", "data_matrix": entries}


def valued(name: str) -> dict[str, str]:
    """Attributes of what the style sheet draws by a quantity's value, its CSS variable --value."""
    return {"style": f"--value: {{{name}:z.6f}}", "data_drawn": name}


@dataclass(frozen=True)
class Picture:
    """An element with a field for every quantity it shows; call it with values to fill them."""

    template: Content

    def filled(self, values: Mapping[str, object]) -> Markup:
        """The markup with the values in its fields."""
        known = {k: snap(v) if isinstance(v, float) else v for k, v in values.items()}
        return Markup(text(self.template).format_map(known))

    def __call__(self, values: Mapping[str, object]) -> Markup:
        return page(self.filled(values))


def for_page(template: str) -> str:
    """A text with fields, as the page fills it: with names in brackets."""
    return re.sub(r"\{(\w+):[^}]*\}", r"[\1]", template)


# --- tables and drawings --------------------------------------------------------------------------


def row(*cells: Content, **attributes: object) -> Element:
    """A row of a table: elements are its cells, anything else stands in a cell of its own."""
    made = (c if _is_cell(c) else el("td", c) for c in cells)
    return el("tr", *made, **attributes)


def _is_cell(content: Content) -> bool:
    return getattr(content, "tag", "") in ("td", "th")


def words(*content: Content, css: str = "") -> Element:
    """A cell of words."""
    return el("td", *content, class_=f"words {css}".rstrip())


def left(title: str) -> Element:
    """The heading of a column of words."""
    return el("th", title, class_="words")


def heads(*titles: Content) -> Element:
    """A row of headings."""
    return row(*(title if _is_cell(title) else el("th", title) for title in titles))


def caption(said: str) -> Element:
    """What a table says of all its numbers."""
    return el("caption", said, class_="faint")


def table(*rows: Content, css: str = "numbers", **attributes: object) -> Element:
    """A table of numbers: rows, and perhaps a caption before them."""
    return el("table", *rows, class_=css, **attributes)


def scrolling(name: str) -> dict[str, str | int]:
    """Attributes of a box that scrolls, by keys too, under a spoken name. It is a group and no
    landmark, of which a page may have but one of a name."""
    return {"tabindex": 0, "role": "group", "aria_label": name}


def svg(
    box: str, said: str, *children: Content, role: str = "img", **attributes: object
) -> Element:
    """A picture that its alternative says in words. role: "group" if something in it takes keys."""
    return el("svg", *children, viewBox=box, role=role, aria_label=said, **attributes)


def text_at(x: object, y: object, *content: Content, css: str | None = None, **more) -> Element:
    """A text in SVG. css: its class; more: its other attributes."""
    return el("text", *content, class_=css, x=x, y=y, **more)
