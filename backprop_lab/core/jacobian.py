"""Jacobians in numerator layout: a row for each output, a column for each input.

`jvp` and `vjp` multiply a Jacobian by a direction or by a row without ever making it: a layer's
Jacobian is diag(σ′) Wᵀ, and a diagonal matrix is a multiplication number by number.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_array, as_integer, as_numbers
from backprop_lab.core.losses import surplus
from backprop_lab.core.network import Forward


def jacobian(f: Forward, layer: int | None = None) -> np.ndarray:
    """The derivative of the output by the input; with a layer's number, from 0, of that layer's
    activations by what arrives there. (outputs, inputs), of a batch (batch, outputs, inputs).

    Raises ValueError or TypeError naming the argument.
    """
    slopes = _slopes(f)
    steps = [
        slope[..., None] * part.W.T for slope, part in zip(slopes, f.network.layers, strict=True)
    ]
    if layer is None:
        return reduce(np.matmul, reversed(steps))
    if as_integer(layer, "layer", 0) >= len(steps):
        raise ValueError(f"layer: got {layer}; expected one from 0 to {len(steps) - 1}")
    return steps[layer]


def jvp(f: Forward, u) -> np.ndarray:
    """J u, forwards: how the output moves when the input moves by u (the input's shape).

    Raises ValueError or TypeError naming the argument.
    """
    slopes, u = _slopes(f), _like(u, f.x, "u")
    for layer, slope in zip(f.network.layers, slopes, strict=True):
        u = (u @ layer.W) * slope
    return u


def vjp(f: Forward, v) -> np.ndarray:
    """v J, backwards: how v · output moves with each input. v: a row in the output's shape.

    Raises ValueError or TypeError naming the argument.
    """
    slopes, v = _slopes(f), _like(v, f.output, "v")
    for layer, slope in zip(reversed(f.network.layers), reversed(slopes), strict=True):
        v = (v * slope) @ layer.W.T
    return v


def softmax(z) -> np.ndarray:
    """The probabilities exp z_k / Σ exp z_j of logits (..., outputs), real or complex."""
    return surplus(z := _logits(z), np.zeros(z.shape))


def softmax_jacobian(z) -> np.ndarray:
    """Softmax's derivative diag(p) - p pᵀ by the logits: (..., outputs, outputs)."""
    z = _logits(z)
    # p_i (δ_ij - p_j), from differences that lose no digits where p is near 1
    return -softmax(z)[..., None] * surplus(z[..., None, :], np.eye(z.shape[-1]))


def _slopes(f: Forward) -> list[np.ndarray]:
    if not isinstance(f, Forward):
        raise TypeError(f"f: got {f!r}; expected what forward returned")
    pairs = zip(f.network.layers, f.z_in, strict=True)
    return [ACTIVATIONS[layer.activation].slope(z) for layer, z in pairs]


def _like(value, other: np.ndarray, argument: str) -> np.ndarray:
    array = as_array(value, argument)
    if array.shape != other.shape:
        raise ValueError(f"{argument}: got shape {array.shape}; expected {other.shape}")
    return array


def _logits(z) -> np.ndarray:
    z = as_numbers(z, "z")
    if not z.ndim or z.dtype == object:
        raise ValueError(f"z: got {z!r}; expected numbers of shape (..., outputs)")
    return z
