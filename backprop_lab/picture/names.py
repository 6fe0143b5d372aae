"""The names of quantities in markup."""

from __future__ import annotations

from collections.abc import Mapping

from backprop_lab.core.keys import Key


def name(key: Key) -> str:
    """A key as it stands in the markup: ("z_in", 0, 1) is z_in_0_1."""
    return Key(*key).name


def named_values(values: Mapping[Key, object]) -> dict[str, object]:
    """The values under the names that pictures use."""
    return {name(key): value for key, value in values.items()}
