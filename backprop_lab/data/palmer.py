"""The Palmer penguins, a small real data set (its licence and source: README.md beside it)."""

from __future__ import annotations

import csv
from functools import cache
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


@cache
def penguins() -> tuple[np.ndarray, np.ndarray]:
    """The Palmer penguins: X, (342, 4), each column with mean 0 and variance 1 (bill length, bill
    depth, flipper length, body mass), and y, (342, 3), one-hot in the order of `SPECIES`."""
    rows = np.array(measured())
    y, X = np.eye(len(SPECIES))[rows[:, 0].astype(int)], rows[:, 1:]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    X.setflags(write=False)
    y.setflags(write=False)
    return X, y
