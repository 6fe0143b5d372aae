"""The apps: controls plus pictures. Each function returns one widget.

One observer computes once and sets the pictures. What an app shows is computed by a pure function
of its settings (`compute`), so the same settings always show the same thing.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

import ipywidgets as widgets
import numpy as np

from backprop_lab import draw
from backprop_lab.check import loss_of, nudge
from backprop_lab.factors import Term, chain, trace
from backprop_lab.lectures import Lecture, xor
from backprop_lab.live import Live, network_program
from backprop_lab.network import Key, Layer, Network, backward, forward, quantities, step
from backprop_lab.notation import NOTATIONS, latex, parameter, parameters

# --- the skeleton of every app --------------------------------------------------------------------


class NumberSlider(widgets.HBox):
    """A slider with a number field beside it. The field is what counts: it keeps what was typed.

    label: LaTeX; low, high: the range, inclusive; `read()` gives the number or raises ValueError.
    in_page: whether the page keeps slider and field together (see `live`), else the kernel does.
    """

    def __init__(
        self,
        label: str,
        value: float,
        low: float,
        high: float,
        step: float = 0.01,
        in_page: bool = False,
    ):
        self.plain, self.low, self.high = draw.plain_label(label), low, high
        value = float(value)
        self.slider = widgets.FloatSlider(
            value=value, min=low, max=high, step=step, readout=False, description=f"${label}$"
        )
        self.slider.style.description_width = "36px"
        self.slider.layout = widgets.Layout(min_width="120px", flex="1 1 auto")
        self.text = widgets.FloatText(
            value=value, step=step, tooltip=f"{self.plain} as a number", layout={"width": "86px"}
        )
        if not in_page:
            self.slider.observe(self._slid, "value")
            self.text.observe(self._typed, "value")
        super().__init__([self.slider, self.text], layout={"width": "272px"})

    def _slid(self, change):
        # The browser snaps the slider to its steps and reports that: no move of the learner's.
        if abs(change.new - self._on_slider(self.text.value)) > 0.5 * self.slider.step:
            self.text.value = round(change.new, 6)

    def _typed(self, change):
        place = self._on_slider(change.new)
        # Not for a rounding's difference: the browser may hold a newer value by now.
        if abs(place - self.slider.value) > 1e-9:
            self.slider.value = place

    def _on_slider(self, value):
        """Where the slider stands for a typed value: at its end for one beyond its range."""
        return float(np.clip(value, self.low, self.high)) if np.isfinite(value) else self.low

    def observe(self, handler, names="value", type="change"):
        """Call the handler when the number changes."""
        if names == "value":
            self.text.observe(handler, "value")
        else:
            super().observe(handler, names, type)

    def read(self) -> float:
        """The number in the field. Raises ValueError if it is not finite or out of range."""
        value = self.text.value
        if not (np.isfinite(value) and self.low <= value <= self.high):
            raise ValueError(
                f"{self.plain}: got {value:g}; expected a number from {self.low:g} to {self.high:g}"
            )
        return value

    def set(self, value: float) -> None:
        """Show another number; six decimals are kept."""
        self.text.value = round(float(value), 6)

    @property
    def disabled(self) -> bool:
        """Whether the control is locked."""
        return self.slider.disabled

    @disabled.setter
    def disabled(self, locked: bool):
        self.slider.disabled = self.text.disabled = locked


class App(widgets.VBox):
    """Controls and views.

    controls: by name, each with `observe` and either `read()` or `.value`; views: by name, each
    with `.value`; compute: settings in, {view: markup} out, raises ValueError or TypeError for
    settings that cannot be shown: the message appears and the last good picture stays; message: the
    line for it, if it stands among the children, else it comes last. in_page:
    the names of the controls whose changes the page itself computes.
    """

    def __init__(
        self,
        title: str,
        controls: Mapping[str, widgets.Widget],
        views: Mapping[str, widgets.Widget],
        compute: Callable[..., Mapping[str, str]],
        children: list[widgets.Widget],
        message: widgets.HTML | None = None,
        in_page: Collection[str] = (),
    ):
        self.title, self.controls, self.views, self.compute = title, controls, views, compute
        self.message, self._held = message or _message(), False
        style = widgets.HTML(draw.STYLE, layout={"display": "none"})
        below = [] if message else [self.message]
        super().__init__([style, *children, *below], layout={"max_width": "1000px"})
        self.add_class("backprop-app")
        for name, control in controls.items():
            if name not in in_page:
                control.observe(self.refresh, "value")
        self.refresh()

    def settings(self) -> dict[str, object]:
        """What the controls are set to. Raises ValueError for a number out of range."""
        return {
            name: control.read() if hasattr(control, "read") else control.value
            for name, control in self.controls.items()
        }

    def refresh(self, _change=None) -> None:
        """Compute once and show it; on bad settings say so and leave the picture."""
        if self._held:
            return
        try:
            shown = self.compute(**self.settings())
        except (ValueError, TypeError) as error:
            self._say(f"✗ {error}. The picture shows the last good values.")
            return
        self._say("")
        for name, markup in shown.items():
            if self.views[name].value != markup:
                self.views[name].value = markup

    def _say(self, sentence: str) -> None:
        self.message.value = draw.page(
            f'<span class="backward" role="alert" data-message="">{html.escape(sentence)}</span>'
        )

    @contextmanager
    def held(self):
        """Change several controls, then compute once."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.refresh()

    def __repr__(self):
        return f"<{self.title}>"


def _message() -> widgets.HTML:
    return widgets.HTML(layout={"min_height": "28px"})


def _row(*children, **layout) -> widgets.HBox:
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", **layout))


def _button(text: str, action: Callable[[], None], tooltip: str) -> widgets.Button:
    button = widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: action())
    return button


# --- 00: one neuron -------------------------------------------------------------------------------

_ONE_NEURON_AXES = draw.Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
_ONE_NEURON_X, _ONE_NEURON_Y = 1.5, [1.0]


def _neuron(w: float, b: float) -> Network:
    return Network([Layer([[w]], [b], "sigmoid")])


@lru_cache(maxsize=32)
def _neuron_curve(b: float) -> draw.Picture:
    low, high = _ONE_NEURON_AXES.x
    points = [
        (w, float(loss_of(_neuron(w, b), [_ONE_NEURON_X], _ONE_NEURON_Y)))
        for w in np.linspace(low, high, draw.CURVE_POINTS)
    ]
    return draw.loss_curve(_ONE_NEURON_AXES, points, "w")


def one_neuron_view(w: float, b: float) -> dict[str, str]:
    """What `one_neuron` shows for these settings."""
    net = _neuron(w, b)
    f = forward(net, [_ONE_NEURON_X])
    g = backward(net, f, _ONE_NEURON_Y)
    loss, slope = float(g.loss), float(g.dW[0][0, 0])
    shown = {"w": w, "z_out": float(f.output[0]), "loss": loss, "slope": slope}
    places = draw.tangent(_ONE_NEURON_AXES, w, loss, slope)
    return {"picture": _neuron_curve(b)(shown | places)}


def one_neuron(w: float = -2.0, b: float = 0.0) -> App:
    """One sigmoid neuron, x = 1.5, y = 1: its loss against w, with the tangent where w stands."""
    low, high = _ONE_NEURON_AXES.x
    controls = {
        "w": NumberSlider("w", w, low, high, 0.05),
        "b": NumberSlider("b", b, -3.0, 3.0, 0.05),
    }
    picture, message = widgets.HTML(), _message()
    return App(
        "one neuron: loss against w, and its tangent",
        controls,
        {"picture": picture},
        one_neuron_view,
        [_row(*controls.values()), message, picture],
        message,
    )


# --- 01: the XOR walk-through ---------------------------------------------------------------------

STAGES = {"forward": "1 Forward", "chain": "2 One chain", "update": "3 Update"}
"""The stages that unlock the controls of `xor_walkthrough`, in order."""
_MOST_CARDS = 7
# A box that scrolls, by a pixel of a formula, would be a stop of the Tab key.
_CARD = {"margin": "0 14px 4px 0", "overflow": "visible"}


def _labelled_points(lecture: Lecture) -> list[tuple[tuple[int, ...], int]]:
    """The points of a data set of whole numbers, with their labels."""
    pairs = zip(lecture.X, lecture.Y, strict=True)
    return [(tuple(map(int, x)), int(y[0])) for x, y in pairs]


def _with_parameters(lecture: Lecture, values: Mapping[Key, float]) -> Network:
    """The lecture's network with other weights and biases."""
    layers = []
    for i, layer in enumerate(lecture.network.layers):
        W, b = np.empty(layer.W.shape), np.empty(layer.b.shape)
        for index in np.ndindex(W.shape):
            W[index] = values["W", i, *index]
        for index in np.ndindex(b.shape):
            b[index] = values["b", i, *index]
        layers.append(Layer(W, b, layer.activation))
    return Network(layers)


def walkthrough_view(stage: str, point: int, weight: Key, alpha: float, **values: float):
    """What `xor_walkthrough` shows. values: the nine parameters, by `draw.name` of their keys."""
    lecture = xor()
    widths = lecture.network.widths
    keys = parameters(widths)
    net = _with_parameters(lecture, {key: values[draw.name(key)] for key in keys})
    f = forward(net, lecture.X[point])
    g = backward(net, f, lecture.Y[point], lecture.loss)
    now = quantities(f, g)
    backwards = stage != "forward"
    if backwards:
        found = chain(net, f, g, weight)
        lines = found.factors
        lit = frozenset(line.place for line in lines) | {_source(weight)}
        picture = draw.network(widths, "LMU", True, lit, weight)
        total = rf"\displaystyle {found.name} = {found.paths[0].latex}"
        product = " × ".join(draw.number(draw.name(t.key), t.value) for t in lines)
        product += f" = {draw.number('d' + draw.name(weight), found.value)}"
    else:
        lines, picture, total, product = trace(net, f, g), draw.network(widths), "", ""
    shown = {"picture": picture(draw.named_values(now))}
    for k in range(_MOST_CARDS):
        line = lines[k] if k < len(lines) else None
        shown[f"formula_{k}"] = f"${line.name} = {latex(line.formula)}$" if line else ""
        shown[f"value_{k}"] = _card(line, "backward" if backwards else "forward") if line else ""
    shown["total"] = f"${total}$" if total else ""
    shown["product"] = draw.page(f'<b class="backward">= {product}</b>') if product else ""
    new = step(net, g, alpha)
    f_new = forward(new, lecture.X[point])
    after = quantities(f_new, backward(new, f_new, lecture.Y[point], lecture.loss))
    shown["update"] = draw.update_table(widths, now, after) if stage == "update" else ""
    return shown


def _source(weight: Key) -> Key:
    """Where the signal comes from that a weight multiplies: an input or an activation."""
    if weight[0] == "b":
        return weight
    _, layer, i, _ = weight
    return ("z_out", layer - 1, i) if layer else ("x", i)


def _card(term: Term, css: str) -> str:
    return draw.page(f"<b>{draw.number(draw.name(term.key), term.value, css=css)}</b>")


def xor_walkthrough(stage: str = "forward", x: Sequence[int] = (1, 0)) -> App:
    """LMU-8's XOR network with every number on it; its controls are unlocked in three stages.

    stage: "forward" (the nine parameters and the four points), "chain" (choose a weight, see its
    path and its factors) or "update" (learning rate, take the step). x: the point to begin with.
    """
    if stage not in STAGES:
        raise ValueError(f"stage: got {stage!r}; expected one of {', '.join(STAGES)}")
    lecture = xor()
    labelled = _labelled_points(lecture)
    points = [point for point, _ in labelled]
    if tuple(x) not in points:
        raise ValueError(f"x: got {x!r}; expected one of {', '.join(map(str, points))}")
    widths = lecture.network.widths
    label = NOTATIONS[lecture.notation].label
    keys = parameters(widths)
    start = quantities(forward(lecture.network, lecture.x))
    sliders = {
        draw.name(key): NumberSlider(label(key, widths), start[key], -5.0, 5.0, in_page=True)
        for key in keys
    }
    alpha = NumberSlider(r"\alpha", lecture.learning_rate, 0.0, 10.0, 0.1, in_page=True)
    stages = widgets.ToggleButtons(
        options=[(text, value) for value, text in STAGES.items()], value=stage, tooltip="Stage"
    )
    stages.style.button_width = "auto"
    point = widgets.Dropdown(
        options=[(f"{p} → {y}", k) for k, (p, y) in enumerate(labelled)],
        value=points.index(tuple(x)),
        description="point",
        layout={"width": "190px"},
    )
    weight = widgets.Dropdown(
        options=[(draw.plain_label(label(key, widths)), key) for key in keys],
        value=("W", 1, 0, 0),
        description="weight",
        layout={"width": "190px"},
    )
    cards = [
        (widgets.HTMLMath(), widgets.HTML(layout={"min_height": "26px"}))
        for _ in range(_MOST_CARDS)
    ]
    views = {"picture": widgets.HTML(), "update": widgets.HTML()}
    views |= {"total": widgets.HTMLMath(), "product": widgets.HTML()}
    for k, (formula, value) in enumerate(cards):
        views |= {f"formula_{k}": formula, f"value_{k}": value}

    def take_step():
        try:
            now = app.settings()
        except ValueError:  # a number out of range: its message, and nothing moves
            app.refresh()
            return
        net = _with_parameters(lecture, {key: now[draw.name(key)] for key in keys})
        f = forward(net, lecture.X[now["point"]])
        g = backward(net, f, lecture.Y[now["point"]], lecture.loss)
        _show(quantities(forward(step(net, g, now["alpha"]), f.x)))

    def _show(values):
        with app.held():
            for key in keys:
                sliders[draw.name(key)].set(values[key])

    def reset():
        with app.held():
            alpha.set(lecture.learning_rate)
            _show(start)

    take = _button("Take the step", take_step, "Replace the parameters by the new ones")
    back = _button("Lecture's weights", reset, "Back to the numbers of the lecture")

    def unlock(_change=None):
        weight.disabled = stages.value == "forward"
        alpha.disabled = take.disabled = stages.value != "update"

    stages.observe(unlock, "value")
    unlock()
    in_page, message = {"alpha": alpha} | sliders, _message()
    page = _in_page(lecture, in_page, point)
    app = App(
        "the XOR walk-through",
        {"stage": stages, "point": point, "weight": weight} | in_page,
        views,
        walkthrough_view,
        [
            _row(stages, point, weight),
            views["picture"],
            _row(
                *(widgets.VBox(card, layout=_CARD) for card in cards),
                min_height="112px",
            ),
            _row(views["total"], views["product"], min_height="44px", align_items="center"),
            message,
            _row(*sliders.values(), alpha),
            _row(take, back),
            views["update"],
            page,
        ],
        message,
        in_page=[*in_page, "point"],
    )
    return app


def _in_page(lecture: Lecture, numbers: Mapping[str, NumberSlider], point) -> Live:
    """The page's arithmetic for the walk-through, linked to its controls."""
    rows = [
        {draw.name(("x", i)): float(v) for i, v in enumerate(x)}
        | {draw.name(("y", j)): float(v) for j, v in enumerate(y)}
        for x, y in zip(lecture.X, lecture.Y, strict=True)
    ]
    ranges = {
        name: {
            "value": number.text.value,
            "low": number.low,
            "high": number.high,
            "step": number.slider.step,
            "label": number.plain,
        }
        for name, number in numbers.items()
    }
    page = Live(
        network_program(lecture.network.widths, loss=lecture.loss),
        ranges,
        {"point": {"value": point.index, "rows": rows}},
    )
    for name, number in numbers.items():
        widgets.jslink((number.text, "value"), (page, name))
        widgets.jslink((number.slider, "value"), (page, f"slider_{name}"))
    widgets.jslink((point, "index"), (page, "point"))
    return page


# --- 01: what one step does to the others ---------------------------------------------------------

POINT_NAMES = (
    *(f"{point}, y = {label}" for point, label in _labelled_points(xor())),
    "mean of the four",
)


def losses_after_step(batch: bool, alpha: float) -> tuple[list[float], list[float]]:
    """The losses at the four XOR points and their mean, before and after one step.

    batch: a step on all four points, else on (1, 0) alone, from the lecture's weights.
    """
    lecture = xor()
    X, Y = (lecture.X, lecture.Y) if batch else (lecture.x, lecture.y)
    net = lecture.network
    new = step(net, backward(net, forward(net, X), Y, lecture.loss), alpha)

    def losses(network):
        pairs = zip(lecture.X, lecture.Y, strict=True)
        each = [float(loss_of(network, x, y, lecture.loss)) for x, y in pairs]
        return [*each, float(np.mean(each))]

    return losses(net), losses(new)


def one_step_view(batch: bool, alpha: float) -> dict[str, str]:
    """What `one_step` shows for these settings."""
    return {"bars": draw.loss_bars(POINT_NAMES)(draw.bar_places(*losses_after_step(batch, alpha)))}


def one_step() -> App:
    """One gradient step from the lecture's weights: what it does to each of the four XOR points."""
    batch = widgets.ToggleButtons(
        options=[("step on (1, 0)", False), ("full batch", True)], tooltip="What the step is for"
    )
    batch.style.button_width = "auto"
    controls = {"batch": batch, "alpha": NumberSlider(r"\alpha", 0.5, 0.0, 5.0, 0.1)}
    bars, message = widgets.HTML(), _message()
    return App(
        "one step and the four XOR points",
        controls,
        {"bars": bars},
        one_step_view,
        [_row(*controls.values()), message, bars],
        message,
    )


# --- 01: a nudge ----------------------------------------------------------------------------------


def nudge_view(weight: Key, power: float) -> dict[str, str]:
    """What `nudge_app` shows: each factor, and the whole loss, nudged by h = 10**power."""
    lecture = xor()
    net, h = lecture.network, 10.0**power
    f = forward(net, lecture.x)
    found = chain(net, f, backward(net, f, lecture.y, lecture.loss), weight)
    moved = nudge(net, lecture.x, lecture.y, weight, h, lecture.loss)
    rows = [(t.name, draw.name(t.key), t.nudged(h), t.value) for t in found.factors]
    rows.append((found.name, "d" + draw.name(weight), moved.slope, found.value))
    return {"table": draw.nudge_table(h, rows)}


def nudge_app(weight: str = "u_1") -> App:
    """Nudge every factor of one weight's chain in the XOR network, and the weight itself, by h.

    weight: its name in LMU's notation.
    """
    lecture = xor()
    widths = lecture.network.widths
    label = NOTATIONS[lecture.notation].label
    choose = widgets.Dropdown(
        options=[(draw.plain_label(label(key, widths)), key) for key in parameters(widths)],
        value=parameter(weight, widths),
        description="weight",
        layout={"width": "190px"},
    )
    power = widgets.FloatSlider(
        value=0.0, min=-4.0, max=0.5, step=0.25, description="$\\log_{10} h$", readout_format=".2f"
    )
    table, message = widgets.HTML(), _message()
    return App(
        f"a nudge of {weight}",
        {"weight": choose, "power": power},
        {"table": table},
        nudge_view,
        [_row(choose, power), message, table],
        message,
    )
