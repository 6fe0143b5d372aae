// Runs an app's program, translated from Python, with the numbers that the controls hold, and writes
// the results into the elements of the surrounding app that carry their names. `data` says which
// controls there are and what each state of theirs shows; Python made it (live.py).

let compute, changed, scene, work, kept, data, understood, written;
export function uses(program) {
  ({ compute, changed, scene, work, kept, data, $understood: understood, $written: written } = program);
}

const settled = (value) => Number(value.toFixed(6));
const words = (text) => text.split(" ");

function shown(value, digits, signed = false) {
  let text = value.toFixed(digits);
  if (Number(text) === 0) text = (0).toFixed(digits); // no negative zero
  return signed && !text.startsWith("-") ? `+${text}` : text;
}

// Only what changes is written: each write costs the browser a new layout.
function put(element, attribute, text) {
  if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text);
}

function outOfRange(values, { locked }) {
  for (const [name, { low, high, label }] of Object.entries(data.numbers)) {
    const value = values[name];
    if (!(value >= low && value <= high) && !locked.includes(name)) {
      return `${label}: got ${value}; expected a number from ${low} to ${high}`;
    }
  }
  return "";
}

const drawings = new WeakMap(); // what stands in a view, as elements
const chosen = {}; // by table; a row that is none leaves the last one
const EMPTY = { held: [], lit: [], chosen: "", now: [], found: [], known: [], hides: false, locked: [], moved: {}, last: 0, text: "" };

// What the controls hold: by name, the program's inputs and what else decides what is shown.
function read(model) {
  const values = { ...model.get("state"), at: model.get("at") };
  for (const name of [...Object.keys(data.numbers), ...data.texts, ...data.flags]) values[name] = model.get(name);
  for (const [name, rows] of Object.entries(data.tables)) {
    Object.assign(values, (chosen[name] = rows[model.get(name)] ?? chosen[name] ?? {}));
  }
  return values;
}

const shows = (values) => ({ ...EMPTY, ...scene(values) });

// --- what the controls say to each other -----------------------------------------------------------

// Which controls are locked, which are moved, and how many steps there are, follow from the choices.
function settle(model) {
  const { locked, moved, last } = shows(read(model));
  model.set(moved);
  for (const name of data.locks) model.set(`lock_${name}`, locked.includes(name));
  model.set("last", last);
  model.set("at", Math.min(model.get("at"), last));
  model.save_changes();
}

const WALK = { start: () => 0, next: (at, last) => Math.min(at + 1, last), back: (at) => Math.max(at - 1, 0) };

function act(model, app, what) {
  const values = read(model);
  if (what in WALK) model.set("at", WALK[what](model.get("at"), model.get("last")));
  if (what === "reset") {
    for (const [name, { value }] of Object.entries(data.numbers)) model.set(name, data.home[name] ?? value);
  }
  if (what === "again") player.again();
  if (what === "step" && work) {
    player.advance({ speed: 1 });
    player.play(false);
  } else if (what === "step" && !outOfRange(values, shows(values))) {
    const results = compute(values);
    for (const name of Object.keys(data.numbers)) {
      if (`new_${name}` in results) model.set(name, settled(results[`new_${name}`]));
    }
  }
  if (what === "full") document.fullscreenElement ? document.exitFullscreen() : app.requestFullscreen();
  model.save_changes();
}

// Plays from where the walk stands to its end, from the start if it stands there; or does work, a slice
// with each picture. One clock for the model: all its views, the pages, step together and say the same.
class Player {
  constructor(model) {
    [this.model, this.pages] = [model, new Set()];
  }

  play(on) {
    clearInterval(this.timer);
    cancelAnimationFrame(this.frame);
    this.playing = on;
    if (on) work ? this.slice() : this.walk();
    this.refresh();
  }

  walk() {
    const ends = () => this.model.get("at") >= this.model.get("last");
    const step = () => (ends() ? this.play(false) : act(this.model, null, "next"));
    if (ends()) this.model.set("at", 0);
    this.timer = setInterval(step, PACE);
    step();
  }

  slice() {
    this.frame = requestAnimationFrame(() => {
      if (!this.advance()) return this.play(false);
      this.slice();
      this.refresh();
    });
  }

  // A picture's share of work; whether there is more to do. Where nobody waits for Play the page says how
  // many slices that are, else the values may.
  advance(settings) {
    const values = { ...read(this.model), ...settings };
    if (this.record.done || outOfRange(values, shows(values))) return false;
    const begun = performance.now();
    do this.record = work.on(values, this.record);
    while (!work.waits && !this.record.done && performance.now() - begun < SHARE);
    return !this.record.done;
  }

  // Whether there is something to show of these values' work, which is begun anew if they are others.
  // Throws what refuses them.
  follow(values) {
    const from = JSON.stringify(work.anew.map((name) => values[name]));
    if (from !== this.from) {
      this.whole = this.from === undefined && !work.waits; // what is stored stands until this is done, too
      [this.record, this.from] = [work.begin(values, this.record ?? null), from];
    }
    if (!work.waits && !this.record.done && !this.playing) this.play(true);
    return this.record.done || !this.whole;
  }

  again() {
    this.from = null;
    this.refresh();
  }

  refresh() {
    for (const page of this.pages) page.refresh();
  }

  leave(page) {
    this.pages.delete(page);
    if (!this.pages.size) this.play(false);
  }
}

let player, keeper; // a model's module is its own

// --- one app on the page ---------------------------------------------------------------------------

const PACE = 2000; // milliseconds a step
const SHARE = 16; // milliseconds of work a picture
const LOOKS = [16, 500]; // milliseconds between looks for a view's place, the first and the longest
const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Home: "start" };
const OWN_KEYS = "input, select, textarea, summary, .widget-toggle-buttons, [role=slider]";

class Page {
  constructor(model, app, el) {
    [this.model, this.app, this.revealed, this.said] = [model, app, new Set(), 0];
    this.gather();
    this.gone = new AbortController();
    const listen = (type, handler) => app.addEventListener(type, handler, { signal: this.gone.signal });
    listen("click", (event) => this.click(event.target));
    listen("change", ({ target }) => this.typed(target));
    listen("keydown", (event) => this.key(event));
    followHandles(app, model, data.numbers, this.gone.signal);
    // A picture that Python draws anew, a formula once it is typeset: its elements are new.
    this.redrawn = new MutationObserver((records) => {
      const elements = ({ target, addedNodes }) => // in a view it was written below
        !target.closest("[class*=view_] .bl") && [...addedNodes].some((node) => node.nodeType === 1);
      if (!records.some(elements)) return; // a text that changed is none
      this.gather();
      this.refresh();
    });
    this.redrawn.observe(app, { childList: true, subtree: true });
    player.pages.add(this);
    this.refresh();
    app.querySelectorAll("input").forEach(this.typed, this); // before there was anyone to hear it
    const isLinked = followLinks(app, model, el, this.gone.signal);
    this.keep(el, isLinked);
  }

  // Only what a reader does is kept, also what is typed when the page closes.
  keep(el, isLinked) {
    if (!kept) return;
    const { signal } = this.gone;
    const line = document.createElement("span");
    Object.assign(line, { className: "backward", role: "status" });
    line.toggleAttribute("data-kept", true);
    el.prepend(line);
    const touch = () => (keeper.touched = true);
    for (const type of ["pointerdown", "keydown", "input"]) this.app.addEventListener(type, touch, { signal, capture: true });
    const left = () => {
      if (this.app.contains(document.activeElement)) document.activeElement.dispatchEvent(new Event("change", { bubbles: true }));
      keeper.flush();
    };
    window.addEventListener("pagehide", left, { signal });
    document.addEventListener("visibilitychange", () => document.hidden && keeper.flush(), { signal });
    keeper.begin(isLinked);
    this.refresh();
  }

  leave() {
    keeper.flush();
    player.leave(this);
    this.gone.abort();
    this.redrawn.disconnect();
  }

  gather() {
    // There may be another app within; what stands in a view says itself what it shows.
    const own = (e) => e.closest(".backprop-app") === this.app && !e.parentNode.closest("[class*=view_] .bl");
    const find = (selector) => [...this.app.querySelectorAll(selector)].filter(own);
    const all = (name) => find(`[data-${name}]`);
    const names = ["label", "when", "place", "weight", "card", "curve", "enabled", "said", "drawn", "handle"];
    this.parts = Object.fromEntries(names.map((name) => [name, all(name)]));
    // Numbers are many and change with each key: what their attributes say is read once.
    this.numbers = all("q").map((e) => {
      const { q, digits } = e.dataset;
      return { text: e.firstChild, name: q, format: [Number(digits), "signed" in e.dataset] };
    });
    const named = (e, start) => [...e.classList].find((css) => css.startsWith(start));
    this.shown = find("[class*=show_]").map((e) => ({ e, name: named(e, "show_") }));
    this.views = find("[class*=view_]").map((e) => ({ e: e.querySelector(".bl"), name: named(e, "view_")?.slice("view_".length) }));
    this.matrices = all("matrix").map((e) => ({ e, entries: words(e.dataset.matrix) }));
    for (const e of find(":is(input, select)[title]:not([aria-label])")) put(e, "aria-label", e.title); // ipywidgets gives none
    for (const e of find('[data-do="full"]')) e.hidden = !document.fullscreenEnabled;
  }

  click(target) {
    if (target.closest(".backprop-app") !== this.app) return;
    const [number, weight, button, acts] = ["[data-q]", "[data-choose]", "[data-do]", "button[data-act]"].map((s) => target.closest(s));
    if (acts) this.told(acts);
    else if (button?.dataset.do === "play") player.play(!player.playing);
    else if (button) act(this.model, this.app, button.dataset.do);
    else if (number && shows(read(this.model)).hides) {
      this.revealed.add(number.dataset.q);
      this.refresh();
    } else if (weight && !this.model.get("lock_weight")) {
      this.model.set("weight", Number(weight.dataset.choose));
      this.model.save_changes();
    }
  }

  typed(field) {
    if (field.matches("input[data-act]") && field.value !== field.defaultValue) this.told(field);
  }

  told(element) {
    const [what, value] = [element.dataset.act, element.value];
    const state = changed(this.model.get("state"), what, value);
    this.model.set("state", state);
    if (data.replayed) this.model.set("acts", kept?.fewest?.(state) ?? [...this.model.get("acts"), [what, value]]);
    this.model.save_changes();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") this.typed(event.target); // JupyterLab lets no change follow
    if (!KEYS[event.key] || !this.model.get("last") || event.target.closest(OWN_KEYS)) return;
    event.preventDefault();
    act(this.model, this.app, KEYS[event.key]);
  }

  refresh() {
    this.say("[data-kept]", keeper.said);
    this.say('[data-do="play"]', player.playing ? "❚❚ Pause" : "▶ Play");
    const values = { ...read(this.model), revealed: [...this.revealed] };
    const scene = shows(values);
    const message = outOfRange(values, scene) || this.compute(values);
    this.say("[data-message]", message && `✗ ${message}. The picture shows the last good values.`);
    if (!this.quantities || (message && this.views.length)) return;
    this.mark(scene);
    this.write(scene, values);
    this.tell(scene);
  }

  // What there is to compute, or the sentence that refuses the values.
  compute(values) {
    try {
      if (work && !player.follow(values)) return "";
      this.quantities = { ...values, ...compute({ ...values, work: player.record }) };
      return "";
    } catch (error) {
      if (error.name === "ValueError") return error.message;
      console.error(error);
      return `This app has a fault of its own (${error.message})`;
    }
  }

  mark(scene) {
    const [held, lit, now, found] = ["held", "lit", "now", "found"].map((part) => new Set(scene[part]));
    const holds = (when) => words(when).every((token) => held.has(token));
    for (const e of this.parts.when) e.classList.toggle("off", !holds(e.dataset.when));
    for (const { e, name } of this.shown) e.classList.toggle("off", !(this.quantities[name] || held.has(name)));
    for (const e of this.parts.enabled) e.disabled = !holds(e.dataset.enabled);
    for (const e of this.parts.weight) e.classList.toggle("chosen", scene.chosen === e.dataset.weight);
    for (const e of this.parts.card) e.classList.toggle("now", found.has(e.dataset.card));
    for (const e of this.parts.place) {
      e.classList.toggle("lit", lit.has(e.dataset.place));
      e.classList.toggle("now", now.has(e.dataset.place));
    }
  }

  write({ hides, known }, values) {
    if (!hides) this.revealed.clear();
    const open = new Set([...this.revealed, ...known]);
    const hidden = (name) => hides && name in this.quantities && !(name in values) && !open.has(name);
    this.text = (name, ...format) => (hidden(name) ? "?" : shown(this.quantities[name], ...format));
    for (const { text, name, format } of this.numbers) {
      if (!(name in this.quantities)) continue;
      const now = this.text(name, ...format);
      if (text.data !== now) text.data = now;
    }
    for (const e of this.parts.label) put(e, "aria-label", this.fill(e.dataset.label));
    for (const e of this.parts.said) {
      const [css, text] = this.quantities[e.dataset.said];
      put(e, "class", css);
      if (e.textContent !== text) e.textContent = text;
    }
    for (const { e, name } of this.views) if (e && name) this.draw(e, this.quantities[name]);
    const entry = (word) => shown(hidden(word) ? 0 : (this.quantities[word] ?? Number(word)), 6);
    for (const { e, entries } of this.matrices) put(e, "transform", `matrix(${entries.map(entry).join(" ")})`);
    for (const e of this.parts.drawn) e.style.setProperty("--value", entry(e.dataset.drawn));
    for (const e of this.parts.handle) {
      const { handle } = e.dataset;
      if (handle in data.numbers) grip(e, data.numbers[handle], settled(values[handle]));
    }
    for (const e of this.parts.curve) put(e, "d", this.curve(values, ...words(e.dataset.curve)));
  }

  draw(e, tree) {
    const now = flat(tree);
    const first = !drawings.has(e);
    if (first && !holdsAlready(e, now)) e.replaceChildren(...now.map((one) => grown(one, e.namespaceURI)));
    if (!first) drawn(e, drawings.get(e), now);
    drawings.set(e, now);
  }

  fill(template) {
    return template.replace(/\[(\w+)\]/g, (_, name) => this.text(name, 4));
  }

  // One result of the program against one of its inputs, all else as it stands.
  curve(values, input, low, high, count, result) {
    const point = (_, k) => {
      const at = Number(low) + (k * (high - low)) / (count - 1);
      return `${shown(at, 6)} ${shown(compute({ ...values, [input]: at })[result], 6)}`;
    };
    return `M${Array.from({ length: Number(count) }, point).join("L")}`;
  }

  // The step's line moves with its numbers; it is announced once, when the step is reached.
  tell({ last, text }) {
    if (!last) return;
    const line = text ? `Step ${this.model.get("at")} of ${last}. ${this.fill(text)}` : `${last} steps; press Next.`;
    this.say("[data-caption]", line);
    if (this.said !== text && this.said !== 0) this.say("[data-announce]", line);
    this.said = text;
  }

  say(selector, sentence) {
    const line = this.app.querySelector(selector);
    if (line && line.textContent !== sentence) line.textContent = sentence;
  }
}

export default {
  initialize({ model }) {
    player = new Player(model);
    keeper = new Keeper(model, () => player.refresh());
    for (const name of Object.keys(data.tables)) model.on(`change:${name}`, () => settle(model));
  },
  render({ model, el }) {
    let page;
    const refresh = () => page?.refresh();
    const names = ["at", "state", ...data.texts, ...data.flags, ...["numbers", "tables"].flatMap((kind) => Object.keys(data[kind]))];
    for (const name of names) model.on(`change:${name}`, refresh);
    // A host puts the parts of an app on its page when the last of them is made, frames later. A view that
    // it made and forgot is never there: each look waits twice as long as the last one.
    let waits;
    const begin = (wait) => {
      const app = el.closest(".backprop-app");
      if (!el.isConnected) waits = setTimeout(begin, wait, Math.min(2 * wait, LOOKS[1]));
      else if (app) page = new Page(model, app, el);
    };
    waits = setTimeout(begin, 0, LOOKS[0]);
    return () => {
      clearTimeout(waits);
      page?.leave();
      for (const name of names) model.off(`change:${name}`, refresh);
    };
  },
};
