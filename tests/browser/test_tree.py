"""Elements in the page: however one drawing follows another, it is what a fresh one would be."""

import numpy as np
import pytest

from backprop_lab.page.library import script

LOAD = """async (source) => {
  const code = `${source}; export { drawn, flat, grown, holdsAlready };`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  window.tree = await import(url);
}"""
FOLLOW = """(drawings) => {
  const { drawn, flat, grown } = tree;
  const place = document.createElement("div");
  let before = [];
  return drawings.map((drawing) => {
    const now = flat(drawing);
    drawn(place, before, now);
    before = now;
    const fresh = document.createElement("div");
    fresh.append(...now.map((one) => grown(one, fresh.namespaceURI)));
    return place.isEqualNode(fresh);
  });
}"""


@pytest.fixture(scope="module")
def trees(page):
    page.goto("about:blank")
    page.evaluate(LOAD, script("tree"))
    return page


def element(tag, *children, **attributes):
    return {"tag": tag, "children": list(children), "attributes": attributes}


def drawing(rng, depth=3):
    """Elements, texts, empty texts, fragments and lists of them."""
    kind = rng.integers(6) if depth else 0
    if kind < 2:
        return str(rng.choice(["", "a", "b < c", "δ"]))
    inside = [drawing(rng, depth - 1) for _ in range(rng.integers(4))]
    if kind == 2:
        return inside
    values = [None, False, True, "x", "y", 3]
    attributes = {n: values[rng.integers(6)] for n in ("class", "title", "data-q", "disabled")}
    tag = str(rng.choice(["", "p", "button", "svg"])) if kind < 5 else "p"
    return element(tag, *inside, **attributes)


def test_one_drawing_after_another_is_what_a_fresh_one_is(trees):
    rng = np.random.default_rng(3)
    drawings = [[drawing(rng) for _ in range(3)] for _ in range(1000)]
    assert trees.evaluate(FOLLOW, drawings) == [True] * 1000


def test_what_stays_the_same_keeps_its_element_and_its_focus(trees):
    kept = """([one, other]) => {
      const { drawn, flat } = tree;
      const place = document.body.appendChild(document.createElement("div"));
      drawn(place, [], flat(one));
      const [button, field] = place.children;
      button.focus();
      field.value = "typed";
      drawn(place, flat(one), flat(other));
      return [document.activeElement === button, button.textContent, place.children[1] === field,
        field.value, field.getAttribute("value")];
    }"""
    one = [element("button", "press"), element("input", value="")]
    same = [element("button", "pressed"), element("input", value="")]
    assert trees.evaluate(kept, [one, same]) == [True, "pressed", True, "typed", ""]
    other = [element("button", "press"), element("input", value="set")]
    assert trees.evaluate(kept, [one, other]) == [True, "press", True, "set", "set"]


def test_markup_that_says_the_same_is_recognised(trees):
    holds = """([markup, now]) => {
      const place = document.createElement("div");
      place.innerHTML = markup;
      return tree.holdsAlready(place, tree.flat(now));
    }"""
    now = [element("p", "one ", ["", "text"], title="t", hidden=None), "end"]
    assert trees.evaluate(holds, ['<p title="t">one text</p>end', now])
    for markup in ('<p title="t">one text</p>', "<p>one text</p>end", '<p title="t">one</p>end'):
        assert not trees.evaluate(holds, [markup, now])


def test_a_picture_s_elements_are_svg(trees):
    spaces = """(given) => {
      const place = document.createElement("div");
      tree.drawn(place, [], tree.flat(given));
      return [...place.querySelectorAll("*")].map((e) => e.namespaceURI.split("/").at(-1));
    }"""
    given = element("p", element("svg", element("path", d="M0 0"), viewBox="0 0 1 1"))
    assert trees.evaluate(spaces, given) == ["xhtml", "svg", "svg"]
