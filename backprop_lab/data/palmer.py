"""The Palmer penguins, a small real data set (its licence and source: README.md beside it)."""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np

SPECIES = ("Adelie", "Chinstrap", "Gentoo")


@cache
def measured() -> tuple[tuple[float, ...], ...]:
    """A row for each penguin: its species, by number, then bill length, bill depth and flipper
    length in mm, and body mass in g."""
    text = (files(__package__) / "penguins.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    return tuple((SPECIES.index(row[0]), *map(float, row[1:])) for row in rows)


@lru_cache(maxsize=1)
def standardised(rows) -> tuple[np.ndarray, np.ndarray]:
    """X, (n, 4), each column with mean 0 and variance 1, and y, (n, 3), one-hot, of rows as
    measured; in a page, too."""
    y = np.array([[1.0 if row[0] == k else 0.0 for k in range(len(SPECIES))] for row in rows])
    taken = np.array([row[1:] for row in rows])
    apart = taken - taken.mean(axis=0)
    return apart / np.sqrt((apart * apart).mean(axis=0)), y


@cache
def penguins() -> tuple[np.ndarray, np.ndarray]:
    """The Palmer penguins: X, (342, 4), each column with mean 0 and variance 1 (bill length, bill
    depth, flipper length, body mass), and y, (342, 3), one-hot in the order of `SPECIES`."""
    X, y = standardised(measured())
    X.setflags(write=False)
    y.setflags(write=False)
    return X, y
