"""Gradient descent: the empirical risk of a network, and many steps against its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from backprop_lab.core.arguments import as_integer, as_positive
from backprop_lab.core.counter import draws, uniform
from backprop_lab.core.losses import Loss
from backprop_lab.core.network import (
    Layer,
    Network,
    RawLayer,
    backward,
    backward_pass,
    descended,
    forward,
    forward_pass,
    loss_for,
)
from backprop_lab.core.results import Frozen, freeze


def risk(net: Network, X, y, loss: str = "half_squared_error") -> float:
    """The empirical risk: the mean loss over a batch. Source: LMU-8, basic idea."""
    return float(backward(net, forward(net, X), y, loss).loss)


# --- a run, step by step, here and in a page ------------------------------------------------------


class Standing(NamedTuple):
    """Where a run stands: its layers, the empirical risk there and the gradient of that."""

    layers: Sequence[Layer | RawLayer]
    risk: float
    dW: Sequence[np.ndarray]
    db: Sequence[np.ndarray]


def standing(layers, x, y, loss: Loss) -> Standing:
    """Where a run with these layers stands: x, (n, inputs), and y, (n, outputs), are all
    examples."""
    z_in, z_out = forward_pass(layers, x)
    risk, _, dW, db, _ = backward_pass(layers, x, z_in, z_out, y, loss, len(x))
    return Standing(layers, risk, dW, db)


def stepped(at: Standing, rate: float, few, x, y, loss: Loss) -> Standing:
    """Where a run stands after a step. few: the gradient that it takes, None for that of all."""
    taken = few or at
    return standing(descended(at.layers, taken.dW, taken.db, rate), x, y, loss)


_LARGE = 1e100
"""While the risk is below it, nobody looks at the gradient: that would take a tenth of a step."""


def holds(at: Standing) -> bool:
    """Whether a run is still in the range of floating point."""
    if at.risk < _LARGE:
        return True
    found = [float(at.risk), *[float(slopes.sum()) for slopes in [*at.dW, *at.db]]]
    return all(math.isfinite(each) for each in found)


def order(seed: int, epoch: int, n: int) -> list[int]:
    """The n examples in the random order of an epoch."""
    keys = uniform(seed + epoch * _EPOCH, [n]).tolist()
    return sorted(range(n), key=lambda k: keys[k])


_EPOCH = 1000
"""An epoch's order is drawn by a seed of its own."""


def norms(at: Standing) -> list[float]:
    """The norm of each layer's gradient."""
    return [float(np.sqrt((dW * dW).sum())) for dW in at.dW]


def drawn(
    widths: Sequence[int], activation: str, output: str, init: Callable, seed: int
) -> list[RawLayer]:
    """The layers from which a run in a page starts: like `Network.mlp`, but of the counter's
    numbers. init: an entry of `INITIALISATIONS`."""
    last = len(widths) - 2
    return [
        RawLayer(
            init(draws(_LAYERS * seed + i), widths[i], widths[i + 1]),
            np.zeros(widths[i + 1]),
            output if i == last else activation,
        )
        for i in range(last + 1)
    ]


_LAYERS = 128
"""So many drawings belong to a seed, at most."""


# --- a run of a network ---------------------------------------------------------------------------


class Diverged(ArithmeticError):
    """A run left the range of floating point. step: the one that did it, from 1."""

    def __init__(self, step: int):
        self.step = step
        super().__init__(f"the loss has overflowed at step {step}: the learning rate is too large")


class Training(Frozen):
    """Gradient descent on a network, from where it stands; the network given never changes.

    X: (n, inputs); y: (n, outputs); batch: how many examples a step sees, None for all of them;
    with fewer, each epoch goes through all examples once, in an order drawn by `seed`.
    learning_rate: a positive number. Both may be set anew between two runs;
    another batch begins another epoch.

    Source: LMU-8, weight update rule and summary.
    Raises ValueError or TypeError naming the argument.
    """

    def __init__(
        self,
        net: Network,
        X,
        y,
        loss: str = "half_squared_error",
        learning_rate: float = 0.5,
        batch: int | None = None,
        seed: int = 0,
    ):
        g = backward(net, forward(net, X), y, loss)  # refuses what does not go together
        if g.forward.x.ndim != 2:
            raise ValueError(f"X: got shape {g.forward.x.shape}; expected (examples, inputs)")
        self._x, self._y, self._loss = g.forward.x, g.y, loss_for(net, loss)
        self._seed, self._epoch = as_integer(seed, "seed", 0), -1
        self.learning_rate, self.batch = learning_rate, batch
        self._at = Standing(net.layers, g.loss, g.dW, g.db)
        self._risks = [float(g.loss)]

    @property
    def learning_rate(self) -> float:
        """The factor of every step from now on."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: float):
        self._rate = as_positive(value, "learning_rate")

    @property
    def batch(self) -> int:
        """The number of examples in a step; set None for all of them."""
        return self._batch

    @batch.setter
    def batch(self, value: int | None):
        n = len(self._x)
        self._batch = n if value is None else as_integer(value, "batch", 1)
        if self._batch > n:
            raise ValueError(f"batch: got {value}; expected at most {n}, the number of examples")
        self._left = []  # another size begins another epoch

    @property
    def dW(self) -> tuple[np.ndarray, ...]:
        """The gradient of the empirical risk where the network stands now, by layer; read-only."""
        freeze(self._at.dW)
        return tuple(self._at.dW)

    @property
    def risks(self) -> list[float]:
        """The empirical risk at the start and after each step."""
        return list(self._risks)

    @property
    def steps(self) -> int:
        """The number of steps done."""
        return len(self._risks) - 1

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return Network([Layer(each.W, each.b, each.activation) for each in self._at.layers])

    def run(self, steps: int) -> None:
        """So many steps. Raises Diverged, and stays where it stood before the step that did it."""
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(as_integer(steps, "steps", 0)):
                self._step()

    def _step(self):
        few = None
        if self.batch < len(self._x):
            few = standing(self._at.layers, *self._examples(), self._loss)
        to = stepped(self._at, self._rate, few, self._x, self._y, self._loss)
        if not holds(to):
            raise Diverged(len(self._risks))
        self._at = to
        self._risks.append(float(to.risk))

    def _examples(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples of the next step."""
        if not self._left:
            self._epoch += 1
            self._left = order(self._seed, self._epoch, len(self._x))
        chosen, self._left = self._left[: self.batch], self._left[self.batch :]
        return self._x[chosen], self._y[chosen]


def twins(net: Network) -> Network:
    """The network with its second hidden unit made like the first: equal weights in and out.

    Raises ValueError for a network whose first layer has fewer than two units, or is the last one.
    """
    if len(net.layers) < 2 or net.layers[0].units < 2:
        raise ValueError(f"net: got widths {net.widths}; expected at least two hidden units")
    return Network([Layer(*layer) for layer in twinned(net.layers)])


def twinned(layers: Sequence[Layer | RawLayer]) -> list[RawLayer]:
    """The layers of `twins`; in a page, too."""
    first, second, *others = layers
    alike = [0, 0, *range(2, len(first.b))]
    W = np.array([first.W.T[k] for k in alike]).T
    b = np.array([first.b[k] for k in alike])
    after = np.array([second.W[k] for k in alike])
    made = [(W, b, first.activation), (after, second.b, second.activation)]
    made += [(each.W, each.b, each.activation) for each in others]
    return [RawLayer(*each) for each in made]
