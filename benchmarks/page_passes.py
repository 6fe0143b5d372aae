"""How long the pass takes in a page, beside the same lines in NumPy: a Markdown table.

    python -m benchmarks.page_passes

The page runs the package's own passes, translated (`page.translate`), in Chromium, on one thread;
NumPy runs `forward_pass` and `backward_pass` themselves; PyTorch eager takes part where it is
installed. tanh hidden, sigmoid output, half the squared error. Medians of `ROUNDS` rounds, the
three in turn. "10,000 steps" is gradient descent on XOR's four points; "in the app" the same by
the work of `explore.xor_training`, which checks and keeps each step.

A second table has the slices of work of three apps, the longest and their sum: a page must never be
blocked for more than 50 ms.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from functools import partial

import numpy as np
from playwright.sync_api import sync_playwright

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.counter import uniform
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, backward_pass, descended, forward_pass
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import javascript

CASES = {"2-2-1": ((2, 2, 1), 1), "50 × 32": ((32,) * 51, 1), "8 × 16, batch 342": ((16,) * 9, 342)}
ROUNDS, SECONDS, STEPS = 7, 0.2, 10_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IMPORT = """async (program) => {
  const source = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  window.bench = await import(source);
}"""
TIME = """([widths, batch, seconds]) => {
  const [layers, x, y] = bench.drawn(widths, batch);
  let calls = 0;
  const begun = performance.now();
  while (performance.now() - begun < 1000 * seconds) {
    for (let k = 0; k < 10; k++) bench.passes(layers, x, y);
    calls += 10;
  }
  return (performance.now() - begun) / calls / 1000;
}"""

WORK = """async ([program, values, slices]) => {
  const source = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const { work } = await import(source);
  const taken = [];
  let record = work.begin(values, null);
  while (taken.length < slices && !record.done) {
    const begun = performance.now();
    record = work.on(values, record);
    taken.push((performance.now() - begun) / 1000);
  }
  return taken;
}"""
"""How long each slice of an app's work takes, in a program that is new, as when an app opens."""
WORKED = {
    f"XOR in the app, {STEPS:,} steps": (explore.xor_training, {"speed": 1000}, STEPS // 1000),
    "the map of tanh": (explore.phase_map, {}, 2000),
    "the penguins, 400 steps": (explore.deep_training, {}, 400),
}


def drawn(widths, batch):
    """Layers, inputs and targets, the same in Python and in the page."""
    layers = []
    for i in range(len(widths) - 1):
        n, m = widths[i], widths[i + 1]
        W = (uniform(3 * i, (n, m)) - 0.5) * (12 / n) ** 0.5
        last = i == len(widths) - 2
        layers.append(RawLayer(W, np.zeros((m,)), "sigmoid" if last else "tanh"))
    return layers, uniform(1001, (batch, widths[0])), uniform(1002, (batch, widths[-1]))


def passes(layers, x, y):
    """Forward and backward."""
    z_in, z_out = forward_pass(layers, x)
    return backward_pass(layers, x, z_in, z_out, y, LOSSES["half_squared_error"], len(x))


def learned(steps, layers, X, Y, rate):
    """The layers after so many steps."""
    for _ in range(steps):
        _, _, dW, db, _ = passes(layers, X, Y)
        layers = descended(layers, dW, db, rate)
    return layers


def in_python(run):
    """Seconds a call."""
    calls, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        run()
        calls += 1
    return (time.perf_counter() - begun) / calls


def in_torch(widths, batch):
    """A function that runs the two passes in PyTorch eager; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    layers, x, y = drawn(widths, batch)
    tensors = [(torch.tensor(a.W, requires_grad=True), torch.tensor(a.b, requires_grad=True))
               for a in layers]  # fmt: skip
    x, y = torch.tensor(x), torch.tensor(y)

    def run():
        a = x
        for k, (W, b) in enumerate(tensors):
            z = a @ W + b
            a = torch.sigmoid(z) if k == len(tensors) - 1 else torch.tanh(z)
        loss = ((a - y) ** 2).sum() / 2 / len(x)
        return torch.autograd.grad(loss, [t for pair in tensors for t in pair])

    return run


def slices_of(page):
    """By title, medians of the longest slice and of their sum, in seconds."""
    found = {}
    for title, (app, settings, count) in WORKED.items():
        live = app().page
        given = [SCRIPTS["runtime"] + live.computes.javascript, live.values(**settings), count]
        del given[1]["work"]
        runs = [page.evaluate(WORK, given) for _ in range(ROUNDS)]
        found[title] = [statistics.median(map(part, runs)) for part in (max, sum)]
    return found


def main():
    xor = bl.lectures.xor()
    rows = {name: [] for name in [*CASES, f"{STEPS:,} steps of XOR"]}
    path = next(filter(None, map(shutil.which, BROWSERS)))
    given = {"layers": list(xor.network.layers), "X": xor.X, "Y": xor.Y, "rate": 0.5}
    of_xor = partial(learned, **given)
    exports = javascript(drawn=drawn, passes=passes, of_xor=of_xor)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.evaluate(IMPORT, SCRIPTS["runtime"] + exports)
        for _ in range(ROUNDS):
            for name, (widths, batch) in CASES.items():
                network, torch_run = drawn(widths, batch), in_torch(widths, batch)
                rows[name].append(
                    (
                        page.evaluate(TIME, [widths, batch, SECONDS]),
                        in_python(lambda network=network: passes(*network)),
                        in_python(torch_run) if torch_run else float("nan"),
                    )
                )
            begun = time.perf_counter()
            layers = of_xor(STEPS)
            took = time.perf_counter() - begun
            text = page.evaluate(
                """(steps) => {
                  const begun = performance.now();
                  const [first] = bench.of_xor(steps);
                  return JSON.stringify([(performance.now() - begun) / 1000, first.W.data]);
                }""",
                STEPS,
            )
            seconds, W = json.loads(text)
            assert np.allclose(W, layers[0].W.ravel(), rtol=1e-9)
            rows[f"{STEPS:,} steps of XOR"].append((seconds, took, float("nan")))
        worked = slices_of(page)
        browser.close()
    print("| network | page, ms | NumPy, ms | PyTorch eager, ms | NumPy / page |")
    print("|---|---:|---:|---:|---:|")
    for name, taken in rows.items():
        page_s, numpy_s, torch_s = map(statistics.median, zip(*taken, strict=True))
        print(
            f"| {name} | {1000 * page_s:.4g} | {1000 * numpy_s:.4g} | {1000 * torch_s:.4g} "
            f"| {numpy_s / page_s:.1f} |"
        )
    print("\n| work in the page | longest slice, ms | all, ms |\n|---|---:|---:|")
    for title, (longest, whole) in worked.items():
        print(f"| {title} | {1000 * longest:.4g} | {1000 * whole:.4g} |")


if __name__ == "__main__":
    main()
