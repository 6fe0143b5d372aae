"""A reader's own backward pass, compared with the package's quantity by quantity, from the last
layer on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as value_field
from functools import partial

import numpy as np

from backprop_lab.core.arguments import named
from backprop_lab.core.keys import Key, named_values
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Gradient, quantities
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.slips import WHY, Answer, find, gradients, slipped
from backprop_lab.explore.still import Still
from backprop_lab.formulas.check import error
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture import diagram

KINDS = {"delta": "δ", "dW": "∂L/∂W", "db": "∂L/∂b"}
"""What is compared of each layer, in this order."""
BOUND = 1e-9
"""The largest error, by `check.error`, of what is right."""


@dataclass(frozen=True)
class Compared:
    """What was compared, in the order in which a backward pass computes it: (quantity, verdict)
    each; first: the first number that differs, by its canonical name, None if none does; slips:
    the slips that give exactly this gradient, see `slips.find`; g: the gradient it was compared
    with. What the right numbers are is not told."""

    rows: tuple[tuple[str, str], ...]
    first: Key | None = None
    slips: Sequence[Sequence[str]] = ()
    g: Gradient | None = value_field(default=None, repr=False)

    @property
    def passed(self) -> bool:
        """Whether all of it is right."""
        return all(verdict == "✓" for _, verdict in self.rows)

    def picture(self, notation: str = "LMU") -> Still:
        """The network with the numbers of its forward pass; what differs first is lit. notation: of
        its labels. Raises ValueError if nothing differs, for a batch, for an unknown notation, and
        if the network does not fit into a picture."""
        named(NOTATIONS, notation, "notation")
        if self.first is None:
            raise ValueError("picture: got nothing that differs; expected a first difference")
        if self.g.forward.x.ndim > 1:
            raise ValueError("picture: got a batch; expected the gradient of one example")
        widths = self.g.network.widths
        kind, layer, *place = self.first
        units = place[-1:] or range(widths[layer + 1])
        inputs = (place[:1] or range(widths[layer])) if kind == "dW" else ()
        lit = [Key("W", layer, i, j) for i in inputs for j in units]
        lit = lit or [Key("z_out", layer, j) for j in units]
        scene = diagram.Scene(frozenset(), frozenset(key.name for key in lit), decimals=2)
        drawn = diagram.network(widths, notation, scene=scene)(named_values(quantities(self.g)))
        return Still(f"what differs first: {KINDS[kind]} of layer {layer + 1}", drawn)

    def _repr_markdown_(self) -> str:
        rows = ["| quantity | verdict |", "|:--|:--|"]
        rows += [f"| {name} | {verdict} |" for name, verdict in self.rows]
        told = [" and ".join(f"{name}: {WHY[name]}" for name in names) for names in self.slips]
        if told:
            rows += ["", "These are the numbers of this slip: " + "\n\nor of ".join(told)]
        return "\n".join(rows)

    def __repr__(self):
        return self._repr_markdown_()


def compare(backward: Callable, g: Gradient) -> Compared:
    """Compare a backward pass of one's own with g, which says network, examples, targets and loss.

    backward: called with (net, f, y), as `bl.backward` is; it gives delta, dW and db, each a list
    of arrays by layer, in the shapes of `Gradient`: as a tuple, or as attributes. Raises TypeError
    naming the argument; what its own code raises is said in the result.
    """
    if not callable(backward):
        raise TypeError(f"backward: got {backward!r}; expected a function of net, f and y")
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    try:
        made = backward(g.network, g.forward, g.y)
        lists = [getattr(made, kind) for kind in KINDS] if hasattr(made, "delta") else [*made]
        found = dict(zip(KINDS, map(list, lists), strict=True))
    except Exception as problem:  # the reader's code may raise anything
        said = f"{type(problem).__name__}: {problem}"
        return Compared((("your function", f"✗ it stopped, or gave no delta, dW, db: {said}"),))
    rows, first, shapes_fit = [], None, True
    for layer in reversed(range(len(g.dW))):
        for kind, letter in KINDS.items():
            verdict, place = _verdict(found[kind], getattr(g, kind), layer)
            shapes_fit = shapes_fit and (verdict == "✓" or place is not None)
            if verdict != "✓" and first is None:
                entry = () if place is None else place[-1:] if kind == "delta" else place
                first = Key(kind, layer, *entry)
                verdict += "; this is the first that differs"
            rows.append((f"{letter} of layer {layer + 1}", verdict))
    slips = _slips(found, g) if first and shapes_fit else ()
    return Compared(tuple(rows), first, slips, g)


def _verdict(found: list, right: Sequence[np.ndarray], layer: int):
    """What is said to one array, and the place of the number that is farthest off."""
    if layer >= len(found) or found[layer] is None:
        return "✗ missing", None
    try:
        mine = np.asarray(found[layer], dtype=float)
    except (TypeError, ValueError):
        return "✗ not an array of numbers", None
    expected = right[layer]
    if mine.shape != expected.shape:
        return f"✗ shape {mine.shape}; expected {expected.shape}", None
    if error(mine, expected) <= BOUND:  # never, of a NaN
        return "✓", None
    off = np.nan_to_num(abs(mine - expected), nan=np.inf)
    place = tuple(map(int, np.unravel_index(off.argmax(), off.shape)))
    shown = ", ".join(str(k + 1) for k in place)
    return f"✗ wrong, most at ({shown}), where it is {snap(float(mine[place])):.4g}", place


def _slips(found: dict[str, list], g: Gradient) -> Sequence[Sequence[str]]:
    """The slips that give the reader's gradient."""
    X, y = np.atleast_2d(g.forward.x), np.atleast_2d(g.y)
    run = partial(_run, g=g, X=X, y=y)
    numbers = gradients(*([np.asarray(a, dtype=float) for a in found[k]] for k in ("dW", "db")))
    answers = [Answer(name, float(value), 9) for name, value in numbers.items()]
    return find(answers, run).slips


def _run(names, g, X, y):
    return gradients(*slipped(names, g.network.layers, X, y, LOSSES[g.loss_name], g.divisor)[2:4])
