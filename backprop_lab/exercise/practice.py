"""Exercises: predictions, blanks to fill in, and feedback that names the error.

What the feedback says is computed by pure functions (`diagnose`); the widgets only show it. Nothing
that was typed is changed, and a typed text is read as a number and nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
import sympy as sp

from backprop_lab.core.functions import ACTIVATIONS, LOSSES
from backprop_lab.core.network import Forward, Gradient, backward, forward, quantities, step
from backprop_lab.core.rounding import rounded, snap
from backprop_lab.explore import POINT_NAMES, App, losses_after_step, one_step
from backprop_lab.formulas.factors import Chain, Term, backtrace, chain
from backprop_lab.formulas.notation import NOTATIONS, latex, number
from backprop_lab.lectures import Lecture, csc311, xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.frame import Frame
from backprop_lab.picture import draw

# --- reading and judging an answer ----------------------------------------------------------------


_SIGN = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")  # hyphens, dashes, minus signs
_SPACE = r"[\s\u200b\ufeff]*"
_AROUND = re.compile(rf"{_SPACE}([+-]?){_SPACE}(.*?){_SPACE}", re.S)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]+)?", re.I)


def read_number(text: str, whole: bool = False) -> float:
    """The number that a reader typed, with a decimal point or comma and any kind of minus sign.

    whole: whether it must be an integer. Raises ValueError with a sentence that says what is
    expected. The same rule in JavaScript: explore/number.js.
    """
    plain = "".join(_AROUND.fullmatch(_SIGN.sub("-", text)).groups())
    if _THOUSANDS.fullmatch(plain):
        first, last = plain.lstrip("+").split(",")
        ways = f"{first}.{last} or {first}{last}"
        raise ValueError(f"“{text}” can be read in two ways; write {ways}")
    value = float(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else math.nan
    if whole and not value.is_integer():
        raise ValueError(f"“{text}” is not a whole number")
    if not math.isfinite(value):
        kind = "number" if math.isnan(value) else "finite number"
        raise ValueError(f"“{text}” is not a {kind}; write it like -0.2447")
    return value


@dataclass(frozen=True)
class Mistake:
    """A wrong way that leads to `value`, and the sentence that names it."""

    value: float
    sentence: str


_DIGITS = {3: "three", 4: "four", 6: "six"}
"""The numbers of decimals that an exercise may ask for, in words."""


def is_right(answer: float, expected: float, digits: int = 4) -> bool:
    """Whether the answer is the expected number: half a unit of its last decimal is allowed."""
    return abs(answer - expected) <= 0.5 * 10**-digits * (1 + 1e-9)


def diagnose(
    answer: float,
    expected: float,
    mistakes: Sequence[Mistake],
    by_hand: float | None = None,
    digits: int = 4,
) -> tuple[bool, str]:
    """Whether the answer is right, and a sentence; a known mistake is named.

    by_hand: what rounded numbers lead to, if that may differ: right as well; digits: the decimals
    asked for. Mistakes that so many decimals cannot tell from the right answer are passed over.
    """

    def is_it(value: float) -> bool:
        return is_right(answer, value, digits)

    if is_it(expected):
        return True, "Right."
    if by_hand is not None and is_it(by_hand):
        return True, f"Right; without rounding in between it is {snap(expected):.{digits}f}."
    known = [m for m in mistakes if not is_right(m.value, expected, digits)]
    known += [Mistake(-m.value, m.sentence + " The sign is off as well.") for m in known]
    rights = [value for value in (expected, by_hand) if value is not None]
    signs = [Mistake(-value, "The size is right, the sign is not.") for value in rights]
    for mistake in [*signs, *known]:
        if is_it(mistake.value):
            return False, mistake.sentence
    if abs(answer - expected) <= 0.02 * abs(expected):
        return False, f"Close. Carry more digits in between, and give {_DIGITS[digits]} decimals."
    return False, "Not yet. Write the formula down first, then put the numbers in."


# --- the mistakes that a factor invites -----------------------------------------------------------


def factor_by_hand(f: Forward, term: Term) -> float | None:
    """A sigmoid's slope from its activation with four decimals, as the lecture computes it."""
    kind, *index = term.place
    if kind != "z_out" or f.network.layers[index[0]].activation != "sigmoid":
        return None
    activation = rounded(float(f.z_out[index[0]][index[1]]), 4)
    return activation * (1 - activation)


def factor_mistakes(lecture: Lecture, f: Forward, term: Term) -> list[Mistake]:
    """The usual wrong ways to compute one factor of a chain."""
    now = quantities(f, backward(f.network, f, lecture.y, lecture.loss))
    label = NOTATIONS[lecture.notation].label
    widths = f.network.widths

    def named(key):
        return draw.plain_label(label(key, widths))

    kind, *index = term.place
    if kind == "loss":
        return [
            Mistake(now["loss",], "That is the loss itself. Differentiate it by the output."),
            Mistake(2 * term.value, "Twice too much: the ½ of the loss cancels the 2."),
            Mistake(now["z_out", len(f.z_out) - 1, 0], "That is the output, not the residual."),
        ]
    if kind == "z_out":
        layer, unit = index
        z, out = now["z_in", layer, unit], now[term.place]
        sigma = ACTIVATIONS[f.network.layers[layer].activation]
        of_activation = float(sigma.slope(f.z_out[layer])[unit])
        return [
            Mistake(out, f"That is {named(term.place)}. Its slope is asked for: σ(z)(1 − σ(z))."),
            Mistake(
                of_activation,
                f"You took the slope at {named(term.place)}; take it at "
                f"{named(('z_in', layer, unit))}.",
            ),
            Mistake(1 - out, "That is 1 − σ(z) alone; multiply it by σ(z)."),
            Mistake(z * (1 - z), "You put z in place of σ(z): the slope is σ(z)(1 − σ(z))."),
        ]
    mistakes = [
        Mistake(now[key], f"That is {named(key)}. Which symbol does the formula have here?")
        for key in now
        if key[0] in ("W", "x", "z_out", "z_in", "b")
    ]
    if term.formula == NOTATIONS[lecture.notation].symbol(term.place, widths):  # a weight
        new = step(
            f.network, backward(f.network, f, lecture.y, lecture.loss), lecture.learning_rate
        )
        updated = quantities(forward(new, f.x))[term.place]
        mistakes.append(
            Mistake(updated, f"That is the new {named(term.place)}: gradients use the old weights.")
        )
    return mistakes


def product_mistakes(lecture: Lecture, found: Chain) -> list[Mistake]:
    """The usual wrong ways to put the factors together."""
    values = [term.value for term in found.factors]
    slides = {number.name: float(number.text) for number in lecture.printed}
    mistakes = [
        Mistake(sum(values), "You added the factors; the chain rule multiplies them."),
        Mistake(
            math.prod(slides.get(t.name, rounded(t.value, 4)) for t in found.factors),
            "That is the product of the slides' numbers; your own factors give another one.",
        ),
    ]
    for k, term in enumerate(found.factors):
        rest = math.prod(values[:k] + values[k + 1 :])
        mistakes.append(Mistake(rest, f"You left out {draw.plain_label(term.name)}."))
    return mistakes


def printed_mistakes(lecture: Lecture, name: str) -> list[Mistake]:
    """The lecture's own printed number, where it is not the exact one."""
    return [
        Mistake(
            float(number.text),
            "That is the number on the slide. From the stated weights you get another one: "
            "trust your own computation, and see the last section.",
        )
        for number in lecture.printed
        if number.name == name and number.verdict != "agrees"
    ]


# --- widgets --------------------------------------------------------------------------------------


def feedback(right: bool, sentence: str) -> str:
    """A sentence with the sign of its verdict."""
    css, sign = ("forward", "✓") if right else ("backward", "✗")
    return draw.page(draw.el("span", f"{sign} {sentence}", class_=css, role="status"))


class Blank(widgets.HBox):
    """A formula with a field for its value; feedback appears beside it on Enter or on leaving.

    name: LaTeX of what is asked; expected, mistakes, by_hand, digits: see `diagnose`; width: of the
    column in which the name stands; hint: what is to be typed, if not a number of so many decimals.
    """

    @of_cell
    def __init__(
        self,
        name: str,
        expected: float,
        mistakes: Sequence[Mistake] = (),
        by_hand: float | None = None,
        width: str = "120px",
        hint: str = "",
        digits: int = 4,
    ):
        self.expected, self.mistakes = expected, list(mistakes)
        self.by_hand, self.digits = by_hand, digits
        self.field = widgets.Text(
            placeholder=hint or f"{_DIGITS[digits]} decimals",
            continuous_update=False,
            layout={"width": "130px"},
            tooltip=f"Your value of {draw.plain_label(name)}",
        )
        self.feedback = widgets.HTML(layout={"flex": "1 1 0", "min_width": "120px"})
        self.field.observe(self._judge, "value")
        asked = widgets.HTMLMath(f"$\\displaystyle {name} =$", layout={"width": width})
        super().__init__(
            [asked, self.field, self.feedback],
            layout=widgets.Layout(align_items="center", min_height="56px"),
        )

    def _judge(self, change):
        if not change.new.strip():
            self.feedback.value = ""
            return
        try:
            answer = read_number(change.new)
        except ValueError as error:
            self.feedback.value = feedback(False, str(error))
            return
        self.feedback.value = feedback(
            *diagnose(answer, self.expected, self.mistakes, self.by_hand, self.digits)
        )


class Exercise(Frame):
    """An exercise: widgets below each other. title: what its repr says."""


@of_cell
def chain_blanks(weight: str, formulas: bool = True) -> Exercise:
    """The factors of one weight of LMU-8's XOR network, to be filled in, then their product.

    weight: its name in LMU's notation; formulas: whether each factor's formula is given.
    """
    lecture = xor()
    f = forward(lecture.network, lecture.x)
    found = chain(lecture.network, f, backward(lecture.network, f, lecture.y, lecture.loss), weight)
    width = "270px" if formulas else "120px"
    blanks = [
        Blank(
            f"{term.name} = {latex(term.formula)}" if formulas else term.name,
            term.value,
            printed_mistakes(lecture, term.name) + factor_mistakes(lecture, f, term),
            factor_by_hand(f, term),
            width,
        )
        for term in found.factors
    ]
    wrong = printed_mistakes(lecture, found.name) + product_mistakes(lecture, found)
    by_hand = math.prod(rounded(term.value, 4) for term in found.factors)
    product = Blank(found.name, found.value, wrong, by_hand, width)
    return Exercise(f"the factors of {weight}, to fill in", [*blanks, product])


def signal_mistakes(f: Forward, g: Gradient, layer: int, unit: int) -> dict[str, list[Mistake]]:
    """The usual wrong ways to one unit's error signal, to the gradient of its weight from the
    second unit before, and to its bias's."""
    z = f.z_in[layer][unit]
    sigma = ACTIVATIONS[f.network.layers[layer].activation]
    if layer == len(f.z_in) - 1:
        shares = LOSSES[g.loss_name].slope(f.output, g.y)[[unit]]
    else:
        shares = f.network.layers[layer + 1].W[unit] * g.delta[layer + 1]
    slope = sigma.slope(z)
    arriving = float(f.z_out[layer - 1][1] if layer else f.x[1])
    delta, out = float(g.delta[layer][unit]), float(f.z_out[layer][unit])
    signal = [
        Mistake(shares.sum(), "That is what arrives. Multiply it by the slope of the unit itself."),
        Mistake(
            float(shares.sum() * sigma.slope(np.array(out))),
            "You took the slope at the activation; take it at the pre-activation.",
        ),
        Mistake(float(slope), "That is the slope alone; multiply it by what arrives."),
        Mistake(float(shares.sum() * out), "That is the activation; its slope is asked for."),
    ]
    signal += [
        Mistake(float(share * slope), f"Only the way over unit {k} is in it; add up all ways.")
        for k, share in enumerate(shares, 1)
        if len(shares) > 1
    ]
    own = float(f.network.layers[layer].W[1, unit])
    return {
        "delta": signal,
        "dW": [
            Mistake(delta, "That is the error signal; times the activation that arrives there."),
            Mistake(delta * own, "Not times the weight: times the activation that arrives there."),
            Mistake(delta * out, "That is the unit's own activation; take the one that arrives."),
        ],
        "db": [
            Mistake(1.0, "That is the last factor alone; times the error signal."),
            Mistake(delta * arriving, "A bias is reached by 1, not by an activation."),
        ],
    }


@of_cell
def signal_blanks(layer: int, unit: int, formulas: bool = True) -> Exercise:
    """One unit's error signal in CSC311's network, then one gradient of a weight and its bias's.

    layer, unit: from 0; formulas: whether the formulas are given. Raises ValueError for a unit that
    the network does not have. Source: CSC311, the blanks of steps 1 to 3.
    """
    lecture = csc311()
    net = lecture.network
    if layer not in range(len(net.layers)) or unit not in range(net.layers[layer].units):
        units = ", ".join(map(str, net.widths[1:]))
        raise ValueError(f"layer, unit: got {layer}, {unit}; expected one in layers of {units}")
    f = forward(net, lecture.x)
    g = backward(net, f, lecture.y, lecture.loss)
    lines = backtrace(net, f, g, lecture.notation)
    asked = [("delta", layer, unit), ("dW", layer, 1, unit), ("db", layer, unit)]
    terms = [lines.of(*key)[0] for key in asked]
    mistakes = signal_mistakes(f, g, layer, unit)
    signals = {term.name for term in terms}
    given = {s.name: v for t in terms for s, v in t.numbers.items() if s.name not in signals}
    known = ", ".join(f"${name} = {number(given[name])}$" for name in sorted(given))
    width = "330px" if formulas else "120px"
    blanks = [
        Blank(
            f"{term.name} = {latex(term.formula)}" if formulas else term.name,
            term.value,
            mistakes[term.key[0]],
            _by_hand(term),
            width=width,
        )
        for term in terms
    ]
    return Exercise(f"blanks of layer {layer + 1}", [widgets.HTMLMath(f"Given: {known}"), *blanks])


def _by_hand(term: Term) -> float:
    """What four decimals of each number lead to."""
    shown = {s: sp.Float(rounded(float(value), 4)) for s, value in term.numbers.items()}
    return float(term.formula.xreplace(shown).evalf())


@of_cell
def predict(question: str, options: Sequence[tuple[str, bool, str]]) -> Exercise:
    """A question with options to choose from; what a choice gets to hear appears below.

    options: (text, whether it is right, the sentence that answers it), two or more.
    """
    if len(options) < 2 or not any(right for _, right, _ in options):
        raise ValueError(f"options: got {len(options)}; expected at least two, one of them right")
    choice = widgets.ToggleButtons(
        options=[text for text, _, _ in options], value=None, tooltip=draw.plain_text(question)
    )
    choice.style.button_width = "auto"
    answer = widgets.HTML(layout={"min_height": "30px"})

    def judge(_change):
        right, sentence = next((r, s) for text, r, s in options if text == choice.value)
        answer.value = feedback(right, sentence)

    choice.observe(judge, "value")
    asked = widgets.HTMLMath(question)
    return Exercise("a prediction", [asked, choice, answer])


def directions_feedback(guesses: Sequence[str | None], rises: Sequence[bool]) -> list[str]:
    """For each point: whether the guessed direction ("rises", "falls" or none yet) is right."""
    said = []
    for guess, up in zip(guesses, rises, strict=True):
        truth = "rises" if up else "falls"
        if guess is None:
            said.append("")
        else:
            right = guess == truth
            said.append(feedback(right, f"It {truth}." if right else f"No: it {truth}."))
    return said


@of_cell
def predict_step(show: Callable[[], App] = one_step) -> Exercise:
    """Predict what one step on (1, 0) does to each of the four losses and to their mean.

    The app that shows it (`show`) appears once all five directions are guessed.
    """
    before, after = losses_after_step(batch=False, alpha=xor().learning_rate)
    rises = [new > old for old, new in zip(before, after, strict=True)]
    guesses, answers, rows = [], [], []
    for name in POINT_NAMES:
        guess = widgets.ToggleButtons(
            options=["rises", "falls"], value=None, tooltip=f"The loss at {name}"
        )
        guess.style.button_width = "80px"
        guesses.append(guess)
        answers.append(widgets.HTML())
        title = widgets.Label(name, layout={"width": "140px"})
        rows.append(widgets.HBox([title, guess, answers[-1]]))
    below = widgets.VBox([widgets.Label("The picture appears when all five are guessed.")])

    def judge(_change):
        values = [guess.value for guess in guesses]
        if None in values:
            return
        for answer, text in zip(answers, directions_feedback(values, rises), strict=True):
            answer.value = text
        if not isinstance(below.children[0], App):
            below.children = [show()]

    for guess in guesses:
        guess.observe(judge, "value")
    return Exercise("a prediction for all four points", [*rows, below])


@of_cell
def find_first_wrong() -> Exercise:
    """Which printed number of LMU-8 is the first that does not follow? Its 21 lines, and a choice.

    The table with the verdicts stands behind a fold, so that it needs no kernel.
    """
    lecture = xor()
    numbers = lecture.printed
    options = {
        f"{draw.plain_label(n.name)} = {n.text}": n
        for n in numbers
    }  # fmt: skip
    choice = widgets.Dropdown(
        options=[("choose a number", ""), *options.items()], layout={"width": "260px"},
        tooltip="The first printed number that is wrong",
    )  # fmt: skip
    answer = widgets.HTML(layout={"min_height": "30px"})
    first = next(n for n in numbers if n.verdict == "wrong")

    def judge(change):
        answer.value = feedback(*first_wrong(change.new, first)) if change.new else ""

    choice.observe(judge, "value")
    table = widgets.HTML(draw.fold("Show the table with all 21", draw.printed_table(numbers)))
    rows = r" \\[4pt] ".join(n.latex.replace(" = ", " &= ", 1) for n in numbers)
    lines = widgets.HTMLMath(rf"$\begin{{aligned}} {rows} \end{{aligned}}$")
    return Exercise("the hunt for the first wrong number", [lines, choice, answer, table])


def first_wrong(chosen, first) -> tuple[bool, str]:
    """Whether the chosen printed number is the first wrong one, and why or why not."""
    exact, recomputed = snap(chosen.exact), snap(chosen.recomputed)
    if chosen == first:
        return True, (
            f"Yes. Its own line, with the printed numbers in it, gives {recomputed:.4f}, "
            f"not {chosen.text}."
        )
    if chosen.verdict == "agrees":
        return False, f"This one is right: the exact value is {exact:.6f}."
    if chosen.verdict == "inherited":
        return False, (
            f"It differs from the exact {exact:.6f}, but its own line is right: "
            f"{recomputed:.6f} from the printed operands. It inherits an earlier error."
        )
    return False, "This one is wrong too, but it is not the first."
