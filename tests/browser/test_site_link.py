"""A state in a link: the site's pages take it, give it, and refuse what is none."""

import json
import random
import re

import pytest

from tests.nightly import by_day, by_night
from tests.page.test_state_text import APPS as STATED
from tests.page.test_state_text import lives, moved

from .axe import findings
from .site_pages import BUTTONS, READY, SELECTED, TYPESET, copied, id_of

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
@pytest.mark.parametrize("name", by_day(LINKED, "golf"))
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
