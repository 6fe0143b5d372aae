"""A reader's second day: apps that were run, saved, left and opened again; and kernels that go."""

import shutil
from pathlib import Path

import nbformat
import pytest

from .conftest import ROOT
from .servers import Notebook, new_notebook

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
MARKS = """() => [...document.querySelectorAll(".jupyter-widgets-disconnected")]
  .filter((e) => !["none", "normal"].includes(getComputedStyle(e, "::before").content))
  .map((e) => e.className)"""
"""ipywidgets' marks of a broken link, by their widgets."""
WITHOUT = """() => [...document.querySelectorAll(".without-kernel")]
  .filter((e) => e.checkVisibility()).length"""
"""How many apps say that they need a kernel and that there is none."""
BUTTONS = """() => [...document.querySelectorAll(".backprop-app button")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true })).map((e) => e.innerText)"""
LIVING = """
import asyncio
sum("Background" in repr(task.get_coro()) for task in asyncio.all_tasks())
"""
"""How many apps work in the background."""
APPS_ALIVE = """
import gc
sum(isinstance(e, explore.App) and e.comm is not None for e in gc.get_objects())
"""


class Copy:
    """A notebook of the test's own, to be run, saved and opened again."""

    def __init__(self, lab, context, nb):
        self.lab, self.context, self.name = (
            lab,
            context,
            f"day{len(list(lab.folder.iterdir()))}.ipynb",
        )
        if isinstance(nb, str):
            shutil.copy(ROOT / "notebooks" / nb, lab.folder / self.name)
        else:
            nbformat.write(nb, lab.folder / self.name)
        self.open()

    def open(self):
        self.notebook = Notebook(self.lab, self.context, self.name)
        self.page = self.notebook.page
        self.notebook.show_stored()

    def save(self):
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def python(self, code):
        return self.page.evaluate("code => look.python(code)", code)

    def wait(self, holds):
        self.page.wait_for_function(holds)

    def cells(self):
        """What keys that reach the notebook would change: cells, their kinds and their runs."""
        return self.page.evaluate(
            "() => [...look.notebook().widgets].map((cell) =>"
            " [cell.model.id, cell.model.type, cell.model.executionCount ?? null])"
        )


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda name: Path(name).stem)
def stored(request, lab, context):
    copy = Copy(lab, context, request.param)
    yield copy
    copy.notebook.close()


@pytest.fixture
def training(lab, context):
    """XOR learned live: run, at its start."""
    nb = new_notebook("from backprop_lab import explore", "app = explore.xor_training(); app", "1")
    copy = Copy(lab, context, nb)
    copy.notebook.look("run()")
    yield copy
    copy.notebook.close()


@pytest.fixture
def playing(training):
    """The same, at work."""
    play(training)
    return training


def play(copy):
    copy.page.get_by_role("button", name="Play").first.click()
    copy.wait("() => [...document.querySelectorAll('button')].some((e) => e.innerText === 'Pause')")


# --- keys stay in the app -------------------------------------------------------------------------

KINDS = """(cell) => {
  const found = new Map();
  const all = "button, input, select, textarea, summary, a, [tabindex]";
  for (const e of cell.node.querySelectorAll(`.backprop-app :is(${all})`)) {
    const kind = [e.tagName, e.type ?? "", e.role ?? ""].join(" ");
    const takes = e.checkVisibility() && !e.disabled && e.tabIndex >= 0;
    if (takes && !found.has(kind)) found.set(kind, e);
  }
  return found;
}"""
KEYS = ("d", "d", "x", "0", "0", "r", "b", "m", "ArrowDown", "ArrowUp", "ArrowLeft", "j", "k")


def test_no_key_pressed_in_any_app_reaches_the_notebook(stored):
    page, before = stored.page, stored.cells()
    pressed = 0
    for number in range(page.evaluate("() => look.codeCells().length")):
        cell = f"look.codeCells()[{number}]"
        page.evaluate(f"() => look.show({cell})")
        for kind in page.evaluate(f"() => [...({KINDS})({cell}).keys()]"):
            element = f"({KINDS})({cell}).get({kind!r})"
            # Keys may fold or lock what has the focus, so each finds it anew.
            page.evaluate(f"() => {element}.focus()")
            for key in KEYS:
                page.keyboard.press(key)
            assert stored.cells() == before, kind
            assert page.locator(".jp-Dialog").count() == 0, kind
            pressed += 1
    assert pressed > 3


# --- stored, run, saved, opened again -------------------------------------------------------------


def test_what_is_run_and_saved_opens_whole_again(stored):
    assert stored.page.evaluate(MARKS) == []
    stored.notebook.look("run()")
    assert stored.notebook.look("cells(look.failures)") == []
    assert stored.page.evaluate(WITHOUT) == 0
    stored.save()
    stored.notebook.close()
    stored.open()
    assert stored.notebook.look("cells(look.failures)") == []
    assert stored.page.evaluate(MARKS) == []
    assert stored.notebook.complaints == []


STEPS = "() => [...document.querySelectorAll('[data-q=steps]')].map((e) => e.innerText).join()"


def test_a_reload_shows_what_the_kernel_holds(training):
    training.save()
    training.python("app.step(); app.step()")
    training.wait(f"() => ({STEPS})() === '2'")
    training.page.reload()
    training.notebook.opened()
    training.wait(f"() => ({STEPS})() === '2'")
    assert training.notebook.look("cells(look.failures)") == []


def test_two_copies_beside_each_other_keep_apart(training):
    training.page.get_by_role("button", name="Step").click()
    training.wait(f"() => ({STEPS})() === '1'")
    training.save()
    beside = f"beside_{training.name}"
    shutil.copy(training.lab.folder / training.name, training.lab.folder / beside)
    training.page.evaluate(
        "path => window.jupyterapp.commands.execute('docmanager:open',"
        " { path, options: { mode: 'split-right' } })",
        beside,
    )
    training.notebook.opened()
    training.notebook.look("run()")
    training.wait(f"() => ({STEPS})() === '1,0'")
    for _ in range(2):
        training.page.get_by_role("button", name="Step").nth(1).click()
    training.wait(f"() => ({STEPS})() === '1,2'")


# --- what a cell leaves behind --------------------------------------------------------------------


def run_again(copy):
    copy.page.evaluate("() => { look.notebook().activeCellIndex = 1; }")
    copy.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")


def test_a_cell_that_is_run_again_ends_its_last_run(playing):
    assert playing.python(LIVING) == "1"
    for _ in range(3):
        run_again(playing)
        playing.wait(
            "() => [...document.querySelectorAll('button')].some((e) => e.innerText === 'Play')"
        )
        assert playing.python(LIVING) == "0"
        play(playing)
        assert playing.python(LIVING) == "1"
    assert playing.python(APPS_ALIVE) == "1"


@pytest.mark.parametrize("command", ["notebook:clear-cell-output", "notebook:delete-cell"])
def test_work_ends_when_its_app_leaves_the_page(playing, command):
    playing.page.evaluate("() => { look.notebook().activeCellIndex = 1; }")
    playing.page.evaluate("command => window.jupyterapp.commands.execute(command)", command)
    playing.wait("() => !document.querySelector('.backprop-app')")
    assert playing.python(LIVING) == "0"


@pytest.mark.parametrize("end", ["session.kernel.restart()", "shutdown()"])
def test_an_app_says_that_its_kernel_is_gone(playing, end):
    assert playing.page.evaluate(WITHOUT) == 0
    playing.page.evaluate(f"() => {SESSION}.{end}")
    playing.wait(WITHOUT)
    assert playing.page.evaluate(MARKS) == []
    assert "Pause" not in playing.page.evaluate(BUTTONS)
