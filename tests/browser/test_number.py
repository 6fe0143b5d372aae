"""The control of a number by itself, on an empty page, with a model of the tests' own."""

import json

import pytest

from backprop_lab.page.controls import NumberSlider
from backprop_lab.page.library import SCRIPTS
from tests import typed_numbers

IMPORT = """async (sources) => {
  const [program, control] = await Promise.all(sources.map((source) =>
    import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))));
  control.uses(program);
  Object.assign(window, { program, control });
}"""
MODEL = """(state) => {
  window.handlers = [];
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      const moved = state[name] !== value;
      state[name] = value;
      if (!moved) return;
      const heard = handlers.filter(([event]) => ["change", `change:${name}`].includes(event));
      for (const [, handler] of heard) handler(model, {});
    },
    save_changes: () => window.saved.push(state.value),
    on: (event, handler) => handlers.push([event, handler]),
    off: (event, handler) => {
      const place = handlers.findIndex(([e, h]) => e === event && h === handler);
      if (place >= 0) handlers.splice(place, 1);
    },
  };
  window.saved = [];
  document.body.replaceChildren();
  document.body.style.height = "5000px";
  window.views = [1, 2].map(() => {
    const el = document.body.appendChild(document.createElement("div"));
    return { el, leave: control.default.render({ model, el }) };
  });
}"""
"""Two views of one model."""
SHOWN = """() => views.map(({ el }) => {
  const [range, field] = el.querySelectorAll("input");
  return [Number(range.value), field.value, el.querySelector(".refusal").textContent];
})"""


@pytest.fixture(scope="module")
def blank(context):
    page = context.new_page()
    page.goto("about:blank")
    modules = NumberSlider.program_parts, NumberSlider.parts
    page.evaluate(IMPORT, ["".join(SCRIPTS[part] for part in parts) for parts in modules])
    yield page
    page.close()


class Control:
    """The control on the page."""

    def __init__(self, page, *arguments, **more):
        self.page, self.keyboard = page, page.keyboard
        slider = NumberSlider(*arguments, **more)
        names = ("value", "low", "high", "step", "whole", "label", "spoken", "disabled")
        page.evaluate(MODEL, {name: getattr(slider, name) for name in names})
        self.range, self.field = (page.locator(f"input[type={t}]").first for t in ("range", "text"))

    def type(self, text, key="Enter"):
        self.field.select_text()
        self.keyboard.insert_text(text)
        self.keyboard.press(key)

    @property
    def shown(self):
        """Of both views: where the slider stands, what the field says, why it was refused."""
        return self.page.evaluate(SHOWN)

    @property
    def value(self):
        return self.page.evaluate("() => model.get('value')")

    def set(self, value):
        self.page.evaluate("(value) => model.set('value', value)", value)


@pytest.fixture
def weight(blank):
    return Control(blank, "W_{11}", -0.07, -3, 3, 0.01)


def test_the_page_reads_what_python_reads(blank):
    texts = [*typed_numbers.READ, *typed_numbers.REFUSED]
    found = blank.evaluate("(texts) => texts.map((text) => program.reading(text))", texts)
    read = len(typed_numbers.READ)
    assert found[:read] == [[value, ""] for value in typed_numbers.READ.values()]
    refused = [f"“{text}” {said}" for text, said in typed_numbers.REFUSED.items()]
    assert [refusal for _, refusal in found[read:]] == refused
    texts = [*typed_numbers.WHOLE, *typed_numbers.NOT_WHOLE]
    found = blank.evaluate("(texts) => texts.map((text) => program.reading(text, true))", texts)
    read = len(typed_numbers.WHOLE)
    assert found[:read] == [[value, ""] for value in typed_numbers.WHOLE.values()]
    refused = [f"“{text}” is not a whole number" for text in typed_numbers.NOT_WHOLE]
    assert [refusal for _, refusal in found[read:]] == refused


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_a_decimal_comma_is_a_point(weight, key):
    weight.type("1,5", key)
    assert weight.value == 1.5
    assert weight.shown == [[1.5, "1.5", ""]] * 2


@pytest.mark.parametrize("key", ["Enter", "Tab"])
@pytest.mark.parametrize("typed", ["1.5.5", "1,234", "two"])
def test_what_is_no_number_stays_and_moves_nothing(weight, typed, key):
    weight.type(typed, key)
    said = f"✗ “{typed}” {typed_numbers.REFUSED.get(typed, typed_numbers.NO)}."
    assert weight.shown == [[-0.07, typed, said], [-0.07, "-0.07", ""]]
    assert (weight.value, weight.page.evaluate("() => saved")) == (-0.07, [])
    assert weight.field.get_attribute("aria-invalid") == "true"
    weight.type("")
    assert weight.shown == [[-0.07, "-0.07", ""]] * 2, "an empty field shows the number again"
    assert weight.field.get_attribute("aria-invalid") == "false"


def test_beyond_the_range_the_slider_stands_at_its_end(weight):
    for typed, end in (("50", 3), ("-50", -3)):
        weight.type(typed)
        assert weight.value == float(typed)
        assert weight.shown == [[end, typed, ""]] * 2
        assert weight.field.get_attribute("aria-invalid") == "true"


def test_a_number_without_dust(weight):
    weight.set(0.1 + 0.2)
    assert weight.shown == [[0.3, "0.3", ""]] * 2
    weight.set(-0.0699999999999994)
    assert weight.shown == [[-0.07, "-0.07", ""]] * 2
    weight.type("-0.07")
    assert weight.value == -0.0699999999999994, "what was not changed is not sent"
    weight.set(1e-16)
    assert weight.shown[0][1] == "1e-16"


@pytest.mark.parametrize(
    ("key", "value"),
    [("ArrowRight", -0.06), ("ArrowUp", -0.06), ("ArrowLeft", -0.08), ("ArrowDown", -0.08),
     ("Home", -3), ("End", 3), ("PageUp", 0.53), ("PageDown", -0.67)],
)  # fmt: skip
def test_keys_move_the_slider(weight, key, value):
    weight.range.press(key)
    assert weight.value == value
    assert weight.shown == [[value, f"{value}", ""]] * 2


def test_up_and_down_in_the_field(weight):
    weight.field.press("ArrowUp")
    assert weight.value == -0.06
    weight.field.press("ArrowDown")
    weight.field.press("ArrowDown")
    assert weight.value == -0.08
    weight.type("3", "ArrowUp")
    assert weight.value == 3, "not beyond the end"
    weight.type("3,x", "ArrowUp")
    assert weight.shown[0][1:] == ["3,x", "✗ “3,x” is not a number; write it like -0.2447."]


def test_the_wheel_scrolls_the_page(weight):
    for control in (weight.field, weight.range):
        before = weight.page.evaluate("() => scrollY")
        control.focus()
        box = control.bounding_box()
        weight.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        weight.page.mouse.wheel(0, 5)
        weight.page.wait_for_function("(before) => scrollY > before", arg=before)
    assert weight.shown == [[-0.07, "-0.07", ""]] * 2


def test_a_number_from_elsewhere_leaves_what_is_being_typed(weight):
    weight.field.select_text()
    weight.keyboard.insert_text("1.2")
    weight.set(2)
    assert weight.shown == [[2, "1.2", ""], [2, "2", ""]]
    weight.keyboard.press("Enter")
    assert weight.value == 1.2
    weight.type("two")
    weight.range.press("ArrowRight")
    assert weight.shown == [[1.21, "1.21", ""]] * 2, "a move of the slider is the newer word"


def test_a_whole_number(blank):
    depth = Control(blank, "depth", 3, 1, 100, 1, True)
    depth.type("2,5")
    assert (depth.value, depth.shown[0][2]) == (3, "✗ “2,5” is not a whole number.")
    depth.type("70")
    assert depth.shown == [[70, "70", ""]] * 2


def test_its_name_and_its_number_are_spoken(weight):
    assert weight.range.get_attribute("aria-label") == "W 11"
    assert weight.range.get_attribute("aria-valuetext") == "minus 0.07"
    assert weight.field.get_attribute("aria-label") == "W 11, as a number"
    assert weight.page.locator(".name sub").first.inner_text() == "11"


def test_an_end_that_comes_nearer_takes_the_number_with_it(weight):
    weight.set(2.5)
    weight.page.evaluate("() => model.set('high', 1)")
    assert weight.value == 1
    assert weight.shown == [[1, "1", ""]] * 2
    weight.page.evaluate("() => model.set('high', 4)")
    assert weight.value == 1


def test_a_locked_control_and_a_view_that_leaves(weight):
    weight.page.evaluate("() => { model.set('disabled', true); }")
    assert weight.page.evaluate(
        "() => [...document.querySelectorAll('input')].every((e) => e.disabled)"
    )
    weight.page.evaluate("() => views.forEach(({ leave }) => leave())")
    assert weight.page.evaluate("() => handlers.length") == 0


def test_what_a_model_is_told_is_json(weight):
    weight.type("1e3")
    assert json.loads(weight.page.evaluate("() => JSON.stringify(saved)")) == [1000]
