"""An app whose own program fails says so where it stands, and goes on when it can."""

from .cell import Cell

APP = """
import ipywidgets as widgets
from backprop_lab.page.controls import App, NumberSlider, computing, grid, message_line
from backprop_lab.page.program import Program

def compute(values):
    return {"found": [1.0, 2.0][int(values["a"])]}

controls = {"a": NumberSlider("a", 0.0, 0.0, 5.0, 1.0)}
message, place = message_line(), widgets.HTML('<span data-q="found" data-digits="1">1.0</span>')
page = computing(Program(("a",), compute), controls)
rows = [grid(*controls.values()), message, place]
App("one that fails", controls, {}, lambda a: {}, rows, message, page)
"""
FIELD = ".backprop-app input[type=text]"


def test_a_fault_of_the_program_is_said_in_place(opens):
    notebook = opens(APP)
    cell = Cell(notebook, "one that fails")
    for value, said in (("1", "2.0"), ("3", "This app has a fault of its own"), ("0", "1.0")):
        notebook.page.fill(FIELD, value)
        notebook.page.press(FIELD, "Enter")
        cell.says(said)
    assert "fault" not in cell.text
    assert any("no element 3 of 2" in complaint for complaint in notebook.complaints)
