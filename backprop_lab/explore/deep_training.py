"""Two deep networks, of sigmoids and of ReLUs, learn the same penguins."""

from __future__ import annotations

import asyncio

import ipywidgets as widgets
import numpy as np

from backprop_lab.core.network import Network, forward
from backprop_lab.core.rounding import snap
from backprop_lab.core.training import Diverged, Training
from backprop_lab.data import penguins
from backprop_lab.page.background import Background, pause_or
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, NumberSlider, message_line, row, whole
from backprop_lab.picture import elements
from backprop_lab.picture.plots import depth as plots

WIDTH, STEPS = 16, 400
INITS = {"sigmoid": "glorot_normal", "relu": "he_normal"}
"""The activations, each with the initialisation that is made for it."""

Runs = dict[str, Training]


def start(depth: int, rate: float) -> Runs:
    """A run for each activation: `depth` hidden layers of `WIDTH` units, softmax cross-entropy."""
    X, y = penguins()
    widths = [X.shape[1], *[WIDTH] * depth, y.shape[1]]
    return {
        activation: Training(
            Network.mlp(widths, activation, "identity", init), X, y, "softmax_cross_entropy", rate
        )
        for activation, init in INITS.items()
    }


def norms(run: Training) -> np.ndarray:
    """Rows of layer, from 1, and the norm of its gradient now."""
    return np.array([(i, np.linalg.norm(dW)) for i, dW in enumerate(run.dW, 1)])


def guessing() -> float:
    """The risk of the best constant answer: the entropy of the species' shares."""
    shares = penguins()[1].mean(axis=0)
    return float(-(shares * np.log(shares)).sum())


def learning_view(runs: Runs, first: dict[str, np.ndarray]) -> dict[str, str]:
    """What `deep_training` shows; first: the norms at the start, by activation."""
    layers = len(next(iter(runs.values())).dW)
    drawn, rows = {}, []
    X, y = penguins()
    for name, run in runs.items():
        drawn[f"risk_{name}"] = np.c_[np.arange(len(run.risks)), run.risks]
        drawn[f"start_{name}"], drawn[f"norms_{name}"] = first[name], norms(run)
        answers = snap(forward(run.network, X).output).argmax(axis=1)
        right = (answers == y.argmax(axis=1)).mean()
        small, large = snap(drawn[f"norms_{name}"][[0, -1], 1])
        rows.append(
            elements.row(
                elements.words(name),
                elements.number(f"risk_{name}", run.risks[-1]),
                *(f"{right:.0%}", f"{small:.1e}", f"{large:.1e}"),
            )
        )
    steps = next(iter(runs.values())).steps
    picture = plots.learning(STEPS, layers)(
        f"Two networks of {layers} layers after {steps} steps.",
        guess=np.array([[0, guessing()], [STEPS, guessing()]]),
        **drawn,
    )
    taken = elements.el("p", "step ", elements.quantity("steps", str(steps)), f" of {STEPS}")
    titles = ("activation", "empirical risk", "right", "‖∂R/∂W‖, first layer", "last layer")
    table = elements.table(elements.heads(*titles), *rows)
    return {"numbers": elements.page(taken, table), "picture": elements.page(picture)}


class DeepTraining(Background, App):
    """Both networks take their steps in turn, in the background; another depth begins anew."""

    def __init__(self, depth: int):
        self.runs, self._depth = {}, 0
        self.button = widgets.Button(description="Train", tooltip="Train both, or pause")
        again = widgets.Button(description="From the start", tooltip="Untrained again")
        self.button.on_click(lambda _: self.end() if self.task else self.begin(self._train))
        again.on_click(lambda _: self.again())
        controls = {
            "depth": whole("hidden layers", depth, 1, 12),
            "rate": NumberSlider(r"\alpha", 0.05, 0.01, 0.5, 0.01),
        }
        views = {"numbers": widgets.HTML(layout={"min_height": "140px"}), "picture": widgets.HTML()}
        message = message_line()
        top = row(self.button, again, *controls.values(), align_items="center")
        children = [top, message, *views.values()]
        super().__init__(
            "two deep networks learn", controls, views, self._follow, children, message
        )

    def _follow(self, depth, rate):
        if depth != self._depth:
            self.end()
            self.runs, self._depth = start(depth, rate), depth
            self._first = {name: norms(run) for name, run in self.runs.items()}
        for run in self.runs.values():
            run.learning_rate = rate
        return learning_view(self.runs, self._first)

    def again(self) -> None:
        """Untrained networks, with the settings as they are."""
        self._depth = 0
        self.refresh()

    def busy(self, working: bool) -> None:
        """The button says what it would do."""
        pause_or(self.button, "Train", working)

    async def _train(self):
        while self.runs["relu"].steps < STEPS:
            for _ in range(5):
                for name, run in self.runs.items():
                    try:
                        run.run(1)
                    except Diverged as error:
                        self._say(f"✗ {name}: {error}. Choose a smaller one, then From the start.")
                        return
                await asyncio.sleep(0)
            for name, markup in learning_view(self.runs, self._first).items():
                self.views[name].value = markup
            await asyncio.sleep(0.02)


@of_cell
def deep_training(depth: int = 8) -> DeepTraining:
    """A deep sigmoid and a deep ReLU network, trained on the Palmer penguins."""
    return DeepTraining(depth)
