"""A gallery of wrong backprops (`wrong_passes`), each to be found by its gradient check.

`check` is a pure function, the table a view; the widget (`play`) only joins them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Network, backward, forward, forward_pass
from backprop_lab.core.rounding import rounded, snap
from backprop_lab.exercise.blanks import Exercise, feedback
from backprop_lab.exercise.wrong_passes import CHOICES, GALLERY, SAID, Case, Wrong
from backprop_lab.formulas.check import complex_step, error
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import row
from backprop_lab.picture import elements

BOUND = 1e-10
"""Backpropagation and the complex step agree to this `error`, or one of them is wrong."""

# --- the gradient check ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One array of the gradient: what backpropagation says of it, and what was measured.

    kind, layer: "dW" or "db", and the layer from 0; error: see `check.error`, None if the shapes
    differ; said, measured: the entry that is farthest off; shapes: said, measured.
    """

    kind: str
    layer: int
    error: float | None
    said: float | None
    measured: float | None
    shapes: tuple[tuple[int, ...], tuple[int, ...]]

    @property
    def agrees(self) -> bool:
        """Whether the array is right."""
        return self.error is not None and self.error <= BOUND

    @property
    def name(self) -> str:
        """The array in words, with layers from 1."""
        return f"{self.kind[1]} of layer {self.layer + 1}"


@dataclass(frozen=True)
class GradientCheck:
    """Every array of a gradient against the complex step; shown as a table.

    rows: by layer, W before b; stopped: the name of the error with which the pass stopped, if so.
    """

    rows: tuple[Compared, ...]
    stopped: str = ""

    @property
    def passes(self) -> bool:
        """Whether every array is right."""
        return not self.stopped and all(each.agrees for each in self.rows)

    def __repr__(self):
        if self.stopped:
            return f"<gradient check: stopped with {self.stopped}>"
        right = sum(each.agrees for each in self.rows)
        return f"<gradient check: {right} of {len(self.rows)} arrays agree>"

    def _repr_html_(self):
        return f"<style>{elements.STYLE}</style>{table(self)}"


def check(
    backward_pass: Callable,
    net: Network,
    X,
    y,
    loss: str = "half_squared_error",
    reduction: str = "mean",
) -> GradientCheck:
    """Compare a pass with the complex step, array by array; a wrong shape is an error as well.

    backward_pass: one of the `GALLERY`, or a function like `network.backward_pass`. Not valid where
    a pre-activation stands exactly on a kink.
    """
    g = backward(net, forward(net, X), y, loss, reduction)
    dW, db = complex_step(g)
    x, target = np.atleast_2d(g.forward.x, g.y)
    z_in, z_out = forward_pass(net.layers, x)
    try:
        _, _, *said, _ = backward_pass(net.layers, x, z_in, z_out, target, LOSSES[loss], g.divisor)
    except (IndexError, TypeError, ValueError) as stopped:
        return GradientCheck((), type(stopped).__name__)
    return GradientCheck(
        tuple(
            _compared(kind, layer, arrays[layer], expected[layer])
            for layer in range(len(net.layers))
            for kind, arrays, expected in zip(("dW", "db"), said, (dW, db), strict=True)
        )
    )


def _compared(kind, layer, said, measured) -> Compared:
    shapes = np.shape(said), measured.shape
    if shapes[0] != shapes[1]:
        return Compared(kind, layer, None, None, None, shapes)
    # Rounded, so that where they agree the entry does not hang on the last digit.
    apart = np.abs(rounded(said - measured, 12))
    worst = np.unravel_index(np.argmax(apart), measured.shape)
    return Compared(
        kind, layer, error(said, measured), float(said[worst]), float(measured[worst]), shapes
    )


_CAPTION = (
    "of each array the entry that is farthest off; its error in units of the array's largest entry"
)


def table(found: GradientCheck) -> str:
    """A gradient check as a table."""
    if found.stopped:
        stops = f"✗ The pass stops with {found.stopped}: there is no gradient."
        return elements.page(elements.el("p", stops, class_="backward"))
    titles = elements.heads("gradient of", "backpropagation", "complex step", "error", "verdict")
    return elements.page(elements.table(elements.caption(_CAPTION), titles, *map(_row, found.rows)))


def _row(found: Compared) -> elements.Element:
    array = elements.words(found.kind[1], elements.el("sup", f"({found.layer + 1})"))
    if found.error is None:
        cells = [*(elements.words(f"shape {shape}") for shape in found.shapes), ""]
    else:
        place = f"{found.kind}_{found.layer}"
        cells = [
            elements.number(f"said_{place}", found.said, 4, "td"),
            elements.number(f"measured_{place}", found.measured, 4, "td"),
            "" if found.agrees else f"{snap(found.error):.3g}",
        ]
    css, verdict = ("forward", "✓ agrees") if found.agrees else ("backward", "✗ wrong")
    return elements.row(array, *cells, elements.words(verdict, css=css))


# --- the diagnosis --------------------------------------------------------------------------------


def _alike(one: GradientCheck, other: GradientCheck) -> bool:
    return all(
        a.shapes == b.shapes and (a.error is None or abs(a.said - b.said) <= BOUND)
        for a, b in zip(one.rows, other.rows, strict=True)
    )


def judge(suspect: Wrong, guess: Wrong, case: Case) -> tuple[bool, str]:
    """Whether the guess names the suspect's error, and a sentence on what this case says of it.

    The sentence is found by running the guess on the case too.
    """
    seen, guessed = check(suspect, *case.arguments), check(guess, *case.arguments)
    if seen.passes:
        return False, "Nothing fails here: look for a case in which the check does."
    if guess == suspect:
        return True, f"Yes: {suspect.name}."
    if _alike(seen, guessed):
        return False, "That would give these very numbers. Find a case that tells the two apart."
    if guessed.passes:
        return False, f"That would not show in this case. {guess.least}"
    for mine, its in zip(guessed.rows, seen.rows, strict=True):
        if mine.agrees and not its.agrees:
            return False, f"That would leave the gradient of {its.name} right."
        if its.agrees and not mine.agrees:
            return False, f"That would spoil the gradient of {its.name}, and here it is right."
    mine, its = next(
        (m, s)
        for m, s in zip(guessed.rows, seen.rows, strict=True)
        if not _alike(GradientCheck((m,)), GradientCheck((s,)))
    )
    said, measured = snap(mine.said), snap(mine.measured)
    return False, (
        f"That would spoil the same arrays, but otherwise: for {its.name} backpropagation would "
        f"say {said:z.4f} in place of {measured:z.4f} where it is farthest off."
    )


def revealed(wrong: Wrong) -> str:
    """What is wrong, where it shows, and the wrong line beside the right one."""

    def line(css, sign, title, text, part):
        code = elements.joined(elements.el("b", part), text.split(part))
        head = elements.el("th", f"{sign} {title}", class_=css)
        return elements.row(head, elements.words(elements.el("code", *code)))

    spoilt, right = wrong.lines
    return feedback(True, f"Yes: {wrong.name}. {wrong.why} {wrong.least}") + elements.page(
        elements.table(
            line("backward", "✗", "this backprop", spoilt, wrong.new),
            line("forward", "✓", "the pass", right, wrong.old),
        )
    )


# --- the exercise ---------------------------------------------------------------------------------

_ORDER = (3, 5, 1, 4, 7, 0, 6, 2)
SUSPECTS = dict(zip("ABCDEFGH", (GALLERY[k] for k in _ORDER), strict=True))
"""The wrong backprops under their letters; the order gives nothing away."""

QUESTION = {
    "depth": "layers",
    "width": "units in each",
    "batch": "examples",
    "activation": "hidden layers",
    "reduction": "loss of the batch",
}
"""What stands beside the choices of `CHOICES`."""


class Gallery(Exercise):
    """Choose a suspect and a case, read where the gradient check fails, name the error.

    found: the letters of the suspects that were found out.
    """

    def __init__(self):
        self.found = set()
        self.suspect = _buttons("the suspect", SUSPECTS, SUSPECTS["A"])
        self.case = {
            name: _buttons(QUESTION[name], {SAID.get(c, str(c)): c for c in CHOICES[name]}, first)
            for name, first in vars(Case(2, 2, 1)).items()
        }
        # Buttons, not a list: JupyterLab takes the keys of a list that has the focus.
        self.diagnosis = _buttons("the diagnosis", {w.name: w for w in GALLERY}, None)
        self.table, self.score = widgets.HTML(), widgets.HTML()
        self.said = widgets.HTML(layout={"min_height": "60px"})
        super().__init__(
            "a gallery of wrong backprops",
            [
                row(widgets.Label("Suspect"), self.suspect, self.score, align_items="center"),
                row(*(widgets.HBox([widgets.Label(QUESTION[name]), buttons])
                      for name, buttons in self.case.items()), align_items="center"),
                self.table,
                widgets.Label("What is wrong with it?"),
                self.diagnosis,
                self.said,
            ],
        )  # fmt: skip
        for control in (self.suspect, *self.case.values()):
            control.observe(self._look, "value")
        self.diagnosis.observe(self._judge, "value")
        self._look()

    @property
    def chosen(self) -> Case:
        """The chosen case."""
        return Case(**{name: buttons.value for name, buttons in self.case.items()})

    def _look(self, _change=None):
        letter = self.suspect.label
        self.table.value = table(check(self.suspect.value, *self.chosen.arguments))
        self.diagnosis.value = self.suspect.value if letter in self.found else None
        self._judge()

    def _judge(self, _change=None):
        suspect, guess, letter = self.suspect.value, self.diagnosis.value, self.suspect.label
        if guess is None:
            self.said.value = ""
        elif letter in self.found and guess == suspect:
            self.said.value = revealed(suspect)
        else:
            right, sentence = judge(suspect, guess, self.chosen)
            self.found |= {letter} if right else set()
            self.said.value = revealed(suspect) if right else feedback(False, sentence)
        names = ", ".join(sorted(self.found))
        self.score.value = elements.page(f"found: {len(self.found)} of {len(SUSPECTS)} {names}")


def _buttons(question: str, options: dict, value) -> widgets.ToggleButtons:
    chosen = widgets.ToggleButtons(
        options=list(options.items()), value=value, tooltip=question, layout={"width": "auto"}
    )
    chosen.style.button_width = "auto"
    return chosen


@of_cell
def play() -> Gallery:
    """The exercise: eight wrong backprops, each to be found out by its gradient check."""
    return Gallery()
