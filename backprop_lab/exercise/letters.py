"""A formula to type: read by a grammar, compared by its values at random points, a known slip
named. Nothing that is typed is ever run; the page judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets as widgets

from backprop_lab.core.arguments import no_two_alike
from backprop_lab.exercise.blanks import NOTHING_SAID, Exercise, Said, said, spoken
from backprop_lab.exercise.formula import POINTS, Tree, parse, parsed, points, same, value
from backprop_lab.page.cell import of_cell
from backprop_lab.page.live import Live
from backprop_lab.page.program import Kept, Program, met
from backprop_lab.page.typed import NOTHING_TYPED, last_typed, typed
from backprop_lab.picture import elements
from backprop_lab.picture.labels import plain_label

FIELD = "typed"
"""The field's name, under which a browser keeps what was typed."""

NOT_THIS = "Not this."


def formula_judged(mine: Tree, names: Sequence[str], right: str, wrong) -> tuple[bool, str]:
    """Whether a formula is the right one, and a sentence that names a known slip."""
    at, goal = points(names), parsed(right, names)[0]
    if same(mine, goal, at):
        return True, "Right: the same values at every point that was tried."
    for formula, sentence in wrong:
        if same(mine, parsed(formula, names)[0], at):
            return False, sentence
    if same(mine, Tree("neg", "", [goal]), at):
        return False, "The size is right, the sign is not."
    return False, NOT_THIS


def formula_said(text: str, names: Sequence[str], right: str, wrong) -> Said:
    """What is said to a typed formula. names: what may stand in it; right: the formula asked for;
    wrong: others, each with the sentence that answers it."""
    if not text.strip():
        return NOTHING_SAID
    mine, refusal = parsed(text, names)
    if refusal:
        return said(False, refusal)
    is_right, sentence = formula_judged(mine, names, right, wrong)
    if sentence == NOT_THIS:
        example = counterexample(mine, parsed(right, names)[0], names, points(names))
        return said(False, f"{NOT_THIS} {example}")
    return said(is_right, sentence)


def text_judged(state: Mapping, name: str, names, right: str, wrong) -> list[Mapping]:
    """What was judged of the typed formula (`met`)."""
    text = state["typed"].get(FIELD, "")
    mine, refusal = parsed(text, names)
    if refusal or not text.strip():
        return []
    return [met(name, text, *formula_judged(mine, names, right, wrong))]


def counterexample(mine: Tree, goal: Tree, names: Sequence[str], at: Mapping) -> str:
    """A point where two formulas differ, in words."""
    values = [value(tree, at) + 0 * at[names[0]] for tree in (mine, goal)]
    for k in range(POINTS):
        one, other = [f"{part[k]:.3g}" for part in values]
        if one != other:
            here = ", ".join([f"{name} = {at[name][k]:.2f}" for name in names])
            return f"With {here} yours is {one}."
    return ""


def formula_view(state: Mapping, name: str, names, right: str, wrong) -> dict[str, object]:
    """The field, and what is said to what was typed."""
    text = state["typed"].get(FIELD, "")
    field = elements.el(
        "input", type="text", data_act=FIELD, value=text, autocomplete="off",
        placeholder="a formula, such as (a - b) c", aria_label=f"Your formula of {name}",
        style="width: min(100%, 360px)",
    )  # fmt: skip
    heard = spoken(formula_said(text, names, right, wrong))
    letters = f" use {', '.join(names)}, and functions such as σ or σ′"
    return {"answer": elements.el("div", field, letters, elements.el("p", heard, class_="line"))}


@of_cell
def formula(
    question: str,
    name: str,
    right: str,
    names: Sequence[str],
    wrong: Sequence[tuple[str, str]] = (),
) -> Exercise:
    """A question whose answer is a formula.

    question: HTML with LaTeX; name: LaTeX of what is asked; right: the formula, as
    `exercise.formula` reads it, in these names; wrong: formulas, each with the sentence that
    answers it. Raises ValueError for a formula that is none, for a wrong one that is right, for a
    sentence that answers two, and without names.
    """
    if not names or isinstance(names, str):
        raise ValueError(f"names: got {names!r}; expected a list of one name or more")
    at = points(names)
    goal = parse(right, names)
    for text, _ in wrong:
        if same(parse(text, names), goal, at):
            raise ValueError(f"wrong: got {text!r}; it is the right one, {right!r}")
    no_two_alike([sentence for _, sentence in wrong], "wrong")
    told = [tuple(one) for one in wrong]
    plain = plain_label(name)
    asks = {"name": plain, "names": list(names), "right": right, "wrong": told}
    kept = Kept(f"a formula of {plain}", partial(text_judged, **asks), last_typed)
    page = Live(
        Program((), partial(formula_view, **asks), typed, kept=kept), {}, state=NOTHING_TYPED
    )
    asked = widgets.HTMLMath(f"{question}<br>$\\displaystyle {name} =$")
    return Exercise("a formula to type", [asked, page.view("answer")], page)
