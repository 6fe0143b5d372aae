let its;
async function made(model) {
  const { texts } = (await model.widget_manager.get_model(model.get("library").slice(10))).attributes;
  const url = URL.createObjectURL(new Blob([texts.loader], { type: "text/javascript" }));
  return (await import(url)).load(model, texts);
}
export default {
  initialize: ({ model }) => { its = made(model); },
  render: async (context) => (await its).render(context),
};
