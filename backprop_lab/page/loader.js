// A widget's module, made of the library's scripts and the widget's own program (library.py).

const load = async (model) => {
  const id = model.get("library").slice("IPY_MODEL_".length);
  const { texts } = (await model.widget_manager.get_model(id)).attributes;
  const parts = model.get("scripts").map((name) => (name ? texts[name] : model.get("program")));
  const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
};

let module; // a widget's module is its own

export default {
  // Not awaited: anywidget complains of a model that takes two seconds, and a page starts all at once.
  initialize({ model }) {
    module = load(model).then((found) => {
      found.initialize?.({ model });
      return found;
    });
  },
  async render(context) {
    return (await module).render(context);
  },
};
