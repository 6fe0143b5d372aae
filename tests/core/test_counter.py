"""Random numbers from a counter: they are spread evenly, and known."""

import math

import numpy as np
import pytest

from backprop_lab.core.counter import draws, normal, uniform


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
    for draw in (uniform, normal):
        assert draw(3, (10,))[:4] == pytest.approx(draw(3, (4,)), abs=0)


def test_no_seed_has_the_numbers_of_another_one():
    """2199 and 2653 did, in another order, while the place met the seed before it was mixed."""
    one, other = (uniform(seed, (2**17,)) for seed in (2199, 2653))
    assert len(np.intersect1d(one, other)) < 40  # 4 are equal by chance


def test_normals_are_normal():
    """Moments of a million, and shares within 1 to 4, beside those of the normal distribution."""
    z = normal(5, (1000, 1000))
    moments = [(z**k).mean() for k in range(1, 7)]
    errors = np.array([1, 2, 15, 96, 945, 10170]) ** 0.5 / 1000  # of a million normals
    assert (np.abs(np.subtract(moments, [0, 1, 0, 3, 0, 15])) < 4 * errors).all()
    for k in range(1, 5):
        share = math.erf(k / 2**0.5)
        error = (share * (1 - share)) ** 0.5 / 1000
        assert (np.abs(z) < k).mean() == pytest.approx(share, abs=4 * error)
    assert np.abs(z).max() < 6


def test_normals_of_seeds_and_places_are_independent():
    z = np.array([normal(seed, (2000,)) for seed in range(200)])
    for rows in (z, z.T[:300]):
        apart = np.corrcoef(rows)[np.triu_indices(len(rows), 1)] * rows.shape[1] ** 0.5
        assert apart.std() == pytest.approx(1, abs=0.02)
        assert np.abs(apart).max() < 5.5
    lengths = np.linalg.norm(normal(7, (200, 32, 32)) / 32**0.5, 2, axis=(1, 2))
    drawn = np.random.default_rng(0).standard_normal((200, 32, 32)) / 32**0.5
    assert lengths.mean() == pytest.approx(np.linalg.norm(drawn, 2, axis=(1, 2)).mean(), rel=0.01)


def test_normals_multiply_and_add_only():
    """By hand, in whole numbers, of the third place of seed 9."""

    def mixed(h):
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            h = ((h ^ (h >> shift)) * factor) % 2**32
        return h ^ (h >> 16)

    golden = 0x9E3779B9
    h = mixed(mixed(2) ^ mixed(9 + golden))
    parts = [mixed((h + k * golden) % 2**32) for k in range(1, 7)]
    r = ((sum(part // 65536 + part % 65536 for part in parts) + 6) / 65536 - 6) / 4
    s, found = r * r, 0.029899776
    for coefficient in (0.008355968, 0.076542912, 0.252408784, 3.949846138):
        found = found * s + coefficient
    assert normal(9, (3,))[2] == found * r


def test_draws_are_those_of_the_counter_between_the_ends_that_are_asked_for():
    found = draws(9)
    assert np.array_equal(found.standard_normal((4, 5)), normal(9, (4, 5)))
    assert np.array_equal(found.uniform(0, 1, (4, 5)), uniform(9, (4, 5)))
    z = found.uniform(-2.0, 6.0, (1000,))
    assert -2 < z.min() < -1.9
    assert 5.9 < z.max() < 6
    assert np.array_equal(found.standard_normal((3,)), draws(9).standard_normal((3,)))
    assert not np.array_equal(found.standard_normal((3,)), draws(10).standard_normal((3,)))
