"""Starts a host of notebooks and a real Chromium, and opens notebooks in them."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import BrowserContext, sync_playwright

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
SLOW = "[anywidget] Failed to initialize model."
"""anywidget says so of a model that a busy page takes more than two seconds to start. It starts all
the same; one that does not moves no number, and the tests of the numbers see that."""
LOST = "widget model not found"
"""The widget manager says so of an app that it does not find while it makes the models of a page;
the app is shown again (library.js). One whose model is missing is not, and the tests see that."""
SETTINGS = Path(__file__).parents[2] / ".jupyter"
FORGET = """
import sys, ipywidgets
ipywidgets.Widget.close_all()
for name in [name for name in sys.modules if name.partition(".")[0] == "backprop_lab"]:
    del sys.modules[name]
get_ipython().reset()
"""
"""What a kernel is asked to forget before the next notebook."""
STARTED_WITHIN, STOPPED_WITHIN = 90, 10  # seconds


def installed_browser() -> str | None:
    """The path of a Chromium that runs: a name on the PATH alone proves nothing."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path and not subprocess.run([path, "--version"], capture_output=True).returncode:
            return path
    return None


@contextmanager
def browser_context(path: str) -> Iterator[BrowserContext]:
    """A new profile in a browser of its own; every page of it has `look`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(90_000)  # Voilà runs a notebook before it answers
        context.add_init_script(path=Path(__file__).with_name("look.js"))
        yield context
        context.close()
        browser.close()


def new_notebook(*cells: str) -> nbformat.NotebookNode:
    """A notebook of code cells."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nb


HOSTS = {
    "jupyterlab": "lab/workspaces/{workspace}/tree/{notebook}",
    "notebook": "notebooks/{notebook}",
    "voila": "voila/render/{notebook}",
}
"""What shows notebooks, by module, and where: JupyterLab in a new workspace each time."""


@dataclass(frozen=True)
class Server:
    """A running host."""

    host: str
    folder: Path
    url: str
    token: str

    def address(self, notebook: str) -> str:
        """Where a notebook opens."""
        path = HOSTS[self.host].format(workspace=secrets.token_hex(4), notebook=notebook)
        return f"{self.url}{path}?token={self.token}"


@contextmanager
def serve(host: str, home: Path, folder: Path) -> Iterator[Server]:
    """A host on the notebooks of a folder, trusted, with the settings of `make lab`, and a user's
    own, of whom nothing is known yet, below `home`."""
    foreign = ("JUPYTER", "IPYTHON", "PYTEST", "MPLBACKEND")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_CONFIG_PATH": str(SETTINGS),
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
    if trust.returncode:
        raise RuntimeError(trust.stderr)
    token, log = secrets.token_hex(16), home / "log.txt"
    if host == "voila":  # knows no port 0; where another program was faster it takes one nearby
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = [
            str(folder), f"--port={port}", f"--token={token}",
            f"--Voila.connection_dir_root={home}",
            # Notebook's extension of JupyterLab fails in any page of Voilà's beside it.
            "--VoilaConfiguration.extension_denylist=@jupyter-notebook/lab-extension",
        ]  # fmt: skip
    else:
        options = [
            "--allow-root", "--expose-app-in-browser", "--ServerApp.port=0",
            f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}",
        ]  # fmt: skip
    with log.open("w") as output:
        server = subprocess.Popen(
            [*python, host, "--no-browser", *options],
            env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield Server(host, folder, url_of(server, home / "runtime", log), token)
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # this server and its kernels, nothing else
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        _, left = psutil.wait_procs(running(home), STOPPED_WITHIN)
        assert not left


def running(home: Path) -> list[psutil.Process]:
    """The processes that work in this folder: a server, or a kernel with its connection file."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(home) in argument for argument in process.info["cmdline"] or ())
    ]


def url_of(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """The server's address, as it announces it: in a file, or (Voilà) in its log."""
    announced = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < end and server.poll() is None:
        if found := re.search(r"Voilà is running at:\n(\S+/)", log.read_text(encoding="utf-8")):
            return found[1]
        try:
            return json.loads(announced.read_text())["url"]
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.1)
    raise RuntimeError(f"no server within {STARTED_WITHIN} s:\n{log.read_text()[-3000:]}")


class Notebook:
    """A notebook open in JupyterLab, in a page that runs a script first."""

    def __init__(self, lab, context, name, script=""):
        self.lab, self.context, self.name, self.script = lab, context, name, script
        self.complaints = []
        self.open()

    def open(self):
        """In a page of its own."""
        self.page = self.context.new_page()
        self.page.add_init_script(self.script)
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._failed)
        self.page.goto(self.lab.address(self.name))
        self.opened()

    def opened(self):
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 0"
        )
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.ready")

    def show_stored(self):
        """Visit every stored app. What is not shown."""
        return self.look("cells(look.failures)")

    def _failed(self, error):
        if SLOW not in str(error):
            self.complaints.append(f"page error: {error}")

    def _heard(self, message):
        if message.type == "error" and LOST not in message.text:
            self.complaints.append(f"console: {message.text[:300]} ({message.location['url']})")

    def look(self, call):
        return self.page.evaluate(f"() => look.{call}")

    def python(self, code):
        """What Python says of a line of code."""
        return self.page.evaluate("code => look.python(code)", code)

    def save(self):
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def theme(self, name):
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            f"JupyterLab {name}",
        )
        light = str(name == "Light").lower()
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")

    def turn_to(self, name):
        """Another notebook in its place: the same page and kernel, which has loaded all but the
        package. Ten seconds faster than `open`, and a cell is run the same."""
        self.python(FORGET)
        self.page.evaluate("([name]) => look.turnTo(name)", [name])
        self.theme("Light")
        self.name, self.complaints = name, []

    def close(self):
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close(run_before_unload=False)
