"""Pages of the site in a real Chromium: opened, and what they are asked."""

import http.server
import json
from contextlib import contextmanager

from tests.confirm.store import NOTEBOOKS

from .servers import SLOW

VIEW = "application/vnd.jupyter.widget-view+json"
VIEWS = """[...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')]
    .map((script) => script.parentElement)"""
MATHJAX = """!document.querySelector('[type="text/x-mathjax-config"]') || window.MathJax?.Hub"""
READY = f"""() => {VIEWS}.every((place) => place.querySelector(":scope > .jupyter-widgets"))
    && ({MATHJAX})"""
TYPESET = """() => window.MathJax && new Promise((done) =>
    MathJax.Hub.Register.StartupHook("End", () => { MathJax.Hub.Queue(done); }))"""
NO_CLIPBOARD = "() => Object.defineProperty(navigator, 'clipboard', { value: undefined })"
SELECTED = """() => { const e = document.activeElement;
    return e.value?.slice(e.selectionStart, e.selectionEnd); }"""
BUTTONS = (
    """() => [...document.querySelectorAll(".backprop-link")].every((e) => e.childElementCount)"""
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


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


def unfold(page):
    page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def id_of(notebook, ending):
    """The app of a cell, by what the cell ends with."""
    nb = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    cells = [c for c in nb["cells"] if "".join(c["source"]).endswith(ending)]
    data = (output["data"] for output in cells[0]["outputs"])
    return next(d[VIEW]["model_id"] for d in data if VIEW in d)


def copied(page, app):
    """The link that the app's button gives, where a page may not write to the clipboard."""
    page.evaluate(NO_CLIPBOARD)
    page.locator(f"#{app} > .backprop-link button").click()
    return page.evaluate(SELECTED)
