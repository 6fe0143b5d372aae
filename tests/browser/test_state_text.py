"""An app's state as a text: what the page makes of it is what Python makes of it."""

import json
import random

import pytest

from backprop_lab.page import state_text
from backprop_lab.page.library import SCRIPTS
from backprop_lab.picture.elements import Element
from tests.page.test_state_text import APPS, REFUSED, in_short, known, lives, moved

READ = """async ([codec, program, data, texts]) => {
  const module = (text) => import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
  const [{$understood, $written}, of] = await Promise.all([codec, program].map(module));
  return JSON.stringify(texts.map((text) => {
    try {
      const known = of.kept?.known ?? null;
      const held = $understood(text, data, of.scene, of.changed, of.compute, known);
      return [held, $written(held, data, of.scene)];
    } catch (error) {
      if (error.name === "ValueError") return error.message;
      throw error;
    }
  }));
}"""
LETTERS = "&=%0127+-.,_ aAtWx“é日\t<>#\"'\\\u2212"


def in_page(page, live, texts):
    codec = SCRIPTS["runtime"] + SCRIPTS["state_text"]
    program = SCRIPTS["runtime"] + live.computes.javascript
    return json.loads(page.evaluate(READ, [codec, program, live.data, texts]))


def in_python(live, text):
    data, of = live.data, live.computes
    try:
        held = state_text.understood(text, data, of.scene, of.changed, of.compute, known(live))
    except ValueError as error:
        return str(error)
    return [held, state_text.written(held, data, of.scene)]


def damaged(text, dice):
    """A text with a few letters changed, left out or put in."""
    letters = list(text)
    for _ in range(dice.randint(1, 3)):
        place = dice.randint(0, len(letters))
        letters[place : place + dice.randint(0, 2)] = dice.choice(["", *LETTERS])
    return "".join(letters)


@pytest.mark.parametrize(
    "name",
    [
        "update",
        "chain_of_neurons",
        "algorithm",
        "blanks",
        "golf",
        "gallery",
        "drill",
        "finder",
        "formula",
    ],
)
def test_texts_sound_and_damaged_are_the_same_in_the_page(page, name):
    (live,) = lives(APPS[name]())
    data, dice, texts = live.data, random.Random(8), list(REFUSED)
    for _ in range(60):
        moved(live, dice)
        texts += [live.shown_state, *(damaged(live.shown_state, dice) for _ in range(3))]
        live.state, live.acts = data["state"], []
    refused = 0
    for text, found in zip(texts, in_page(page, live, texts), strict=True):
        expected = in_python(live, text)
        if isinstance(expected, str):
            assert found == expected, text
            refused += 1
        else:
            assert not isinstance(found, str), (text, found)
            held, written = found
            numbers = {n: float(held[n]) for n in data["numbers"]}
            assert in_short(held | numbers) == in_short(expected[0]), text
            assert written == expected[1]
    assert refused > len(REFUSED) / 2
    assert len(texts) - refused >= 60


def test_elements_of_a_text_are_none():
    """A text may be a list's, in Python and in a page: only elements offer anything."""
    pressed = Element("button", ("x",), {"data-act": "a", "value": "1"})
    typed = Element("input", (), {"data-act": "b", "value": "2"})
    off = Element("button", ("x",), {"data-act": "c", "value": "3", "disabled": True})
    assert state_text.offers(["a", [pressed, "b"], Element("", (typed, off), {})]) == [
        ("a", "1"),
        ("b", None),
    ]
