"""A real JupyterLab and a real Chromium, once for all tests of the page."""

from __future__ import annotations

import http.server
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import nbformat
import pytest
from filelock import FileLock
from playwright.sync_api import BrowserContext

from tests.nightly import by_night

from .cell import Cell
from .servers import (
    BROWSERS,
    Notebook,
    Server,
    browser_context,
    installed_browser,
    new_notebook,
    serve,
)
from .site_pages import Quiet, visiting

ROOT = Path(__file__).parents[2]
APPS = {
    "one_neuron": "explore.one_neuron()",
    "walkthrough": 'explore.walkthrough(bl.lectures.xor(), "update", printed=True)',
    "one_step": "explore.one_step()",
    "nudge": 'explore.nudge_app("u_1")',
    "predict": 'practice.predict("Which way?", [("up", True, "Yes."), ("down", False, "No.")])',
    "blanks": 'practice.chain_blanks("u_2")',
    "predict_step": "practice.predict_step()",
    "hunt": "practice.find_first_wrong()",
}
"""A page of apps of the tests' own: what the notebooks say may change."""
EMPTY = "import backprop_lab"
XOR = APPS["walkthrough"]
TWICE = (f"one = {XOR}", "one", "one", XOR)
"""Another page: two views of one app, and a second app."""


@pytest.fixture(scope="session")
def chromium() -> str:
    path = installed_browser()
    if path is None:
        missing(f"no browser: none of {', '.join(BROWSERS)} runs here", "REQUIRE_BROWSER")
    return path


def missing(reason: str, switch: str) -> NoReturn:
    """Skip a test, and say why; fail where the switch is on."""
    if os.environ.get(switch) == "1":
        pytest.fail(f"{reason}, and {switch}=1")
    pytest.skip(f"{reason}; {switch}=1 makes this a failure")


def notebooks_of(home: Path) -> Path:
    """Copies of all notebooks, and the pages of apps, in a folder."""
    folder = home / "notebooks"
    folder.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    for name, cells in {"apps": APPS.values(), "twice": TWICE}.items():
        nb = new_notebook(
            "import backprop_lab as bl\nfrom backprop_lab import explore\n"
            "from backprop_lab.exercise import practice",
            *cells,
        )
        nbformat.write(nb, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    with serve("jupyterlab", home, notebooks_of(home)) as server:
        yield server


# Not for the whole session: an event loop runs in this thread while Playwright does.
@pytest.fixture(scope="package")
def context(chromium) -> BrowserContext:
    with browser_context(chromium) as context:
        yield context


@pytest.fixture(scope="module")
def page(context):
    """An empty page."""
    opened = context.new_page()
    yield opened
    opened.close()


def stored(lab: Server, *cells: str) -> str:
    """The name of a new notebook of these cells."""
    name = f"{secrets.token_hex(4)}.ipynb"
    nbformat.write(new_notebook(*cells), lab.folder / name)
    return name


@pytest.fixture(scope="package")
def desk(lab, context):
    """A page with a kernel, for one notebook after the other."""
    opened = Notebook(lab, context, stored(lab, EMPTY))
    opened.look("run()")
    yield opened
    opened.close()


@contextmanager
def lying(desk: Notebook, name: str) -> Iterator[Notebook]:
    """A notebook on the desk, run; then an empty one again, so that no app goes on unseen."""
    desk.turn_to(name)
    desk.look("run()")
    yield desk
    desk.turn_to(stored(desk.lab, EMPTY))


@pytest.fixture(scope="module")
def opens(lab, desk):
    """Opens the module's notebook, of these cells, and runs it."""
    opened = []
    with ExitStack() as stack:

        def run(*cells: str) -> Notebook:
            assert not opened, "a module's second notebook opens alone"
            opened.append(stack.enter_context(lying(desk, stored(lab, *cells))))
            return desk

        yield run


@pytest.fixture(scope="module")
def opens_alone(lab, context):
    """Opens a notebook of these cells in a page and with a kernel of its own, and runs it."""
    opened = []

    def run(*cells: str, within: BrowserContext = context) -> Notebook:
        opened.append(Notebook(lab, within, stored(lab, *cells)))
        opened[-1].look("run()")
        return opened[-1]

    yield run
    for notebook in opened:
        notebook.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The site, built once: by the first of the processes that run the tests to need it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build = [sys.executable, ROOT / "pages" / "build.py", f"{folder}.part"]
            run = subprocess.run(build, capture_output=True, text=True)
            assert (run.returncode, run.stderr) == (0, "")
            Path(f"{folder}.part").rename(folder)
    return folder


@pytest.fixture(scope="session")
def server(site):
    """The address of a server that knows nothing but files."""
    handler = partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture
def visit(site, context):
    """Opens pages from a folder."""
    with visiting(site.as_uri(), context) as open_page:
        yield open_page


@pytest.fixture(params=[by_night("server"), "file"])
def visit_anywhere(request, site, context):
    """Opens pages from a server, and from a folder."""
    served = request.param == "server"
    address = request.getfixturevalue("server") if served else site.as_uri()
    with visiting(address, context) as open_page:
        yield open_page


@pytest.fixture
def cell(notebook):
    """A cell of the module's notebook, by its source; in the end nothing may have complained."""
    yield lambda source: Cell(notebook, source)
    assert notebook.complaints == []
