"""A state in JupyterLab: a button gives it, a call in a cell takes it."""

import re

import pytest

IMPORTS = "from backprop_lab import explore\nfrom backprop_lab.exercise import golf"
NEURON, GOLF = "explore.one_neuron()", "golf.play()"
STATED = 'explore.one_neuron(state="w=1.5&b=-0.5")'
COPY = """([place]) => {
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  document.querySelectorAll(".backprop-link button")[place].click();
  return document.activeElement.value;
}"""


@pytest.fixture(scope="module")
def notebook(opens):
    return opens(IMPORTS, NEURON, GOLF, STATED)


def fields(page):
    return page.evaluate(
        """() => [...document.querySelectorAll(".backprop-number input[type=text]")]
        .map((e) => e.value)"""
    )


def test_a_call_shows_its_state(notebook):
    page = notebook.page
    page.wait_for_function("() => document.querySelectorAll('.backprop-link button').length === 3")
    assert fields(page) == ["-2", "0", "1.5", "-0.5"]
    assert page.evaluate(COPY, [2]) == 'state="w=1.5&b=-0.5"'


def test_what_is_copied_is_for_a_call(notebook):
    page = notebook.page
    page.wait_for_function("() => document.querySelectorAll('.backprop-link button').length === 3")
    assert page.evaluate(COPY, [0]) == 'state=""'
    field = page.locator(".backprop-number input[type=text]").first
    field.fill("-1,25")
    field.press("Enter")
    assert page.evaluate(COPY, [0]) == 'state="w=-1.25"'
    guess = page.locator("input[data-act=guess]")
    guess.fill("15")
    guess.press("Enter")
    page.locator('button[data-act="press"][value="0"]').click()
    copied = page.evaluate(COPY, [1])
    assert re.fullmatch(r'state="guess=15&press=0"', copied)
    assert page.locator(".backprop-link button").first.inner_text() == "Copy state"
