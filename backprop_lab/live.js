// Runs `compute`, printed by SymPy above, with the numbers that the controls hold, and writes the
// results into the elements of the surrounding app that carry their names in data-q.

const settled = (value) => Number(value.toFixed(6));
const clamp = (value, { low, high }) => Math.min(Math.max(value, low), high);

function shown(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text; // no negative zero
}

function outOfRange(values) {
  for (const [name, { low, high, label }] of Object.entries(data.numbers)) {
    const value = values[name];
    if (!(value >= low && value <= high)) {
      return `${label}: got ${value}; expected a number from ${low} to ${high}`;
    }
  }
  return "";
}

function read(model) {
  const values = {};
  for (const name of Object.keys(data.numbers)) values[name] = model.get(name);
  for (const [name, rows] of Object.entries(data.tables)) Object.assign(values, rows[model.get(name)]);
  return values;
}

function write(app, quantities) {
  for (const element of app.querySelectorAll("[data-q]")) {
    const value = quantities[element.dataset.q];
    if (value === undefined) continue;
    const text = shown(value, Number(element.dataset.digits));
    if (element.textContent !== text) element.firstChild.data = text;
  }
  for (const element of app.querySelectorAll("[data-label]")) {
    const fill = (_, name) => shown(quantities[name], 4);
    element.setAttribute("aria-label", element.dataset.label.replace(/\[(\w+)\]/g, fill));
  }
}

// A control and the field beside it hold one number; the field's counts. A slider reports its value
// snapped to its steps, which is no move of the reader's.
function pair(model, name, number) {
  const slider = `slider_${name}`;
  model.on(`change:${slider}`, () => {
    if (Math.abs(model.get(slider) - clamp(model.get(name), number)) <= number.step / 2) return;
    model.set(name, settled(model.get(slider)));
    model.save_changes();
  });
  model.on(`change:${name}`, () => {
    model.set(slider, clamp(model.get(name), number));
    model.save_changes();
  });
}

export default {
  initialize({ model }) {
    for (const [name, number] of Object.entries(data.numbers)) pair(model, name, number);
  },
  render({ model, el }) {
    el.style.display = "none"; // it shows nothing of its own
    const refresh = () => {
      const app = el.closest(".backprop-app");
      if (!app) return;
      const values = read(model);
      const message = outOfRange(values);
      const line = app.querySelector("[data-message]");
      const sentence = message && `✗ ${message}. The picture shows the last good values.`;
      if (line && line.textContent !== sentence) line.textContent = sentence;
      if (!message) write(app, { ...values, ...compute(values) });
    };
    // Python redraws a picture when its structure changes; the numbers are put in again.
    const redrawn = new MutationObserver(refresh);
    const names = [...Object.keys(data.numbers), ...Object.keys(data.tables)];
    for (const name of names) model.on(`change:${name}`, refresh);
    requestAnimationFrame(() => {
      const app = el.closest(".backprop-app");
      if (app) redrawn.observe(app, { childList: true, subtree: true });
      refresh();
    });
    return () => {
      redrawn.disconnect();
      for (const name of names) model.off(`change:${name}`, refresh);
    };
  },
};
