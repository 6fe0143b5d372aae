"""nbval's collector, made to compare all that a notebook shows.

As it comes, nbval passes over pictures, long widgets, cleared cells and widget state. Here a
notebook is run once, as `store` runs it; then each code cell, and last the widget state, is one
pytest item, compared in canonical form with what is stored. No marker or option loosens that.
One item more runs it as if on another processor, and nightly ones on every other (`settings`).
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import os
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from itertools import takewhile
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image, UnidentifiedImageError

from .settings import Setting, every, other, said
from .store import FOLD, VIEW, Refused, canonical, code_cells, execute, models, place, read

HINT = "If the change is meant: make notebooks"
LONGEST_SOURCE, LONGEST_DIFF, MOST_DIFFS = 12, 14, 4  # lines, lines, values in one message

Values = dict[str, Any]


# --- comparing: stored and executed notebook, both canonical, to what differs ------------------


def differences(stored: NotebookNode, executed: NotebookNode) -> dict[int | None, str]:
    """What differs, by number of the code cell (None: widget state); empty if nothing does."""
    cells = zip(code_cells(stored), code_cells(executed), strict=True)
    found: dict[int | None, str] = {n: _cell(*pair) for n, pair in enumerate(cells)}
    found[None] = _state(stored, executed)
    return {number: text for number, text in found.items() if text}


def _cell(stored: NotebookNode, executed: NotebookNode) -> str:
    if not stored.execution_count and executed.execution_count:
        return "the stored cell was never run, or has been cleared"
    if not executed.execution_count and executed.source.strip():
        return "not run: an earlier cell ended the notebook"
    return _report(dict(_shown(stored)), dict(_shown(executed)))


def _state(stored: NotebookNode, executed: NotebookNode) -> str:
    outputs = [output for cell in code_cells(stored) for output in cell.outputs]
    if not models(stored) and any(VIEW in output.get("data", {}) for output in outputs):
        return "widgets are shown, but no widget state is stored"
    was, now = models(stored), models(executed)
    alike = {key for key in was.keys() & now.keys() if _same(was[key], now[key])}
    return _report(dict(_held(was, alike)), dict(_held(now, alike)))


def _shown(cell: NotebookNode) -> Iterator[tuple[str, Any]]:
    """All that a cell shows, in order, with a name for each piece."""
    yield "execution count", cell.execution_count
    hidden = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
    yield "folded", {"output hidden": hidden, "tagged": FOLD in cell.metadata.get("tags", [])}
    for number, output in enumerate(cell.outputs, start=1):
        name = f"output {number}, {output.output_type}"
        yield name, {key: output[key] for key in output if key not in ("data", "text")}
        if output.output_type == "stream":
            yield f"{name} {output.name}", output.text
        for mime, content in sorted(output.get("data", {}).items()):
            is_raster = mime.startswith("image/") and mime != "image/svg+xml"
            yield f"{name}, {mime}", _picture(content) if is_raster else content


def _held(models: dict[str, Any], alike: set[str]) -> Iterator[tuple[str, Any]]:
    """All that the widget models hold but those `alike`, with a name for each piece; a model's id
    begins with that of its cell."""
    for key in sorted(models.keys() - alike):
        model = models[key]
        name = f"{model['model_name']} {key}"
        yield name, {part: model[part] for part in model if part != "state"}
        for part, value in sorted(model["state"].items()):
            yield f"{name}, {part}", value


def _picture(content: str) -> str:
    """A picture by its pixels, as the same ones can be packed in many ways."""
    data = base64.b64decode(content)
    try:
        with Image.open(BytesIO(data)) as image:
            if image.format == "PNG" and getattr(image, "n_frames", 1) == 1:
                pixels = image.convert("RGBA")
                return f"{pixels.size} pixels, {hashlib.sha256(pixels.tobytes()).hexdigest()}"
    except UnidentifiedImageError:
        pass
    return f"{len(data)} bytes, {hashlib.sha256(data).hexdigest()}"


# --- saying what differs -----------------------------------------------------------------------


def _report(stored: Values, executed: Values) -> str:
    was_there, is_there = "\n".join(stored), "\n".join(executed)
    values = [("what there is", was_there, is_there)]
    values += [(name, stored.get(name, ""), executed.get(name, "")) for name in stored | executed]
    differing = [value for value in values if not _same(*value[1:])]
    more = len(differing) - MOST_DIFFS
    return "\n\n".join(
        [f"{name} differs:\n{_diff(was, now)}" for name, was, now in differing[:MOST_DIFFS]]
        + [f"... and {more} more"] * (more > 0)
    )


def _diff(was: Any, now: Any) -> str:
    """A short unified diff around the first difference."""
    old, new = _lines(_text(was)), _lines(_text(now))
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    start = max(0, sum(1 for _ in alike) - 1)
    end = start + 3 * LONGEST_DIFF  # difflib takes its time over long texts
    diff = list(difflib.unified_diff(old[start:end], new[start:end], "stored", "executed", n=1))
    diff = [line.rstrip("\n") for line in diff]
    return "\n".join(diff[:LONGEST_DIFF] + ["..."] * (len(diff) > LONGEST_DIFF))


def _lines(text: str) -> list[str]:
    """Lines short enough to be read; markup mostly comes without any breaks."""
    lines = text.replace("><", ">\n<").split("\n")
    return [line[at : at + 100] + "\n" for line in lines for at in range(0, len(line) or 1, 100)]


def _same(was: Any, now: Any) -> bool:
    """Equal in type too, which 1 == True is not; and NaN with NaN."""
    return json.dumps(was, sort_keys=True) == json.dumps(now, sort_keys=True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, indent=1)


# --- collecting --------------------------------------------------------------------------------


class Different(Exception):
    """A notebook does not show what is stored."""


class StrictFile(IPyNbFile):
    """A notebook, run once for all of its cells, and once for each setting."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each code cell, one for the widget state, and one for each setting."""
        self.nb = read(self.path)
        for number, cell in enumerate(code_cells(self.nb)):
            yield self._item(f"Cell {number}", number, cell)
        yield self._item("widget state", None, None)
        yield Elsewhere.from_parent(self, name="elsewhere", setting=other())
        for setting in every():
            name = f"elsewhere: {said(setting)}"
            item = Elsewhere.from_parent(self, name=name, setting=setting)
            item.add_marker("nightly")
            yield item

    def _item(self, name: str, number: int | None, cell: NotebookNode | None) -> pytest.Item:
        return StrictCell.from_parent(self, name=name, cell_num=number, cell=cell, options={})

    def setup(self) -> None:
        """Nothing yet: nbval would start a kernel."""

    @cached_property
    def found(self) -> dict[int | None, str]:
        """What differs on this machine."""
        return self.compare({})

    def compare(self, setting: Setting) -> dict[int | None, str]:
        """Run the notebook and compare."""
        refused: dict[int | None, str] = {}
        try:
            executed = execute(self.nb, self.path, setting=setting)
        except Refused as refusal:
            executed, refused = refusal.notebook, refusal.reasons
        found = differences(canonical(self.nb), canonical(executed)) | refused
        if refused and None not in refused:
            found[None] = f"not compared, because of {place(next(iter(refused)))}"
        return found


class StrictCell(IPyNbCell):
    """One code cell, or (with number None) the widget state."""

    def runtest(self) -> None:
        """Fail if anything was found to differ."""
        if found := self.parent.found.get(self.cell_num):
            raise Different(found)

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> Any:
        """Notebook, cell, source, differences, and what to do."""
        if not isinstance(excinfo.value, Different):
            return pytest.Item.repr_failure(self, excinfo)
        path = os.path.relpath(self.path, self.config.rootpath)
        source = self.cell.source.splitlines() if self.cell else []
        clipped = source[:LONGEST_SOURCE] + ["..."] * (len(source) > LONGEST_SOURCE)
        code = "".join(f"    {line}\n" for line in clipped)
        return f"{path}, {place(self.cell_num)}\n{code}\n{excinfo.value}\n\n{HINT}"

    def reportinfo(self) -> tuple[os.PathLike[str], None, str]:
        """How pytest names the item in its headings."""
        return self.path, None, f"{self.path.name}::{self.name}"


class Elsewhere(pytest.Item):
    """The whole notebook, as if on another processor."""

    def __init__(self, *, setting: Setting, **named: Any):
        super().__init__(**named)
        self.setting = setting

    def runtest(self) -> None:
        """Fail if anything was found to differ."""
        found = self.parent.compare(self.setting)
        if found:
            texts = [f"{place(number)}: {text}" for number, text in found.items()]
            raise Different("\n\n".join([f"not the same under {said(self.setting)}", *texts]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> Any:
        """Notebook, setting and differences."""
        if not isinstance(excinfo.value, Different):
            return super().repr_failure(excinfo)
        return f"{os.path.relpath(self.path, self.config.rootpath)}, {excinfo.value}\n\n{HINT}"

    def reportinfo(self) -> tuple[os.PathLike[str], None, str]:
        """How pytest names the item in its headings."""
        return self.path, None, f"{self.path.name}::{self.name}"
