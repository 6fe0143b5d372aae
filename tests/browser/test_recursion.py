"""The apps of 03 in JupyterLab, by keyboard: the valve, the graph, the algorithm, the gallery."""

import re

import pytest

from backprop_lab.core.keys import parameters
from backprop_lab.exercise import gallery
from backprop_lab.explore.algorithm import algorithm, algorithm_scene, algorithm_view
from backprop_lab.explore.graph import graph_view
from backprop_lab.picture import elements

from .apps.app import drawn
from .cell import Cell

WIDTHS = (3, 4, 3, 1)


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
    shows(valve, by_h="?", meter="?", share_p="?", delta_p="0.60")
    question = f"look.middle({root(valve)}, '[data-q=by_h]')"
    valve.page.mouse.click(*valve.page.evaluate(f"() => {question}"))
    shows(valve, by_h="0.00", meter="?")
    valve.press("Hide what is asked")
    shows(valve, share_p="1.20", share_q="-1.20", by_h="0.00", meter="0.00")
    shut = f"[...{root(valve)}.querySelectorAll('button')].filter(b => b.innerText === 'shut')[1]"
    valve.page.evaluate(f"() => {shut}.focus()")
    valve.page.keyboard.press("Space")
    shows(valve, share_q="0.00", by_h="1.20", meter="0.00")
    valve.page.evaluate(f"() => look.handle({root(valve)}, 'u').focus()")
    valve.page.keyboard.press("ArrowRight")
    shows(valve, share_p="1.26", by_h="1.26", meter="0.06")


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
    values = algorithm(WIDTHS).page.values()
    count, heights, titles = algorithm_scene(values)["last"], set(), set()
    for place, key, places in (
        ("next", "Enter", range(count + 1)),
        ("back", "Space", range(count, -1, -1)),
    ):
        for at in places:
            if at != places[0]:
                app.page.evaluate(f"() => {root(app)}.querySelector('[data-do={place}]').focus()")
                app.page.keyboard.press(key)
            view = algorithm_view(values | {"at": at})
            markup = [str(elements.page(view[name])) for name in ("step", "memory")]
            expected = drawn("".join(markup))
            assert len(expected) > 150
            got = get(app, "drawn(ROOT)")
            assert [e["of"] for e in got] == [e["of"] for e in expected]
            assert [(a, b) for a, b in zip(got, expected, strict=True) if a != b] == [], at
            (title,) = re.findall(r'<div class="cards"><p class="title">(.*?)</p>', markup[0])
            cards = f"[...{root(app)}.querySelectorAll('.steps > .cards > .title')]"
            seen = f"{cards}.filter(e => getComputedStyle(e).visibility === 'visible')"
            assert app.page.evaluate(f"() => {seen}.map(e => e.textContent)") == [title]
            titles.add(title)
            heights.add(app.page.evaluate(f"() => {root(app)}.offsetHeight"))
    assert len(heights) == 1, "nothing jumps"
    assert len(titles) == count


def select(app, description):
    lists = f"[...{app.at}.node.querySelectorAll('.widget-dropdown')]"
    named = f"d.querySelector('label').textContent === {description!r}"
    return f"{lists}.find(d => {named}).querySelector('select')"


def choose(app, description, index):
    field = select(app, description)
    app.page.evaluate(
        f"() => {{ {field}.selectedIndex = {index}; "
        f"{field}.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
    )


def shown_fields(app):
    """The numbers that a reader may set, as they stand on the page."""
    names = "[...ROOT.querySelectorAll('.backprop-number')].filter(e => e.offsetHeight)"
    return app.page.evaluate(
        f"() => {names}.map(e => e.querySelector('.name').textContent)".replace("ROOT", root(app))
    )


@pytest.mark.nightly
def test_another_network_is_built_without_a_kernel(opens_alone):
    """Its numbers stay, only the controls that it needs are there, and its steps are Python's."""
    notebook = opens_alone("from backprop_lab import explore", "explore.algorithm()")
    app = Cell(notebook, "explore.algorithm()")
    app.says("14 steps; press Next.")
    session = "window.jupyterapp.shell.currentWidget.sessionContext"
    app.page.evaluate(f"() => {session}.shutdown()")
    field = f"look.field({root(app)}, 'a^(0)_1')"
    app.page.evaluate(f"() => {{ {field}.focus(); {field}.select(); }}")
    app.page.keyboard.type("0.25")
    app.page.keyboard.press("Enter")
    assert shown_fields(app) == ["a(0)1", "a(0)2", "a(0)3", "t1"]
    choose(app, "hidden 2", 0)
    app.until(f"{app.at}.node.querySelectorAll('.kept .layer').length === 2")
    assert app.page.evaluate(f"() => {field}.value") == "0.25"
    app.until(f"{app.quantity('x_0')} === '0.2500'")
    choose(app, "inputs", 1)
    choose(app, "outputs", 2)
    app.until(f"{app.at}.node.querySelectorAll('.kept .layer').length === 2")
    assert shown_fields(app) == ["a(0)1", "a(0)2", "t1", "t2", "t3"]
    before = get(app, "drawn(ROOT)")
    choose(app, "loss", 3)
    app.says("✗ loss: softmax_cross_entropy expects identity as output")
    assert get(app, "drawn(ROOT)") == before, "the last good picture stays"
    assert shown_fields(app) == ["a(0)1", "a(0)2", "t1", "t2", "t3"]
    choose(app, "output", 0)
    app.until(f"!{app.at}.node.innerText.includes('✗')")
    assert shown_fields(app) == ["a(0)1", "a(0)2"]
    choose(app, "target t", 2)
    values = algorithm((2, 4, 3), "tanh", "identity", "softmax_cross_entropy").page.values()
    values |= {"x_0": 0.25, "target": 2}
    app.page.evaluate(f"() => {root(app)}.querySelector('[data-do=next]').focus()")
    for at in range(1, algorithm_scene(values)["last"] + 1):
        app.page.keyboard.press("ArrowRight")
        app.says(f"Step {at} of 10. ")
        view = algorithm_view(values | {"at": at})
        expected = drawn("".join(str(elements.page(view[name])) for name in ("step", "memory")))
        got = get(app, "drawn(ROOT)")
        assert [(a, b) for a, b in zip(got, expected, strict=True) if a != b] == [], at
    choose(app, "hidden 1", 0)
    app.says("Step 6 of 6. ")
    # ipywidgets still tries to tell the kernel each time.
    assert [c for c in notebook.complaints if "Cannot send" not in c] == []


def test_a_click_reveals_a_number_of_the_algorithm(cell):
    app = cell("explore.algorithm()")
    app.page.evaluate(f"() => {root(app)}.querySelector('[data-do=start]').click()")
    shows(app, z_in_0_0="?", z_in_0_1="?")
    place = f"look.middle({root(app)}, '.memory [data-q=z_in_0_0]')"
    values = algorithm(WIDTHS).page.values() | {"revealed": ["z_in_0_0"]}
    number = f"{algorithm_view(values)['z_in_0_0']:.4f}"
    app.page.evaluate(f"() => {root(app)}.querySelector('.memory').scrollIntoView()")
    app.page.mouse.click(*app.page.evaluate(f"() => {place}"))
    shows(app, z_in_0_0=number, z_in_0_1="?")
    everywhere = f"[...{root(app)}.querySelectorAll('[data-q=z_in_0_0]')]"
    app.until(f"{everywhere}.every(e => e.textContent === {number!r})")
    app.press("Hide numbers")
    app.until(f"![...{root(app)}.querySelectorAll('[data-q]')].some(e => e.textContent === '?')")
    app.press("Hide numbers")
    shows(app, z_in_0_0="?", z_in_0_1="?")


def test_a_wrong_backprop_is_found(cell):
    game = cell("gallery.play()")
    right = gallery.SUSPECTS["A"]
    wrong = next(other for other in gallery.GALLERY if other is not right)
    game.press(wrong.name)
    game.until(f"{game.at}.node.querySelector('[role=status]')?.innerText.includes('✗')")
    game.press(right.name)
    game.says("found: 1 of 8")
    assert "✓" in game.text
