// A number on a picture that is a handle: dragged sideways, or moved by keys as ARIA's slider is, it sets
// what the number's own slider sets. `data-handle` names the number; one that no control moves is none.

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
  const on = (type, react) => {
    const heard = (event) => {
      const handle = event.target.closest('[role="slider"]');
      if (handle?.closest(".backprop-app") === app) react(event, handle, handle.dataset.handle);
    };
    app.addEventListener(type, heard, { signal, capture: true });
  };

  on("pointerdown", ({ button, pointerId, clientX }, handle, name) => {
    if (button) return;
    handle.setPointerCapture(pointerId);
    held = { pointerId, at: clientX, from: model.get(name), moved: false };
  });
  on("pointermove", ({ pointerId, clientX }, handle, name) => {
    if (held?.pointerId !== pointerId) return;
    const steps = Math.round(clientX - held.at); // a pixel of the screen is a step of the slider
    held.moved ||= Math.abs(steps) > STILL;
    if (held.moved) set(name, held.from + steps * numbers[name].step);
  });
  // The browser scrolls instead: what the finger moved until it knew is taken back.
  on("pointercancel", ({ pointerId }, handle, name) => held?.pointerId === pointerId && set(name, held.from));
  on("lostpointercapture", () => (held.pointerId = null));
  on("click", (event) => held?.moved && event.stopPropagation()); // the end of a drag chooses nothing
  on("keydown", (event, handle, name) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { low, high, step } = numbers[name];
    const to = { Home: low, End: high }[event.key] ?? model.get(name) + STEPS[event.key] * step;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    set(name, to);
  });
}
