"""What stands around every app and exercise: its style, its keys, its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ipywidgets as widgets

from backprop_lab.page.cell import is_named, of_cell
from backprop_lab.page.library import Scripted
from backprop_lab.page.live import Live
from backprop_lab.picture import elements

WITHOUT_KERNEL = "This needs the kernel, and none answers now. Run the cell: Shift + Enter."


class Guard(Scripted):
    """Keeps an app's keys from the notebook, tells when its last view is gone."""

    parts = ("guard",)

    def __repr__(self):
        return "<what keeps an app's keys>"


def within(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """A widget, and all that stand in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child)


def share_layouts(app: widgets.Widget) -> None:
    """One layout for all widgets that have equal ones: ipywidgets makes one for each, which were a
    third of the models that a page makes before it shows anything."""
    kept: dict[str, widgets.Layout] = {}
    for widget in within(app):
        own = widget.layout
        look = {name: value for name, value in own.get_state().items() if value is not None}
        widget.layout = kept.setdefault(repr(look), own)
        if widget.layout is not own:
            own.close()


class Frame(widgets.VBox):
    """Widgets below each other, with the suite's style; named, so that its repr is short.

    content: the widgets that it was given.
    without_kernel: what it says while no kernel answers; empty for one that needs none.
    """

    is_app = True

    @of_cell
    def __init__(
        self,
        title: str,
        children: Sequence[widgets.Widget],
        without_kernel: str = WITHOUT_KERNEL,
    ):
        self.title, self.content = title, tuple(children)
        self.guard = Guard(layout={"display": "none"})
        self.guard.on_msg(self._heard)
        around = [self.guard]
        if without_kernel:
            said = elements.el("span", without_kernel, class_="backward")
            note = widgets.HTML(elements.page(said))
            note.add_class("without-kernel")
            around.append(note)
        super().__init__([*around, *children], layout={"max_width": "1000px"})
        self.add_class("backprop-app")
        share_layouts(self)
        if is_named(self):
            for child in self.children:
                if isinstance(child, Live) and child.computes.kept:
                    child.kept_as = self.model_id

    def _heard(self, _guard, message, _buffers):
        if message.get("gone"):
            self.left()

    def left(self) -> None:
        """What to do when the app is no longer on any page."""

    @property
    def shown(self) -> str:
        """The state that it shows, as a text: `show` takes it, and so does the function that made
        it, as `state` (`page.state_text`). Raises ValueError if the page computes nothing of it."""
        return self._stated().shown_state

    def show(self, text: str) -> None:
        """Show a state. Raises ValueError for a text that is none of its own; nothing changes."""
        self._stated().show_state(text)

    def _stated(self) -> Live:
        for child in self.children:
            if isinstance(child, Live):
                return child
        raise ValueError(f"state: got one for {self!r}; expected none, as no page computes it")

    def __repr__(self):
        return f"<{self.title}>"
