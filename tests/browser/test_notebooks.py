"""The notebooks as a learner meets them in JupyterLab: opened, run, saved, and opened again.

Each is opened once and lives through its tests in their order. By day two are opened, the longest,
and the one with every kind of exercise, which lives through all. By night all.
"""

from pathlib import Path

import pytest

from tests.nightly import by_day

from .axe import COLOURS, EVERYTHING, findings
from .conftest import ROOT
from .servers import Notebook

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
MARKS = """() => [...document.querySelectorAll(".jupyter-widgets-disconnected")]
  .filter((e) => !["none", "normal"].includes(getComputedStyle(e, "::before").content))
  .map((e) => e.className)"""
"""ipywidgets' marks of a broken link, by their widgets."""
WITHOUT = """() => [...document.querySelectorAll(".without-kernel")]
  .filter((e) => e.checkVisibility()).length"""
"""How many apps say that they need a kernel and that there is none."""


def of_notebooks(values):
    """Gives a test the notebook that stays open for it, each of these."""
    return pytest.mark.parametrize(
        "notebook", values, indirect=True, scope="module", ids=lambda name: Path(name).stem
    )


PRACTICE = "07_practice.ipynb"
OPENED = of_notebooks(by_day(NOTEBOOKS, "04_matrix_calculus.ipynb", PRACTICE))
LIVED = of_notebooks(by_day(NOTEBOOKS, PRACTICE))


@pytest.fixture(scope="module")
def notebook(request, lab, context):
    opened = Notebook(lab, context, request.param)
    opened.failures = opened.show_stored()
    yield opened
    opened.close()


@pytest.fixture
def executed(notebook):
    """The notebook, run; whichever test asks first."""
    if not getattr(notebook, "executed", False):
        notebook.look("run()")
        notebook.executed = True
    return notebook


@OPENED
def test_its_apps_are_shown_before_any_cell_runs(notebook):
    assert notebook.failures == []
    shown = notebook.look("codeCells().flatMap(look.apps).length")
    assert shown == notebook.look("codeCells().reduce((sum, cell) => sum + look.views(cell), 0)")
    assert shown > 0
    assert notebook.look("codeCells().flatMap(cell => look.pictures(cell.node)).length") > 0
    assert notebook.page.evaluate(MARKS) == []
    assert notebook.complaints == []


FOLDS = """() => [...document.querySelectorAll(".jp-OutputPlaceholder .jp-PlaceholderText")]
  .map((e) => getComputedStyle(e).display)"""


@OPENED
def test_a_folded_output_says_nothing_before_it_is_opened(notebook):
    """JupyterLab shows its first line. Which folds it has drawn so far is a matter of time."""
    folded = notebook.look("codeCells().filter(cell => cell.outputHidden).length")
    shown = notebook.page.evaluate(FOLDS)
    assert set(shown) <= {"none"}
    assert bool(shown) == bool(folded)


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
CELLS = """() => [...look.notebook().widgets]
  .map((cell) => [cell.model.id, cell.model.type, cell.model.executionCount ?? null])"""
"""What keys that reach the notebook would change: cells, their kinds and their runs."""
KEYS = ("d", "d", "x", "0", "0", "r", "b", "m", "ArrowDown", "ArrowUp", "ArrowLeft", "j", "k")


@LIVED
def test_no_key_pressed_in_any_app_reaches_the_notebook(notebook):
    page, pressed = notebook.page, 0
    before = page.evaluate(CELLS)
    for number in range(page.evaluate("() => look.codeCells().length")):
        cell = f"look.codeCells()[{number}]"
        if not page.evaluate(f"() => look.views({cell})"):
            continue
        page.evaluate(f"() => look.show({cell})")
        for kind in page.evaluate(f"() => [...({KINDS})({cell}).keys()]"):
            element = f"({KINDS})({cell}).get({kind!r})"
            # Keys may fold or lock what has the focus, so each finds it anew.
            page.evaluate(f"() => {element}.focus()")
            for key in KEYS:
                page.keyboard.press(key)
            assert page.evaluate(CELLS) == before, kind
            assert page.locator(".jp-Dialog").count() == 0, kind
            pressed += 1
    assert pressed > 3


TROUBLES = "['failures', 'contrasts', 'overlaps'].flatMap(what => look[what](cell))"


@LIVED
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_runs_and_its_texts_are_legible_and_apart(executed, theme):
    executed.theme(theme)
    assert executed.look(f"cells(cell => {TROUBLES})") == []
    rules = COLOURS if theme == "Dark" else EVERYTHING
    assert findings(executed.page, ".backprop-app", rules) == []
    assert executed.look("texts()") > 0
    ran = executed.look("codeCells().map(cell => cell.model.executionCount)")
    assert ran == list(range(1, len(ran) + 1)), "all cells, in order, in a fresh kernel"
    assert executed.page.evaluate(WITHOUT) == 0
    assert executed.complaints == []


@LIVED
def test_saved_and_without_its_kernel_it_opens_whole_again(executed):
    executed.save()
    executed.close()
    executed.open()
    assert executed.show_stored() == []
    assert executed.page.evaluate(MARKS) == []
    assert executed.complaints == []
