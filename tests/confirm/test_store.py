"""Notebooks are run and stored, or refused and left alone; other processors count too."""

import os
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.confirm import __main__ as storing
from tests.confirm import noise, settings, store
from tests.confirm.sample import notebook_file
from tests.confirm.store import Refused, canonical, models
from tests.confirm.strict import differences


def test_a_stopped_run_keeps_its_widget_state(tmp_path):
    cells = [new_code_cell("import ipywidgets as w\nw.HTML('1')"), new_code_cell("1 / 0")]
    with pytest.raises(Refused) as refusal:
        store.execute(new_notebook(cells=cells), tmp_path / "n.ipynb")
    assert list(refusal.value.reasons) == [1]
    kept = sorted(model["model_name"] for model in models(refusal.value.notebook).values())
    assert kept == ["HTMLModel", "HTMLStyleModel", "LayoutModel"]


def test_a_widget_that_was_closed_is_not_stored(tmp_path):
    cell = new_code_cell("import ipywidgets as w\nw.HTML('1').close()\nw.HTML('2')")
    nb = store.execute(new_notebook(cells=[cell]), tmp_path / "closed.ipynb")
    kinds = [(m["model_name"], m["state"].get("value")) for m in store.models(nb).values()]
    assert [value for name, value in kinds if name == "HTMLModel"] == ["2"]


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


def test_a_cell_that_shows_the_last_bit_is_found_by_the_noise(tmp_path, monkeypatch):
    monkeypatch.delenv(noise.SEED, raising=False)  # where this run has noise of its own
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
