"""Random numbers from a counter: the same here and in a page, from any place on.

The number of a place is a hash of the seed and the place in 32-bit arithmetic (the finalizer of
MurmurHash3, Austin Appleby), so that a drawing needs no loop and no state, and `arrays.js` repeats
it bit by bit. A seed is a whole number from 0 to 2^32 - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


def uniform(seed: int, shape: Sequence[int]) -> np.ndarray:
    """Numbers between 0 and 1, neither included, in steps of 2^-32."""
    return (_hashed(seed, shape) + 0.5) / 2.0**32


def normal(seed: int, shape: Sequence[int]) -> np.ndarray:
    """Standard normals, none beyond 8.3: Teichroew's polynomial of a sum of twelve uniforms (Knuth,
    The Art of Computer Programming 2, 3.4.1), which multiplies and adds, and so has the same bits
    on every processor."""
    h, total = _hashed(seed, shape), 6.0
    for k in range(1, 7):
        part = _mixed(h + np.uint32(k * _GOLDEN % 2**32))
        total = total + ((part & np.uint32(0xFFFF)) + (part >> np.uint32(16)))
    r = (total / 65536 - 6) / 4
    s = r * r
    found = 0.029899776 * s + 0.008355968
    for coefficient in (0.076542912, 0.252408784, 3.949846138):
        found = found * s + coefficient
    return found * r


class Draws(NamedTuple):
    """What an initialisation draws from, as from NumPy's generator."""

    standard_normal: Callable
    uniform: Callable


def draws(seed: int) -> Draws:
    """Draws by this counter; each shape is drawn from its start on."""

    def normals(shape):
        return normal(seed, shape)

    def between(low, high, shape):
        return low + (high - low) * uniform(seed, shape)

    return Draws(normals, between)


_GOLDEN = 0x9E3779B9


def _hashed(seed, shape):
    """The places are mixed before they meet the seed: else two seeds may have the same numbers in
    another order."""
    start = _mixed(np.array([seed + _GOLDEN], dtype=np.uint64).astype(np.uint32))
    place = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    return _mixed(_mixed(place) ^ start)


def _mixed(h):
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
    return h ^ (h >> np.uint32(16))
