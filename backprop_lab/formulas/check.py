"""Do the gradients agree? SymPy's derivative, NumPy's backward pass, and a third way: a nudge.

The third way is a central difference, which a student can make by hand, or the complex step, which
loses no digits but needs functions that are smooth where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import sympy as sp

from backprop_lab.core.arguments import as_integer, as_numbers, as_positive, named
from backprop_lab.core.losses import Loss
from backprop_lab.core.network import (
    REDUCTIONS,
    Gradient,
    Network,
    backward,
    forward,
    forward_pass,
    loss_for,
)
from backprop_lab.formulas.notation import NOTATIONS, number, parameter, parameters, symbolic

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


def _raw_loss(layers, x, y, loss: Loss, divisor: int):
    z_in, z_out = forward_pass(layers, x)
    return np.sum(loss(z_in[-1] if loss.fused else z_out[-1], y)) / divisor


def _perturbed(net: Network, key, amount) -> list:
    """Raw layers with one weight or bias moved by `amount`, which may be complex."""
    kind, layer, *index = key
    layers = [SimpleNamespace(W=la.W, b=la.b, activation=la.activation) for la in net.layers]
    moved = getattr(layers[layer], kind).astype(np.result_type(float, type(amount)))
    moved[tuple(index)] += amount
    setattr(layers[layer], kind, moved)
    return layers


def numeric_pass(net: Network, X, y, loss: str, reduction: str):
    """The validated arrays and functions of a numeric pass."""
    f = forward(net, X)
    g = backward(net, f, y, loss, reduction)
    if any(a.dtype == object for layer in net.layers for a in (layer.W, layer.b, f.x, g.y)):
        raise TypeError("net, X, y: got SymPy symbols; expected numbers")
    divisor = REDUCTIONS[reduction](len(f.x) if f.x.ndim == 2 else 1)
    return f.x, g.y, loss_for(net, loss), divisor


def _by_parameter(net: Network, derivative) -> tuple[list, list]:
    """dW and db, entry by entry, from a function of the parameter's key."""
    dW = [np.zeros(layer.W.shape) for layer in net.layers]
    db = [np.zeros(layer.b.shape) for layer in net.layers]
    for key in parameters(net.widths):
        kind, layer, *index = key
        (dW if kind == "W" else db)[layer][tuple(index)] = derivative(key)
    return dW, db


def finite_difference(
    net: Network,
    X,
    y,
    loss: str = "half_squared_error",
    reduction: str = "mean",
    h: float = 1e-6,
):
    """dW and db by central differences (L(w + h) - L(w - h)) / 2h: two forward passes a weight."""
    x, y, which, divisor = numeric_pass(net, X, y, loss, reduction)
    h = as_positive(h, "h")

    def slope(key):
        up, down = (_raw_loss(_perturbed(net, key, s), x, y, which, divisor) for s in (h, -h))
        return (up - down) / (2 * h)

    return _by_parameter(net, slope)


def complex_step(
    net: Network, X, y, loss: str = "half_squared_error", reduction: str = "mean", h: float = 1e-30
):
    """dW and db by the complex step, Im L(w + ih) / h: no cancellation, so full precision.

    Not valid where a pre-activation stands exactly on a kink.
    """
    x, y, which, divisor = numeric_pass(net, X, y, loss, reduction)
    h = as_positive(h, "h")
    return _by_parameter(
        net, lambda key: _raw_loss(_perturbed(net, key, 1j * h), x, y, which, divisor).imag / h
    )


def symbolic_gradient(
    net: Network, x, y, loss: str = "half_squared_error", digits: int = 30
) -> tuple[list, list]:
    """dW and db of one example by SymPy alone: the loss as one formula, differentiated, evaluated.

    It never runs the backward pass. Evaluated by mpmath to so many digits; for small networks, as
    the formula grows with every path.
    """
    x, target, _, _ = numeric_pass(net, x, y, loss, "mean")
    if x.ndim != 1:
        raise ValueError(f"x: a batch of {len(x)}; expected one example")
    digits = as_integer(digits, "digits", 15)
    symbols = symbolic(net.widths)
    layers = zip(symbols.layers, net.layers, strict=True)
    same = Network([replace(s, activation=layer.activation) for s, layer in layers])
    formula = loss_of(same, symbols.x, target, loss)
    pairs = list(zip(symbols.x, x, strict=True))
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


def nudge(net: Network, x, y, weight, h: float, loss: str = "half_squared_error") -> Nudge:
    """Move one weight by h to either side and look at the loss.

    weight: a name in LMU's notation or a key. Raises ValueError or TypeError naming the argument.
    """
    x, y, which, divisor = numeric_pass(net, x, y, loss, "mean")
    h, key = as_positive(h, "h"), parameter(weight, net.widths)
    down, here, up = (
        float(_raw_loss(_perturbed(net, key, s), x, y, which, divisor)) for s in (-h, 0.0, h)
    )
    return Nudge(h, down, here, up)


@dataclass(frozen=True, repr=False)
class Agreement:
    """All gradients of one example, three ways; shown as a table.

    rows: (LaTeX of the weight, SymPy, NumPy, nudge), one for each weight and bias. sympy_error,
    nudge_error: against NumPy's backward pass, by `error`.
    """

    rows: tuple[tuple[str, float, float, float], ...]
    sympy_error: float
    nudge_error: float

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
        return "\n".join(lines)


def agreement(
    net: Network, x, y, loss: str = "half_squared_error", notation: str = "LMU"
) -> Agreement:
    """Every gradient of one example by SymPy, by NumPy's backward pass and by a nudge."""
    style = named(NOTATIONS, notation, "notation")
    g: Gradient = backward(net, forward(net, x), y, loss)
    ways = [symbolic_gradient(net, x, y, loss), (g.dW, g.db), finite_difference(net, x, y, loss)]
    rows = []
    for key in parameters(net.widths):
        kind, layer, *index = key
        values = [(dW if kind == "W" else db)[layer][tuple(index)] for dW, db in ways]
        rows.append((style.label(key, net.widths), *map(float, values)))
    by_sympy, by_numpy, by_nudge = np.array([row[1:] for row in rows]).T
    return Agreement(tuple(rows), error(by_sympy, by_numpy), error(by_nudge, by_numpy))
