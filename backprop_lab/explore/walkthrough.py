"""A lecture's network with every number on it; the page computes all of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.arguments import as_array
from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import (
    Gradient,
    Network,
    backward,
    forward,
    loss_for,
    quantities,
    step,
)
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.factors import Chain, backtrace, chain, trace
from backprop_lab.formulas.notation import NOTATIONS, derivative, latex
from backprop_lab.lectures import Lecture
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import (
    App,
    NumberSlider,
    button,
    choice,
    computing,
    grid,
    message_line,
    row,
    toggles,
)
from backprop_lab.page.program import Values, losses, network_program
from backprop_lab.page.walk import (
    FORWARD,
    Moment,
    chain_steps,
    forward_cards,
    forward_steps,
    path,
    signal_steps,
    update_step,
    walked,
)
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.charts import changes, loss_bars
from backprop_lab.picture.labels import plain_label
from backprop_lab.picture.tables import Card, cards, update_table

STAGES = {"forward": "1 Forward", "chain": "2 One chain", "update": "3 Update"}
"""The stages that unlock the controls of `walkthrough`, in order."""
_SIGNALS = "signal_cards"
"""The token of the cards of a weight with several paths."""
FEW = 12
"""Up to so many parameters have all their controls below the picture; of more, the chosen one."""


TWO_LINES = "48px"


def point_names(lecture: Lecture) -> list[str]:
    """The examples of a lecture in words, and their mean if there are several."""
    names = [f"({_said(x)}), y = {_said(y)}" for x, y in zip(lecture.X, lecture.Y, strict=True)]
    return [*names, "mean of all"] if len(names) > 1 else names


def _said(numbers: np.ndarray) -> str:
    return ", ".join(f"{v:g}" for v in numbers)


def _pass(lecture: Lecture, net: Network, point: int) -> Gradient:
    return backward(net, forward(net, lecture.X[point]), lecture.Y[point], lecture.loss)


def _is_large(lecture: Lecture) -> bool:
    return len(parameters(lecture.network.widths)) > FEW


def _has_one_path(key: Key, widths: Sequence[int]) -> bool:
    return math.prod(widths[key.layer + 2 :]) == 1


def _group(key: Key, widths: Sequence[int]) -> str:
    """The token of a parameter's cards."""
    return f"{key.name}_cards" if _has_one_path(key, widths) else _SIGNALS


class Way(NamedTuple):
    """What a parameter adds to the walk and to the picture.

    back: the steps on its way from the loss; update: its step; places: what its path lights;
    tokens: its name, that its slider is shown, and the layers that its signal passes.
    """

    back: list[Moment]
    update: Moment
    places: list[str]
    tokens: list[str]


def walkthrough_scene(values: Values, forward, ways, home, large) -> Mapping:
    """What a state of `walkthrough` shows.

    forward: the steps of the forward pass; ways: by parameter; home: the numbers to which the
    printed ones belong; large: whether the list of weights is never locked.
    """
    stage, weight = values["stage"], values["weight"]
    way, hide, printed = ways[weight], values["hide"], values.get("printed", False)
    back = [] if stage == "forward" else way.back
    walk = walked([*forward, *back, *([way.update] if stage == "update" else [])], values["at"])
    held, locked = [stage, *way.tokens, *walk["held"]], []
    if stage != "update":
        locked.append("alpha")
    if any(values[name] != number for name, number in home.items()):
        held += ["away"] if printed else []
    elif printed and not hide:
        held.append("printed")
    scene = {**walk, "held": held, "hides": hide, "locked": locked}
    if stage == "forward":
        return {**scene, "locked": locked if large else ["weight", *locked]}
    return {**scene, "held": ["backward", *held], "lit": way.places, "chosen": weight}


@cache
def _walk(lecture: Lecture) -> partial:
    """The scene of a lecture's walk."""
    widths, style, g = lecture.network.widths, lecture.notation, lecture.run()
    label, back = NOTATIONS[style].label, backtrace(g, style)
    loss, rate = (label(Key(kind), widths) for kind in ("loss", "learning_rate"))
    ways, start = {}, quantities(g.forward)
    for key in parameters(widths):
        group, slope = _group(key, widths), derivative(loss, label(key, widths))
        ways[key.name] = Way(
            chain_steps(chain(g, key, style), group)
            if _has_one_path(key, widths)
            else signal_steps(key, widths, back, group),
            update_step(slope, rate, key, group),
            [place.name for place in path(key, widths)],
            [key.name, f"show_{key.name}"]
            + [f"signals_{layer}" for layer in range(key.layer, len(widths) - 1)],
        )
    home = {key.name: snap(float(start[key])) for key in parameters(widths)}
    home |= {"alpha": snap(lecture.learning_rate), "point": _point(lecture, lecture.x)}
    large = _is_large(lecture)
    return partial(
        walkthrough_scene,
        forward=forward_steps(widths, trace(g, style), large), ways=ways, home=home, large=large,
    )  # fmt: skip


def walkthrough_view(lecture: Lecture, stage: str, point: int, weight: Key, alpha: float, **values):
    """What `walkthrough` shows before its first step, the switches off.

    values: the parameters, by name; the switches, of which `printed` adds the lecture's numbers,
    not yet shown.
    """
    widths, style = lecture.network.widths, lecture.notation
    keys = parameters(widths)
    net = lecture.network.replaced({key: values[key.name] for key in keys})
    g = _pass(lecture, net, point)
    now, state = quantities(g), {"stage": stage, "point": point, "weight": weight.name}
    state |= {key.name: values[key.name] for key in keys} | {"alpha": alpha, "hide": False, "at": 0}
    scene = diagram.Scene.of(
        _walk(lecture)(state),
        printed={n.key.name: n for n in lecture.printed} if "printed" in values else {},
        decimals=0 if all(map(float.is_integer, [*lecture.X.flat, *lecture.Y.flat])) else 2,
    )
    new = step(net, g, alpha)
    after = quantities(_pass(lecture, new, point))
    bars = loss_bars(point_names(lecture))
    table = update_table(widths, now, after, style, scene)
    loss = loss_for(net, lecture.loss)
    each = (losses(n.layers, lecture.X, lecture.Y, loss) for n in (net, new))
    changed = bars.filled(changes(*each))
    return {
        "picture": diagram.network(widths, style, True, scene)(named_values(now)),
        "cards": elements.page(
            elements.el("div", *_groups(g, style, scene, _is_large(lecture)), class_="stack")
        ),
        "update": elements.page(
            elements.el("div", table, changed, **elements.when("update", scene.held))
        ),
    }


def _groups(g: Gradient, style: str, scene: diagram.Scene, large: bool) -> list[elements.Element]:
    """The cards of the forward pass and of each parameter: its factors, or where several paths
    lead from it, the error signals on its way and what they make of it."""
    widths = g.network.widths
    keys = parameters(widths)
    lines, layers = trace(g, style), range(len(widths) - 1)
    of = {FORWARD: lines}
    if large:
        of = {forward_cards(m): [line for line in lines if line.key[1:2] == (m,)] for m in layers}
        of[forward_cards(layers[-1])] += lines.of("loss")
    groups = [cards(group, _cards(shown), "forward", scene) for group, shown in of.items()]
    groups += [
        _chain_cards(chain(g, key, style), scene) for key in keys if _has_one_path(key, widths)
    ]
    if several := [key for key in keys if not _has_one_path(key, widths)]:
        back = backtrace(g, style)
        of_layers = [
            cards(f"signals_{layer}", _cards(back.of("delta", layer)), "backward", scene)
            for layer in reversed(layers)
        ]
        of_weights = [
            cards(key.name, _cards(back.of(*key.gradient)), "backward", scene) for key in several
        ]
        held = elements.when(_SIGNALS, scene.held)
        groups.append(elements.el("div", *of_layers, *of_weights, **held))
    return groups


def _cards(lines) -> list[Card]:
    return [Card(f"{t.name} = {latex(t.formula)}", t.key.name, t.value) for t in lines]


def _chain_cards(found: Chain, scene: diagram.Scene) -> elements.Element:
    gradient = found.key.gradient.name
    total = Card(f"{found.name} = {found.paths[0].latex}", gradient, found.value)
    return cards(f"{found.key.name}_cards", _cards(found.factors), "backward", scene, total)


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


def _actions(lecture: Lecture, printed: bool) -> elements.Markup:
    label = NOTATIONS[lecture.notation].label(Key("learning_rate"), lecture.network.widths)
    rate, point = plain_label(label), f"({_said(lecture.x)})"
    away = f"The printed numbers belong to the lecture's weights, its {rate} and the point {point}."
    return elements.page(
        button(
            "step", "Take the step", "Replace the parameters by the new ones",
            data_enabled="update", disabled=True,
        ),
        button("reset", "Lecture's weights", "Back to the numbers of the lecture"),
        FULL_SCREEN,
        [elements.el("span", away, class_="off", data_when="away")] * printed,
    )  # fmt: skip


@of_cell
def walkthrough(
    lecture: Lecture,
    stage: str = "forward",
    x: Sequence[float] | None = None,
    printed: bool = False,
) -> App:
    """A lecture's network with every number on it; its controls are unlocked in three stages.

    lecture: its network has at most four columns of at most four units. stage: "forward" (the
    parameters and the examples), "chain" (choose a weight, see its path and its factors; of a
    weight with several paths, the error signals on them) or "update" (learning rate, take the
    step). x: the example to begin with, by default the lecture's. printed: whether there is a
    switch for the lecture's printed numbers beside the exact ones.
    """
    if not isinstance(lecture, Lecture):
        raise TypeError(f"lecture: got {lecture!r}; expected a bl.Lecture, bl.lectures.xor() say")
    if stage not in STAGES:
        raise ValueError(f"stage: got {stage!r}; expected one of {', '.join(STAGES)}")
    widths, label = lecture.network.widths, NOTATIONS[lecture.notation].label
    keys, first_point = parameters(widths), _point(lecture, lecture.x if x is None else x)
    start = quantities(lecture.run().forward)
    most = max(5.0, *(math.ceil(2 * abs(start[key])) for key in keys))
    chosen = keys.index(Key("W", len(widths) - 2, 0, 0))
    numbers = {}
    for key in keys:
        classes = (f"show_{key.name}", *["off"] * (key != keys[chosen])) * _is_large(lecture)
        named = label(key, widths)
        numbers[key.name] = NumberSlider(named, start[key], -most, most, classes=classes)
    rate, named = lecture.learning_rate, label(Key("learning_rate"), widths)
    high = max(10.0, math.ceil(2 * rate))
    numbers["alpha"] = NumberSlider(named, rate, 0.0, high, 0.1)
    stages = toggles([(text, value) for value, text in STAGES.items()], stage, "Stage")
    labels = [f"({_said(x)}) → {_said(y)}" for x, y in zip(lecture.X, lecture.Y, strict=True)]
    point = choice("point", list(zip(labels, range(len(labels)), strict=True)), index=first_point)
    plain = [plain_label(label(key, widths)) for key in keys]
    weight = choice("weight", list(zip(plain, keys, strict=True)), index=chosen)
    hide = widgets.ToggleButton(description="Hide numbers", layout={"width": "auto"})
    hide.tooltip = "Numbers appear as the steps compute them, or when you click on them"
    switches = {"hide": hide}
    if printed:
        switches["printed"] = beside = widgets.ToggleButton(description="As printed")
        beside.tooltip = "The lecture's printed numbers beside the exact ones"
        beside.layout.width = "auto"
    controls = {"stage": stages, "point": point, "weight": weight, **numbers, **switches}
    rows = [
        {f"x_{i}": v for i, v in enumerate(x)}
        | {f"y_{j}": v for j, v in enumerate(y)}
        | {"point": k}
        for k, (x, y) in enumerate(zip(lecture.X.tolist(), lecture.Y.tolist(), strict=True))
    ]
    program = network_program(lecture.network, lecture.loss, points=(lecture.X, lecture.Y))
    page = computing(
        replace(program, scene=_walk(lecture)),
        controls,
        {"point": rows},
        locks=("weight", "alpha"),
        home={name: number.for_page().value for name, number in numbers.items()},
    )
    views = {"picture": widgets.HTML(), "cards": widgets.HTMLMath(), "update": widgets.HTML()}
    message = message_line()
    # One slider is small enough to stand next to its picture; a list of one example moves nothing.
    below = [views["cards"], message, grid(*numbers.values())]
    return App(
        f"a walk through a {'-'.join(map(str, widths))} network",
        controls,
        views,
        partial(walkthrough_view, lecture),
        [
            row(stages, *[point] * (len(labels) > 1), weight),
            row(widgets.HTML(STEPPER), *switches.values()),
            widgets.HTML(CAPTION, layout={"min_height": TWO_LINES if _is_large(lecture) else None}),
            views["picture"],
            *(reversed(below) if _is_large(lecture) else below),
            widgets.HTML(_actions(lecture, printed)),
            views["update"],
        ],
        message,
        page,
    )


def _point(lecture: Lecture, x: Sequence[float]) -> int:
    """The row of an example. ValueError if the lecture has no such."""
    rows = lecture.X.tolist()
    try:
        return rows.index(as_array(x, "x").tolist())
    except ValueError:
        points = ", ".join(f"({_said(np.asarray(point))})" for point in rows)
        raise ValueError(f"x: got {x!r}; expected one of {points}") from None
