"""The page's own arithmetic against NumPy's: the printed program, run by a real browser."""

import itertools

import numpy as np
import pytest

from backprop_lab import lectures
from backprop_lab.draw import name
from backprop_lab.functions import ACTIVATIONS, LOSSES
from backprop_lab.live import local_derivatives, network_program
from backprop_lab.network import Layer, Network, backward, forward, quantities, step
from tests.random_networks import targets

LARGEST_ERROR = 1e-11
"""Over the largest magnitude in a quantity's array in that pass, at least 1e-8."""
XOR_SETTINGS = 10_000
SETTINGS = 200
PAIRS = list(itertools.product(ACTIVATIONS, LOSSES))
MIDDLE = [(3, 2), (1, 3, 2), (2, 3, 1), (2, 2, 2, 2), (3, 1, 3), (1, 1, 1, 1), (4, 3, 2)]
FAR_OUT = [0.0, 19.0, 37.0, 40.0, 709.0, 710.0, 745.0, 1e4]
RUN = """async ([program, settings]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { compute } = await import(source);
  const found = settings.map(compute);
  return [Object.keys(found[0]), found.map(Object.values)];
}"""


@pytest.fixture(scope="module")
def page(context):
    page = context.new_page()
    yield page
    page.close()


def case(rng, net, loss):
    """An example, a learning rate and other parameters for the network, most of them far out."""
    weights, biases, inputs = [
        (1.0, 1.0, 1.0),
        (50.0, 50.0, 1.0),
        (5.0, 1.0, 1e3),
        (1e-9, 1e-9, 1.0),
        (1e-2, FAR_OUT, 1.0),
        ([0.0, 1.0], [0.0, 1.0], [0.0, 1.0]),  # no rounding: kinks are met exactly
    ][rng.integers(6)]

    def drawn(size, shape):
        if isinstance(size, float):
            return size * rng.uniform(-1, 1, shape)
        return rng.choice(size, shape) * rng.choice([-1, 1], shape)

    layers = [
        Layer(drawn(weights, layer.W.shape), drawn(biases, layer.b.shape), layer.activation)
        for layer in net.layers
    ]
    y = targets(rng, loss, net.widths[-1:])
    return Network(layers), drawn(inputs, net.widths[0]), y, rng.uniform(0, 10)


def by_numpy(net, x, y, alpha, loss):
    """What the program is given, and what it should find, by key."""
    f = forward(net, x)
    g = backward(net, f, y, loss)
    new = step(net, g, alpha)
    f_new = forward(new, x)
    now, after = quantities(f, g), quantities(f_new, backward(new, f_new, y, loss))
    given = {key: value for key, value in now.items() if key[0] in ("x", "y", "W", "b")}
    found = now | local_derivatives(f, g, LOSSES[loss])
    found |= {("new", *key): value for key, value in after.items()}
    return given | {("alpha",): alpha}, found


def array_of(key):
    """Which array a quantity is in: its key without the places."""
    words = tuple(part for part in key if isinstance(part, str))
    return words if "dx" in words else (*words, *[n for n in key if isinstance(n, int)][:1])


def largest_error(page, program, cases, loss):
    """Over all quantities that are finite in NumPy; a NaN of the page's is an infinite error."""
    with np.errstate(all="ignore"):
        expected = [by_numpy(*case, loss) for case in cases]
    settings = [{name(key): float(v) for key, v in given.items()} for given, _ in expected]
    names, found = page.evaluate(RUN, [program.javascript, settings])
    keys = {name(key): key for key in expected[0][1]}
    assert names == list(program.outputs)
    assert set(keys) - set(names) <= set(program.inputs) | {f"new_{n}" for n in program.inputs}
    found = np.array(found, dtype=float)
    right = np.array([[float(of[keys[n]]) for n in names] for _, of in expected])
    finite = np.isfinite(right)
    worst = 0.0
    for _, columns in itertools.groupby(
        sorted(range(len(names)), key=lambda k: str(array_of(keys[names[k]]))),
        lambda k: array_of(keys[names[k]]),
    ):
        columns = list(columns)
        a, b, ok = found[:, columns], right[:, columns], finite[:, columns]
        scale = np.max(np.abs(b), axis=1, initial=1e-8, where=ok, keepdims=True)
        error = np.where(ok, np.abs(a - np.where(ok, b, 0)) / scale, 0)
        worst = max(worst, np.where(np.isnan(error), np.inf, error).max())
    return worst
