"""Gradient descent: the empirical risk of a network, and many steps against its gradient."""

from __future__ import annotations

import numpy as np

from backprop_lab.core.arguments import as_integer, as_positive
from backprop_lab.core.network import (
    Layer,
    Network,
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


_LARGE = 1e100
"""While the risk is below it, nobody looks at the gradient: that would take a tenth of a step."""


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
        self._rng = np.random.default_rng(as_integer(seed, "seed", 0))
        self.learning_rate, self.batch = learning_rate, batch
        self._layers = net.layers
        self._risks, self._dW, self._db = [float(g.loss)], g.dW, g.db

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
        freeze(self._dW)
        return self._dW

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
        return Network([Layer(each.W, each.b, each.activation) for each in self._layers])

    def run(self, steps: int) -> None:
        """So many steps. Raises Diverged, and stays where it stood before the step that did it."""
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(as_integer(steps, "steps", 0)):
                self._step()

    def _step(self):
        dW, db = self._dW, self._db
        if self.batch < len(self._x):
            _, dW, db = self._of(*self._examples())
        before, self._layers = self._layers, descended(self._layers, dW, db, self._rate)
        risk, dW, db = self._of(self._x, self._y)
        if not risk < _LARGE and not all(np.isfinite(found).all() for found in (risk, *dW, *db)):
            self._layers = before
            raise Diverged(len(self._risks))
        self._risks.append(float(risk))
        self._dW, self._db = dW, db

    def _of(self, x, y):
        """The mean loss over these examples where the network stands, and its gradient."""
        z_in, z_out = forward_pass(self._layers, x)
        risk, _, dW, db, _ = backward_pass(self._layers, x, z_in, z_out, y, self._loss, len(x))
        return risk, dW, db

    def _examples(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples of the next step."""
        if not len(self._left):
            self._left = self._rng.permutation(len(self._x))
        chosen, self._left = self._left[: self.batch], self._left[self.batch :]
        return self._x[chosen], self._y[chosen]


def twins(net: Network) -> Network:
    """The network with its second hidden unit made like the first: equal weights in and out.

    Raises ValueError for a network whose first layer has fewer than two units, or is the last one.
    """
    if len(net.layers) < 2 or net.layers[0].units < 2:
        raise ValueError(f"net: got widths {net.widths}; expected at least two hidden units")
    first, second, *others = net.layers
    like = [0, 0, *range(2, first.units)]
    first = Layer(first.W[:, like], first.b[like], first.activation)
    return Network([first, Layer(second.W[like], second.b, second.activation), *others])
