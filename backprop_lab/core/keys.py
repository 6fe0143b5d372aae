"""A quantity's canonical name, whatever the notation of its label."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence


class Key(tuple):
    """The kind of a quantity and where it stands; layers, units and inputs count from 0.

    Key("x", i), Key("y", j), Key("W", layer, i, j), Key("b", layer, j), Key("z_in", layer, j),
    Key("z_out", layer, j), Key("loss"), Key("delta", layer, j), Key("dW", layer, i, j),
    Key("db", layer, j), Key("dx", i), Key("learning_rate"). A local derivative is `of.by(at)`, what
    a step makes of a parameter is `parameter.new`. A key equals the plain tuple of its parts, so
    that either finds the other in a dictionary.
    """

    __slots__ = ()

    def __new__(cls, kind: str, *place: int | str) -> Key:
        return super().__new__(cls, (kind, *place))

    def __getnewargs__(self):
        return tuple(self)

    @property
    def kind(self) -> str:
        """What it is: "W", "z_in", …"""
        return self[0]

    @property
    def layer(self) -> int:
        """The layer of a parameter, a pre-activation, an activation or an error signal."""
        return self[1]

    @property
    def unit(self) -> int:
        """The unit in its layer; of a weight, the one that it leads to."""
        return self[-1]

    @property
    def gradient(self) -> Key:
        """The derivative of the loss by it: of W dW, of x dx."""
        return Key(f"d{self.kind}", *self[1:])

    @property
    def of(self) -> Key:
        """What a gradient is the gradient of: of dW W."""
        return Key(self.kind[1:], *self[1:])

    @property
    def new(self) -> Key:
        """The same quantity after a step."""
        return Key("new", *self)

    def by(self, at: Key) -> Key:
        """The local derivative of this quantity by another one."""
        return Key(*self, "by", *at)

    @property
    def name(self) -> str:
        """As it stands in markup and programs: Key("z_in", 0, 1) is z_in_0_1."""
        return "_".join(map(str, self))


def parameters(widths: Sequence[int]) -> list[Key]:
    """The keys of all weights and biases of a network of these widths, layer by layer."""
    keys = []
    for layer, (n, m) in enumerate(itertools.pairwise(widths)):
        keys += [Key("W", layer, i, j) for i in range(n) for j in range(m)]
        keys += [Key("b", layer, j) for j in range(m)]
    return keys


def as_parameter(key: Key, widths: Sequence[int], argument: str) -> Key:
    """The key, or the one that equals a plain tuple, of a weight or bias of such a network.

    ValueError naming the argument if there is none.
    """
    keys = parameters(widths)
    try:
        return keys[keys.index(key)]
    except ValueError:  # not found, or an array in it
        shape = "-".join(map(str, widths))
        message = f"{argument}: got {key!r}; there is none such in a {shape} network"
        raise ValueError(message) from None


def input_of(layer: int, *unit: int) -> Key:
    """What a layer takes in: activations of the one before, or inputs; one, or the whole array."""
    return Key("z_out", layer - 1, *unit) if layer else Key("x", *unit)


def named_values(values: Mapping[Key, object]) -> dict[str, object]:
    """The values under the names that markup and programs use."""
    return {key.name: value for key, value in values.items()}
