"""Formulas as a reader types them: read by a small grammar into a tree, compared by their values.

A formula has numbers (0.5, 0,5, ½), names (w11, W_11, W_{11}, δ, delta, δ₁), brackets, + - * / ^
with their usual other signs (−, ·, ×, **, ²), and functions: the activations, with a prime for
their slopes (σ(z), tanh'(z)), exp, log or ln, and sqrt. The sign of a product may be left out where
nothing else can be meant: 2a, a(1 - a), (a)(b), a b; what can be read in two ways, as 1/2a and
a^2b, is refused.

Nothing that was typed is ever run. The page runs this, translated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.counter import uniform
from backprop_lab.core.rounding import snap
from backprop_lab.page.typed import MINUS, reading

LONGEST, DEEPEST = 400, 40
"""A formula has at most so many characters, and so many open brackets and signs at a time."""

# --- words ----------------------------------------------------------------------------------------

_LETTERS = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ffℓ∂"
_NUMBER = r"(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
_WORD = rf"\\?[{_LETTERS}][{_LETTERS}0-9₀-₉_{{}}]*['′’]*"
_FIRST = re.compile(rf"({_NUMBER}|{_WORD}|[⁰¹²³⁴-⁹]+|\*\*|.)(.*)", re.S)
_IS_NUMBER, _IS_WORD = re.compile(_NUMBER), re.compile(_WORD)
_IS_POWER = re.compile("[⁰¹²³⁴-⁹]+")
_SPACES = " \t\n\r\u00a0\u2002\u2003\u2009\u200b\u202f\ufeff"
_NUMBERS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "e": snap(math.e), "π": snap(math.pi)}
_SIGNS = {sign: sign for sign in "+-*/^()[]"} | dict.fromkeys("·⋅∙×", "*") | {"÷": "/", "**": "^"}
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_IN_WORDS = re.compile(rf"\\?({'|'.join(_GREEK)})([^A-Za-z].*)?", re.S)
_ALIKE = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹ϕϵµ′’", "01234567890123456789φεμ''")
FUNCTIONS = {"σ": "sigmoid", **{name.replace("_", ""): name for name in ACTIVATIONS}}
"""Activations as they may be written, in small letters."""
ELEMENTARY = {"exp": np.exp, "log": np.log, "ln": np.log, "sqrt": np.sqrt}
"""The other functions."""


def spelled(name: str) -> str:
    """The one spelling that all of a name have in common: W11 for W_11, W_{11} and W₁₁, δ1 for
    delta_1."""
    found = _IN_WORDS.fullmatch(name)
    if found:
        letter, rest = found.groups()
        name = _GREEK[letter] + (rest or "")
    for sign in "_{}\\":
        name = name.replace(sign, "")
    return name.translate(_ALIKE)


class Token(NamedTuple):
    """A piece of a formula. kind: "number", "name", "call", "slope", "power" (a raised number), a
    sign, "start" or "end"; what: its value, or its name; text, at: as typed, and its place."""

    kind: str
    what: float | str
    text: str
    at: int


def tokens(text: str, names: Sequence[str]) -> tuple[list[Token], str]:
    """The pieces of a text, or the sentence that refuses it. names: those that may stand in it."""
    letters = ["-" if letter in MINUS else letter for letter in text]
    if len(letters) > LONGEST:
        return [], f"the formula has {len(letters)} characters; expected at most {LONGEST}"
    odd = [name for name in names if _FIRST.fullmatch(name).groups()[0] != name]  # such as z_1,in
    known = {spelled(name): name for name in names}
    small = [spelled(name).lower() for name in names]
    found, rest, at = [], "".join(letters), 1
    while rest:
        text, after = _FIRST.fullmatch(rest).groups()
        for name in odd:
            if rest.startswith(name) and len(name) >= len(text):
                text, after = name, rest[len(name) :]
        kind, what, word = "", text, spelled(text)
        base = word.rstrip("'").lower()
        if _IS_NUMBER.fullmatch(text):
            value, refusal = reading(text)
            if refusal:
                return [], f"place {at}: {refusal}"
            kind, what = "number", value
        elif text in _SIGNS:
            kind = _SIGNS[text]
        elif _IS_POWER.fullmatch(text):
            kind, what = "power", float(word)
        elif word in known:
            kind, what = "name", known[word]
        elif word in ELEMENTARY or (base in FUNCTIONS and word.lower() in (base, base + "'")):
            kind = "call" if word.lower() == base else "slope"
            what = FUNCTIONS.get(base, word)
        elif small.count(word.lower()) == 1:
            kind, what = "name", names[small.index(word.lower())]
        elif word in _NUMBERS:
            kind, what = "number", _NUMBERS[word]
        elif text not in _SPACES:
            return [], _unknown(text, at, names)
        if kind:
            found.append(Token(kind, what, text, at))
        rest, at = after, at + len(list(text))
    return [*found, Token("end", "", "", at)], ""


def _unknown(text: str, at: int, names: Sequence[str]) -> str:
    if not _IS_WORD.fullmatch(text):
        return f"place {at}: “{text}” has no meaning in a formula"
    some = ", ".join([*names[:12], *(["…"] if len(names) > 12 else [])])
    return f"place {at}: “{text}” is no name here; expected one of {some}, or a function such as σ"


# --- the grammar ----------------------------------------------------------------------------------


class Tree(NamedTuple):
    """A formula. kind: "number", "name", "call" or "slope" of a function, "neg", or one of + - * /
    ^; what: the number, or the name; parts: what it is made of."""

    kind: str
    what: float | str
    parts: Sequence[Tree]


_RANK = {"end": 1, ")": 1, "]": 1, "+": 2, "-": 2, "*": 3, "/": 3, "neg": 4, "^": 5}
"""How firmly a sign binds; what is not here, an open bracket, does not."""
_OPERANDS = ("number", "name", "power", ")", "]")
_OPENS = ("number", "name", "call", "slope", "(", "[")
_PAIRS = {")": "(", "]": "["}
_A_VALUE = "a number, a name or an opening bracket"


def parsed(text: str, names: Sequence[str]) -> tuple[Tree | None, str]:
    """The formula's tree, or None and the sentence that refuses it, with the place and what is
    expected there. names: those that may stand in it, in any spelling (`spelled`)."""
    pieces, refusal = tokens(text, names)
    trees, waiting, before = [], [], Token("start", "", "", 0)
    for token in pieces:
        follows = before.kind in _OPERANDS
        if before.kind in ("call", "slope") and token.kind not in ("(", "["):
            return None, _expected(token, f"brackets after {before.text}, as in {before.text}(z)")
        if follows and token.kind in _OPENS:
            refusal = _sign_missing(before, token, waiting)
        elif not follows and token.kind not in (*_OPENS, "+", "-"):
            refusal = _expected(token, _A_VALUE)
        if len(waiting) > DEEPEST:
            refusal = f"place {token.at}: too many open brackets and signs; at most {DEEPEST}"
        if refusal:
            return None, refusal
        sign = token.kind
        if follows:  # what is complete and binds more firmly than what comes
            sign = "*" if sign in _OPENS else sign
            least = _RANK.get(sign, 6) + (1 if sign == "^" else 0)
            while waiting and _RANK.get(waiting[-1].kind, 0) >= least:
                trees, waiting = _applied(trees, waiting)
            if sign in ("+", "-", "*", "/", "^"):
                waiting.append(Token(sign, "", token.text, token.at))
        if token.kind == "power":
            trees = [*trees[:-1], Tree("^", "", [trees[-1], Tree("number", token.what, [])])]
        elif token.kind in _PAIRS:
            if not waiting or waiting[-1].kind != _PAIRS[token.kind]:
                return None, f"place {token.at}: “{token.text}” closes no open bracket"
            waiting = waiting[:-1]
            if waiting and waiting[-1].kind in ("call", "slope"):
                trees, waiting = _applied(trees, waiting)
        elif token.kind in ("number", "name"):
            trees.append(Tree(token.kind, token.what, []))
        elif token.kind in _OPENS:
            waiting.append(token)
        elif token.kind == "-" and not follows:
            waiting.append(Token("neg", "", "", token.at))
        before = token
    if not refusal and waiting:
        bracket = waiting[-1]
        refusal = f"place {bracket.at}: “{bracket.text}” is open; expected its closing bracket"
    return (None, refusal) if refusal else (trees[0], "")


def _applied(trees: Sequence[Tree], waiting: Sequence[Token]) -> tuple[list[Tree], list[Token]]:
    """The last sign or function that waits takes what it binds."""
    token = waiting[-1]
    count = 1 if token.kind in ("neg", "call", "slope") else 2
    made = Tree(token.kind, token.what, trees[len(trees) - count :])
    return [*trees[: len(trees) - count], made], waiting[:-1]


def _sign_missing(before: Token, token: Token, waiting: Sequence[Token]) -> str:
    """Why no sign of a product may be left out here."""
    if token.kind == "number":
        return _expected(token, "a sign such as + or ·")
    if waiting and waiting[-1].kind in ("/", "^"):
        seen = f"“{waiting[-1].text}{before.text}{token.text}”"
        return f"place {waiting[-1].at}: {seen} can be read in two ways; write brackets, or ·"
    return ""


def _expected(token: Token, what: str) -> str:
    if token.kind == "end":
        return f"the formula ends at place {token.at}; expected {what}"
    return f"place {token.at}, “{token.text}”: expected {what}"


def parse(text: str, names: Sequence[str]) -> Tree:
    """The formula's tree. Raises TypeError for what is no text, ValueError with the place and what
    is expected there."""
    if not isinstance(text, str):
        raise TypeError(f"text: got {text!r}; expected a formula as text")
    found, refusal = parsed(text, names)
    if found is None:
        raise ValueError(f"text: {refusal}")
    return found


# --- values ---------------------------------------------------------------------------------------


def value(tree: Tree, at: Mapping[str, np.ndarray]) -> np.ndarray:
    """The formula's values. at: of each name the values, arrays (n,). NaN or inf where there is
    none. Shape (n,), or (1,) of a formula without names."""
    kind, parts = tree.kind, [value(part, at) for part in tree.parts]
    with np.errstate(all="ignore"):
        if kind == "number":
            return np.array([tree.what])
        if kind == "name":
            return at[tree.what]
        if kind == "call" and tree.what in ELEMENTARY:
            return ELEMENTARY[tree.what](parts[0])
        if kind == "call":
            return ACTIVATIONS[tree.what](parts[0])
        if kind == "slope":
            return ACTIVATIONS[tree.what].slope(parts[0])
        if kind == "neg":
            return -parts[0]
        a, b = parts
        if kind == "+":
            return a + b
        if kind == "-":
            return a - b
        if kind == "*":
            return a * b
        if kind == "/":
            return a / b
        return np.where(np.isfinite(a) & np.isfinite(b), a**b, np.nan)  # 1^NaN is 1 to some


def result(tree: Tree, at: Mapping[str, float]) -> float:
    """The formula's value where each name is one number."""
    return float(value(tree, {name: np.array([v]) for name, v in at.items()})[0])


POINTS, BETWEEN = 24, 8
"""Formulas are compared at so many points; in so many of them all values are from 0 to 1."""
NEAR = 1e-9
"""Values are the same that differ by less than this share of their sizes."""


def points(names: Sequence[str], seed: int = 0) -> dict[str, np.ndarray]:
    """Random values of each name at the points, always the same: from 0 to 1 first, then from -2
    to 2."""
    drawn = {name: uniform(seed + k, (POINTS,)) for k, name in enumerate(names)}
    return {
        name: np.array([u if k < BETWEEN else 4 * u - 2 for k, u in enumerate(values)])
        for name, values in drawn.items()
    }


def same(one: Tree, other: Tree, at: Mapping[str, np.ndarray]) -> bool:
    """Whether two formulas have the same values at the points; where neither has one, nothing is
    compared. False if that leaves too few. at: of all names in them, as `points` gives them."""
    a, b = [value(tree, at) + np.zeros(POINTS) for tree in (one, other)]
    with np.errstate(all="ignore"):
        known = np.isfinite(a) & np.isfinite(b)
        apart = abs(a - b) > NEAR * (abs(a) + abs(b)) + 1e-14
        differ = np.where(known, apart, np.isfinite(a) | np.isfinite(b))
    return len([one for one in known if one]) >= BETWEEN // 2 and not any(differ)
