"""Problems without end: clean numbers, the solution line by line, an answer to each wrong way.

The numbers, the right answer and what the wrong ways give are computed by the pass with its slips
(`slips`); a page runs that, translated. The solution's lines are those of `formulas.factors`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import as_integer, named
from backprop_lab.core.counter import uniform
from backprop_lab.core.keys import Key
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import (
    Gradient,
    Layer,
    Network,
    RawLayer,
    backward,
    forward,
    forward_pass,
)
from backprop_lab.core.rounding import snap
from backprop_lab.exercise.judge import Mistake, Verdict, judged, verdicts
from backprop_lab.exercise.slips import FORWARD, WHY, slipped
from backprop_lab.formulas.factors import Lines, Term, backtrace, chain, trace
from backprop_lab.formulas.notation import NOTATIONS, as_shown, latex, number
from backprop_lab.picture.elements import joined

TOPICS = {
    "output": "z_out", "signal": "delta", "weight": "dW", "bias": "db", "update": "W", "batch": "dW"
}  # fmt: skip
"""What may be asked, and the kind of the quantity: an output, an error signal, the gradient of a
weight or a bias, a weight after a step, the gradient of a weight over two examples."""
WIDTHS = {1: (2, 1), 2: (2, 2, 1), 3: (2, 2, 2)}
"""The network of each level: a neuron, a hidden layer, two outputs."""
INPUTS = (-1.5, -1.2, -0.8, -0.6, 0.6, 0.8, 1.2, 1.5)
RATES = (0.4, 0.6, 0.7, 0.8)
"""With 1, ½ or 2 among them, different slips would give the same number."""
DIGITS = 4
TRIES = 400
"""So many drawings are made until no two ways give nearly the same number."""

# --- the numbers ----------------------------------------------------------------------------------


class Given(NamedTuple):
    """What a problem gives: layers; X, y, one example or two; the name of the loss; the learning
    rate; and the key of what is asked."""

    layers: Sequence[RawLayer]
    X: np.ndarray
    y: np.ndarray
    loss: str
    rate: float
    key: Key


class Numbers(NamedTuple):
    """A problem in numbers. expected: the right answer; ways: of each wrong way what it gives, and
    what is said to it."""

    given: Given
    expected: float
    ways: Sequence[tuple[float, str]]


def numbers(seed: int, topic: str, level: int) -> Numbers | None:
    """The first drawing for this seed whose answers can be told apart; None if none can."""
    start = (list(TOPICS).index(topic) * len(WIDTHS) + level - 1) * TRIES
    seeds = uniform(seed, (len(TOPICS) * len(WIDTHS) * TRIES,))
    for k in range(TRIES):
        drawn = _drawn(uniform(int(seeds[start + k] * 2**32), (48,)), topic, level)
        expected = _asked(drawn, [])
        ways = wrong_ways(drawn, topic)
        if _apart(expected, [value for value, _ in ways]):
            return Numbers(drawn, expected, ways)
    return None


def _drawn(u, topic: str, level: int) -> Given:
    """Weights and biases from -0.9 to 0.9 in tenths, none of them 0; see `INPUTS`."""
    widths, batch = WIDTHS[level], 2 if topic == "batch" else 1
    tenths = [float(round((1 + int(9 * abs(2 * one - 1))) * (1 if one < 0.5 else -1) / 10, 1))
              for one in u]  # fmt: skip
    layers, at = [], 16
    for k in range(len(widths) - 1):
        n, m = widths[k], widths[k + 1]
        activation = "tanh" if k < len(widths) - 2 and u[0] < 0.5 else "sigmoid"
        W = np.array(tenths[at : at + n * m]).reshape(n, m)
        layers.append(RawLayer(W, np.array(tenths[at + n * m : at + n * m + m]), activation))
        at += n * m + m
    X = np.array([INPUTS[int(8 * one)] for one in u[4 : 4 + 2 * batch]]).reshape(batch, 2)
    y = np.array([1.0 if one < 0.5 else 0.0 for one in u[8 : 8 + batch * widths[-1]]])
    loss = "half_squared_error" if u[1] < 0.5 else "squared_error"
    rate, last = RATES[int(4 * u[2])], len(widths) - 2
    layer = last if topic == "output" else 0
    unit, before = int(widths[layer + 1] * u[3]), int(2 * u[15])
    place = [layer, before, unit] if TOPICS[topic] in ("dW", "W") else [layer, unit]
    key = Key(TOPICS[topic], *place)
    return Given(layers, X, y.reshape(batch, widths[-1]), loss, rate, key)


def _asked(drawn: Given, slips: Sequence[str]) -> float:
    """What is asked for, of a pass with these slips."""
    kind, layer, *place = drawn.key
    if kind == "z_out":
        return float(FORWARD(drawn.layers, drawn.X, slips)[1][layer][0, place[0]])
    passed = slipped(
        slips, drawn.layers, drawn.X, drawn.y, LOSSES[drawn.loss], len(drawn.X), drawn.rate
    )
    _, delta, dW, db, _ = passed
    if kind == "delta":
        return float(delta[layer][0, place[0]])
    if kind == "db":
        return float(db[layer][place[0]])
    slope = float(dW[layer][place[0], place[1]])
    if kind == "dW":
        return slope
    return float(drawn.layers[layer].W[place[0], place[1]]) - drawn.rate * slope


def wrong_ways(drawn: Given, topic: str) -> list[tuple[float, str]]:
    """What each wrong way gives, and what is said to it; those that give the right number are none.
    The sign is judged by itself."""
    expected = _asked(drawn, [])
    found = [(_asked(drawn, [name]), why) for name, why in WHY.items() if name != "the sign"]
    _, layer, *place = drawn.key
    if topic == "output":
        z_in, _ = forward_pass(drawn.layers, drawn.X)
        turned = [
            RawLayer(one.W.T if len(one.W) == len(one.b) else one.W, one.b, one.activation)
            for one in drawn.layers
        ]
        _, others = forward_pass(turned, drawn.X)
        found += [
            (float(z_in[layer][0, place[0]]), "That is the pre-activation: put it through σ."),
            (float(others[layer][0, place[0]]), "The weights are turned round: a unit's z takes "
             "the weights that end at it."),
        ]  # fmt: skip
    if topic == "update":
        old = float(drawn.layers[layer].W[place[0], place[1]])
        found += [
            (2 * old - expected, "The step goes down: minus the gradient, not plus."),
            (old - (old - expected) / drawn.rate, "The learning rate is missing."),
            (old - expected, "That is the step alone; take it from the old weight."),
            ((old - expected) / drawn.rate, "That is the gradient; the new weight is asked."),
        ]
    return _merged(expected, found)


def _merged(expected: float, ways) -> list[tuple[float, str]]:
    """One entry for each wrong number; a way that changes nothing here is none."""
    values, told = [], []
    for value, sentence in ways:
        same = [k for k, known in enumerate(values) if abs(known - value) < 1e-9]
        if same:
            told[same[0]] = f"{told[same[0]]} Or: {sentence}"
        elif abs(value - expected) >= 1e-9:
            values.append(value)
            told.append(sentence)
    return list(zip(values, told, strict=True))


def _apart(expected: float, wrong: Sequence[float]) -> bool:
    """Whether no two answers are nearly the same, whatever their signs: the right one is far from
    all others, as it may be rounded in between."""
    unit, right, sizes = 10.0**-DIGITS, abs(expected), sorted([abs(value) for value in wrong])
    gaps = [snap(sizes[k + 1] - sizes[k]) for k in range(len(sizes) - 1)]
    near = [snap(abs(size - right)) for size in sizes]
    return right > 20 * unit and min([1.0, *gaps, sizes[0]]) > 1.1 * unit and min(near) > 5 * unit


# --- in words -------------------------------------------------------------------------------------

NUMBERS = {1: "one", 2: "two"}


class Piece(NamedTuple):
    """A piece of a question, for a writer of labels. kind: "text", "name" (of a quantity), "number"
    (a quantity and its number), or "loss" (its formula); what: the text, or the quantity's name."""

    kind: str
    what: str
    number: float = 0.0


def question(given: Given, topic: str) -> list[tuple[str, list[Piece]]]:
    """What is given and what is asked, in paragraphs "p", items "li", and in the end "b"."""
    layers = [
        f"{NUMBERS[len(layer.b)]} unit{'s' if len(layer.b) > 1 else ''} ({layer.activation})"
        for layer in given.layers
    ]
    found = [("p", [text(f"A network has two inputs, then {', then '.join(layers)}.")])]
    for i, layer in enumerate(given.layers):
        weights = [number_of(Key("W", i, *at), w) for at, w in np.ndenumerate(layer.W)]
        biases = [number_of(Key("b", i, *at), b) for at, b in np.ndenumerate(layer.b)]
        found.append(("li", joined(text(", "), [*weights, *biases])))
    for k, x in enumerate(given.X):
        own = [number_of(Key("x", *at), value) for at, value in np.ndenumerate(x)]
        if topic != "output":
            own += [number_of(Key("y", *at), value) for at, value in np.ndenumerate(given.y[k])]
        which = [text(f"example {k + 1}: ")] if len(given.X) > 1 else []
        found.append(("li", [*which, *joined(text(", "), own)]))
    if topic != "output":
        loss = [text("The loss of an example is "), Piece("loss", "loss"), text(".")]
        found.append(("p", loss))
    return [*found, ("b", asked(given, topic))]


def text(words: str) -> Piece:
    """Words."""
    return Piece("text", words)


def number_of(key: Key, value) -> Piece:
    """A quantity and its number."""
    return Piece("number", key.name, float(value))


def asked(given: Given, topic: str) -> list[Piece]:
    """What is asked."""
    name, end = Piece("name", given.key.name), text(". Give four decimals.")
    if topic == "output":
        return [text("Compute the output "), name, end]
    if topic == "signal":
        _, *place = given.key
        by = Piece("name", Key("z_in", *place).name)
        words = [text("Compute the error signal "), name, text(", the derivative of the loss by ")]
        return [*words, by, end]
    if topic == "update":
        rate = Piece("number", "learning_rate", given.rate)
        first, then = text("Take one step of gradient descent with "), text(". Compute the new ")
        return [first, rate, then, name, end]
    if topic == "batch":
        words = "The loss of both examples is the mean of theirs. Compute "
        return [text(words), name, text(" of it. Give four decimals.")]
    return [text("Compute "), name, end]


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """A problem. question: Markdown; steps: the solution's lines, of two examples one group each
    and the last line; expected: the right answer; by_hand: what four decimals of each line lead
    to; mistakes: what each wrong way gives, and what is said to it."""

    question: str
    steps: tuple[Lines, ...]
    expected: float
    by_hand: float
    mistakes: tuple[Mistake, ...]
    given: Given

    @property
    def verdicts(self) -> list[Verdict]:
        """What is known of an answer before it is typed (`judge.verdicts`)."""
        return verdicts(self.expected, self.mistakes, self.by_hand, DIGITS)

    def judge(self, answer: float) -> tuple[bool, str]:
        """Whether an answer is right, and what is said to it."""
        return judged(answer, self.verdicts, self.expected, DIGITS)

    def _repr_markdown_(self) -> str:
        return self.question

    def __repr__(self):
        return f"<a problem of {sum(map(len, self.steps))} lines>"


def problem(seed: int, topic: str, level: int = 2, notation: str = "LMU") -> Problem:
    """The problem of that seed, always the same. topic: a name in `TOPICS`; level: 1, a neuron, to
    3, two outputs. Raises ValueError or TypeError naming the argument."""
    seed, style = as_integer(seed, "seed", 0), named(NOTATIONS, notation, "notation")
    named(TOPICS, topic, "topic")
    if as_integer(level, "level", 1) not in WIDTHS:
        raise ValueError(f"level: got {level}; expected 1, 2 or 3")
    if seed >= 2**32:
        raise ValueError(f"seed: got {seed}; expected less than 2^32")
    found = numbers(seed, topic, level)
    if found is None:
        raise ValueError(f"seed: got {seed}; it has no problem whose answers can be told apart")
    given = found.given
    net = Network([Layer(*layer) for layer in given.layers])
    runs = [
        backward(net, forward(net, x), y, given.loss) for x, y in zip(given.X, given.y, strict=True)
    ]
    lines = [[*trace(g, notation), *backtrace(g, notation)] for g in runs]
    steps = _solution(runs, lines, given, topic, notation)
    mistakes = tuple(Mistake(*way) for way in found.ways)
    told = _question(lines[0], given, topic, style)
    return Problem(told, steps, found.expected, _by_hand(steps), mistakes, given)


def _solution(runs: Sequence[Gradient], lines, given: Given, topic: str, notation: str):
    """The lines that lead to what is asked, and no others."""
    if topic == "update":
        line = chain(runs[0], given.key, notation).update(given.rate)
        return (_leading([*lines[0], line], line.key),)
    groups = [_leading(each, given.key) for each in lines]
    if topic != "batch":
        return tuple(groups)
    each = [group[-1] for group in groups]
    symbols = sp.symbols(f"g_1:{len(each) + 1}", real=True)
    values = dict(zip(symbols, (line.value for line in each), strict=True))
    mean = sum(values.values()) / len(each)
    last = Term(each[0].name, sp.Add(*symbols) / len(each), mean, given.key, given.key, values)
    return *groups, Lines([last])


def _leading(lines: Sequence[Term], key: Key) -> Lines:
    kept, needed = [], set()
    for line in reversed(lines):
        if line.key == key or line.name in needed:
            kept.append(line)
            needed |= {symbol.name for symbol in line.formula.free_symbols}
    return Lines(reversed(kept))


def _by_hand(steps: Sequence[Lines]) -> float:
    """What four decimals of each line lead to."""
    each = []
    for k, group in enumerate(steps):
        known: dict[str, float] = {}
        for line in group:
            if k and k == len(steps) - 1:  # the mean of what the groups before have led to
                known = dict(zip(("g_1", "g_2"), each, strict=True))
            operands = {s: sp.Float(known.get(s.name, v)) for s, v in line.numbers.items()}
            known[line.name] = float(as_shown(line.formula.xreplace(operands).evalf(), DIGITS))
        each.append(known[group[-1].name])
    return each[-1]


def _question(lines, given: Given, topic: str, style) -> str:
    """The question in Markdown."""
    widths = (given.X.shape[1], *(len(layer.b) for layer in given.layers))
    labels = {key.name: style.label(key, widths) for key in quantity_keys(widths)}

    def written(piece: Piece) -> str:
        if piece.kind == "text":
            return piece.what
        if piece.kind == "loss":
            (line,) = (line for line in lines if line.key == ("loss",))
            return f"${line.name} = {latex(line.formula)}$"
        equal = f" = {number(piece.number)}" if piece.kind == "number" else ""
        return f"${labels[piece.what]}{equal}$"

    rows: list[str] = []
    for kind, pieces in question(given, topic):
        if kind != "li" or not rows[-1].startswith("- "):
            rows.append("")
        line = "".join(map(written, pieces))
        rows.append(f"- {line}" if kind == "li" else line)
    return "\n".join(rows[1:])


def quantity_keys(widths: Sequence[int]) -> list[Key]:
    """The keys of all quantities of a network."""
    keys = [Key("loss"), Key("learning_rate"), *[Key("x", i) for i in range(widths[0])]]
    keys += [Key("y", j) for j in range(widths[-1])]
    for i, (n, m) in enumerate(itertools.pairwise(widths)):
        kinds = ("z_in", "z_out", "delta", "b", "db")
        keys += [Key(kind, i, j) for kind in kinds for j in range(m)]
        keys += [Key(kind, i, j, k) for kind in ("W", "dW") for j in range(n) for k in range(m)]
    return keys
