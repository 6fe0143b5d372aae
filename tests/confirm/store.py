"""Execute notebooks and store them, outputs and widget state, in one canonical form.

Canonical means: the same source gives the same file, byte for byte, so that a diff shows what
changed for a reader and nothing else.
"""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.output_widget import OutputWidget
from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags

from . import noise
from .settings import Setting

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
REFERENCE = "IPY_MODEL_"
MISSING = "missing"
FOLD = "fold"
"""The tag of a cell whose output is stored folded: JupyterLab opens it for good at a run."""
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# ipykernel reads both: the first redirects figures away from the notebook, the second switches off
# the capture of what C code prints. A kernel must do the same under pytest as under `make`.
FOREIGN_VARIABLES = {"MPLBACKEND", "PYTEST_CURRENT_TEST"}


class Refused(Exception):
    """A notebook that must not be stored.

    `reasons` are by number of the code cell (from 0, as nbval counts; None: widget state),
    `notebook` is what came of it until then.
    """

    def __init__(self, path: Path, reasons: dict[int | None, str], notebook: NotebookNode):
        where = [f"{place(number)}: {reason}" for number, reason in reasons.items()]
        super().__init__("\n".join([f"{path} is refused", *where]))
        self.reasons = reasons
        self.notebook = notebook


def place(number: int | None) -> str:
    """How a code cell is called in messages: nbval's name, and the number the reader sees."""
    return "widget state" if number is None else f"Cell {number} (In [{number + 1}])"


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def models(nb: NotebookNode) -> dict[str, Any]:
    """The stored widget models by id."""
    return nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})


# --- executing ---------------------------------------------------------------------------------


class _Captured(OutputWidget):
    """nbclient's Output widget, less its reply to the kernel.

    Sent while the end of a cell is awaited, that reply can make the client sleep over the end
    until the time-out: a wait of ten minutes in one run out of twenty.
    """

    def send(self, *args: Any, **kwargs: Any) -> None:
        pass


STARTS = 3
"""A kernel is given ports that were free a moment ago; another kernel's start may take them first
(jupyter_client's issue 487), and it dies before it has run anything. It is then started again."""


def execute(
    nb: NotebookNode, path: Path | str, timeout: int = 600, setting: Setting = MappingProxyType({})
) -> NotebookNode:
    """Run a copy of `nb` top to bottom in a fresh kernel, beside `path`; `timeout` is per cell.

    setting: the kernel's processor (see `settings`).
    """
    path = Path(path)
    nb = deepcopy(nb)
    nb.metadata.pop("widgets", None)
    for cell in code_cells(nb):
        cell.outputs, cell.execution_count = [], None
        _fold(cell)
    begun: list[int] = []
    environment = {key: os.environ[key] for key in os.environ.keys() - FOREIGN_VARIABLES}
    environment |= setting
    if noise.SEED in environment:
        paths = str(ROOT), environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    stopped = {}
    for start in range(1, STARTS + 1):
        client = _client(nb, path, timeout, begun, noise.SEED in environment)
        try:
            client.execute(env=environment)
        except CellExecutionError:
            pass  # the cell holds its error: refusals() finds it
        except (CellTimeoutError, DeadKernelError) as error:
            ran = nb.cells[: begun[-1] if begun else 0]
            stopped = {sum(cell.cell_type == "code" for cell in ran): str(error)}
        except Exception:
            if begun or start == STARTS:
                raise
            continue
        break
    reasons = refusals(nb) | stopped
    if reasons:
        client.set_widgets_metadata()  # which nbclient does at the end only
        raise Refused(path, reasons, nb)
    return nb


def _fold(cell: NotebookNode) -> None:
    """Fold the output of a cell that has the tag; give the tag to one that was folded by hand."""
    metadata = cell.metadata
    tags = metadata.get("tags", [])
    by_hand = metadata.get("jupyter", {}).get("outputs_hidden") or metadata.get("collapsed")
    if FOLD in tags or by_hand:
        metadata.tags = tags if FOLD in tags else [*tags, FOLD]
        metadata.jupyter = NotebookNode(metadata.get("jupyter", {}), outputs_hidden=True)


class _Client(NotebookClient):
    """Forgets the models that are closed, as a front end does."""

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int):
        super().handle_comm_msg(outs, msg, cell_index)
        if msg["msg_type"] == "comm_close":
            self.widget_state.pop(msg["content"]["comm_id"], None)


def _client(
    nb: NotebookNode, path: Path, timeout: int, begun: list[int], noisy: bool
) -> NotebookClient:
    """Runs `nb`; begun: takes the place of each cell that is begun; noisy: with `noise`."""
    extension = [f'--IPKernelApp.extensions=["{noise.__name__}"]']

    def begin(cell: NotebookNode, cell_index: int) -> None:
        begun.append(cell_index)
        # As JupyterLab does, and nbclient does not: an app's widgets are named by its cell.
        client.kc.session.metadata = {"cellId": cell.get("id")}

    client = _Client(
        nb,
        kernel_name=KERNELSPEC["name"],
        timeout=timeout,
        # By default nbclient drops what comes later than 4 s after the reply, and only logs it.
        iopub_timeout=60,
        raise_on_iopub_timeout=True,
        record_timing=False,
        extra_arguments=[
            "--log-level=ERROR",  # no warning that loopback is not encrypted
            *extension * noisy,
            "--IPKernelApp.exec_lines=import backprop_lab.page.cell",
            "--IPKernelApp.exec_lines=backprop_lab.page.cell.every = True",
            "--IPKernelApp.exec_lines=del backprop_lab",
        ],
        on_cell_execute=begin,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.widget_registry["@jupyter-widgets/output"]["OutputModel"] = _Captured
    return client


def refusals(nb: NotebookNode) -> dict[int | None, str]:
    """Why an executed notebook must not be stored, by number of the code cell."""
    reasons: dict[int | None, str] = {}
    for number, cell in enumerate(code_cells(nb)):
        may_raise = "raises-exception" in cell.metadata.get("tags", [])
        if reason := switched_off(cell) or _trouble(cell.outputs, may_raise):
            reasons[number] = reason
    # An Output widget catches what is printed or raised inside it.
    for model in models(nb).values():
        if reason := _trouble(model["state"].get("outputs") or []):
            reasons[None] = reason
    return reasons


def switched_off(cell: NotebookNode) -> str:
    """The marker by which a cell asks not to be run or compared, as a reason to refuse it."""
    tags = {*metadata_tags, "skip-execution"} - {"raises-exception"}
    found = sorted(tags & set(cell.metadata.get("tags", [])))
    comments = [line.strip(" \t#") for line in cell.source.splitlines() if line.strip()[:1] == "#"]
    found += [comment for comment in comments if comment in comment_markers]
    return f"{', '.join(found)}: nothing here may go unchecked" if found else ""


def _trouble(outputs: list[NotebookNode], may_raise: bool = False) -> str:
    for output in outputs:
        if output["output_type"] == "error" and not may_raise:
            trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
            return "raised\n" + "\n".join(trace.splitlines()[-20:])
        if output["output_type"] == "stream" and output["name"] == "stderr":
            return f"wrote to stderr\n{output['text'][-1000:]}"
    return ""


# --- the canonical form ------------------------------------------------------------------------


def canonical(nb: NotebookNode) -> NotebookNode:
    """A copy of `nb` in which only what a notebook shows is left."""
    nb = deepcopy(nb)
    nb.metadata.kernelspec = NotebookNode(KERNELSPEC)
    nb.metadata.get("language_info", {}).pop("version", None)  # one file for every Python
    state = models(nb)
    for model in state.values():
        _drop_defaults(model)
    for cell in code_cells(nb):
        for said_elsewhere in ("execution", "collapsed"):  # time stamps; `outputs_hidden` once more
            cell.metadata.pop(said_elsewhere, None)
        cell.outputs = _merged(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "error":  # a traceback holds paths, and varies with Python
                output.traceback = [f"{output.ename}: {output.evalue}"]
    if not state:
        nb.metadata.pop("widgets", None)
    return nb


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where they are cut is a matter of time."""
    merged: list[NotebookNode] = []
    for output in outputs:
        stream = output.output_type == "stream" and output.name
        if stream and merged and merged[-1].get("name") == stream:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


_DEFAULTS = {
    "_dom_classes": [],
    "box_style": "",
    "description": "",
    "description_allow_html": False,
}


def _drop_defaults(model: dict[str, Any]) -> None:
    """Leave out what a front end puts in itself: three quarters of all stored values.

    Not every None: a Dropdown whose `index` is missing shows its first option, not a blank.
    """
    state = model["state"]
    plain = model.get("model_name", "").endswith(("LayoutModel", "StyleModel"))
    own = str(model.get("model_module")).startswith("@jupyter-widgets/")
    for key, value in list(state.items()):
        unset = value is None and (plain or key in ("_view_count", "tabbable", "tooltip"))
        named = own and key.startswith(
            ("_model_", "_view_m", "_view_n")
        )  # as the model's class says
        if unset or named or (own and key in _DEFAULTS and value == _DEFAULTS[key]):
            del state[key]
    if "buffers" in model:
        model["buffers"].sort(key=lambda buffer: json.dumps(buffer["path"]))


# --- storing -----------------------------------------------------------------------------------


def read(path: Path | str) -> NotebookNode:
    """The notebook in a file."""
    return nbformat.read(path, as_version=4)


def write(nb: NotebookNode, path: Path | str) -> bool:
    """Write a notebook in canonical form; whether that changed the file."""
    path = Path(path)
    text = (nbformat.writes(canonical(nb)) + "\n").encode()
    changed = not path.exists() or path.read_bytes() != text
    if changed:
        path.write_bytes(text)
    return changed
