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

export async function load(model, texts) {
  const named = (parts) => moduleOf(model.get(parts).map((name) => texts[name] ?? model.get("program")));
  const [program, widget] = await Promise.all([named("computes_with"), named("scripts")]);
  widget.uses?.(program);
  widget.default.initialize?.({ model });
  return widget.default;
}
