// Brings the stored widgets of a page to life, without a kernel. ipywidgets' and anywidget's scripts
// are AMD modules; this much of AMD they need: a script names its module in data-module, and stands
// after those that it needs.
const modules = { module: {} };

window.define = (needs, factory) => {
  modules[document.currentScript.dataset.module] = factory(...needs.map((name) => modules[name]));
};
window.requirejs = (names, ready) => ready(...names.map((name) => modules[name]));
window.requirejs.config = () => {};

// ipywidgets' script was made for the classic Notebook, and registers itself there.
const nowhere = () => {};
window.Jupyter = {
  version: "7",
  notebook: { container: { on: nowhere }, keyboard_manager: { actions: { register: nowhere } } },
};
modules["base/js/namespace"] = window.Jupyter;
modules["base/js/events"] = { on: nowhere };
modules["notebook/js/outputarea"] = { OutputArea: class { register_mime_type() {} } };

// What models and views ask of a widget manager.
class Manager {
  #state;
  #models = new Map();

  constructor(state) {
    this.#state = state;
  }
  has_model(id) {
    return id in this.#state;
  }
  get_model(id) {
    if (!this.#models.has(id)) this.#models.set(id, this.#make(id));
    return this.#models.get(id);
  }
  async #make(id) {
    const { model_module, model_name, state } = this.#state[id];
    const Model = modules[model_module][model_name];
    const attributes = await Model._deserialize_state(state, this);
    return new Model(attributes, { widget_manager: this, model_id: id });
  }
  async create_view(model, options = {}) {
    const View = modules[model.get("_view_module")][model.get("_view_name")];
    const view = new View({ model, options });
    view.listenTo(model, "destroy", view.remove);
    await view.render();
    // ipywidgets draws a group of buttons, and says neither that it is one nor what it is for.
    if (view.el.matches(".widget-toggle-buttons")) {
      Object.assign(view.el, { role: "group", ariaLabel: model.get("tooltip") });
    }
    // What a link to an app names.
    if (model.get("_dom_classes")?.includes("backprop-app")) view.el.id = model.model_id;
    // A reader who comes back finds the app as stored, an exercise as kept (kept.js); a browser must not fill in
    // what was typed.
    for (const field of view.el.querySelectorAll("input, select, textarea")) field.autocomplete = "off";
    return view;
  }
  callbacks() {
    return {};
  }
  inline_sanitize(text) {
    return new Option(text).innerHTML;
  }
}

// Shows the app that the link names, which may stand in a fold; what it says of its state the app itself
// reads. The place of an app is known once all are drawn.
function goToApp() {
  const app = document.getElementById(location.hash.slice(1).split(":")[0]);
  if (!app?.matches(".backprop-app")) return;
  for (let e = app; e; e = e.parentElement) if (e.matches("details")) e.open = true;
  app.scrollIntoView();
}

document.addEventListener("DOMContentLoaded", async () => {
  const stored = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
  if (!stored) return;
  const widgets = modules["@jupyter-widgets/base"];
  modules["@jupyter-widgets/controls"] = widgets;
  widgets.load_ipython_extension(); // its style sheets
  const { state } = JSON.parse(stored.text);
  const manager = new Manager(state);
  await Promise.all(Object.keys(state).map((id) => manager.get_model(id)));
  // anywidget's models have asked for their modules: one more, and theirs are there. Views drawn
  // before that keep them waiting, and after two seconds anywidget complains.
  await import(URL.createObjectURL(new Blob([""], { type: "text/javascript" })));
  for (const place of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
    const model = await manager.get_model(JSON.parse(place.text).model_id);
    const view = await manager.create_view(model);
    widgets.JupyterLuminoWidget.attach(view.luminoWidget, place.parentElement);
  }
  goToApp();
  window.addEventListener("hashchange", goToApp);
  // Last, so that it sets all formulas in one pass, not each widget's apart.
  const mathjax = document.createElement("script");
  mathjax.src = "scripts/MathJax/MathJax.js";
  mathjax.onload = () => window.MathJax.Hub.Register.StartupHook("End", goToApp); // what is above it has grown
  document.head.append(mathjax);
});
