"""The skeleton of every app: controls, views, a message, and what computes."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping

import ipywidgets as widgets
import numpy as np

from backprop_lab import draw
from backprop_lab.explore.frame import WITHOUT_KERNEL, Frame
from backprop_lab.live import Live, Number


class NumberSlider(widgets.HBox):
    """A slider with a number field beside it. The field is what counts: it keeps what was typed.

    label: LaTeX; low, high: the range, inclusive; `read()` gives the number or raises ValueError.
    in_page: whether the page keeps slider and field together (see `live`), else the kernel does;
    like: another one, whose layouts and styles it shares: fewer models, a page that loads sooner.
    """

    def __init__(
        self,
        label: str,
        value: float,
        low: float,
        high: float,
        step: float = 0.01,
        in_page: bool = False,
        like: NumberSlider | None = None,
    ):
        self.plain, self.low, self.high = draw.plain_label(label), low, high
        value = float(value)
        part, field = (like.slider, like.text) if like else (None, None)
        self.slider = widgets.FloatSlider(
            value=value,
            min=low,
            max=high,
            step=step,
            readout=False,
            description=f"${label}$",
            style=part.style if part else {"description_width": "36px"},
            layout=part.layout if part else {"min_width": "120px", "flex": "1 1 auto"},
        )
        self.text = widgets.FloatText(
            value=value,
            step=step,
            tooltip=f"{self.plain} as a number",
            layout=field.layout if field else {"width": "86px"},
            **({"style": field.style} if field else {}),
        )
        if not in_page:
            self.slider.observe(self._slid, "value")
            self.text.observe(self._typed, "value")
        layout = like.layout if like else {"width": "272px"}
        super().__init__([self.slider, self.text], layout=layout)

    def _slid(self, change):
        # The browser snaps the slider to its steps and reports that: no move of the learner's.
        if abs(change.new - self._on_slider(self.text.value)) > 0.5 * self.slider.step:
            self.text.value = round(change.new, 6)

    def _typed(self, change):
        place = self._on_slider(change.new)
        # Not for a rounding's difference: the browser may hold a newer value by now.
        if abs(place - self.slider.value) > 1e-9:
            self.slider.value = place

    def _on_slider(self, value):
        """Where the slider stands for a typed value: at its end for one beyond its range."""
        return float(np.clip(value, self.low, self.high)) if np.isfinite(value) else self.low

    def observe(self, handler, names="value", type="change"):
        """Call the handler when the number changes."""
        if names == "value":
            self.text.observe(handler, "value")
        else:
            super().observe(handler, names, type)

    def read(self) -> float:
        """The number in the field. Raises ValueError if it is not finite or out of range."""
        value = self.text.value
        if not (np.isfinite(value) and self.low <= value <= self.high):
            raise ValueError(
                f"{self.plain}: got {value:g}; expected a number from {self.low:g} to {self.high:g}"
            )
        return value

    def set(self, value: float) -> None:
        """Show another number; six decimals are kept."""
        self.text.value = round(float(value), 6)

    def for_page(self) -> Number:
        """What the page must know of it."""
        return Number(self.text.value, self.low, self.high, self.slider.step, self.plain)

    @property
    def disabled(self) -> bool:
        """Whether the control is locked."""
        return self.slider.disabled

    @disabled.setter
    def disabled(self, locked: bool):
        self.slider.disabled = self.text.disabled = locked


class App(Frame):
    """Controls and views.

    controls: by name, each with `observe` and either `read()` or `.value`; views: by name, each
    with `.value`; compute: settings in, {view: markup} out, raises ValueError or TypeError for
    settings that cannot be shown: the message appears and the last good picture stays; message: the
    line for it, if it stands among the children, else it comes last; page: what computes in the
    page, linked to the controls by their names: then the kernel draws the first picture only.
    """

    def __init__(
        self,
        title: str,
        controls: Mapping[str, widgets.Widget],
        views: Mapping[str, widgets.Widget],
        compute: Callable[..., Mapping[str, str]],
        children: list[widgets.Widget],
        message: widgets.HTML | None = None,
        page: Live | None = None,
    ):
        self.controls, self.views, self.compute = controls, views, compute
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

    def refresh(self, _change=None):
        """Compute and draw; on bad settings say so and leave the picture."""
        try:
            shown = self.compute(**self.settings())
        except (ValueError, TypeError) as error:
            self._say(f"✗ {error}. The picture shows the last good values.")
            return
        self._say("")
        for name, markup in shown.items():
            if self.views[name].value != markup:
                self.views[name].value = markup

    def _say(self, sentence: str) -> None:
        self.message.value = draw.page(
            f'<span class="backward" role="alert" data-message="">{html.escape(sentence)}</span>'
        )


def link(page: Live, controls: Mapping[str, widgets.Widget]) -> None:
    """Link controls to the page's traits of the same name, in the page."""
    for name, control in controls.items():
        if isinstance(control, NumberSlider):
            widgets.jslink((control.text, "value"), (page, name))
            widgets.jslink((control.slider, "value"), (page, f"slider_{name}"))
        elif isinstance(control, widgets.Dropdown | widgets.ToggleButtons):
            widgets.jslink((control, "index"), (page, name))
        else:
            widgets.jslink((control, "value"), (page, name))


def message_line() -> widgets.HTML:
    """A line for an app's message, of a height of its own, so that nothing jumps."""
    return widgets.HTML(layout={"min_height": "28px"})


def row(*children, **layout) -> widgets.HBox:
    """Widgets side by side; they wrap where the page is narrow."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", **layout))


def toggles(options, value, tooltip: str) -> widgets.ToggleButtons:
    """Buttons of which one is pressed, each as wide as its text."""
    found = widgets.ToggleButtons(options=options, value=value, tooltip=tooltip)
    found.style.button_width = "auto"
    return found


def choice(description: str, options, **chosen) -> widgets.Dropdown:
    """A short list."""
    return widgets.Dropdown(
        options=options, description=description, layout={"width": "190px"}, **chosen
    )
