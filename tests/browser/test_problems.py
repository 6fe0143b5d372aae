"""Generated problems: the page's numbers against Python's."""

import json

import numpy as np
import pytest

from backprop_lab.exercise.problems import TOPICS, WIDTHS, numbers
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript
from tests.browser.test_translate import CALL, PLAIN
from tests.nightly import by_night


def drawn(seed, topic, level):
    """A problem as plain lists."""
    found = numbers(seed, topic, level)
    given = found.given
    layers = [[layer.W, layer.b, layer.activation] for layer in given.layers]
    told = [given.loss, given.rate, given.key.name, [sentence for _, sentence in found.ways]]
    values = [found.expected, *[value for value, _ in found.ways]]
    return [layers, given.X, given.y, told, values]


def plain(thing):
    if isinstance(thing, np.ndarray):
        return thing.tolist()
    return [plain(one) for one in thing] if isinstance(thing, list) else thing


@pytest.mark.parametrize("seeds", [5, by_night(40)])
def test_the_page_draws_what_python_draws(page, seeds):
    program = SCRIPTS["runtime"] + PLAIN + javascript(**{"$found": drawn})
    given = [[seed, topic, level] for seed in range(seeds) for topic in TOPICS for level in WIDTHS]
    found = json.loads(page.evaluate(CALL, [program, json.dumps(given)]))
    for one, (*numbers_given, values) in zip(given, found, strict=True):
        *expected, right = drawn(*one)
        assert numbers_given == plain(expected), one
        assert np.allclose(values, right, rtol=1e-11, atol=1e-12), one
