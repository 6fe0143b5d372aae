"""One app on the page of apps, moved by keyboard alone, and the names on its controls."""

import time
import xml.etree.ElementTree as ET

import pytest

from ..conftest import APPS

PATIENCE = 10.0  # seconds until a page shows what it must
ALPHA = "α"
STAGES = ["1 Forward", "2 One chain", "3 Update"]
SWITCHES = ["Hide numbers", "As printed"]
START_AGAIN = 'button(ROOT, "Start")'
NEXT, BACK = (f"button(ROOT, {text!r})" for text in ("Next ▸", "◂ Back"))
PLAY = "element(ROOT, '[data-do=play]')"


LOCKED = [
    {"weight", ALPHA, f"{ALPHA} slider", "Take the step"},
    {ALPHA, f"{ALPHA} slider", "Take the step"},
    set(),
]
ALONE = ("import backprop_lab as bl\nfrom backprop_lab import explore", APPS["walkthrough"])
"""A page with this app and no other."""
SHOWN = ("q", "when", "place", "weight", "card", "matrix", "label", "curve", "drawn")


class App:
    """One app on the page of apps; moved by keyboard only."""

    def __init__(self, notebook, name):
        self.notebook, self.page = notebook, notebook.page
        self.keyboard = self.page.keyboard
        self.root = f"look.app({APPS[name]!r})"
        cells = f"look.codeCells().find(cell => cell.node.contains({self.root}))"
        self.page.evaluate(f"() => look.show({cells})")

    def read(self):
        found = self.page.evaluate(f"() => look.read({self.root})")
        assert found["clashes"] == [], "one quantity, two numbers"
        return found

    def get(self, expression):
        """What `look` finds; ROOT stands for the app's element."""
        return self.page.evaluate(f"() => look.{expression}".replace("ROOT", self.root))

    def focus(self, what):
        """what: an expression such as button(ROOT, "Take the step"). It must take the focus."""
        element = f"look.{what}".replace("ROOT", self.root)
        self.page.evaluate(f"() => {element}.focus()")
        assert self.page.evaluate(f"() => document.activeElement === {element}"), what

    def press(self, what, *keys):
        self.focus(what)
        for key in keys:
            self.keyboard.press(key)

    def type(self, name, text):
        """Type a number into a field, in place of the one that stands there."""
        self.press(f"field(ROOT, {name!r})", "Control+a")
        self.keyboard.type(text)
        self.keyboard.press("Enter")

    def choose(self, name, text):
        """An option of a dropdown: Enter opens the list, arrow keys, Enter."""
        select = f"select(ROOT, {name!r})"
        options = self.get(f"options({select.replace('select', 'look.select')})")
        steps = options.index(text) - options.index(self.read()["controls"][name])
        if steps:
            arrows = ["ArrowDown" if steps > 0 else "ArrowUp"] * abs(steps)
            self.press(select, "Enter", *arrows, "Enter")
        assert self.read()["controls"][name] == text

    def until(self, holds, what="", patience=PATIENCE):
        """Read the page until this holds of it; holds returns what is still wrong."""
        end = time.monotonic() + patience
        while wrong := holds(found := self.read()):
            if time.monotonic() > end:
                rest = {key: found[key] for key in ("controls", "pressed", "locked", "message")}
                pytest.fail(f"{what}: {wrong}\n{rest}")
            self.page.wait_for_timeout(15)
        return found


def drawn(markup):
    """As `look.drawn`: every element that changes with the app's state."""
    found = []
    for e in ET.fromstring(f"<p>{markup}</p>").iter():
        named = [e.get(f"data-{name}") for name in SHOWN]
        if any(name is not None for name in named):
            classes = (e.get("class") or "").split()
            found.append(
                {
                    "of": [e.tag, *named],
                    "marks": [css for css in ("chosen", "lit", "now", "off") if css in classes],
                    "text": e.text if e.get("data-q") else None,
                    "value": (e.get("style") or "").partition("--value: ")[2],
                    "label": e.get("aria-label") if e.get("data-label") else None,
                    **{name: e.get(name) for name in ("transform", "d")},
                }
            )
    return found
