"""Do the gradients agree? SymPy's derivative, NumPy's backward pass, and a third way: a nudge.

The third way is a central difference, which a student can make by hand, or the complex step, which
loses no digits but needs functions that are smooth where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_integer, as_numbers, as_positive, named
from backprop_lab.core.keys import Key, parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import (
    Gradient,
    Network,
    backward,
    forward,
    forward_pass,
    moved,
    parts,
)
from backprop_lab.formulas.notation import NOTATIONS, number, parameter, symbolic

SMALLEST_SCALE = 1e-8
"""Errors are taken relative to the largest magnitude of an array, or to this if that is smaller."""


def error(a, b) -> float:
    """The largest |a - b|, over the largest magnitude in b, at least `SMALLEST_SCALE`.

    Raises ValueError or TypeError naming the argument.
    """
    a, b = as_numbers(a, "a").astype(float), as_numbers(b, "b").astype(float)
    if a.shape != b.shape:
        raise ValueError(f"a: got shape {a.shape}; expected {b.shape}, the shape of b")
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), SMALLEST_SCALE))


# --- the loss alone, which every other way differentiates -----------------------------------------


def loss_of(net: Network, X, y, loss: str = "half_squared_error", reduction: str = "mean"):
    """The loss of one example or a batch: a number, or a formula of a symbolic network."""
    return backward(net, forward(net, X), y, loss, reduction).loss


def _moved_loss(g: Gradient, key: Key, by):
    """The loss that g differentiates, with one weight or bias moved; it may be complex."""
    z_in, z_out = forward_pass(moved(g.network.layers, key, by), g.forward.x)
    loss = LOSSES[g.loss_name]
    return np.sum(loss(loss.argument(z_in[-1], z_out[-1]), g.y)) / g.divisor


def _on_numbers(g: Gradient) -> Gradient:
    """A numeric backward pass, or an error that names it."""
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    arrays = (a for layer in g.network.layers for a in (layer.W, layer.b, g.forward.x, g.y))
    if any(array.dtype == object for array in arrays):
        raise TypeError("g: got SymPy symbols; expected a pass on numbers")
    return g


def _by_parameter(net: Network, derivative) -> tuple[list, list]:
    """dW and db, entry by entry, from a function of the parameter's key."""
    dW = [np.zeros(layer.W.shape) for layer in net.layers]
    db = [np.zeros(layer.b.shape) for layer in net.layers]
    for key in parameters(net.widths):
        (dW if key.kind == "W" else db)[key.layer][key[2:]] = derivative(key)
    return dW, db


def finite_difference(g: Gradient, h: float = 1e-6) -> tuple[list, list]:
    """The dW and db of a backward pass again, by central differences (L(w + h) - L(w - h)) / 2h:
    two forward passes a weight. Raises ValueError or TypeError naming the argument."""
    _on_numbers(g)
    h = as_positive(h, "h")

    def slope(key):
        up, down = (_moved_loss(g, key, by) for by in (h, -h))
        return (up - down) / (2 * h)

    return _by_parameter(g.network, slope)


def complex_step(g: Gradient, h: float = 1e-30) -> tuple[list, list]:
    """The dW and db of a backward pass again, by the complex step, Im L(w + ih) / h: no
    cancellation, so full precision.

    Not valid where a pre-activation stands exactly on a kink. Raises ValueError or TypeError naming
    the argument.
    """
    _on_numbers(g)
    h = as_positive(h, "h")
    return _by_parameter(g.network, lambda key: _moved_loss(g, key, 1j * h).imag / h)


def symbolic_gradient(g: Gradient, digits: int = 30) -> tuple[list, list]:
    """The dW and db of one example's backward pass again, by SymPy alone: the loss as one formula,
    differentiated, evaluated.

    It never runs the backward pass. Evaluated by mpmath to so many digits; for small networks, as
    the formula grows with every path. Raises ValueError or TypeError naming the argument.
    """
    parts(_on_numbers(g), "g")
    digits = as_integer(digits, "digits", 15)
    symbols, net = symbolic(g.network.widths), g.network
    layers = zip(symbols.layers, net.layers, strict=True)
    same = Network([replace(s, activation=layer.activation) for s, layer in layers])
    formula = loss_of(same, symbols.x, g.y, g.loss_name)
    pairs = list(zip(symbols.x, g.forward.x, strict=True))
    for s, layer in zip(symbols.layers, net.layers, strict=True):
        pairs += [*zip(s.W.flat, layer.W.flat, strict=True), *zip(s.b, layer.b, strict=True)]
    values = {symbol: sp.Float(float(value), digits) for symbol, value in pairs}
    style = NOTATIONS["LMU"]

    def slope(key):
        return float(sp.diff(formula, style.symbol(key, net.widths)).xreplace(values).evalf(digits))

    return _by_parameter(net, slope)


# --- for the eye ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nudge:
    """One weight moved by h to either side: the losses there, and the slope between them."""

    h: float
    down: float
    here: float
    up: float

    @property
    def slope(self) -> float:
        """The central difference (L(w + h) - L(w - h)) / 2h."""
        return (self.up - self.down) / (2 * self.h)


def nudge(g: Gradient, weight, h: float) -> Nudge:
    """Move one weight by h to either side and look at the loss that g differentiates.

    weight: a name in LMU's notation or a key. Raises ValueError or TypeError naming the argument.
    """
    h, key = as_positive(h, "h"), parameter(weight, _on_numbers(g).network.widths)
    return Nudge(h, *(float(_moved_loss(g, key, by)) for by in (-h, 0.0, h)))


@dataclass(frozen=True, repr=False)
class Agreement:
    """All gradients of one example, three ways; shown as a table.

    rows: (LaTeX of the weight, SymPy, NumPy, nudge), one for each weight and bias. sympy_error,
    nudge_error: against NumPy's backward pass, by `error`. on_kinks: LaTeX of the pre-activations
    that stand on a kink of their activation.
    """

    rows: tuple[tuple[str, float, float, float], ...]
    sympy_error: float
    nudge_error: float
    on_kinks: tuple[str, ...] = ()

    def __repr__(self):
        return self._repr_markdown_()

    def _repr_markdown_(self):
        lines = [
            "| weight | SymPy: the formula | NumPy: backpropagation | a nudge, $h = 10^{-6}$ |",
            "|:--|--:|--:|--:|",
        ]
        for name, *values in self.rows:
            cells = " | ".join(f"${number(value, 6)}$" for value in values)
            lines.append(f"| ${name}$ | {cells} |")
        if self.on_kinks:
            places = ", ".join(f"${name}$" for name in self.on_kinks)
            said = "the formulas take one side's slope there, a nudge measures both"
            lines += ["", f"On a kink of the activation: {places}; {said}."]
        return "\n".join(lines)


def agreement(g: Gradient, notation: str = "LMU") -> Agreement:
    """Every gradient of one example by SymPy, by NumPy's backward pass and by a nudge.

    g: the backward pass. Raises ValueError or TypeError naming the argument.
    """
    style = named(NOTATIONS, notation, "notation")
    ways = [symbolic_gradient(g), (g.dW, g.db), finite_difference(g)]
    rows = []
    for key in parameters(g.network.widths):
        values = [(dW if key.kind == "W" else db)[key.layer][key[2:]] for dW, db in ways]
        rows.append((style.label(key, g.network.widths), *map(float, values)))
    by_sympy, by_numpy, by_nudge = np.array([row[1:] for row in rows]).T
    errors = error(by_sympy, by_numpy), error(by_nudge, by_numpy)
    on_kinks = tuple(
        style.label(Key("z_in", m, j), g.network.widths)
        for m, (layer, z) in enumerate(zip(g.network.layers, g.forward.z_in, strict=True))
        for j in np.flatnonzero(np.isin(z, ACTIVATIONS[layer.activation].kinks))
    )
    return Agreement(tuple(rows), *errors, on_kinks)
