// A number on a picture that is a handle: dragged sideways, or moved by keys as ARIA's slider is, it sets
// what the number's own slider sets. `data-handle` names the number; one that no control moves is none.
// With `data-up` it is a plane: a press and a drag set two numbers, where the pointer is.

const STILL = 3; // px: a press that moves no further is a click
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

// Makes a handle of an element, and says the number's value.
function grip(element, { low, high, spoken }, value) {
  const said = `${value}`.replace("-", "minus ");
  const slider = { role: "slider", tabindex: 0, "aria-label": spoken, "aria-valuemin": low, "aria-valuemax": high };
  for (const [name, text] of Object.entries({ ...slider, "aria-valuenow": value, "aria-valuetext": said })) {
    put(element, name, `${text}`);
  }
}

function followHandles(app, model, numbers, signal) {
  let held = null; // by the pointer: since where, from which value, whether it has moved

  const set = (name, value) => {
    const { low, high } = numbers[name];
    model.set(name, settled(Math.min(Math.max(value, low), high)));
    model.save_changes();
  };
  // The plane's ends stand in its data; upwards they are powers of ten.
  const place = ({ clientX, clientY }, plane, { handle, up, across, along }) => {
    const { left, top, width, height } = plane.getBoundingClientRect();
    const at = (ends, share) => ((low, high) => low + share * (high - low))(...words(ends).map(Number));
    const put = (name, value) => set(name, Math.round(value / numbers[name].step) * numbers[name].step);
    put(handle, at(across, (clientX - left) / width));
    put(up, 10 ** at(along, 1 - (clientY - top) / height));
  };
  const on = (type, react) => {
    const heard = (event) => {
      const handle = event.target.closest('[role="slider"]');
      if (handle?.closest(".backprop-app") === app) react(event, handle, handle.dataset.handle);
    };
    app.addEventListener(type, heard, { signal, capture: true });
  };

  on("pointerdown", (event, handle, name) => {
    if (event.button) return;
    handle.setPointerCapture(event.pointerId);
    const { up } = handle.dataset;
    const from = Object.fromEntries([name, up ?? name].map((one) => [one, model.get(one)]));
    held = { pointerId: event.pointerId, at: event.clientX, from, moved: false };
    if (up) place(event, handle, handle.dataset);
  });
  on("pointermove", (event, handle, name) => {
    const { pointerId, clientX } = event;
    if (held?.pointerId !== pointerId) return;
    if (handle.dataset.up) return place(event, handle, handle.dataset);
    const steps = Math.round(clientX - held.at); // a pixel of the screen is a step of the slider
    held.moved ||= Math.abs(steps) > STILL;
    if (held.moved) set(name, held.from[name] + steps * numbers[name].step);
  });
  // The browser scrolls instead: what the finger moved until it knew is taken back.
  on("pointercancel", ({ pointerId }) => {
    if (held?.pointerId === pointerId) for (const [name, value] of Object.entries(held.from)) set(name, value);
  });
  on("lostpointercapture", () => (held.pointerId = null));
  on("click", (event) => held?.moved && event.stopPropagation()); // the end of a drag chooses nothing
  on("keydown", (event, handle, across) => {
    const name = event.key.endsWith("Up") || event.key.endsWith("Down") ? (handle.dataset.up ?? across) : across;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { low, high, step } = numbers[name];
    const to = { Home: low, End: high }[event.key] ?? model.get(name) + STEPS[event.key] * step;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    set(name, to);
  });
}
