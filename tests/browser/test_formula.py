"""Typed formulas: what the page reads and computes against Python, on formulas and on texts that
are none."""

import json

import numpy as np
import pytest

from backprop_lab.exercise import formula
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript
from tests import typed_formulas
from tests.browser.test_translate import CALL, PLAIN
from tests.nightly import by_night
from tests.typed_formulas import NAMES


def read(text, names):
    """Tree or refusal, values, whether the tree is the same as itself and as `δ`."""
    tree, refusal = formula.parsed(text, names)
    if tree is None:
        return None, refusal, [], False, False
    at, other = formula.points(names), formula.parsed("δ", names)
    known = formula.value(tree, at)
    return tree, refusal, known, formula.same(tree, tree, at), formula.same(tree, other[0], at)


def plain(tree):
    return tree and {"kind": tree.kind, "what": tree.what, "parts": list(map(plain, tree.parts))}


@pytest.mark.parametrize("count", [200, by_night(1000)])
def test_the_page_reads_what_python_reads(page, count):
    rng = np.random.default_rng(19)
    right = [text for text, _ in typed_formulas.formulas(15, count)]
    texts = right + typed_formulas.HOSTILE
    texts += [typed_formulas.hostile(rng, right) for _ in range(count)]
    program = SCRIPTS["runtime"] + PLAIN + javascript(**{"$found": read})
    given = json.dumps([[text, NAMES] for text in texts])
    found = json.loads(page.evaluate(CALL, [program, given]))
    trees = 0
    for text, (tree, refusal, values, itself, other) in zip(texts, found, strict=True):
        expected = read(text, NAMES)
        assert [refusal, itself, other] == [expected[1], *expected[3:]], text
        assert tree == plain(expected[0]), text
        if tree is None:
            continue
        got, known = np.array(values, dtype=float), expected[2]
        assert np.array_equal(np.isnan(got), np.isnan(known)), text
        assert got == pytest.approx(known, rel=1e-9, abs=1e-9, nan_ok=True), text
        trees += 1
    assert trees > count
