let its;
async function made(model) {
  const manager = model.widget_manager;
  const id = model.get("library").slice(10);
  while (!manager.has_model(id)) await new Promise((done) => setTimeout(done, 100));
  const { texts } = (await manager.get_model(id)).attributes;
  const url = URL.createObjectURL(new Blob([texts.loader], { type: "text/javascript" }));
  return (await import(url)).load(model, texts);
}
export default {
  initialize: ({ model }) => { its = made(model); },
  render: async (context) => (await its).render(context),
};
