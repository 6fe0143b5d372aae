"""What `make test` runs of tests that are many of a kind, and what `make nightly` does."""

from collections.abc import Iterable

import pytest


def by_night(*values):
    """A case that `make nightly` runs and `make test` does not."""
    return pytest.param(*values, marks=pytest.mark.nightly)


def by_day(values: Iterable, *chosen) -> list:
    """All these cases, of which `make test` runs the chosen ones, and `make nightly` the others."""
    values = list(values)
    assert set(chosen) <= set(values), "a chosen case is none of them"
    return [value if value in chosen else by_night(value) for value in values]
