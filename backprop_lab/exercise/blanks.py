"""What an exercise is made of: blanks, which leave what is typed as it is, and their feedback."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets

from backprop_lab.exercise.judge import DIGITS, Mistake, diagnose, read_number
from backprop_lab.page.cell import of_cell
from backprop_lab.page.frame import Frame
from backprop_lab.picture import elements
from backprop_lab.picture.labels import plain_label


def feedback(right: bool, sentence: str) -> str:
    """A sentence with the sign of its verdict."""
    css, sign = ("forward", "✓") if right else ("backward", "✗")
    return elements.page(elements.el("span", f"{sign} {sentence}", class_=css, role="status"))


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
            placeholder=hint or f"{DIGITS[digits]} decimals",
            continuous_update=False,
            layout={"width": "130px"},
            tooltip=f"Your value of {plain_label(name)}",
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
