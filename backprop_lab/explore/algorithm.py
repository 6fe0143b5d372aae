"""The complete algorithm, layer by layer: what each step computes, and what it takes from memory.

CSC311's notation: a row of W^(m) is a unit, ∂C/∂z^(m) is the error signal. `Network` stores the
transpose of such a W; here entries are looked up by their canonical keys, so that nothing is
transposed twice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.arguments import as_widths, named
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.network import Key, Layer, Network, backward, forward, loss_for
from backprop_lab.core.network import quantities as all_quantities
from backprop_lab.core.rounding import rounded
from backprop_lab.explore.any_network import ANOTHER_NETWORK, who_computes
from backprop_lab.explore.xor_walkthrough import CAPTION, STEPPER
from backprop_lab.formulas.factors import local_derivatives
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, choice, grid, message_line, row
from backprop_lab.page.frame import Frame
from backprop_lab.page.live import Live, Moment, Row
from backprop_lab.page.program import network_program
from backprop_lab.picture import draw

NOTATION = "CSC311"
MOST_INPUTS, MOST_HIDDEN, MOST_UNITS, MOST_OUTPUTS = 3, 3, 4, 3
SEEDS = 3
DONE = "done"
"""The token of the overview: before the first step, and after the last."""
_DIGITS = 4
_X = (1.0, -0.5, 0.5)
_SOFTMAX = "softmax_cross_entropy"


# --- arrays and steps -----------------------------------------------------------------------------

Array = tuple
"""A whole array's name: a canonical key without its units, such as ("W", 0), ("x",), ("delta", 1);
("slope", m) is σ′(z) of layer m, ("by_output", m) the loss's derivative by the activations."""


def entries(array: Array, widths: Sequence[int], transposed: bool = False) -> list[list[str]]:
    """The names of an array's entries, row by row, as CSC311 lays it out: vectors are columns."""
    kind, *layer = array
    if kind == "loss":
        rows = [["loss"]]
    elif kind in ("W", "dW"):
        (m,) = layer
        rows = [
            [draw.name((kind, m, i, j)) for i in range(widths[m])] for j in range(widths[m + 1])
        ]
    else:
        m = {"x": -1, "y": len(widths) - 2}.get(kind, *layer)
        rows = [[draw.name(_entry(array, j))] for j in range(widths[m + 1])]
    return [list(column) for column in zip(*rows, strict=True)] if transposed else rows


def _entry(array: Array, j: int) -> Key:
    kind, *layer = array
    if kind == "slope":
        return ("z_out", *layer, j, "by", "z_in", *layer, j)
    if kind == "by_output":
        return ("loss", "by", "z_out", *layer, j)
    return (*array, j)


def label(array: Array, widths: Sequence[int]) -> str:
    """The array's name in LaTeX: the notation's, of an entry, without the entry's number."""
    kind, *layer = array
    units = () if kind == "loss" else (0, 0) if kind in ("W", "dW") else (0,)
    if kind == "x":  # as one unit of many, so that it has its layer's number
        widths = (2, 2)
    elif kind == "y":
        return "t"
    else:
        widths = (2,) * len(widths)
    if kind == "slope":
        return rf"\sigma′({label(('z_in', *layer), widths)})"
    if kind == "by_output":
        return rf"\frac{{\partial C}}{{\partial {label(('z_out', *layer), widths)}}}"
    return re.sub(r"_\{\d+\}", "", NOTATIONS[NOTATION].label((*array, *units), widths))


@dataclass(frozen=True)
class Factor:
    """An array in a step's formula, as it stands or transposed."""

    array: Array
    transposed: bool = False


@dataclass(frozen=True)
class Step:
    """One step of the algorithm.

    formula, second: signs and factors; reads: the arrays that it takes from memory; writes: those
    that it keeps there; own: those that it computes for itself only, such as σ′(z).
    """

    title: str
    layer: int
    formula: tuple[str | Factor, ...]
    reads: tuple[Array, ...]
    writes: tuple[Array, ...]
    own: tuple[Array, ...] = ()
    second: tuple[str | Factor, ...] = ()


def steps(net: Network, loss: str) -> list[Step]:
    """The algorithm for this network: forward, the loss, backward; layers count from 0."""
    fused, last = LOSSES[loss].fused, len(net.layers) - 1
    functions = [_function(layer.activation) for layer in net.layers]
    target, words = ("y",), loss.replace("_", " ")
    found = []
    for m in range(last + 1):
        W, b, z, a, before = ("W", m), ("b", m), ("z_in", m), ("z_out", m), _arriving(m)
        product = (Factor(z), "=", Factor(W), "·", Factor(before), "+", Factor(b))
        head = f"Forward, layer {m + 1}"
        found.append(Step(f"{head}, weighted sums", m, product, (W, b, before), (z,)))
        applied = (Factor(a), f"= {functions[m]}(", Factor(z), ")")
        found.append(Step(f"{head}, activations", m, applied, (z,), (a,)))
    z, a, delta = ("z_in", last), ("z_out", last), ("delta", last)
    of = z if fused else a
    compared = (Factor(("loss",)), f"= {words} (", Factor(of), ",", Factor(target), ")")
    found.append(Step("The loss", last, compared, (of, target), (("loss",),)))
    for m in reversed(range(last + 1)):
        head, name = f"Backward, layer {m + 1}", functions[m]
        delta, z, slope = ("delta", m), ("z_in", m), ("slope", m)
        title = f"{head}, error signal" + f", σ = {name}" * (name != "σ")
        own = (slope,)
        if m < last:
            W, after = ("W", m + 1), ("delta", m + 1)
            first = ("= (", Factor(W, True), "·", Factor(after), ") ⊙", Factor(slope))
            reads = (W, after, z)
        elif fused:
            curve = "softmax" if loss == _SOFTMAX else name
            first, reads, own = (f"= {curve}(", Factor(z), ") −", Factor(target)), (z, target), ()
        else:
            by = ("by_output", m)
            first = ("=", Factor(by), "⊙", Factor(slope))
            reads, own = (a, target, z), (by, slope)
        found.append(Step(title, m, (Factor(delta), *first), reads, (delta,), own))
        dW, db, before = ("dW", m), ("db", m), _arriving(m)
        product = (Factor(dW), "=", Factor(delta), "·", Factor(before, True))
        found.append(
            Step(
                f"{head}, gradients", m, product, (delta, before), (dW, db),
                second=(Factor(db), "=", Factor(delta)),
            )
        )  # fmt: skip
    return found


def _arriving(m: int) -> Array:
    return ("z_out", m - 1) if m else ("x",)


def _function(activation: str) -> str:
    return {"sigmoid": "σ"}.get(activation, activation.replace("_", " "))


def written_in(found: Sequence[Step]) -> dict[Array, int]:
    """The number of the step that writes each array."""
    return {array: k for k, step in enumerate(found, 1) for array in step.writes}


def moments(found: Sequence[Step], widths: Sequence[int]) -> list[Moment]:
    """The steps as the page walks through them, and a last one, the overview."""
    where = written_in(found)
    made = []
    for k, step in enumerate(found, 1):
        known = [n for a in (*step.writes, *step.own) for r in entries(a, widths) for n in r]
        taken = ", ".join(f"{_said(a, widths)} ({_source(a, where)})" for a in step.reads)
        results = "; ".join(_result(a, widths) for a in step.writes)
        places = (f"layer_{step.layer}", *map(draw.name, step.reads))
        text = f"{step.title}: {results}. Takes {taken}."
        made.append(Moment((), f"step_{k}", places, tuple(known), text))
    text = "Done: every gradient is there; the loss is [loss]."
    return [*made, Moment((), DONE, (), (), text)]


def _result(array: Array, widths: Sequence[int]) -> str:
    rows = entries(array, widths)
    shape = f"{len(rows)} × {len(rows[0])}"
    numbers = ", ".join(f"[{n}]" for n in (rows[0] if array[0] == "dW" else [r[0] for r in rows]))
    first = "first row " if array[0] == "dW" and len(rows) > 1 else ""
    return f"{_said(array, widths)}, {shape}: {first}{numbers}"


def _said(array: Array, widths: Sequence[int]) -> str:
    return draw.plain_label(label(array, widths))


def _source(array: Array, where: Mapping[Array, int]) -> str:
    given = {"W": "parameter", "b": "parameter", "x": "the input", "y": "the target"}
    return given[array[0]] if array[0] in given else f"kept in step {where[array]}"


# --- the pictures ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """Values, and the state of the walk, from which pieces of markup are made."""

    widths: tuple[int, ...]
    found: Sequence[Step]
    values: Mapping[str, object]
    moment: Moment | None
    hidden: frozenset[str]

    def matrix(self, array: Array, transposed: bool = False) -> str:
        rows = entries(array, self.widths, transposed)
        css = "forward" if array[0] in ("x", "y", "W", "b", "z_in", "z_out", "loss") else "backward"
        said = _said(array, self.widths) + " transposed" * transposed
        body = "".join(f"<tr>{''.join(self.cell(n, css) for n in r)}</tr>" for r in rows)
        title = f"{said}, {len(rows)} × {len(rows[0])}"
        return f'<table class="matrix" aria-label="{title}"><tbody>{body}</tbody></table>'

    def cell(self, quantity: str, css: str) -> str:
        text = draw.number(quantity, float(self.values[quantity]), _DIGITS, "td", css)
        return re.sub(r">[^<]+<", ">?<", text) if quantity in self.hidden else text

    def heading(self, array: Array, transposed: bool = False) -> str:
        return draw.html_label(label(array, self.widths)) + "<sup>⊤</sup>" * transposed

    def shape(self, array: Array, transposed: bool = False) -> str:
        rows = entries(array, self.widths, transposed)
        return f"{len(rows)} × {len(rows[0])}"

    def formula(self, parts: Sequence[str | Factor], step: Step) -> str:
        where, made = written_in(self.found), []
        for part in parts:
            if isinstance(part, str):
                made.append(f'<div class="sign">{html.escape(part)}</div>')
                continue
            if part.array in step.writes:
                source = "result: kept"
            elif part.array in step.own:
                read = [a for a in step.reads if a[0] in _TAKES[part.array[0]]]
                names = ", ".join(self.heading(array) for array in read)
                source = f"from {names}"
            else:
                source = _source(part.array, where)
            made.append(
                f'<div class="factor"><b>{self.heading(part.array, part.transposed)}</b>'
                f"<small>{source}</small>"
                f'<small class="shape">{self.shape(part.array, part.transposed)}</small>'
                f"{self.matrix(part.array, part.transposed)}</div>"
            )
        return f'<div class="formula">{"".join(made)}</div>'

    def step(self, k: int, held: frozenset[str]) -> str:
        step = self.found[k - 1]
        formulas = "".join(self.formula(f, step) for f in (step.formula, step.second) if f)
        body = f'<h4>{step.title}</h4><div class="formulas">{formulas}</div>'
        return f"<div {draw.when(f'step_{k}', held, 'cards')}>{body}</div>"

    def kept(self, array: Array) -> str:
        """An array in the memory picture."""
        read = " now" * bool(self.moment and draw.name(array) in self.moment.places)
        first = entries(array, self.widths)[0][0]
        written = " now" * bool(self.moment and first in self.moment.known)
        return (
            f'<td><div class="read{read}" data-place="{draw.name(array)}">'
            f'<div class="written{written}" data-card="{first}">{self.heading(array)}'
            f'<small>{self.shape(array)} <span class="marks"><span class="mark is-read">read</span>'
            f'<span class="mark is-written">new</span></span></small>'
            f"{self.matrix(array)}</div></div></td>"
        )

    def memory(self) -> str:
        """What is stored, a row a layer: it fills as the steps go."""
        last = len(self.widths) - 2
        gap = '<td colspan="3"></td>'
        rows = [f"<tr><th>m = 0</th>{gap}{self.kept(('x',))}{gap}</tr>"]
        for m in range(last + 1):
            now = " now" * bool(self.moment and f"layer_{m}" in self.moment.places)
            kinds = ("W", "b", "z_in", "z_out", "delta", "dW", "db")
            cells = "".join(self.kept((kind, m)) for kind in kinds)
            title = f"m = {m + 1}"
            rows.append(
                f'<tr><th><div class="layer{now}" data-place="layer_{m}">{title}</div></th>'
                f"{cells}</tr>"
            )
        rows.append(
            f"<tr><th>loss</th><td></td><td></td>{self.kept(('y',))}{self.kept(('loss',))}{gap}</tr>"
        )
        return (
            '<div class="memory" tabindex="0" role="region" aria-label="What is stored">'
            f'<table class="kept"><tbody>{"".join(rows)}</tbody></table></div>'
            f'<div class="faint">{draw.ROUNDED}</div>'
        )


_TAKES = {"slope": ("z_in",), "by_output": ("z_out", "y")}

_OVERVIEW = (
    "<h4>The algorithm</h4>"
    "<div>Forward, for m = 1, …, L: z<sup>(m)</sup> = W<sup>(m)</sup> a<sup>(m−1)</sup> + "
    "b<sup>(m)</sup>, a<sup>(m)</sup> = σ(z<sup>(m)</sup>); keep both. Then the loss C.</div>"
    "<div>Backward, from ∂C/∂z<sup>(L)</sup> = ∂C/∂a<sup>(L)</sup> ⊙ σ′(z<sup>(L)</sup>), "
    "for m = L − 1, …, 1: ∂C/∂z<sup>(m)</sup> = (W<sup>(m+1)⊤</sup> ∂C/∂z<sup>(m+1)</sup>) ⊙ "
    "σ′(z<sup>(m)</sup>).</div>"
    "<div>Gradients, for every m: ∂C/∂W<sup>(m)</sup> = ∂C/∂z<sup>(m)</sup> "
    "a<sup>(m−1)⊤</sup>, ∂C/∂b<sup>(m)</sup> = ∂C/∂z<sup>(m)</sup>.</div>"
)


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
    if loss == _SOFTMAX:
        y = np.eye(widths[-1])[int(numbers["target"])]
    else:
        y = [numbers[f"y_{j}"] for j in range(widths[-1])]
    f = forward(net, x)
    g = backward(net, f, y, loss)
    given = all_quantities(f)
    values = draw.named_values(all_quantities(g) | local_derivatives(g))
    found = steps(net, loss)
    walk = moments(found, widths)
    moment = walk[at - 1] if at else None
    inputs = {draw.name(key) for key in given if key[0] in ("x", "W", "b")}
    inputs |= {f"y_{j}" for j in range(widths[-1])}
    known = inputs.union(*(done.known for done in walk[:at]))
    hidden = frozenset(values) - known if hide else frozenset()
    view = _View(tuple(widths), found, values, moment, hidden)
    held = frozenset({(moment or walk[-1]).group, *(["hide"] * hide)})
    cards = "".join(view.step(k, held) for k in range(1, len(found) + 1))
    overview = f"<div {draw.when(DONE, held, 'cards')}>{_OVERVIEW}</div>"
    return {
        "step": draw.page(f'<div class="stack steps">{cards}{overview}</div>'),
        "memory": draw.page(view.memory()),
    }


# --- the app --------------------------------------------------------------------------------------


def _app(widths, activation, output, loss, kept: Mapping[str, object]) -> App:
    """The app of one architecture. kept: what the learner had set, by control; used where it
    fits. Raises ValueError if the loss does not go with the output."""
    net = build(widths, activation, output, 0)
    loss_for(net, loss)
    numbers, first = {}, None
    low, high = (-2.0, 2.0) if LOSSES[loss].targets == "any numbers" else (0.0, 1.0)
    fields = [(f"x_{i}", rf"a^{{(0)}}_{{{i + 1}}}", _X[i], -2.0, 2.0) for i in range(widths[0])]
    if loss != _SOFTMAX:
        t = [float(j == 0) for j in range(widths[-1])]
        fields += [(f"y_{j}", f"t_{{{j + 1}}}", t[j], low, high) for j in range(widths[-1])]
    for name, text, value, least, most in fields:
        if least <= kept.get(name, value) <= most:
            value = kept.get(name, value)
        made = NumberSlider(text, value, least, most, 0.05, like=first)
        numbers[name], first = made, first or made
    weights = [(f"draw {k + 1}", k) for k in range(SEEDS)]
    lists = {"seed": choice("weights", weights, value=kept.get("seed", 0))}
    if loss == _SOFTMAX:
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
    full = '<button data-do="full" title="The app alone, in large type">Full screen</button>'
    return App(
        f"the algorithm on a network of widths {', '.join(map(str, widths))}",
        controls,
        views,
        lambda **settings: algorithm_view(widths, activation, output, loss, **settings),
        [
            grid(*lists.values(), *numbers.values()),
            message,
            row(widgets.HTML(STEPPER), hide, widgets.HTML(draw.page(full))),
            caption,
            views["step"],
            views["memory"],
        ],
        message,
        _page(widths, activation, output, loss, numbers, lists, hide.value),
    )


def _page(widths, activation, output, loss, numbers, lists, hide) -> Live:
    rows = []
    for seed in range(SEEDS):
        net = build(widths, activation, output, seed)
        f = forward(net, [0.0] * widths[0])
        given = all_quantities(f).items()
        rows.append(Row({draw.name(k): float(v) for k, v in given if k[0] in ("W", "b")}))
    tables = {"seed": (lists["seed"].index, rows)}
    if "target" in lists:
        one_hot = [
            Row({f"y_{j}": float(j == k) for j in range(widths[-1])}) for k in range(widths[-1])
        ]
        tables["target"] = (lists["target"].index, one_hot)
    return Live(
        network_program(tuple(widths), activation, output, loss, step=False),
        {name: number.for_page() for name, number in numbers.items()},
        tables,
        {"hide": hide},
        moments(steps(net, loss), widths),
    )


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
            text = html.escape(f"✗ {error}. Shown is the last network that could be built.")
            who.value = draw.page(f'<span class="backward" role="alert">{text}</span>')
            return
        who.value = draw.page(who_computes(sizes))
        place.children = [app]

    for control in chosen:
        control.observe(rebuild, "value")
    rebuild()
    return Frame(
        "the algorithm on a network of one's own", [row(*chosen), who, place], ANOTHER_NETWORK
    )
