"""Two small networks, a batch of examples, and their passes."""

import itertools

import numpy as np

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.losses import LOSSES

NET = bl.Network.mlp([2, 3, 2], activation="tanh", output="sigmoid", seed=1)
LOGITS = bl.Network.mlp([2, 3, 2], output="identity", seed=1)
X = np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5], [1.0, 1.0]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.5], [1.0, 1.0]])
F = bl.forward(NET, X)
G = bl.backward(NET, F, Y)
F1 = bl.forward(NET, X[0])
G1 = bl.backward(NET, F1, Y[0])
SOME_BITS = 8e-15
"""Of a few products added up in another order or by fused steps, and of two exponentials that are
each right to four units in the last place, which is what vectorised ones promise."""


PAIRS = [
    (loss, output)
    for loss, output in itertools.product(LOSSES, ACTIVATIONS)
    if LOSSES[loss].output in (None, output)
]
