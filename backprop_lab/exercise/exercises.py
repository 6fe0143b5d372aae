"""The lectures' own exercises, as blanks whose usual mistakes are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.keys import Key
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import rounded
from backprop_lab.exercise.blanks import Blank, Exercise
from backprop_lab.exercise.judge import Mistake
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.lectures import ch8
from backprop_lab.page.cell import of_cell

_DIGITS = 3
"""CH8 gives its numbers with three decimals."""


def _toy():
    """CH8's network, all its quantities by key, and the same rounded as CH8 prints them."""
    g = ch8().run()
    exact = quantities(g)
    return exact, {key: rounded(float(value), _DIGITS) for key, value in exact.items()}


def _blank(key: Key, exact, mistakes, by_hand=None, follows="") -> Blank:
    name = NOTATIONS["CH8"].symbol(key, ch8().network.widths).name
    known = [Mistake(value, sentence) for value, sentence in mistakes]
    return Blank(name, float(exact[key]), known, by_hand, digits=_DIGITS, follows=follows)


def _forward_pass() -> list[Blank]:
    exact, known = _toy()
    x, W, w, b = _weights()
    z = [Key("z_in", 0, 0), Key("z_in", 0, 1)]
    a = [Key("z_out", 0, 0), Key("z_out", 0, 1)]
    turned = "The two weights of the other neuron's row: here they must be those that end at it."
    blanks = [
        _blank(key, exact, [(W[j, 0] * x[0] + W[j, 1] * x[1], turned)]) for j, key in enumerate(z)
    ]
    blanks += [
        _blank(
            a[j],
            exact,
            [(exact[z[j]], "That is the pre-activation: put it through σ.")],
            follows=f"sigmoid(b_{j + 1})",
        )
        for j in range(2)
    ]
    out = w[0] * known[a[0]] + w[1] * known[a[1]] + b
    mistakes = [
        (out - b, "The bias of the output is missing."),
        (w[0] * exact[z[0]] + w[1] * exact[z[1]] + b, "Weigh the activations, not the z."),
        (exact["z_out", 1, 0], "That is the output's activation, one step too far."),
    ]
    follows = f"({w[0]}) * b_3 + ({w[1]}) * b_4 + ({b})"
    return [*blanks, _blank(Key("z_in", 1, 0), exact, mistakes, out, follows)]


def _weights():
    first, last = ch8().network.layers
    return ch8().x, first.W, last.W[:, 0], last.b[0]


def _output() -> list[Blank]:
    exact, known = _toy()
    a, y = known["z_out", 1, 0], ch8().y[0]
    slope, delta = a * (1 - a), known["delta", 1, 0]
    first, second = known["z_out", 0, 0], known["z_out", 0, 1]
    signal = [
        ((a - y) * slope, "The 2 is missing: the score is (a - y)², without a half."),
        (2 * (a - y), "That is ∂L/∂a; the slope σ' of the output's neuron is missing."),
        (2 * (a - y) * a, "σ' is a(1 - a), not a."),
    ]
    weight = [
        (delta, "Times the activation that departs at the other end of the weight."),
        (delta * second, "That is the weight from the second neuron."),
        (delta * a, "Times the departing activation, that of the hidden neuron."),
    ]
    return [
        _blank(Key("delta", 1, 0), exact, signal, 2 * (a - y) * slope),
        _blank(Key("dW", 1, 0, 0), exact, weight, delta * first, f"b_1 * ({first})"),
    ]


def _hidden() -> list[Blank]:
    exact, known = _toy()
    x, _, w, _ = _weights()
    a, delta = known["z_out", 0, 0], known["delta", 1, 0]
    signal = [
        (delta * w[0], "The slope σ' of the hidden neuron is missing."),
        (delta * a * (1 - a), "The weight on the way from the output is missing."),
        (delta * w[0] * a, "σ' is a(1 - a), not a."),
    ]
    weight = [
        (delta * x[0], "That is the output's error signal: take the hidden neuron's."),
        (exact["delta", 0, 0] * x[1], "That is the weight from the second input."),
        (exact["delta", 0, 0] * a, "Times what departs at the input's end of the weight."),
    ]
    return [
        _blank(Key("delta", 0, 0), exact, signal, w[0] * delta * a * (1 - a)),
        _blank(Key("dW", 0, 0, 0), exact, weight, follows=f"b_1 * ({x[0]})"),
    ]


def _chain() -> list[Blank]:
    slope = float(ACTIVATIONS["sigmoid"].slope(0.0))

    def factor(layers, digits, by_hand):
        mistakes = [
            Mistake(layers * slope, "Factors multiply; they do not add up."),
            Mistake(0.5**layers, "σ(0) is ½, but σ'(0) is ¼."),
            Mistake(slope ** (layers - 1), "One factor is missing."),
        ]
        return Blank(
            rf"\text{{after {layers} layers}}", slope**layers, mistakes, by_hand, digits=digits
        )

    return [factor(3, 3, None), factor(6, 6, 0.00024)]


CH8: Mapping[int, tuple[str, Callable[[], list[Blank]]]] = MappingProxyType(
    {
        1: ("the forward pass of the toy network", _forward_pass),
        2: ("the output's error signal", _output),
        3: ("back to the first hidden neuron", _hidden),
        4: ("the factor after 3 and after 6 layers", _chain),
    }
)
"""CH8's exercises by number: what is asked, and the blanks."""


@of_cell
def exercise(number: int) -> Exercise:
    """CH8's exercise of that number, 1 to 4, as blanks with feedback. Raises ValueError for another
    number. Source: CH8, Exercises."""
    if number not in CH8:
        raise ValueError(f"number: got {number!r}; expected one of {', '.join(map(str, CH8))}")
    title, blanks = CH8[number]
    return Exercise(f"CH8, exercise {number}: {title}", blanks())
