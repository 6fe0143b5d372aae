"""A gallery of wrong backprops (`wrong_passes`), each to be found by its gradient check.

The check, the diagnosis and what is shown are pure functions; the page runs them, and the wrong
passes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, forward_pass
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.blanks import Exercise, said, spoken
from backprop_lab.exercise.wrong_passes import CHOICES, GALLERY, SAID, Case, Wrong, arguments
from backprop_lab.formulas.check import SMALLEST_SCALE
from backprop_lab.page.cell import of_cell
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, met
from backprop_lab.picture import elements

H = 1e-5
"""How far to either side a weight is moved."""
BOUND = 1e-6
"""Backpropagation and the central difference agree to this error, or one of them is wrong."""
LOSS = LOSSES["half_squared_error"]

# --- the gradient check ---------------------------------------------------------------------------


class Compared(NamedTuple):
    """One array of the gradient: what backpropagation says of it, and what was measured.

    kind, layer: "dW" or "db", and the layer from 0; shapes: said, measured; error: the largest
    difference, relative to the largest entry, None if the shapes differ; said, measured: the entry
    that is farthest off.
    """

    kind: str
    layer: int
    shapes: tuple[Sequence[int], Sequence[int]]
    error: float | None
    said: float | None
    measured: float | None


def compare(backward_pass: Callable, layers, X, y, divisor: float, loss=LOSS) -> list[Compared]:
    """Every array of a pass's gradient, W before b, against central differences.

    backward_pass: like `network.backward_pass`, which says the other arguments.
    """
    z_in, z_out = forward_pass(layers, X)
    _, _, dW, db, _ = backward_pass(layers, X, z_in, z_out, y, loss, divisor)
    rows = []
    for i, layer in enumerate(layers):
        for kind, found, array in (("dW", dW[i], layer.W), ("db", db[i], layer.b)):
            slopes = []
            for at in np.ndindex(array.shape):
                up, down = [
                    _total(_with_one_moved(layers, kind, i, at, by), X, y, loss) for by in (H, -H)
                ]
                slopes.append((up - down) / (2 * H * divisor))
            rows.append(_compared(kind, i, found, np.array(slopes).reshape(array.shape)))
    return rows


def _total(layers, X, y, loss) -> float:
    z_in, z_out = forward_pass(layers, X)
    return loss.shares(loss.argument(z_in[-1], z_out[-1]), y).sum()


def _with_one_moved(layers, kind: str, i: int, at: Sequence[int], by: float) -> list[RawLayer]:
    layer = layers[i]
    W = _one_moved(layer.W, at, by) if kind == "dW" else layer.W
    b = _one_moved(layer.b, at, by) if kind == "db" else layer.b
    return [RawLayer(W, b, a.activation) if k == i else a for k, a in enumerate(layers)]


def _one_moved(array, at: Sequence[int], by: float):
    now = [value + by * (place == at) for place, value in np.ndenumerate(array)]
    return np.array(now).reshape(array.shape)


def _compared(kind: str, layer: int, found, measured) -> Compared:
    shapes = (found.shape, measured.shape)
    if shapes[0] != shapes[1]:
        return Compared(kind, layer, shapes, None, None, None)
    apart, worst = -1.0, (0.0, 0.0)
    for at, value in np.ndenumerate(measured):
        off = round(abs(found[at] - value), 6)  # where they agree, not by the last digit
        if off > apart:
            apart, worst = off, (float(found[at]), float(value))
    error = float(np.max(abs(found - measured)) / max(np.max(abs(measured)), SMALLEST_SCALE))
    return Compared(kind, layer, shapes, error, *worst)


def agrees(row: Compared) -> bool:
    """Whether the array is right."""
    return row.error is not None and row.error <= BOUND


def passes(rows: Sequence[Compared]) -> bool:
    """Whether every array is right."""
    return all(agrees(row) for row in rows)


CAPTION = (
    "of each array the entry that is farthest off; its error in units of the array's largest entry"
)


def table(rows: Sequence[Compared]) -> elements.Element:
    """A gradient check as a table."""
    titles = ["gradient of", "backpropagation", "central difference", "error", "verdict"]
    shown = [_row(row) for row in rows]
    return elements.table(elements.caption(CAPTION), elements.heads(*titles), *shown)


def _row(row: Compared) -> elements.Element:
    kind = row.kind[1]
    array = elements.words(kind, elements.el("sup", f"({row.layer + 1})"))
    if row.error is None:
        shapes = [" × ".join([str(n) for n in shape]) for shape in row.shapes]
        cells = [*[elements.words(f"shape {shape}") for shape in shapes], ""]
    else:
        cells = [
            elements.number(f"said_{row.kind}_{row.layer}", row.said, 4, "td"),
            elements.number(f"measured_{row.kind}_{row.layer}", row.measured, 4, "td"),
            "" if agrees(row) else f"{snap(row.error):.2g}",
        ]
    css, verdict = ("forward", "✓ agrees") if agrees(row) else ("backward", "✗ wrong")
    return elements.row(array, *cells, elements.words(verdict, css=css))


# --- the diagnosis --------------------------------------------------------------------------------


def _alike(a: Compared, b: Compared) -> bool:
    return a.shapes == b.shapes and (a.error is None or abs(a.said - b.said) <= BOUND)


def judge(suspect: Wrong, guess: Wrong, case: Case) -> tuple[bool, str]:
    """Whether the guess names the suspect's error, and a sentence on what this case says of it.

    The sentence is found by running the guess on the case too.
    """
    seen, guessed = [compare(one.run, *arguments(case)) for one in (suspect, guess)]
    if passes(seen):
        return False, "Nothing fails here: look for a case in which the check does."
    if guess.name == suspect.name:
        return True, f"Yes: {suspect.name}."
    pairs = list(zip(guessed, seen, strict=True))
    others = [(mine, its) for mine, its in pairs if not _alike(mine, its)]
    if not others:
        return False, "That would give these very numbers. Find a case that tells the two apart."
    if passes(guessed):
        return False, f"That would not show in this case. {guess.least}"
    for mine, its in pairs:
        name = f"{its.kind[1]} of layer {its.layer + 1}"
        if agrees(mine) and not agrees(its):
            return False, f"That would leave the gradient of {name} right."
        if agrees(its) and not agrees(mine):
            return False, f"That would spoil the gradient of {name}, and here it is right."
    mine, its = others[0]
    name = f"{its.kind[1]} of layer {its.layer + 1}"
    claimed, measured = snap(mine.said), snap(mine.measured)
    return False, (
        f"That would spoil the same arrays, but otherwise: for {name} backpropagation would "
        f"say {claimed:z.4f} in place of {measured:z.4f} where it is farthest off."
    )


def revealed(wrong: Wrong) -> elements.Element:
    """What is wrong, where it shows, and the wrong line beside the right one."""
    spoilt, right = wrong.lines
    return elements.el(
        "div",
        elements.el("p", spoken(said(True, f"Yes: {wrong.name}. {wrong.why} {wrong.least}"))),
        elements.table(
            _code("backward", "✗ this backprop", spoilt, wrong.new),
            _code("forward", "✓ the pass", right, wrong.old),
        ),
    )


def _code(css: str, title: str, line: str, part: str) -> elements.Element:
    code = elements.joined(elements.el("b", part), line.split(part))
    head = elements.el("th", title, class_=css)
    return elements.row(head, elements.words(elements.el("code", *code)))


# --- the exercise ---------------------------------------------------------------------------------

_ORDER = (3, 5, 1, 4, 7, 0, 6, 2)
SUSPECTS = dict(zip("ABCDEFGH", (GALLERY[k] for k in _ORDER), strict=True))
"""The wrong backprops under their letters; the order gives nothing away."""
NAMES = [wrong.name for wrong in GALLERY]

QUESTION = {
    "depth": "layers",
    "width": "units in each",
    "batch": "examples",
    "activation": "hidden layers",
    "reduction": "loss of the batch",
}
"""What stands beside the choices of `CHOICES`, by the field of a `Case`."""
FIELDS = tuple(QUESTION)

START = {
    "suspect": "A", "diagnosis": None, "found": [],
    "depth": 2, "width": 2, "batch": 1, "activation": "tanh", "reduction": "mean",
}  # fmt: skip
"""The exercise's state: the suspect's letter, the diagnosis by its name, the letters of the
suspects that were found out, and the case."""


def case_of(state: Mapping) -> Case:
    """The chosen case."""
    return Case(*[state[name] for name in FIELDS])


def chosen(state: Mapping, what: str, value: str) -> Mapping:
    """What pressing a button makes of a state: `what` gets this value.

    An answer belongs to its suspect and its case; the right one is kept.
    """
    values = [one for one in CHOICES[what] if str(one) == value] if what in CHOICES else [value]
    now = state | {what: values[0]}
    right = SUSPECTS[now["suspect"]].name
    if what != "diagnosis":
        return now | {"diagnosis": right if now["suspect"] in now["found"] else None}
    verdict = judge(SUSPECTS[now["suspect"]], GALLERY[NAMES.index(value)], case_of(now))
    newly = verdict[0] and now["suspect"] not in now["found"]
    return now | {"found": sorted([*now["found"], now["suspect"]])} if newly else now


def gallery_view(state: Mapping) -> dict[str, elements.Element]:
    """The exercise in a state: `START`, and what `chosen` makes of it."""
    letter, found = state["suspect"], state["found"]
    suspect, case = SUSPECTS[letter], case_of(state)
    answer = []
    if state["diagnosis"] is not None:
        if letter in found and state["diagnosis"] == suspect.name:
            answer = revealed(suspect)
        else:
            guess = GALLERY[NAMES.index(state["diagnosis"])]
            answer = spoken(said(*judge(suspect, guess, case)))
    score = f"found: {len(found)} of {len(SUSPECTS)} {', '.join(found)}"
    return {
        "gallery": elements.el(
            "div",
            elements.el(
                "p", _choice(state, "suspect", "Candidate", list(SUSPECTS)), elements.el("b", score)
            ),
            elements.el(
                "p", *[_choice(state, name, QUESTION[name], CHOICES[name]) for name in FIELDS]
            ),
            table(compare(suspect.run, *arguments(case))),
            elements.el("p", _choice(state, "diagnosis", "What is wrong with it?", NAMES)),
            elements.el("div", answer, class_="answer"),
            class_="gallery",
        )
    }


def diagnosis_judged(state: Mapping) -> list[Mapping]:
    """What was judged of the diagnosis (`met`); the right one counts where something fails."""
    letter, diagnosis = state["suspect"], state["diagnosis"]
    right = letter in state["found"]
    if diagnosis is None or (diagnosis == SUSPECTS[letter].name and not right):
        return []
    found = right and diagnosis == SUSPECTS[letter].name
    return [met(f"suspect {letter}", diagnosis, found, "Yes." if found else f"Not {diagnosis}.")]


def _choice(state: Mapping, name: str, question: str, options: Sequence) -> elements.Element:
    """Buttons of which one is pressed."""
    buttons = [
        elements.button(
            SAID.get(str(option), str(option)),
            name,
            str(option),
            aria_pressed="true" if option == state[name] else "false",
        )
        for option in options
    ]
    group = {"role": "group", "aria_label": question, "class_": "choice"}
    return elements.el("span", elements.el("span", f"{question} "), buttons, **group)


@of_cell
def play() -> Exercise:
    """The exercise: eight wrong backprops, each to be found out by its gradient check."""
    title = "a gallery of wrong backprops"
    program = Program((), gallery_view, chosen, kept=Kept(title, diagnosis_judged))
    page = Live(program, {}, state=START)
    return Exercise(title, [page.view("gallery")], page)
