"""What an exercise is made of: blanks, which leave what is typed as it is, and their feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as widgets

from backprop_lab.exercise.formula import parse, result
from backprop_lab.exercise.judge import CONSEQUENCE, DIGITS, Mistake, judged, verdicts
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import link
from backprop_lab.page.frame import Frame
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, Values, met
from backprop_lab.page.typed import reading
from backprop_lab.picture import elements
from backprop_lab.picture.labels import plain_label

Said = tuple[str, str]
"""What is said to an answer: the class of its colour, and the sentence with its sign."""
NOTHING_SAID = ("", "")


def said(right: bool, sentence: str) -> Said:
    """A sentence with the sign of its verdict."""
    return ("forward", f"✓ {sentence}") if right else ("backward", f"✗ {sentence}")


def spoken(what: Said) -> elements.Element:
    """What is said to an answer, for a view that the page draws."""
    css, sentence = what
    return elements.el("span", sentence, class_=css, role="status")


def said_here(name: str) -> elements.Markup:
    """The place of what is said, by its name among the page's results."""
    return elements.page(elements.el("span", role="status", data_said=name))


class Blank(widgets.HBox):
    """A formula with a field for its value; feedback appears beside it on Enter or on leaving.

    follows: the formula by which it follows from the exercise's blanks before it, b_1, b_2, …, if
    it does: what is right by a reader's own numbers is said to be so.

    name: LaTeX of what is asked; expected, mistakes, by_hand, digits: see `verdicts`; width: of the
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
        follows: str = "",
    ):
        self.follows = follows
        self.plain = plain_label(name)
        self.expected, self.mistakes, self.digits = float(expected), list(mistakes), digits
        self.known = verdicts(self.expected, self.mistakes, by_hand, digits)
        self.field = widgets.Text(
            placeholder=hint or f"{DIGITS[digits]} decimals",
            continuous_update=False,
            layout={"width": "130px"},
            tooltip=f"Your value of {self.plain}",
        )
        self.feedback = widgets.HTML(layout={"flex": "1 1 0", "min_width": "120px"})
        asked = widgets.HTMLMath(f"$\\displaystyle {name} =$", layout={"width": width})
        super().__init__(
            [asked, self.field, self.feedback],
            layout=widgets.Layout(align_items="center", min_height="56px"),
        )


def blanks_said(values: Mapping[str, str], blanks) -> dict[str, Said]:
    """What is said to each blank. blanks: of each what is known, what is expected, the digits, and
    the tree of the formula by which it follows from those before it, or None."""
    told = with_consequences(values, blanks)
    return {f"said_{k}": answered(values[f"typed_{k}"], *blank) for k, blank in enumerate(told)}


def with_consequences(values: Mapping[str, str], blanks) -> list:
    """The blanks with what is right by a reader's own numbers; where there is none, by the right
    one."""
    own, found = {}, []
    for k, (known, expected, digits, tree) in enumerate(blanks):
        rights = [one for one in known if one[1]]
        follows = [(result(tree, own), True, CONSEQUENCE)] if tree is not None else []
        wrongs = [one for one in known if not one[1]]
        found.append(([*rights, *follows, *wrongs], expected, digits))
        value, refusal = reading(values[f"typed_{k}"])
        own[f"b_{k + 1}"] = expected if refusal else value
    return found


def answered(typed: str, known, expected: float, digits: int) -> Said:
    """What is said to what was typed into a blank."""
    if not typed.strip():
        return NOTHING_SAID
    value, refusal = reading(typed)
    if refusal:
        return said(False, refusal)
    right, sentence = judged(value, known, expected, digits)
    return said(right, sentence)


def blanks_judged(values: Values, blanks, names: Sequence[str]) -> list[Mapping]:
    """What was judged of the blanks of these names (`met`)."""
    found, told = [], with_consequences(values, blanks)
    for k, name in enumerate(names):
        typed, (known, expected, digits) = values[f"typed_{k}"], told[k]
        value, refusal = reading(typed)
        if typed.strip() and not refusal:
            right, sentence = judged(value, known, expected, digits)
            found.append(met(name, typed, right, sentence))
    return found


class Exercise(Frame):
    """An exercise: widgets below each other; the page judges what is typed into its blanks.

    title: what its repr says; page: what judges in the page where there are no blanks.
    """

    @of_cell
    def __init__(self, title: str, content: Sequence[widgets.Widget], page: Live | None = None):
        blanks = [widget for widget in content if isinstance(widget, Blank)]
        if blanks:
            page = self._judge(title, blanks)
        super().__init__(title, [*content, *([page] if page else [])], "" if page else None)
        self.page, self.content = page, tuple(content)

    def _judge(self, title: str, blanks: Sequence[Blank]) -> Live:
        names, before = [f"typed_{k}" for k in range(len(blanks))], []
        known = []
        for k, blank in enumerate(blanks):
            tree = parse(blank.follows, before) if blank.follows else None
            known.append((blank.known, blank.expected, blank.digits, tree))
            before.append(f"b_{k + 1}")
        compute = partial(blanks_said, blanks=known)
        plain = [blank.plain for blank in blanks]
        kept = Kept(title, partial(blanks_judged, blanks=known, names=plain))
        program = Program(tuple(names), compute, kept=kept)
        page = Live(program, {}, texts=dict.fromkeys(names, ""))
        for k, blank in enumerate(blanks):
            blank.feedback.value = said_here(f"said_{k}")
        link(page, {name: blank.field for name, blank in zip(names, blanks, strict=True)})
        return page
