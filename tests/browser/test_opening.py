"""What a learner meets at the first opening, by `make lab` and with no settings of one's own."""

import os
import shutil
import subprocess

import pytest

from backprop_lab.page.library import SCRIPTS, script
from backprop_lab.page.live import Live

from .conftest import ROOT
from .servers import SETTINGS, Notebook

SHOWN = """() => [...document.querySelectorAll(".Toastify__toast, .jp-Dialog")]
    .map((e) => e.innerText)"""


@pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="no make, or none for sh")
def test_make_lab_starts_jupyterlab_with_the_settings_that_are_tested_here(tmp_path, monkeypatch):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$2 $JUPYTER_CONFIG_PATH"\n')
    python.chmod(0o755)
    (tmp_path / ".ready").touch()
    command = ["make", "-s", "lab", f"VENV={tmp_path}"]
    for own, expected in (("", f"{SETTINGS}"), ("/mine", f"{SETTINGS}:/mine")):
        monkeypatch.setenv("JUPYTER_CONFIG_PATH", own)
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
        assert said.splitlines()[-1] == f"jupyterlab {expected}"


@pytest.fixture(scope="module")
def first(lab, context):
    notebook = Notebook(lab, context, "00_start_here.ipynb")
    notebook.page.evaluate("() => window.jupyterapp.restored")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")
    session = "window.jupyterapp.shell.currentWidget.sessionContext.session"
    notebook.page.evaluate(f"() => {session}.kernel.info")
    yield notebook
    notebook.close()


def test_nothing_asks_about_news(first):
    first.page.wait_for_timeout(2000)
    assert first.page.evaluate(SHOWN) == []


def test_opening_a_notebook_does_not_change_it(first):
    model = "window.jupyterapp.shell.currentWidget.context.model"
    kernel = f"{model}.getMetadata('language_info').version"
    first.page.wait_for_function(f"() => {kernel}")
    first.show_stored()
    first.page.wait_for_timeout(2000)
    assert not first.page.evaluate(f"() => {model}.dirty")


BUSY = """
const { createObjectURL } = URL;
const { setTimeout: wait } = window;
const { error } = console;
let made = Infinity; // when anywidget's models make the page's first module
URL.createObjectURL = (...what) => {
  made = Math.min(made, performance.now());
  return createObjectURL(...what);
};
window.setTimeout = (then, ms, ...what) => wait(function late() {
  if (ms === 100 && performance.now() < made + 2000) wait(late, 100);
  else then(...what);
}, ms);
console.error = (...said) => {
  window.lost ||= `${said}`.includes("model not found");
  error(...said);
};
"""
"""A page on which a look for a model, one each 100 ms, takes place when all models are made and not
before: as on a machine so slow that making them takes seconds."""
SAID = "look.codeCells().map((cell) => cell.node.textContent).join()"
DIRTY = "window.jupyterapp.shell.currentWidget.context.model.dirty"


def test_an_app_that_jupyterlab_lost_is_shown_again(lab, context):
    notebook = Notebook(lab, context, "00_start_here.ipynb", BUSY)
    notebook.page.wait_for_function("() => window.lost")
    # Where the reader has not been yet, too: innerText is told only of what is near the screen.
    notebook.page.wait_for_function(f"() => !({SAID}).includes('model not found')")
    assert notebook.show_stored() == []
    shown = notebook.look("codeCells().flatMap(look.apps).length")
    assert shown == notebook.look("codeCells().reduce((sum, cell) => sum + look.views(cell), 0)")
    assert not notebook.page.evaluate(f"() => {DIRTY}")
    notebook.close()


LOSE = """() => {
  window.output = document.querySelector(".jp-OutputArea-output:has(.backprop-app)");
  output.textContent = "Error displaying widget: model not found"; // as ipywidgets writes it
  output.classList.add("jupyter-widgets");
  window.apps = document.querySelectorAll(".backprop-app").length;
}"""
FOUND = "() => document.querySelectorAll('.backprop-app').length > apps"


def test_an_app_that_is_lost_late_is_shown_again_too(first):
    """A cell may be drawn, and an app lost, at any time, and its model may have another view."""
    first.show_stored()
    first.page.evaluate(LOSE)
    first.page.wait_for_function(FOUND)
    assert not first.page.evaluate(f"() => {DIRTY}")


LATE = """async ([first, after]) => {
  const models = {};
  const url = URL.createObjectURL(new Blob([first], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const texts = { loader: "export const load = (model, texts) => ({ render: () => 'an app' });" };
  const widget_manager = {
    has_model: (id) => id in models,
    get_model: async (id) => {
      if (!(id in models)) throw new Error("widget model not found");
      return models[id];
    },
  };
  setTimeout(() => (models["backprop-lab"] = { attributes: { texts } }), after);
  const model = { get: () => "IPY_MODEL_backprop-lab", widget_manager };
  widget.initialize({ model });
  return widget.render({ model });
}"""


def test_an_app_waits_for_the_library_as_long_as_it_takes(page):
    """A page that is reloaded and run at once makes its apps before it has heard of the library;
    ipywidgets itself waits for two seconds."""
    assert page.evaluate(LATE, [script("first"), 3000]) == "an app"


FORGOTTEN = """async (text) => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: widget, uses } = await import(url);
  uses({ data: { texts: [], flags: [], numbers: {}, tables: {} } });
  let looks = 0;
  const el = document.createElement("div");
  Object.defineProperty(el, "isConnected", { get: () => (looks++, false) });
  const leave = widget.render({ model: { on() {}, off() {} }, el });
  const of = async (time) => {
    const before = looks;
    await new Promise((done) => setTimeout(done, time));
    return looks - before;
  };
  const found = [await of(2000)];
  leave();
  return [...found, await of(1000)];
}"""


def test_a_view_that_its_host_forgot_is_looked_for_ever_less(page):
    """JupyterLab makes some views, of apps that it lost, and never shows them."""
    looks, afterwards = page.evaluate(FORGOTTEN, "".join(SCRIPTS[part] for part in Live.parts))
    assert 3 <= looks <= 12
    assert afterwards == 0
