"""Random numbers from a counter: the same here and in a page, from any place on.

The number of a place is a hash of the seed and the place in 32-bit arithmetic (the finalizer of
MurmurHash3), so that a drawing needs no loop and no state, and `runtime.js` repeats it bit by bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def uniform(seed: int, shape: Sequence[int]) -> np.ndarray:
    """Numbers between 0 and 1, neither included, in steps of 2^-32. seed: from 0 to 2^32 - 1."""
    start = _mixed(np.array([seed], dtype=np.uint32) + np.uint32(0x9E3779B9))
    place = np.arange(np.prod(shape), dtype=np.uint32)
    return ((_mixed(place ^ start) + 0.5) / 2.0**32).reshape(shape)


def _mixed(h):
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
    return h ^ (h >> np.uint32(16))
