"""Widgets that belong to the cell which made them: it names them, and run again it ends them.

A front end keeps a notebook's stored widgets by their ids, and an output refers to an app by its
id. With random ids, a notebook that is run, saved and opened again refers to apps that are not
stored. Here an app's widgets are named by the cell's own id and a running number, in a stored
notebook as in a kernel, so that the output finds its app whichever of the two has it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

import ipywidgets as widgets
from IPython import get_ipython


@dataclass
class _Run:
    """One run of a cell: the request that began it, and the widgets that it has named."""

    cell: str
    request: str
    named: list[widgets.Widget] = field(default_factory=list)
    apps: int = 0

    def name(self, widget: widgets.Widget) -> None:
        """Give a widget its id. An app has one of its own, which does not change with its parts."""
        self.named.append(widget)
        if getattr(widget, "is_app", False):
            self.apps += 1
            place = f"app-{self.apps}"
        else:
            place = f"{len(self.named) - self.apps:03}"
        widget._model_id = f"{self.cell}-{place}"

    def end(self) -> None:
        """Close the widgets, and with an app what it does in the background."""
        for widget in reversed(self.named):
            widget.close()


_runs: dict[str, _Run] = {}
_building: _Run | None = None
every = False
"""Whether every widget is named, a cell's own too: what stores a notebook wants it so."""


def of_cell(build: Callable) -> Callable:
    """Make a function or constructor that builds an app name its widgets by the cell that calls it.

    The cell's next run closes them. Where no cell is known (in plain Python, in a host that does
    not tell) nothing is named and nothing closed. It takes a further keyword, `state`: a text that
    says which state the app begins with (`page.state_text`).
    """

    @functools.wraps(build)
    def named(*arguments, state: str | None = None, **keywords):
        with _naming():
            built = build(*arguments, **keywords)
        if state is not None:
            (arguments[0] if built is None else built).show(state)  # of a constructor, what it made
        return built

    told = inspect.signature(build)
    more = inspect.Parameter("state", inspect.Parameter.KEYWORD_ONLY, default=None)
    named.__signature__ = told.replace(parameters=_with(more, told.parameters.values()))
    return named


def is_named(app: widgets.Widget) -> bool:
    """Whether an app has its cell's name, the same whenever the cell runs."""
    return bool(_building) and app in _building.named


def _with(more: inspect.Parameter, parameters: Iterable[inspect.Parameter]):
    """The parameters, and one more that is given by name alone."""
    return sorted([*parameters, more], key=lambda one: one.kind)


@contextmanager
def _naming():
    global _building
    outer, _building = _building, _building or _run()
    try:
        yield
    finally:
        _building = outer


def _run() -> _Run | None:
    """The run of the cell that is running now, if the front end says which one that is."""
    parent = getattr(get_ipython(), "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId")
    if not cell:
        return None
    request = parent["header"]["msg_id"]
    last = _runs.get(cell)
    if last is None or last.request != request:
        if last:
            last.end()
        _runs[cell] = _Run(cell, request)
    return _runs[cell]


def _made(widget: widgets.Widget) -> None:
    shared = getattr(widget, "shared_as", None)
    if shared:  # it belongs to no cell
        widget._model_id = shared
        return
    run = _building or (_run() if every else None)
    if run:
        run.name(widget)


widgets.Widget.on_widget_constructed(_made)
