"""The app that hands in: a name, and a button that gives one file of all that is kept (`kept.js`).

What a lecturer reads of it is in `handed`."""

from __future__ import annotations

from backprop_lab.page.cell import of_cell
from backprop_lab.page.frame import Frame
from backprop_lab.page.library import Scripted


class HandIn(Scripted):
    """A field, two buttons and a line, which the page makes."""

    parts = ("kept", "hand_in")

    def __repr__(self):
        return "<what hands in>"


@of_cell
def play() -> Frame:
    """Hand in what is kept of a folder's notebooks, or of a site's pages, as one file."""
    return Frame("hand in", [HandIn()], "")
