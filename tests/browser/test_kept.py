"""What is typed into an exercise is kept: past a cell run again, a reload, a kernel's end."""

import json
import shutil
import time
from pathlib import Path

import pytest

from backprop_lab.exercise import handed
from tests.nightly import by_day

from .servers import Notebook

IMPORTS = "from backprop_lab.exercise import drill, golf, hand_in, practice"
BLANKS, DRILL, GOLF, HAND = (
    'practice.chain_blanks("u_2")',
    "drill.play()",
    "golf.play()",
    "hand_in.play()",
)
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
LINES = "[...document.querySelectorAll('[data-kept]')]"
FIELD = "document.querySelectorAll('.backprop-app input[type=text]')[{}]"


class Page:
    """A page with exercises, in JupyterLab or on the site."""

    def __init__(self, page):
        self.page = page

    def app(self, k=0):
        return self.page.locator(".backprop-app").nth(k)

    def type(self, text, field=0, app=0):
        place = self.app(app).locator("input[type=text]:not([data-act=guess])").nth(field)
        place.fill(text)
        place.press("Enter")

    def typed(self, field=0, app=0):
        return self.app(app).locator("input[type=text]").nth(field).input_value()

    def says(self, text, app=0):
        self.app(app).get_by_text(text).first.wait_for()

    def warns(self, text, app=0):
        self.app(app).locator("[data-kept]", has_text=text).wait_for()

    def silent(self, app=0):
        assert self.app(app).locator("[data-kept]").inner_text() == ""


class Lab(Page):
    """A notebook in JupyterLab, and its file."""

    def __init__(self, notebook):
        self.notebook = notebook
        super().__init__(notebook.page)

    @property
    def folder(self) -> Path:
        return self.notebook.lab.folder / "answers"

    @property
    def file(self) -> Path:
        return self.folder / f"{Path(self.notebook.name).stem}.json"

    def kept(self):
        try:
            return json.loads(self.file.read_text("utf-8"))["exercises"]
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def entry(self, title):
        return next((e for e in self.kept().values() if e["exercise"] == title), None)

    def state(self, title):
        return (self.entry(title) or {"state": ""})["state"]

    def until(self, holds, patience=15):
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, f"waited in vain; kept: {self.kept()}"
            self.page.wait_for_timeout(100)

    def run(self, index):
        self.page.evaluate("k => { look.notebook().activeCellIndex = k; }", index)
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
        self.page.evaluate("() => look.heard()")

    def reload(self):
        self.page.reload()
        self.notebook.opened()

    def save(self):
        self.notebook.save()


@pytest.fixture(scope="module")
def exercises(opens_alone):
    """A notebook of exercises, saved as run."""
    found = Lab(opens_alone(IMPORTS, BLANKS, DRILL, GOLF, HAND))
    found.save()
    return found


@pytest.fixture
def fresh(exercises):
    """Nothing is kept, and nothing typed."""
    lab = exercises
    lab.page.bring_to_front()
    lab.page.unroute_all()
    lab.page.goto("about:blank")
    shutil.rmtree(lab.folder, ignore_errors=True)
    lab.page.goto(lab.notebook.lab.address(lab.notebook.name))
    lab.page.evaluate("() => localStorage.clear()")
    lab.notebook.opened()
    lab.notebook.look("run()")
    lab.notebook.look(f"until(() => {LINES}.length === 3, 'three exercises')")
    lab.notebook.complaints.clear()
    return lab


def fill(lab):
    """Two exercises, wrong and right, a problem of the reader's choice, a game."""
    lab.type("0.1234", 1)
    lab.says("Not yet")
    lab.type("2", app=1)
    lab.page.locator("input[data-act='weight-2-2 dW_0_0_1']").fill("0.5")
    lab.page.locator("input[data-act='weight-2-2 dW_0_0_1']").press("Enter")
    lab.page.locator("input[data-act=guess]").fill("15")
    lab.page.locator("input[data-act=guess]").press("Enter")
    lab.page.locator("button[data-act=press][value='0']").click()
    lab.page.locator("button[data-act=press][value='1']").click()
    lab.until(lambda: "press=1" in lab.state("multiplication golf"))


def is_there(lab):
    lab.says("Not yet")
    assert lab.typed(1) == "0.1234"
    lab.page.wait_for_function(
        "() => document.querySelector('input[data-act$=\" dW_0_0_1\"]')?.value === '0.5'"
    )
    lab.page.wait_for_function(
        "() => document.querySelector('input[data-act=guess]').value === '15'"
    )
    lab.says("multiplications: 1", app=2)
    for app in range(3):
        lab.silent(app)


@pytest.mark.nightly
def test_an_app_untouched_writes_nothing(fresh):
    fresh.page.wait_for_timeout(1500)
    assert not fresh.folder.exists()


def test_what_is_typed_survives_a_cell_a_reload_and_a_kernel(fresh):
    fill(fresh)
    entry = fresh.entry("the factors of u_2, to fill in")
    assert entry["state"] == "typed_1=0.1234"
    assert [(one["typed"], one["right"]) for one in entry["met"]] == [("0.1234", False)]
    drilled = fresh.entry("problems without end")
    assert [one["at"] for one in drilled["met"]] == ["problem weight-2-2, dW_0_0_1"]
    for cell in (1, 2, 3):
        fresh.run(cell)
    is_there(fresh)
    fresh.page.evaluate(f"() => {SESSION}.session.kernel.restart()")
    fresh.notebook.look("run()")
    is_there(fresh)
    fresh.reload()
    is_there(fresh)
    assert fresh.notebook.complaints == []
    fresh.page.evaluate(f"() => {SESSION}.shutdown()")  # ipywidgets complains that it cannot send
    fresh.page.wait_for_function(f"() => !{SESSION}.session?.kernel")
    fresh.type("0.5", 0)
    fresh.until(lambda: "typed_0=0.5" in fresh.state("the factors of u_2, to fill in"))


@pytest.mark.nightly
def test_what_stands_in_a_field_when_the_page_closes_is_kept(fresh):
    fresh.app(0).locator("input[type=text]").nth(2).fill("0.77")
    fresh.reload()
    fresh.until(lambda: "typed_2=0.77" in fresh.state("the factors of u_2, to fill in"))
    fresh.page.wait_for_function(f"() => {FIELD.format(2)}?.value === '0.77'")


DAMAGED = {
    "cut": lambda text: text[: len(text) // 2],
    "foreign": lambda text: '{"mine": [1, 2]}',
    "no text": lambda text: "",
    "version": lambda text: text.replace('"version": 1', '"version": 2'),
    "entries": lambda text: text.replace('"state": ', '"estate": '),
}


@pytest.mark.nightly
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_file_that_is_damaged_or_foreign_is_set_aside(fresh, damage):
    fresh.type("0.1234", 1)
    fresh.until(lambda: fresh.kept())
    damaged = DAMAGED[damage](fresh.file.read_text("utf-8"))
    fresh.page.goto("about:blank")
    fresh.file.write_text(damaged, "utf-8")
    fresh.page.goto(fresh.notebook.lab.address(fresh.notebook.name))
    fresh.notebook.opened()
    stem = fresh.file.stem
    fresh.warns(f"is set aside as {stem}.set-aside-1.json; a fresh one is begun")
    aside = fresh.folder / f"{stem}.set-aside-1.json"
    assert aside.read_text("utf-8") == damaged
    fresh.type("0.25", 0)
    fresh.until(lambda: "typed_0=0.25" in fresh.state("the factors of u_2, to fill in"))
    assert aside.read_text("utf-8") == damaged


@pytest.mark.nightly
def test_a_state_of_another_exercise_or_version_is_set_aside(fresh):
    fresh.type("0.1234", 1)
    fresh.type("2", app=1)
    fresh.until(lambda: len(fresh.kept()) == 2)
    found = json.loads(fresh.file.read_text("utf-8"))
    blanks, drilled = sorted(found["exercises"].values(), key=lambda one: -len(one["exercise"]))
    blanks["exercise"] = "the factors of u_9"
    drilled["state"] = "problem=2&weight-9-2%20dW=1"
    fresh.page.goto("about:blank")
    fresh.file.write_text(json.dumps(found), "utf-8")
    fresh.page.goto(fresh.notebook.lab.address(fresh.notebook.name))
    fresh.notebook.opened()
    fresh.warns("is set aside: it is of “the factors of u_9”")
    fresh.warns("is set aside: got “weight-9-2 dW=1”", 1)
    fresh.type("0.25", 0)
    fresh.type("3", app=1)
    fresh.until(lambda: len(fresh.kept()) == 4)
    states = [one["state"] for name, one in fresh.kept().items() if name.endswith("set-aside-1")]
    assert sorted(states) == sorted([blanks["state"], drilled["state"]])


@pytest.fixture
def disk(fresh):
    """A server that refuses to write while this says so, by the status of its answer."""
    found = {"status": 507}

    def refuse(route):
        if found["status"] and route.request.method == "PUT":
            route.fulfill(status=found["status"])
        else:
            route.continue_()

    fresh.page.route("**/api/contents/answers**", refuse)
    yield found
    fresh.page.unroute_all()


@pytest.mark.nightly
@pytest.mark.parametrize("status", [500, 507])
def test_a_disk_that_is_full_is_said_and_nothing_is_lost(fresh, disk, status):
    disk["status"] = status
    fresh.type("0.1234", 1)
    fresh.warns(f"Not kept: the server answers {status}")
    fresh.warns("Your browser holds it until the next try.")
    assert not fresh.kept()
    fresh.reload()
    fresh.warns(f"the server answers {status}")
    disk["status"] = None
    fresh.reload()
    fresh.until(lambda: fresh.kept())
    fresh.says("Not yet")
    fresh.silent()
    fresh.page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('backprop-lab '))"
    )


@pytest.mark.nightly
def test_it_is_tried_again_until_the_disk_has_room(fresh, disk):
    fresh.type("0.1234", 1)
    fresh.warns("Not kept")
    disk["status"] = None
    fresh.until(lambda: fresh.kept())
    fresh.page.wait_for_function("() => !document.querySelector('[data-kept]').textContent")


@pytest.mark.nightly
def test_two_windows_of_a_notebook_lose_nothing_of_each_other(fresh):
    other = Lab(Notebook(fresh.notebook.lab, fresh.notebook.context, fresh.notebook.name))
    other.app(0).wait_for()
    other.type("2", app=1)
    fresh.type("0.1234", 1)
    other.until(lambda: len(other.kept()) == 2)
    other.page.close(run_before_unload=False)


@pytest.mark.nightly
def test_a_browser_that_shares_nothing_loses_nothing_of_another(fresh):
    """Two who read before either wrote: no lock holds between two profiles."""
    fresh.page.evaluate("() => Object.defineProperty(navigator, 'locks', {value: undefined})")
    fresh.type("0.1234", 1)
    fresh.until(lambda: fresh.kept())
    other = {"exercise": "another", "time": "2026-01-01T00:00:00.000Z", "state": "", "met": []}
    theirs = json.loads(fresh.file.read_text("utf-8")) | {"exercises": {"other": other}}
    fresh.file.write_text(json.dumps(theirs), "utf-8")
    fresh.until(lambda: len(fresh.kept()) == 2)


@pytest.mark.nightly
def test_clearing_is_kept_too(fresh):
    fresh.type("0.1234", 1)
    fresh.until(lambda: fresh.state("the factors of u_2, to fill in"))
    fresh.type("", 1)
    fresh.until(lambda: fresh.state("the factors of u_2, to fill in") == "")
    assert len(fresh.entry("the factors of u_2, to fill in")["met"]) == 1
    fresh.reload()
    fresh.app(0).wait_for()
    fresh.page.wait_for_timeout(500)
    assert fresh.typed(1) == ""


def test_one_button_hands_in(fresh):
    fill(fresh)
    button = fresh.page.get_by_role("button", name="Hand in")
    button.click()
    fresh.app(3).get_by_text("Your name is missing").wait_for()
    fresh.page.get_by_label("Your name").fill("Ada Ex/ample")
    with fresh.page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "answers_Ada_Ex_ample.json"
    handed = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert handed["name"] == "Ada Ex/ample"
    assert handed["notebooks"][fresh.file.stem] == fresh.kept()
    fresh.page.once("dialog", lambda dialog: dialog.accept())
    fresh.page.get_by_role("button", name="Forget").click()
    fresh.app(3).get_by_text("Forgotten").wait_for()
    assert not fresh.file.exists()


# --- on the site ----------------------------------------------------------------------------------


class Site(Page):
    """07's page, whose exercises are found by their cells."""

    def app(self, k=0):
        return self.page.locator(f"#cell-{('10', '29', '52')[k]}-app-1")

    @property
    def key(self):
        return self.page.evaluate("() => `backprop-lab ${location.pathname}`")

    def stored(self):
        text = self.page.evaluate("key => localStorage.getItem(key)", self.key)
        return json.loads(text)["exercises"] if text else {}

    def until(self, holds):
        self.page.wait_for_function(f"key => {{ {holds} }}", arg=self.key)

    def open(self, address):
        self.page.goto("about:blank")
        self.page.goto(address)
        self.app(0).locator("[data-kept]").wait_for(state="attached")


@pytest.fixture(params=by_day(["server", "file"], "server"))
def address(request, site):
    root = request.getfixturevalue("server") if request.param == "server" else site.as_uri()
    return f"{root}/07_practice.html"


@pytest.fixture
def visited(context, address):
    page = context.new_page()
    found = Site(page)
    found.open(address)
    page.evaluate("() => localStorage.clear()")
    found.open(address)
    yield found
    page.evaluate("() => localStorage.clear()")
    page.goto("about:blank")
    page.close()


def test_the_browser_keeps_a_sites_answers(visited, address):
    visited.page.wait_for_timeout(1000)
    assert visited.stored() == {}
    visited.type("0.5")
    visited.says("Right.")
    visited.page.locator("input[data-act^='weight-2-3 ']").fill("0.25")
    visited.open(address)  # with nothing pressed in the last field
    visited.says("Right.")
    assert visited.typed() == "0.5"
    field = "document.querySelector(\"input[data-act^='weight-2-3 ']\")"
    visited.page.wait_for_function(f"() => {field}.value === '0.25'")
    with visited.page.expect_download() as download:
        visited.page.get_by_label("Your name").fill("Ada")
        visited.page.get_by_role("button", name="Hand in").click()
    handed = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert handed["notebooks"] == {"07_practice": visited.stored()}
    (ada,), left = report_of(handed)
    assert (ada.name, len(ada.begun), ada.right, len(ada.slips), left) == ("Ada", 2, 1, 1, [])


def report_of(handed_in):
    """What the lecturer's command reads."""
    return [handed.read(json.dumps(handed_in))], []


@pytest.mark.nightly
def test_a_link_names_another_state_and_what_was_kept_is_set_aside(visited, address):
    visited.type("0.5")
    visited.says("Right.")
    visited.until("return localStorage.getItem(key)")
    visited.open(f"{address}#cell-10-app-1:typed_0=0.7")
    visited.warns("What was kept here is set aside: something else is shown.")
    assert visited.typed() == "0.7"
    assert [one["state"] for one in visited.stored().values()] == ["typed_0=0.5"]
    visited.type("0.9")
    visited.until("return localStorage.getItem(key).includes('typed_0=0.9')")
    states = {name: one["state"] for name, one in visited.stored().items()}
    assert states == {
        "cell-10-app-1": "typed_0=0.9",
        "cell-10-app-1 set-aside-1": "typed_0=0.5",
    }


@pytest.mark.nightly
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_store_is_set_aside(visited, address, damage):
    visited.type("0.5")
    visited.until("return localStorage.getItem(key)")
    change = "([key, text]) => localStorage.setItem(key, text)"
    damaged = DAMAGED[damage](visited.page.evaluate("k => localStorage.getItem(k)", visited.key))
    key = visited.key
    visited.page.goto("about:blank")
    visited.page.goto(address.replace("07_practice", "index"))
    visited.page.evaluate(change, [key, damaged])
    visited.open(address)
    visited.warns("What the browser has kept")
    visited.type("0.25")
    visited.until("return localStorage.getItem(key)?.includes('typed_0=0.25')")
    aside = visited.page.evaluate("k => localStorage.getItem(`${k} set-aside-1`)", key)
    assert aside == damaged


@pytest.mark.nightly
def test_a_full_store_is_said(visited):
    visited.page.evaluate(
        """() => { Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    visited.type("0.5")
    visited.warns("Not kept: the browser's store is full. Copy it before you leave this page.")
    visited.says("Right.")
