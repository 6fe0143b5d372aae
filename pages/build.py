"""All notebooks as web pages that need no kernel and no network: `make site`.

The notebooks are stored as run, with the state of their widgets, so nothing is executed here. The
scripts come from packages that are installed anyway, ipywidgets' own and anywidget's, and MathJax
from one more; `page.js` brings the stored widgets to life with them.
"""

import json
import re
import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode

HERE = Path(__file__).parent
ROOT = HERE.parent
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
SCRIPTS = {
    "page.js": HERE / "page.js",
    "widgets.js": files("widgetsnbextension") / "static" / "extension.js",
    "anywidget.js": files("anywidget") / "nbextension" / "index.js",
    "MathJax": files("nbclassic") / "static" / "components" / "MathJax",
}
# A page draws its formulas as SVG, which takes no fonts: a browser may refuse a file's page one.
UNUSED = shutil.ignore_patterns("HTML-CSS", "CommonHTML", "localization")


def build(destination: Path) -> None:
    """Write one page for each notebook, an index, and their scripts."""
    (destination / "scripts").mkdir(parents=True, exist_ok=True)
    for name, source in SCRIPTS.items():
        with as_file(source) as path:
            copy = shutil.copyfile if path.is_file() else _copy_folder
            copy(path, destination / "scripts" / name)
    notebooks = {"index": index(ROOT / "README.md")} | {
        path.stem: nbformat.read(path, as_version=4)
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    pages = [{"href": f"{name}.html", "title": title(nb)} for name, nb in notebooks.items()]
    exporter = HTMLExporter(
        extra_template_paths=[str(HERE)],
        template_file="page.html.j2",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("moves", moves)
    for page, nb in zip(pages, notebooks.values(), strict=True):
        nb.metadata.title = page["title"]
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = re.sub(r"\]\((?:notebooks/)?(\w+)\.ipynb", r"](\1.html", cell.source)
        lock(nb)
        text, _ = exporter.from_notebook_node(nb, {"pages": pages, "page": page})
        (destination / page["href"]).write_text(text, encoding="utf-8")


def _copy_folder(source: Path, destination: Path) -> None:
    shutil.copytree(source, destination, ignore=UNUSED, dirs_exist_ok=True)


def index(readme: Path) -> NotebookNode:
    """The first page: what the README says of the suite, its notebooks and its sources."""
    introduction, *sections = re.split(r"\n(?=## )", readme.read_text(encoding="utf-8"))
    introduction = re.sub(r"\n!\[[^\]]*\]\([^)]*\)\n", "", introduction)
    chosen = [s for s in sections if s.startswith(("## The notebooks", "## Sources"))]
    cells = map(nbformat.v4.new_markdown_cell, [introduction, *chosen])
    return nbformat.v4.new_notebook(cells=list(cells))


def title(nb: NotebookNode) -> str:
    """The first heading."""
    return next(m[1] for cell in nb.cells if (m := re.match(r"# (.+)", cell.source)))


def models(nb: NotebookNode, view: str) -> list[NotebookNode]:
    """The stored models of one app: the displayed one, and all that it refers to."""
    state, found, ahead = nb.metadata.widgets[STATE]["state"], {}, [view]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = state[name]
            ahead += re.findall(r'"IPY_MODEL_([^"]+)"', json.dumps(state[name]["state"]))
    return list(found.values())


def moves(nb: NotebookNode, view: str) -> bool:
    """Whether an app computes in the page: if it has a part that is written for the page."""
    return any(model["model_module"] == "anywidget" for model in models(nb, view))


def lock(nb: NotebookNode) -> None:
    """Disable the controls of every app that only a kernel can answer."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            view = output.get("data", {}).get(VIEW)
            if view and not moves(nb, view["model_id"]):
                for model in models(nb, view["model_id"]):
                    model["state"]["disabled"] = True


if __name__ == "__main__":
    build(Path(sys.argv[1]))
