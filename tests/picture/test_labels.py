"""Labels: as HTML, as SVG and as plain text, from the one in LaTeX."""

import re

import pytest

from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture.labels import html_label, plain_label, plain_text, svg_label
from tests.picture.pictures import SHAPES, keys_of, tree


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("widths", [*SHAPES, (3, 4, 3, 1), (12, 10, 2)], ids=str)
def test_labels_leave_no_latex_behind(widths, notation):
    keys = [*keys_of(widths), ("learning_rate",)]
    plain = set()
    for key in keys:
        latex = NOTATIONS[notation].label(key, widths)
        for label in (html_label, svg_label, plain_label):
            text = str(label(latex))
            assert not re.search(r"[\\{}]", text), (key, text)
        for markup in (html_label(latex), svg_label(latex)):
            content = "".join(tree(f"<p>{markup}</p>").itertext())
            assert content == re.sub(r"[_^]", "", plain_label(latex))
            assert not re.search(r"[_^]", str(markup))
        plain.add(plain_label(latex))
    assert len(plain) == len(keys), "two quantities share a label"


@pytest.mark.parametrize(
    ("latex", "html", "plain"),
    [
        ("W_{11}", "W<sub>11</sub>", "W_11"),
        (r"\delta^{(O)}", "δ<sup>(O)</sup>", "δ^(O)"),
        (r"\frac{\partial L}{\partial W_{11}}", "∂L/∂W<sub>11</sub>", "∂L/∂W_11"),
        ("W^{(2)}_{31}", "W<sup>(2)</sup><sub>31</sub>", "W^(2)_31"),
        (r"\alpha", "α", "α"),
    ],
)
def test_labels(latex, html, plain):
    assert str(html_label(latex)) == html
    assert plain_label(latex) == plain
    assert "".join(tree(f"<p>{svg_label(latex)}</p>").itertext()) == re.sub("[_^]", "", plain)


def test_a_sentence_is_spoken_without_latex():
    for sentence, said in {
        r"What do $\hat Y_2$ and $\theta_0$ do?": "What do Ŷ_2 and θ_0 do?",
        r"Then $\mathrm{d}f/\mathrm{d}x =$": "Then df/dx =",
        r"$\Delta$ is $N \times n_1$, $(a, \; b)$": "Δ is N × n_1, (a,  b)",
    }.items():
        assert plain_text(sentence) == said
