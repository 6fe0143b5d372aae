"""Problems without end: an answer, hints line by line, and feedback that finds the slip.

What it shows is computed by pure functions, which the page runs; no kernel is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

import ipywidgets as widgets

from backprop_lab.core.arguments import named
from backprop_lab.exercise.blanks import NOTHING_SAID, said, spoken
from backprop_lab.exercise.problems import (
    TOPICS,
    WIDTHS,
    Given,
    Numbers,
    Piece,
    numbers,
    quantity_keys,
    question,
)
from backprop_lab.exercise.worked import (
    Step,
    all_lines,
    cut,
    filled,
    givens,
    lines_in,
    network_name,
    numeral,
    solution,
    step_said,
    ways_of,
    written,
)
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, choice, computing, message_line, row, whole
from backprop_lab.page.program import Kept, Program, met
from backprop_lab.page.typed import reading
from backprop_lab.picture import elements
from backprop_lab.picture.labels import label_parts, of_parts

MOST = 9999
"""The last problem's number."""
SOLVED = 99
"""So many hints show the whole solution; one shows the lines, each further one a formula."""
SUBJECTS = {
    "output": "an output", "signal": "an error signal", "weight": "a weight's gradient",
    "bias": "a bias's gradient", "update": "a weight after a step", "batch": "a batch of two",
}  # fmt: skip
LEVELS = {1: "one neuron", 2: "a hidden layer", 3: "two outputs"}
SLOPES = "σ′(z) = σ(z) (1 − σ(z)), tanh′(z) = 1 − tanh²(z)"

# --- labels ---------------------------------------------------------------------------------------

Label = Callable[[str], elements.Element]


def labels() -> dict[str, dict[str, list[str]]]:
    """The labels of all quantities, in parts, by notation and level, "LMU 2"."""
    return {
        f"{name} {level}": {
            key.name: label_parts(style.label(key, widths)) for key in quantity_keys(widths)
        }
        for name, style in NOTATIONS.items()
        for level, widths in WIDTHS.items()
    }


def label(names: Mapping[str, Sequence[str]], name: str) -> elements.Element:
    """The label of a quantity; of one of two examples, or after a step, it says so."""
    plain, example = name.split("@") if "@" in name else (name, "")
    marks = [*["^new"] * plain.startswith("new_"), *[f"^({example})"] * (example != "")]
    return of_parts([*names[plain.replace("new_", "")], *marks])


# --- a problem ------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def numbered(seed: int, topic: str, level: int) -> Numbers:
    """The problem of that number. Raises ValueError for one that has none."""
    found = numbers(seed, topic, level)
    if found is None:
        raise ValueError(f"problem: got {seed}; expected another number, this one has no problem")
    return found


def piece_shown(piece: Piece, named: Label, loss: elements.Content) -> elements.Content:
    """A piece of a question, with the label of its quantity. loss: the formula of one example's."""
    if piece.kind == "text":
        return piece.what
    if piece.kind == "name":
        return named(piece.what)
    after = loss if piece.kind == "loss" else numeral(piece.number)
    style = None if piece.kind == "loss" else "white-space: nowrap"
    return elements.el("span", named(piece.what), " = ", after, style=style)


def question_shown(given: Given, topic: str, named: Label, loss: elements.Content):
    """What is given and what is asked."""
    found, items = [], []
    for kind, pieces in question(given, topic):
        shown = [piece_shown(piece, named, loss) for piece in pieces]
        if kind == "li":
            items.append(elements.el("li", shown))
        elif not items:
            found.append(elements.el("p", shown))
        else:
            found += [elements.el("ul", items), elements.el("p", shown)]
            items = []
    return elements.el("div", found)


START = {"tries": {}}
"""The state: by problem, what was typed by step, and how many hints were taken."""


def tried(state: Mapping, problem: str) -> Mapping:
    """What was typed and taken in a problem."""
    return state["tries"].get(problem, {"typed": {}, "hints": 0})


def pressed(state: Mapping, what: str, value: str) -> Mapping:
    """What typing or pressing makes of a state. what: the problem, and the step or "hints"."""
    problem, step = what.split(" ")
    now = tried(state, problem)
    if step == "hints":
        now = now | {"hints": int(value)}
    else:
        typed = now["typed"] | {step: value}
        now = now | {"typed": {name: text for name, text in typed.items() if text}}
    others = {name: one for name, one in state["tries"].items() if name != problem}
    begun = {problem: now} if now["typed"] or now["hints"] else {}
    return state | {"tries": others | begun}


_PRESS = re.compile(
    rf"(?:{'|'.join(TOPICS)})-[{min(WIDTHS)}-{max(WIDTHS)}]-[1-9][0-9]{{0,3}} "
    "(hints|[a-zA-Z]+(?:_[a-zA-Z]+)*(?:_[0-9]+)*(?:@[12])?)"
)
_COUNT = re.compile("[0-9]{1,2}")


def is_press(what: str, value: str) -> bool:
    """Whether a press is one of some problem's: the one that is shown offers its own alone."""
    found = _PRESS.fullmatch(what)
    if not found:
        return False
    return found.groups()[0] != "hints" or _COUNT.fullmatch(value) is not None


def presses(state: Mapping) -> list[tuple[str, str]]:
    """The fewest presses that lead to a state: the last text of each field, the last hint."""
    found = []
    for problem, now in state["tries"].items():
        found += [(f"{problem} {step}", text) for step, text in now["typed"].items()]
        if now["hints"]:
            found.append((f"{problem} hints", str(now["hints"])))
    return found


def judged_steps(steps: Sequence[Step], typed: Mapping[str, str], given: Given, topic: str):
    """Of each step, by its name: the text, the sentence that refuses it, whether it is right, and
    what is said to it."""
    own, found = givens(given), {}
    for step in steps:
        text = typed.get(step.name, "")
        answer, refusal = reading(text)
        own[step.name] = step.right
        right, sentence = False, refusal
        if not refusal:
            right, sentence = step_said(step, answer, own, ways_of(step, given, topic))
            own[step.name] = answer
        found[step.name] = (text, refusal, right, sentence)
    return found


def steps_said(judged: Mapping) -> Mapping:
    """What is said to each step, by its name. judged: see `judged_steps`."""
    return {
        name: said(right, sentence) if text.strip() else NOTHING_SAID
        for name, (text, _, right, sentence) in judged.items()
    }


def drill_judged(values: Mapping, lines, names) -> list[Mapping]:
    """What was judged of the problem that is shown (`met`). lines, names: as in `drill_view`."""
    topic, level, seed = values["topic"], values["level"], int(values["number"])
    given = numbered(seed, topic, level).given
    letters = tuple(names[f"LMU {level}"].keys())
    steps = solution(given, lines_in(lines[network_name(given, level)], letters), topic)
    problem = f"{topic}-{level}-{seed}"
    judged = judged_steps(steps, tried(values, problem)["typed"], given, topic)
    return [
        met(f"problem {problem}, {name}", text, right, sentence)
        for name, (text, refusal, right, sentence) in judged.items()
        if not refusal
    ]


def drill_view(values: Mapping, lines, names) -> dict[str, object]:
    """The problem that the controls choose, in the state of its answers. lines, names: `all_lines`
    and `labels`."""
    topic, level, seed = values["topic"], values["level"], int(values["number"])
    given = numbered(seed, topic, level).given
    letters = names[f"{values['notation']} {level}"]

    def named_here(name):
        return label(letters, name)

    own_lines = lines_in(lines[network_name(given, level)], tuple(letters.keys()))
    (loss,) = [line.tree for line in own_lines if line.key.kind == "loss"]
    steps = solution(given, own_lines, topic)
    problem = f"{topic}-{level}-{seed}"
    now = tried(values, problem)
    heard = steps_said(judged_steps(steps, now["typed"], given, topic))
    hints, last = now["hints"], steps[-1]
    answer = [
        elements.el("b", named_here(last.name)), " = ", field(problem, last, now),
        " ", spoken(heard[last.name]),
    ]  # fmt: skip
    act, more = f"{problem} hints", hints + 1 if hints <= len(steps) else SOLVED
    helps = [
        elements.button(
            "Show the lines" if hints == 0 else "Next formula", act, str(more),
            disabled=hints > len(steps), title="One hint more",
        ),
        elements.button(
            "Solution", act, str(SOLVED), disabled=hints == SOLVED, title="All lines with numbers"
        ),
        elements.button("Hide hints", act, "0", disabled=hints == 0, title="As at the start"),
    ]  # fmt: skip
    return {
        "problem": elements.el(
            "div",
            question_shown(given, topic, named_here, written(loss, named_here)),
            elements.el("p", answer, class_="line"),
            elements.el("p", helps),
            table(steps, problem, now, heard, named_here, given) if hints else [],
            class_="drill",
        ),
        "new_number": seed % MOST + 1,
    }


def field(problem: str, step: Step, now: Mapping) -> elements.Element:
    """Where a step's value is typed."""
    return elements.el(
        "input", type="text", data_act=f"{problem} {step.name}",
        value=now["typed"].get(step.name, ""), placeholder="four decimals", autocomplete="off",
        aria_label=f"Your value of {step.name.replace('_', ' ')}",
    )  # fmt: skip


def table(steps, problem, now, heard, named_here: Label, given: Given) -> elements.Element:
    """The lines that lead to what is asked: their names and fields, so many formulas as hints were
    taken, and once it is solved their numbers."""
    solved, shown = now["hints"] == SOLVED, givens(given)
    rows = []
    for k, step in enumerate(steps):
        shown[step.name] = step.by_hand
        formula = written(step.tree, named_here) if k < now["hints"] - 1 else "?"
        if solved:
            told = [written(filled(step.tree, shown), named_here), numeral(step.by_hand)]
        elif k < len(steps) - 1:
            told = [field(problem, step, now), spoken(heard[step.name])]
        else:
            told = ["above", ""]
        rows.append(
            elements.row(*[elements.words(one) for one in [named_here(step.name), formula, *told]])
        )
    exact = f"Without rounding in between: {numeral(cut(steps[-1].right))}. " if solved else ""
    heads = ["line", "formula", *(["in numbers", "value"] if solved else ["yours", "verdict"])]
    return elements.el(
        "div",
        elements.table(elements.heads(*[elements.left(one) for one in heads]), *rows),
        elements.el("p", exact, SLOPES, "."),
        **elements.scrolling("the lines"),
    )


# --- the app --------------------------------------------------------------------------------------


@of_cell
def play(topic: str = "weight", level: int = 2, notation: str = "LMU", number: int = 1) -> App:
    """Problems without end on one topic, the page judges and explains.

    topic: a name in `problems.TOPICS`; level: 1 to 3; notation: of labels; number: of the problem,
    1 to `MOST`: the same number is the same problem everywhere. Raises ValueError.
    """
    named(TOPICS, topic, "topic")
    named(NOTATIONS, notation, "notation")
    if level not in LEVELS:
        raise ValueError(f"level: got {level!r}; expected 1, 2 or 3")
    subjects = [(text, name) for name, text in SUBJECTS.items()]
    controls = {
        "topic": choice("asked", subjects, value=topic),
        "level": choice("network", [(text, k) for k, text in LEVELS.items()], value=level),
        "notation": choice("letters", list(NOTATIONS), value=notation),
        "number": whole("problem", number, 1, MOST),
    }
    controls["number"].read()
    controls["topic"].layout.width = "270px"
    controls["level"].layout.width = "230px"
    title, known = "problems without end", {"lines": all_lines(), "names": labels()}
    kept = Kept(title, partial(drill_judged, **known), presses, is_press)
    program = Program(tuple(controls), partial(drill_view, **known), pressed, kept=kept)
    page = computing(program, controls, state=START)
    view, message = page.view("problem"), message_line()
    following = elements.el("button", "Next problem", data_do="step", title="Another of its kind")
    return App(
        title,
        controls,
        {"problem": view},
        None,
        [
            row(*list(controls.values())[:3]),
            row(controls["number"], widgets.HTML(elements.page(following))),
            view,
            message,
        ],
        message,
        page,
    )
