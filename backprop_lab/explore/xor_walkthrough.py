"""LMU-8's XOR network with every number on it; the page computes all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import Gradient, Network, backward, forward, quantities, step
from backprop_lab.formulas.factors import Chain, chain, trace
from backprop_lab.formulas.notation import NOTATIONS, latex
from backprop_lab.lectures import Lecture, Printed, xor
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    choice,
    grid,
    message_line,
    row,
    toggles,
)
from backprop_lab.page.live import Light, Live, Row
from backprop_lab.page.program import network_program
from backprop_lab.page.walk import FORWARD, chain_steps, forward_steps, path, update_step
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.charts import changes, loss_bars
from backprop_lab.picture.labels import plain_label
from backprop_lab.picture.tables import Card, cards, update_table

STAGES = {"forward": "1 Forward", "chain": "2 One chain", "update": "3 Update"}
"""The stages that unlock the controls of `xor_walkthrough`, in order."""
_TOKENS = {
    "forward": ("forward",),
    "chain": ("chain", "backward"),
    "update": ("update", "backward"),
}
"""What each stage shows, by token (see `live`)."""
POINT_NAMES = (
    *(f"({x[0]:g}, {x[1]:g}), y = {y[0]:g}" for x, y in zip(xor().X, xor().Y, strict=True)),
    "mean of the four",
)


def _pass(lecture: Lecture, net: Network, point: int) -> Gradient:
    return backward(net, forward(net, lecture.X[point]), lecture.Y[point], lecture.loss)


def _losses(lecture: Lecture, net: Network) -> list[float]:
    each = [float(_pass(lecture, net, k).loss) for k in range(len(lecture.X))]
    return [*each, float(np.mean(each))]


def _group(weight: Key) -> str:
    """The token of a weight's cards."""
    return f"{weight.name}_cards"


def printed_by_quantity() -> dict[str, Printed]:
    """XOR's printed numbers under the names that pictures use."""
    return {number.key.name: number for number in xor().printed}


def walkthrough_view(stage: str, point: int, weight: Key, alpha: float, **values):
    """What `xor_walkthrough` shows before its first step, the switches off.

    values: the nine parameters, by name; the switches, of which `printed` adds
    the lecture's numbers, not yet shown.
    """
    lecture = xor()
    widths, keys = lecture.network.widths, parameters(lecture.network.widths)
    net = lecture.network.replaced({key: values[key.name] for key in keys})
    g = _pass(lecture, net, point)
    now, chains = quantities(g), {key: chain(g, key) for key in keys}
    group = FORWARD if stage == "forward" else _group(weight)
    held = frozenset({*_TOKENS[stage], weight.name, group})
    back = "backward" in held
    scene = diagram.Scene(
        held,
        lit=frozenset(path(chains[weight])) if back else frozenset(),
        chosen=weight if back else None,
        printed=printed_by_quantity() if "printed" in values else {},
    )
    groups = [cards(FORWARD, _cards(trace(g)), "forward", scene)]
    groups += [_chain_cards(found, scene) for found in chains.values()]
    new = step(net, g, alpha)
    after = quantities(_pass(lecture, new, point))
    bars = loss_bars(POINT_NAMES)
    return {
        "picture": diagram.network(widths, lecture.notation, True, scene)(named_values(now)),
        "cards": elements.page(elements.el("div", *groups, class_="stack")),
        "update": elements.page(
            elements.el(
                "div",
                update_table(widths, now, after, lecture.notation, scene),
                bars.filled(changes(*(_losses(lecture, n) for n in (net, new)))),
                **elements.when("update", held),
            )
        ),
    }


def _cards(lines) -> list[Card]:
    return [Card(f"{t.name} = {latex(t.formula)}", t.key.name, t.value) for t in lines]


def _chain_cards(found: Chain, scene: diagram.Scene) -> elements.Element:
    gradient = found.key.gradient.name
    total = Card(f"{found.name} = {found.paths[0].latex}", gradient, found.value)
    return cards(_group(found.key), _cards(found.factors), "backward", scene, total)


def button(does: str, called: str, title: str, **attributes) -> elements.Element:
    """A button that the page answers: see `page.live`."""
    return elements.el("button", called, data_do=does, **attributes, title=title)


STEPPER = elements.page(
    button("play", "▶ Play", "Step by step, two seconds each"),
    button("start", "Start", "Before the first step: Home"),
    button("back", "◂ Back", "One step back: left arrow"),
    button("next", "Next ▸", "One step on: right arrow"),
)
CAPTION = elements.page(
    elements.el("span", "Press Next, or play.", data_caption=""),
    elements.el("span", class_="spoken", role="status", data_announce=""),
)
FULL_SCREEN = button("full", "Full screen", "The app alone, in large type")
_AWAY = "The printed numbers belong to the lecture's weights, its α and the point (1, 0)."
_ACTIONS = elements.page(
    button(
        "step", "Take the step", "Replace the parameters by the new ones",
        data_enabled="update", disabled=True,
    ),
    button("reset", "Lecture's weights", "Back to the numbers of the lecture"),
    FULL_SCREEN,
    elements.el("span", _AWAY, class_="off", data_when="away"),
)  # fmt: skip


@of_cell
def xor_walkthrough(
    stage: str = "forward", x: Sequence[int] = (1, 0), printed: bool = False
) -> App:
    """LMU-8's XOR network with every number on it; its controls are unlocked in three stages.

    stage: "forward" (the nine parameters and the four points), "chain" (choose a weight, see its
    path and its factors) or "update" (learning rate, take the step). x: the point to begin with.
    printed: whether there is a switch for the lecture's printed numbers beside the exact ones.
    """
    if stage not in STAGES:
        raise ValueError(f"stage: got {stage!r}; expected one of {', '.join(STAGES)}")
    lecture = xor()
    points = [tuple(map(int, point)) for point in lecture.X]
    if tuple(x) not in points:
        raise ValueError(f"x: got {x!r}; expected one of {', '.join(map(str, points))}")
    widths, label = lecture.network.widths, NOTATIONS[lecture.notation].label
    keys = parameters(widths)
    start = quantities(lecture.run().forward)
    numbers, first = {}, None
    for key in keys:
        made = NumberSlider(label(key, widths), start[key], -5.0, 5.0, like=first)
        numbers[key.name], first = made, first or made
    numbers["alpha"] = NumberSlider(r"\alpha", lecture.learning_rate, 0.0, 10.0, 0.1, like=first)
    stages = toggles([(text, value) for value, text in STAGES.items()], stage, "Stage")
    labels = [f"{p} → {int(y[0])}" for p, y in zip(points, lecture.Y, strict=True)]
    point = choice("point", list(zip(labels, range(4), strict=True)), index=points.index(tuple(x)))
    plain = [plain_label(label(key, widths)) for key in keys]
    chosen = keys.index(Key("W", 1, 0, 0))
    weight = choice("weight", list(zip(plain, keys, strict=True)), index=chosen)
    hide = widgets.ToggleButton(description="Hide numbers", layout={"width": "auto"})
    hide.tooltip = "Numbers appear as the steps compute them, or when you click on them"
    switches = {"hide": hide}
    if printed:
        switches["printed"] = beside = widgets.ToggleButton(description="As printed")
        beside.tooltip = "The lecture's printed numbers beside the exact ones"
        beside.layout.width = "auto"
    controls = {"stage": stages, "point": point, "weight": weight, **numbers, **switches}
    page = _page(lecture, controls)
    for lock, control in {"lock_weight": weight, "lock_alpha": numbers["alpha"]}.items():
        control.disabled = getattr(page, lock)
        widgets.jslink((page, lock), (control, "disabled"))
    views = {"picture": widgets.HTML(), "cards": widgets.HTMLMath(), "update": widgets.HTML()}
    message = message_line()
    return App(
        "the XOR walk-through",
        controls,
        views,
        walkthrough_view,
        [
            row(stages, point, weight),
            row(widgets.HTML(STEPPER), *switches.values()),
            widgets.HTML(CAPTION),
            views["picture"],
            views["cards"],
            message,
            grid(*numbers.values()),
            widgets.HTML(_ACTIONS),
            views["update"],
        ],
        message,
        page,
    )


def _page(lecture: Lecture, controls: Mapping[str, widgets.Widget]) -> Live:
    """What computes in the page, and what each state of the controls shows."""
    net, widths = lecture.network, lecture.network.widths
    g = _pass(lecture, net, controls["point"].index)
    moments, lights = forward_steps(widths, trace(g)), []
    for key in parameters(widths):
        found, token = chain(g, key), key.name
        moments += chain_steps(found, _group(key), ("backward", token))
        moments.append(update_step(found, _group(key), ("update", token)))
        lights.append(Light(("backward", token), tuple(place.name for place in path(found)), token))
    pairs = list(zip(lecture.X.tolist(), lecture.Y.tolist(), strict=True))
    rows = [
        Row({f"x_{i}": v for i, v in enumerate(x)} | {f"y_{j}": v for j, v in enumerate(y)})
        for x, y in pairs
    ]
    numbers = {
        name: control.for_page()
        for name, control in controls.items()
        if isinstance(control, NumberSlider)
    }
    return Live(
        network_program(widths, loss=lecture.loss, points=(lecture.X, lecture.Y)),
        numbers,
        {
            "stage": (controls["stage"].index, [Row(tokens=_TOKENS[s]) for s in STAGES]),
            "point": (controls["point"].index, rows),
            "weight": (
                controls["weight"].index,
                [Row(tokens=(key.name,)) for key in parameters(widths)],
            ),
        },
        {name: False for name in ("hide", "printed") if name in controls},
        moments,
        lights,
        {"lock_weight": ("backward",), "lock_alpha": ("update",)},
        {name: number.value for name, number in numbers.items()}
        | {"point": lecture.X.tolist().index(lecture.x.tolist())},
    )
