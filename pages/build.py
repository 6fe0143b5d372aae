"""All notebooks as web pages that need no kernel and no network: `make site`.

The notebooks are stored as run, with the state of their widgets, so nothing is executed here. The
scripts come from packages that are installed anyway, ipywidgets' own and anywidget's, and MathJax
from one more; `page.js` brings the stored widgets to life with them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from importlib.resources import as_file, files
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from backprop_lab.picture.elements import STYLE, el

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
# A picture that is a file of its own is as large as the file, whatever it was in its app.
WHOLE = ".bl > svg { height: 100%; max-width: none !important; }"
# JupyterLab's dark colours, for a picture that is a file of its own.
DARK = (
    "--jp-content-font-color1: #fff; --jp-content-font-color2: rgb(255 255 255 / 70%);"
    "--jp-layout-color0: #111; --jp-border-color1: #616161"
)
# A page draws its formulas as SVG, which takes no fonts: a browser may refuse a file's page one.
UNUSED = shutil.ignore_patterns("HTML-CSS", "CommonHTML", "localization")


def build(destination: Path) -> None:
    """Write one page for each notebook, the first page, and what they need."""
    (destination / "scripts").mkdir(parents=True, exist_ok=True)
    for name, source in SCRIPTS.items():
        with as_file(source) as path:
            copy = shutil.copyfile if path.is_file() else _copy_folder
            copy(path, destination / "scripts" / name)
    notebooks = {path.stem: stored(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    (destination / "pictures").mkdir(exist_ok=True)
    for name, nb in notebooks.items():
        drawn = picture(nb, PICTURES.get(name, ""))
        (destination / "pictures" / f"{name}.svg").write_text(drawn, encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    notebooks = {"index": index(readme, notebooks, repository())} | notebooks
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
    shown = set(views(nb))
    if missing := shown - known.keys():
        raise ValueError(
            f"{path.name}: {len(missing)} of its {len(shown)} apps have no stored state. "
            f"Run: make notebooks NOTEBOOKS=notebooks/{path.name}"
        )
    return nb


ROW = r"^\| \[(\d\w+)\]\(.*?\) \| (.+?) \|$"
"""A notebook in the README's table: its name and its question."""
FRONT = "01_xor_walkthrough"
"""The notebook whose first app stands on the first page."""
PICTURES = {
    "01_xor_walkthrough": "cell-32", "02_delta_caching": "cell-26",
    "03_general_backprop": "cell-09", "04_matrix_calculus": "cell-42",
    "05_training": "cell-16", "06_vanishing_gradient": "cell-24",
}  # fmt: skip
"""The cell whose picture stands for a notebook there, where it is not the first."""


def index(readme: str, notebooks: dict[str, NotebookNode], home: str) -> NotebookNode:
    """The first page: a notebook's app, all notebooks, how to get them, and their sources, in the
    words of the README. home: the address of the repository, or "" if it has none."""
    introduction, *sections = re.split(r"\n(?=## )", readme)
    introduction = re.sub(r"\n!\[[^\]]*\]\([^)]*\)\n", "", introduction)
    named = {re.match(r"## (.+)", section)[1]: section for section in sections}
    get = named["Start"].split(" To run every test")[0].replace("## Start", "## Get the notebooks")
    if home:
        folder = home.rsplit("/", 1)[-1]
        get = get.replace("this repository", f"[this repository]({home})")
        get = get.replace("make lab\n", f"git clone {home}\ncd {folder}\nmake lab\n", 1)
    rows = re.findall(ROW, named["The notebooks"], re.M)
    entries = [entry(name, said, notebooks[name]) for name, said in rows]
    cells = [
        introduction,
        f"This app computes in your browser: drag a number, or press Next. It is the first of "
        f"[{title(notebooks[FRONT])}](notebooks/{FRONT}.ipynb).",
        None,
        f"## The notebooks\n\n{el('ul', *entries, class_='notebooks')}",
        get,
        named["Sources"],
    ]
    app, state = first_app(notebooks[FRONT])
    made = [nbformat.v4.new_markdown_cell(text) if text else app for text in cells]
    widgets = {STATE: {"state": state, "version_major": 2, "version_minor": 0}}
    return nbformat.v4.new_notebook(cells=made, metadata={"widgets": widgets})


def entry(name: str, said: str, nb: NotebookNode):
    """A notebook on the first page: its picture, its name and its question."""
    shown = el("img", src=f"pictures/{name}.svg", alt="", loading="lazy")
    return el("li", el("a", shown, el("b", title(nb)), href=f"{name}.html"), el("p", said))


def repository() -> str:
    """The address of the repository on the web: as a workflow tells it, or else of git's origin."""
    if "GITHUB_REPOSITORY" in os.environ:
        return "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}".format(**os.environ)
    asked = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    try:
        origin = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # there is no git
        return ""
    found = re.fullmatch(r"(?:https://|git@|ssh://git@)([\w.-]+)[:/]([^@]+?)(?:\.git)?/?", origin)
    return f"https://{found[1]}/{found[2]}" if found else ""


def views(nb: NotebookNode) -> list[str]:
    """The apps that a notebook shows, by their ids."""
    outputs = [output for cell in nb.cells for output in cell.get("outputs", ())]
    return [output.data[VIEW]["model_id"] for output in outputs if VIEW in output.get("data", {})]


def models(nb: NotebookNode, view: str) -> list[str]:
    """All models that a view refers to, in the order in which they stand."""
    state, found = nb.metadata.widgets[STATE]["state"], []

    def follow(name):
        if name not in found:
            found.append(name)
            for other in REFERENCE.findall(json.dumps(state[name]["state"])):
                follow(other)

    follow(view)
    return found


def first_app(nb: NotebookNode) -> tuple[NotebookNode, dict]:
    """The first app of a notebook: a cell that shows it, and the state of its models and links."""
    state, view = nb.metadata.widgets[STATE]["state"], views(nb)[0]
    within = set(models(nb, view))
    for name, model in state.items():
        if model["model_name"] == "LinkModel":
            ends = REFERENCE.findall(
                json.dumps(model["state"]["source"] + model["state"]["target"])
            )
            within |= set(models(nb, name)) if {*ends} <= within else set()
    shown = {VIEW: {"model_id": view, "version_major": 2, "version_minor": 0}}
    cell = nbformat.v4.new_code_cell(
        outputs=[nbformat.v4.new_output("display_data", shown)],
        metadata={"transient": {"remove_source": True}},
    )
    return cell, {name: state[name] for name in state if name in within}


def picture(nb: NotebookNode, chosen: str = "") -> str:
    """A picture from a notebook's apps, the first unless a cell's is chosen, as a file of its own:
    SVG with the suite's style. Raises ValueError if there is none."""
    state = nb.metadata.widgets[STATE]["state"]
    first = sorted(views(nb), key=lambda view: view.rpartition("-app-")[0] != chosen)
    shown = (state[name]["state"].get("value") for view in first for name in models(nb, view))
    markup = next((m for m in shown if isinstance(m, str) and "<svg" in m), None)
    if markup is None:
        raise ValueError(f"{title(nb)}: got no picture; expected one among its apps")
    depth, start = 0, markup.index("<svg")
    for tag in re.finditer(r"<(/?)svg\b", markup):
        depth += -1 if tag[1] else 1
        if not depth:
            break
    svg = markup[start : markup.index(">", tag.start()) + 1]
    width, height = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg).groups()
    dark = re.search(r'\[data-jp-theme-light="false"\] :is\(\.bl, [^{]*\{([^}]*)\}', STYLE)[1]
    style = f"{STYLE}{WHOLE}@media (prefers-color-scheme: dark) {{.bl {{{dark}; {DARK}}}}}"
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    inner = f"<style>{escape(style)}</style>{svg}"
    return f'<svg {spaces} class="bl" viewBox="0 0 {width} {height}">{inner}</svg>'


def title(nb: NotebookNode) -> str:
    """The first heading."""
    return next(m[1] for cell in nb.cells if (m := re.match(r"# (.+)", cell.source)))


def controls(nb: NotebookNode, view: str) -> list[tuple[NotebookNode, bool]]:
    """Each control of one app, among all models that its view refers to: its stored state, and
    whether it is linked in the page."""
    state = nb.metadata.widgets[STATE]["state"]
    found = {name: state[name]["state"] for name in models(nb, view)}
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
