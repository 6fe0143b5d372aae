"""Many deep networks at once, in the page and in NumPy: the same draws, the same norms."""

import json

import numpy as np
import pytest

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import stacks
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript

LARGEST_ERROR = 1e-9
FEW, MANY = 100, 1000
AMPLIFIED = 64
"""Where the networks make more of the last bit, the page may be so many times as far from NumPy as
NumPy is from itself with weights that differ in their last bits."""
RUN = """async ([program, settings]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { norms } = await import(source);
  const text = (_, value) => (typeof value === "number" && !isFinite(value) ? `${value}` : value);
  return JSON.stringify(settings.map((one) => norms(...one)), text);
}"""


def norms(
    depth, width, activation, steepest, scale, bias, seed, loss, residual, normalised, networks
):
    """Of each network, by layer: the norms of δ and of the gradients, and the bound."""
    found = stacks(
        depth, width, activation, steepest, scale, bias, seed, loss, residual, normalised, networks
    )
    bound = [] if found.bound is None else found.bound.tolist()
    return [found.delta.tolist(), found.dW.tolist(), bound]


def drawn(rng):
    activation = str(rng.choice(list(ACTIVATIONS)))
    depth = int(np.exp(rng.uniform(0, np.log(101))))
    scale = float(rng.choice([1.0, np.sqrt(2), rng.uniform(0, 3), rng.uniform(0, 10)]))
    return [
        depth,
        int(np.exp(rng.uniform(0, np.log(33)))),
        activation,
        deep.largest_slope(activation),
        scale,
        float(rng.choice([0.0, rng.uniform(-4, 4)])),
        int(rng.integers(1000)),
        str(rng.choice(list(deep.OUTPUTS))),
        bool(rng.integers(2)),
        bool(rng.integers(2)),
        5,
    ]


def compare(page, count):
    """The share of the norms that was held to `LARGEST_ERROR`."""
    rng = np.random.default_rng(13)
    program = SCRIPTS["runtime"] + javascript(norms=norms)
    settings = [drawn(rng) for _ in range(count)]
    strict = every = 0
    found = []
    for start in range(0, count, 100):
        some = settings[start : start + 100]
        found += json.loads(page.evaluate(RUN, [program, some]))
    for one, got in zip(settings, found, strict=True):
        with np.errstate(all="ignore"):
            right = norms(*one)
            moved = [norms(*one[:4], one[4] * (1 + k * 2.0**-52), *one[5:]) for k in (1, 2, -1, 3)]
        for k, rows in enumerate(right):
            a, b = np.array(got[k], dtype=float), np.array(rows)
            assert a.shape == b.shape, one
            if not b.size:
                continue
            others = np.array([other[k] for other in moved])
            known = np.isfinite(b) & np.isfinite(others).all(axis=0) & (b > 1e-250)
            size = np.where(known, b, 1.0)
            own = np.where(known, np.abs(others - b).max(axis=0), 0) / size
            # what one layer amplifies, the others hand on
            own = np.broadcast_to(own.max(axis=0), b.shape)
            error = np.where(known, np.abs(np.where(known, a, 0) - b), 0) / size
            assert (error <= np.maximum(LARGEST_ERROR, AMPLIFIED * own)).all(), (one, error.max())
            strict += int((known & (AMPLIFIED * own <= LARGEST_ERROR)).sum())
            every += known.sum()
    return strict / every


def test_the_norms_of_a_hundred_settings(page):
    assert compare(page, FEW) > 0.8


@pytest.mark.nightly
def test_the_norms_of_a_thousand_settings(page):
    assert compare(page, MANY) > 0.8
