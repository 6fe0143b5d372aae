"""The apps of 03 in JupyterLab, by keyboard: the valve, the graph, the algorithm, the gallery."""

import pytest

from backprop_lab.core.keys import parameters
from backprop_lab.exercise import gallery
from backprop_lab.explore.algorithm import algorithm_view, build, moments
from backprop_lab.explore.graph import graph_view
from backprop_lab.formulas.algorithm import steps

from .apps.app import drawn

WIDTHS = (3, 4, 3, 1)
GIVEN = {"x_0": 1.0, "x_1": -0.5, "x_2": 0.5, "y_0": 1.0}


@pytest.fixture(scope="module")
def notebook(opens):
    return opens(
        "from backprop_lab import explore\nfrom backprop_lab.exercise import gallery",
        "explore.valve()",
        'explore.graph("W^(2)_12")',
        "explore.algorithm()",
        "gallery.play()",
    )


def root(cell):
    return f"{cell.at}.node.querySelector('.backprop-app')"


def shows(cell, **numbers):
    for quantity, text in numbers.items():
        cell.until(f"{cell.quantity(quantity)} === {text!r}")


def get(cell, expression):
    return cell.page.evaluate(f"() => look.{expression}".replace("ROOT", root(cell)))


def test_the_valve_hides_reveals_and_shuts(cell):
    valve = cell("explore.valve()")
    shows(valve, delta_h="?", meter="?", share_p="?", delta_p="0.60")
    question = f"look.middle({root(valve)}, '[data-q=delta_h]')"
    valve.page.mouse.click(*valve.page.evaluate(f"() => {question}"))
    shows(valve, delta_h="0.00", meter="?")
    valve.press("Hide what is asked")
    shows(valve, share_p="1.20", share_q="-1.20", delta_h="0.00", meter="0.00")
    shut = f"[...{root(valve)}.querySelectorAll('button')].filter(b => b.innerText === 'shut')[1]"
    valve.page.evaluate(f"() => {shut}.focus()")
    valve.page.keyboard.press("Space")
    shows(valve, share_q="0.00", delta_h="1.20", meter="0.00")
    valve.page.evaluate(f"() => look.handle({root(valve)}, 'u').focus()")
    valve.page.keyboard.press("ArrowRight")
    shows(valve, share_p="1.26", delta_h="1.26", meter="0.06")


@pytest.mark.parametrize("row", [0, 7, 15, 20, 34])
def test_the_graph_lights_every_weights_paths(cell, row):
    graph = cell("explore.graph(")
    key = parameters(WIDTHS)[row]
    field = f"look.select({root(graph)}, 'weight')"
    graph.page.evaluate(
        f"() => {{ {field}.selectedIndex = {row}; "
        f"{field}.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
    )
    expected = drawn("".join(graph_view(key).values()))
    lit = {e["of"][3] for e in expected if "lit" in e["marks"]}
    numbers = {e["of"][1]: e["text"] for e in expected if e["text"]}
    assert lit
    shows(graph, **numbers)
    assert set(get(graph, "now(ROOT)")["lit"]) == lit


def test_the_algorithm_step_by_step(cell):
    """The page's states are Python's, forwards by one key and backwards by another."""
    app = cell("explore.algorithm()")
    count = len(moments(steps(build(WIDTHS, "tanh", "sigmoid", 0), "half_squared_error"), WIDTHS))
    heights = set()
    for place, key, places in (
        ("next", "Enter", range(count + 1)),
        ("back", "Space", range(count, -1, -1)),
    ):
        for at in places:
            if at != places[0]:
                app.page.evaluate(f"() => {root(app)}.querySelector('[data-do={place}]').focus()")
                app.page.keyboard.press(key)
            expected = drawn("".join(algorithm_view(WIDTHS, at=at, **GIVEN).values()))
            assert len(expected) > 150
            got = get(app, "drawn(ROOT)")
            assert [e["of"] for e in got] == [e["of"] for e in expected]
            assert [(a, b) for a, b in zip(got, expected, strict=True) if a != b] == [], at
            heights.add(app.page.evaluate(f"() => {root(app)}.offsetHeight"))
    assert len(heights) == 1, "nothing jumps"


def test_another_network_keeps_the_numbers(cell):
    app = cell("explore.algorithm()")
    field = f"look.field({root(app)}, 'a^(0)_1')"
    app.page.evaluate(f"() => {{ {field}.focus(); {field}.select(); }}")
    app.page.keyboard.type("0.25")
    app.page.keyboard.press("Enter")
    lists = f"[...{app.at}.node.querySelectorAll('.widget-dropdown')]"
    chooser = f"{lists}.find(d => d.innerText.startsWith('hidden 2')).querySelector('select')"
    app.page.evaluate(
        f"() => {{ {chooser}.selectedIndex = 0; "
        f"{chooser}.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
    )
    app.until(f"{app.at}.node.querySelectorAll('.kept .layer').length === 2")
    assert app.page.evaluate(f"() => {field}.value") == "0.25"
    app.until(f"{app.quantity('x_0')} === '0.2500'")


def test_a_wrong_backprop_is_found(cell):
    game = cell("gallery.play()")
    right = gallery.SUSPECTS["A"]
    wrong = next(other for other in gallery.GALLERY if other is not right)
    game.press(wrong.name)
    game.until(f"{game.at}.node.querySelector('[role=status]')?.innerText.includes('✗')")
    game.press(right.name)
    game.says("found: 1 of 8")
    assert "✓" in game.text
