"""The web pages that `make site` writes: they move without a kernel, and ask no network."""

import http.server
import json
import random
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from filelock import FileLock

from tests.nightly import by_day, by_night
from tests.page.test_state_text import APPS as STATED
from tests.page.test_state_text import lives, moved

from .apps.numbers import NAMES, wrong_numbers
from .axe import ALL_BUT_COLOURS, COLOURS, findings
from .conftest import ROOT
from .servers import SLOW

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index", *NOTEBOOKS]
SCREEN = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
PAPER = {"width": 680, "height": 960}  # A4 at 96 px an inch, within margins of 15 mm
SMALLEST_TEXT = 10  # px, in a picture on a phone
SMALLEST_TARGET = 40  # px, for a finger
VIEW = "application/vnd.jupyter.widget-view+json"
VIEWS = """[...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')]
    .map((script) => script.parentElement)"""
MATHJAX = """!document.querySelector('[type="text/x-mathjax-config"]') || window.MathJax?.Hub"""
READY = f"""() => {VIEWS}.every((place) => place.querySelector(":scope > .jupyter-widgets"))
    && ({MATHJAX})"""
TYPESET = """() => window.MathJax && new Promise((done) =>
    MathJax.Hub.Register.StartupHook("End", () => { MathJax.Hub.Queue(done); }))"""
APPS = """[...document.querySelectorAll(".app")]"""
REMEMBER = "() => { window.shut = [...document.querySelectorAll('details:not([open])')]; }"
SHUT = "() => window.shut.forEach((d) => { d.open = false; })"


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The site, built once: by the first of the processes that run the tests to need it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build = [sys.executable, ROOT / "pages" / "build.py", f"{folder}.part"]
            run = subprocess.run(build, capture_output=True, text=True)
            assert (run.returncode, run.stderr) == (0, "")
            Path(f"{folder}.part").rename(folder)
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def server(site):
    """The address of a server that knows nothing but files."""
    handler = partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@contextmanager
def visiting(address, context):
    """A way to open pages; in the end nothing may have complained, or asked for anything else."""
    page, complaints, foreign = context.new_page(), [], []
    page.add_init_script("try { localStorage.clear(); } catch {}")  # what another test has typed

    def heard(message):
        if message.type in ("error", "warning") and SLOW not in message.text:
            complaints.append(f"{message.text[:300]} ({message.location['url']})")

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # the page was left meanwhile
            complaints.append(f"failed: {request.url}")

    def asked(route):
        url = route.request.url
        if url.startswith((f"{address}/", "data:", "blob:")):
            route.continue_()
        else:
            foreign.append(url)
            route.abort()

    page.on("console", heard)
    page.on("pageerror", lambda error: SLOW in str(error) or complaints.append(str(error)))
    page.on("requestfailed", failed)
    page.route("**/*", asked)

    def open_page(name):
        page.goto(f"{address}/{name}.html")
        page.wait_for_function(READY)
        page.evaluate(TYPESET)
        return page

    yield open_page
    page.close()
    assert foreign == []
    assert complaints == []


@pytest.fixture
def visit(site, context):
    """Opens pages from a folder."""
    with visiting(site.as_uri(), context) as open_page:
        yield open_page


@pytest.fixture(params=[by_night("server"), "file"])
def visit_anywhere(request, site, context):
    """Opens pages from a server, and from a folder."""
    served = request.param == "server"
    address = request.getfixturevalue("server") if served else site.as_uri()
    with visiting(address, context) as open_page:
        yield open_page


@pytest.fixture(scope="module", params=PAGES)
def opened(request, site, context):
    """A page that stays open for all tests that only look at it."""
    with visiting(site.as_uri(), context) as open_page:
        page = open_page(request.param)
        page.name = request.param
        page.evaluate(REMEMBER)
        yield page


@pytest.fixture
def page(opened):
    """The same, as it was opened: its folds shut, on a screen."""
    opened.emulate_media(media="screen", color_scheme="light")
    opened.set_viewport_size(SCREEN)
    opened.evaluate(SHUT)
    return opened


def unfold(page):
    page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def found_by_axe(page, scheme, rules):
    page.emulate_media(color_scheme=scheme)
    light = str(scheme == "light").lower()
    page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
    unfold(page)
    return findings(page, rules=rules)


def of_pages(values):
    """Gives a test of pages that stay open these alone."""
    return pytest.mark.parametrize("opened", values, indirect=True, scope="module")


@of_pages(by_day(PAGES, "index", "07_practice"))
def test_axe_finds_nothing_but_in_colours(page):
    assert found_by_axe(page, "light", ALL_BUT_COLOURS) == []


@of_pages(by_day(PAGES, "index"))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_colours(page, scheme):
    assert found_by_axe(page, scheme, COLOURS) == []


@pytest.mark.parametrize("name", by_day(PAGES, "index"))
def test_a_page_opens_from_a_server_too(server, context, name):
    with visiting(server, context) as open_page:
        assert open_page(name).evaluate(f"() => {VIEWS}.length > 0")


def test_a_page_shows_every_app_and_formula(page):
    if page.name in NOTEBOOKS:
        stored = (ROOT / "notebooks" / f"{page.name}.ipynb").read_text(encoding="utf-8")
        views = stored.count('"application/vnd.jupyter.widget-view+json": {')
        assert page.evaluate(f"() => {VIEWS}.length") == views > 0
        assert page.locator(".MathJax_SVG").count() > 0
        for mark, part in (('"fold"', "output"), ('"source_hidden": true', "input")):
            folded = f"details.folded:not([open]) .jp-Cell-{part}Wrapper"
            assert page.locator(folded).count() == stored.count(mark)
    unfold(page)
    page.evaluate(TYPESET)
    assert page.locator(".noError, .merror, [data-mjx-error]").count() == 0
    code = "document.querySelectorAll('pre, code').forEach((e) => { e.style.display = %r; })"
    page.evaluate("() => " + code % "none")
    text = page.inner_text("main")
    page.evaluate("() => " + code % "")
    assert re.findall(r"\$[^$]+\$|\\begin|Error", text) == []


@pytest.mark.parametrize("name", by_day(NOTEBOOKS, "02_delta_caching"))
def test_an_app_moves_or_says_that_it_cannot(visit, name):
    page = visit(name)
    unfold(page)
    moved = 0
    for k in range(page.evaluate(f"() => {APPS}.length")):
        app = f"{APPS}[{k}]"
        controls = f"look.stops({app}).filter((e) => e.tagName !== 'SUMMARY')"
        if "Needs JupyterLab" in page.evaluate(f"() => {app}.innerText"):
            assert page.evaluate(f"() => {controls}.length") == 0, "locked"
            continue
        if page.evaluate(f"() => {controls}.length") == 0:  # a picture, which nothing moves
            continue
        state = f"JSON.stringify([look.drawn({app}), {app}.innerText])"
        before = page.evaluate(state)
        moving = f"{controls}.find((e) => ['range', 'select-one', 'text'].includes(e.type))"
        if page.evaluate(f"() => !!{app}.querySelector('.work')"):  # a run: a step moves it
            page.evaluate(f"() => {app}.querySelector('[data-do=step]').click()")
            page.wait_for_function(f"(before) => {state} !== before", arg=before)
            moved += 1
            continue
        match page.evaluate(f"() => {{ const e = {moving}; e?.focus(); return e?.type; }}"):
            case "range":
                page.keyboard.press("PageUp")
            case "select-one":
                last = page.evaluate(
                    "() => ((e) => e.value === e.lastChild.value)(document.activeElement)"
                )
                page.keyboard.press("ArrowUp" if last else "ArrowDown")
            case "text":
                page.keyboard.type("0.5\n")
            case None:  # a choice in each row of buttons
                groups = f"{app}.querySelectorAll('.widget-toggle-buttons, .choice')"
                last = "(e) => [...e.querySelectorAll('button')].at(-1).click()"
                page.evaluate(f"() => {groups}.forEach({last})")
        page.wait_for_function(f"(before) => {state} !== before", arg=before)
        moved += 1
    assert moved


def test_the_xor_app_computes_what_the_formulas_say(visit_anywhere):
    page = visit_anywhere("01_xor_walkthrough")
    unfold(page)
    apps = ".backprop-app:has([data-do=step])"
    root = f"[...document.querySelectorAll('{apps}')][2]"

    def until(holds):
        for _ in range(200):
            found = page.evaluate(f"() => look.read({root})")
            if not (wrong := holds(found)):
                return found
            page.wait_for_timeout(20)
        pytest.fail(str(wrong))

    last = until(wrong_numbers)
    for name in NAMES:
        page.evaluate(f"() => look.handle({root}, {name!r}).focus()")
        for key in ("ArrowRight", "Home"):
            page.keyboard.press(key)
            before, last = (
                last,
                until(
                    lambda found, last=last: (
                        found["controls"] == last["controls"] or wrong_numbers(found)
                    )
                ),
            )
            changed = [q for q, text in last["numbers"].items() if text != before["numbers"][q]]
            assert NAMES[name] in changed


def test_a_page_fits_a_phone(page):
    page.set_viewport_size(PHONE)
    unfold(page)
    page.evaluate(TYPESET)
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= PHONE["width"]
    # What is wider than the page scrolls, and is not cut off.
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *:not(svg, svg *, .MJX_Assistive_MathML)")]
        .filter((e) => e.scrollWidth > e.clientWidth + 1 &&
            ["hidden", "clip"].includes(getComputedStyle(e).overflowX))
        .map((e) => `${e.className}: ${e.scrollWidth} of ${e.textContent.slice(0, 60)}`)"""
    )
    assert cut == []
    small = page.evaluate(
        """(least) => [...document.querySelectorAll(".bl svg text")].filter((text) =>
        text.getClientRects().length &&
        parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a < least)
        .map((text) => text.textContent)""",
        SMALLEST_TEXT,
    )
    assert small == []
    low = page.evaluate(
        """(least) => [...document.querySelectorAll(".app :is(button, select, input)")]
        .filter((e) => e.type !== "checkbox" && e.getClientRects().length)
        .filter((e) => e.getBoundingClientRect().height < least)
        .map((e) => e.outerHTML)""",
        SMALLEST_TARGET,
    )
    assert low == []

    enlarged = """[...document.querySelectorAll(".MathJax_SVG svg")]
        .filter((e) => parseFloat(getComputedStyle(e).minWidth) > 0).length"""
    assert page.evaluate(f"() => {enlarged}") == 0, "a formula is no picture"


@of_pages(by_day(PAGES, "index", "07_practice"))
def test_a_printed_page_loses_nothing_and_is_light(page):
    closed = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(f"() => {closed}")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    page.evaluate(
        f"""() => addEventListener("beforeprint", () => {{
            window.printed = [{closed}, document.body.dataset.jpThemeLight]; }})"""
    )
    page.pdf(format="A4")
    assert page.evaluate("() => window.printed") == [0, "true"], "folds open, colours light"
    assert page.evaluate(f"() => {closed}") == before, "and shut after it"
    assert page.evaluate("() => document.body.dataset.jpThemeLight") == "false", "and dark again"
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    unfold(page)
    lost = page.evaluate(
        """() => [...document.querySelectorAll("main *:not(svg *)")]
        .filter((e) => !e.closest(".MJX_Assistive_MathML"))
        .filter((e) => e.getClientRects().length && e.checkVisibility({ visibilityProperty: true }))
        .map((e) => [e, e.getBoundingClientRect()])
        .filter(([e, box]) => box.left < -1 || box.right > innerWidth + 1 ||
            /hidden|clip|auto|scroll/.test(getComputedStyle(e).overflow) &&
                (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
        .map(([e, box]) => `${e.tagName} ${box.left} ${box.right} ${e.textContent.slice(0, 60)}`)"""
    )
    assert lost == []
    narrow = """[...document.querySelectorAll(".bl svg[role]:not(.MathJax_SVG *)")]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().width < 100).length"""
    assert page.evaluate(f"() => {narrow}") == 0


@pytest.mark.parametrize("name", by_day(NOTEBOOKS, "00_start_here"))
def test_fields_agree_with_their_picture_when_a_reader_comes_back(visit, name):
    page = visit(name)
    fields = "[...document.querySelectorAll('.app :is(input, select, textarea)')]"
    shown = f"""[{APPS}.map((app) => look.drawn(app)),
        {fields}.map((e) => e.type === "checkbox" ? e.checked : e.value)]"""
    unfold(page)
    stored = page.evaluate(shown)
    changed = page.evaluate(
        f"""() => {{
          const open = {fields}.filter((e) => !e.disabled);
          for (const e of open) {{
            if (e.type === "checkbox") e.checked = !e.checked;
            else if (e.tagName === "SELECT") e.selectedIndex = e.options.length - 1;
            else e.value = e.type === "range" ? e.max : "0.3";
          }}
          return open.length;
        }}"""
    )
    assert changed
    page.locator('nav a[href="index.html"]').click()
    page.wait_for_url("**/index.html")
    page.go_back()
    page.wait_for_function(READY)
    unfold(page)
    page.wait_for_function(f"([count]) => {fields}.length === count", arg=[len(stored[1])])
    page.wait_for_timeout(300)
    assert page.evaluate(shown) == stored


def test_pictures_are_legible_in_both_colour_schemes(page):
    unfold(page)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        light = str(scheme == "light").lower()
        page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
        colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", colour))) > 384) == (scheme == "light")
        assert page.evaluate("() => look.contrasts({node: document.body})") == [], scheme


UNNAMED = """() => [...document.querySelectorAll(
    ".app :is(input, select, textarea, button, summary, [role=group], .widget-toggle-buttons)")]
  .filter((e) => look.visible(e))
  .filter((e) => {
    const labels = [...(e.labels ?? [])].map((label) => label.textContent).join("");
    const own = e.matches("button, summary") ? e.textContent : "";
    const name = e.ariaLabel || labels || own || e.title;
    const said = name + (e.getAttribute("aria-valuetext") ?? "");
    const group = e.matches(".widget-toggle-buttons") && e.role !== "group";
    return group || !name.trim() || /null|undefined|NaN|[\\\\${}]|\\d{7}/.test(said)
      || (e.type === "range" && !e.hasAttribute("aria-valuetext"));
  })
  .map((e) => e.outerHTML.slice(0, 200))"""
NULL = """() => [...document.querySelectorAll("[title=null], [title=undefined]")]
  .filter((e) => look.visible(e)).map((e) => e.outerHTML.slice(0, 200))"""


def test_every_control_has_a_spoken_name(page):
    unfold(page)
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(NULL) == []


class Links(HTMLParser):
    """A page's ids, and what it refers to."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids |= {value, unquote(value)}  # a browser finds either
            if name in ("href", "src") and not re.match(r"\w+:", value):
                self.links.append(tuple(map(unquote, urldefrag(value))))


def test_every_link_leads_somewhere(site):
    found = {f"{name}.html": Links(site / f"{name}.html") for name in PAGES}
    assert {path.name for path in site.glob("*.html")} == set(found)
    for here, page in found.items():
        assert {(there, "") for there in found if there != here} <= set(page.links)
        for file, fragment in page.links:
            assert (site / (file or here)).is_file(), f"{here}: {file}"
            assert not file.endswith(".ipynb"), f"{here}: {file}"
            assert not fragment or fragment in found[file or here].ids, f"{here}: #{fragment}"


# --- a state in a link ----------------------------------------------------------------------------

LINKED = {
    "update": ("01_xor_walkthrough", 'walkthrough(bl.lectures.xor(), "update", printed=True)'),
    "one_step": ("01_xor_walkthrough", "explore.one_step()"),
    "golf": ("02_delta_caching", "golf.play()"),
    "counts": ("02_delta_caching", "explore.counts()"),
    "gallery": ("07_practice", "gallery.play()"),
    "algorithm": ("03_general_backprop", "explore.algorithm()"),
    "product_order": ("04_matrix_calculus", "explore.product_order()"),
    "chain_of_neurons": ("06_vanishing_gradient", "explore.chain_of_neurons()"),
}
"""Apps by their name among those with a state: the notebook, and what its cell ends with."""
NO_CLIPBOARD = "() => Object.defineProperty(navigator, 'clipboard', { value: undefined })"
SELECTED = """() => { const e = document.activeElement;
    return e.value?.slice(e.selectionStart, e.selectionEnd); }"""
BUTTONS = (
    """() => [...document.querySelectorAll(".backprop-link")].every((e) => e.childElementCount)"""
)


def id_of(notebook, ending):
    """The app of a cell, by what the cell ends with."""
    nb = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    cells = [c for c in nb["cells"] if "".join(c["source"]).endswith(ending)]
    data = (output["data"] for output in cells[0]["outputs"])
    return next(d[VIEW]["model_id"] for d in data if VIEW in d)


def to_any(live, dice):
    """Any state that has a picture: of another the last good one stays, which nothing tells."""
    while True:
        live.show_state("")
        moved(live, dice)
        try:
            live.computes(live.values())
        except ValueError:
            continue
        return


def copied(page, app):
    """The link that the app's button gives, where a page may not write to the clipboard."""
    page.evaluate(NO_CLIPBOARD)
    page.locator(f"#{app} > .backprop-link button").click()
    return page.evaluate(SELECTED)


def copied_once(page, app, ending):
    """The same, once it ends so: a link is followed a moment later."""
    for _ in range(50):
        link = copied(page, app)
        page.keyboard.press("Escape")
        if link.endswith(ending):
            return link
        page.wait_for_timeout(100)
    pytest.fail(f"{link}; expected {ending}; {page.inner_text(f'#{app} > .backprop-link')}")


def seen(page, app):
    """What is drawn, written and set; a step that was announced is announced at no opening."""
    own = f"document.getElementById('{app}')"
    announced = f"[...{own}.querySelectorAll('.spoken[role=status]')]"
    words = f"{announced}.reduce((all, e) => all.replace(e.innerText, ''), {own}.innerText)"
    return page.evaluate(
        f"""() => [look.drawn({own}), {words}.replace(/\\s+/g, " "),
        [...{own}.querySelectorAll("input, select")].map((e) => e.value)]"""
    )


@pytest.mark.parametrize("states", [3, by_night(24)])
@pytest.mark.parametrize("name", by_day(LINKED, "product_order"))
def test_a_link_opens_its_app_in_its_state(visit, name, states):
    notebook, ending = LINKED[name]
    app = id_of(notebook, ending)
    page = visit(notebook)
    (live,) = lives(STATED[name]())
    dice, shown = random.Random(2), set()
    for _ in range(states):
        to_any(live, dice)
        page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:{live.shown_state}")
        link = copied_once(page, app, f"{notebook}.html#{app}:{live.shown_state}")
        shown.add(json.dumps(seen(page, app)))
    assert len(shown) > max(1, states // 3)
    before = seen(page, app)
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function(READY)
    page.evaluate(TYPESET)
    page.wait_for_function(BUTTONS)
    page.wait_for_timeout(300)
    assert seen(page, app) == before
    top = page.evaluate(f"() => document.getElementById('{app}').getBoundingClientRect().top")
    end = page.evaluate("() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2")
    assert 0 <= top < 20 or end


def test_a_link_to_a_server_opens_its_app_too(visit_anywhere):
    page = visit_anywhere("00_start_here")
    app = id_of("00_start_here", "explore.one_neuron()")
    page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:w=1.5")
    page.wait_for_function(f"() => document.querySelector('#{app} input').value === '1.5'")
    assert copied(page, app) == page.url


def test_an_app_within_a_fold_is_unfolded_by_its_link(visit):
    page = visit("00_start_here")
    app = id_of("00_start_here", "explore.one_neuron()")
    page.evaluate(
        """(app) => { const fold = document.createElement("details");
        const place = document.getElementById(app).closest(".app");
        place.before(fold); fold.append(place); }""",
        app,
    )
    page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:w=1.5")
    page.wait_for_function(f"() => document.getElementById('{app}').checkVisibility()")
    field = page.locator(f"#{app} input[type=text]").first
    assert field.input_value() == "1.5"


HOSTILE = [
    "W_11=99", "W_11", "%", "W_11=%ff", "x=<img src=x onerror=alert(1)>", "__proto__=1",
    "constructor=1", "toString=x", "stage=%3Cscript%3E", "at=1e9", "=", "&", "a" * 9000,
    "press=0", "acts=%5B%5D", "state=%7B%7D", "\u202e=1", "stage=[object Object]",
]  # fmt: skip


@pytest.mark.parametrize("texts", [HOSTILE[::3], by_night(HOSTILE)], ids=["a third", "all"])
def test_a_damaged_link_is_refused_where_its_app_stands_and_the_app_stays(visit, texts):
    notebook, ending = LINKED["update"]
    app = id_of(notebook, ending)
    page = visit(notebook)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:W_11=0.3&at=2&hide=1")
    page.wait_for_timeout(200)
    kept = seen(page, app)
    for text in texts:
        page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:{text}")
        line = page.locator(f"#{app} > .backprop-link [role=status].backward")
        line.wait_for(state="visible")
        said = line.inner_text()
        assert re.match(r"✗ The link's state: .*(expected|is not|write)", said), text
        assert 0 <= line.bounding_box()["y"] < 400, "it is said where the link leads"
        assert page.locator(f"#{app} .backprop-link :is(img, script)").count() == 0
        page.evaluate("(hash) => { location.hash = hash; }", f"#{app}:W_11=0.3&at=2&hide=1")
        line.wait_for(state="detached")
        assert seen(page, app) == kept, text


def test_a_link_to_no_app_of_the_page_does_nothing(visit):
    page = visit("00_start_here")
    for text in ("#cell-99-app-1:w=1", "#:", "#cell-02-app-1", "#%E0%A4%A", "#cell-02-app-1%3Aw=1"):
        page.evaluate("(hash) => { location.hash = hash; }", text)
        page.wait_for_timeout(50)
    assert page.locator(".backprop-link .backward:not(:empty)").count() == 0


def test_a_button_copies_the_link_and_nothing_jumps(visit):
    page = visit("00_start_here")
    app = id_of("00_start_here", "explore.one_neuron()")
    box = f"() => JSON.stringify(document.getElementById('{app}').getBoundingClientRect())"
    row = page.locator(f"#{app} > .backprop-link")
    row.scroll_into_view_if_needed()
    before = page.evaluate(box)
    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", { configurable: true,
        value: { writeText: async (text) => { window.written = text; } } })"""
    )
    field = page.locator(f"#{app} input[type=text]").first
    field.fill("1.5")
    field.press("Enter")
    row.get_by_role("button", name="Copy link", exact=True).click()
    row.get_by_text("Copied", exact=True).wait_for()
    assert row.get_by_role("status").inner_text() == "Copied"
    assert page.evaluate("() => window.written").endswith(f"00_start_here.html#{app}:w=1.5")
    assert page.evaluate(box) == before
    assert findings(page, f"#{app}") == []
    page.evaluate(
        "() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; }"
    )
    row.get_by_role("button").click()
    row.locator("input").wait_for()
    assert page.evaluate(SELECTED).endswith(f"#{app}:w=1.5")
    assert page.evaluate(box) == before
    assert findings(page, f"#{app}") == []
    page.keyboard.press("Escape")
    assert row.locator("input").count() == 0
    assert page.evaluate("() => document.activeElement.textContent") == "Copy link"


# --- the first page -------------------------------------------------------------------------------


def test_the_first_page_shows_an_app_that_moves(visit):
    page = visit("index")
    app = page.locator(".backprop-app")
    assert app.count() == 1
    picture = app.locator("svg[role=group]").first
    assert picture.bounding_box()["y"] < 600, "on the first screen"
    shown = app.locator('[data-q="loss"]').first
    before = shown.text_content()
    app.locator("input[aria-label=c]").focus()
    page.keyboard.press("PageUp")
    page.wait_for_function(
        "([before]) => document.querySelector('[data-q=loss]').textContent !== before", arg=[before]
    )
    app.get_by_role("button", name="Next").click()
    assert app.locator("[data-caption]").inner_text().startswith("Step 1 of 5.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_page_shows_each_notebook_by_picture_and_question(visit, scheme):
    page = visit("index")
    page.emulate_media(color_scheme=scheme)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in NOTEBOOKS:
        question = re.search(rf"\| \[{name}\]\(.*?\) \| (.+?) \|", readme)[1]
        entry = page.locator(f'.notebooks li:has(a[href="{name}.html"])')
        assert question in entry.inner_text()
        picture = entry.locator("img")
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            f"() => document.querySelector('[src*=\"{name}\"]').naturalWidth > 99"
        )
        assert len(set(picture.screenshot())) > 100, "it is not empty"
    assert "make lab" in page.locator("main").inner_text()
