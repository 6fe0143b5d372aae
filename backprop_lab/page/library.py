"""The code that all apps of a notebook share: kept once, not in every widget.

anywidget stores a widget's module with each widget. Here a widget's module is a few lines that put
together its parts from the texts of one widget, the library, and its own program.
"""

from __future__ import annotations

from importlib.resources import files
from typing import ClassVar

import anywidget
import ipywidgets as widgets
import traitlets

from backprop_lab.page.state_text import understood, written
from backprop_lab.page.translate import common, javascript
from backprop_lab.page.typed import reading
from backprop_lab.picture.elements import STYLE


def script(name: str) -> str:
    """The text of one of this folder's scripts."""
    return files("backprop_lab.page").joinpath(f"{name}.js").read_text(encoding="utf-8")


_NAMES = ("loader", "tree", "handle", "link", "kept", "live", "number", "guard", "hand_in")
SCRIPTS = {name: script(name) for name in _NAMES} | {
    "runtime": script("arrays") + script("python") + common(),
    "reading": javascript(reading=reading),
    "state_text": javascript("state$", **{"$understood": understood, "$written": written}),
}


class _Layout(widgets.Layout):
    shared_as = "backprop-lab-layout"


class Library(anywidget.AnyWidget):
    """The scripts by name, and the style: anywidget puts `_css` into a page's head, once."""

    shared_as = "backprop-lab"
    _esm = script("library")
    _css = STYLE
    texts = traitlets.Dict(SCRIPTS).tag(sync=True)

    def __repr__(self):
        return "<what the apps share>"


_library: Library | None = None


def library() -> Library:
    """The one library of this kernel."""
    global _library
    if _library is None or _library.comm is None:
        _library = Library(layout=_Layout())
    return _library


class Scripted(anywidget.AnyWidget):
    """A widget whose module is made of the library's scripts.

    parts: their names, in order; program_parts: those of the module of its program, which the
    script may take by an exported function `uses`; its own program stands where the name is empty.
    """

    parts: ClassVar[tuple[str, ...]] = ()
    program_parts: ClassVar[tuple[str, ...]] = ()
    # Stored with every widget, so it is short. Nothing is awaited when a model is made: anywidget
    # complains of one that takes two seconds, and a page starts all at once. It waits for the
    # library as long as it takes: get_model gives up after two seconds, and a page that is
    # reloaded and run at once makes the app before the kernel has told of the library.
    _esm = script("first")
    scripts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    computes_with = traitlets.List(traitlets.Unicode()).tag(sync=True)
    program = traitlets.Unicode().tag(sync=True)
    library = traitlets.Instance(Library).tag(sync=True, **widgets.widget_serialization)

    @traitlets.default("scripts")
    def _its_scripts(self):
        return list(self.parts)

    @traitlets.default("computes_with")
    def _what_its_program_needs(self):
        return list(self.program_parts)

    @traitlets.default("library")
    def _the_library(self):
        return library()
