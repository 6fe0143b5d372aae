"""A real JupyterLab and a real Chromium, once for all tests of the page."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import BrowserContext, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTED_WITHIN = 90  # seconds
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


def installed_browser() -> str | None:
    """The path of a Chromium that runs: a name on the PATH alone proves nothing."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path and not subprocess.run([path, "--version"], capture_output=True).returncode:
            return path
    return None


@pytest.fixture(scope="session")
def chromium() -> str:
    path = installed_browser()
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} runs here"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason}, and REQUIRE_BROWSER=1")
        pytest.skip(f"{reason}; REQUIRE_BROWSER=1 makes this a failure")
    return path


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str

    def address(self, notebook: str) -> str:
        """Where a notebook opens in a workspace of its own."""
        return f"{self.url}lab/workspaces/{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """JupyterLab on copies of all notebooks, trusted, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    nbformat.write(page_of_apps(), folder / "apps.ipynb")
    news = home / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    news /= "notification.jupyterlab-settings"
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    foreign = ("JUPYTER", "IPYTHON", "PYTEST", "MPLBACKEND")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    python = [sys.executable, "-m"]
    notebooks = map(str, folder.glob("*.ipynb"))
    trust = subprocess.run(
        [*python, "jupyter", "trust", *notebooks], env=environment, capture_output=True, text=True
    )
    assert trust.returncode == 0, trust.stderr
    token, log = secrets.token_hex(16), home / "log.txt"
    with log.open("w") as output:
        server = subprocess.Popen(
            [
                *python, "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
                "--ServerApp.port=0", f"--ServerApp.root_dir={folder}",
                f"--IdentityProvider.token={token}",
            ],
            env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield Lab(url_of(server, home / "runtime", log), token)
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # the server and its kernels, nothing else
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def url_of(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """The server's address, as it announces it."""
    announced = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            return json.loads(announced.read_text())["url"]
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start within {STARTED_WITHIN} s:\n{log.read_text()[-3000:]}")


def page_of_apps() -> nbformat.NotebookNode:
    cells = ["from backprop_lab import explore, practice", *APPS.values()]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nb


# Not for the whole session: an event loop runs in this thread while Playwright does.
@pytest.fixture(scope="module")
def context(chromium) -> BrowserContext:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(30_000)
        context.add_init_script(path=Path(__file__).with_name("look.js"))
        yield context
        context.close()
        browser.close()
