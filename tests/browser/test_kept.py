"""What is typed into an exercise is kept: past a cell run again, a reload, a kernel's end, a full disk."""

import json
import shutil
import time
from pathlib import Path

import pytest

from .conftest import ROOT
from .servers import Notebook, browser_context

IMPORTS = "from backprop_lab.exercise import drill, golf, hand_in, practice"
BLANKS, DRILL, GOLF, HAND = 'practice.chain_blanks("u_2")', "drill.play()", "golf.play()", "hand_in.play()"
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
SIGN = "The size is right, the sign is not."
GRADIENT = 'xpath=(//*[contains(@class,"backprop-app")])[1]//input[@type="text"]'


class Page:
    """A page with exercises, in JupyterLab or on the site."""

    def __init__(self, page):
        self.page = page

    def app(self, k=0):
        return self.page.locator(".backprop-app").nth(k)

    def type(self, text, field=0, app=0):
        place = self.app(app).locator("input[type=text]:not([data-act=guess])").nth(field)
        place.fill(text)
        place.press("Enter")

    def typed(self, field=0, app=0):
        return self.app(app).locator("input[type=text]").nth(field).input_value()

    def says(self, text, app=0):
        self.app(app).get_by_text(text).first.wait_for()

    def warns(self, text, app=0):
        self.app(app).locator("[data-kept]", has_text=text).wait_for()

    def silent(self, app=0):
        assert self.app(app).locator("[data-kept]").inner_text() == ""


class Lab(Page):
    """A notebook in JupyterLab, and its file."""

    def __init__(self, notebook):
        self.notebook = notebook
        super().__init__(notebook.page)

    @property
    def file(self) -> Path:
        return self.notebook.lab.folder / "answers" / f"{Path(self.notebook.name).stem}.json"

    def kept(self):
        try:
            return json.loads(self.file.read_text("utf-8"))["exercises"]
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def entry(self, title):
        return next((e for e in self.kept().values() if e["exercise"] == title), None)

    def until(self, holds, patience=15):
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, f"waited in vain; kept: {self.kept()}"
            self.page.wait_for_timeout(100)

    def run(self, index):
        self.page.evaluate("k => { look.notebook().activeCellIndex = k; }", index)
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
        self.page.evaluate("() => look.heard()")

    def reload(self):
        self.page.reload()
        self.notebook.opened()

    def save(self):
        self.notebook.save()


@pytest.fixture
def lab_page(opens):
    return Lab(opens(IMPORTS, BLANKS, DRILL, GOLF, HAND))


def test_what_is_typed_survives(lab_page):
    lab = lab_page
    assert not lab.file.exists(), "an app untouched writes nothing"
    lab.type("0.1234", 1)
    lab.says("Not yet")
    lab.type("2", app=1)
    lab.until(lambda: len(lab.kept()) == 2)
    first = lab.entry("the factors of u_2, to fill in")
    assert first["state"] == "typed_1=0.1234"
    assert [one["typed"] for one in first["met"]] == ["0.1234"]
    lab.run(1)
    lab.says("Not yet")
    assert lab.typed(1) == "0.1234"
    lab.silent()
    print(lab.file.read_text())
