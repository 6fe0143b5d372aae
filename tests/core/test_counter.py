"""Random numbers from a counter: they are spread evenly, and known."""

import numpy as np
import pytest

from backprop_lab.core.counter import uniform


def test_they_are_the_same_everywhere():
    """Of MurmurHash3's finalizer, by hand: it takes 0 to 0, 1 to 0x514E28B7."""
    start = 0x92CA2F0E  # of 0x9E3779B9
    h = start
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> shift)) * factor) % 2**32
    h ^= h >> 16
    assert uniform(0, (1,))[0] == (h + 0.5) / 2**32


def test_they_are_spread_evenly_and_independent_of_their_neighbours():
    drawn = uniform(5, (400, 500))
    assert drawn.shape == (400, 500)
    assert 0 < drawn.min() < drawn.max() < 1
    counts, _ = np.histogram(drawn, 100, (0, 1))
    assert np.abs(counts / 2000 - 1).max() < 0.1
    flat = drawn.ravel()
    for other in (flat[1:], flat[500:], uniform(6, flat.shape)):
        assert abs(np.corrcoef(flat[: len(other)], other)[0, 1]) < 0.01


def test_a_longer_drawing_begins_like_a_shorter_one():
    assert uniform(3, (10,))[:4] == pytest.approx(uniform(3, (4,)), abs=0)
