"""Execute notebooks and store them, outputs and widget state, in one canonical form.

Canonical means: the same source gives the same file, byte for byte, so that a diff shows what
changed for a reader and nothing else.
"""

from __future__ import annotations

import json
import os
import re
from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping
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


def _client(
    nb: NotebookNode, path: Path, timeout: int, begun: list[int], noisy: bool
) -> NotebookClient:
    """Runs `nb`; begun: takes the place of each cell that is begun; noisy: with `noise`."""
    extension = [f'--IPKernelApp.extensions=["{noise.__name__}"]']
    client = NotebookClient(
        nb,
        kernel_name=KERNELSPEC["name"],
        timeout=timeout,
        # By default nbclient drops what comes later than 4 s after the reply, and only logs it.
        iopub_timeout=60,
        raise_on_iopub_timeout=True,
        record_timing=False,
        # No warning that loopback is not encrypted.
        extra_arguments=["--log-level=ERROR", *extension * noisy],
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
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
    """A copy of `nb` in which only what a notebook shows is left, with widget models numbered."""
    nb = deepcopy(nb)
    nb.metadata.kernelspec = NotebookNode(KERNELSPEC)
    nb.metadata.get("language_info", {}).pop("version", None)  # one file for every Python
    state = models(nb)
    for model in state.values():
        _drop_defaults(model)
    names = _numbers(nb, state)
    for cell in code_cells(nb):
        cell.metadata.pop("execution", None)  # time stamps
        cell.outputs = nbformat.from_dict(_rename(_merged(cell.outputs), names))
        for output in cell.outputs:
            if output.output_type == "error":  # a traceback holds paths, and varies with Python
                output.traceback = [f"{output.ename}: {output.evalue}"]
    if state:
        renamed = {names[key]: _rename(model, names) for key, model in state.items()}
        nb.metadata.widgets[STATE]["state"] = renamed
    else:
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


def _drop_defaults(model: dict[str, Any]) -> None:
    """Leave out the None's that a front end puts in itself: two thirds of all stored values.

    Not every None: a Dropdown whose `index` is missing shows its first option, not a blank.
    """
    state = model["state"]
    plain = model.get("model_name", "").endswith(("LayoutModel", "StyleModel"))
    for key in [key for key, value in state.items() if value is None]:
        if plain or key in ("_view_count", "tabbable", "tooltip"):
            del state[key]
    if "buffers" in model:
        model["buffers"].sort(key=lambda buffer: _text(buffer["path"]))


def _numbers(nb: NotebookNode, state: dict[str, Any]) -> dict[str, str]:
    """Model id -> "cell-number", in order of visit from the views of that cell (from 01).

    Counting afresh in each cell keeps a change in one from renumbering all that follow.
    What no view leads to, such as the models of links, is counted as cell 00.
    """
    names: dict[str, str] = {}

    def visit(ids: Iterable[str], cell: int, count: int = 0) -> int:
        for key in ids:
            if key in state and key not in names:
                count += 1
                names[key] = f"{cell:02}-{count:03}"
                count = visit(_references(state[key]), cell, count)
        return count

    for number, cell in enumerate(code_cells(nb), start=1):
        visit(_references(cell.outputs), number)
    rest = {key: model for key, model in state.items() if key not in names}
    visit(_by_content(rest, names), 0)
    return names


def _by_content(rest: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Ids of the models no view leads to, in an order that depends on nothing but content.

    Colour refinement: rank models by what they say, then by the ranks of those they refer to and
    are referred to by, until no more are told apart. Models still tied are alike, so that any one
    may go first; then refine again.
    """
    refers = {key: set(_references(model)) & rest.keys() for key, model in rest.items()}
    referred = {key: [other for other in rest if key in refers[other]] for key in rest}
    fixed = {key: _text(_rename(rest[key], names)) for key in rest if not refers[key]}
    rank = dict.fromkeys(rest, 0)

    def content(key: str, mark: str = "") -> str:
        if key in fixed:
            return fixed[key]
        labels = {other: f"?{rank[other]}" for other in refers[key]}
        return _text(_rename(rest[key], ChainMap({mark: "!"}, labels, names)))

    def kind(key: str) -> tuple[Any, ...]:
        referring = sorted((rank[other], content(other, key)) for other in referred[key])
        return rank[key], content(key), *referring

    while len(set(rank.values())) < len(rest):
        kinds = {key: kind(key) for key in rest}
        order = {each: 2 * n for n, each in enumerate(sorted(set(kinds.values())))}
        refined = {key: order[kinds[key]] for key in rest}
        if len(order) == len(set(rank.values())):
            members = Counter(refined.values())
            tied = min(number for number in members if members[number] > 1)
            refined[next(key for key in rest if refined[key] == tied)] -= 1
        rank = refined
    return sorted(rest, key=rank.__getitem__)


def _references(value: Any) -> Iterator[str]:
    """The ids of the models that `value` refers to, in order."""
    if isinstance(value, str):
        if value.startswith(REFERENCE):
            yield value.removeprefix(REFERENCE)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            if key == VIEW:
                yield value[key].get("model_id", "")
            else:
                yield from _references(value[key])


def _rename(value: Any, names: Mapping[str, str]) -> Any:
    """A copy of `value` with other model ids; one without a model is as good as any other."""
    if isinstance(value, str) and value.startswith(REFERENCE):
        return REFERENCE + names.get(value.removeprefix(REFERENCE), MISSING)
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    if isinstance(value, dict):
        renamed = {key: _rename(item, names) for key, item in value.items()}
        if VIEW in value:
            renamed[VIEW]["model_id"] = names.get(value[VIEW].get("model_id"), MISSING)
        return renamed
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


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
