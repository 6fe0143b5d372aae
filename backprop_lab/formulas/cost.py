"""What a gradient costs: multiplications, path by path, weight by weight, forward and backward.

Counted as LMU-8 writes the chain rule: the local derivatives (weights, activations, slopes, the
derivative of the loss by the outputs) are given, and every product of two numbers made from them
costs 1; additions are free. A bias has the last factor 1, which costs nothing.

The closed forms hold for networks of any depth and width. `counted` gets the same figures from the
package's own pass, run on numbers that remember which products they are made of.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import sympy as sp

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_array, as_integer, as_widths
from backprop_lab.core.keys import parameters
from backprop_lab.core.losses import LOSSES, Loss
from backprop_lab.core.network import (
    Forward,
    Network,
    RawLayer,
    backward,
    backward_pass,
    forward,
    forward_pass,
)
from backprop_lab.core.traced import Products
from backprop_lab.formulas.factors import Chain, Lines
from backprop_lab.formulas.notation import NOTATIONS, number, products, symbolic

# --- closed forms ---------------------------------------------------------------------------------
# d: the widths; d[0] inputs, d[i] units in layer i = 1 … n, the last one the output.


def _into(d: Sequence[int], first: int) -> int:
    """The number of edges into the layers first … n."""
    return sum(d[i - 1] * d[i] for i in range(first, len(d)))


def _sum(widths: Sequence[int], unit: Callable, weight: Callable) -> int:
    """unit(d, i) for every unit of layer i, weight(d, i) for every weight into it, over all i."""
    d = as_widths(widths)
    return sum(d[i] * unit(d, i) + d[i - 1] * d[i] * weight(d, i) for i in range(1, len(d)))


def edges(widths: Sequence[int]) -> int:
    """The number of edges, which is that of the weights, biases left out."""
    return _into(as_widths(widths), 1)


def size(widths: Sequence[int]) -> int:
    """The number of weights and biases."""
    d = as_widths(widths)
    return _into(d, 1) + sum(d[1:])


def paths(widths: Sequence[int], layer: int) -> int:
    """The number of paths from one weight of a layer (from 1) to the loss: all later widths'
    product.

    Raises ValueError for a layer that the network does not have.
    """
    d = as_widths(widths)
    if layer not in range(1, len(d)):
        raise ValueError(f"layer: got {layer}; expected a layer from 1 to {len(d) - 1}")
    return math.prod(d[layer + 1 :])


def stored(widths: Sequence[int], batch: int = 1) -> int:
    """The numbers that a forward pass keeps for the backward pass: input, pre-activations and
    activations, for each example. Source: CSC311, necessary quantities."""
    d = as_widths(widths)
    return as_integer(batch, "batch", 1) * (d[0] + 2 * sum(d[1:]))


def path_by_path(widths: Sequence[int]) -> int:
    """Every derivative as a sum over all its paths, each of them multiplied out."""

    def multiplied(d, i, factors):
        return math.prod(d[i + 1 :]) * (factors + 2 * (len(d) - 1 - i) - 1)

    return _sum(widths, lambda d, i: multiplied(d, i, 2), lambda d, i: multiplied(d, i, 3))


def _signal(d, i):
    """The error signal of one unit in layer i, from the loss back to it, with nothing kept."""
    return 1 if i == len(d) - 1 else sum(d[i + 1 :]) + _into(d, i + 2) + d[i + 1] + 1


def weight_by_weight(widths: Sequence[int]) -> int:
    """Every derivative on its own, from the loss back to the weight, nothing kept for the next.

    Within one derivative the sums are collected layer by layer: the best that can be done for one
    weight alone.
    """
    return _sum(widths, _signal, lambda d, i: _signal(d, i) + 1)


def _onward(d, i):
    """From z_out of one unit in layer i forwards to the loss."""
    return 1 if i == len(d) - 1 else d[i + 1] + sum(d[i + 1 :]) + _into(d, i + 2) + d[-1]


def forward_accumulation(widths: Sequence[int]) -> int:
    """Every derivative on its own, from the weight forwards to the loss: a sweep a parameter."""
    return _sum(widths, _onward, lambda d, i: _onward(d, i) + 1)


def forward_from_units(widths: Sequence[int]) -> int:
    """Forward accumulation that starts at z_in: a sweep a unit, then one product a weight."""
    return _sum(widths, _onward, lambda d, i: 1)


def backpropagation(widths: Sequence[int]) -> int:
    """Every error signal once, kept, then one product a weight.

    That is one product for each parameter and one more for each weight that is not in the first
    layer: at least the number of parameters, and less than twice that.
    """
    d = as_widths(widths)
    return _into(d, 2) + _sum(d, lambda d, i: 1, lambda d, i: 1)


WAYS: Mapping[str, Callable[[Sequence[int]], int]] = MappingProxyType(
    {
        "path by path": path_by_path,
        "weight by weight": weight_by_weight,
        "forward accumulation": forward_accumulation,
        "backpropagation": backpropagation,
    }
)
"""The ways to the whole gradient, each with its number of multiplications."""


def input_derivatives(widths: Sequence[int]) -> tuple[int, int]:
    """Products for all ∂output/∂input: a forward sweep for each input, a backward one for each
    output."""
    d = as_widths(widths)
    forwards = d[0] * (sum(d[1:]) + _into(d, 2))
    backwards = d[-1] * (d[-2] + sum(d[1:-1]) + _into(d[:-1], 1))
    return forwards, backwards


# --- what two derivatives share -------------------------------------------------------------------


@dataclass(frozen=True)
class Overlap:
    """Two derivatives one below the other; the factors that both begin with stand in a box.

    first, second: chains with one path each; signal: LaTeX of the box's name.
    """

    first: Chain
    second: Chain
    signal: str

    @property
    def shared(self) -> Lines:
        """The factors that both begin with: all of them are computed once."""
        pairs = zip(self.first.factors, self.second.factors, strict=False)
        same = itertools.takewhile(lambda pair: pair[0].name == pair[1].name, pairs)
        return Lines(a for a, _ in same)

    def _repr_latex_(self):
        box = r"\boxed{" + r" \cdot ".join(term.name for term in self.shared) + "}"
        value = math.prod(term.value for term in self.shared)
        rows = []
        for each in (self.first, self.second):
            rest = each.factors[len(self.shared) :]
            own = r" \cdot ".join(term.name for term in rest)
            line = f"{each.name} &= {box} \\cdot {own} = {self.signal} \\cdot {own}"
            if len(rest) == 1:  # more of them, with their numbers, would not fit on a line
                line += " = " + products([(value, rest[0].value)], each.value, 6)[0]
            rows.append(f"{line} = {number(each.value, 6)}")
        return r"$\displaystyle \begin{aligned} " + r" \\[6pt] ".join(rows) + r" \end{aligned}$"

    def __repr__(self):
        names = ", ".join(term.name for term in self.shared)
        return f"Overlap({self.first.name}, {self.second.name}: {names})"


def partial_products(found: Chain, forwards: bool = False) -> set[tuple[str, ...]]:
    """What is computed on the way to a derivative, from the loss or forwards from the weight.

    Each product as its factors' names, the first two, three and so on; the last is the derivative.
    """
    names = [term.name for term in found.factors]
    if forwards:
        names.reverse()
    return {tuple(names[:k]) for k in range(2, len(names) + 1)}


# --- counted --------------------------------------------------------------------------------------


def _given_pass(widths):
    """The package's pass on numbers that count: their counter, the layers and all it computes."""
    counter = Products()
    layers = [
        RawLayer(counter.given((n, m)), counter.given((m,)), "sigmoid")
        for n, m in itertools.pairwise(as_widths(widths))
    ]
    x, y = counter.given((1, widths[0])), counter.given((1, widths[-1]))
    z_in, z_out = forward_pass(layers, x)
    return counter.serial, layers, x, z_in, z_out, y


def counted(widths: Sequence[int]) -> dict[str, int]:
    """What the package's own pass multiplies, for one example.

    "backpropagation": the products that the gradient is made of, each once; "weight by weight": for
    each parameter those that its own derivative is made of, added up; "path by path": all sums
    multiplied out; "paths": the terms that then stand there, of all parameters together;
    "forward pass": its products.
    """
    serial, layers, x, z_in, z_out, y = _given_pass(widths)
    forwards = next(serial)
    loss = LOSSES["half_squared_error"]
    _, _, dW, db, _ = backward_pass(layers, x, z_in, z_out, y, loss, 1)
    derivatives = [number for array in (*dW, *db) for number in array.flat]
    together = 0
    for each in derivatives:
        together |= each.made
    return {
        "path by path": sum(each.factors - each.terms for each in derivatives),
        "weight by weight": sum(each.made.bit_count() for each in derivatives),
        "backpropagation": together.bit_count(),
        "paths": sum(each.terms for each in derivatives),
        "forward pass": forwards,
    }


# --- the slow ways, on arrays of any dtype --------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Local:
    """The local derivatives of a pass over one example, by layer: what all ways are given.

    W: weights; slopes: of the activations at z_in; arriving: what a layer's weights are multiplied
    by; loss: the derivative of the loss by the outputs.
    """

    W: tuple[np.ndarray, ...]
    slopes: tuple[np.ndarray, ...]
    arriving: tuple[np.ndarray, ...]
    loss: np.ndarray

    @classmethod
    def of(cls, layers, x, z_in, z_out, y, loss: Loss) -> Local:
        """From a pass on raw batches of one; the loss is a function of the outputs."""
        slopes = [ACTIVATIONS[a.activation].slope(z) for a, z in zip(layers, z_in, strict=True)]
        W = tuple(layer.W for layer in layers)
        arriving = (x[0], *(z[0] for z in z_out[:-1]))
        return cls(W, tuple(s[0] for s in slopes), arriving, loss.slope(z_out[-1], y)[0])

    @property
    def parameters(self) -> Iterator[tuple[int, int, int | None]]:
        """(layer from 0, unit, input) of every parameter; for a bias the input is None."""
        for i, W in enumerate(self.W):
            for j, k in np.ndindex(W.shape):
                yield i, k, j
            yield from ((i, k, None) for k in range(W.shape[1]))

    def backwards(self, layer: int, unit: int, source: int | None):
        """One parameter's derivative, from the loss back to it."""
        last = len(self.W) - 1
        if layer == last:
            signal = self.loss[unit] * self.slopes[last][unit]
        else:
            signals = self.loss * self.slopes[last]
            for m in range(last - 1, layer, -1):
                signals = (self.W[m + 1] @ signals) * self.slopes[m]
            signal = (self.W[layer + 1][unit] @ signals) * self.slopes[layer][unit]
        return signal if source is None else signal * self.arriving[layer][source]

    def forwards(self, layer: int, unit: int, source: int | None):
        """One parameter's derivative, from it forwards to the loss."""
        moved = self.slopes[layer][unit]
        if source is not None:
            moved = self.arriving[layer][source] * moved
        if layer == len(self.W) - 1:
            return moved * self.loss[unit]
        moved = moved * self.W[layer + 1][unit] * self.slopes[layer + 1]
        for m in range(layer + 2, len(self.W)):
            moved = (moved @ self.W[m]) * self.slopes[m]
        return moved @ self.loss


def gradient(net: Network, f: Forward, y, way: str) -> tuple[list, list]:
    """dW and db of one example, parameter by parameter; way: "backwards" or "forwards".

    For half the squared error. The slow ways, to be compared with `backward`.
    """
    rows = [[array[None] for array in arrays] for arrays in (f.z_in, f.z_out)]
    loss = LOSSES["half_squared_error"]
    local = Local.of(net.layers, f.x[None], *rows, as_array(y, "y")[None], loss)
    derivative = {"backwards": local.backwards, "forwards": local.forwards}[way]
    dW = [np.empty(layer.W.shape) for layer in net.layers]
    db = [np.empty(layer.b.shape) for layer in net.layers]
    for layer, unit, source in local.parameters:
        place = db[layer] if source is None else dW[layer][source]
        place[unit] = derivative(layer, unit, source)
    return dW, db


# --- formulas -------------------------------------------------------------------------------------


def formula_sizes(widths: Sequence[int]) -> tuple[int, int]:
    """Operations in all gradients of a sigmoid network, as SymPy's `count_ops` counts them.

    First: SymPy differentiates the loss by one parameter after the other, and every formula is
    written out. Second: the backward pass runs on symbols, and what occurs more than once gets a
    name. An activation or a slope is one operation, its argument apart.
    """
    net = symbolic(widths)
    f = forward(net, net.x)
    g = backward(net, f, net.y)
    symbol = NOTATIONS["LMU"].symbol
    alone = [sp.diff(g.loss, symbol(key, net.widths)) for key in parameters(net.widths)]
    together = [formula for array in (*g.dW, *g.db) for formula in array.flat]
    named, rest = sp.cse(together, order="none")
    lines = [*(formula for _, formula in named), *rest]
    return sum(map(sp.count_ops, alone)), sum(map(sp.count_ops, lines))
