// The module of what the apps of a notebook share. It shows again what JupyterLab lost: ipywidgets looks
// for the model of an output for two seconds and gives up without a last look. While a busy page makes
// all its models no look takes place, and "model not found" stands where an app belongs.

const VIEW = "application/vnd.jupyter.widget-view+json";
const LOOKS = 20;
const EVERY = 500; // ms

// A browser tells no innerText of what is off the screen.
const isLost = (element) => element.textContent.endsWith("model not found");

// The cell of an element, and the place of its output there.
function placeOf(element) {
  const child = element.closest(".jp-OutputArea-child");
  const cell = element.closest("[data-windowed-list-index]");
  return [Number(cell?.dataset.windowedListIndex), [...(child?.parentElement.children ?? [])].indexOf(child)];
}

async function showAgain({ widget_manager: manager }) {
  const notebook = manager.context.model;
  for (let quiet = 0; quiet < LOOKS; quiet += 1) {
    await new Promise((done) => setTimeout(done, EVERY));
    const { dirty } = notebook;
    const lost = [...document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets")].filter(isLost);
    if (lost.length) quiet = 0; // its model may still be on its way
    for (const element of lost) {
      const [index, place] = placeOf(element);
      const outputs = notebook.cells.get(index)?.outputs;
      const output = outputs?.get(place);
      const id = output?.data[VIEW]?.model_id;
      const isShown = (model) => Object.keys(model.views).length; // another notebook's may be lost
      if (manager.has_model(id) && !isShown(await manager.get_model(id))) outputs.set(place, output.toJSON());
    }
    notebook.dirty = dirty;
  }
}

export default {
  initialize({ model }) {
    if (model.widget_manager?.context) showAgain(model); // no other host has it, or loses anything
  },
};
