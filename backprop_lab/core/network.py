"""Networks, and the one forward and one backward pass.

The same few lines of matrix products serve floats, batches and SymPy symbols, because NumPy's
``@`` works on arrays of objects. Weights are stored inputs × units, as in LMU-8, so that a batch
in rows is ``X @ W + b``; the other lectures' layouts are transposes (`notation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import sympy as sp

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_array, as_integer, as_number, as_widths, named
from backprop_lab.core.keys import Key, as_parameter
from backprop_lab.core.losses import LOSSES, TARGETS, Loss
from backprop_lab.core.results import Frozen, Table

# --- what a network may be made of ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Layer(Frozen):
    """One layer: activation(x @ W + b).

    W: (inputs, units); b: (units,); activation: a name in `ACTIVATIONS`. Finite real numbers or
    SymPy objects; kept as read-only arrays. Raises ValueError or TypeError naming the argument.
    """

    W: np.ndarray
    b: np.ndarray
    activation: str = "sigmoid"

    def __post_init__(self):
        W, b = as_array(self.W, "W"), as_array(self.b, "b")
        if W.ndim != 2 or 0 in W.shape:
            raise ValueError(f"W: got shape {W.shape}; expected (inputs, units), each at least 1")
        if b.shape != W.shape[1:]:
            raise ValueError(
                f"b: got shape {b.shape}; expected ({W.shape[1]},), one for each unit of W"
            )
        named(ACTIVATIONS, self.activation, "activation")
        object.__setattr__(self, "W", W)
        object.__setattr__(self, "b", b)

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return self.W.shape[0]

    @property
    def units(self) -> int:
        """The number of units."""
        return self.W.shape[1]

    def __repr__(self):
        return f"Layer({self.inputs} -> {self.units}, {self.activation})"


@dataclass(frozen=True, eq=False)
class Network(Frozen):
    """A chain of layers; never changes: `step` gives a new one.

    layers: one `Layer` or more, each with as many inputs as the one before has units.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self):
        if isinstance(self.layers, Layer) or not isinstance(self.layers, Sequence):
            raise TypeError(f"layers: got {self.layers!r}; expected a list of Layer")
        layers = tuple(self.layers)
        if not layers:
            raise ValueError("layers: got none; expected at least one Layer")
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{i}]: got {layer!r}; expected a Layer")
            if i and layer.inputs != layers[i - 1].units:
                raise ValueError(
                    f"layers[{i}]: got W with {layer.inputs} inputs; "
                    f"expected {layers[i - 1].units}, the units of the layer before"
                )
        object.__setattr__(self, "layers", layers)

    @classmethod
    def mlp(
        cls,
        widths: Sequence[int],
        activation: str = "tanh",
        output: str = "sigmoid",
        init: str = "glorot_normal",
        seed: int = 0,
    ) -> Network:
        """A network of the given widths (inputs first), with random weights and zero biases.

        activation is for the hidden layers, output for the last one; init is a name in
        `INITIALISATIONS`. The same seed gives the same weights.
        """
        widths = as_widths(widths)
        init = named(INITIALISATIONS, init, "init")
        rng = np.random.default_rng(as_integer(seed, "seed", 0))
        named(ACTIVATIONS, activation, "activation")
        named(ACTIVATIONS, output, "output")
        names = [activation] * (len(widths) - 2) + [output]
        return cls(
            [
                Layer(init(rng, n, m), np.zeros(m), name)
                for n, m, name in zip(widths, widths[1:], names, strict=False)
            ]
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of inputs, then the units of each layer."""
        return (self.layers[0].inputs, *(layer.units for layer in self.layers))

    @property
    def size(self) -> int:
        """The number of weights and biases: the length of the gradient."""
        return sum(layer.W.size + layer.b.size for layer in self.layers)

    def replaced(self, values: Mapping[Key, object]) -> Network:
        """The network with these values of some weights and biases: numbers or formulas, by key.

        Raises ValueError or TypeError naming the argument.
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"values: got {values!r}; expected numbers or formulas by key")
        given = {
            as_parameter(key, self.widths, "values"): as_number(value, f"values[{key!r}]")
            for key, value in values.items()
        }
        return Network([Layer(*layer) for layer in replaced(self.layers, given)])

    def moved(self, key: Key, by) -> Network:
        """The network with one weight or bias, given by its key, moved by a number or a formula.

        Raises ValueError or TypeError naming the argument.
        """
        key, by = as_parameter(key, self.widths, "key"), as_number(by, "by")
        return Network([Layer(*layer) for layer in moved(self.layers, key, by)])

    def __repr__(self):
        return f"Network({'-'.join(map(str, self.widths))}: {', '.join(map(repr, self.layers))})"


def _zeros(rng, n, m):
    return np.zeros((n, m))


def _normal(rng, n, m):
    return rng.standard_normal((n, m))


def _uniform(rng, n, m, bound=1.0):
    return rng.uniform(-bound, bound, (n, m))


def _glorot_normal(rng, n, m):
    return np.sqrt(2 / (n + m)) * _normal(rng, n, m)


def _glorot_uniform(rng, n, m):
    return _uniform(rng, n, m, np.sqrt(6 / (n + m)))


def _he_normal(rng, n, m):
    return np.sqrt(2 / n) * _normal(rng, n, m)


def _lecun_normal(rng, n, m):
    return np.sqrt(1 / n) * _normal(rng, n, m)


INITIALISATIONS: Mapping[str, Callable] = Table(
    __name__,
    "INITIALISATIONS",
    {
        "zeros": _zeros,
        "normal": _normal,
        "uniform": _uniform,
        "glorot_normal": _glorot_normal,
        "glorot_uniform": _glorot_uniform,
        "he_normal": _he_normal,
        "lecun_normal": _lecun_normal,
    },
)
"""Weights (n inputs, m units) by name: normal has standard deviation 1, uniform is on [-1, 1]."""


# --- raw layers ----------------------------------------------------------------------------------


class RawLayer(NamedTuple):
    """A layer's arrays as they are, of any dtype: what a pass on other than floats works with.

    Of many networks at once they have a leading axis: W (networks, inputs, units), b (units,), the
    same in all, or (networks, 1, units).
    """

    W: np.ndarray
    b: np.ndarray
    activation: str


class RawNetwork(NamedTuple):
    """The network of a raw pass."""

    layers: Sequence[RawLayer]


def replaced(layers, values: Mapping[Key, object]) -> list[RawLayer]:
    """The layers with other values of some parameters, which may be complex, or formulas."""
    new = [RawLayer(layer.W, layer.b, layer.activation) for layer in layers]
    for key, value in values.items():
        array = getattr(new[key.layer], key.kind)
        array = array.astype(np.result_type(array, type(value)))
        array[key[2:]] = value
        new[key.layer] = new[key.layer]._replace(**{key.kind: array})
    return new


def moved(layers, key: Key, by) -> list[RawLayer]:
    """The layers with one parameter moved by a number, which may be complex, or a formula."""
    return replaced(layers, {key: getattr(layers[key.layer], key.kind)[key[2:]] + by})


# --- forward -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Forward(Frozen):
    """What a forward pass keeps, in read-only arrays.

    x: the input; z_in[i], z_out[i]: pre-activations and activations of layer i, from 0, with shape
    (units,) for one example and (batch, units) for a batch. Remembers its network.
    """

    network: Network
    x: np.ndarray
    z_in: tuple[np.ndarray, ...]
    z_out: tuple[np.ndarray, ...]

    @property
    def output(self) -> np.ndarray:
        """The activations of the last layer."""
        return self.z_out[-1]


def forward(net: Network, X) -> Forward:
    """Run the network on one example X (inputs,) or on a batch (batch, inputs).

    Source: LMU-8, forward pass. Raises ValueError or TypeError naming the argument.
    """
    if not isinstance(net, Network):
        raise TypeError(f"net: got {net!r}; expected a Network")
    x = as_array(X, "X")
    inputs = net.widths[0]
    if x.ndim not in (1, 2) or x.shape[-1] != inputs or 0 in x.shape:
        raise ValueError(
            f"X: got shape {x.shape}; expected ({inputs},) or (batch, {inputs}), batch at least 1"
        )
    return Forward(net, x, *forward_pass(net.layers, x))


def forward_pass(layers, x):
    """The pass itself, on raw arrays of any dtype: pre-activations and activations, by layer.

    x: (batch, inputs), or with a leading axis, one batch for each network."""
    z_in, z_out = [], []
    for layer in layers:
        z = x @ layer.W + layer.b
        x = ACTIVATIONS[layer.activation](z)
        z_in.append(z)
        z_out.append(x)
    return tuple(z_in), tuple(z_out)


# --- backward ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Gradient(Frozen):
    """What a backward pass finds, and what it was asked, in read-only arrays.

    forward, y, loss_name, reduction: the pass, its targets, its loss, how that is taken over a
    batch. loss: a number; delta[i]: error signals ∂L/∂z_in of layer i, in the shape of z_in[i];
    dW[i], db[i]: gradients in the shapes of W and b; dx: ∂L/∂x in the shape of x. With the
    reduction "mean", delta and dx of a batch include the 1/n. Remembers its network.
    """

    forward: Forward
    y: np.ndarray
    loss_name: str
    reduction: str
    loss: float | sp.Expr
    delta: tuple[np.ndarray, ...]
    dW: tuple[np.ndarray, ...]
    db: tuple[np.ndarray, ...]
    dx: np.ndarray

    @property
    def network(self) -> Network:
        """The network of the pass."""
        return self.forward.network

    @property
    def divisor(self) -> int:
        """What the losses of the examples, added up, are divided by."""
        return REDUCTIONS[self.reduction](len(self.y) if self.y.ndim == 2 else 1)


REDUCTIONS: Mapping[str, Callable[[int], int]] = MappingProxyType(
    {"mean": lambda n: n, "sum": lambda n: 1}
)
"""What the losses of n examples, added up, are divided by."""


def loss_for(net: Network, loss: str) -> Loss:
    """The loss of that name; ValueError if the network's output activation does not go with it."""
    named(LOSSES, loss, "loss")
    return loss_after(net.layers[-1].activation, loss)


def loss_after(output: str, loss: str) -> Loss:
    """The loss of that name, after that output activation, in a page too; ValueError if they do
    not go together."""
    found = LOSSES[loss]
    if found.fused and output != found.output:
        raise ValueError(
            f"loss: {loss} expects {found.output} as output; the network's last layer has {output}"
        )
    return found


def _targets(f: Forward, y, loss: Loss) -> np.ndarray:
    target = as_array(y, "y")
    if target.shape != f.output.shape:
        raise ValueError(f"y: got shape {target.shape}; expected {f.output.shape}, the output's")
    if target.dtype == object and not all(sp.sympify(t).is_number for t in target.flat):
        return target
    if not TARGETS[loss.targets](target.astype(float, copy=False)):
        raise ValueError(f"y: {loss.name} expects {loss.targets}")
    return target


def backward(
    net: Network, f: Forward, y, loss: str = "half_squared_error", reduction: str = "mean"
) -> Gradient:
    """Backpropagate the loss of the forward pass f against the targets y (the output's shape).

    A loss is summed over the outputs, then averaged ("mean") or summed ("sum") over the examples.
    Source: LMU-8, layer form. Raises ValueError or TypeError naming the argument; ValueError if f
    belongs to another network.
    """
    if not isinstance(net, Network):
        raise TypeError(f"net: got {net!r}; expected a Network")
    if not isinstance(f, Forward):
        raise TypeError(f"f: got {f!r}; expected what forward returned")
    if f.network is not net:
        raise ValueError("f: a forward pass of another network; expected forward(net, X)")
    which = loss_for(net, loss)
    y = _targets(f, y, which)
    divide = named(REDUCTIONS, reduction, "reduction")
    # One example is a batch of one, so that there is one pass to read.
    single = f.x.ndim == 1
    x, z_in, z_out = (
        (f.x[None], _rows(f.z_in), _rows(f.z_out)) if single else (f.x, f.z_in, f.z_out)
    )
    target = y[None] if single else y
    value, delta, dW, db, dx = backward_pass(
        net.layers, x, z_in, z_out, target, which, divide(len(x))
    )
    if single:
        delta, dx = tuple(d[0] for d in delta), dx[0]
    return Gradient(f, y, loss, reduction, value, delta, dW, db, dx)


def _rows(arrays):
    return tuple(array[None] for array in arrays)


def backward_pass(layers, x, z_in, z_out, y, loss, divisor):
    """The pass itself, on raw batches of any dtype: the loss, delta, dW, db (by layer) and dx.

    With a leading axis each of them has it: one loss, one gradient for each network."""
    n = len(layers)
    delta, dW, db = [None] * n, [None] * n, [None] * n
    v = loss.argument(z_in[-1], z_out[-1])
    value = loss.total(v, y) / divisor
    signal = loss.slope(v, y) / divisor
    if not loss.fused:
        signal = signal * ACTIVATIONS[layers[-1].activation].slope(z_in[-1])
    for i in reversed(range(n)):
        delta[i] = signal
        arriving = z_out[i - 1] if i else x
        dW[i] = arriving.mT @ signal
        db[i] = signal.sum(axis=-2)
        upstream = signal @ layers[i].W.mT
        if i:
            signal = upstream * ACTIVATIONS[layers[i - 1].activation].slope(z_in[i - 1])
    return value, tuple(delta), tuple(dW), tuple(db), upstream


def raw_pass(layers, x, y, loss: Loss) -> Gradient:
    """The pass over one example, forward and backward, on raw layers and arrays of any dtype."""
    x, y = x[None], y[None]
    z_in, z_out = forward_pass(layers, x)
    value, delta, dW, db, dx = backward_pass(layers, x, z_in, z_out, y, loss, 1)
    f = Forward(RawNetwork(layers), x[0], [z[0] for z in z_in], [z[0] for z in z_out])
    return Gradient(f, y[0], loss.name, "mean", value, [d[0] for d in delta], dW, db, dx[0])


def step(net: Network, g: Gradient, learning_rate) -> Network:
    """A new network, one gradient step on: W - learning_rate · dW, b - learning_rate · db.

    learning_rate: a finite real number or SymPy object. Source: LMU-8, weight update rule.
    """
    if not isinstance(net, Network):
        raise TypeError(f"net: got {net!r}; expected a Network")
    if not isinstance(g, Gradient):
        raise TypeError(f"g: got {g!r}; expected what backward returned")
    rate = as_number(learning_rate, "learning_rate")
    if [d.shape for d in g.dW] != [layer.W.shape for layer in net.layers]:
        raise ValueError("g: the gradient of a network of another shape")
    return Network([Layer(*layer) for layer in descended(net.layers, g.dW, g.db, rate)])


def descended(layers, dW, db, rate) -> list[RawLayer]:
    """The step itself, on raw arrays of any dtype."""
    return [
        RawLayer(layer.W - rate * w, layer.b - rate * b, layer.activation)
        for layer, w, b in zip(layers, dW, db, strict=True)
    ]


# --- quantities by name --------------------------------------------------------------------------


def quantities(run: Forward | Gradient) -> dict[Key, object]:
    """Every quantity of a pass over one example, by canonical name: numbers, or SymPy formulas.

    run: a forward pass of one example, or its backward pass, which adds the target, the loss and
    the gradients. Raises ValueError or TypeError naming the argument.
    """
    return dict(entries(*parts(run)))


def entries(f: Forward, g: Gradient | None) -> list[tuple[Key, object]]:
    """What `quantities` gives, as pairs; of raw passes too (see `raw_pass`), and in a page."""
    arrays = [(Key("x"), f.x)]
    for i, layer in enumerate(f.network.layers):
        arrays += [(Key("W", i), layer.W), (Key("b", i), layer.b)]
        arrays += [(Key("z_in", i), f.z_in[i]), (Key("z_out", i), f.z_out[i])]
    if g is not None:
        arrays += [(Key("y"), g.y), (Key("loss"), np.asarray(g.loss)), (Key("dx"), g.dx)]
        for i, delta in enumerate(g.delta):
            arrays += [(Key("delta", i), delta), (Key("dW", i), g.dW[i]), (Key("db", i), g.db[i])]
    return [
        (Key(*key, *index), array[index])
        for key, array in arrays
        for index in np.ndindex(array.shape)
    ]


def parts(run: Forward | Gradient, argument: str = "run") -> tuple[Forward, Gradient | None]:
    """The forward and, if it is one, the backward pass of a run over one example.

    Raises TypeError for what is neither, ValueError for a batch; both name the argument.
    """
    if not isinstance(run, Forward | Gradient):
        raise TypeError(f"{argument}: got {run!r}; expected what forward or backward returned")
    f, g = (run.forward, run) if isinstance(run, Gradient) else (run, None)
    if f.x.ndim != 1:
        raise ValueError(f"{argument}: over a batch of {len(f.x)}; expected one example")
    return f, g
