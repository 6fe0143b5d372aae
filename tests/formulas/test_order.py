"""The order of multiplication: counted by formula, against products that are made."""

import itertools
import tracemalloc

import numpy as np
import pytest

from backprop_lab.formulas import order


def every_order(count):
    """All orders of so many products."""
    if not count:
        return [[]]
    return [[place, *rest] for place in range(count) for rest in every_order(count - 1)]


def made(sizes, places):
    """The multiplications of real products, counted, and the largest of them."""
    matrices = [np.ones(pair) for pair in itertools.pairwise(sizes)]
    counts, largest = [], 0
    for place in places:
        a, b = matrices[place : place + 2]
        counts.append(a.shape[0] * a.shape[1] * b.shape[1])
        matrices[place : place + 2] = [a @ b]
        largest = max(largest, matrices[place].size)
    (result,) = matrices
    assert result.shape == (sizes[0], sizes[-1])
    return counts, largest


def test_every_way_against_products_that_are_made():
    rng = np.random.default_rng(4)
    for _ in range(200):
        sizes = rng.integers(1, 9, size=rng.integers(3, 7)).tolist()
        totals = {}
        for way in order.WAYS:
            places = order.places(sizes, way)
            counts, largest = made(sizes, places)
            assert order.multiplications(sizes, places) == counts
            assert order.total(sizes, places) == sum(counts)
            assert order.largest(sizes, places) == largest
            totals[way] = sum(counts)
        least = min(sum(made(sizes, each)[0]) for each in every_order(len(sizes) - 2))
        assert totals["the best order"] == least


def test_known_chains():
    assert order.places([1, 2, 3, 4], "from the left") == [0, 0]
    assert order.places([1, 2, 3, 4], "from the right") == [1, 0]
    assert order.cheapest([10, 1, 10, 1, 10]) == [1, 0, 0]
    assert order.cheapest([3, 4]) == []
    row = [1, 784, 100, 10]
    assert order.cheapest(row) == order.places(row, "from the left")
    column = [10, 100, 784, 1]
    assert order.cheapest(column) == order.places(column, "from the right")


@pytest.mark.parametrize("way", order.WAYS)
def test_nothing_is_materialised(way):
    sizes = [1, 10_000, 10_000, 10_000, 10_000]
    tracemalloc.start()
    found = order.total(sizes, order.places(sizes, way))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == (2 * 10**12 + 10**8 if way == "from the right" else 3 * 10**8)
    assert peak < 20_000
