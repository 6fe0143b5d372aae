// The module of what the apps of a notebook share. It shows again what JupyterLab lost: ipywidgets looks
// for the model of an output for two seconds and gives up without a last look. While a busy page makes
// all its models no look takes place, and "model not found" stands where an app belongs.

const VIEW = "application/vnd.jupyter.widget-view+json";
const EVERY = 500; // ms

// A browser tells no innerText of what is off the screen.
const isLost = (element) => !element.childElementCount && element.textContent.endsWith("model not found");

// The cell of an element, and the place of its output there.
function placeOf(element) {
  const child = element.closest(".jp-OutputArea-child");
  const cell = element.closest("[data-windowed-list-index]");
  return [Number(cell?.dataset.windowedListIndex), [...(child?.parentElement.children ?? [])].indexOf(child)];
}

function showAgain(manager, tried) {
  const notebook = manager.context.model;
  for (const element of document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets")) {
    const lost = isLost(element);
    if (!lost) tried.delete(element);
    if (!lost || tried.has(element)) continue;
    const [index, place] = placeOf(element);
    const outputs = notebook.cells.get(index)?.outputs;
    const output = outputs?.get(place);
    if (!manager.has_model(output?.data[VIEW]?.model_id)) continue; // it may still be on its way
    tried.add(element); // once a loss: it may be another notebook's, whose own library sees to it
    const { dirty } = notebook;
    outputs.set(place, output.toJSON());
    notebook.dirty = dirty;
  }
}

export default {
  initialize({ model }) {
    const manager = model.widget_manager;
    if (!manager.context) return undefined; // no other host has it, or loses anything
    const tried = new WeakSet();
    // As long as the notebook is open: a cell may be drawn late, and a model made late.
    const timer = setInterval(() => {
      if (manager.context?.isDisposed === false) showAgain(manager, tried);
      else clearInterval(timer);
    }, EVERY);
    return () => clearInterval(timer);
  },
};
