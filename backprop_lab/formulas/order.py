"""The order in which a chain of matrices is multiplied: what each order costs.

A chain of k matrices has k + 1 sizes: matrix i is sizes[i] × sizes[i + 1]. To multiply the
matrices at places i and i + 1 is to drop sizes[i + 1]; the product then stands at place i. No
matrix is made.
"""

from __future__ import annotations

from collections.abc import Sequence

WAYS = ("from the left", "from the right", "the best order")


def without(sizes: Sequence[int], place: int) -> list[int]:
    """The sizes once the matrices at this place and the next one are multiplied."""
    return [*sizes[: place + 1], *sizes[place + 2 :]]


def multiplications(sizes: Sequence[int], places: Sequence[int]) -> list[int]:
    """What each product costs, in this order: rows × inner size × columns."""
    found = []
    for place in places:
        found.append(sizes[place] * sizes[place + 1] * sizes[place + 2])
        sizes = without(sizes, place)
    return found


def places(sizes: Sequence[int], way: str) -> list[int]:
    """The places of the products, one after the other, in one of the `WAYS`."""
    products = len(sizes) - 2
    if way == WAYS[0]:
        return [0] * products
    if way == WAYS[1]:
        return [products - 1 - k for k in range(products)]
    return cheapest(sizes)


def cheapest(sizes: Sequence[int]) -> list[int]:
    """The order with the fewest multiplications, the leftmost first among equals."""
    best: list[int] = []
    for place in range(len(sizes) - 2):
        order = [place, *cheapest(without(sizes, place))]
        if not best or total(sizes, order) < total(sizes, best):
            best = order
    return best


def largest(sizes: Sequence[int], order: Sequence[int]) -> int:
    """How many numbers the largest product on the way has, the last one included."""
    found = 0
    for place in order:
        found = max(found, sizes[place] * sizes[place + 2])
        sizes = without(sizes, place)
    return found


def total(sizes: Sequence[int], order: Sequence[int]) -> int:
    """What a whole order costs."""
    return sum(multiplications(sizes, order))
