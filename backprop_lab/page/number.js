// One number: its name, a slider and a field. They are kept together here, without the kernel. What is
// typed is read by `reading`, translated from Python (typed.py).

let reading;
export function uses(program) {
  ({ reading } = program);
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
    const [read, refusal] = field.value.trim() ? reading(field.value, get("whole")) : [get("value"), ""];
    if (refusal) refuse(refusal);
    else if (field.value === text()) show(true);
    else set(read);
    return !refusal;
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
  const within = () => get("value") > get("high") && set(get("high"));
  model.on("change:high", within);
  model.on("change", show);
  show(true);
  return () => {
    model.off("change:high", within);
    model.off("change", show);
  };
}

export default { render };
