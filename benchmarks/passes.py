"""How long a forward and a backward pass take, beside other programs that find the same gradients.

    python -m benchmarks.passes [--rounds 30]

Prints a Markdown table: medians in µs and, in brackets, the median of the rounds' ratios of this
package's time to the column's (below 1: this package is ahead). Everything is float64 on one
thread; tanh hidden, sigmoid output, half the squared error, mean over the batch. Each contender
finds the loss, all dW and db, and dx; this package by its public functions, validation included.
The plain NumPy takes the slopes from the activations, a(1 - a) and 1 - a², which is cheaper than
this package's and loses the digits of saturated units. The bare products are the matrix products
of the passes alone. PyTorch, JAX and autograd take part where they are installed, and no one is
timed before its gradients agree with the plain NumPy's.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
THREADS |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "NPROC": "1"}
os.environ |= THREADS | {"JAX_PLATFORMS": "cpu"}  # read once, by the imports below

import numpy as np  # noqa: E402

import backprop_lab as bl  # noqa: E402

CASES = {  # widths and batch
    "2-2-1, batch 1": ((2, 2, 1), 1),
    "784-128-64-10, batch 64": ((784, 128, 64, 10), 64),
    "50 × 64, batch 64": ((64,) * 51, 64),
    "50 × 64, batch 1": ((64,) * 51, 1),
    "8 × 512, batch 256": ((512,) * 9, 256),
}
TOLERANCE = 1e-9
ROUND = 0.02  # seconds of each contender in each round


def package(W, b, X, y):
    names = ["tanh"] * (len(W) - 1) + ["sigmoid"]
    net = bl.Network([bl.Layer(*layer) for layer in zip(W, b, names, strict=True)])

    def run():
        g = bl.backward(net, bl.forward(net, X), y)
        return g.loss, *g.dW, *g.db, g.dx

    return run


def plain_numpy(W, b, X, y):
    def run():
        outputs = [X]
        for V, c in zip(W[:-1], b[:-1], strict=True):
            outputs.append(np.tanh(outputs[-1] @ V + c))
        z = outputs[-1] @ W[-1] + b[-1]
        e = np.exp(-np.abs(z))  # never overflows
        a = np.where(z >= 0, 1.0, e) / (1.0 + e)
        difference = a - y
        loss = 0.5 * np.sum(difference**2) / len(X)
        delta = difference / len(X) * a * (1.0 - a)
        dW, db = [None] * len(W), [None] * len(W)
        for i in reversed(range(len(W))):
            dW[i] = outputs[i].T @ delta
            db[i] = delta.sum(axis=0)
            upstream = delta @ W[i].T
            if i:
                delta = upstream * (1.0 - outputs[i] ** 2)
        return loss, *dW, *db, upstream

    return run


def bare_products(W, b, X, y):
    signals = [np.zeros((len(X), V.shape[1])) for V in W]
    inputs = [X, *signals[:-1]]

    def run():
        for x, V in zip(inputs, W, strict=True):
            x @ V
        for x, V, delta in zip(inputs, W, signals, strict=True):
            x.T @ delta
            delta @ V.T

    return run


def pytorch(W, b, X, y):
    import torch

    torch.set_num_threads(1)
    *parameters, x = leaves = [torch.tensor(v, requires_grad=True) for v in (*W, *b, X)]
    layers = list(zip(parameters[: len(W)], parameters[len(W) :], strict=True))
    target = torch.tensor(y)

    def run():
        a = x
        for V, c in layers[:-1]:
            a = torch.tanh(a @ V + c)
        V, c = layers[-1]
        loss = 0.5 * ((torch.sigmoid(a @ V + c) - target) ** 2).sum() / len(X)
        return loss.detach(), *torch.autograd.grad(loss, leaves)

    return run


def jax(W, b, X, y):
    import jax

    jax.config.update("jax_enable_x64", True)

    def loss(W, b, x):
        for V, c in zip(W[:-1], b[:-1], strict=True):
            x = jax.numpy.tanh(x @ V + c)
        return 0.5 * ((jax.nn.sigmoid(x @ W[-1] + b[-1]) - y) ** 2).sum() / len(X)

    graded = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))
    W, b, x = jax.tree.map(jax.numpy.asarray, (list(W), list(b), X))

    def run():
        value, (dW, db, dx) = jax.block_until_ready(graded(W, b, x))
        return value, *dW, *db, dx

    return run


def autograd(W, b, X, y):
    import autograd
    import autograd.numpy as anp

    def loss(leaves):
        *parameters, x = leaves
        for V, c in zip(parameters[: len(W) - 1], parameters[len(W) : -1], strict=True):
            x = anp.tanh(anp.dot(x, V) + c)
        z = anp.dot(x, parameters[len(W) - 1]) + parameters[-1]
        a = 0.5 * (1.0 + anp.tanh(0.5 * z))  # the sigmoid
        return 0.5 * anp.sum((a - y) ** 2) / len(X)

    graded = autograd.value_and_grad(loss)
    leaves = [*W, *b, X]

    def run():
        value, gradients = graded(leaves)
        return value, *gradients

    return run


CONTENDERS: dict[str, Callable] = {
    "this package": package,
    "plain NumPy": plain_numpy,
    "bare products": bare_products,
    "PyTorch eager": pytorch,
    "JAX jit": jax,
    "autograd": autograd,
}
OPTIONAL = {"PyTorch eager": "torch", "JAX jit": "jax", "autograd": "autograd"}


def installed(title: str) -> bool:
    """Whether a contender can run here."""
    try:
        importlib.import_module(OPTIONAL.get(title, "numpy"))
    except ImportError:
        return False
    return True


def problem(widths, batch):
    """Weights, biases, inputs and targets, the same in every run."""
    rng = np.random.default_rng(8)
    W = [rng.normal(0, n**-0.5, (n, m)) for n, m in pairwise(widths)]
    b = [rng.normal(0, 0.1, m) for m in widths[1:]]
    return W, b, rng.normal(size=(batch, widths[0])), rng.uniform(size=(batch, widths[-1]))


def agree(title: str, found, expected) -> None:
    """ValueError unless each array is the expected one, to `TOLERANCE` of its largest entry."""
    for k, (got, right) in enumerate(zip(found, expected, strict=True)):
        got, right = np.asarray(got), np.asarray(right)
        if got.shape != right.shape or not (
            np.abs(got - right).max() <= TOLERANCE * np.abs(right).max()
        ):
            raise ValueError(f"{title}: another result than plain NumPy, array {k}")


def measure(makers: dict[str, Callable], widths, batch, rounds) -> dict[str, list[float]]:
    """Seconds of one run, by contender and round; all take turns in each round."""
    case = problem(widths, batch)
    runs = {title: make(*case) for title, make in makers.items()}
    expected = plain_numpy(*case)()
    for title, run in runs.items():
        if makers[title] is not bare_products:
            agree(title, run(), expected)
    calls = {}
    for title, run in runs.items():
        run()
        start = time.perf_counter()
        run()
        calls[title] = max(1, round(ROUND / (time.perf_counter() - start)))
    found = {title: [] for title in runs}
    for _ in range(rounds):
        for title, run in runs.items():
            start = time.perf_counter()
            for _ in range(calls[title]):
                run()
            found[title].append((time.perf_counter() - start) / calls[title])
    return found


def row(name: str, found: dict[str, list[float]]) -> str:
    """A row of the table: medians, and the ratios of this package's time to them."""
    ours, cells = found["this package"], []
    for seconds in found.values():
        ratio = statistics.median(a / b for a, b in zip(ours, seconds, strict=True))
        cells.append(f"{statistics.median(seconds) * 1e6:.1f} ({ratio:.2f})")
    return f"| {name} | {' | '.join(cells)} |"


def machine() -> str:
    """What the figures depend on."""
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, "
        f"{os.cpu_count()} cores, one used, load {os.getloadavg()[0]:.1f} at the end."
    )


def main(cases=CASES, rounds=None) -> None:
    """Measure all cases and print the table."""
    if rounds is None:
        parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
        parser.add_argument("--rounds", type=int, default=30)
        rounds = parser.parse_args().rounds
    makers = {title: make for title, make in CONTENDERS.items() if installed(title)}
    print(f"| µs (this package's time over it) | {' | '.join(makers)} |")
    print(f"|---|{'--:|' * len(makers)}")
    for name, (widths, batch) in cases.items():
        print(row(name, measure(makers, widths, batch, rounds)), flush=True)
    missing = [title for title in CONTENDERS if title not in makers]
    print(f"\n{machine()} Not installed: {', '.join(missing) or 'none'}.")


if __name__ == "__main__":
    main()
