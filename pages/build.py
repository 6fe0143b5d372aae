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
REFERENCE = re.compile(r'"IPY_MODEL_([\w-]+)"')
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
        path.stem: stored(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    pages = [{"href": f"{name}.html", "title": title(nb)} for name, nb in notebooks.items()]
    exporter = HTMLExporter(
        extra_template_paths=[str(HERE)],
        template_file="page.html.j2",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("needs_kernel", needs_kernel)
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


def stored(path: Path) -> NotebookNode:
    """The notebook in a file; ValueError if the state of an app that it shows is not stored."""
    nb = nbformat.read(path, as_version=4)
    known = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    outputs = [output for cell in nb.cells for output in cell.get("outputs", ())]
    views = {output.data[VIEW]["model_id"] for output in outputs if VIEW in output.get("data", {})}
    if missing := views - known.keys():
        raise ValueError(
            f"{path.name}: {len(missing)} of its {len(views)} apps have no stored state. "
            f"Run: make notebooks NOTEBOOKS=notebooks/{path.name}"
        )
    return nb


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


def controls(nb: NotebookNode, view: str) -> list[tuple[NotebookNode, bool]]:
    """Each control of one app, among all models that its view refers to: its stored state, and
    whether it is linked in the page."""
    state, found, ahead = nb.metadata.widgets[STATE]["state"], {}, [view]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = state[name]["state"]
            ahead += REFERENCE.findall(json.dumps(found[name]))
    linked = set()
    for model in state.values():
        if model["model_name"] == "LinkModel":
            linked.update(REFERENCE.findall(json.dumps(model["state"])))
    return [(own, name in linked) for name, own in found.items() if "disabled" in own]


def needs_kernel(nb: NotebookNode, view: str) -> bool:
    """Whether only a kernel can answer an app: it has controls, and none is linked in the page."""
    found = controls(nb, view)
    return bool(found) and not any(linked for _, linked in found)


def lock(nb: NotebookNode) -> None:
    """Disable every control that only a kernel can answer: one that is not linked in the page."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            view = output.get("data", {}).get(VIEW)
            for own, linked in controls(nb, view["model_id"]) if view else ():
                own["disabled"] |= not linked


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except ValueError as error:
        sys.exit(str(error))
