// An app's state as a text (state_text.py): a button copies it, a link that has it is followed. On a
// page whose apps have ids, it is a link to this page; elsewhere it goes into a call in a cell.

const COPIED = 4000; // milliseconds

function held(model) {
  return Object.fromEntries(["at", "state", "acts", ...Object.keys(data.words)].map((name) => [name, model.get(name)]));
}

// All at once, but for the lists first: what a choice moves is in the text as well. Twice, as a control
// whose range another one sets may have held on to its end.
function take(model, text, ...most) {
  const found = understood(text, data, scene, changed, compute, kept?.known ?? null, ...most);
  player.play(false);
  const lists = Object.fromEntries(Object.keys(data.tables).map((name) => [name, found[name]]));
  for (const traits of [lists, found, found]) model.set(traits);
  model.save_changes();
}

function followLinks(app, model, el, signal) {
  if (!app.id && app.parentElement.closest(".backprop-app")) return; // its call is not in the cell
  const button = document.createElement("button");
  const line = document.createElement("span");
  button.type = "button";
  button.textContent = app.id ? "Copy link" : "Copy state";
  button.title = app.id ? "A link that opens this app as it stands" : "For the call in a cell: this app as it stands";
  line.role = "status";
  el.replaceChildren(line, button);
  let clears;

  function say(sentence, of = "") {
    clearTimeout(clears);
    line.className = of;
    line.textContent = sentence;
  }

  function text() {
    const state = written(held(model), data, scene);
    return app.id ? `${location.href.split("#")[0]}#${app.id}:${state}` : `state="${state}"`;
  }

  // Where a page may not write to the clipboard the reader may: the text stands there, selected.
  function show(copied) {
    const field = document.createElement("input");
    Object.assign(field, { type: "text", readOnly: true, value: copied, ariaLabel: `${button.textContent}: press Ctrl+C` });
    say("");
    line.append(field);
    field.select();
    const done = () => field.isConnected && say("");
    field.addEventListener("blur", done);
    field.addEventListener("keydown", ({ key }) => key === "Escape" && (done(), button.focus()));
  }

  async function copy() {
    const copied = text();
    say("");
    try {
      await navigator.clipboard.writeText(copied);
      say("Copied");
      clears = setTimeout(say, COPIED, "");
    } catch {
      show(copied);
    }
  }

  function follow() {
    const [, id, state] = /^#([^:]*):(.*)$/s.exec(location.hash) ?? [];
    if (!app.id || id !== app.id) return;
    try {
      take(model, state);
      say("");
    } catch (error) {
      if (error.name !== "ValueError") throw error;
      say(`✗ The link's state: ${error.message}. The app is as it was.`, "backward");
    }
  }

  const isLinked = app.id !== "" && location.hash.startsWith(`#${app.id}:`);
  button.addEventListener("click", copy, { signal });
  window.addEventListener("hashchange", follow, { signal });
  follow();
  return isLinked;
}
