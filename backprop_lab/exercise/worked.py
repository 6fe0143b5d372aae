"""A generated problem's solution, line by line: written out, computed by hand, judged.

The lines are those of `formulas.factors`, as trees in canonical names, so that any notation can
write them and a page can compute with them: what four decimals of each line lead to, and what a
reader's own numbers lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import sympy as sp
from sympy.printing.str import StrPrinter

from backprop_lab.core.keys import Key
from backprop_lab.core.network import Network, backward, forward, quantities
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.formula import Tree, parsed, result
from backprop_lab.exercise.judge import Mistake, judged, verdicts
from backprop_lab.exercise.problems import DIGITS, WIDTHS, Given, wrong_ways
from backprop_lab.formulas.factors import backtrace, trace
from backprop_lab.formulas.notation import NOTATIONS, InOrder
from backprop_lab.picture.elements import Content, el

# --- lines, from SymPy ----------------------------------------------------------------------------


class Line(NamedTuple):
    """One line of a solution: the key of what it computes, and the tree of its formula, in
    canonical names."""

    key: Key
    tree: Tree


class _Printer(InOrder, StrPrinter):
    """SymPy's text in the lecture's order, a slope with its prime."""

    def _print_Function(self, expr):
        name, arguments = type(expr).__name__, self.stringify(expr.args, ", ")
        return f"{name.replace('_slope', chr(39))}({arguments})"


@cache
def lines_of(level: int, activation: str, loss: str) -> str:
    """All lines of the passes of a level's network, in order, such as "z_out 0 0: tanh(z_in_0_0)".
    activation: of its hidden layer."""
    widths = WIDTHS[level]
    net = Network.mlp(widths, activation=activation, output="sigmoid")
    g = backward(net, forward(net, [1.0] * widths[0]), [1.0] * widths[-1], loss)
    style = NOTATIONS["LMU"]
    names = {style.symbol(key, widths): sp.Symbol(key.name) for key in quantities(g)}
    return "\n".join(
        f"{' '.join(map(str, line.key))}: {_Printer().doprint(line.formula.xreplace(names))}"
        for line in [*trace(g, "LMU"), *backtrace(g, "LMU")]
    )


@lru_cache(maxsize=4)
def lines_in(text: str, names: Sequence[str]) -> list[Line]:
    """The lines in a text of `lines_of`. names: of all quantities."""
    found = []
    for line in text.split("\n"):
        place, formula = line.split(": ")
        kind, *numbers = place.split(" ")
        key = Key(kind, *[int(number) for number in numbers])
        own = [name for name in names if name in formula]
        found.append(Line(key, parsed(formula, own)[0]))
    return found


def names_in(tree: Tree) -> list[str]:
    """The names in a formula."""
    own = [tree.what] if tree.kind == "name" else []
    return [*own, *[name for part in tree.parts for name in names_in(part)]]


def all_lines() -> dict[str, str]:
    """The lines of every network that a problem may have, by `network_name`."""
    return {
        f"{level} {activation} {loss}": lines_of(level, activation, loss)
        for level in WIDTHS
        for activation in ("sigmoid", "tanh")[: 1 if level == 1 else 2]
        for loss in ("half_squared_error", "squared_error")
    }


def network_name(given: Given, level: int) -> str:
    """Which of `all_lines` a problem's are."""
    return f"{level} {given.layers[0].activation} {given.loss}"


# --- a problem's lines ----------------------------------------------------------------------------


class Step(NamedTuple):
    """A line of a problem's solution, in numbers.

    name: its own among the steps, such as delta_0_1 or, of the second example, delta_0_1@2; key:
    what it computes; example: from 0, or -1 where it is about all of them; tree: its formula, in
    the names of steps and of what is given; right: its value; by_hand: what four decimals of each
    line lead to.
    """

    name: str
    key: Key
    example: int
    tree: Tree
    right: float
    by_hand: float


def solution(given: Given, lines: Sequence[Line], topic: str) -> list[Step]:
    """The steps that lead to what is asked, and no others."""
    kind, *place = given.key
    asked = Key("dW" if kind == "W" else kind, *place)
    needed, kept = [asked.name], []
    for line in reversed(lines):
        if line.key.name in needed:
            kept.append(line)
            needed += names_in(line.tree)
    own = [line.key.name for line in kept]
    several = topic == "batch"
    found, known, by_hand = [], givens(given), givens(given)
    for example in range(len(given.X)):
        mark = f"@{example + 1}" if several else ""
        for line in reversed(kept):
            tree = marked(line.tree, own, mark)
            at = example if several else -1
            found.append(_step(line.key, mark, at, tree, known, by_hand))
    if several:
        one, other = [Tree("name", f"{asked.name}@{k}", []) for k in (1, 2)]
        mean = Tree("/", "", [Tree("+", "", [one, other]), Tree("number", 2.0, [])])
        found.append(_step(asked, "", -1, mean, known, by_hand))
    if topic == "update":
        old = Tree("name", given.key.name, [])
        move = Tree("*", "", [Tree("name", "learning_rate", []), Tree("name", asked.name, [])])
        found.append(_step(given.key.new, "", -1, Tree("-", "", [old, move]), known, by_hand))
    return found


def _step(key: Key, mark: str, example: int, tree: Tree, known, by_hand) -> Step:
    name = f"{key.name}{mark}"
    known[name] = result(tree, known)
    by_hand[name] = cut(result(tree, by_hand))
    return Step(name, key, example, tree, known[name], by_hand[name])


def givens(given: Given) -> dict[str, float]:
    """What a problem gives, by name; of two examples the inputs and targets end in @1 and @2."""
    found = {"learning_rate": given.rate}
    for i, layer in enumerate(given.layers):
        found |= {Key("W", i, *at).name: float(w) for at, w in np.ndenumerate(layer.W)}
        found |= {Key("b", i, *at).name: float(b) for at, b in np.ndenumerate(layer.b)}
    for kind, rows in (("x", given.X), ("y", given.y)):
        for at, number in np.ndenumerate(rows):
            found[f"{kind}_{at[1]}{'' if len(rows) == 1 else f'@{at[0] + 1}'}"] = float(number)
    return found


def marked(tree: Tree, steps: Sequence[str], mark: str) -> Tree:
    """A line's tree with the names of its own example."""
    name = tree.what
    if tree.kind == "name" and (name in steps or name[:2] in ("x_", "y_")):
        return Tree("name", f"{name}{mark}", [])
    return Tree(tree.kind, name, [marked(part, steps, mark) for part in tree.parts])


def cut(number: float) -> float:
    """A number as it is written down: four decimals, half away from zero, or two significant digits
    if the decimals would show 0."""
    scaled = snap(abs(number) * 10.0**DIGITS)
    size = float(np.floor(scaled + 0.5)) / 10.0**DIGITS
    return (size if number >= 0 else -size) if size else float(f"{number:.2g}")


# --- written out ----------------------------------------------------------------------------------

_SIGNS = {"+": " + ", "-": " − ", "*": " · ", "/": " / "}
_BINDS = {"+": 1, "-": 1, "neg": 1, "*": 2, "/": 2, "^": 3}
_FUNCTIONS = {"sigmoid": "σ"}


def written(tree: Tree, of: Callable[[str], Content]) -> list[Content]:
    """A formula in words and signs. of: what stands for a name."""
    kind, parts = tree.kind, tree.parts
    if kind == "number":
        return [numeral(tree.what)]
    if kind == "name":
        return [of(tree.what)]
    if kind in ("call", "slope"):
        name = _FUNCTIONS.get(tree.what, tree.what)
        return [name, "′" if kind == "slope" else "", "(", written(parts[0], of), ")"]
    if kind == "neg":
        return ["−", bracketed(parts[0], 2, of)]
    if kind == "^":
        return [bracketed(parts[0], 4, of), el("sup", written(parts[1], of))]
    least = _BINDS[kind]
    firmer = least + (1 if kind in ("-", "/") else 0)
    return [bracketed(parts[0], least, of), _SIGNS[kind], bracketed(parts[1], firmer, of)]


def bracketed(tree: Tree, least: int, of: Callable[[str], Content]) -> list[Content]:
    """A part of a formula, in brackets if it binds less firmly than that, or is negative."""
    inner, negative = written(tree, of), tree.kind == "number" and tree.what < 0
    return ["(", inner, ")"] if negative or _BINDS.get(tree.kind, 9) < least else inner


def filled(tree: Tree, known: Mapping[str, float]) -> Tree:
    """A formula with numbers in place of names."""
    if tree.kind == "name":
        return Tree("number", known[tree.what], [])
    return Tree(tree.kind, tree.what, [filled(part, known) for part in tree.parts])


def numeral(number: float) -> str:
    """A number as `cut` leaves it, with a sign that is no hyphen."""
    return f"{snap(number):z.12g}".replace("-", "−")


# --- judged ---------------------------------------------------------------------------------------


def step_said(
    step: Step, answer: float, own: Mapping[str, float], ways: Sequence[tuple[float, str]]
) -> tuple[bool, str]:
    """Whether a step's answer is right, and what is said to it. own: what the reader has so far, by
    name, and right numbers where that is nothing; ways: what each wrong way gives, and its
    sentence."""
    known = verdicts(step.right, [Mistake(*way) for way in ways], step.by_hand, DIGITS)
    return judged(answer, known, step.right, DIGITS, result(step.tree, own))


_TOPIC_OF = {"z_out": "output", "delta": "signal", "dW": "weight", "db": "bias"}


def ways_of(step: Step, given: Given, topic: str) -> Sequence[tuple[float, str]]:
    """What each wrong way gives at a step that has such, and what is said to it."""
    if step.key.kind == "new" or (topic == "batch" and step.example < 0):
        return wrong_ways(given, topic)
    if step.key.kind not in _TOPIC_OF:
        return []
    first = max(step.example, 0)
    X, y = given.X[first : first + 1], given.y[first : first + 1]
    one = Given(given.layers, X, y, given.loss, given.rate, step.key)
    return wrong_ways(one, _TOPIC_OF[step.key.kind])
