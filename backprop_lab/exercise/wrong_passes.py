"""Wrong backprops: each is the pass itself with one edit, and the cases in which it shows.

No wrong pass is written out: an edit is applied to the source of `network.backward_pass` or of
`network.forward_pass`, so the line that a learner is shown is the one that ran, and a change of the
pass cannot leave the edits behind.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import linecache
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType

import numpy as np

from backprop_lab.core import network
from backprop_lab.core.network import RawLayer
from backprop_lab.core.rounding import rounded

SOURCES = {
    one.__name__: inspect.getsource(one).replace("divisor):", "divisor, rate=0.5):")
    for one in (network.forward_pass, network.backward_pass)
}
"""The two parts of the pass. rate: the learning rate, for a step that is taken too early."""
SOURCE = SOURCES["backward_pass"]


def compiled(source: str) -> Callable:
    """The one function that a source defines, with the names of `network` for its own.

    For sources made from that of the pass, never for a typed text. Its lines are kept where
    `inspect` finds them, to be translated.
    """
    file = f"<an edited backward pass, {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    code = compile(source, file, "exec", dont_inherit=True)
    (body,) = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    (made,) = ast.parse(source).body
    defaults = tuple(map(ast.literal_eval, made.args.defaults))
    return FunctionType(body, vars(network), made.name, defaults)


# --- the cases ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A network of so many layers, all of one width, and a batch for it; a smaller case is a part.

    The hidden layers have the activation, the output is a sigmoid; the loss is ½ (y - a)².
    """

    depth: int = 3
    width: int = 3
    batch: int = 3
    activation: str = "tanh"
    reduction: str = "mean"


_SEED = 223
"""With it no case hides by chance what it can show: every number that is off is so by 0.005."""
_DRAWN = np.random.default_rng(_SEED)
WEIGHTS, BIASES = rounded(_DRAWN.normal(size=(2, 3, 3, 3)), 1)
EXAMPLES, TARGETS = rounded(_DRAWN.normal(size=(2, 3, 3)), 1)


def arguments(case: Case) -> tuple:
    """What a pass over a case needs: the layers, X, y, and what the loss is divided by."""
    n = case.width
    layers = [
        RawLayer(
            WEIGHTS[k, :n, :n],
            BIASES[k, 0, :n] / 2,
            case.activation if k < case.depth - 1 else "sigmoid",
        )
        for k in range(case.depth)
    ]
    divisor = case.batch if case.reduction == "mean" else 1
    return layers, EXAMPLES[: case.batch, :n], TARGETS[: case.batch, :n], divisor


CHOICES = {
    "depth": (1, 2, 3),
    "width": (1, 2, 3),
    "batch": (1, 2, 3),
    "activation": ("tanh", "relu"),
    "reduction": ("mean", "sum"),
}
"""The cases of the exercise: what may be chosen for each field of `Case`."""


SAID = {"relu": "ReLU", "sum": "the sum", "mean": "the mean"}
"""How choices of a case are written, where not by their name."""

# --- the gallery ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A wrong backprop; called as the pass is.

    name: the diagnosis; why: what is wrong with it; old, new: the edit of the pass's source, in
    which old occurs once; depth, width, batch: the least at which it shows; hidden_by: a choice of
    `Case` with which it never shows; part: the part of the pass, a name in `SOURCES`; where: of any
    network, the condition under which `switched` takes the wrong line (the shapes fit, the loss is
    the one that its name speaks of). Then: the function itself, the wrong line and the right one,
    and in words where it shows.
    """

    name: str
    why: str
    old: str
    new: str
    depth: int = 1
    width: int = 1
    batch: int = 1
    hidden_by: str = ""
    part: str = "backward_pass"
    where: str = ""

    run: Callable = field(init=False, repr=False)
    lines: tuple[str, str] = field(init=False)
    least: str = field(init=False)

    def __post_init__(self):
        source = SOURCES[self.part]
        (right,) = (line.strip() for line in source.splitlines() if self.old in line)
        examples = "one example" if self.batch == 1 else f"{self.batch} examples"
        never = f", never with {SAID.get(self.hidden_by, self.hidden_by)}" if self.hidden_by else ""
        least = f"It shows from depth {self.depth}, width {self.width} and {examples} on{never}."
        known = {
            "run": compiled(source.replace(self.old, self.new, 1)),
            "lines": (right.replace(self.old, self.new), right),
            "least": least,
        }
        for name, value in known.items():
            object.__setattr__(self, name, value)

    def __call__(self, *arguments):
        return self.run(*arguments)

    def __repr__(self):
        return f"<wrong backprop: {self.name}>"

    def shows(self, case: Case) -> bool:
        """Whether the gradient check of this case fails."""
        return (
            case.depth >= self.depth
            and case.width >= self.width
            and case.batch >= self.batch
            and self.hidden_by not in (case.activation, case.reduction)
        )


def edited(line: str, wrongs: Sequence[Wrong]) -> str | None:
    """A line of the pass with several edits, one after the other; None where one leaves no place
    for the next."""
    for wrong in wrongs:
        if line.count(wrong.old) != 1:
            return None
        line = line.replace(wrong.old, wrong.new)
    return line


def switched(part: str, wrongs: Sequence[Wrong]) -> Callable:
    """A part of the pass with all its wrong lines in it: it takes one more argument, `slips`, the
    names of those that run in place of the right ones, two in the same line too, the one that
    stands first in wrongs first."""
    lines = []
    for line in SOURCES[part].replace("):", ", slips=()):", 1).splitlines():
        indent, word = line[: len(line) - len(line.lstrip())], "if"
        here = [wrong for wrong in wrongs if wrong.part == part and wrong.old in line]
        for some in [*itertools.combinations(here, 2), *zip(here)]:
            wrong_line = edited(line, some)
            if wrong_line is not None:
                tests = [f"{wrong.name!r} in slips" for wrong in some]
                tests += [wrong.where for wrong in some if wrong.where]
                lines += [f"{indent}{word} {' and '.join(tests)}:", f"    {wrong_line}"]
                word = "elif"
        lines += [f"{indent}else:", f"    {line}"] if here else [line]
    return compiled("\n".join(lines) + "\n")


GALLERY = (
    Wrong(
        "missing transpose",
        "The signal goes back from a unit through the weights that lead into it: W transposed. "
        "With layers of different widths the shapes would have told; here they fit.",
        "signal @ layers[i].W.mT", "signal @ layers[i].W", depth=2, width=2,
        where="len(layers[i].W) == len(layers[i].b)",
    ),
    Wrong(
        "σ′ of the activation, not of the pre-activation",
        "σ′ is to be taken at z, where the forward pass took σ, not at σ(z). ReLU hides it: "
        "ReLU(z) is positive exactly where z is.",
        ".slope(z_in[i - 1])", ".slope(z_out[i - 1])", depth=2, hidden_by="relu",
    ),
    Wrong(
        "δ of the updated weights",
        "The step is taken before the signal has gone back; the gradient belongs to the weights "
        "of the forward pass.",
        "layers[i].W.mT", "(layers[i].W - rate * dW[i]).mT", depth=2,
    ),
    Wrong(
        "a forgotten path",
        "A unit acts on the loss through every unit of the next layer. Here only the first one "
        "sends its δ back; the sum over the others is missing.",
        "signal @ layers[i].W.mT", "signal[:, :1] @ layers[i].W.mT[:1]", depth=2, width=2,
    ),
    Wrong(
        "bias gradient not summed over the batch",
        "A bias acts on every example, so its gradient is the sum of their δ. Here it is the δ of "
        "the first example.",
        "signal.sum(axis=-2)", "signal[0]", batch=2,
    ),
    Wrong(
        "sum in place of the mean",
        "The loss is a mean over the examples, the gradient is that of their sum: too large by the "
        "number of examples.",
        "signal = loss.slope(v, y) / divisor", "signal = loss.slope(v, y)",
        batch=2, hidden_by="sum",
    ),
    Wrong(
        "ReLU slope from the wrong side",
        "The slope, 1 or 0, is taken from the arriving signal: it lets pass what is positive on "
        "its way back. It belongs to the forward pass: it lets pass where z was positive.",
        ".slope(z_in[i - 1])", ".slope(upstream)", depth=2,
        where="layers[i - 1].activation == 'relu'",
    ),
    Wrong(
        "missing ½",
        "The slope of ½ (y − a)² is a − y; that of (y − a)² is twice as large, and so is "
        "every gradient.",
        "loss.slope(v, y)", "2 * loss.slope(v, y)", where="loss.name == 'half_squared_error'",
    ),
)  # fmt: skip
"""The wrong backprops, in the order of the list of diagnoses."""
