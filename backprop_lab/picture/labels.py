"""A notation's LaTeX labels as HTML, as text in SVG, and as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backprop_lab.picture.elements import Content, Element, el

_LETTERS = {
    r"\delta": "δ", r"\alpha": "α", r"\eta": "η", r"\partial": "∂", r"\sigma": "σ", r"\cdot": "·",
    r"\top": "⊤", r"\log": "log", r"\tanh": "tanh", r"\left": "", r"\right": "", r"\mathcal": "",
    r"\theta": "θ", r"\Delta": "Δ", r"\times": "× ", r"\hat Y": "Ŷ", r"\;": " ",
    r"\sum": "Σ", r"\tilde k": "k̃",
}  # fmt: skip
_TEXT = re.compile(r"\\(?:text|mathrm)\{([^{}]*)\}")
_FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")


def html_label(latex: str) -> Element:
    """A notation's LaTeX label as HTML: W_{11} becomes W<sub>11</sub>."""
    return el("", _label(latex, lambda sign, text: el("sub" if sign == "_" else "sup", text)))


def svg_label(latex: str) -> Element:
    """A notation's LaTeX label as SVG text content."""
    return el(
        "", _label(latex, lambda sign, text: shifted("sub" if sign == "_" else "super", text))
    )


def shifted(shift: str, text: str) -> Element:
    """An index in SVG, below the line or ("super") above it."""
    return el("tspan", text, baseline_shift=shift, font_size="72%")


def plain_label(latex: str) -> str:
    """A notation's LaTeX label as plain text, for text alternatives: W_11."""
    return "".join(label_parts(latex))


def label_parts(latex: str) -> list[str]:
    """A notation's LaTeX label in parts, for a page to write: W, _11; an index has its sign."""
    return [part for part in _label(latex, lambda sign, text: sign + text) if part]


_SCRIPTS = {"_": "sub", "^": "sup"}


def of_parts(parts: Sequence[str]) -> Element:
    """A label of `label_parts` as HTML."""
    made = [el(_SCRIPTS[one[0]], one[1:]) if one[0] in _SCRIPTS else one for one in parts]
    return el("span", made)


def spoken(plain: str) -> str:
    """A plain label as it is read out: W 11."""
    return re.sub("[_^]+", " ", plain)


def plain_text(sentence: str) -> str:
    """A sentence with LaTeX between dollars as plain text."""
    return re.sub(r"\$([^$]*)\$", lambda match: plain_label(match[1]), sentence)


def _label(latex: str, script: Callable[[str, str], Content]) -> list[Content]:
    """The label's parts: plain text, and what `script` makes of each _ or ^ and its text."""
    text = _FRACTION.sub(r"\1/\2", _TEXT.sub(r"\1", latex))
    for letter, sign in _LETTERS.items():
        text = text.replace(letter + " ", sign).replace(letter, sign)
    first, *rest = _SCRIPT.split(text)
    parts = [first]
    for sign, index, after in zip(*[iter(rest)] * 3, strict=True):
        parts += [script(sign, index), after]
    return parts
