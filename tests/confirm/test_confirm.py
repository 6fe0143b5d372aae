"""Nothing that a stored notebook shows can go wrong unnoticed: the comparison itself, tested.

Stored copies are altered in every way there is, first of a sample that has an output of every
kind, then of the real notebooks; each alteration must be found, in the cell where it was made.
"""

import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tests.confirm import __main__ as storing
from tests.confirm import noise, settings, store
from tests.confirm.store import REFERENCE, STATE, VIEW, Refused, canonical, code_cells, models
from tests.confirm.strict import differences

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(store.NOTEBOOKS.glob("*.ipynb"))
STREAM, ERROR = "stream stdout", "error"

RAISES = {"tags": ["raises-exception"]}
SAMPLE = [
    new_markdown_cell("A sample with an output of every kind, at least two in most cells."),
    new_code_cell(
        "import ipywidgets as w\n"
        "import matplotlib.pyplot as plt\n"
        "from IPython.display import HTML, JSON, SVG, Latex, display\n"
        "print('loss 0.25')\n"
        "0.125"
    ),
    new_code_cell("display(Latex('$w = 1.5$'), HTML('<b>2.5</b>'))"),
    new_code_cell(
        "svg = '<svg xmlns=\"http://www.w3.org/2000/svg\"><text>3.5</text></svg>'\n"
        "display(SVG(svg), JSON({'loss': 0.5}))"
    ),
    new_code_cell("plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.show()\nprint('drawn: 1')"),
    new_code_cell(
        "slider, number = w.FloatSlider(0.5, max=1), w.FloatText(0.5)\n"
        "link = w.jslink((slider, 'value'), (number, 'value'))\n"
        "choice = w.Dropdown(options=['grows', 'shrinks'], value=None)\n"
        "captured = w.Output()\n"
        "with captured: display(slider); print('inside: 1')\n"
        "picture = w.Image(value=b'12345678')\n"
        "print('app 1')\n"
        "w.VBox([w.HTML(svg), slider, number, choice, captured, picture])"
    ),
    new_code_cell("step = display(HTML('<i>1</i>'), display_id='step')\ndisplay(number)"),
    new_code_cell("step.update(HTML('<i>2</i>'))\nunseen = w.IntSlider(3)"),
    new_code_cell("print('before 1')\n1 / 0", metadata=RAISES),
    new_code_cell(""),
]
pytest_plugins = ["pytester"]

KINDS = {
    *(STREAM, ERROR, VIEW, "text/plain", "text/latex", "text/html"),
    *("image/svg+xml", "image/png", "application/json"),
}


# --- alterations -------------------------------------------------------------------------------


def altered(nb: NotebookNode, change: Callable[[NotebookNode], None]) -> NotebookNode:
    copy = deepcopy(nb)
    change(copy)
    assert json.dumps(copy, sort_keys=True) != json.dumps(nb, sort_keys=True), "nothing altered"
    return copy


def digit(text: str) -> str:
    """`text` with its last digit changed."""
    at = max((found.start() for found in re.finditer(r"\d", text)), default=None)
    return text + "1" if at is None else text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def pixel(picture: str) -> str:
    """A PNG in base64 with one colour of one pixel off by one."""
    with Image.open(BytesIO(base64.b64decode(picture))) as image:
        image = image.convert("RGBA")
    red, *rest = image.getpixel((3, 3))
    image.putpixel((3, 3), (red ^ 1, *rest))
    return packed(image)


def packed(image: Image.Image, **options) -> str:
    buffer = BytesIO()
    image.save(buffer, "PNG", **options)
    return base64.b64encode(buffer.getvalue()).decode()


def another_model(nb: NotebookNode, key: str) -> str:
    """The id of a model of another class."""
    known = models(nb)
    return next(k for k in known if known[k]["model_name"] != known[key]["model_name"])


def other(nb: NotebookNode, value):
    """Another value of the same type; for a reference, one to another model."""
    if isinstance(value, str) and value.startswith(REFERENCE):
        return REFERENCE + another_model(nb, value.removeprefix(REFERENCE))
    if isinstance(value, str):
        return digit(value)
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return 0 if value else 1
    if isinstance(value, list):
        return [other(nb, value[0]), *value[1:]] if value else ["1"]
    return {**value, "1": 1} if not value else {k: other(nb, v) for k, v in value.items()}


def pieces(nb: NotebookNode) -> Iterator[tuple[str, int, int]]:
    """Every output by kind, number of the code cell, place in the cell."""
    for number, cell in enumerate(code_cells(nb)):
        for at, output in enumerate(cell.outputs):
            if output.output_type == "stream":
                yield f"stream {output.name}", number, at
            elif output.output_type == "error":
                yield ERROR, number, at
            for mime in output.get("data", {}):
                yield mime, number, at


def alter(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    output = code_cells(nb)[number].outputs[at]
    if kind.startswith("stream"):
        output.text = digit(output.text)
    elif kind == ERROR:
        output.evalue = digit(output.evalue)
    elif kind == "image/png":
        output.data[kind] = pixel(output.data[kind])
    elif kind == VIEW:
        output.data[kind]["model_id"] = another_model(nb, output.data[kind]["model_id"])
    else:
        output.data[kind] = other(nb, output.data[kind])


def clear(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """As JupyterLab's "Clear Cell Output" leaves it."""
    code_cells(nb)[number].update(outputs=[], execution_count=None)


def empty(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    code_cells(nb)[number].outputs = []


def renumber(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """As a cell that was run again out of turn."""
    code_cells(nb)[number].execution_count = 17


def drop(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    del code_cells(nb)[number].outputs[at]


def add(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    outputs = code_cells(nb)[number].outputs
    outputs.insert(at, deepcopy(outputs[at]))


def reorder(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    code_cells(nb)[number].outputs.reverse()


def drop_type(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    del code_cells(nb)[number].outputs[at].data[kind]


def retype(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """A result made a display: it loses its Out[n]."""
    output = code_cells(nb)[number].outputs[at]
    output.output_type = "display_data"
    del output["execution_count"]


def possible(nb: NotebookNode, number: int, at: int) -> list[Callable]:
    """The changes that can be made to an output."""
    outputs = code_cells(nb)[number].outputs
    changes = [alter, clear, empty, renumber, drop, add]
    changes += [reorder] * (outputs != outputs[::-1])
    changes += [drop_type] * ("data" in outputs[at])
    changes += [retype] * (outputs[at].output_type == "execute_result")
    return changes


def output_alterations(nb: NotebookNode, every: bool) -> Iterator[tuple[str, int, NotebookNode]]:
    """Changes to one output of each kind: name, code cell, altered copy.

    Every change there is, or else the two that happen: another value, a cleared cell.
    """
    for kind, (number, at) in {kind: place for kind, *place in pieces(nb)}.items():
        for change in possible(nb, number, at) if every else [alter, clear]:
            change_it = partial(change, kind=kind, number=number, at=at)
            yield f"{change.__name__} {kind} in Cell {number}", number, altered(nb, change_it)


def state_alterations(nb: NotebookNode, every: bool) -> Iterator[tuple[str, NotebookNode]]:
    """Changes to the widget state, to one model of each class: name, altered copy.

    Every change there is, or else those of what a model is there for: its value, its ends.
    """

    def set_value(copy, key, name):
        models(copy)[key]["state"][name] = other(copy, models(copy)[key]["state"][name])

    def drop_value(copy, key, name):
        del models(copy)[key]["state"][name]

    def set_attribute(copy, key, end):
        models(copy)[key]["state"][end][1] += "1"

    def set_buffer(copy, key):
        buffer = models(copy)[key]["buffers"][0]
        buffer["data"] = base64.b64encode(b"87654321").decode()

    def remove(copy, key):
        del models(copy)[key]

    def duplicate(copy, key):
        models(copy)[uuid.uuid4().hex] = deepcopy(models(copy)[key])

    def clear_state(copy):
        del copy.metadata["widgets"]

    if not models(nb):
        return
    yield "clear all state", altered(nb, clear_state)
    for name, key in {model["model_name"]: key for key, model in models(nb).items()}.items():
        model = models(nb)[key]
        if every:
            yield f"remove {name}", altered(nb, partial(remove, key=key))
            yield f"duplicate {name}", altered(nb, partial(duplicate, key=key))
        if model.get("buffers"):
            yield f"set buffer of {name}", altered(nb, partial(set_buffer, key=key))
        for end in {"source", "target"} & model["state"].keys():
            yield f"rename {end} of {name}", altered(nb, partial(set_attribute, key=key, end=end))
        values = model["state"].keys()
        if not every:
            values &= {"value", "children", "source", "target", "index", "outputs"}
        for value in values:
            yield f"set {value} of {name}", altered(nb, partial(set_value, key=key, name=value))
            if every:
                drop_it = partial(drop_value, key=key, name=value)
                yield f"drop {value} of {name}", altered(nb, drop_it)


def missed(nb: NotebookNode, every: bool = False) -> list[str]:
    """The alterations of a canonical notebook that are not found where they were made."""
    names = []
    for name, number, copy in output_alterations(nb, every):
        found = differences(canonical(copy), nb)
        # To which of its models a view points shows in the state only.
        if number not in found and not (name.startswith(f"alter {VIEW}") and None in found):
            names.append(name)
    for name, copy in state_alterations(nb, every):
        if None not in differences(canonical(copy), nb):
            names.append(name)
    return names


def shuffled(nb: NotebookNode, seed: int = 0) -> NotebookNode:
    """A copy with its models in random order."""
    copy = deepcopy(nb)
    items = list(models(copy).items())
    random.Random(seed).shuffle(items)
    if items:
        copy.metadata.widgets[STATE]["state"] = NotebookNode(items)
    return copy


def same(one: NotebookNode, two: NotebookNode) -> bool:
    return nbformat.writes(one) == nbformat.writes(two)


# --- a sample ----------------------------------------------------------------------------------


def command(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python, run as a developer would: without what an outer pytest leaves in the environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment["PYTHONPATH"] = str(ROOT)  # for copies of notebooks that import the package
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def notebook_file(path: Path, *cells: NotebookNode) -> Path:
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


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


def test_a_stopped_run_keeps_its_widget_state(tmp_path):
    cells = [new_code_cell("import ipywidgets as w\nw.HTML('1')"), new_code_cell("1 / 0")]
    with pytest.raises(Refused) as refusal:
        store.execute(new_notebook(cells=cells), tmp_path / "n.ipynb")
    assert list(refusal.value.reasons) == [1]
    kept = sorted(model["model_name"] for model in models(refusal.value.notebook).values())
    assert kept == ["HTMLModel", "HTMLStyleModel", "LayoutModel"]


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


@pytest.mark.parametrize("deaths", [1, store.STARTS])
def test_a_kernel_that_dies_at_its_start_is_started_again(monkeypatch, tmp_path, deaths):
    starts, started = [], store.NotebookClient.async_start_new_kernel_client

    async def dies(client):
        starts.append(client)
        if len(starts) <= deaths:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return await started(client)

    monkeypatch.setattr(store.NotebookClient, "async_start_new_kernel_client", dies)
    nb = new_notebook(cells=[new_code_cell("6 * 7")])
    if deaths == store.STARTS:
        with pytest.raises(RuntimeError, match="Kernel died"):
            store.execute(nb, tmp_path / "n.ipynb")
    else:
        (cell,) = store.execute(nb, tmp_path / "n.ipynb").cells
        assert cell.outputs[0].data["text/plain"] == "42"
    assert len(starts) == min(deaths + 1, store.STARTS)


@pytest.mark.parametrize(
    ("source", "where", "said"),
    [
        ("[][1]", 1, "IndexError"),
        ("import sys; print('careful', file=sys.stderr)", 1, "wrote to stderr\ncareful"),
        ("import ipywidgets as w\nwith w.Output(): 1 / 0", None, "ZeroDivisionError"),
        ("import os; os._exit(1)", 1, "died"),
        ("import time; time.sleep(60)", 1, "timed out"),
    ],
)
def test_trouble_is_refused_and_leaves_the_file_alone(
    tmp_path, capsys, monkeypatch, source, where, said
):
    path = notebook_file(
        tmp_path / "n.ipynb", new_markdown_cell("#"), new_code_cell("1"), new_code_cell(source)
    )
    before = path.read_bytes()
    refusals = []

    def execute(nb, path, setting=()):
        try:
            return original(nb, path, timeout=2, setting=dict(setting))
        except Refused as refusal:
            refusals.append(refusal)
            raise

    original = store.execute
    monkeypatch.setattr(store, "execute", execute)
    assert storing.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert [list(refusal.reasons) for refusal in refusals] == [[where]]
    message = capsys.readouterr().err
    assert store.place(where) in message
    assert said in message
    assert "\x1b" not in message


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


def test_what_differs_on_another_processor_is_not_stored(tmp_path, capsys, monkeypatch):
    source = "import os\nos.environ.get('PROCESSOR')"
    path = notebook_file(tmp_path / "n.ipynb", new_code_cell("1"), new_code_cell(source))
    before = path.read_bytes()
    monkeypatch.setattr(storing, "other", lambda: {"PROCESSOR": "another one"})
    assert storing.main([str(path)]) == 1
    assert path.read_bytes() == before
    message = capsys.readouterr().err
    assert f"{store.place(1)}: not the same under PROCESSOR='another one'" in message
    assert "output 1, execute_result, text/plain differs:" in message
    assert "+'another one'" in message
    monkeypatch.setattr(storing, "other", dict)
    assert storing.main([str(path)]) == 0
    assert path.read_bytes() != before


def test_a_cell_that_shows_the_last_bit_is_found_by_the_noise(tmp_path):
    cells = [
        new_code_cell("import numpy as np\nfloat(np.array([0.1, 0.2]) @ np.array([0.3, 0.7]))"),
        new_code_cell("import backprop_lab as bl\nfloat(bl.ACTIVATIONS['tanh'](np.array(0.3)))"),
        new_code_cell("round(float(bl.ACTIVATIONS['tanh'](np.array(0.3))), 12)"),
        new_code_cell("float(np.tanh(0.0)), 0.1 * 0.3, float(np.array([0.5, 2]) @ [0.25, 3])"),
    ]
    path = notebook_file(tmp_path / "n.ipynb", *cells)
    plain = canonical(store.execute(store.read(path), path))
    found = set()
    for seed in range(1, 1 + settings.SEEDS):
        noisy = store.execute(store.read(path), path, setting={noise.SEED: str(seed)})
        found |= differences(plain, canonical(noisy)).keys()
    assert found == {0, 1}


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


def test_settings_are_those_of_this_processor():
    known = settings.every()
    assert settings.other() not in known
    assert {} not in known
    assert [s for s in known if noise.SEED in s] == known[-settings.SEEDS :]
    for setting in (settings.other(), *known):
        environment = {**os.environ, **setting, "PYTHONWARNINGS": "error"}
        command = [sys.executable, "-c", "import numpy; print(numpy.ones((9, 9)) @ numpy.ones(9))"]
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (run.returncode, run.stderr) == (0, ""), setting


# --- the real notebooks ------------------------------------------------------------------------


def by_name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
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
