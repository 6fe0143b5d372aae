// The module of what the apps of a notebook share. It shows again what JupyterLab lost: ipywidgets looks
// for the model of an output for two seconds and gives up without a last look. While a busy page makes
// all its models no look takes place, and "model not found" stands where an app belongs.

const VIEW = "application/vnd.jupyter.widget-view+json";
const LOOKS = 5;
const EVERY = 500; // ms

const pause = () => new Promise((done) => setTimeout(done, EVERY));
const isLost = (element) => element.innerText.endsWith("model not found");

async function showAgain({ widget_manager: manager }) {
  // In several steps: one long wait could end before the looks that a busy page put off.
  for (let look = 0; look < LOOKS; look += 1) await pause();
  if (![...document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets")].some(isLost)) return;
  const notebook = manager.context.model;
  const { dirty } = notebook;
  for (const { outputs } of notebook.cells)
    for (let place = 0; place < (outputs?.length ?? 0); place += 1) {
      const id = outputs.get(place).data[VIEW]?.model_id;
      const model = id && manager.has_model(id) && (await manager.get_model(id));
      if (model && !Object.keys(model.views).length) outputs.set(place, outputs.get(place).toJSON());
    }
  notebook.dirty = dirty;
}

export default {
  initialize({ model }) {
    if (model.widget_manager?.context) showAgain(model); // no other host has it, or loses anything
  },
};
