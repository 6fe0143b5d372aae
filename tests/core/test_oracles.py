"""A second opinion: autograd and PyTorch, with every formula written down here a second time.

Neither the package's functions nor its passes are used for what is expected, only its networks'
weights.
"""

import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import value_and_grad

import backprop_lab as bl
from tests.random_networks import BOUND, draw, error

NETWORKS = 200


def differs(case, loss, dW, db, dx):
    """The largest error of a backward pass."""
    _, g = case.run
    pairs = [(g.loss, loss), (g.dx, dx), *zip(g.dW, dW, strict=True), *zip(g.db, db, strict=True)]
    return max(error(got, expected) for got, expected in pairs)


def cases():
    """Those of the random networks that are on no kink: the libraries' slopes differ there."""
    found = [case for case in map(draw, range(5000, 5000 + NETWORKS + 20)) if not case.on_a_kink]
    assert len(found) >= NETWORKS
    return found[:NETWORKS]


# --- autograd ------------------------------------------------------------------------------------


def _sigmoid(z):
    return anp.exp(-anp.logaddexp(0.0, -z))


AUTOGRAD = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": anp.tanh,
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.expm1(anp.minimum(z, 0.0))),
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "silu": lambda z: z * _sigmoid(z),
    "gelu": lambda z: 0.5 * z * (1 + anp.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
}


def _softmax_cross_entropy(z, a, y):
    shifted = z - anp.max(z, axis=-1, keepdims=True)
    return anp.sum(anp.log(anp.sum(anp.exp(shifted), axis=-1)) - anp.sum(y * shifted, axis=-1))


AUTOGRAD_LOSSES = {
    "half_squared_error": lambda z, a, y: anp.sum((a - y) ** 2) / 2,
    "squared_error": lambda z, a, y: anp.sum((a - y) ** 2),
    "binary_cross_entropy": lambda z, a, y: anp.sum(anp.logaddexp(0.0, z) - y * z),
    "softmax_cross_entropy": _softmax_cross_entropy,
}
"""The loss of all examples together."""


def by_autograd(case):
    def total(parameters, x):
        a = x
        for (W, b), layer in zip(parameters, case.net.layers, strict=True):
            z = anp.dot(a, W) + b
            a = AUTOGRAD[layer.activation](z)
        return AUTOGRAD_LOSSES[case.loss](z, a, case.y) / case.divisor

    parameters = [(np.array(layer.W), np.array(layer.b)) for layer in case.net.layers]
    loss, (by_parameters, dx) = value_and_grad(lambda both: total(*both))((parameters, case.x))
    dW, db = zip(*by_parameters, strict=True)
    return loss, dW, db, dx


def test_autograd():
    worst = max(differs(case, *by_autograd(case)) for case in cases())
    assert worst <= BOUND


# --- PyTorch -------------------------------------------------------------------------------------


TORCH = {
    "identity": lambda F, z: z,
    "sigmoid": lambda F, z: z.sigmoid(),
    "tanh": lambda F, z: z.tanh(),
    "relu": lambda F, z: F.relu(z),
    "leaky_relu": lambda F, z: F.leaky_relu(z, 0.01),
    "elu": lambda F, z: F.elu(z),
    "softplus": lambda F, z: F.softplus(z, threshold=700),
    "silu": lambda F, z: F.silu(z),
    "gelu": lambda F, z: F.gelu(z, approximate="tanh"),
}
TORCH_LOSSES = {
    "half_squared_error": lambda F, z, a, y: F.mse_loss(a, y, reduction="sum") / 2,
    "squared_error": lambda F, z, a, y: F.mse_loss(a, y, reduction="sum"),
    "binary_cross_entropy": lambda F, z, a, y: F.binary_cross_entropy_with_logits(
        z, y, reduction="sum"
    ),
    "softmax_cross_entropy": lambda F, z, a, y: F.cross_entropy(z, y, reduction="sum"),
}
"""F: torch.nn.functional. Here, so that an entry is missed where there is no PyTorch, too."""


def by_torch(torch, case):
    F = torch.nn.functional

    def tensor(array):
        return torch.tensor(np.array(array), dtype=torch.float64, requires_grad=True)

    W, b = ([tensor(getattr(layer, k)) for layer in case.net.layers] for k in "Wb")
    x, y = tensor(case.x), torch.tensor(case.y, dtype=torch.float64)
    a = x
    for i, layer in enumerate(case.net.layers):
        z = a @ W[i] + b[i]
        a = TORCH[layer.activation](F, z)
    loss = TORCH_LOSSES[case.loss](F, z, a, y) / case.divisor
    loss.backward()
    return loss.item(), *([t.grad.numpy() for t in ts] for ts in (W, b)), x.grad.numpy()


def test_torch():
    torch = pytest.importorskip("torch")
    worst = max(differs(case, *by_torch(torch, case)) for case in cases())
    assert worst <= BOUND


# --- an oracle must be able to disagree ----------------------------------------------------------


@pytest.mark.parametrize("table", [AUTOGRAD, TORCH], ids=["autograd", "torch"])
def test_every_activation_has_a_second_opinion(table):
    assert table.keys() == bl.ACTIVATIONS.keys()


@pytest.mark.parametrize("table", [AUTOGRAD_LOSSES, TORCH_LOSSES], ids=["autograd", "torch"])
def test_every_loss_has_a_second_opinion(table):
    assert table.keys() == bl.LOSSES.keys()


def test_the_oracle_tells_networks_apart():
    case = next(case for case in cases() if len(case.net.layers) > 1)
    loss, dW, db, dx = by_autograd(case)
    assert differs(case, loss, dW, db, dx) <= BOUND
    assert differs(case, loss, [-dW[0], *dW[1:]], db, dx) > 1
    assert differs(case, loss, dW, db, 2 * dx) > 0.4


def test_the_cases_are_of_every_kind():
    drawn = cases()
    assert {case.loss for case in drawn} == set(bl.LOSSES)
    assert {layer.activation for case in drawn for layer in case.net.layers} == set(bl.ACTIVATIONS)
    assert {case.reduction for case in drawn} == {"mean", "sum"}
    assert {case.x.ndim for case in drawn} == {1, 2}
