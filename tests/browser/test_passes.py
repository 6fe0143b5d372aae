"""The translated pass against NumPy's, on random networks: up to 50 layers of up to 32 units."""

import json

import numpy as np
import pytest

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.counter import uniform
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, backward_pass, forward_pass
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript

LARGEST_ERROR = 1e-11
AMPLIFIED = 16
"""Where the pass makes more of the last bit, the page may be so many times as far from NumPy as
NumPy is from itself with weights that differ in their last bits."""
MOVED = (1.0, -2.0)
"""By how many last bits. One of them alone may leave a sum that cancels as it was."""
FEW, MANY = 250, 10_000
RUN = """async ([program, cases]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { digest } = await import(source);
  const text = (_, value) => (typeof value === "number" && !isFinite(value) ? `${value}` : value);
  return JSON.stringify(cases.map((one) => digest(...one)), text);
}"""


def digest(seed, widths, batch, activation, output, loss, scale, moved=0.0):
    """Of each array of the passes the largest size and a random sum, in which each element counts.

    The network and its batch are drawn here and in the page; moved: by how many last bits its
    weights are moved."""
    layers = []
    for i in range(len(widths) - 1):
        n, m = widths[i], widths[i + 1]
        W = scale * (2 * uniform(seed + 3 * i, (n, m)) - 1) * (3 / n) ** 0.5
        W = W * (1 + moved * (uniform(seed + 3 * i + 1, (n, m)) - 0.5) * 2.0**-51)
        b = scale * (uniform(seed + 3 * i + 2, (m,)) - 0.5)
        layers.append(RawLayer(W, b, output if i == len(widths) - 2 else activation))
    x = 2 * uniform(seed + 301, (batch, widths[0])) - 1
    y = uniform(seed + 302, (batch, widths[-1]))
    which = LOSSES[loss]
    if loss == "softmax_cross_entropy":
        y = np.where(y == y.max(axis=-1, keepdims=True), 1.0, 0.0)
    z_in, z_out = forward_pass(layers, x)
    value, delta, dW, db, dx = backward_pass(layers, x, z_in, z_out, y, which, batch)
    found = [[value, value]]
    for array in [*z_in, *z_out, *delta, *dW, *db, dx]:
        largest = np.max(abs(array))
        share = array / where_zero(largest)
        found.append([largest, (share * (uniform(7, array.shape) - 0.5)).sum()])
    return found


def where_zero(largest):
    """What an array is divided by: its largest size, 1 if that is 0."""
    return largest if largest > 0 else 1.0


def cases(count):
    rng = np.random.default_rng(11)
    pairs = [(a, loss) for a in ACTIVATIONS for loss in LOSSES]
    for k in range(count):
        activation, loss = pairs[k % len(pairs)]
        depth = int(np.exp(rng.uniform(0, np.log(51))))
        widths = [int(n) for n in np.exp(rng.uniform(0, np.log(33), depth + 1))]
        batch = int(np.exp(rng.uniform(0, np.log(65))))
        scale = float(rng.choice([0.1, 1.0, 1.0, 2.0, 20.0]))
        output = LOSSES[loss].output or activation
        yield [400 * k, widths, batch, activation, output, loss, scale]


def compare(page, count):
    """How many arrays were held to `LARGEST_ERROR`, of how many."""
    program = SCRIPTS["runtime"] + javascript(digest=digest)
    strict = every = 0
    drawn = list(cases(count))
    for start in range(0, count, 250):
        some = drawn[start : start + 250]
        found = json.loads(page.evaluate(RUN, [program, some]))
        for case, got in zip(some, found, strict=True):
            with np.errstate(all="ignore"):
                right = np.array(digest(*case))
                near = np.array([digest(*case, moved=bits) for bits in MOVED])
            got = np.array(got, dtype=float)
            known = np.isfinite(right).all(axis=1) & np.isfinite(near).all(axis=(0, 2))
            assert np.isfinite(got[known]).all(), case
            scale = np.maximum(np.abs(right[known]), [[1e-8, 1.0]])
            own = (np.abs(near[:, known] - right[known]) / scale).max(axis=(0, 2))
            error = (np.abs(got[known] - right[known]) / scale).max(axis=1)
            assert (error <= np.maximum(LARGEST_ERROR, AMPLIFIED * own)).all(), (case, error.max())
            strict += int((AMPLIFIED * own <= LARGEST_ERROR).sum())
            every += len(right)
    return strict, every


def test_few_networks(page):
    strict, every = compare(page, FEW)
    assert strict > 0.8 * every


@pytest.mark.nightly
def test_many_networks(page):
    strict, every = compare(page, MANY)
    print(f"{strict:,} of {every:,} arrays within {LARGEST_ERROR}")
    assert strict > 0.8 * every
