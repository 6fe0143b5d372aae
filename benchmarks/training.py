"""How long XOR's training takes, beside PyTorch eager doing the same steps from the same weights.

    python -m benchmarks.training [--steps 10000]

Full-batch gradient steps of the lecture's network on the four points, mean of half the squared
error, float64, one thread; both take turns, a tenth of the steps each. Prints a Markdown table: the
seconds of both, the ratio, and the largest difference of the weights at the end. Two programs round
differently, so an unstable run (a large learning rate on ReLU or tanh units) may drive their
weights apart; the rows of such rates show whether it does, and where 1e-9 is first passed. Without
PyTorch, only this package is timed.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

# isort: off
from benchmarks.passes import installed, machine  # first: it sets one thread

# isort: on
import numpy as np

import backprop_lab as bl
from backprop_lab.core.training import Training

XOR = bl.lectures.xor()
RUNS = [
    ("sigmoid", XOR.learning_rate),
    ("sigmoid", 20.0),
    ("tanh", 20.0),
    ("relu", 5.0),
    ("tanh", 100.0),
]
"""Hidden activation and learning rate."""
TOLERANCE = 1e-9


def start(activation: str) -> bl.Network:
    """The lecture's network with that hidden activation."""
    hidden, last = XOR.network.layers
    return bl.Network([replace(hidden, activation=activation), last])


class Ours:
    """This package's `Training`."""

    def __init__(self, net, alpha):
        self.run = Training(net, XOR.X, XOR.Y, learning_rate=alpha)

    def steps(self, count):
        self.run.run(count)

    def weights(self):
        return [a for layer in self.run.network.layers for a in (layer.W, layer.b)]


class PyTorch:
    """The same, as PyTorch's tutorials write it."""

    def __init__(self, net, alpha):
        import torch

        torch.set_num_threads(1)
        self.torch, self.alpha = torch, alpha
        self.X, self.Y = torch.tensor(XOR.X), torch.tensor(XOR.Y)
        self.leaves = [
            torch.tensor(a, requires_grad=True) for layer in net.layers for a in (layer.W, layer.b)
        ]
        self.hidden, self.last = (getattr(torch, layer.activation) for layer in net.layers)

    def steps(self, count):
        U, a, V, b = self.leaves
        for _ in range(count):
            output = self.last(self.hidden(self.X @ U + a) @ V + b)
            loss = 0.5 * ((output - self.Y) ** 2).sum() / len(XOR.X)
            loss.backward()
            with self.torch.no_grad():
                for leaf in self.leaves:
                    leaf -= self.alpha * leaf.grad
                    leaf.grad = None

    def weights(self):
        return [leaf.detach().numpy() for leaf in self.leaves]


def difference(one, other) -> float:
    """The largest difference of two programs' weights."""
    pairs = zip(one.weights(), other.weights(), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def measure(programs, steps: int, turns: int = 10):
    """Seconds of each program, and the difference of the weights after each turn."""
    seconds, apart = [0.0] * len(programs), []
    for _ in range(turns):
        for k, program in enumerate(programs):
            begin = time.perf_counter()
            program.steps(steps // turns)
            seconds[k] += time.perf_counter() - begin
        apart.append(difference(programs[0], programs[-1]))
    return seconds, apart


def main() -> None:
    """Measure all runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000)
    steps = parser.parse_args().steps
    makers = [Ours] + [PyTorch] * installed("PyTorch eager")
    print("| hidden units, α | this package, s | PyTorch eager, s | ratio | largest difference |")
    print("|---|--:|--:|--:|--:|")
    for activation, alpha in RUNS:
        net = start(activation)
        seconds, apart = measure([make(net, alpha) for make in makers], steps)
        row = f"| {activation}, {alpha:g} | {seconds[0]:.2f} |"
        if PyTorch in makers:
            row += f" {seconds[1]:.2f} | {seconds[0] / seconds[1]:.2f} | {apart[-1]:.0e}"
            if max(apart) > TOLERANCE:
                turn = next(k for k, d in enumerate(apart, 1) if d > TOLERANCE)
                step = turn * steps // len(apart)
                row += f", above {TOLERANCE:.0e} by step {step}: chaotic"
            row += " |"
        else:
            row += " not installed | | |"
        print(row, flush=True)
    print(f"\n{steps} steps. {machine()}")


if __name__ == "__main__":
    main()
