"""The complete algorithm, stepped through layer by layer on a network of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_widths, named
from backprop_lab.core.counter import uniform
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import RawLayer, loss_after, raw_pass
from backprop_lab.core.network import entries as all_entries
from backprop_lab.core.rounding import snap
from backprop_lab.explore.walkthrough import CAPTION, FULL_SCREEN, STEPPER
from backprop_lab.formulas.algorithm import SOFTMAX, Array, Step, steps, written_in
from backprop_lab.formulas.cost import size
from backprop_lab.formulas.factors import slopes_of
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, computing, grid, message_line, row
from backprop_lab.page.program import Program
from backprop_lab.page.walk import Moment, walked
from backprop_lab.picture import elements, memory
from backprop_lab.picture.memory import entries, said, source

MOST_INPUTS, MOST_HIDDEN, MOST_UNITS, MOST_OUTPUTS = 3, memory.MOST_LAYERS - 1, 4, 3
SEEDS = 3
_X = (1.0, -0.5, 0.5)
_CHANCES = "probabilities from 0 to 1"


# --- the network, and the walk --------------------------------------------------------------------


def chosen_widths(values: Mapping) -> list[int]:
    """The network's widths; a hidden layer without units is none."""
    hidden = [values[f"hidden_{k}"] for k in range(1, MOST_HIDDEN + 1)]
    return [values["inputs"], *[n for n in hidden if n], values["outputs"]]


def drawn(widths: Sequence[int], activation: str, output: str, seed: int) -> list[RawLayer]:
    """The network's layers: weights and biases from -1 to 1, of two decimals, to reckon with."""
    last = len(widths) - 2
    return [
        RawLayer(
            _drawn(100 * seed + 2 * m, [widths[m], widths[m + 1]]),
            _drawn(100 * seed + 2 * m + 1, [widths[m + 1]]),
            output if m == last else activation,
        )
        for m in range(last + 1)
    ]


def _drawn(seed: int, shape: Sequence[int]):
    found = [round(snap(2 * u - 1), 2) for u in uniform(seed, [math.prod(shape)]).tolist()]
    return np.array(found).reshape(shape)


def moments(found: Sequence[Step], widths: Sequence[int]) -> list[Moment]:
    """The steps as the page walks through them, and a last one, the overview."""
    where, made = written_in(found), []
    for k, step in enumerate(found, 1):
        known = [n for a in [*step.writes, *step.own] for r in entries(a, widths) for n in r]
        taken = ", ".join([f"{said(a)} ({source(a, where)})" for a in step.reads])
        results = "; ".join([_result(a, widths) for a in step.writes])
        places = [f"layer_{step.layer}", *[key.name for key in step.reads]]
        text = f"{step.title}: {results}. Takes {taken}."
        made.append(Moment(f"step_{k}", places, known, text))
    text = "Done: every gradient is there; the loss is [loss]."
    return [*made, Moment("done", [], [], text)]


def _result(array: Array, widths: Sequence[int]) -> str:
    rows = entries(array, widths)
    shape = f"{len(rows)} × {len(rows[0])}"
    names = rows[0] if array.kind == "dW" else [r[0] for r in rows]
    numbers = ", ".join([f"[{n}]" for n in names])
    first = "first row " if array.kind == "dW" and len(rows) > 1 else ""
    return f"{said(array)}, {shape}: {first}{numbers}"


def algorithm_of(values: Mapping) -> list[Step]:
    """The chosen network's algorithm."""
    names = [values[name] for name in ("activation", "output", "loss_name")]
    return steps(len(chosen_widths(values)) - 1, *names)


def algorithm_scene(values: Mapping) -> Mapping:
    """The step that is shown, whether numbers are hidden until it computes them, and which of the
    numbers' controls the network needs."""
    widths, softmax = chosen_widths(values), values["loss_name"] == SOFTMAX
    needed = {"target": softmax}
    needed |= {f"x_{i}": i < widths[0] for i in range(MOST_INPUTS)}
    needed |= {f"y_{j}": j < widths[-1] and not softmax for j in range(MOST_OUTPUTS)}
    scene = walked(moments(algorithm_of(values), widths), values["at"])
    shown = [f"show_{name}" for name, needs in needed.items() if needs]
    unused = [name for name, needs in needed.items() if not needs]
    held = [*scene["held"], *shown]
    return {**scene, "held": held, "locked": unused, "hides": values["hide"]}


def algorithm_view(values: Mapping) -> dict[str, object]:
    """What `algorithm` shows in a state of its controls, and every number by name.

    values: at, the step, and revealed, numbers that are shown before a step computes them, too.
    Raises ValueError for a loss or a target that does not go with the network.
    """
    widths, found, scene = chosen_widths(values), algorithm_of(values), algorithm_scene(values)
    loss = loss_after(values["output"], values["loss_name"])
    layers = drawn(widths, values["activation"], values["output"], values["seed"])
    x = np.array([values[f"x_{i}"] for i in range(widths[0])])
    g = raw_pass(layers, x, _target(values, widths[-1], loss), loss)
    pairs = [*all_entries(g.forward, g), *slopes_of(g)]
    numbers, asked = {key.name: value for key, value in pairs}, {}
    if scene["hides"]:
        known = [*scene.get("known", []), *values["revealed"]]
        computed = [pair for pair in pairs if pair[0].kind not in ("x", "y", "W", "b")]
        asked = {key.name: value for key, value in computed if key.name not in known}
    now, made = scene.get("now", []), scene.get("found", [])
    kept = memory.Memory(widths, written_in(found), numbers, now, made, asked)
    cards = [memory.card(kept, step, k == values["at"]) for k, step in enumerate(found, 1)]
    whole = memory.overview(values["at"] == 0 or values["at"] > len(found))
    return {
        "size": elements.el("", f"{size(widths):,} parameters"),
        "step": elements.el("div", *cards, whole, class_="stack steps"),
        "memory": memory.picture(kept),
        **numbers,
    }


def _target(values: Mapping, outputs: int, loss):
    if loss.name == SOFTMAX:
        if values["target"] >= outputs:
            raise ValueError(
                f"target t: got class {values['target'] + 1}; the network has {outputs} outputs"
            )
        return np.eye(outputs)[values["target"]]
    y = [values[f"y_{j}"] for j in range(outputs)]
    if loss.targets == _CHANCES and not all(0 <= t <= 1 for t in y):
        raise ValueError(f"t: {loss.name} expects {loss.targets}")
    return np.array(y)


# --- the app --------------------------------------------------------------------------------------


@of_cell
def algorithm(
    widths: Sequence[int] = (3, 4, 3, 1),
    activation: str = "tanh",
    output: str = "sigmoid",
    loss: str = "half_squared_error",
) -> App:
    """Build a network and step through backpropagation on it, layer by layer.

    widths: inputs (at most 3), hidden layers (at most 3, of at most 4 units), outputs (at most 3);
    activation: of the hidden layers; output: of the last one; loss: a name in `LOSSES`. Raises
    ValueError or TypeError.
    """
    widths = tuple(as_widths(widths))
    most = (MOST_INPUTS, *[MOST_UNITS] * (len(widths) - 2), MOST_OUTPUTS)
    if len(widths) > MOST_HIDDEN + 2 or any(n > m for n, m in zip(widths, most, strict=True)):
        raise ValueError(
            f"widths: got {widths}; expected at most {MOST_INPUTS} inputs, {MOST_HIDDEN} hidden "
            f"layers of at most {MOST_UNITS} units, {MOST_OUTPUTS} outputs"
        )
    named(ACTIVATIONS, activation, "activation")
    named(ACTIVATIONS, output, "output")
    named(LOSSES, loss, "loss")
    loss_after(output, loss)
    hidden = [*widths[1:-1], *[0] * MOST_HIDDEN][:MOST_HIDDEN]
    units = [("none", 0), *((str(n), n) for n in range(1, MOST_UNITS + 1))]
    names = [(name.replace("_", " "), name) for name in LOSSES]
    chosen = {
        "inputs": choice("inputs", range(1, MOST_INPUTS + 1), value=widths[0]),
        **{f"hidden_{k}": choice(f"hidden {k}", units, value=n) for k, n in enumerate(hidden, 1)},
        "outputs": choice("outputs", range(1, MOST_OUTPUTS + 1), value=widths[-1]),
        "activation": choice("activation", list(ACTIVATIONS), value=activation),
        "output": choice("output", list(ACTIVATIONS), value=output),
        "loss_name": choice("loss", names, value=loss),
    }
    for control in list(chosen.values())[: MOST_HIDDEN + 2]:
        control.layout.width = "150px"
    chosen["loss_name"].layout.width = "270px"
    classes = [(f"class {j + 1}", j) for j in range(MOST_OUTPUTS)]
    numbers = {
        "seed": choice("weights", [(f"draw {k + 1}", k) for k in range(SEEDS)], value=0),
        "target": choice("target t", classes, value=0),
    }
    fields = [(f"x_{i}", rf"a^{{(0)}}_{{{i + 1}}}", x) for i, x in enumerate(_X)]
    fields += [(f"y_{j}", f"t_{{{j + 1}}}", j == 0) for j in range(MOST_OUTPUTS)]
    for name, text, value in fields:
        numbers[name] = NumberSlider(text, value, -2.0, 2.0, 0.05)
    hide = widgets.ToggleButton(value=True, description="Hide numbers", layout={"width": "auto"})
    hide.tooltip = "Numbers appear as the steps compute them, or when you click on them"
    controls = {**chosen, **numbers, "hide": hide}
    page = computing(Program(tuple(controls), algorithm_view, scene=algorithm_scene), controls)
    unused = algorithm_scene(page.values())["locked"]
    for name in [*numbers][1:]:
        numbers[name].add_class(f"show_{name}")
        if name in unused:
            numbers[name].add_class("off")
    views = {name: page.view(name) for name in ("size", "step", "memory")}
    message, caption = message_line(), widgets.HTML(CAPTION)
    caption.add_class("caption")
    return App(
        "the algorithm on a network of one's own", controls, views, None,
        [
            row(*chosen.values()), views["size"], grid(*numbers.values()), message,
            row(widgets.HTML(STEPPER), hide, widgets.HTML(elements.page(FULL_SCREEN))),
            caption, views["step"], views["memory"],
        ],
        message, page,
    )  # fmt: skip
