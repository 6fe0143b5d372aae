"""What an exercise is made of: blanks, which leave what is typed as it is, and their feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as widgets

from backprop_lab.exercise.formula import Tree, parsed, result
from backprop_lab.exercise.judge import DIGITS, Mistake, is_right, judged, verdicts
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

    name: LaTeX of what is asked; expected, mistakes, by_hand, digits: see `verdicts`; width: of the
    column in which the name stands; hint: what is to be typed, if not a number of so many decimals.

    follows: the formula by which it follows from the exercise's blanks before it, b_1, b_2, …, if
    it does: what is right by a reader's own numbers is said to be so.
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
    own = consequences(values, blanks)
    return {
        f"said_{k}": answered(values[f"typed_{k}"], known, expected, digits, own[k])
        for k, (known, expected, digits, _) in enumerate(blanks)
    }


def consequences(values: Mapping[str, str], blanks) -> list[float | None]:
    """What follows for each blank from a reader's own numbers before it; where there is none, from
    the right one."""
    own, found = {}, []
    for k, (_, expected, _, tree) in enumerate(blanks):
        found.append(result(tree, own) if tree is not None else None)
        value, refusal = reading(values[f"typed_{k}"])
        own[f"b_{k + 1}"] = expected if refusal else value
    return found


def answered(typed: str, known, expected: float, digits: int, consequence=None) -> Said:
    """What is said to what was typed into a blank; the rest as of `judged`."""
    if not typed.strip():
        return NOTHING_SAID
    value, refusal = reading(typed)
    if refusal:
        return said(False, refusal)
    right, sentence = judged(value, known, expected, digits, consequence)
    return said(right, sentence)


def blanks_judged(values: Values, blanks, names: Sequence[str]) -> list[Mapping]:
    """What was judged of the blanks of these names (`met`)."""
    found, own = [], consequences(values, blanks)
    for k, name in enumerate(names):
        typed, (known, expected, digits, _) = values[f"typed_{k}"], blanks[k]
        value, refusal = reading(typed)
        if typed.strip() and not refusal:
            right, sentence = judged(value, known, expected, digits, own[k])
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
        names = [f"typed_{k}" for k in range(len(blanks))]
        trees = _trees(blanks)
        known = [
            (blank.known, blank.expected, blank.digits, tree)
            for blank, tree in zip(blanks, trees, strict=True)
        ]
        compute = partial(blanks_said, blanks=known)
        plain = [blank.plain for blank in blanks]
        kept = Kept(title, partial(blanks_judged, blanks=known, names=plain))
        program = Program(tuple(names), compute, kept=kept)
        page = Live(program, {}, texts=dict.fromkeys(names, ""))
        for k, blank in enumerate(blanks):
            blank.feedback.value = said_here(f"said_{k}")
        link(page, {name: blank.field for name, blank in zip(names, blanks, strict=True)})
        return page


def _trees(blanks: Sequence[Blank]) -> list[Tree | None]:
    """How each blank follows from those before it, or None. Raises ValueError for what is no
    formula in these, or one that the right numbers do not fulfil."""
    trees, right = [], {}
    for k, blank in enumerate(blanks, 1):
        trees.append(_tree(k, blank, right) if blank.follows else None)
        right[f"b_{k}"] = blank.expected
    return trees


def _tree(k: int, blank: Blank, right: Mapping[str, float]) -> Tree:
    tree, refusal = parsed(blank.follows, list(right))
    if tree is None:
        raise ValueError(f"follows: got {blank.follows!r} for blank {k}; {refusal}")
    found = result(tree, right)
    if not is_right(found, blank.expected, blank.digits):
        raise ValueError(
            f"follows: {blank.follows!r} of blank {k} gives {found:.9g} from the right numbers "
            f"before it; expected {blank.expected:.9g}"
        )
    return tree
