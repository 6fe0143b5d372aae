"""The skeleton of every app: controls, views, a message, and what computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import traitlets

from backprop_lab.core.keys import Key
from backprop_lab.page.frame import WITHOUT_KERNEL, Frame
from backprop_lab.page.library import Scripted
from backprop_lab.page.live import Live, Number
from backprop_lab.page.program import Program
from backprop_lab.picture import elements
from backprop_lab.picture.labels import html_label, plain_label, spoken


class NumberSlider(Scripted):
    """A slider and a field for one number, kept together in the page. It keeps what was typed.

    label: LaTeX; low, high: the range, inclusive; whole: whether it is an integer; classes: in the
    page, from the start. `read()` gives the number or raises ValueError; a text that is none is
    refused in the page, and the number stays.
    """

    parts = ("number",)
    program_parts = ("runtime", "reading")
    value = traitlets.Float().tag(sync=True)
    low = traitlets.Float().tag(sync=True)
    high = traitlets.Float().tag(sync=True)
    step = traitlets.Float().tag(sync=True)
    whole = traitlets.Bool().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    spoken = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)

    def __init__(
        self,
        label: str,
        value: float,
        low: float,
        high: float,
        step: float = 0.01,
        whole: bool = False,
        classes: Sequence[str] = (),
    ):
        self.plain = plain_label(label)
        super().__init__(
            value=float(value), low=float(low), high=float(high), step=step, whole=whole,
            label=str(html_label(label)), spoken=spoken(self.plain),
            _dom_classes=classes,
        )  # fmt: skip

    def read(self) -> float:
        """The number. Raises ValueError if it is not finite, out of range or not whole."""
        value, expected = self.value, "a whole number" if self.whole else "a number"
        fits = self.low <= value <= self.high and (not self.whole or value.is_integer())
        if not fits:
            raise ValueError(
                f"{self.plain}: got {value:g}; expected {expected} "
                f"from {self.low:g} to {self.high:g}"
            )
        return int(value) if self.whole else value

    def set(self, value: float) -> None:
        """Show another number; six decimals are kept."""
        self.value = round(float(value), 6)

    def for_page(self) -> Number:
        """What the page must know of it."""
        return Number(self.value, self.low, self.high, self.plain, self.step, self.whole)

    def __repr__(self):
        return f"<{self.plain}>"


def whole(label: str, value: int, low: int, high: int) -> NumberSlider:
    """A whole number."""
    return NumberSlider(label, value, low, high, 1, True)


class App(Frame):
    """Controls and views.

    controls: by name, each with `observe` and either `read()` or `.value`; views: by name, each
    with `.value`; compute: settings in, {view: markup} out, raises ValueError or TypeError for
    settings that cannot be shown: the message appears and the last good picture stays; message: the
    line for it, if it stands among the children, else it comes last; page: what computes in the
    page, linked to the controls by their names: then the kernel draws the first picture only, and
    compute is None if the views are elements that the page's program gives.
    """

    _drawn = False

    def __init__(
        self,
        title: str,
        controls: Mapping[str, widgets.Widget],
        views: Mapping[str, widgets.Widget],
        compute: Callable[..., Mapping[str, str]] | None,
        children: list[widgets.Widget],
        message: widgets.HTML | None = None,
        page: Live | None = None,
    ):
        self.controls, self.views, self.compute = controls, views, compute or self._of_page
        self.message, self.page = message or message_line(), page
        below = [self.message] * (message is None) + [page] * (page is not None)
        super().__init__(title, [*children, *below], "" if page else WITHOUT_KERNEL)
        if page:
            link(page, controls)
        else:
            for control in controls.values():
                control.observe(self.refresh, "value")
        self.refresh()

    def settings(self) -> dict[str, object]:
        """What the controls are set to. Raises ValueError for a number out of range."""
        return {
            name: control.read() if isinstance(control, NumberSlider) else control.value
            for name, control in self.controls.items()
        }

    def _of_page(self, **settings) -> dict[str, str]:
        shown = self.page.computes(self.page.values(**settings))
        return {name: elements.page(shown[name]) for name in self.views}

    def refresh(self, _change=None):
        """Compute and draw; on bad settings say so and leave the picture."""
        try:
            shown = self.compute(**self.settings())
        except (ValueError, TypeError) as error:
            if not self._drawn:  # there is no good picture to keep
                raise
            self._say(f"✗ {error}. The picture shows the last good values.")
            return
        self._say("")
        for name, markup in shown.items():
            if self.views[name].value != markup:
                self.views[name].value = markup
        self._drawn = True

    def show(self, text: str) -> None:
        super().show(text)
        self.refresh()

    def _say(self, sentence: str) -> None:
        attributes = {"class_": "backward", "role": "alert", "data_message": ""}
        self.message.value = elements.page(elements.el("span", sentence, **attributes))


CHOICES = widgets.Dropdown | widgets.ToggleButtons
SWITCHES = widgets.ToggleButton | widgets.Checkbox


def computing(
    program: Program,
    controls: Mapping[str, widgets.Widget],
    rows: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    **more,
) -> Live:
    """What runs a program in the page with the values of these controls.

    A list gives the program its chosen option under its own name, or what `rows` has for it; more:
    see `Live`.
    """
    sliders = {k: c.for_page() for k, c in controls.items() if isinstance(c, NumberSlider)}
    lists = {name: c for name, c in controls.items() if isinstance(c, CHOICES)}
    flags = {k: c.value for k, c in controls.items() if isinstance(c, SWITCHES)}
    tables = {
        name: (c.index, (rows or {}).get(name) or [{name: _told(v)} for v in _values(c)])
        for name, c in lists.items()
    }
    return Live(program, {**sliders, **more.pop("numbers", {})}, tables, flags, **more)


def _values(chosen: widgets.Widget) -> list:
    """The values of a list's options, some of which are pairs with a label."""
    return [one[1] if isinstance(one, tuple) else one for one in chosen.options]


def _told(value):
    return value.name if isinstance(value, Key) else value


def link(page: Live, controls: Mapping[str, widgets.Widget]) -> None:
    """Link controls to the page's traits of the same name, in the page."""
    page.linked_controls.update(controls)
    for name, control in controls.items():
        chosen = isinstance(control, CHOICES)
        widgets.jslink((control, "index" if chosen else "value"), (page, name))
        if name in page.data["locks"]:
            control.disabled = getattr(page, f"lock_{name}")
            widgets.jslink((page, f"lock_{name}"), (control, "disabled"))


def message_line() -> widgets.HTML:
    """A line for an app's message, of a height of its own, so that nothing jumps."""
    return widgets.HTML(layout={"min_height": "28px"})


def row(*children, **layout) -> widgets.HBox:
    """Widgets side by side; they wrap where the page is narrow."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", **layout))


def grid(*children) -> widgets.GridBox:
    """Controls in columns of one width that fill the row, three of them where there is room."""
    for child in children:
        child.layout.width = "auto"
    columns = "repeat(auto-fill, minmax(min(100%, 290px), 1fr))"
    layout = {"grid_template_columns": columns, "align_items": "center", "grid_gap": "4px 8px"}
    return widgets.GridBox(children, layout=layout)


def toggles(options, value, tooltip: str, description: str = "") -> widgets.ToggleButtons:
    """Buttons of which one is pressed, each as wide as its text."""
    found = widgets.ToggleButtons(
        options=options, value=value, tooltip=tooltip, description=description
    )
    found.style.button_width = "auto"
    return found


def choice(description: str, options, **chosen) -> widgets.Dropdown:
    """A short list."""
    return widgets.Dropdown(
        options=options, description=description, tooltip="", layout={"width": "190px"}, **chosen
    )


def button(does: str, called: str, title: str, **attributes) -> elements.Element:
    """A button that the page itself answers: see `page.live`, `data-do`."""
    return elements.el("button", called, data_do=does, **attributes, title=title)
