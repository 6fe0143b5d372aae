"""A notebook that has an output of every kind, and how notebooks and Python are run for a test."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
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
