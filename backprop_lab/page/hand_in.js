// Hands in: one file with all that is kept of a folder's notebooks, or of a site's pages, under a name.

const HANDED = "backprop_lab handed in";

// Of each notebook, its exercises; and the sentences that say what could not be read.
async function gathered(store, folder) {
  const [found, left] = [{ [store.name]: merged(store.all ?? {}, store.mine) }, store.said ? [store.said] : []];
  const read = (name, text) => {
    try {
      found[name] = merged(found[name] ?? {}, exercisesIn(text));
    } catch (error) {
      if (!(error instanceof Foreign)) throw error;
      left.push(`✗ ${name} ${error.message}, and is left out.`);
    }
  };
  if (store.server) {
    const ours = (await store.server.files()).filter((file) => file.endsWith(".json") && !file.includes(`.${ASIDE}-`));
    for (const file of ours) read(file.slice(0, -".json".length), await store.server.read(file));
  } else {
    const pages = `${IN_BROWSER}${folder}`;
    const ours = Object.keys(localStorage).filter((key) => key.startsWith(pages) && !key.slice(pages.length).match(/[/ ]/));
    for (const key of ours) read(key.slice(pages.length).replace(/\.\w+$/, ""), localStorage.getItem(key));
  }
  return [Object.fromEntries(Object.entries(found).filter(([, exercises]) => Object.keys(exercises).length).sort()), left];
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
const grown = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};

export default {
  render({ model, el }) {
    const gone = new AbortController();
    const field = grown("input", { type: "text", size: 26, autocomplete: "name" });
    const [hand, forget] = ["Hand in", "Forget this notebook"].map((text) => grown("button", { type: "button", textContent: text }));
    const line = grown("p", { role: "status" });
    const [label, buttons] = [grown("label", {}, "Your name ", field), grown("span", {}, hand, " ", forget)];
    el.replaceChildren(grown("div", { className: "bl hand-in" }, grown("p", {}, label, " ", buttons), line));

    function say(sentence, of = "") {
      [line.className, line.textContent] = [of, sentence];
    }

    async function current() {
      const store = storeOf(model);
      for (const one of stores().values()) {
        for (const keeper of one.keepers) keeper.flush();
        await one.sync();
      }
      if (!store.keepers.size) await store.sync();
      const [notebooks, left] = await gathered(store, location.pathname.replace(/[^/]*$/, ""));
      return { store, notebooks, left, number: Object.values(notebooks).flatMap(Object.keys).length };
    }

    async function handIn() {
      const name = field.value.trim();
      if (!name) {
        field.focus();
        return say("✗ Your name is missing.", "backward");
      }
      const { notebooks, left, number } = await current();
      if (!number) return say(["Nothing is kept yet: type an answer first.", ...left].join(" "), "backward");
      const file = `answers_${name.replace(/[^\p{L}\p{N}]+/gu, "_")}.json`;
      const all = { format: HANDED, version: VERSION, name, time: new Date().toISOString(), notebooks };
      download(file, `${JSON.stringify(all, null, 1)}\n`);
      say([`${file} has ${count(number, "exercise")} of ${count(Object.keys(notebooks).length, "notebook")}.`, ...left].join(" "), left.length ? "backward" : "forward");
    }

    async function forgetAll() {
      const { store, notebooks } = await current();
      const number = Object.keys(notebooks[store.name] ?? {}).length;
      if (!confirm(`Forget ${count(number, "exercise")} of ${store.name}? This cannot be undone.`)) return;
      await store.forget();
      say(`Forgotten: ${store.name}. Run its cells again, or reload the page, to begin anew.`);
    }

    const safely = (act) => () => act().catch((error) => say(`✗ ${error.message}.`, "backward"));
    hand.addEventListener("click", safely(handIn), { signal: gone.signal });
    forget.addEventListener("click", safely(forgetAll), { signal: gone.signal });
    field.addEventListener("keydown", ({ key }) => key === "Enter" && hand.click(), { signal: gone.signal });
    return () => gone.abort();
  },
};
