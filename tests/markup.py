"""What an app or a picture shows, read from its widgets and its markup."""

import html
import re
import xml.etree.ElementTree as ET

from backprop_lab.exercise.blanks import answered


def tree(markup):
    """The markup, which must be well formed, within one element."""
    xml = re.sub(r" disabled(?=[ >/])", ' disabled=""', markup)  # as XML has it
    return ET.fromstring(f"<p>{xml}</p>")


def text(markup):
    """What is read, whatever the elements."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


def lit(markup):
    """The places that are lit, by name."""
    return set(re.findall(r'class="[^"]* lit[^"]*" data-place="(\w+)"', markup))


def number(app, name):
    """The number of that name, in any of the app's views."""
    markup = "".join(view.value for view in app.views.values())
    return float(re.search(rf'data-q="{name}"[^>]*>([^<\s][^<]*)<', markup)[1].replace(",", ""))


def fields(markup):
    """Every number in the markup, by its name: text as it is shown."""
    found = {}
    for element in tree(markup).iter():
        if element.get("data-q"):
            found.setdefault(element.get("data-q"), set()).add(element.text)
    assert all(len(texts) == 1 for texts in found.values()), found
    return {name: texts.pop() for name, texts in found.items()}


def assert_shown(markup, expected):
    texts = fields(markup)
    for name, text in texts.items():
        digits = len(text.partition(".")[2])
        assert text == f"{expected[name]:z.{digits}f}", name
    return texts


def on_page(markup):
    """The markup without the parts that are switched off."""
    root = tree(markup)
    for parent in list(root.iter()):
        for child in list(parent):
            if "off" in (child.get("class") or "").split():
                parent.remove(child)
    return ET.tostring(root, encoding="unicode")


def attributes(markup, name):
    """All values of an attribute in the markup."""
    elements = tree(markup).iter()
    return [e.get(name) for e in elements if e.get(name) is not None]


def inside(widget):
    """A widget and all that it contains."""
    yield widget
    for child in getattr(widget, "content", getattr(widget, "children", ())):
        yield from inside(child)


def message(app):
    return "".join(ET.fromstring(app.message.value).itertext()) if app.message.value else ""


def said_to(blank, typed):
    """What is said to a text that is typed into a blank."""
    return answered(typed, blank.known, blank.expected, blank.digits)[1]
