// Keeps what is typed into an exercise: its state as a text, and what was judged. In JupyterLab that is a
// small file beside the notebook, which the page writes through the server, so that no kernel is needed;
// until it stands there, and where there is no server, it is in the browser's own store. What is there is
// read and merged before it is written. What cannot be understood is set aside and said, never overwritten.

const FORMAT = "backprop_lab answers";
const VERSION = 1;
const FOLDER = "answers"; // beside the notebooks
const IN_BROWSER = "backprop-lab "; // before a page's name
const ASIDE = "set-aside";
const SOON = 500; // milliseconds from a change until it is written
const LATER = 3000; // until it is looked whether it still stands there, or is tried again
const SETTLED = 3000; // until a new app's links have done what they do when they are made

// --- what stands in a file -------------------------------------------------------------------------

class Foreign extends Error {}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isEntry = (e) => isRecord(e) && ["exercise", "state", "time"].every((name) => typeof e[name] === "string") && Array.isArray(e.met);

// The exercises in a file, by their apps' names. Throws Foreign for a text that is none of ours.
function exercisesIn(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Foreign("is cut or damaged");
  }
  if (found?.format !== FORMAT) throw new Foreign("is not a file of answers");
  if (found.version !== VERSION) throw new Foreign(`is of version ${JSON.stringify(found.version)}, not ${VERSION}`);
  if (!isRecord(found.exercises) || !Object.values(found.exercises).every(isEntry)) throw new Foreign("is damaged");
  return found.exercises;
}

function fileOf(notebook, exercises) {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, notebook, exercises }, null, 1)}\n`;
}

// The later state of each exercise, and all that was judged in either, each once.
function merged(one, other) {
  const found = { ...one };
  for (const [name, entry] of Object.entries(other)) {
    const [first, last] = [found[name] ?? entry, entry].sort((a, b) => (a.time < b.time ? -1 : 1));
    const met = new Map([...first.met, ...last.met].map((one) => [JSON.stringify(one), one]));
    found[name] = { ...last, met: [...met.values()] };
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// --- where it stands -------------------------------------------------------------------------------

class InBrowser {
  constructor(key) {
    this.key = key;
  }
  read() {
    return localStorage.getItem(this.key);
  }
  write(text) {
    try {
      localStorage.setItem(this.key, text);
    } catch (error) {
      throw new Error(error.name === "QuotaExceededError" ? "the browser's store is full" : "the browser refuses to store");
    }
  }
  remove() {
    localStorage.removeItem(this.key);
  }
  setAside() {
    const [text, free] = [this.read(), (k) => localStorage.getItem(`${this.key} ${ASIDE}-${k}`) === null];
    let k = 1;
    while (!free(k)) k += 1;
    localStorage.setItem(`${this.key} ${ASIDE}-${k}`, text);
    this.remove();
    return ["What the browser has kept", `“${ASIDE}-${k}”`];
  }
}

class OnServer {
  // settings: of the connection to the Jupyter server; folder: the notebook's, "" or with / at its end.
  constructor({ baseUrl, token }, folder, name) {
    Object.assign(this, { baseUrl, token, folder, name, path: `${folder}${FOLDER}/${name}` });
  }

  async ask(method, path, body) {
    const xsrf = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1];
    const headers = { "Content-Type": "application/json", ...(xsrf && { "X-XSRFToken": xsrf }), ...(this.token && { Authorization: `token ${this.token}` }) };
    const [plain, query = ""] = path.split("?");
    const url = `${this.baseUrl}api/contents/${plain.split("/").map(encodeURIComponent).join("/")}?${query}`;
    const options = { method, headers, cache: "no-store", credentials: "same-origin", ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(url, options).catch(() => {
      throw new Error("no server answers");
    });
    if (!response.ok) throw Object.assign(new Error(`the server answers ${response.status} ${response.statusText}`.trim()), { status: response.status });
    return response.status === 204 ? null : response.json();
  }

  async namesIn(folder) {
    return (await this.ask("GET", `${folder}?content=1&type=directory`)).content.map(({ name }) => name);
  }

  // The files of answers. Looked for first: a browser reports what a server does not have as an error.
  async files() {
    this.hasFolder = (await this.namesIn(this.folder.slice(0, -1))).includes(FOLDER);
    return this.hasFolder ? this.namesIn(`${this.folder}${FOLDER}`) : [];
  }

  async read(file = `${this.name}.json`) {
    if (!(await this.files()).includes(file)) return null;
    try {
      return (await this.ask("GET", `${this.folder}${FOLDER}/${file}?content=1&type=file&format=text`)).content;
    } catch (error) {
      if (error.status === 400) return ""; // it is no text
      throw error;
    }
  }

  async write(text) {
    if (!this.hasFolder) await this.ask("PUT", `${this.folder}${FOLDER}`, { type: "directory" });
    await this.ask("PUT", `${this.path}.json`, { type: "file", format: "text", content: text });
  }

  remove() {
    return this.ask("DELETE", `${this.path}.json`);
  }

  async setAside() {
    const names = await this.files();
    let k = 1;
    while (names.includes(`${this.name}.${ASIDE}-${k}.json`)) k += 1;
    await this.ask("PATCH", `${this.path}.json`, { path: `${this.path}.${ASIDE}-${k}.json` });
    return [`${FOLDER}/${this.name}.json`, `${this.name}.${ASIDE}-${k}.json`];
  }
}

// --- what is kept of one notebook ------------------------------------------------------------------

class Store {
  constructor(key, name, server) {
    Object.assign(this, { key, name, server, browser: new InBrowser(key), all: null, mine: {}, keepers: new Set() });
    Object.assign(this, { asides: [], failed: "", busy: Promise.resolve(), next: null });
  }

  get said() {
    return [...this.asides, this.failed].filter(Boolean).join(" ");
  }

  async exercises(place) {
    const text = await place.read();
    if (text === null) return {};
    try {
      return exercisesIn(text);
    } catch (error) {
      if (!(error instanceof Foreign)) throw error;
      const [what, name] = await place.setAside();
      this.asides.push(`✗ ${what} ${error.message}. It is set aside as ${name}; a fresh one is begun.`);
      return {};
    }
  }

  // Keep exercises, at once in the browser, then where they belong.
  keep(exercises) {
    this.mine = merged(this.mine, exercises);
    this.isHeld = this.hold();
    return this.sync();
  }

  hold() {
    try {
      const text = this.browser.read();
      this.browser.write(fileOf(this.name, merged(text === null ? {} : exercisesIn(text), this.mine)));
      return true;
    } catch {
      return false; // which is said if it can be kept nowhere else
    }
  }

  // What is there and what this page has, brought together, one at a time; whoever comes while one
  // waits for its turn waits for that one.
  sync() {
    const turn = () => {
      this.next = null;
      return navigator.locks ? navigator.locks.request(this.key, () => this.bring()) : this.bring();
    };
    const told = () => this.busy.then(turn).catch((error) => this.fail(error)).then(() => this.tell());
    this.next ??= this.busy = told().catch((error) => console.error(error)); // an app's own, which stops no other
    return this.next;
  }

  fail({ message }) {
    const held = this.server && this.isHeld ? "Your browser holds it until the next try." : "Copy it before you leave this page.";
    this.failed = Object.keys(this.mine).length ? `✗ Not kept: ${message}. ${held}` : `✗ What is kept cannot be read: ${message}.`;
    this.again(2 * LATER);
  }

  tell() {
    for (const keeper of this.keepers) keeper.heard();
  }

  async bring() {
    const place = this.server ?? this.browser;
    let waiting = null;
    if (this.server) waiting = await this.waiting();
    const found = await this.exercises(place);
    const all = merged(merged(found, waiting?.exercises ?? {}), this.mine);
    const isNew = JSON.stringify(all) !== JSON.stringify(merged(found, {}));
    if (isNew) await place.write(fileOf(this.name, all));
    if (waiting && this.browser.read() === waiting.text) this.browser.remove();
    [this.all, this.failed] = [all, ""];
    if (isNew) this.again(LATER); // another window may have read before and written after
  }

  // What the browser holds of this notebook since a write failed, or a page was closed.
  async waiting() {
    try {
      const exercises = await this.exercises(this.browser);
      return { exercises, text: this.browser.read() };
    } catch {
      return null; // it has no store
    }
  }

  again(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sync(), milliseconds);
  }

  async forget() {
    const place = this.server ?? this.browser;
    clearTimeout(this.timer);
    await this.busy;
    if ((await place.read()) !== null) await place.remove();
    if (this.server) this.browser.remove();
    [this.all, this.mine] = [{}, {}];
  }
}

// Each widget's module is its own; they share the page's stores.
function stores() {
  return (globalThis[Symbol.for("backprop_lab kept")] ??= new Map());
}

// The store of a widget's notebook; on a page without a server, of that page.
function storeOf({ widget_manager: { context } }) {
  const settings = context?.sessionContext.sessionManager.serverSettings;
  const path = context ? context.localPath : location.pathname;
  const [, folder, file] = /^(.*\/)?([^/]*)$/.exec(path);
  const name = file.replace(/\.\w+$/, "");
  const key = `${IN_BROWSER}${context ? new URL(settings.baseUrl).pathname : ""}${path}`;
  const made = () => new Store(key, name, context ? new OnServer(settings, folder ?? "", name) : null);
  if (!stores().has(key)) stores().set(key, made());
  return stores().get(key);
}

// --- what is kept of one app -----------------------------------------------------------------------

class Keeper {
  constructor(model, refresh) {
    Object.assign(this, { model, refresh, touched: false, told: "" });
    if (kept) model.on("change", () => this.changed());
  }

  get said() {
    const { asides = [], failed, all } = this.store ?? {};
    return [this.told, ...asides, (this.touched || !all) && failed].filter(Boolean).join(" "); // where it matters
  }

  get text() {
    return written(held(this.model), data, scene);
  }

  // On the app's first page: what is kept of it is shown, unless a link says what is to be.
  begin(isLinked) {
    if (this.store || !this.model.get("kept_as")) return;
    Object.assign(this, { name: this.model.get("kept_as"), store: storeOf(this.model), last: this.text, isLinked });
    this.store.keepers.add(this);
    this.store.sync();
  }

  // Of the store: it has read, or said why not.
  heard() {
    if (this.store.all && !this.hasRead) {
      this.hasRead = true;
      const entry = this.store.all[this.name];
      if (entry) this.found(entry);
    }
    this.refresh();
  }

  found(entry) {
    const another = entry.exercise !== kept.title && `it is of “${entry.exercise}”`;
    const other = entry.state !== this.text && (this.isLinked || this.touched) && "something else is shown";
    if (another || other) return this.setAside(entry, another || other);
    if (entry.state === this.text) return;
    this.until ??= performance.now() + SETTLED;
    try {
      take(this.model, entry.state, Infinity);
    } catch (error) {
      if (this.text !== entry.state) return this.setAside(entry, error.message); // else no kernel has heard of it
    }
    [this.last, this.taken] = [this.text, entry];
  }

  setAside(entry, why) {
    [this.aside, this.told] = [entry, `✗ What was kept here is set aside: ${why}.`];
    this.flush();
  }

  changed() {
    if (!this.store) return;
    if (this.touched) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), SOON);
    } else if (this.taken && performance.now() < this.until && !this.again) {
      this.again = setTimeout(() => {
        this.again = null; // a link between widgets, once made, brings a control's value from before
        if (!this.touched && this.text !== this.last) this.found(this.taken);
      });
    }
  }

  flush() {
    clearTimeout(this.timer);
    if (this.touched && this.store) this.keep();
  }

  keep() {
    if (this.text === this.last && !this.aside) return;
    this.last = this.text;
    const time = new Date().toISOString();
    const found = { [this.name]: { exercise: kept.title, time, state: this.last, met: this.judged() } };
    if (this.aside) found[this.free()] = this.aside;
    this.aside = null;
    this.store.keep(found);
  }

  judged() {
    try {
      return kept.judged(read(this.model));
    } catch (error) {
      if (error.name !== "ValueError") throw error;
      return []; // values that the app refuses
    }
  }

  free() {
    const name = (k) => `${this.name} ${ASIDE}-${k}`;
    let k = 1;
    while (name(k) in (this.store.all ?? {})) k += 1;
    return name(k);
  }
}
