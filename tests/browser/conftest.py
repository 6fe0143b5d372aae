"""A real JupyterLab and a real Chromium, once for all tests of the page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import BrowserContext

from .servers import BROWSERS, browser_context, installed_browser, new_notebook, running_lab

ROOT = Path(__file__).parents[2]
APPS = {
    "one_neuron": "explore.one_neuron()",
    "walkthrough": 'explore.xor_walkthrough("update")',
    "one_step": "explore.one_step()",
    "nudge": 'explore.nudge_app("u_1")',
    "predict": 'practice.predict("Which way?", [("up", True, "Yes."), ("down", False, "No.")])',
    "blanks": 'practice.chain_blanks("u_2")',
    "predict_step": "practice.predict_step()",
    "hunt": "practice.find_first_wrong()",
}
"""A page of apps of the tests' own: what the notebooks say may change."""


@pytest.fixture(scope="session")
def chromium() -> str:
    path = installed_browser()
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} runs here"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason}, and REQUIRE_BROWSER=1")
        pytest.skip(f"{reason}; REQUIRE_BROWSER=1 makes this a failure")
    return path


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """JupyterLab on copies of all notebooks and on a page of all apps."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    apps = new_notebook("from backprop_lab import explore, practice", *APPS.values())
    nbformat.write(apps, folder / "apps.ipynb")
    with running_lab(home, folder) as lab:
        yield lab


# Not for the whole session: an event loop runs in this thread while Playwright does.
@pytest.fixture(scope="module")
def context(chromium) -> BrowserContext:
    with browser_context(chromium) as context:
        yield context
