"""The slips of backpropagation: each a wrong pass, found by the digits that it gives.

What a slip gives is computed by the pass with its wrong line switched on (`wrong_passes`); a page
runs this, translated.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.keys import Key
from backprop_lab.core.losses import Loss
from backprop_lab.exercise.judge import is_right
from backprop_lab.exercise.wrong_passes import GALLERY, Wrong, edited, switched
from backprop_lab.page.typed import MINUS

_BY = {wrong.name: wrong for wrong in GALLERY}
_OUTPUT_SLOPE = "ACTIVATIONS[layers[-1].activation].slope(z_in[-1])"
_SLOPE = "ACTIVATIONS[layers[i - 1].activation].slope(z_in[i - 1])"
_UP = "signal @ layers[i].W.mT"

SLIPS = (
    # of the loss
    _BY["sum in place of the mean"],
    Wrong(
        "mean in place of the sum",
        "The loss is the sum over the examples, the gradient is that of their mean: too small by "
        "the number of examples.",
        "loss.slope(v, y) / divisor", "loss.slope(v, y) / len(y)", batch=2, hidden_by="mean",
    ),
    Wrong(
        "mean over the outputs too",
        "A loss is summed over the outputs; only the examples are averaged.",
        "loss.slope(v, y) / divisor", "loss.slope(v, y) / (divisor * y.shape[-1])", width=2,
    ),
    Wrong(
        "the sign",
        "The slope of the loss is a − y, not y − a: where the output is too large the loss rises "
        "with it.",
        "loss.slope(v, y)", "-loss.slope(v, y)",
    ),
    _BY["missing ½"],
    Wrong(
        "½ counted twice",
        "The ½ of ½ (y − a)² cancels the 2 of the square: the slope is a − y.",
        "loss.slope(v, y)", "loss.slope(v, y) / 2", where="loss.name == 'half_squared_error'",
    ),
    Wrong(
        "the 2 of the square missing",
        "The loss is (a − y)², without a half: its slope is 2 (a − y).",
        "loss.slope(v, y)", "loss.slope(v, y) / 2", where="loss.name == 'squared_error'",
    ),
    Wrong(
        "σ′ on top of a − y",
        "Cross-entropy after a sigmoid has the error signal a − y; the slope σ′ has cancelled.",
        "loss.slope(v, y)", f"loss.slope(v, y) * {_OUTPUT_SLOPE}",
        where="loss.name == 'binary_cross_entropy'",
    ),
    Wrong(
        "the target left out",
        "The error signal begins with a − y. Here the − y is missing.",
        "loss.slope(v, y)", "(loss.slope(v, y) + y)", where="loss.name != 'squared_error'",
    ),
    # of the output's error signal
    Wrong(
        "σ′ of the output missing",
        "The slope of the loss by the output is not yet the error signal: times σ′ at the output.",
        f"signal * {_OUTPUT_SLOPE}", "signal",
    ),
    Wrong(
        "σ′ of the output at its activation",
        "σ′ is to be taken at z, where the forward pass took σ, not at σ(z).",
        ".slope(z_in[-1])", ".slope(z_out[-1])",
    ),
    # of the gradients
    Wrong(
        "pre-activation in place of the activation",
        "A weight multiplies the activation that arrives, σ(z), not z.",
        "z_out[i - 1] if i", "z_in[i - 1] if i", depth=2,
    ),
    Wrong(
        "activation of the wrong layer",
        "A weight's gradient has the activation that arrives at its layer, from the layer before. "
        "Here it is the one that leaves it.",
        "z_out[i - 1] if i else x", "z_out[i]", where="len(layers[i].W) == len(layers[i].b)",
    ),
    Wrong(
        "activation missing",
        "δ alone is the gradient of a bias; that of a weight is δ times the activation that "
        "arrives.",
        "arriving.mT @ signal", "(0 * arriving + 1).mT @ signal",
    ),
    Wrong(
        "δ of the wrong layer",
        "A weight's gradient has the δ of the layer that the weight leads to. Here it is that of "
        "the layer after it.",
        "arriving.mT @ signal", "arriving.mT @ (0 * signal + delta[min(i + 1, n - 1)])",
        depth=2, where="len(layers[min(i + 1, n - 1)].b) in (1, len(layers[i].b))",
    ),
    _BY["bias gradient not summed over the batch"],
    Wrong(
        "bias gradient averaged once more",
        "δ has the 1/n of the mean already: a bias's gradient is the sum of the examples' δ.",
        "signal.sum(axis=-2)", "signal.mean(axis=-2)", batch=2,
    ),
    # on the way back
    _BY["missing transpose"],
    _BY["δ of the updated weights"],
    _BY["a forgotten path"],
    Wrong(
        "weights missing on the way back",
        "A unit's δ collects the δ of the next layer, each times the weight that leads there.",
        _UP, "signal @ (0 * layers[i].W + 1).mT", depth=2,
    ),
    Wrong(
        "σ′ missing",
        "What arrives at a unit from above is not yet its δ: times its own σ′.",
        f"upstream * {_SLOPE}", "upstream", depth=2,
    ),
    _BY["σ′ of the activation, not of the pre-activation"],
    Wrong(
        "σ in place of σ′",
        "What arrives is to be multiplied by the slope σ′(z), not by the activation σ(z).",
        _SLOPE, "z_out[i - 1]", depth=2,
    ),
    Wrong(
        "σ′ of the wrong layer",
        "σ′ is to be taken at the z of the unit that the signal arrives at. Here it is the z of "
        "the layer it comes from.",
        ".slope(z_in[i - 1])", ".slope(z_in[i])", depth=2,
        where="len(layers[i].b) in (1, len(layers[i - 1].b))",
    ),
    _BY["ReLU slope from the wrong side"],
    # on the way forward
    Wrong(
        "bias missing",
        "The pre-activation is x W + b. Without b every z is off, and all that follows.",
        "x @ layer.W + layer.b", "x @ layer.W", part="forward_pass",
    ),
)  # fmt: skip
"""The slips, those first that come first where two are in one line."""
WHY = {wrong.name: wrong.why for wrong in SLIPS}
"""What is said to each slip."""

FORWARD, BACKWARD = (switched(part, SLIPS) for part in ("forward_pass", "backward_pass"))
"""The two parts of the pass, which take as their last argument the names of slips."""


def slipped(slips: Sequence[str], layers, x, y, loss: Loss, divisor, rate: float = 0.5):
    """The pass with these slips, on a batch of raw arrays: what `backward_pass` gives. rate: the
    learning rate, for weights that are updated too early. Slips that nothing here can show (the
    shapes do not fit, another loss) change nothing."""
    z_in, z_out = FORWARD(layers, x, slips)
    return BACKWARD(layers, x, z_in, z_out, y, loss, divisor, rate, slips)


def gradients(dW, db) -> dict[str, float]:
    """The gradient's numbers by name, dW_0_1_0 and db_0_0."""
    return {
        Key(kind, i, *at).name: number
        for kind, arrays in (("dW", dW), ("db", db))
        for i, array in enumerate(arrays)
        for at, number in np.ndenumerate(array)
    }


def _together(one: Wrong, other: Wrong) -> bool:
    """Whether both can be made at once: not if one takes the place of the other."""
    line = one.lines[1]
    return line != other.lines[1] or edited(line, (one, other)) is not None


ONES = [[wrong.name] for wrong in SLIPS]
PAIRS = [[a.name, b.name] for a, b in itertools.combinations(SLIPS, 2) if _together(a, b)]


class Answer(NamedTuple):
    """A typed number of a gradient, by name, with so many decimals."""

    name: str
    value: float
    decimals: int


class Found(NamedTuple):
    """What a typed gradient is. right: it has the right digits; slips: else those that give exactly
    these digits, each alone, or, if none does, in pairs; several where digits cannot tell; close:
    whether it may be the right one, rounded too early."""

    right: bool
    slips: Sequence[Sequence[str]]
    close: bool


def find(answers: Sequence[Answer], run: Callable[[Sequence[str]], Mapping[str, float]]) -> Found:
    """Which slip, or which two, give the typed digits. run: the gradient by name, from the names of
    slips, as `slipped` and `gradients` compute it."""
    right = run([])
    if _fit(answers, right):
        return Found(True, [], False)
    close = all(abs(one.value - right[one.name]) <= 0.02 * abs(right[one.name]) for one in answers)
    for tried in (ONES, PAIRS):
        fitting = [slips for slips in tried if _fit(answers, run(slips))]
        if fitting:
            return Found(False, fitting, close)
    return Found(False, [], close)


def _fit(answers: Sequence[Answer], gradient: Mapping[str, float]) -> bool:
    return all(is_right(one.value, gradient[one.name], one.decimals) for one in answers)


_PARTS = re.compile("[^.,eE]*(?:[.,]([0-9]*))?(?:[eE]([+-]?[0-9]+))?")


def decimals(text: str) -> int:
    """How many decimals a typed number has; of a text that `reading` takes for a number."""
    typed = "".join(["-" if letter in MINUS else letter for letter in text.strip()])
    after, power = _PARTS.fullmatch(typed).groups()
    return len(after or "") - int(power or "0")
