"""The exercises that a notebook calls: predictions, blanks to fill in, the hunt for a wrong number.

What the feedback says is computed by pure functions, which the page runs, translated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import ipywidgets as widgets
import sympy as sp

from backprop_lab.core.arguments import as_array, no_two_alike
from backprop_lab.core.keys import Key
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import rounded, snap
from backprop_lab.exercise import mistakes
from backprop_lab.exercise.blanks import NOTHING_SAID, Blank, Exercise, Said, said, said_here
from backprop_lab.exercise.judge import Mistake as Mistake  # for notebooks
from backprop_lab.explore import App, losses_after_step, one_step, point_names
from backprop_lab.formulas.factors import Term, backtrace, chain
from backprop_lab.formulas.notation import NOTATIONS, latex, number
from backprop_lab.lectures import Lecture, csc311, xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import computing, link
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, Values, met
from backprop_lab.picture.labels import plain_label, plain_text
from backprop_lab.picture.tables import fold, printed_table


@of_cell
def chain_blanks(weight: str, formulas: bool = True, x=None, y=None) -> Exercise:
    """The factors of one weight of LMU-8's XOR network, to be filled in, then their product.

    weight: its name in LMU's notation; formulas: whether each factor's formula is given; x, y: an
    example, shapes (2,) and (1,), instead of the lecture's, whose numbers stand on its slides.
    """
    lecture = _at(xor(), x, y)
    g = lecture.run()
    found = chain(g, weight)
    width = "270px" if formulas else "120px"
    blanks = [
        Blank(
            f"{term.name} = {latex(term.formula)}" if formulas else term.name,
            term.value,
            mistakes.printed(lecture, term.key) + mistakes.of_factor(lecture, term),
            mistakes.factor_by_hand(g.forward, term),
            width,
        )
        for term in found.factors
    ]
    gradient = found.key.gradient
    wrong = mistakes.printed(lecture, gradient) + mistakes.of_product(lecture, found)
    by_hand = math.prod(rounded(term.value, 4) for term in found.factors)
    all_of_them = " * ".join(f"b_{k}" for k in range(1, len(blanks) + 1))
    product = Blank(found.name, found.value, wrong, by_hand, width, follows=all_of_them)
    given = {} if lecture.printed else _example(lecture)
    return Exercise(f"the factors of {weight}, to fill in", [*_given(given), *blanks, product])


@of_cell
def signal_blanks(layer: int, unit: int, formulas: bool = True, x=None, y=None) -> Exercise:
    """One unit's error signal in CSC311's network, then one gradient of a weight and its bias's.

    layer, unit: from 0; formulas: whether the formulas are given; x, y: an example, shapes (3,) and
    (1,), instead of the notebook's. Raises ValueError for a unit that the network does not have.
    Source: CSC311, the blanks of steps 1 to 3.
    """
    lecture = _at(csc311(), x, y)
    net = lecture.network
    if layer not in range(len(net.layers)) or unit not in range(net.layers[layer].units):
        units = ", ".join(map(str, net.widths[1:]))
        raise ValueError(f"layer, unit: got {layer}, {unit}; expected one in layers of {units}")
    g = lecture.run()
    lines = backtrace(g, lecture.notation)
    asked = [Key("delta", layer, unit), Key("dW", layer, 1, unit), Key("db", layer, unit)]
    terms = [lines.of(*key)[0] for key in asked]
    known_mistakes = mistakes.of_signal(g, layer, unit)
    signals = {term.name for term in terms}
    given = {s.name: v for t in terms for s, v in t.numbers.items() if s.name not in signals}
    (departing,) = [float(v) for s, v in terms[1].numbers.items() if s.name not in signals]
    width = "330px" if formulas else "120px"
    blanks = [
        Blank(
            f"{term.name} = {latex(term.formula)}" if formulas else term.name,
            term.value,
            known_mistakes[term.key.kind],
            _by_hand(term),
            width=width,
            follows=follows,
        )
        for term, follows in zip(terms, ("", f"b_1 * ({departing!r})", "b_1"), strict=True)
    ]
    in_order = {name: given[name] for name in sorted(given)}
    return Exercise(f"blanks of layer {layer + 1}", [*_given(in_order), *blanks])


def _at(lecture: Lecture, x, y) -> Lecture:
    """The lecture at another example, about which it prints nothing, or as it is if none is given.
    Raises ValueError or TypeError naming x or y."""
    given = {n: as_array(v, n) for n, v in {"x": x, "y": y}.items() if v is not None}
    for name, value in given.items():
        if value.shape != (expected := getattr(lecture, name).shape):
            raise ValueError(f"{name}: got shape {value.shape}; expected {expected}")
    return replace(lecture, **given, lines=()) if given else lecture


def _example(lecture: Lecture) -> dict[str, float]:
    """The lecture's example and its pre-activations, by their names in LaTeX."""
    style, now = NOTATIONS[lecture.notation], quantities(lecture.run())
    widths, kinds = lecture.network.widths, ("x", "y", "z_in")
    return {style.label(key, widths): now[key] for key in now if key.kind in kinds}


def _given(numbers: Mapping[str, float]) -> list[widgets.Widget]:
    known = ", ".join(f"${name} = {number(value)}$" for name, value in numbers.items())
    return [widgets.HTMLMath(f"Given: {known}")] if numbers else []


def _by_hand(term: Term) -> float:
    """What four decimals of each number lead to."""
    shown = {s: sp.Float(rounded(float(value), 4)) for s, value in term.numbers.items()}
    return float(term.formula.xreplace(shown).evalf())


@of_cell
def predict(question: str, options: Sequence[tuple[str, bool, str]]) -> Exercise:
    """A question with options to choose from; what a choice gets to hear appears below.

    options: (text, whether it is right, the sentence that answers it), two or more. Raises
    ValueError for fewer, for none that is right, and for a sentence that answers two of them.
    """
    if len(options) < 2 or not any(right for _, right, _ in options):
        raise ValueError(f"options: got {len(options)}; expected at least two, one of them right")
    no_two_alike([sentence for _, _, sentence in options], "options")
    choice = widgets.ToggleButtons(
        options=[text for text, _, _ in options], value=None, tooltip=plain_text(question)
    )
    choice.style.button_width = "auto"
    answer = widgets.HTML(said_here("said"), layout={"min_height": "30px"})
    known = [(right, sentence) for _, right, sentence in options]
    texts = [text for text, _, _ in options]
    title = plain_text(question)
    kept = Kept(title, partial(choice_judged, known=known, options=texts))
    page = _choosing({"choice": choice}, partial(choice_said, known=known), kept)
    asked = widgets.HTMLMath(question)
    return Exercise("a prediction", [asked, choice, answer], page)


def _choosing(choices: Mapping[str, widgets.Widget], compute: Callable, kept: Kept) -> Live:
    """What judges choices in the page: of each it knows the number, from 0, once there is one."""
    rows = {
        name: [{name: k} for k in range(len(choice.options))] for name, choice in choices.items()
    }
    page = computing(Program(tuple(choices), compute, kept=kept), choices, rows)
    link(page, choices)
    return page


def choice_said(values: Values, known) -> dict[str, Said]:
    """What is said to a choice. known: whether each option is right, and what answers it."""
    choice = values.get("choice", -1)
    return {"said": said(*known[int(choice)]) if choice >= 0 else NOTHING_SAID}


def choice_judged(values: Values, known, options: Sequence[str]) -> list[Mapping]:
    """What was judged of a choice (`met`)."""
    choice = int(values.get("choice", -1))
    return [met("choice", options[choice], *known[choice])] if choice >= 0 else []


DIRECTIONS = ("rises", "falls")


def directions_said(values: Values, rises: Sequence[bool]) -> dict[str, Said | bool]:
    """For each point, once all are guessed: whether the guessed direction is right. rises: whether
    it does."""
    guesses = [values.get(f"guess_{k}", -1) for k in range(len(rises))]
    done = min(guesses) >= 0
    found = {"show_picture": done}
    for k, up in enumerate(rises):
        truth = DIRECTIONS[0] if up else DIRECTIONS[1]
        right = DIRECTIONS[int(guesses[k])] == truth
        sentence = f"It {truth}." if right else f"No: it {truth}."
        found[f"said_{k}"] = said(right, sentence) if done else NOTHING_SAID
    return found


def directions_judged(values: Values, rises: Sequence[bool], names: Sequence[str]) -> list[Mapping]:
    """What was judged of the directions, once all are guessed (`met`)."""
    guesses, found = [int(values.get(f"guess_{k}", -1)) for k in range(len(rises))], []
    for k, up in enumerate(rises if min(guesses) >= 0 else []):
        truth, guess = DIRECTIONS[0] if up else DIRECTIONS[1], DIRECTIONS[guesses[k]]
        found.append(met(names[k], guess, guess == truth, f"It {truth}."))
    return found


@of_cell
def predict_step(show: Callable[[], App] = one_step) -> Exercise:
    """Predict what one step on (1, 0) does to each of the four losses and to their mean.

    The app that shows it (`show`) appears once all five directions are guessed.
    """
    before, after = losses_after_step(batch=False, alpha=xor().learning_rate)
    rises = [bool(new > old) for old, new in zip(before, after, strict=True)]
    guesses, rows, names = {}, [], list(point_names(xor()))
    for k, name in enumerate(names):
        guess = widgets.ToggleButtons(options=DIRECTIONS, value=None, tooltip=f"The loss at {name}")
        guess.style.button_width = "80px"
        guesses[f"guess_{k}"] = guess
        title = widgets.Label(name, layout={"width": "140px"})
        rows.append(widgets.HBox([title, guess, widgets.HTML(said_here(f"said_{k}"))]))
    below = widgets.VBox([show()])
    below.add_class("show_picture").add_class("off")
    hint = widgets.Label("The picture appears when all five are guessed.")
    title = "a prediction for all four points"
    kept = Kept(title, partial(directions_judged, rises=rises, names=names))
    page = _choosing(guesses, partial(directions_said, rises=rises), kept)
    return Exercise(title, [*rows, hint, below], page)


@of_cell
def find_first_wrong() -> Exercise:
    """Which printed number of LMU-8 is the first that does not follow? Its 21 lines, and a choice.

    The table with the verdicts stands behind a fold.
    """
    lecture = xor()
    numbers = lecture.printed
    options = ["choose a number", *(f"{plain_label(n.name)} = {n.text}" for n in numbers)]
    choice = widgets.Dropdown(
        options=options,
        layout={"width": "260px"},
        tooltip="The first printed number that is wrong",
    )
    answer = widgets.HTML(said_here("said"), layout={"min_height": "30px"})
    first = next(n for n in numbers if n.verdict == "wrong")
    known = [(False, ""), *(first_wrong(number, first) for number in numbers)]
    title = "the hunt for the first wrong number"
    kept = Kept(title, partial(number_judged, known=known, options=options))
    page = _choosing({"number": choice}, partial(number_said, known=known), kept)
    table = widgets.HTML(fold("Show the table with all 21", printed_table(numbers)))
    rows = r" \\[4pt] ".join(n.latex.replace(" = ", " &= ", 1) for n in numbers)
    lines = widgets.HTMLMath(rf"$\begin{{aligned}} {rows} \end{{aligned}}$")
    return Exercise(title, [lines, choice, answer, table], page)


def number_said(values: Values, known) -> dict[str, Said]:
    """What is said to the chosen number: see `first_wrong`; the first row chooses none."""
    return {"said": said(*known[int(values["number"])]) if values["number"] else NOTHING_SAID}


def number_judged(values: Values, known, options: Sequence[str]) -> list[Mapping]:
    """What was judged of the chosen number (`met`)."""
    chosen = int(values["number"])
    return [met("first wrong", options[chosen], *known[chosen])] if chosen else []


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
