"""What a page computes: Python functions of named numbers, which it runs translated.

A program takes numbers by name, from the controls, and gives numbers by name, for the elements
that carry these names. Python runs it for the first picture and for tests, the page runs it from
then on, from the same lines (`translate`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from backprop_lab.core.keys import Key
from backprop_lab.core.losses import Loss
from backprop_lab.core.network import (
    Network,
    RawLayer,
    backward_pass,
    descended,
    entries,
    forward_pass,
    loss_for,
    raw_pass,
)
from backprop_lab.formulas.factors import factors_of
from backprop_lab.page.translate import javascript
from backprop_lab.picture.charts import changes

Values = Mapping[str, float]


class Work(NamedTuple):
    """Work that takes longer than a picture, in slices, each short enough for a slider not to wait;
    the page does one with each picture, or, of work that does not wait, as many as have time.

    begin: from the values, and what other work left before (None at the start), to a record of what
    is done; on: from the values and that record to the record after one more slice; its field
    `done` says that there is no more. anew: the values whose change begins it anew; waits: for
    Play, else it begins by itself.
    """

    begin: Callable[[Values, object], object]
    on: Callable[[Values, object], object]
    anew: tuple[str, ...]
    waits: bool


class Kept(NamedTuple):
    """How the page keeps what is typed into an exercise (`kept.js`).

    title: what it is called; judged: from the values to what was judged of them, a list of `met`.
    fewest: from the state to the fewest presses that lead to it, where not each of them counts;
    known: whether a press may be one of those, where the views do not offer them all.
    """

    title: str
    judged: Callable[[Values], Sequence[Mapping]]
    fewest: Callable[[Mapping], Sequence] | None = None
    known: Callable[[str, str], bool] | None = None


def met(at: str, typed: str, right: bool, said: str) -> dict[str, object]:
    """One judged answer: where, what was typed or chosen, whether it is right, what was said."""
    return {"at": at, "typed": typed, "right": right, "said": said}


def nothing_judged(_values: Values) -> Sequence[Mapping]:
    """Of an exercise that is kept, but judges no answer of the reader's own."""
    return []


@dataclass(frozen=True)
class Program:
    """compute: from values by name to results by name (numbers, sentences, elements), in the subset
    of `translate`; inputs: the names that it takes; changed: what a press or a typed text makes of
    the app's state; work: what goes on in slices, `compute` finds its record as the value `work`;
    kept: of an exercise, how it is kept; scene: from the values to what they show of what was drawn
    once, by `live`'s words for it, those left out that do not apply:

    held: the tokens that hold; lit: the places on a path; chosen: a weight; now, found: the places
    of a step, and what it computes; known: what is computed so far, and is not hidden where
    numbers are (hides); locked: controls that are not in use; moved: numbers that a choice sets, by
    name; last: how many steps there are; text: what the step says, with quantities in brackets."""

    inputs: tuple[str, ...]
    compute: Callable[[Values], Values]
    changed: Callable[[Mapping, str, str], Mapping] = lambda state, what, value: state
    scene: Callable[[Mapping], Mapping] = lambda values: {}
    work: Work | None = None
    kept: Kept | None = None

    @cached_property
    def javascript(self) -> str:
        """A module that exports `compute(values)`, `changed(state, what, value)`, `scene(values)`,
        `work` and, of an exercise, `kept`, but for the runtime that stands before it. Raises
        Untranslatable."""
        parts = {"changed": self.changed, "scene": self.scene, "work": self.work}
        parts |= {"kept": self.kept} if self.kept else {}
        return javascript(compute=self.compute, **parts)

    def __call__(self, values: Values) -> Values:
        return self.compute(values)


def constant(values: Values, now: Values) -> Values:
    """Numbers that no control changes."""
    return now


def network_program(
    net: Network,
    loss: str = "half_squared_error",
    step: bool = True,
    points: tuple[Sequence, Sequence] | None = None,
) -> Program:
    """Everything that a picture of a small network shows, by canonical name: the quantities of one
    example's pass, all chain factors, and (new_…) the quantities after a step of size alpha.

    net: its shapes and activations; its parameters are inputs. step: whether the app shows what
    comes after a step. points: X (n, inputs) and Y (n, outputs), the examples whose losses it shows
    before and after the step (`changes`).
    """
    widths = net.widths
    shapes = {Key("x"): widths[:1], Key("y"): widths[-1:]}
    for i, layer in enumerate(net.layers):
        shapes |= {Key("W", i): layer.W.shape, Key("b", i): layer.b.shape}
    names = [Key(*key, *at).name for key, shape in shapes.items() for at in np.ndindex(*shape)]
    compute = partial(
        network_values,
        widths=list(widths),
        activations=[layer.activation for layer in net.layers],
        loss=loss_for(net, loss),
        step=step,
        points=None if points is None else tuple(np.asarray(part, float) for part in points),
    )
    return Program((*names, *["alpha"] * step), compute)


def network_values(values: Values, widths, activations, loss: Loss, step, points) -> Values:
    """The numbers of `network_program`."""
    layers = [
        RawLayer(
            given(values, Key("W", i), [widths[i], widths[i + 1]]),
            given(values, Key("b", i), [widths[i + 1]]),
            activation,
        )
        for i, activation in enumerate(activations)
    ]
    x, y = given(values, Key("x"), widths[:1]), given(values, Key("y"), widths[-1:])
    g = raw_pass(layers, x, y, loss)
    found = {key.name: value for key, value in [*entries(g.forward, g), *factors_of(g)]}
    if step:
        stepped = descended(layers, g.dW, g.db, values["alpha"])
        new = raw_pass(stepped, x, y, loss)
        found |= {key.new.name: value for key, value in entries(new.forward, new)}
        if points is not None:
            X, Y = points
            found |= changes(losses(layers, X, Y, loss), losses(stepped, X, Y, loss))
    return found


def given(values: Values, key: Key, shape):
    """The array of that name and shape, of its elements by name."""
    elements = [values[Key(*key, *index).name] for index in np.ndindex(*shape)]
    return np.array(elements).reshape(shape)


def losses(layers, X, Y, loss: Loss) -> list:
    """The loss of each example, and their mean."""
    z_in, z_out = forward_pass(layers, X)
    each = loss.shares(loss.argument(z_in[-1], z_out[-1]), Y).sum(axis=-1)
    return [*each, each.mean()]


def step_program(net: Network, one, points, loss: str) -> Program:
    """The losses at the points (X, Y) before and after one step of a network, of size alpha: for
    all of them in a `batch`, else for the one example (x, y)."""
    single, every = (
        tuple(np.atleast_2d(np.asarray(part, float)) for part in given) for given in (one, points)
    )
    compute = partial(
        step_values, layers=list(net.layers), single=single, every=every, loss=loss_for(net, loss)
    )
    return Program(("alpha", "batch"), compute)


def step_values(values: Values, layers, single, every, loss: Loss) -> Values:
    """The numbers of `step_program`."""
    X, Y = every
    x, y = every if values["batch"] else single
    z_in, z_out = forward_pass(layers, x)
    _, _, dW, db, _ = backward_pass(layers, x, z_in, z_out, y, loss, len(x))
    stepped = descended(layers, dW, db, values["alpha"])
    return changes(losses(layers, X, Y, loss), losses(stepped, X, Y, loss))
