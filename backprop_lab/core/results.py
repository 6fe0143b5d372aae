"""What goes out: read-only results and tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def freeze(*values) -> None:
    """Make arrays read-only, those in tuples and lists too."""
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(False)  # write; by position it takes a third of the time
        elif isinstance(value, (tuple, list)):
            freeze(*value)


class Frozen:
    """A dataclass whose arrays are read-only, and stay so in a copy and out of a pickle."""

    def __post_init__(self):
        freeze(*self.__dict__.values())

    def __setstate__(self, state):
        self.__dict__.update(state)
        Frozen.__post_init__(self)


class Table(Mapping):
    """Entries by name, read-only. What it is called in its module is what a pickle holds."""

    def __init__(self, module: str, name: str, entries: Mapping):
        self.__module__, self._name, self._entries = module, name, dict(entries)

    def __getitem__(self, name):
        return self._entries[name]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __repr__(self):
        return f"<{self._name}: {', '.join(self)}>"

    def __reduce__(self):
        return self._name
