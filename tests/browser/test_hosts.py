"""The XOR app in every host: in JupyterLab with each run, in Notebook 7 and in Voilà nightly.

A page shows one app twice, and then another of its kind. They are moved by keyboard, and every
number is compared with NumPy's.
"""

import itertools
import re
from contextlib import closing, contextmanager
from importlib.util import find_spec

import nbformat
import pytest

from .apps.app import ALPHA, App
from .apps.numbers import BACKWARD, wrong_numbers
from .conftest import lying, missing, notebooks_of
from .servers import Notebook, serve

NIGHTLY = [pytest.param(name, marks=pytest.mark.nightly) for name in ("notebook", "voila")]
HOSTS = ["jupyterlab", *NIGHTLY]
FIRST = 2  # the cell with the first view, counted from 0; the second view follows
OWN_ERRORS = {"notebook": ["page error: Cannot read properties of undefined (reading 'schema')"]}
"""What a host says of itself, on an empty page too. Notebook: issue 7862 of jupyter/notebook."""
OWN_REQUESTS = {"voila": ["https://cdn.jsdelivr.net/npm/@fortawesome/"]}
"""What a host wants from elsewhere: Voilà's template, symbols for buttons. The apps need none."""
VIEW = "application/vnd.jupyter.widget-view+json"
OUTERMOST = "document.querySelectorAll('.jupyter-widgets:not(.jupyter-widgets *)').length"
ON_CELL = """([cell, command]) => {
  window.look.notebook().activeCellIndex = cell;
  return window.jupyterapp.commands.execute(command);
}"""
CLOSE_NEW_VIEW = """() => [...window.jupyterapp.shell.widgets("main")]
  .find((panel) => panel.node.querySelector(".jp-LinkedOutputView")).close()"""


class InVoila(Notebook):
    """A notebook in Voilà, which runs it before it shows it."""

    def __init__(self, server, context, name, widgets):
        self.widgets = widgets
        super().__init__(server, context, name)

    def opened(self):
        self.page.wait_for_function(f"count => {OUTERMOST} === count", arg=self.widgets)

    def close(self):
        self.page.close()


@contextmanager
def opened(request, host, context, name, widgets):
    """A notebook in this host, its cells run, with so many widgets."""
    if host.host == "voila":
        shown = closing(InVoila(host, context, name, widgets))
    elif host.host == "notebook":
        shown = closing(Notebook(host, context, name))
    else:
        shown = lying(request.getfixturevalue("desk"), name)
    with shown as notebook:
        if host.host == "notebook":
            notebook.look("run()")
        if host.host != "voila":
            assert notebook.look("cells(look.failures)") == []
        yield notebook


class Page:
    """The apps of a notebook in any host."""

    def __init__(self, notebook, requests):
        self.notebook, self.requests, self.page = notebook, requests, notebook.page

    def app(self, place, where=""):
        """An app on this page, in their order."""
        return Shown(self.page, f"document.querySelectorAll('{where} .backprop-app')[{place}]")

    def on_cell(self, cell, command):
        """Select a cell, and do with it what a menu does."""
        self.page.evaluate(ON_CELL, [cell, command])

    def troubles(self):
        """What went wrong on this page; in the end, nothing may have."""
        host = self.notebook.lab.host
        own = OWN_ERRORS.get(host, [])
        found = [text for text in self.notebook.complaints if not text.startswith(tuple(own))]
        own = OWN_REQUESTS.get(host, [])
        found += [url for url in self.requests if not url.startswith(tuple(own))]
        if "Error displaying widget" in self.page.inner_text("body"):
            found.append("a widget is not shown")
        return found


class Shown(App):
    """An app wherever it stands on a page."""

    def __init__(self, page, root):
        self.page, self.keyboard, self.root = page, page.keyboard, root
        self.page.wait_for_function(f"() => {root}?.querySelector('[data-q]')")

    def move(self, name, key="PageUp"):
        """Move a slider by a key; what the page shows when the picture has followed."""
        before = self.read()["controls"][name]
        self.press(f"handle(ROOT, {name!r})", key)
        self.until(lambda found: found["controls"][name] == before, "the field follows")
        return self.until(wrong_numbers, "the picture follows")


@pytest.fixture(scope="module", params=HOSTS)
def host(request, chromium, tmp_path_factory):
    if request.param == "jupyterlab":
        yield request.getfixturevalue("lab")
        return
    if find_spec(request.param) is None:
        missing(f"{request.param} is not installed", "REQUIRE_HOSTS")
    home = tmp_path_factory.mktemp(request.param)
    with serve(request.param, home, notebooks_of(home)) as server:
        yield server


@pytest.fixture(scope="module")
def requests(host, lab, context):
    """What pages want from elsewhere. They get an empty answer: no test needs a network. JupyterLab
    is at home here, too: the desk stays open beside another host."""
    seen = set()

    def elsewhere(url):
        return url.startswith("http") and not url.startswith((host.url, lab.url))

    def answer(route):
        seen.add(route.request.url)
        route.fulfill(body="")

    context.route(elsewhere, answer)
    yield seen
    context.unroute_all()


@pytest.fixture(scope="module")
def twice(request, host, context, requests):
    with opened(request, host, context, "twice.ipynb", 3) as notebook:
        yield Page(notebook, requests)


@pytest.fixture
def page(twice):
    yield twice
    assert twice.troubles() == []


@pytest.fixture
def suite(request, host, context, requests):
    """A notebook of the suite; it shows as many widgets as it has stored."""
    name = "01_xor_walkthrough.ipynb"
    cells = nbformat.read(host.folder / name, 4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    widgets = sum(VIEW in output.get("data", {}) for output in outputs)
    with opened(request, host, context, name, widgets) as notebook:
        page = Page(notebook, requests)
        yield page
        assert page.troubles() == []


def test_the_apps_appear(page):
    for place in range(3):
        found = page.app(place).until(wrong_numbers)
        assert found["numbers"].keys() >= BACKWARD
        assert found["message"] == ""


def moves(app, key):
    before = app.read()["numbers"]
    moved = app.move("b_1", key)["numbers"]
    return {name for name in moved if moved[name] != before[name]} >= {"b_0_0", "z_in_0_0"}


KEYS = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "End", "Home"]


@pytest.mark.parametrize("key", KEYS)
def test_a_slider_moves_the_numbers(page, key):
    assert moves(page.app(2), key)


def test_a_number_out_of_range_is_refused_in_every_view(page):
    views = [page.app(0), page.app(1)]
    before = [view.read() for view in views]
    views[0].type("W_11", "99")
    for view, was in zip(views, before, strict=True):
        found = view.until(lambda found: not found["message"], "message")
        assert "W_11: got 99; expected a number from -5 to 5" in found["message"]
        assert found["numbers"] == was["numbers"], "the last good picture"
        assert found["controls"]["W_11"] == "99", "what was typed stays"
    views[1].type("W_11", "1.5")
    for view in views:
        view.until(lambda found: found["message"], "the message goes")
        assert view.until(wrong_numbers)["numbers"]["W_0_0_0"] == "1.5000"


def test_two_views_of_one_app_move_as_one(page):
    first, second, other = map(page.app, range(3))
    apart = other.read()
    for here, there in ((first, second), (second, first)):
        for name, key in (("u_2", "PageUp"), ("W_12", "PageDown"), (ALPHA, "PageUp")):
            moved = here.move(name, key)
            equal(there, moved)
    assert other.read() == apart


def equal(view, shown):
    """The other view comes to show the same, and shows it right."""
    view.until(lambda found: found != shown and (found, shown), "the other view")
    assert not wrong_numbers(shown)


@pytest.mark.parametrize("host", HOSTS[:2], indirect=True, scope="module")
@pytest.mark.parametrize("removed", [0, 1], ids=["the first", "the second"])
def test_a_view_goes_and_comes_back(page, removed):
    page.on_cell(FIRST + removed, "notebook:clear-cell-output")
    page.page.wait_for_function(f"() => {OUTERMOST} === 2")
    left = page.app(0)
    for name in ("u_1", "c", ALPHA):
        left.move(name)
    page.on_cell(FIRST + removed, "notebook:run-cell")
    page.page.wait_for_function(f"() => {OUTERMOST} === 3")
    back, other = page.app(removed), page.app(1 - removed)
    equal(back, other.read())
    equal(back, other.move("b_2"))
    equal(other, back.move("b_2", "PageDown"))


@pytest.mark.parametrize("host", HOSTS[:1], indirect=True, scope="module")
def test_a_new_view_for_an_output(page):
    page.on_cell(FIRST, "notebook:create-output-view")
    first, new = page.app(0, ".jp-Notebook"), page.app(0, ".jp-LinkedOutputView")
    equal(first, new.move("W_22"))
    equal(new, first.move("W_22"))
    page.page.evaluate(CLOSE_NEW_VIEW)
    page.page.wait_for_selector(".jp-LinkedOutputView", state="detached")
    equal(page.app(1, ".jp-Notebook"), first.move("c"))


@pytest.mark.nightly
def test_two_views_play_by_one_clock(page):
    """Whichever view plays or pauses: both say so, and the walk makes one step in two seconds.

    The last of the shared page: a view keeps what it announced, which a new one has not heard."""
    views = [page.app(0), page.app(1)]
    play = "element(ROOT, '[data-do=play]')"

    def says(text):
        for view in views:
            view.until(lambda _, v=view: v.get(f"{play}.textContent") != text, text)

    for first, last in (views, views[::-1]):
        first.press('button(ROOT, "Start")', "Enter")
        page.page.evaluate(
            f"() => {{ window.spoken = look.listen({last.root}, '[data-caption]'); }}"
        )
        first.press(play, "Enter")
        says("❚❚ Pause")
        first.until(lambda found: not found["caption"].startswith("Step 3"), "three steps")
        last.press(play, "Enter")
        says("▶ Play")
        heard = page.page.evaluate("() => { spoken.end(); return spoken.heard; }")
        steps = [re.match(r"Step (\d+)", text)[1] for _, text in heard]
        assert steps == ["1", "2", "3"]
        times = [time for time, _ in heard]
        assert all(1500 < b - a < 3500 for a, b in itertools.pairwise(times))
        page.page.wait_for_timeout(2500)
        assert all(view.read()["caption"].startswith("Step 3") for view in views), "paused"
        first.press('button(ROOT, "Start")', "Enter")


@pytest.mark.parametrize("host", NIGHTLY, indirect=True, scope="module")
def test_a_notebook_of_the_suite(suite):
    app = suite.app(0)
    for slider in ("W_12", "u_2"):
        app.move(slider)
