"""The slip finder of the page against Python's, on random networks."""

import json

import numpy as np

from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer
from backprop_lab.exercise import slips
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript
from tests.browser.test_translate import CALL, PLAIN
from tests.exercise.test_slips import NAMES, random_case


def found(layers, X, y, loss, divisor, made, asked, decimals):
    """The gradient with the slips that are made, and what is found from numbers of it."""
    raw = [RawLayer(np.array(W), np.array(b), name) for W, b, name in layers]

    def run(names):
        _, _, dW, db, _ = slips.slipped(
            names, raw, np.array(X), np.array(y), LOSSES[loss], divisor, 0.5
        )
        return slips.gradients(dW, db)

    wrong = run(made)
    answers = [slips.Answer(name, round(wrong[name], decimals), decimals) for name in asked]
    told = slips.find(answers, run)
    return [wrong, told.right, told.slips, told.close]


def test_the_page_finds_what_python_finds(page):
    rng, given = np.random.default_rng(2), []
    for seed in range(150):
        layers, X, y, loss, divisor = random_case(seed)
        drawn = [NAMES[k] for k in rng.choice(len(NAMES), rng.integers(3), replace=False)]
        names = list(slips.gradients([la.W for la in layers], [la.b for la in layers]))
        asked = names if rng.random() < 0.5 else [str(rng.choice(names))]
        raw = [[layer.W.tolist(), layer.b.tolist(), layer.activation] for layer in layers]
        given.append([raw, X.tolist(), y.tolist(), loss.name, divisor, drawn, asked, 5])
    program = SCRIPTS["runtime"] + PLAIN + javascript(**{"$found": found})
    seen = json.loads(page.evaluate(CALL, [program, json.dumps(given)]))
    kinds = set()
    for one, (wrong, *told) in zip(given, seen, strict=True):
        expected, *said = found(*one)
        assert list(wrong) == list(expected)
        got, known = list(wrong.values()), list(expected.values())
        assert np.allclose(got, known, rtol=1e-11, atol=1e-11), one
        assert told == said, one
        kinds.add((told[0], bool(told[1]) and len(told[1][0])))
    assert kinds >= {(True, False), (False, 1), (False, 2)}
