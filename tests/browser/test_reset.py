"""A button that resets takes each number to its home, or to its first value."""

from .cell import Cell

APP = """
from backprop_lab.page.controls import App, NumberSlider, button, computing, grid, message_line
from backprop_lab.page.program import Program
from backprop_lab.picture import elements
import ipywidgets as widgets

def compute(values):
    return {"sum": values["a"] + values["b"]}

controls = {name: NumberSlider(name, 1.0, 0.0, 5.0, 1.0) for name in ("a", "b")}
message, place = message_line(), widgets.HTML('<span data-q="sum" data-digits="1">2.0</span>')
reset = widgets.HTML(str(button("reset", "Begin again", "The first numbers")))
page = computing(Program(("a", "b"), compute), controls, home={"b": 4.0})
rows = [grid(*controls.values()), message, reset, place]
App("two numbers", controls, {}, lambda a, b: {}, rows, message, page)
"""


def test_numbers_go_home_or_to_their_first_value(opens):
    notebook = opens(APP)
    cell = Cell(notebook, "two numbers")
    field = notebook.page.locator(".backprop-app input[type=text]").first
    field.fill("3")
    field.press("Enter")
    cell.until(f"{cell.quantity('sum')} === '4.0'")
    cell.press("Begin again")
    cell.until(f"{cell.quantity('sum')} === '5.0'")
    assert field.input_value() == "1"
    assert notebook.complaints == []
