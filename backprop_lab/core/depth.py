"""How an error signal fares in a deep network: many random networks at once, or one path.

The networks here are stacks: hidden layers of equal width, then one output. Their weights are
standard normals, drawn once and kept, times scale/√width: no slider draws them anew but the seed's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_integer, named
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import INITIALISATIONS, Layer, Network
from backprop_lab.core.rounding import snap

DEEPEST, WIDEST, SEEDS = 100, 64, 100
"""The largest depth and width, and the number of networks (fewer if they are wide)."""

BOUNDED = 20
"""The number of networks whose bound is found: spectral norms take longer than the passes."""

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
    a, built = np.array([0.5]), []
    for _ in range(as_integer(layers, "layers", 1)):
        b = bias if held is None else held - weight * float(a[0])
        layer = Layer([[weight]], [b], activation)
        built.append(layer)
        a = ACTIVATIONS[activation](a @ layer.W + layer.b)
    return Network(built), np.array([0.5])


def divides_by_four(weight, z):
    """Whether a sigmoid layer divides an error signal by at least four: |w σ'(z)| ≤ ¼."""
    return np.abs(weight) <= snap(np.cosh(np.asarray(z) / 2) ** 2)


def shrinks(weight, z):
    """Whether a sigmoid layer makes an error signal smaller: |w σ'(z)| < 1."""
    return np.abs(weight) < snap(4 * np.cosh(np.asarray(z) / 2) ** 2)


# --- initialisations ------------------------------------------------------------------------------


class _Spread:
    """Draws nothing: gives the standard deviation of what a generator would draw."""

    def standard_normal(self, shape):
        return np.ones(shape)

    def uniform(self, low, high, shape):
        return np.full(shape, (high - low) / np.sqrt(12))


def scale_of(init: str, width: int) -> float:
    """The weight scale of an initialisation: its standard deviation times √width."""
    spread = named(INITIALISATIONS, init, "init")(_Spread(), width, width)
    return float(spread[0, 0] * np.sqrt(width))


# --- stacks ---------------------------------------------------------------------------------------


def seeds_for(width: int) -> int:
    """The number of networks that are run at once: so many that they stay within reach of a
    slider."""
    return int(np.clip(SEEDS * 32**2 // width**2, 10, SEEDS))


@lru_cache(maxsize=2 * DEEPEST)
def _normals(layer: int, width: int, units: int, seed: int, seeds: int) -> np.ndarray:
    """The standard normals of one layer; a deeper stack has the same first layers."""
    return np.random.default_rng([seed, layer]).standard_normal((seeds, width, units))


@lru_cache(maxsize=2 * DEEPEST)
def _norms(layer: int, width: int, units: int, seed: int, seeds: int) -> np.ndarray:
    """The spectral norms of the first `BOUNDED` of these."""
    return np.linalg.norm(_normals(layer, width, units, seed, seeds)[:BOUNDED], 2, axis=(1, 2))


def _input(width: int, seed: int, seeds: int) -> np.ndarray:
    return np.random.default_rng([seed, DEEPEST + 1]).standard_normal((seeds, 1, width))


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

    bias: of every hidden unit; residual: a hidden layer adds to its input, a + σ(z); normalised: z
    has mean 0 and variance 1 over the layer's units, before the bias. Without these two it is what
    `forward` and `backward` compute, for many networks at once. Raises ValueError or TypeError
    naming the argument.
    """
    depth, width = as_integer(depth, "depth", 1), as_integer(width, "width", 1)
    if depth > DEEPEST or width > WIDEST:
        most = f"{DEEPEST} and {WIDEST}"
        raise ValueError(f"depth, width: got {depth}, {width}; expected at most {most}")
    sigma, seeds = named(ACTIVATIONS, activation, "activation"), seeds or seeds_for(width)
    output = ACTIVATIONS[named(OUTPUTS, loss, "loss")]
    factor = scale / np.sqrt(width)
    key = (seed, seeds)
    with np.errstate(over="ignore", invalid="ignore"):  # an exploding signal may overflow
        a = [_input(width, *key)]
        z, units, sizes = [], [], []
        for i in range(depth):
            u = factor * (a[-1] @ _normals(i, width, width, *key))
            if normalised:
                sizes.append(np.sqrt(u.var(axis=-1, keepdims=True) + 1e-12))
                u = (u - u.mean(axis=-1, keepdims=True)) / sizes[-1]
            units.append(u)
            z.append(u + bias)
            a.append(sigma(z[-1]) + a[-1] if residual else sigma(z[-1]))
        last = _normals(DEEPEST, width, 1, *key)
        z_out = factor * (a[-1] @ last)
        v = z_out if LOSSES[loss].fused else output(z_out)
        signal = LOSSES[loss].slope(v, np.full_like(v, TARGET))
        if not LOSSES[loss].fused:
            signal = signal * output.slope(z_out)
        delta, dW = [_norm(signal)], [_norm(signal) * _norm(a[-1])]
        back = factor * (signal @ last.mT)
        slopes = []
        for i in reversed(range(depth)):
            slopes.append(sigma.slope(z[i]))
            signal = back * slopes[-1]
            delta.append(_norm(signal))
            if normalised:
                mean = signal.mean(axis=-1, keepdims=True)
                along = (signal * units[i]).mean(axis=-1, keepdims=True)
                signal = (signal - mean - units[i] * along) / sizes[i]
            dW.append(_norm(signal) * _norm(a[i]))
            on = factor * (signal @ _normals(i, width, width, *key).mT)
            back = on + back if residual else on
    bound = (
        None if normalised else _bound(delta[0], depth, width, sigma.name, factor, residual, key)
    )
    shares = [(np.abs(s) < largest_slope(activation) / 10).mean(axis=(1, 2)) for s in slopes]
    up = slice(None, None, -1)
    return Profile(np.array(delta[up]), np.array(dW[up]), bound, np.array(shares[up]))


def _norm(batch):
    """Scaled before it is squared: a signal of 1e-160 or 1e160 has a square of 0 or inf."""
    largest = np.abs(batch).max(axis=(1, 2), keepdims=True)
    scaled = batch / np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    return np.sqrt((scaled**2).sum(axis=(1, 2))) * np.where(largest > 0, largest, 1.0)[:, 0, 0]


def _bound(output, depth, width, activation, factor, residual, key):
    """Layer by layer, at most: the norm of W, times the largest slope, from the output down."""
    slope, output = largest_slope(activation), output[:BOUNDED]
    upstream = factor * _norms(DEEPEST, width, 1, *key) * output
    bound = [output]
    for i in reversed(range(depth)):
        bound.append(slope * upstream)
        on = factor * _norms(i, width, width, *key) * bound[-1]
        upstream = on + upstream if residual else on
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

MAP_DEPTHS = np.arange(2, DEEPEST + 1, 2)
MAP_SCALES = np.geomspace(0.25, 8, 40)
MAP_WIDTH, MAP_SEEDS = 32, 4


@dataclass(frozen=True, eq=False)
class Map:
    """By weight scale (rows, `MAP_SCALES`) and depth (columns, `MAP_DEPTHS`), means over networks:

    first: log10 of the norm of the first layer's ∂L/∂W; ratio: log10 of the norm of the first
    hidden layer's δ over that of the last one's. NaN where it is not computed yet.

    A network whose signal is 0, as all its paths lead through a slope of 0, or overflows is left
    out of the means. Both are -inf where it is 0 in all of them, NaN where none is left otherwise.
    """

    first: np.ndarray
    ratio: np.ndarray


def phase_map(activation: str) -> Iterator[tuple[float, Map]]:
    """The map, one scale after the other: the share that is done, and the map so far.

    The backward pass of depth d multiplies d Jacobians. All depths share their first ones: so their
    product, W diag(σ') W diag(σ') …, is carried *forwards* along with the activations, and a depth
    costs one layer, not d. Forward accumulation, where it is the cheaper one. Weights and
    activations are rounded (`_coarse`): so the map is the same on every processor, chaotic or not.
    """
    named(ACTIVATIONS, activation, "activation")
    shape = (len(MAP_SCALES), len(MAP_DEPTHS))
    first, ratio = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, scale in enumerate(MAP_SCALES):
        first[row], ratio[row] = _map_row(activation, scale)
        yield (row + 1) / len(MAP_SCALES), Map(first.copy(), ratio.copy())


def _coarse(matrices):
    """To 21 binary digits of each matrix's largest entry: then a product rounds nothing, in any
    order, and the last bit of an activation is gone. Where a network is chaotic, its layers would
    make it a difference in the first."""
    # 1.5: an entry of 1, where functions saturate, is no border between two units.
    _, power = np.frexp(1.5 * np.abs(matrices).max(axis=(1, 2), keepdims=True))
    unit = np.ldexp(1.0, power - 21)
    return np.rint(matrices / unit) * unit


def _map_row(activation, scale):
    sigma, width, key = ACTIVATIONS[activation], MAP_WIDTH, (0, MAP_SEEDS)
    factor, last = scale / np.sqrt(width), _normals(DEEPEST, MAP_WIDTH, 1, 0, MAP_SEEDS)
    a = x = _coarse(_input(width, *key))
    product, found = None, []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for i in range(DEEPEST):
            W = _coarse(factor * _normals(i, width, width, *key))
            z = a @ W
            slope, a = sigma.slope(z), _coarse(sigma(z))
            product = np.eye(width) * slope if i == 0 else (product @ W) * slope
            if i + 1 in MAP_DEPTHS:
                output = factor * (a @ last)
                upstream = factor * last.mT * (output - TARGET)
                signal = _norm(upstream @ product.mT)
                end = _norm(upstream * slope)
                found.append((signal * _norm(x), signal / end))
        logs = np.log10(np.array(found))
    means = np.ma.masked_invalid(logs).mean(axis=2).filled(np.nan)
    means[np.isneginf(logs[:, 0]).all(axis=1)] = -np.inf
    return means.T
