"""The web pages that `make site` writes: they move without a kernel, and ask no network."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest

from tests.nightly import by_day

from .apps.numbers import NAMES, wrong_numbers
from .axe import ALL_BUT_COLOURS, COLOURS, findings
from .conftest import ROOT
from .site_pages import READY, TYPESET, VIEWS, unfold, visiting

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index", *NOTEBOOKS]
SCREEN = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
PAPER = {"width": 680, "height": 960}  # A4 at 96 px an inch, within margins of 15 mm
SMALLEST_TEXT = 10  # px, in a picture on a phone
SMALLEST_TARGET = 40  # px, for a finger
APPS = """[...document.querySelectorAll(".app")]"""
REMEMBER = "() => { window.shut = [...document.querySelectorAll('details:not([open])')]; }"
SHUT = "() => window.shut.forEach((d) => { d.open = false; })"


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
