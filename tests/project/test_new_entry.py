"""A new activation is one entry, kinks included, and so is a new loss: all rooms take them."""

import re

import ipywidgets as widgets
import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core import depth as deep
from backprop_lab.core.activations import ACTIVATIONS, Activation
from backprop_lab.core.losses import LOSSES, A, Loss, Y
from backprop_lab.core.network import quantities
from backprop_lab.core.nodes import Z
from backprop_lab.explore.phase_map import map_picture
from backprop_lab.formulas import check
from backprop_lab.page import translate
from backprop_lab.page.program import network_program
from tests.random_networks import BOUND, draw, error

# A name that no entry will have.
HARD = Activation("a_bent_line", sp.Piecewise((-1, Z < -1), (Z, Z <= 1), (1, True)))
FOURTH = Loss("a_fourth_power", (A - Y) ** 4 / 4)


@pytest.fixture(autouse=True)
def _entries(monkeypatch):
    for table, entry in ((ACTIVATIONS, HARD), (LOSSES, FOURTH)):
        monkeypatch.setitem(table._entries, entry.name, entry)
    translate._common.cache_clear()  # what stands before every program has the tables
    yield
    translate._common.cache_clear()


def run():
    net = bl.Network.mlp([2, 2, 1], HARD.name, HARD.name, seed=1)
    f = bl.forward(net, [0.25, 1.5])
    return bl.backward(net, f, [0.5], FOURTH.name)


def test_its_kinks_are_read_from_the_formula():
    assert HARD.joints == HARD.kinks == (-1, 1)
    z = np.array([-2.0, -1.0, 0.5, 1.0, 2.0])
    assert HARD(z).tolist() == [-1, -1, 0.5, 1, 1]
    assert HARD.slope(z).tolist() == [0, 1, 1, 1, 0]
    assert np.isnan([HARD(np.nan), HARD.slope(np.nan)]).all()
    net = bl.Network([bl.Layer([[1.0]], [0.0], HARD.name)])
    assert [draw(0).__class__(net, np.array([x]), None, "", "", "").on_a_kink for x in (0, 1)] == [
        False,
        True,
    ]


def test_a_slope_may_be_the_target_itself():
    y = np.array([3.0])
    slope = Loss("product", A * Y).slope(np.array([2.0]), y)
    assert slope == 3
    assert not np.shares_memory(slope, y)


def test_formulas():
    g = run()
    cases = r"\begin{cases} -1 & \text{for}\: f_{in} < -1"
    slope = r"\begin{cases} 0 & \text{for}\: f_{in} < -1"
    loss = r"\frac{\left(f_{out} - y\right)^{4}}{4}"
    assert cases in bl.trace(g)._repr_latex_()
    assert loss in bl.trace(g)._repr_latex_()
    for found in (bl.chain(g, "W_11"), bl.backtrace(g)):
        assert slope in found._repr_latex_()
        assert r"\left(f_{out} - y\right)^{3}" in found._repr_latex_()


def test_passes():
    """Against the complex step and SymPy, by the networks that all tests draw."""
    found = 0
    for seed in range(200):
        case = draw(seed, depth=3, width=3)
        names = {layer.activation for layer in case.net.layers} | {case.loss}
        if case.on_a_kink or not names & {HARD.name, FOURTH.name}:
            continue
        found += 1
        _, g = case.run
        dW, db = check.complex_step(g)
        for got, expected in zip((*g.dW, *g.db), (*dW, *db), strict=True):
            assert error(got, expected) <= BOUND
    assert found > 50
    assert bl.agreement(run()).sympy_error < BOUND


def test_the_page_computes_them():
    program = network_program(
        bl.Network.mlp((2, 2, 1), HARD.name, HARD.name), FOURTH.name, step=False
    )
    assert "? ( -1 )" in translate.common()
    assert FOURTH.name in program.javascript
    now = {key.name: float(value) for key, value in quantities(run()).items()}
    got = program({n: now[n] for n in program.inputs})
    assert {n: got[n] for n in now} == pytest.approx(now, abs=1e-13)


def test_the_map_shows_where_no_signal_is_left():
    """Deep and with large weights, every path of every network leads through a slope of 0."""
    start = deep.Map([[]] * 38, [[]] * 38, False)
    found = deep.grown(deep.grown(start, HARD.name), HARD.name)
    first, ratio = np.array(found.first[-2:]), np.array(found.ratio[-2:])
    none_left = np.isneginf(first[-1])
    assert not none_left[0]
    assert none_left[-1]
    assert np.array_equal(none_left, np.isneginf(ratio[-1]))
    assert np.isfinite(first[-1, ~none_left]).all()
    net, x, y = deep.network(100, 32, HARD.name, 8.0, 0.0, 0, "half_squared_error", 0, 4)
    assert not bl.backward(net, bl.forward(net, x), y).dW[0].any()
    text = str(map_picture(found, 30, 1.0))
    corner = re.findall(r"M\S+ (\S+?)H700.0V(\S+?)H", re.search('shade_0" d="([^"]*)"', text)[1])
    assert corner == [("43.4", "36.0")], "the deepest and largest, in the lowest shade"


def lists(box):
    """The choices of all lists in an app, by what stands before them."""
    found = {box.description: dict(box._options_full)} if isinstance(box, widgets.Dropdown) else {}
    for child in getattr(box, "children", ()):
        found |= lists(child)
    return found


@pytest.mark.parametrize(
    ("app", "chosen"),
    [
        ("any_network", {"activation": HARD.name}),
        ("algorithm", {"activation": HARD.name, "output": HARD.name, "loss": FOURTH.name}),
        ("deep_network", {"activation": HARD.name}),
        ("phase_map", {}),
        ("chain_of_neurons", {}),
        ("xor_training", {}),
    ],
)
def test_apps_offer_them(app, chosen):
    """Where an app takes them, it starts with them; the stacks have their own two losses."""
    offered = lists(getattr(explore, app)(**chosen))
    assert HARD.name in offered["activation"].values()
    assert HARD.name in offered.get("output", {"": HARD.name}).values()
    if app in ("algorithm", "xor_training"):
        assert FOURTH.name in offered["loss"].values()
