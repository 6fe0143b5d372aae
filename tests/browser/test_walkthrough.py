"""The walk-through of larger networks in JupyterLab: parameters chosen, moved and explained."""

import pytest

import backprop_lab as bl
from backprop_lab.core.keys import parameters
from backprop_lab.core.network import quantities
from backprop_lab.core.rounding import snap
from backprop_lab.explore.walkthrough import walkthrough_view
from tests.nightly import by_day

from .apps.app import drawn

MINE = """
net = bl.Network.mlp([4, 4, 4, 2], "tanh", seed=1)
given = dict(x=[1, 0.5, -1, 2], y=[1, 0], learning_rate=0.1, loss="half_squared_error")
mine = bl.Lecture("Mine", "CSC311", net, **given)
"""
SCOPE = {"bl": bl}
exec(MINE, SCOPE)
LECTURES = {"bl.lectures.csc311()": bl.lectures.csc311(), "mine": SCOPE["mine"]}
SLIDERS = "[...ROOT.querySelectorAll('.backprop-number')].filter((e) => e.checkVisibility())"


@pytest.fixture(scope="module")
def notebook(opens):
    calls = [f'explore.walkthrough({lecture}, "update")' for lecture in LECTURES]
    return opens("import backprop_lab as bl\nfrom backprop_lab import explore\n" + MINE, *calls)


@pytest.fixture(params=LECTURES)
def app(request, cell):
    return Walk(cell(f"explore.walkthrough({request.param}"), LECTURES[request.param])


class Walk:
    """The app in its cell, and what Python draws for it."""

    def __init__(self, cell, lecture):
        self.cell, self.page, self.lecture = cell, cell.page, lecture
        self.root = f"{cell.at}.node.querySelector('.backprop-app')"
        self.keys = parameters(lecture.network.widths)
        given = quantities(lecture.run())
        self.values = {key.name: snap(float(given[key])) for key in self.keys}

    def get(self, expression):
        return self.page.evaluate(f"() => {expression}".replace("ROOT", self.root))

    def choose(self, row):
        select = f"look.select({self.root}, 'weight')"
        changed = "dispatchEvent(new Event('change', {bubbles: true}))"
        self.page.evaluate(f"() => {{ {select}.selectedIndex = {row}; {select}.{changed}; }}")
        own = f".show_{self.keys[row].name}"
        self.cell.until(f"{SLIDERS}[0]?.closest({own!r})".replace("ROOT", self.root))

    def draws(self, row):
        """Until the page shows what Python draws."""
        settings = "update", 0, self.keys[row], self.lecture.learning_rate
        parts = walkthrough_view(self.lecture, *settings, **self.values)
        expected = drawn("".join(parts.values()))
        numbers = {e["of"][1]: e["text"] for e in expected if e["text"]}
        for name in ("loss", f"d{self.keys[row].name}"):
            self.cell.until(f"{self.cell.quantity(name)} === {numbers[name]!r}")
        got = self.get("look.drawn(ROOT)")
        assert [e["of"] for e in got] == [e["of"] for e in expected]
        assert [(a, b) for a, b in zip(got, expected, strict=True) if a != b] == []


@pytest.mark.parametrize("share", by_day([0.0, 0.2, 0.4, 0.5, 0.9, 0.99], 0.9))
def test_the_chosen_parameter_has_its_slider_and_moves_all_that_depends_on_it(app, share):
    row = int(share * len(app.keys))
    name = app.keys[row].name
    app.choose(row)
    shown = app.get(f"{SLIDERS}.map((e) => e.className)")
    assert len(shown) == 2, shown
    app.get(f"{SLIDERS}[0].querySelector('input').focus()")
    app.page.keyboard.press("ArrowRight")
    app.values[name] = float(app.get(f"{SLIDERS}[0].querySelector('[type=text]').value"))
    app.draws(row)
    app.get("ROOT.querySelector('[data-do=reset]').click()")
    app.values |= {name: snap(float(quantities(app.lecture.run())[app.keys[row]]))}
    app.draws(row)


def test_all_steps_are_said_and_nothing_jumps(app):
    app.choose(0)
    app.get("ROOT.querySelector('[data-do=start]').click()")
    count = int(app.get("look.read(ROOT).caption").split()[0])
    heights, said = set(), []
    for _ in range(count):
        app.get("ROOT.querySelector('[data-do=next]').click()")
        said.append(app.get("look.read(ROOT).caption"))
        heights.add(app.get("ROOT.offsetHeight"))
        assert app.get("look.overlaps({node: ROOT})") == []
    layers = len(app.lecture.network.widths) - 1
    assert count == len(set(said)) == (2 * layers + 1) + layers + 1 + 1
    assert len(heights) == 1, heights
    assert said[2 * layers + 1].split(". ")[1].startswith("The error signals of the output layer")
    assert said[-2].split(". ")[1].startswith("The signal times what arrives: ∂C/∂")
    assert said[-1].split(". ")[1].startswith("The update: ")
