"""How an error signal fares in a deep network: many random networks at once, or one path.

The networks here are stacks: hidden layers of equal width, then one output. Their weights are
standard normals, drawn once and kept, times scale/√width: no slider draws them anew but the seed's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_integer, named
from backprop_lab.core.counter import Draws, normal
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import (
    INITIALISATIONS,
    Layer,
    Network,
    RawLayer,
    backward_pass,
    forward_pass,
)
from backprop_lab.core.rounding import snap

DEEPEST, WIDEST, SEEDS = 100, 64, 30
"""The largest depth and width, and the number of networks (fewer if they are wide)."""

BOUNDED = 5
"""The number of networks whose bound is found: norms of matrices take longer than the passes."""

OUTPUTS: Mapping[str, str] = {"half_squared_error": "identity", "binary_cross_entropy": "sigmoid"}
"""The losses of a stack, each with the activation of its output unit."""

TARGET = 1.0


# --- one neuron a layer ---------------------------------------------------------------------------


def chain(
    layers: int, activation: str, weight: float, bias: float = 0.0, held: float | None = None
) -> tuple[Network, np.ndarray]:
    """A chain of single neurons, and its input ½. Source: CH8, act 3.

    held: the pre-activation at which each bias keeps its neuron; then `bias` is not used.
    """
    named(ACTIVATIONS, activation, "activation")
    built = neurons(as_integer(layers, "layers", 1), activation, weight, bias, held)
    return Network([Layer(*layer) for layer in built]), np.array([0.5])


def neurons(layers, activation, weight, bias, held) -> list[RawLayer]:
    """The layers of `chain`; in a page, too."""
    W, a, built = np.array([[weight]]), np.array([0.5]), []
    for _ in range(layers):
        b = np.array([bias]) if held is None else held - (a @ W)
        built.append(RawLayer(W, b, activation))
        a = ACTIVATIONS[activation](a @ W + b)
    return built


def divides_by_four(weight, z):
    """Whether a sigmoid layer divides an error signal by at least four: |w σ'(z)| ≤ ¼."""
    return np.abs(weight) <= snap(np.cosh(np.asarray(z) / 2) ** 2)


def shrinks(weight, z):
    """Whether a sigmoid layer makes an error signal smaller: |w σ'(z)| < 1."""
    return np.abs(weight) < snap(4 * np.cosh(np.asarray(z) / 2) ** 2)


# --- initialisations ------------------------------------------------------------------------------


def _normal_spread(shape):
    return np.ones(shape)


def _uniform_spread(low, high, shape):
    return np.full(shape, (high - low) / np.sqrt(12))


_SPREAD = Draws(_normal_spread, _uniform_spread)
"""Draws nothing: gives the standard deviation of what would be drawn."""


def scale_of(init: str, width: int) -> float:
    """The weight scale of an initialisation: its standard deviation times √width."""
    return scale_by(named(INITIALISATIONS, init, "init"), width)


def scale_by(init: Callable, width: int) -> float:
    """The same, of the function that initialises; in a page, too."""
    return float(init(_SPREAD, width, width)[0, 0] * np.sqrt(width))


# --- stacks ---------------------------------------------------------------------------------------


def seeds_for(width: int) -> int:
    """The number of networks that are run at once: so many that they stay within reach of a
    slider."""
    return int(max(10, min(SEEDS, SEEDS * 32**2 // width**2)))


@lru_cache(maxsize=DEEPEST + 1)
def _normals(layer: int, width: int, units: int, seed: int, seeds: int) -> np.ndarray:
    """The standard normals of one layer; a deeper stack has the same first layers."""
    return normal(_STREAMS * seed + layer, (seeds, width, units))


@lru_cache(maxsize=DEEPEST + 1)
def _norms(layer: int, width: int, units: int, seed: int, seeds: int) -> np.ndarray:
    """The spectral norms of the first `BOUNDED` of these, from above: of 16th powers, added up, of
    the singular values the 16th root, at most width^(1/16) as large as the largest of them."""
    W = _normals(layer, width, units, seed, seeds)[:BOUNDED]
    power = W.mT @ W
    for _ in range(2):
        power = power @ power
    return norm(power) ** 0.125


@lru_cache(maxsize=1)
def _input(width: int, seed: int, seeds: int) -> np.ndarray:
    return normal(_STREAMS * seed + DEEPEST + 1, (seeds, 1, width))


_STREAMS = 128
"""So many drawings belong to a seed: its layers and its input."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What a backward pass finds, by layer (rows, the output last) and network (columns).

    delta: norms of ∂L/∂z; dW: norms of ∂L/∂W; bound: what delta cannot exceed, by the largest slope
    and the weights' spectral norms, of the first `BOUNDED` networks (None where normalised);
    saturated: the share of hidden units whose slope is under a tenth of the largest.
    """

    delta: np.ndarray
    dW: np.ndarray
    bound: np.ndarray | None
    saturated: np.ndarray


@cache
def largest_slope(activation: str) -> float:
    """The largest |slope| of an activation, looked for on [-40, 40]."""
    found = np.abs(ACTIVATIONS[activation].slope(np.linspace(-40, 40, 80_001)))
    return float(found.max())


def profile(
    depth: int,
    width: int = 32,
    activation: str = "sigmoid",
    scale: float = 1.0,
    bias: float = 0.0,
    seed: int = 0,
    loss: str = "half_squared_error",
    residual: bool = False,
    normalised: bool = False,
    seeds: int | None = None,
) -> Profile:
    """Forward and backward through `seeds` stacks of that depth, one example each.

    bias: of every hidden unit; residual, normalised: what its hidden layers are, see `blocks_pass`.
    Without these two it is what `forward` and `backward` compute, for many networks at once.
    Raises ValueError or TypeError naming the argument.
    """
    depth, width = as_integer(depth, "depth", 1), as_integer(width, "width", 1)
    if depth > DEEPEST or width > WIDEST:
        most = f"{DEEPEST} and {WIDEST}"
        raise ValueError(f"depth, width: got {depth}, {width}; expected at most {most}")
    named(ACTIVATIONS, activation, "activation")
    named(OUTPUTS, loss, "loss")
    seeds = seeds or seeds_for(width)
    steepest = largest_slope(activation)
    return stacks(
        depth, width, activation, steepest, scale, bias, seed, loss, residual, normalised, seeds
    )


def stacks(
    depth, width, activation, steepest, scale, bias, seed, loss, residual, normalised, seeds
) -> Profile:
    """What `profile` finds, of settings that are known to be good; in a page, too. steepest: the
    largest slope of the activation."""
    factor, key = scale / np.sqrt(width), (seed, seeds)
    b = np.full(width, bias)
    layers = [
        RawLayer(factor * _normals(i, width, width, *key), b, activation) for i in range(depth)
    ]
    last = factor * _normals(DEEPEST, width, 1, *key)
    layers.append(RawLayer(last, np.zeros(1), OUTPUTS[loss]))
    x, y = _input(width, *key), np.full((seeds, 1, 1), TARGET)
    with np.errstate(over="ignore", invalid="ignore"):  # an exploding signal may overflow
        if residual or normalised:
            z_in, delta, dW = blocks_pass(layers, x, y, LOSSES[loss], residual, normalised)
        else:
            z_in, z_out = forward_pass(layers, x)
            _, delta, dW, _, _ = backward_pass(layers, x, z_in, z_out, y, LOSSES[loss], 1)
        delta, dW = [norm(d) for d in delta], [norm(d) for d in dW]
        slope = ACTIVATIONS[activation].slope
        saturated = [(abs(slope(z)) < steepest / 10).mean(axis=-1)[:, 0] for z in z_in[:-1]]
        bound = (
            None
            if normalised
            else _bound(delta[-1], depth, width, factor * steepest, residual, key)
        )
    return Profile(np.array(delta), np.array(dW), bound, np.array(saturated))


def blocks_pass(layers, x, y, loss, residual, normalised):
    """The pass through a stack whose hidden layers are blocks around σ(x @ W + b): pre-activations,
    delta and dW, by layer.

    residual: x is added to what the layer gives; normalised: x @ W has mean 0 and variance 1 over
    the units, before the bias. A block is no layer of THE pass: what is read there, and edited in
    exercises, would have lines that no plain network runs.
    """
    hidden, last = layers[:-1], layers[-1]
    taken, drives, z_in = [], [], []
    for layer in hidden:
        drive = x @ layer.W
        z = (_standard(drive) if normalised else drive) + layer.b
        a = ACTIVATIONS[layer.activation](z)
        taken.append(x)
        drives.append(drive)
        z_in.append(z)
        x = a + x if residual else a
    z_last, a_last = forward_pass([last], x)
    _, delta, dW, _, upstream = backward_pass([last], x, z_last, a_last, y, loss, 1)
    delta, dW = list(delta), list(dW)
    for i in reversed(range(len(hidden))):
        signal = upstream * ACTIVATIONS[hidden[i].activation].slope(z_in[i])
        delta.append(signal)
        if normalised:
            signal = _through_standard(drives[i], signal)
        dW.append(taken[i].mT @ signal)
        back = signal @ hidden[i].W.mT
        upstream = back + upstream if residual else back
    return [*z_in, *z_last], delta[::-1], dW[::-1]


def _standard(u):
    """Each row with mean 0 and variance 1."""
    return (u - u.mean(axis=-1, keepdims=True)) / _spread(u)


def _through_standard(u, signal):
    """The error signal of u, from that of `_standard(u)`."""
    unit, mean = _standard(u), signal.mean(axis=-1, keepdims=True)
    along = (signal * unit).mean(axis=-1, keepdims=True)
    return (signal - mean - unit * along) / _spread(u)


def _spread(u):
    """The standard deviation of each row, never 0."""
    apart = u - u.mean(axis=-1, keepdims=True)
    return np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + 1e-12)


def norm(matrices):
    """The norm of each matrix, the square root of the sum of all squares."""
    rows = matrices.reshape(len(matrices), 1, matrices[0].size)
    squares = (rows @ rows.mT)[:, 0, 0]
    if all((squares > 1e-280) & (squares < 1e280)):
        return np.sqrt(squares)
    # Scaled before it is squared: a signal of 1e-160 or 1e160 has a square of 0 or inf.
    largest = np.max(abs(rows), axis=-1, keepdims=True)
    scaled = rows / np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    scale = np.where(largest > 0, largest, 1.0)[:, 0, 0]
    return np.sqrt((scaled * scaled).sum(axis=-1))[:, 0] * scale


def ranked(values) -> list[float]:
    """In rising order; all NaN where one of them is."""
    return (
        [np.nan for _ in values] if any(math.isnan(value) for value in values) else sorted(values)
    )


def median(values) -> float:
    """The middle one, or the mean of both."""
    found = ranked(values)
    return (found[len(found) // 2] + found[(len(found) - 1) // 2]) / 2


def _bound(output, depth, width, on, residual, key):
    """Layer by layer, at most, from the output down: the norm of W times the largest slope, which
    is `on` times that of the normals."""
    bound = [output[:BOUNDED]]
    bound.append(on * _norms(DEEPEST, width, 1, *key) * bound[0])
    for i in reversed(range(1, depth)):
        bound.append((on * _norms(i, width, width, *key) + residual) * bound[-1])
    return np.array(bound[::-1])


def network(depth, width, activation, scale, bias, seed, loss, number, seeds=None):
    """One of the networks of `profile`, by number, with its example and target: for `forward` and
    `backward`."""
    seeds = seeds or seeds_for(width)
    factor, key = scale / np.sqrt(width), (seed, seeds)
    layers = [
        Layer(factor * _normals(i, width, width, *key)[number], np.full(width, bias), activation)
        for i in range(depth)
    ]
    last = Layer(factor * _normals(DEEPEST, width, 1, *key)[number], [0.0], OUTPUTS[loss])
    return Network([*layers, last]), _input(width, *key)[number, 0], np.array([TARGET])


# --- the map --------------------------------------------------------------------------------------

MAP_DEPTHS = range(2, DEEPEST + 1, 2)
MAP_SCALES = [0.25 * 32 ** (k / 39) for k in range(40)]
MAP_WIDTH, MAP_SEEDS = 32, 4
MAP_SEED = 3
"""A draw with which four networks a point give a borderline in one piece, for tanh."""


class Map(NamedTuple):
    """By weight scale (rows, `MAP_SCALES`, so many as there are yet) and depth (`MAP_DEPTHS`),
    means over networks:

    first: log10 of the norm of the first layer's ∂L/∂W; ratio: log10 of the norm of the first
    hidden layer's δ over that of the last one's.

    A network whose signal is 0, as all its paths lead through a slope of 0, or overflows is left
    out of the means. Both are -inf where it is 0 in all of them, NaN where none is left otherwise.
    """

    first: Sequence[Sequence[float]]
    ratio: Sequence[Sequence[float]]
    done: bool


NO_MAP = Map([], [], False)


@cache
def phase_map(activation: str) -> Map:
    """The whole map of an activation. Raises ValueError for an unknown one."""
    named(ACTIVATIONS, activation, "activation")
    found = NO_MAP
    while not found.done:
        found = grown(found, activation)
    return found


def grown(found: Map, activation: str) -> Map:
    """The map with one weight scale more."""
    row = started()
    while len(row.first) < len(MAP_DEPTHS):
        row = deeper(row, MAP_SCALES[len(found.first)], activation)
    return with_row(found, row)


class Row(NamedTuple):
    """The networks of one weight scale, to some depth: their activations, the product of their
    Jacobians, and what `Map` has of them so far."""

    a: np.ndarray
    product: np.ndarray
    first: Sequence[float]
    ratio: Sequence[float]


def started() -> Row:
    """The row of a map before its first layer; in a page, too, like what follows."""
    return Row(_coarse(_input(MAP_WIDTH, MAP_SEED, MAP_SEEDS)), np.eye(MAP_WIDTH), [], [])


def with_row(found: Map, row: Row) -> Map:
    """The map with a row that is as deep as the others."""
    rows = [*found.first, row.first]
    return Map(rows, [*found.ratio, row.ratio], len(rows) == len(MAP_SCALES))


def deeper(row: Row, scale: float, activation: str) -> Row:
    """The row one of `MAP_DEPTHS` deeper, two layers.

    The backward pass of depth d multiplies d Jacobians. All depths share their first ones: so their
    product, W diag(σ') W diag(σ') …, is carried *forwards* along with the activations, and a depth
    costs one layer, not d. Forward accumulation, where it is the cheaper one. Weights and
    activations are rounded (`_coarse`): so the map is the same on every processor, chaotic or not.
    """
    sigma, width, key = ACTIVATIONS[activation], MAP_WIDTH, (MAP_SEED, MAP_SEEDS)
    factor = scale / np.sqrt(width)
    last = factor * _normals(DEEPEST, width, 1, *key)
    a, product, begun = row.a, row.product, 2 * len(row.first)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for i in range(begun, begun + 2):
            drive = _coarse_normals(i, width, *key)
            z = factor * (a @ drive)
            slope, a = sigma.slope(z), _coarse(sigma(z))
            product = (product @ drive) * (factor * slope) if i else product * slope
        upstream = last * (a @ last - TARGET)  # a column: none of the products is turned
        signal = norm(product @ upstream)
        first = _mean_power(signal * norm(_coarse(_input(width, *key))))
        closed = all(signal == 0)
        ratio = -np.inf if closed else _mean_power(signal / norm(upstream.mT * slope))
    return Row(a, product, [*row.first, first], [*row.ratio, ratio])


def _mean_power(values) -> float:
    powers = [math.log10(value) for value in values.tolist() if 0 < value < np.inf]
    if powers:
        return round(snap(sum(powers) / len(powers)), 3)
    return -np.inf if all(values == 0) else np.nan


@lru_cache(maxsize=DEEPEST)
def _coarse_normals(layer: int, width: int, seed: int, seeds: int) -> np.ndarray:
    return _coarse(_normals(layer, width, width, seed, seeds))


def _coarse(matrices):
    """To 21 binary digits of each matrix's largest entry: then a product rounds nothing, in any
    order, and the last bit of an activation is gone. Where a network is chaotic, its layers would
    make it a difference in the first."""
    largest = np.max(abs(matrices), axis=(-2, -1), keepdims=True)
    # 1.5: an entry of 1, where functions saturate, is no border between two units.
    power = np.floor(np.log2(1.5 * np.where(largest > 0, largest, 1.0)))
    unit = 2.0 ** (power - 20)
    return np.rint(matrices / unit) * unit
