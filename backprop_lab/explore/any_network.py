"""A network of any depth and width: its numbers, computed in the page or by the kernel."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import ipywidgets as widgets

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import named
from backprop_lab.core.keys import Key
from backprop_lab.core.network import Network, backward, forward, quantities
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, message_line, row
from backprop_lab.page.frame import Frame
from backprop_lab.page.live import Live, Row
from backprop_lab.page.program import network_program
from backprop_lab.picture import elements
from backprop_lab.picture.tables import layers_table

HIDDEN = ((2,), (3,), (4, 4), (8, 8, 8), (4,) * 8, (16, 16), (32, 32))
"""The hidden layers to choose from."""
_SEEDS = 3


def _network(widths: Sequence[int], activation: str, seed: int) -> Network:
    return Network.mlp(list(widths), activation=activation, seed=seed)


def _pass(net: Network, x: Sequence[float], y: Sequence[float]) -> dict[Key, object]:
    f = forward(net, x)
    return quantities(backward(net, f, y))


def network_view(widths, activation: str, seed: int, x_0: float, x_1: float, y_0: float):
    """What `any_network` shows for these settings."""
    now = _pass(_network(widths, activation, seed), [x_0, x_1], [y_0])
    return {"layers": layers_table(tuple(widths), now)}


def who_computes(widths: Sequence[int]) -> str:
    """How large the network is, and who computes."""
    count = sum((n + 1) * m for n, m in itertools.pairwise(widths))
    return f"{count:,} parameters: this page computes, without the kernel."


def _app(hidden: tuple[int, ...], activation: str) -> App:
    widths = (2, *hidden, 1)
    numbers = {
        "x_0": NumberSlider("x_{1}", 1.0, -3.0, 3.0, 0.05),
        "x_1": NumberSlider("x_{2}", 0.0, -3.0, 3.0, 0.05),
        "y_0": NumberSlider("y", 1.0, 0.0, 1.0, 0.05),
    }
    seed = choice("weights", [(f"draw {k + 1}", k) for k in range(_SEEDS)], value=0)
    layers, message = widgets.HTML(), message_line()
    return App(
        f"a network of widths {', '.join(map(str, widths))}",
        {"seed": seed, **numbers},
        {"layers": layers},
        lambda **settings: network_view(widths, activation, **settings),
        [grid(seed, *numbers.values()), message, layers],
        message,
        _page(widths, activation, seed, numbers),
    )


def _page(widths, activation, seed, numbers) -> Live:
    x, y = ([numbers[k].read() for k in keys] for keys in (("x_0", "x_1"), ("y_0",)))
    rows = []
    for k in range(_SEEDS):
        now = _pass(_network(widths, activation, k), x, y)
        rows.append(Row({key.name: float(v) for key, v in now.items() if key.kind in "Wb"}))
    return Live(
        network_program(widths, activation, step=False),
        {name: number.for_page() for name, number in numbers.items()},
        {"seed": (seed.index, rows)},
    )


ANOTHER_NETWORK = "Another network takes the kernel, and none answers now: Shift + Enter."


@of_cell
def any_network(hidden: Sequence[int] = (3,), activation: str = "tanh") -> Frame:
    """A network with two inputs and one sigmoid output: every unit's numbers, layer by layer.

    hidden: the units of its hidden layers, one of `HIDDEN`; activation: theirs. The page computes;
    another architecture asks the kernel.
    """
    named(ACTIVATIONS, activation, "activation")
    if tuple(hidden) not in HIDDEN:
        raise ValueError(f"hidden: got {hidden!r}; expected one of {', '.join(map(str, HIDDEN))}")
    options = [(" - ".join(map(str, (2, *units, 1))), units) for units in HIDDEN]
    architecture = choice("network", options, value=tuple(hidden))
    function = choice("activation", list(ACTIVATIONS), value=activation)
    who = widgets.HTML()
    place = widgets.VBox()

    def build(_change=None):
        who.value = elements.page(who_computes((2, *architecture.value, 1)))
        app = _app(architecture.value, function.value)
        place.children = [app]

    architecture.observe(build, "value")
    function.observe(build, "value")
    build()
    chosen = row(architecture, function)
    return Frame("a network of any depth and width", [chosen, who, place], ANOTHER_NETWORK)
