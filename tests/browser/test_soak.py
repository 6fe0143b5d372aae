"""Hours of a reader's play, in minutes: each app of 05 and 06 moved 2,000 times, played meanwhile.
Nothing complains, nothing grows, and in the end it shows what a fresh page shows."""

import pytest

from .site_pages import BUTTONS, READY, TYPESET, copied, id_of, unfold, visiting

MOVES = 2000
GROWTH = 1.3
"""So much larger may the page's memory be after all the moves than after the first half."""

APPS = {
    "05_training": ("xor_training()", "steps_on_a_parabola()", "risk_after_a_step()"),
    "06_vanishing_gradient": (
        "chain_of_neurons()", "deep_network()", "phase_map()", "deep_training()",
    ),
}  # fmt: skip
MOVE = """async ([app, count, seed]) => {
  const root = document.getElementById(app);
  let state = seed; // Park and Miller's generator
  const dice = (n) => (state = (state * 48271) % 2147483647) % n;
  const kinds = "input[type=range], select, .widget-toggle-button, input[type=checkbox], [data-do]";
  for (let k = 0; k < count; k++) {
    const all = [...root.querySelectorAll(kinds)]
      .filter((e) => !e.disabled && e.checkVisibility() && e.dataset.do !== "full");
    const e = all[dice(all.length)];
    if (e.type === "range") {
      e.value = Number(e.min) + ((e.max - e.min) * dice(1001)) / 1000;
      e.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (e.tagName === "SELECT") {
      e.selectedIndex = dice(e.options.length);
      e.dispatchEvent(new Event("change", { bubbles: true }));
    } else e.click();
    if (k % 4 === 0) await new Promise((done) => requestAnimationFrame(done));
  }
  const play = root.querySelector("[data-do=play]");
  if (play?.textContent.includes("Pause")) play.click();
  root.querySelector("[data-do=again]")?.click();
}"""
STILL = """(app) => !/ % computed/.test(document.getElementById(app).textContent)"""


def heap(session):
    session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"]


SHOWN = """(app) => {
  const root = document.getElementById(app);
  const begins = root.querySelector("[data-do=again]"); // the run before stays, and moves the axes
  return [...root.querySelectorAll("[data-q]")]
    .map((e) => [e.dataset.q, e.textContent, begins ? "" : e.getAttribute("d")]);
}"""


def shown(page, app):
    """What it says and draws under a name."""
    page.wait_for_function(STILL, arg=app, timeout=120_000)
    return page.evaluate(SHOWN, app)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("name", "call"), [(n, call) for n, calls in APPS.items() for call in calls]
)
def test_an_app_outlives_two_thousand_moves(site, context, name, call):
    with visiting(site.as_uri(), context) as visit:
        page, app = visit(name), id_of(name, f"explore.{call}")
        unfold(page)
        session = page.context.new_cdp_session(page)
        page.evaluate(MOVE, [app, MOVES // 2, 7])
        half = heap(session)
        page.evaluate(MOVE, [app, MOVES // 2, 8])
        assert heap(session) < GROWTH * half
        before, link = shown(page, app), copied(page, app)
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_function(READY)
        page.evaluate(TYPESET)
        page.wait_for_function(BUTTONS)
        page.wait_for_timeout(500)  # a link is followed a moment later
        assert shown(page, app) == before
