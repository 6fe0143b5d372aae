"""What `make site` says of a notebook that it cannot show."""

import re
import runpy
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "00_start_here.ipynb"
BUILD = runpy.run_path(str(ROOT / "pages" / "build.py"))
NOTEBOOKS = {path.stem: BUILD["stored"](path) for path in (ROOT / "notebooks").glob("*.ipynb")}
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


def test_the_first_page_has_every_notebook_of_the_readme_and_says_how_to_get_them():
    cells = BUILD["index"](README, NOTEBOOKS, "https://example.org/ada/lab").cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    entries = "".join(texts)
    for name in NOTEBOOKS:
        question = re.search(rf"\| \[{name}\]\(.*?\) \| (.+?) \|", README)[1]
        assert entries.count(f'href="{name}.html"') == entries.count(question) == 1
    assert "[this repository](https://example.org/ada/lab)" in entries
    assert "git clone https://example.org/ada/lab\ncd lab\nmake lab\n" in entries
    nowhere = "".join(cell.source for cell in BUILD["index"](README, NOTEBOOKS, "").cells)
    assert "In a clone of this repository:" in nowhere
    assert "git clone" not in nowhere


def test_the_first_page_has_the_models_of_its_app_and_no_others():
    nb = NOTEBOOKS["01_xor_walkthrough"]
    cell, state = BUILD["first_app"](nb)
    view = cell.outputs[0].data[BUILD["VIEW"]]["model_id"]
    assert view == BUILD["views"](nb)[0]
    referred = {n for m in state.values() for n in BUILD["REFERENCE"].findall(str(m["state"]))}
    assert referred <= set(state), "nothing that it refers to is missing"
    links = [m for m in state.values() if m["model_name"] == "LinkModel"]
    assert len(links) > 10
    assert {m[0] for n in state if (m := re.match(r"cell-\w+", n))} == {"cell-01"}, (
        "of no other app"
    )


def test_every_notebook_has_a_picture_that_stands_alone():
    for name, nb in NOTEBOOKS.items():
        chosen = BUILD["PICTURES"].get(name, "")
        assert not chosen or f"{chosen}-app-1" in BUILD["views"](nb), name
        root = ET.fromstring(BUILD["picture"](nb, chosen))
        style, inner = root
        assert (style.tag, inner.tag) == ("{http://www.w3.org/2000/svg}style", f"{root.tag}")
        assert inner.get("viewBox").split()[2:] == root.get("viewBox").split()[2:]
        assert "prefers-color-scheme: dark" in style.text
        assert "--bl-forward: #6cb8ff" in style.text.split("prefers-color-scheme")[1]


def test_a_notebook_without_a_picture_is_named():
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Text")])
    nb.metadata.widgets = {BUILD["STATE"]: {"state": {}}}
    with pytest.raises(ValueError, match="Text: got no picture"):
        BUILD["picture"](nb)


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://example.org/ada/lab.git", "https://example.org/ada/lab"),
        ("git@example.org:ada/lab.git", "https://example.org/ada/lab"),
        ("ssh://git@example.org/ada/lab", "https://example.org/ada/lab"),
        ("https://ada:secret@example.org/ada/lab", ""),
        ("/home/ada/lab", ""),
        ("", ""),
    ],
)
def test_the_repository_is_known_by_gits_origin_or_by_the_workflow(monkeypatch, origin, address):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    asked = subprocess.CompletedProcess([], 0, stdout=f"{origin}\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: asked)
    assert BUILD["repository"]() == address
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://example.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "grace/lab")
    assert BUILD["repository"]() == "https://example.com/grace/lab"
