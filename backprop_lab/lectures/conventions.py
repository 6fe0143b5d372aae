r"""The lectures' conventions for a whole layer: how W lies, what is a row, and the equations.

`notation` has the letters of single quantities. Here each lecture's pass stands as that lecture
writes it, on arrays laid out as it lays them out; its formulas (`data.lectures`) make a dictionary.
Vectors are columns (n, 1), gradients of CSE463 rows (1, n), so that a transpose that is missing or
too many changes a shape or a number. Elementwise activations only: diag(σ′) says no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from backprop_lab.core.activations import ACTIVATIONS, Activation
from backprop_lab.core.arguments import as_array, named
from backprop_lab.core.keys import Key
from backprop_lab.core.network import Network
from backprop_lab.data.lectures import SAID
from backprop_lab.formulas.notation import NOTATIONS


@dataclass(frozen=True, eq=False)
class OwnLayer:
    """A layer in a lecture's layout: W, the bias as a column, σ and its slope."""

    W: np.ndarray
    b: np.ndarray
    sigma: Activation


@dataclass(frozen=True, eq=False)
class OwnPass:
    """What a lecture's pass finds, in that lecture's layout; lists by layer."""

    loss: float
    z_in: Sequence[np.ndarray]
    z_out: Sequence[np.ndarray]
    delta: Sequence[np.ndarray]
    dW: Sequence[np.ndarray]
    db: Sequence[np.ndarray]


ROWS = (
    "input", "target", "layer index", "weights", "bias", "pre-activation", "activation",
    "activation function", "width", "loss", "error signal", "output error signal", "recursion",
    "weight gradient", "bias gradient", "all parameters", "step size", "derivative layout",
)  # fmt: skip
"""What the dictionary says of each convention, in this order."""


@dataclass(frozen=True)
class Convention:
    """One lecture's layout and formulas.

    transposed: whether its W is units × inputs, the transpose of `network.Layer.W`; from_first:
    whether the first index of a weight is where it comes from; loss: its name in `LOSSES`; run: its
    pass; formulas: by row of the dictionary, LaTeX, with words outside of the dollar signs. Raises
    ValueError if these are not the dictionary's rows, in order.
    """

    name: str
    transposed: bool
    from_first: bool
    loss: str
    run: Callable[[Sequence[OwnLayer], np.ndarray, np.ndarray], OwnPass]
    formulas: Mapping[str, str]

    def __post_init__(self):
        if tuple(self.formulas) != ROWS:
            raise ValueError(
                f"formulas: {self.name} has {', '.join(self.formulas)}; expected {', '.join(ROWS)}"
            )

    def own(self, W: np.ndarray) -> np.ndarray:
        """A weight matrix, or its gradient, from inputs × units to this layout, or back."""
        return W.T if self.transposed else W

    def __call__(self, net: Network, x, y) -> OwnPass:
        """The pass of one example (inputs,) against its target (units,), in this convention."""
        layers = [
            OwnLayer(self.own(layer.W), layer.b[:, None], ACTIVATIONS[layer.activation])
            for layer in net.layers
        ]
        return self.run(layers, as_array(x, "x")[:, None], as_array(y, "y")[:, None])

    def entries(self, layer: int, widths: Sequence[int]) -> list[list[Key]]:
        """The keys of the layer's weights (counted from 0) as its matrix lays them out."""
        inputs, units = widths[layer], widths[layer + 1]
        keys = [[Key("W", layer, i, j) for j in range(units)] for i in range(inputs)]
        return [list(row) for row in zip(*keys, strict=True)] if self.transposed else keys


def _diag(column):
    return np.diag(column[:, 0])


def _lmu(layers, x, y):
    """W is inputs × units, δ a column: W δ goes back without a transpose."""
    z_in, z_out = [], [x]
    for layer in layers:
        z_in.append(layer.W.T @ z_out[-1] + layer.b)
        z_out.append(layer.sigma(z_in[-1]))
    delta = [(z_out[-1] - y) * layers[-1].sigma.slope(z_in[-1])]
    for i in reversed(range(len(layers) - 1)):
        delta.insert(0, (layers[i + 1].W @ delta[0]) * layers[i].sigma.slope(z_in[i]))
    dW = [z @ d.T for z, d in zip(z_out, delta, strict=False)]
    return OwnPass(np.sum((y - z_out[-1]) ** 2) / 2, z_in, z_out[1:], delta, dW, delta)


def _ch8(layers, x, y):
    """Sums over single weights w(i, j), from i to j, which stand in row j and column i."""
    z, a = [], [x[:, 0]]
    for layer in layers:
        units, inputs = layer.W.shape
        z.append(
            np.array(
                [
                    sum(layer.W[j, i] * a[-1][i] for i in range(inputs)) + layer.b[j, 0]
                    for j in range(units)
                ]
            )
        )
        a.append(layer.sigma(z[-1]))
    delta = [2 * (a[-1] - y[:, 0]) * layers[-1].sigma.slope(z[-1])]
    for m in reversed(range(len(layers) - 1)):
        w, slope = layers[m + 1].W, layers[m].sigma.slope(z[m])
        sums = [sum(w[k, j] * d for k, d in enumerate(delta[0])) for j in range(w.shape[1])]
        delta.insert(0, np.array(sums) * slope)
    dW = [
        np.array([[d_j * a_i for a_i in a_m] for d_j in d])
        for d, a_m in zip(delta, a, strict=False)
    ]
    return OwnPass(np.sum((a[-1] - y[:, 0]) ** 2), z, a[1:], delta, dW, delta)


def _csc311(layers, x, t):
    """W is units × inputs, δ a column: Wᵀ δ."""
    z, a = [], [x]
    for layer in layers:
        z.append(layer.W @ a[-1] + layer.b)
        a.append(layer.sigma(z[-1]))
    delta = [(a[-1] - t) * layers[-1].sigma.slope(z[-1])]
    for m in reversed(range(len(layers) - 1)):
        delta.insert(0, (layers[m + 1].W.T @ delta[0]) * layers[m].sigma.slope(z[m]))
    dW = [d @ before.T for d, before in zip(delta, a, strict=False)]
    return OwnPass(np.sum((a[-1] - t) ** 2) / 2, z, a[1:], delta, dW, delta)


def _cse463(layers, x, y, half=True):
    """A is units × inputs, gradients are rows: ∂E/∂Z A diag(σ′). half: False is (5.114)."""
    Z, f = [], [x]
    for layer in layers:
        Z.append(layer.W @ f[-1] + layer.b)
        f.append(layer.sigma(Z[-1]))
    scale = 1 if half else 2
    by_Z = [scale * (f[-1] - y).T @ _diag(layers[-1].sigma.slope(Z[-1]))]
    for i in reversed(range(len(layers) - 1)):
        by_Z.insert(0, by_Z[0] @ layers[i + 1].W @ _diag(layers[i].sigma.slope(Z[i])))
    dA = [(before @ row).T for before, row in zip(f, by_Z, strict=False)]
    return OwnPass(scale * np.sum((f[-1] - y) ** 2) / 2, Z, f[1:], by_Z, dA, by_Z)


PASSES = {"LMU": _lmu, "CH8": _ch8, "CSC311": _csc311, "CSE463": _cse463}

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        said.NOTATION: Convention(
            said.NOTATION,
            run=named(PASSES, said.NOTATION, "NOTATION"),
            formulas=MappingProxyType(said.FORMULAS),
            **said.LAYOUT,
        )
        for said in SAID
        if hasattr(said, "FORMULAS")
    }
)
"""Conventions by the name of their notation. LMU's W is the transpose of the others'; CH8's matrix
is CSC311's, but its index order is LMU's; CH8's and (5.114)'s gradients are twice the others'."""


@dataclass(frozen=True)
class Dictionary:
    """Conventions beside each other: a table, quantity by quantity."""

    names: tuple[str, ...]

    def _repr_markdown_(self) -> str:
        lines = [
            "| quantity | " + " | ".join(self.names) + " |",
            "|---" * (len(self.names) + 1) + "|",
        ]
        for row in ROWS:
            cells = (CONVENTIONS[name].formulas[row] for name in self.names)
            lines.append(f"| {row} | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def __repr__(self):
        return f"<the notations of {', '.join(self.names)}>"


def dictionary(*names: str) -> Dictionary:
    """The table that translates these lectures into each other; all four, if none is named.

    Raises ValueError for a name that is no convention's.
    """
    for name in names:
        convention(name)
    return Dictionary(names or tuple(CONVENTIONS))


def names(key: tuple, widths: Sequence[int]) -> dict[str, str]:
    """What each convention calls a quantity, in LaTeX."""
    return {name: NOTATIONS[name].label(key, widths) for name in CONVENTIONS}


def convention(name: str) -> Convention:
    """The convention of that name, or an error that names the known ones."""
    return named(CONVENTIONS, name, "notation")
