"""Nothing that a stored notebook shows can go wrong unnoticed: the comparison itself, tested.

Stored copies are altered in every way there is, first of a sample that has an output of every
kind, then of the real notebooks; each alteration must be found, in the cell where it was made.
"""

import base64
import json
import re
import shutil
from copy import deepcopy
from functools import partial
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tests.confirm import settings, store
from tests.confirm.alterations import (
    ERROR,
    STREAM,
    add,
    alter,
    altered,
    clear,
    drop,
    drop_type,
    empty,
    missed,
    packed,
    pieces,
    possible,
    renumber,
    reorder,
    retype,
    same,
    shuffled,
    state_alterations,
)
from tests.confirm.sample import ROOT, SAMPLE, command, notebook_file
from tests.confirm.store import STATE, VIEW, canonical, code_cells, models
from tests.confirm.strict import differences
from tests.nightly import by_day

NOTEBOOKS = sorted(store.NOTEBOOKS.glob("*.ipynb"))
pytest_plugins = ["pytester"]
KINDS = {
    *(STREAM, ERROR, VIEW, "text/plain", "text/latex", "text/html"),
    *("image/svg+xml", "image/png", "application/json"),
}


# --- a sample ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_path(tmp_path_factory):
    """The sample, stored by the script."""
    path = notebook_file(tmp_path_factory.mktemp("sample") / "sample.ipynb", *SAMPLE)
    run = command("-m", "tests.confirm", path, cwd=path.parent)
    assert run.returncode == 0, run.stderr
    assert (run.stdout, run.stderr) == ("sample.ipynb: updated\n", "")
    return path


@pytest.fixture(scope="module")
def sample(sample_path):
    return store.read(sample_path)


@pytest.fixture(scope="module")
def executed(sample_path, sample):
    """The sample, executed once more."""
    return store.execute(sample, sample_path)


def test_sample_shows_every_kind_of_output(sample):
    assert {kind for kind, *_ in pieces(sample)} == KINDS
    changes = [possible(sample, number, at) for _, number, at in pieces(sample)]
    assert set().union(*changes) == {
        *(alter, clear, empty, renumber, drop, add, reorder, drop_type, retype)
    }
    names = {name for name, _ in state_alterations(sample, every=False)}
    assert {"set value of FloatSliderModel", "set target of LinkModel"} <= names
    assert {"rename target of LinkModel", "set buffer of ImageModel"} <= names


def test_executing_twice_gives_the_same_file(sample_path, executed):
    before = sample_path.read_bytes()
    assert before.endswith(b"}\n")
    assert b"\r" not in before
    assert not store.write(executed, sample_path)
    assert sample_path.read_bytes() == before


def test_stored_form(sample, executed):
    assert same(sample, canonical(sample))
    assert same(sample, canonical(executed))
    counts = [cell.execution_count for cell in code_cells(sample)]
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, None], "the last cell is empty"
    assert "version" not in sample.metadata.language_info
    assert sample.metadata.kernelspec.name == "python3"
    by_cell = "|".join(cell.id for cell in sample.cells)
    assert all(re.fullmatch(rf"({by_cell})-\d\d\d", key) for key in models(sample))
    shown = code_cells(sample)[4]
    assert shown.outputs[1].data[VIEW]["model_id"].startswith(shown.id)
    assert code_cells(sample)[7].outputs[1].traceback == ["ZeroDivisionError: division by zero"]
    assert "<i>2</i>" in code_cells(sample)[5].outputs[0].data["text/html"]


def test_a_choice_not_made_is_stored_as_such(sample):
    """Front ends take a missing index for the first option."""
    dropdowns = [m["state"] for m in models(sample).values() if m["model_name"] == "DropdownModel"]
    assert [state["index"] for state in dropdowns] == [None]


def test_unaltered_passes(sample, executed):
    assert differences(sample, canonical(executed)) == {}


def test_every_alteration_is_found(sample):
    assert missed(sample, every=True) == []


def test_missing_state_is_said_to_be_missing(sample):
    copy = altered(sample, lambda nb: nb.metadata.pop("widgets"))
    said = differences(canonical(copy), sample)[None]
    assert said == "widgets are shown, but no widget state is stored"


def test_another_order_of_the_models_passes(sample):
    copy = shuffled(sample)
    assert list(models(copy)) != list(models(sample))
    assert same(canonical(copy), sample)


def test_another_id_does_not(sample):
    """It is by its id that an output finds its app in a kernel and in the file."""
    text = json.dumps(sample)
    key = next(iter(models(sample)))
    copy = nbformat.from_dict(json.loads(text.replace(key, "f" * 32)))
    assert differences(canonical(copy), sample)


def test_time_stamps_and_cut_streams_pass(sample):
    def as_saved_elsewhere(nb):
        first = code_cells(nb)[0]
        first.metadata["execution"] = {"shell.execute_reply": "2026-01-01T00:00:00"}
        first.outputs[:1] = [new_output("stream", text=part) for part in ("loss ", "0.25\n")]
        nb.metadata.language_info["version"] = "3.99"

    copy = canonical(altered(sample, as_saved_elsewhere))
    assert differences(copy, sample) == {}
    assert same(copy, sample)


FOLDED = {"jupyter": {"outputs_hidden": True}, "tags": ["fold"]}
FOLDS = {  # what is found in a file: what is stored, and whether the difference is one
    "as stored": (FOLDED, FOLDED, False),
    "as JupyterLab saves it": ({**FOLDED, "collapsed": True}, FOLDED, False),
    "run in JupyterLab": ({"tags": ["fold"]}, FOLDED, True),
    "folded by hand": ({"jupyter": {"outputs_hidden": True}}, FOLDED, True),
    "folded by hand elsewhere": ({"collapsed": True}, FOLDED, True),
    "open, code folded": (*[{"jupyter": {"source_hidden": True}}] * 2, False),
}


def test_a_lost_fold_is_found_and_made_again():
    cells = [new_code_cell("1", metadata=found) for found, _, _ in FOLDS.values()]
    executed = canonical(store.execute(new_notebook(cells=cells), store.NOTEBOOKS / "folds.ipynb"))
    assert [cell.metadata for cell in code_cells(executed)] == [
        want for _, want, _ in FOLDS.values()
    ]
    stored = deepcopy(executed)
    for cell, before in zip(code_cells(stored), cells, strict=True):
        cell.metadata = before.metadata
    found = differences(canonical(stored), executed)
    assert [number in found for number in range(len(FOLDS))] == [new for *_, new in FOLDS.values()]
    assert '- "output hidden": false' in found[2]


def test_other_packing_of_the_same_pixels_passes(sample):
    def repack(nb):
        data = code_cells(nb)[3].outputs[0].data
        with Image.open(BytesIO(base64.b64decode(data["image/png"]))) as image:
            data["image/png"] = packed(image, compress_level=1)

    assert differences(canonical(altered(sample, repack)), sample) == {}


@pytest.mark.parametrize("value", ["1", True, [1], None])
def test_values_of_another_type_differ(value):
    def showing(value):
        output = new_output("display_data", {"application/json": value})
        return new_notebook(cells=[new_code_cell("x", outputs=[output], execution_count=1)])

    assert differences(showing(1), showing(1)) == {}
    assert set(differences(showing(value), showing(1))) == {0}


def test_buffers_have_one_order():
    buffers = [{"path": [name], "data": "", "encoding": "base64"} for name in "abc"]

    def stored(buffers):
        state = {"m": {"model_name": "Image", "state": {}, "buffers": buffers}}
        return canonical(new_notebook(metadata={"widgets": {STATE: {"state": state}}}))

    assert same(stored(buffers), stored(buffers[::-1]))


def test_state_of_an_earlier_run_is_not_kept(tmp_path, sample):
    nb = new_notebook(cells=[new_code_cell("1")], metadata=deepcopy(sample.metadata))
    assert models(nb)
    assert models(store.execute(nb, tmp_path / "n.ipynb")) == {}


@pytest.mark.parametrize(
    "marker", ["NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "nbval-skip", "nbval-ignore-output"]
)
def test_markers_that_switch_off_are_refused(sample, marker):
    def mark(nb):
        cell = code_cells(nb)[2]
        if marker.isupper():
            cell.source = f"#  {marker}\n{cell.source}"
        else:
            cell.metadata["tags"] = [marker]

    assert store.refusals(sample) == {}
    reasons = store.refusals(altered(sample, mark))
    assert list(reasons) == [2]
    assert marker in reasons[2]


# --- through pytest ----------------------------------------------------------------------------


def project(folder: Path, **notebooks: NotebookNode) -> Path:
    """A copy of the project around other notebooks."""
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "tests/confirm", folder / "tests/confirm")
    shutil.copy(ROOT / "tests/__init__.py", folder / "tests")
    (folder / "notebooks").mkdir()
    for name, nb in notebooks.items():
        nbformat.write(nb, folder / f"notebooks/{name}.ipynb")
    return folder


def outcome(code: int, said: str) -> tuple[int, set[str], str]:
    """Exit code, names of failed items, and what was said."""
    return code, set(re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", said, re.MULTILINE)), said


def test_pytest_names_what_is_altered(pytester, sample):
    def mistakes(nb):
        alter(nb, "text/html", 1, 1)
        alter(nb, "image/png", 3, 0)
        clear(nb, STREAM, 0, 0)
        slider = next(m for m in models(nb).values() if m["model_name"] == "FloatSliderModel")
        slider["state"]["value"] = 0.75

    folder = project(pytester.path, n=altered(shuffled(sample), mistakes))
    run = pytester.runpytest_inprocess("--nbval", folder / "notebooks")
    code, failed, said = outcome(run.ret, run.stdout.str())
    items = ("Cell 0", "Cell 1", "Cell 3", "widget state", "elsewhere")
    assert code == 1
    assert failed == {f"notebooks/n.ipynb::{item}" for item in items}
    assert "notebooks/n.ipynb, Cell 0 (In [1])\n" in said
    assert "the stored cell was never run, or has been cleared" in said
    assert "    display(Latex('$w = 1.5$'), HTML('<b>2.5</b>'))\n" in said
    assert "output 2, display_data, text/html differs:\n--- stored\n+++ executed\n" in said
    assert "-<b>2.6</b>\n+<b>2.5</b>\n" in said
    assert "output 1, display_data, image/png differs" in said
    assert f"FloatSliderModel {code_cells(sample)[4].id}-001, value differs:" in said
    assert "-0.75\n+0.5\n" in said
    assert "If the change is meant: make notebooks" in said


def test_pytest_reports_refusals_in_their_cells(pytester):
    nb = new_notebook(
        cells=[
            new_code_cell("# NBVAL_IGNORE_OUTPUT\n1"),
            new_code_cell("import sys; print('careful', file=sys.stderr)"),
            new_code_cell("2"),
            new_code_cell("1 / 0"),
            new_code_cell("3", execution_count=5),
        ]
    )
    run = pytester.runpytest_inprocess("--nbval", project(pytester.path, n=nb) / "notebooks")
    code, failed, said = outcome(run.ret, run.stdout.str())
    items = ["Cell 0", "Cell 1", "Cell 2", "Cell 3", "Cell 4", "widget state", "elsewhere"]
    assert code == 1
    assert failed == {f"notebooks/n.ipynb::{item}" for item in items}
    assert "NBVAL_IGNORE_OUTPUT: nothing here may go unchecked" in said
    assert "wrote to stderr\ncareful" in said
    assert "raised\n" in said
    assert "ZeroDivisionError" in said
    assert "not run: an earlier cell ended the notebook" in said
    assert "not compared, because of Cell 0 (In [1])" in said


@pytest.mark.parametrize(
    ("options", "collected"),
    [
        (["--nbval"], ["StrictCell"] * 2 + ["Elsewhere"]),
        (["--nbval-lax"], ["StrictCell"] * 2 + ["Elsewhere"]),
        (["--nbval", "--noconftest"], ["IPyNbCell"]),
        (["-p", "no:nbval"], []),
        ([], []),
    ],
)
def test_strict_where_nbval_is_asked_for_and_nowhere_else(pytester, options, collected):
    folder = project(pytester.path, n=new_notebook(cells=[new_code_cell("1")]))
    items, _ = pytester.inline_genitems(*options, folder / "notebooks")
    plain = [item for item in items if not item.get_closest_marker("nightly")]
    assert [type(item).__name__ for item in plain] == collected
    nightly = len(settings.every()) * ("Elsewhere" in collected)
    assert [type(item).__name__ for item in items[len(plain) :]] == ["Elsewhere"] * nightly


# --- other processors --------------------------------------------------------------------------


def test_pytest_runs_a_notebook_elsewhere(pytester, sample, monkeypatch):
    nb = canonical(sample)
    folder = project(pytester.path, n=nb)
    run = pytester.runpytest_inprocess("--nbval", "-k", "elsewhere", folder / "notebooks")
    code, failed, said = outcome(run.ret, run.stdout.str())
    assert (code, failed) == (0, set()), said
    nb = altered(nb, partial(alter, kind="text/html", number=1, at=1))
    nbformat.write(nb, folder / "notebooks/n.ipynb")
    run = pytester.runpytest_inprocess("--nbval", "-k", "elsewhere", folder / "notebooks")
    code, failed, said = outcome(run.ret, run.stdout.str())
    assert (code, failed) == (1, {"notebooks/n.ipynb::elsewhere"})
    assert f"notebooks/n.ipynb, not the same under {settings.said(settings.other())}" in said
    assert "Cell 1 (In [2]): output 2, display_data, text/html differs:" in said


# --- the real notebooks ------------------------------------------------------------------------


def by_name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", by_day(NOTEBOOKS, *NOTEBOOKS[:3]), ids=by_name)
def test_every_alteration_of_a_real_notebook_is_found(path):
    nb = canonical(store.read(path))
    assert same(nb, store.read(path)), "not as stored by: make notebooks"
    assert same(nb, canonical(shuffled(nb)))
    assert list(pieces(nb)), "shows nothing"
    assert missed(nb) == []


def shown(nb: NotebookNode) -> list[dict[str, int | str]]:
    """What a notebook shows but widgets: kind, code cell, place."""
    found = [piece for piece in pieces(nb) if piece[0] != VIEW]
    return [{"kind": kind, "number": number, "at": at} for kind, number, at in found]


REAL = NOTEBOOKS[0]
"""To be run altered: it takes the least time. What differs is found in all of them, above."""


@pytest.fixture(scope="module")
def outcome_of_altered(tmp_path_factory, sample):
    """Outcome of pytest on the sample, unaltered, and a real notebook, altered."""
    nb = store.read(REAL)
    copies = {"good_sample": shuffled(sample)}
    copies[REAL.stem] = altered(nb, partial(alter, **shown(nb)[0]))
    options = ["-p", "no:cacheprovider", "--nbval", "-n", "2", "--dist", "loadfile"]
    options += ["-k", "not elsewhere"]
    folder = project(tmp_path_factory.mktemp("project"), **copies)
    run = command("-m", "pytest", *options, "notebooks", cwd=folder)
    return outcome(run.returncode, run.stdout + run.stderr)


def test_pytest_passes_what_is_unaltered(outcome_of_altered):
    code, failed, said = outcome_of_altered
    assert code == 1, said
    assert not [item for item in failed if "good_sample" in item], said


def test_pytest_finds_an_alteration_of_a_real_notebook(outcome_of_altered):
    _, failed, said = outcome_of_altered
    place = shown(store.read(REAL))[0]
    name, number = f"notebooks/{REAL.name}", place["number"]
    assert f"{name}::Cell {number}" in failed
    message = said.split(f"{name}, Cell {number} (In [{number + 1}])\n")[1]
    assert f"output {place['at'] + 1}, " in message
    assert f"{place['kind']} differs:\n--- stored\n+++ executed" in message
