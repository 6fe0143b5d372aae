"""The apps of notebook 02 in JupyterLab, by keyboard: the game, the counts, the timings."""

import re

import pytest

from backprop_lab.formulas import cost


@pytest.fixture(scope="module")
def notebook(opens):
    return opens(
        "from backprop_lab import explore\nfrom backprop_lab.exercise import golf",
        "golf.play()",
        "explore.counts()",
        "explore.timing()",
    )


@pytest.mark.nightly
def test_golf_to_par(cell):
    game = cell("golf.play()")
    field = f"{game.at}.node.querySelector('input[type=text]')"
    assert game.page.evaluate(f"() => !({game.button('u₁')})"), "no tile before a guess"
    game.page.evaluate(f"() => {field}.focus()")
    game.page.keyboard.type("15")
    game.page.keyboard.press("Enter")
    game.press("u₁", "u₂")
    game.says("✗ t₁ is part of no gradient: no gradient has both u₁ and u₂.")
    assert game.page.evaluate("() => document.activeElement.innerText") == "u₂", "focus stays"
    game.press("Undo")
    game.says("Taken back.")
    game.press("∂L/∂f_out", "∂f_out/∂f_in", "t₁", "z₁,out", "t₁", "z₂,out")
    game.press("t₁", "u₁", "t₄", "σ′₁", "t₅", "x₁", "t₅", "x₂")
    game.press("t₁", "u₂", "t₈", "σ′₂", "t₉", "x₁", "t₉", "x₂")
    game.says("✓ All nine with 11 multiplications: par. Fewer is impossible. You guessed 15.")
    game.press("Restart")
    game.says("slots filled: 0 of 9")
    game.press("Show weight by weight")
    game.says("All nine with 27 multiplications. 16 of your products were made before.")
    game.press("Undo", "Undo")
    game.says("slots filled: 9 of 9")
    game.until(f"{game.quantity('cost')} === '11'")


def test_the_page_times_its_own_pass(cell):
    app = cell("explore.timing()")
    app.press("Time it")
    app.until(f"/in the page\\s+\\d\\.\\d{{4}}/.test({app.at}.node.innerText)")
    app.press("width")
    app.says("milliseconds at width")
    app.until(f"/in the page\\s+…/.test({app.at}.node.innerText)")
    app.press("depth")
    app.until(f"/in the page\\s+\\d\\.\\d{{4}}/.test({app.at}.node.innerText)")


def test_the_network_grows(cell):
    app = cell("explore.counts()")
    depth, width = (f"{app.at}.node.querySelectorAll('[type=range]')[{k}]" for k in (0, 1))
    layer = f"{app.at}.node.querySelectorAll('[type=range]')[2]"
    app.page.evaluate(f"() => {layer}.focus()")
    app.page.keyboard.press("End")
    app.until(f"{app.quantity('paths')} === '1'")
    for handle, widths in ((depth, [3] * 7 + [1]), (width, [7] * 7 + [1])):
        app.page.evaluate(f"() => {handle}.focus()")
        for _ in range(4):
            app.page.keyboard.press("ArrowRight")
        for way, count in cost.WAYS.items():
            shown = f"{app.quantity(way.replace(' ', '_'))}"
            app.until(f"{shown}.replaceAll(',', '') === '{count(widths)}'")
    app.page.evaluate(f"() => {depth}.focus()")
    app.page.keyboard.press("Home")
    app.until(f"{layer}.max === '1' && {layer}.value === '1'")
    app.page.keyboard.press("ArrowRight")
    app.until(f"{layer}.max === '2' && {layer}.value === '1'")


def test_timings_can_be_stopped(cell):
    app = cell("explore.timing()")
    assert "Nothing is timed before you press Start." in app.text
    app.press("Start")
    app.until(f"/\\d\\.\\d\\d/.test({app.at}.node.querySelector('td.n').innerText)")
    app.press("Stop")
    app.until(app.button("Start"))
    app.page.wait_for_timeout(500)  # a table on its way may arrive after the button
    stopped = app.text
    app.page.wait_for_timeout(1500)
    assert app.text == stopped
    assert re.search(r"weight by weight\s+\d+\.\d\d", stopped)
