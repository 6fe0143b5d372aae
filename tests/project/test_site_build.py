"""What `make site` says of a notebook that it cannot show."""

import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "00_start_here.ipynb"
BUILD = runpy.run_path(str(ROOT / "pages" / "build.py"))


def saved(nb, folder):
    path = folder / "lesson.ipynb"
    nbformat.write(nb, path)
    return path


def test_a_notebook_without_the_state_of_its_apps_is_named_with_the_remedy(tmp_path):
    nb = BUILD["stored"](NOTEBOOK)
    views = sum(BUILD["VIEW"] in o.get("data", {}) for c in nb.cells for o in c.get("outputs", ()))
    del nb.metadata["widgets"]
    said = (
        rf"lesson\.ipynb: {views} of its {views} apps .* make notebooks NOTEBOOKS=notebooks/lesson"
    )
    with pytest.raises(ValueError, match=said):
        BUILD["stored"](saved(nb, tmp_path))


def test_one_app_without_state_is_enough(tmp_path):
    nb = BUILD["stored"](NOTEBOOK)
    output = next(
        o for c in nb.cells for o in c.get("outputs", ()) if BUILD["VIEW"] in o.get("data", {})
    )
    output.data[BUILD["VIEW"]]["model_id"] = "gone"
    with pytest.raises(ValueError, match=r"lesson\.ipynb: 1 of its \d apps"):
        BUILD["stored"](saved(nb, tmp_path))


def test_a_notebook_without_apps_needs_none(tmp_path):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Text")])
    assert BUILD["stored"](saved(nb, tmp_path)).cells
