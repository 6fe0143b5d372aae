"""Many deep networks, the map of them, and training, in the page and in NumPy: the same draws, the
same norms."""

import json

import numpy as np
import pytest

from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import Map, grown, stacks
from backprop_lab.explore.xor_training import advanced, begun, curves, task_of
from backprop_lab.lectures import xor
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript
from tests.nightly import by_night

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


# --- the map --------------------------------------------------------------------------------------

CALL = """async ([program, given]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { found } = await import(source);
  const text = (_, value) => (typeof value === "number" && !isFinite(value) ? `${value}` : value);
  return JSON.stringify(given.map((one) => found(...one)), text);
}"""


def map_row(row, activation):
    """One weight scale of the map, as `grown` finds it after those below."""
    before = Map([[] for _ in range(row)], [[] for _ in range(row)], False)
    now = grown(before, activation)
    return [now.first[-1], now.ratio[-1]]


def test_rows_of_the_map_are_the_same(page):
    """To the last digit: it is rounded, chaotic or not."""
    rng = np.random.default_rng(2)
    given = [[int(row), name] for name in ACTIVATIONS for row in [39, *rng.integers(39, size=5)]]
    program = SCRIPTS["runtime"] + javascript(found=map_row)
    for one, got in zip(given, json.loads(page.evaluate(CALL, [program, given])), strict=True):
        assert np.array_equal(np.array(got, float), np.array(map_row(*one))), one


# --- training -------------------------------------------------------------------------------------

TASK = task_of(xor())


def trained(start, units, activation, loss, seed, batch, rate, slices):
    """Rows of step, risk and the norms by layer, after slices of five steps."""
    values = {
        "start": start, "units": units, "activation": activation, "loss": loss, "seed": seed,
        "batch": batch, "rate": rate, "speed": 5,
    }  # fmt: skip
    run = begun(values, None, TASK)
    for _ in range(slices):
        run = run if run.done else advanced(values, run, TASK)
    return [[float(number) for number in row] for row in curves(run)]


@pytest.mark.parametrize("count", [FEW, by_night(MANY)])
def test_many_trainings(page, count):
    """To 1e-9, but where a run makes more of the last bit than that."""
    rng, given = np.random.default_rng(4), []
    for _ in range(count):
        start = str(rng.choice(["lecture", "random", "twins"]))
        units = 2 if start == "lecture" else int(rng.integers(2, 9))
        activation, seed = str(rng.choice(list(ACTIVATIONS))), int(rng.integers(1000))
        loss = str(rng.choice(["half_squared_error", "binary_cross_entropy", "squared_error"]))
        rate = float(rng.choice([rng.uniform(0.1, 2), rng.uniform(0.1, 20)]))
        batch, slices = int(rng.integers(2)), int(rng.integers(1, 4))
        given.append([start, units, activation, loss, seed, batch, rate, slices])
    program = SCRIPTS["runtime"] + javascript(found=trained)
    strict = 0
    for one, got in zip(given, json.loads(page.evaluate(CALL, [program, given])), strict=True):
        *others, rate, slices = one
        right = np.array(trained(*one))
        near = [trained(*others, rate * (1 + k * 2.0**-52), slices) for k in (1, -2)]
        if any(len(rows) != len(right) for rows in near):
            continue  # a run that overflows a step sooner or later by the last bit
        size = np.maximum(np.abs(right), 1e-250)
        own = max((np.abs(np.array(rows) - right) / size).max() for rows in near)
        error = (np.abs(np.array(got, float) - right) / size).max()
        assert error <= max(LARGEST_ERROR, AMPLIFIED * own), (one, error, own)
        strict += AMPLIFIED * own <= LARGEST_ERROR
    assert strict > 0.9 * count
