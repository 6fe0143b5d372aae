"""The complete algorithm, stepped through layer by layer on a network of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_widths, named
from backprop_lab.core.keys import named_values
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Layer, Network, backward, forward, loss_for
from backprop_lab.core.network import quantities as all_quantities
from backprop_lab.core.rounding import rounded
from backprop_lab.explore.walkthrough import CAPTION, FULL_SCREEN, STEPPER
from backprop_lab.formulas.algorithm import SOFTMAX, Array, Step, steps, written_in
from backprop_lab.formulas.cost import size
from backprop_lab.formulas.factors import local_derivatives
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, computing, grid, message_line, row
from backprop_lab.page.frame import Frame
from backprop_lab.page.live import Live
from backprop_lab.page.program import Values, network_program
from backprop_lab.page.walk import Moment, walked
from backprop_lab.picture import elements
from backprop_lab.picture.memory import Memory, entries, overview, said, source

MOST_INPUTS, MOST_HIDDEN, MOST_UNITS, MOST_OUTPUTS = 3, 3, 4, 3
SEEDS = 3
ANOTHER_NETWORK = "Another network takes the kernel, and none answers now: Shift + Enter."
DONE = "done"
"""The token of the overview: before the first step, and after the last."""
_X = (1.0, -0.5, 0.5)


# --- the walk -------------------------------------------------------------------------------------


def moments(found: Sequence[Step], widths: Sequence[int]) -> list[Moment]:
    """The steps as the page walks through them, and a last one, the overview."""
    where = written_in(found)
    made = []
    for k, step in enumerate(found, 1):
        known = [n for a in (*step.writes, *step.own) for r in entries(a, widths) for n in r]
        taken = ", ".join(f"{said(a, widths)} ({source(a, where)})" for a in step.reads)
        results = "; ".join(_result(a, widths) for a in step.writes)
        places = (f"layer_{step.layer}", *(key.name for key in step.reads))
        text = f"{step.title}: {results}. Takes {taken}."
        made.append(Moment(f"step_{k}", places, tuple(known), text))
    text = "Done: every gradient is there; the loss is [loss]."
    return [*made, Moment(DONE, (), (), text)]


def algorithm_scene(values: Values, steps: Sequence[Moment]) -> Mapping:
    """The step that is shown, and whether numbers are hidden until it computes them."""
    scene, hide = walked(steps, values["at"]), values["hide"]
    return {**scene, "held": [*scene["held"], *(["hide"] if hide else [])], "hides": hide}


def _result(array: Array, widths: Sequence[int]) -> str:
    rows = entries(array, widths)
    shape = f"{len(rows)} × {len(rows[0])}"
    numbers = ", ".join(f"[{n}]" for n in (rows[0] if array.kind == "dW" else [r[0] for r in rows]))
    first = "first row " if array.kind == "dW" and len(rows) > 1 else ""
    return f"{said(array, widths)}, {shape}: {first}{numbers}"


def build(widths: Sequence[int], activation: str, output: str, seed: int) -> Network:
    """The app's network: weights and biases from -1 to 1, of two decimals, to reckon with."""
    rng = np.random.default_rng(seed)
    names = [activation] * (len(widths) - 2) + [output]
    return Network(
        [
            Layer(*(rounded(rng.uniform(-1, 1, shape), 2) for shape in ((n, m), m)), function)
            for (n, m), function in zip(pairwise(widths), names, strict=True)
        ]
    )


def algorithm_view(
    widths: Sequence[int],
    activation: str = "tanh",
    output: str = "sigmoid",
    loss: str = "half_squared_error",
    seed: int = 0,
    hide: bool = True,
    at: int = 0,
    **numbers: float,
) -> dict[str, str]:
    """What `algorithm` shows at a step.

    numbers: x_0, x_1, … and y_0, y_1, … or, for the softmax, the class of the target. hide: whether
    an array's numbers appear only with the step that computes them. Raises ValueError or TypeError
    for settings of which there is no network or no loss.
    """
    net = build(widths, activation, output, seed)
    x = [numbers[f"x_{i}"] for i in range(widths[0])]
    if loss == SOFTMAX:
        y = np.eye(widths[-1])[int(numbers["target"])]
    else:
        y = [numbers[f"y_{j}"] for j in range(widths[-1])]
    f = forward(net, x)
    g = backward(net, f, y, loss)
    given = all_quantities(f)
    values = named_values(all_quantities(g) | local_derivatives(g))
    found = steps(net, loss)
    scene = algorithm_scene({"at": at, "hide": hide}, moments(found, widths))
    inputs = {key.name for key in given if key.kind in ("x", "W", "b")}
    inputs |= {f"y_{j}" for j in range(widths[-1])}
    known = inputs.union(scene.get("known", ()))
    hidden = frozenset(values) - known if hide else frozenset()
    now = scene.get("now", ()), scene.get("found", ())
    view = Memory(tuple(widths), found, values, *now, hidden)
    held = frozenset(scene["held"])
    cards = (view.step(k, held) for k in range(1, len(found) + 1))
    shown = elements.el("div", *cards, overview(DONE, held), class_="stack steps")
    return {"step": elements.page(shown), "memory": elements.page(view.picture())}


# --- the app --------------------------------------------------------------------------------------


def _app(widths, activation, output, loss, kept: Mapping[str, object]) -> App:
    """The app of one architecture. kept: what the learner had set, by control; used where it
    fits. Raises ValueError if the loss does not go with the output."""
    net = build(widths, activation, output, 0)
    loss_for(net, loss)
    numbers = {}
    low, high = (-2.0, 2.0) if LOSSES[loss].targets == "any numbers" else (0.0, 1.0)
    fields = [(f"x_{i}", rf"a^{{(0)}}_{{{i + 1}}}", _X[i], -2.0, 2.0) for i in range(widths[0])]
    if loss != SOFTMAX:
        t = [float(j == 0) for j in range(widths[-1])]
        fields += [(f"y_{j}", f"t_{{{j + 1}}}", t[j], low, high) for j in range(widths[-1])]
    for name, text, value, least, most in fields:
        if least <= kept.get(name, value) <= most:
            value = kept.get(name, value)
        numbers[name] = NumberSlider(text, value, least, most, 0.05)
    weights = [(f"draw {k + 1}", k) for k in range(SEEDS)]
    lists = {"seed": choice("weights", weights, value=kept.get("seed", 0))}
    if loss == SOFTMAX:
        target = kept.get("target", 0)
        classes = [(f"class {j + 1}", j) for j in range(widths[-1])]
        lists["target"] = choice("target t", classes, value=target if target < widths[-1] else 0)
    hide = widgets.ToggleButton(
        value=kept.get("hide", True), description="Hide numbers", layout={"width": "auto"}
    )
    hide.tooltip = "Numbers appear as the steps compute them, or when you click on them"
    controls = {**lists, **numbers, "hide": hide}
    views = {"step": widgets.HTML(), "memory": widgets.HTML()}
    message = message_line()
    caption = widgets.HTML(CAPTION)
    caption.add_class("caption")
    return App(
        f"the algorithm on a network of widths {', '.join(map(str, widths))}",
        controls,
        views,
        lambda **settings: algorithm_view(widths, activation, output, loss, **settings),
        [
            grid(*lists.values(), *numbers.values()),
            message,
            row(widgets.HTML(STEPPER), hide, widgets.HTML(elements.page(FULL_SCREEN))),
            caption,
            views["step"],
            views["memory"],
        ],
        message,
        _page(widths, activation, output, loss, controls),
    )


def _page(widths, activation, output, loss, controls) -> Live:
    drawn = []
    for seed in range(SEEDS):
        net = build(widths, activation, output, seed)
        f = forward(net, [0.0] * widths[0])
        given = all_quantities(f).items()
        drawn.append({k.name: float(v) for k, v in given if k.kind in ("W", "b")})
    outputs = range(widths[-1])
    one_hot = [{f"y_{j}": float(j == k) for j in outputs} for k in outputs]
    program = replace(
        network_program(net, loss, step=False),
        scene=partial(algorithm_scene, steps=moments(steps(net, loss), widths)),
    )
    return computing(program, controls, {"seed": drawn, "target": one_hot})


@of_cell
def algorithm(
    widths: Sequence[int] = (3, 4, 3, 1),
    activation: str = "tanh",
    output: str = "sigmoid",
    loss: str = "half_squared_error",
) -> Frame:
    """Build a network and step through backpropagation on it, layer by layer.

    widths: inputs (at most 3), hidden layers (at most 3, of at most 4 units), outputs (at most 3);
    activation: of the hidden layers; output: of the last one; loss: a name in `LOSSES`. The page
    computes and steps; another architecture asks the kernel. Raises ValueError or TypeError.
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
    loss_for(build(widths, activation, output, 0), loss)
    hidden = [*widths[1:-1], *[0] * MOST_HIDDEN][:MOST_HIDDEN]
    units = [("none", 0), *((str(n), n) for n in range(1, MOST_UNITS + 1))]
    inputs = choice("inputs", range(1, MOST_INPUTS + 1), value=widths[0])
    layers = [choice(f"hidden {k}", units, value=n) for k, n in enumerate(hidden, 1)]
    outputs = choice("outputs", range(1, MOST_OUTPUTS + 1), value=widths[-1])
    function = choice("activation", list(ACTIVATIONS), value=activation)
    last = choice("output", list(ACTIVATIONS), value=output)
    names = [(name.replace("_", " "), name) for name in LOSSES]
    losses = choice("loss", names, value=loss)
    losses.layout.width = "270px"
    chosen = [inputs, *layers, outputs, function, last, losses]
    for control in [inputs, *layers, outputs]:
        control.layout.width = "150px"
    who, place = message_line(), widgets.VBox()
    kept: dict[str, object] = {}

    def rebuild(_change=None):
        for name, control in place.children[0].controls.items() if place.children else ():
            kept[name] = control.value
        sizes = (inputs.value, *(n.value for n in layers if n.value), outputs.value)
        try:
            app = _app(sizes, function.value, last.value, losses.value, kept)
        except ValueError as error:
            text = f"✗ {error}. Shown is the last network that could be built."
            who.value = elements.page(elements.el("span", text, class_="backward", role="alert"))
            return
        who.value = elements.page(f"{size(sizes):,} parameters")
        place.children = [app]

    for control in chosen:
        control.observe(rebuild, "value")
    rebuild()
    return Frame(
        "the algorithm on a network of one's own", [row(*chosen), who, place], ANOTHER_NETWORK
    )
