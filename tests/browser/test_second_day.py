"""A reader's second day: apps that were run, saved, left and opened again; and kernels that go."""

import shutil

import pytest

from .test_notebooks import MARKS, WITHOUT

SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
WORKING = """() => [...document.querySelectorAll(".backprop-app button")]
  .some((e) => e.innerText === "Stop" && !e.disabled)"""
"""Whether the kernel works for an app that has a button for that."""
LIVING = """
import asyncio
sum("Background" in repr(task.get_coro()) for task in asyncio.all_tasks())
"""
"""How many apps work in the background."""
APPS_ALIVE = """
import gc
sum(isinstance(e, explore.App) and e.comm is not None for e in gc.get_objects())
"""


CELLS = ("from backprop_lab import explore", "app = explore.xor_training(); app", "1")
TIMING = ("from backprop_lab import explore", "explore.timing()", "1")


@pytest.fixture(scope="module")
def opened(opens_alone):
    return opens_alone(*TIMING)


@pytest.fixture
def playing(opened):
    """The ways, timed: the one app whose work the kernel does, at work."""
    opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.revert()")
    opened.look("run()")
    play(opened)
    return opened


def wait(notebook, holds):
    notebook.page.wait_for_function(holds)


def play(notebook):
    notebook.page.get_by_role("button", name="Start", exact=True).first.click()
    wait(notebook, WORKING)


# --- opened again, beside each other --------------------------------------------------------------

STEPS = "() => [...document.querySelectorAll('[data-q=steps]')].map((e) => e.innerText).join()"


RATE = "() => document.querySelector('.backprop-number [type=text]')?.value"


def test_a_reload_has_the_kernels_settings_and_begins_the_run_anew(opens_alone):
    training = opens_alone(*CELLS)
    training.save()
    training.python("app.controls['rate'].set(3)")
    wait(training, f"() => ({RATE})() === '3'")
    training.page.get_by_role("button", name="Step").click()
    wait(training, f"() => ({STEPS})() === '1'")
    training.page.reload()
    training.opened()
    wait(training, f"() => ({STEPS})() === '0' && ({RATE})() === '3'")
    assert training.look("cells(look.failures)") == []
    training.page.get_by_role("button", name="Step").click()
    wait(training, f"() => ({STEPS})() === '1'")


@pytest.mark.nightly
def test_two_copies_beside_each_other_keep_apart(opens_alone):
    training = opens_alone(*CELLS)
    training.page.get_by_role("button", name="Step").click()
    wait(training, f"() => ({STEPS})() === '1'")
    training.save()
    beside = f"beside_{training.name}"
    shutil.copy(training.lab.folder / training.name, training.lab.folder / beside)
    training.page.evaluate(
        "path => window.jupyterapp.commands.execute('docmanager:open',"
        " { path, options: { mode: 'split-right' } })",
        beside,
    )
    training.opened()
    training.look("run()")
    wait(training, f"() => ({STEPS})() === '1,0'")
    for _ in range(2):
        training.page.get_by_role("button", name="Step").nth(1).click()
    wait(training, f"() => ({STEPS})() === '1,2'")


# --- what a cell leaves behind --------------------------------------------------------------------


def run_again(notebook):
    notebook.page.evaluate("() => { look.notebook().activeCellIndex = 1; }")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")


def test_a_cell_that_is_run_again_ends_its_last_run(playing):
    assert playing.python(LIVING) == "1"
    for _ in range(3):
        run_again(playing)
        wait(playing, f"() => !({WORKING})()")
        assert playing.python(LIVING) == "0"
        play(playing)
        assert playing.python(LIVING) == "1"
    assert playing.python(APPS_ALIVE) == "1"


@pytest.mark.parametrize("command", ["notebook:clear-cell-output", "notebook:delete-cell"])
def test_work_ends_when_its_app_leaves_the_page(playing, command):
    playing.page.evaluate("() => { look.notebook().activeCellIndex = 1; }")
    playing.page.evaluate("command => window.jupyterapp.commands.execute(command)", command)
    wait(playing, "() => !document.querySelector('.backprop-app')")
    assert playing.python(LIVING) == "0"


@pytest.mark.parametrize("end", ["session.kernel.restart()", "shutdown()"])
def test_an_app_says_that_its_kernel_is_gone(playing, end):
    assert playing.page.evaluate(WITHOUT) == 0
    playing.page.evaluate(f"() => {SESSION}.{end}")
    wait(playing, WITHOUT)
    assert playing.page.evaluate(MARKS) == []
