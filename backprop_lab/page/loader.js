// A widget's module, made of the library's scripts, and the module of its program (library.py): two,
// so that each has its own names.

async function moduleOf(parts) {
  if (!parts.length) return {};
  const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function load(model) {
  const id = model.get("library").slice("IPY_MODEL_".length);
  const { texts } = (await model.widget_manager.get_model(id)).attributes;
  const named = (parts) => moduleOf(model.get(parts).map((name) => texts[name] ?? model.get("program")));
  const [program, widget] = await Promise.all([named("computes_with"), named("scripts")]);
  widget.uses?.(program);
  return widget.default;
}

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
