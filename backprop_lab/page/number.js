// One number: its name, a slider and a field. They are kept together here, without the kernel.

const SIGN = /[\u2010-\u2015\u2212\ufe63\uff0d]/g; // hyphens, dashes, minus signs
const SPACE = "[\\s\\u200b\\ufeff]*";
const AROUND = new RegExp(`^${SPACE}([+-]?)${SPACE}(.*?)${SPACE}$`, "s");

// What a reader typed, as a number; else the sentence that refuses it. judge.read_number is the
// same rule in Python, tests/typed_numbers.py the cases that both must meet.
export function readNumber(text, whole = false) {
  const plain = text.replace(SIGN, "-").replace(AROUND, "$1$2");
  if (/^[+-]?[1-9][0-9]{0,2},[0-9]{3}$/.test(plain)) {
    const [first, last] = plain.replace("+", "").split(",");
    return `“${text}” can be read in two ways; write ${first}.${last} or ${first}${last}`;
  }
  const known = /^[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]+)?$/i.test(plain);
  const value = known ? Number(plain.replace(",", ".")) : NaN;
  if (whole && !Number.isInteger(value)) return `“${text}” is not a whole number`;
  const kind = Number.isNaN(value) ? "number" : "finite number";
  return Number.isFinite(value) ? value : `“${text}” is not a ${kind}; write it like -0.2447`;
}

const tidy = (value) => Number(value.toPrecision(12)); // 0.1 + 0.2 is 0.3

function make(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, text] of Object.entries(attributes)) element.setAttribute(name, text);
  return element;
}

function render({ model, el }) {
  const get = (name) => model.get(name);
  const name = make("span", { class: "name", "aria-hidden": "true" });
  const range = make("input", { type: "range", "aria-label": get("spoken") });
  const field = make("input", {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${get("spoken")}, as a number`,
  });
  const refusal = make("span", { class: "refusal", role: "alert" });
  name.innerHTML = get("label");
  el.classList.add("backprop-number");
  el.classList.toggle("word", name.textContent.length > 6);
  el.append(name, range, field, refusal);
  const text = () => `${tidy(get("value"))}`;
  let shown; // what the field says unless it is being edited

  function refuse(sentence) {
    refusal.textContent = sentence && `✗ ${sentence}.`;
    const [value, low, high] = ["value", "low", "high"].map(get);
    field.setAttribute("aria-invalid", Boolean(sentence) || !(value >= low && value <= high));
  }

  // A text that is being typed, and one that was refused, stay until there is another value.
  function show(anew) {
    Object.assign(range, { min: get("low"), max: get("high"), step: get("step") });
    range.value = get("value"); // beyond the range it stands at its end
    range.disabled = field.disabled = get("disabled");
    range.setAttribute("aria-valuetext", text().replaceAll("-", "minus "));
    if (text() === shown && anew !== true) return;
    if (anew !== true && document.activeElement === field && field.value !== shown) return;
    field.value = shown = text();
    refuse("");
  }

  function set(value) {
    model.set("value", tidy(value));
    model.save_changes();
    show(true);
  }

  // Whether the field holds a number.
  function take() {
    const read = field.value.trim() ? readNumber(field.value, get("whole")) : get("value");
    if (typeof read === "string") refuse(read);
    else if (field.value === text()) show(true);
    else set(read);
    return typeof read === "number";
  }

  range.addEventListener("input", () => set(Number(range.value)));
  field.addEventListener("change", take);
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") take();
    const sign = { ArrowUp: 1, ArrowDown: -1 }[key];
    if (!sign || !take()) return;
    const moved = get("value") + sign * get("step");
    set(Math.min(Math.max(moved, get("low")), get("high")));
  });
  model.on("change", show);
  show(true);
  return () => model.off("change", show);
}

export default { render };
