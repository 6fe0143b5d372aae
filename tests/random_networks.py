"""Random networks, their data and how errors are measured: shared by the tests of the core."""

from dataclasses import dataclass, replace

import numpy as np

import backprop_lab as bl

BOUND = 1e-10


def error(a, b):
    """|a - b| over the largest magnitude in b, at least 1e-8: the measure of every bound."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    assert a.shape == b.shape
    return np.abs(a - b).max() / max(np.abs(b).max(), 1e-8)


@dataclass(frozen=True)
class Case:
    net: bl.Network
    x: np.ndarray
    y: np.ndarray
    loss: str
    reduction: str
    init: str

    @property
    def run(self):
        f = bl.forward(self.net, self.x)
        return f, bl.backward(self.net, f, self.y, self.loss, self.reduction)

    @property
    def divisor(self):
        return len(self.x) if self.x.ndim == 2 and self.reduction == "mean" else 1

    @property
    def on_a_kink(self):
        """Whether a pre-activation is exactly where the slope jumps: no nudge is valid there."""
        f = bl.forward(self.net, self.x)
        kinks = [bl.ACTIVATIONS[layer.activation].kinks for layer in self.net.layers]
        return any(np.isin(z, at).any() for z, at in zip(f.z_in, kinks, strict=True))


def targets(rng, loss, shape):
    """Targets that the loss allows, with the ends of their range among them."""
    if bl.LOSSES[loss].targets.startswith("one-hot"):
        return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]
    if bl.LOSSES[loss].targets.startswith("probabilities"):
        y = rng.random(shape)
        return np.where(rng.random(shape) < 0.5, y.round(), y)
    return rng.standard_normal(shape)


def draw(seed, depth=5, width=6, single=None):
    """Case number `seed`: at most so many layers and units; every layer has its own activation."""
    rng = np.random.default_rng([seed, depth, width])
    names, losses = list(bl.ACTIVATIONS), list(bl.LOSSES)
    widths = rng.integers(1, width + 1, size=rng.integers(1, depth + 1) + 1).tolist()
    loss = losses[rng.integers(len(losses))]
    init = list(bl.INITIALISATIONS)[rng.integers(len(bl.INITIALISATIONS))]
    drawn = bl.Network.mlp(widths, init=init, seed=seed).layers
    bias = rng.choice([0.0, 0.5])
    layers = [
        replace(
            layer,
            b=bias * rng.standard_normal(layer.units),
            activation=names[rng.integers(len(names))],
        )
        for layer in drawn
    ]
    output = bl.LOSSES[loss].output or layers[-1].activation
    layers[-1] = replace(layers[-1], activation=output)
    if single is None:
        single = rng.random() < 1 / 3
    batch = () if single else (int(rng.integers(1, 6)),)
    x = rng.standard_normal((*batch, widths[0]))
    y = targets(rng, loss, (*batch, widths[-1]))
    reduction = "mean" if rng.random() < 0.5 else "sum"
    return Case(bl.Network(layers), x, y, loss, reduction, init)
