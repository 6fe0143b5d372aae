// What the tests ask of a page in JupyterLab. One object, `look`.
window.look = (() => {
  const notebook = () => window.jupyterapp.shell.currentWidget.content;
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const WAIT = 60000; // a page makes hundreds of models before it shows the first
  const TOUCHING = 3; // px by which the boxes of two lines of text may overlap, their ink apart

  const until = async (condition, what, instead = () => "") => {
    const end = performance.now() + WAIT;
    while (!condition()) {
      if (performance.now() > end) throw new Error(`waited in vain: ${what} ${instead()}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  };

  const codeCells = () => notebook().widgets.filter((cell) => cell.model.type === "code");
  const outputs = (cell) => cell.model.sharedModel.getOutputs();
  // What a notebook stores folded away shows nothing until it is run or opened.
  const views = (cell) => cell.outputHidden ? 0 : outputs(cell).filter((o) => o.data && VIEW in o.data).length;
  const rendered = (cell) => cell.node.querySelectorAll(".jp-OutputArea-output > .jupyter-widgets").length;

  // In a page that holds all that an app ever shows: what it shows now.
  // Chromium's checkVisibility alone overlooks an SVG element that is not displayed.
  const visible = (e) => e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true });
  const seen = (root, selector) => [...root.querySelectorAll(selector)].filter(visible);

  // Bring a cell to the screen: what is far away JupyterLab does not draw.
  const show = async (cell) => {
    // Again and again: formulas above it that are typeset only now push it off the screen.
    // An output whose model was not found looks like a widget.
    const there = () => {
      cell.node.scrollIntoView({ block: "start" });
      return rendered(cell) >= views(cell) && !/model not found/.test(cell.node.innerText);
    };
    await frame();
    const said = () => `(${rendered(cell)} of ${views(cell)}; it says: ${cell.node.textContent.slice(-200)})`;
    await until(there, `the widgets of ${cell.model.sharedModel.getSource()}`, said);
    await until(() => !/Loading widget/.test(cell.node.innerText), "loading widgets");
    // MathJax is done when no dollar is left in what a widget shows, but in code.
    await until(() => ![...cell.node.querySelectorAll(".widget-label, .widget-html-content")]
      .some((e) => !e.querySelector("pre") && /\$[^$]+\$/.test(e.innerText)), "MathJax");
    // An app that answers has its button. One within another has none.
    const silent = (e) => !e.childElementCount && !e.closest(".backprop-app").parentElement.closest(".backprop-app");
    await until(() => ![...cell.node.querySelectorAll(".backprop-link")].some(silent), `an answer of ${cell.model.sharedModel.getSource()}`);
    await frame();
  };

  const cells = async (examine) => {
    const found = [];
    for (const cell of codeCells()) {
      await show(cell);
      found.push(...examine(cell).map((text) => `${cell.model.sharedModel.getSource().split("\n").at(-1)}: ${text}`));
    }
    return found;
  };

  const run = async () => {
    await window.jupyterapp.serviceManager.ready;
    await window.jupyterapp.shell.currentWidget.sessionContext.ready;
    await window.jupyterapp.commands.execute("notebook:run-all-cells");
    // Views of the stored models give way to the kernel's.
    await until(() => codeCells().every((cell) => cell.model.executionCount > 0), "all cells run");
  };

  // Another notebook in place of this one, on the same kernel.
  const turnTo = async (path) => {
    const { shell, commands } = window.jupyterapp;
    const { id } = shell.currentWidget.sessionContext.session.kernel;
    shell.currentWidget.dispose(); // first: two notebooks of one kernel take each other's models
    const opened = await commands.execute("docmanager:open", { path, factory: "Notebook", kernel: { id } });
    await opened.context.ready;
    await opened.sessionContext.ready;
    shell.activateById(opened.id);
  };

  const failures = (cell) => {
    const found = outputs(cell).filter((o) => o.output_type === "error" || o.name === "stderr").map((o) => JSON.stringify(o).slice(0, 300));
    const area = cell.node.querySelector(".jp-OutputArea");
    const text = area ? area.innerText : "";
    if (/Error displaying widget|Error creating widget|widget model not found/i.test(text)) found.push(text.slice(0, 200));
    if (rendered(cell) !== views(cell)) found.push(`${views(cell)} widgets, ${rendered(cell)} of them shown`);
    for (const plain of cell.node.querySelectorAll('.jp-OutputArea-output[data-mime-type="text/plain"]'))
      if (/^\s*<[^>]*>\s*$|Box\(children/.test(plain.innerText)) found.push(`text in place of an app: ${plain.innerText}`);
    if (cell.node.querySelector("mjx-merror, merror")) found.push(`MathJax: ${cell.node.querySelector("mjx-merror, merror").outerHTML.slice(0, 200)}`);
    if (area && [...area.querySelectorAll("[data-q]")].some((e) => /nan|inf|undefined/i.test(e.textContent))) found.push("a number that is none");
    return found;
  };

  const apps = (cell) => [...cell.node.querySelectorAll(".jp-OutputArea-output > .jupyter-widgets")];
  const pictures = (root) => seen(root, ".bl svg[role]");

  const overlaps = (cell) => {
    const found = [];
    for (const svg of pictures(cell.node)) {
      const frame = svg.getBoundingClientRect();
      if (frame.width < 100) found.push("a picture without size");
      const texts = seen(svg, "text").map((t) => [t.textContent, t.getBoundingClientRect()]);
      texts.forEach(([text, box], k) => {
        if (!box.width || !box.height) found.push(`“${text}” has no size`);
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
          found.push(`“${text}” leaves its picture`);
        for (const [other, there] of texts.slice(k + 1)) {
          const across = Math.min(box.right, there.right) - Math.max(box.left, there.left);
          const down = Math.min(box.bottom, there.bottom) - Math.max(box.top, there.top);
          if (across > TOUCHING && down > TOUCHING) found.push(`“${text}” and “${other}” overlap by ${across.toFixed(1)} × ${down.toFixed(1)} px`);
        }
      });
    }
    return found;
  };

  const rgba = (colour) => {
    const parts = colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return parts.length > 3 ? parts : [...parts, 1];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((c, k) => c * a + below[k] * (1 - a));
  const faded = ([r, g, b, a], opacity) => [r, g, b, a * opacity];
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    let colour = [255, 255, 255];
    for (const layer of layers.reverse()) colour = over(layer, colour);
    return colour;
  };

  // Every text in a picture or a table of ours, against what lies below it.
  const contrasts = (cell) => {
    const found = [];
    const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    for (const element of cell.node.querySelectorAll(".bl *")) {
      if (!own(element) || !visible(element) || element.closest("style")) continue;
      const svg = element.closest("svg");
      const style = getComputedStyle(element);
      let below = paper(svg ?? element);
      if (svg) {
        const box = element.getBoundingClientRect();
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        for (const rect of svg.querySelectorAll("rect")) {
          if (!(rect.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
          const area = rect.getBoundingClientRect();
          const { fill, fillOpacity } = getComputedStyle(rect);
          if (fill !== "none" && area.left <= x && x <= area.right && area.top <= y && y <= area.bottom)
            below = over(faded(rgba(fill), fillOpacity), below);
        }
      }
      const colour = over(rgba(svg ? style.fill : style.color), below);
      const value = ratio(colour, below);
      if (value < 4.5) found.push(`“${element.textContent.slice(0, 40)}” has contrast ${value.toFixed(2)}: ${colour} on ${below}`);
    }
    return found;
  };
  const texts = () => document.querySelectorAll(".bl text").length;

  // The app in the cell that calls it.
  const app = (source) => {
    const cell = codeCells().find((c) => c.model.sharedModel.getSource() === source);
    return cell.node.querySelector(".jp-OutputArea-output > .jupyter-widgets");
  };

  const read = (root) => {
    const numbers = {};
    const clashes = [];
    for (const e of seen(root, "[data-q]")) {
      const name = e.dataset.q;
      if (name in numbers && numbers[name] !== e.textContent) clashes.push(name);
      numbers[name] = e.textContent;
    }
    const controls = {};
    const sliders = {};
    const locked = [];
    for (const number of root.querySelectorAll(".backprop-number")) {
      const [range, input] = number.querySelectorAll("input");
      const name = range.ariaLabel.replaceAll(" ", "_");
      controls[name] = input.value;
      sliders[name] = Number(range.value);
      if (input.disabled) locked.push(name);
      if (range.disabled) locked.push(`${name} slider`);
    }
    for (const label of root.querySelectorAll(".widget-dropdown > label")) {
      const select = document.getElementById(label.htmlFor);
      controls[label.textContent] = plain(select.value);
      if (select.disabled) locked.push(label.textContent);
    }
    for (const button of root.querySelectorAll("button")) if (button.disabled) locked.push(button.textContent);
    const message = root.querySelector('[role="alert"]:not(.refusal)');
    return {
      numbers, clashes, controls, sliders, locked,
      pressed: seen(root, ".widget-toggle-button.mod-active").map((b) => b.textContent),
      message: message ? message.textContent : "",
      refused: seen(root, ".refusal").map((e) => e.textContent),
      said: [...root.querySelectorAll('[role="status"]')].map((e) => e.textContent).filter(Boolean),
      caption: root.querySelector("[data-caption]")?.textContent,
    };
  };

  const plain = (text) => text.replaceAll("\u00a0", " ");
  const options = (select) => [...select.options].map((o) => plain(o.value));
  const element = (root, selector, place = 0) => [...root.querySelectorAll(selector)].at(place);
  const slider = (root) => Number(element(root, "[type=range]").value);
  // The point and the ends of the tangent, where they stand in the picture.
  const curve = (root) => {
    const [svg] = pictures(root);
    const place = (path, length) => {
      const { x, y } = path.getPointAtLength(length).matrixTransform(svg.getScreenCTM().inverse().multiply(path.getScreenCTM()));
      return [x, y];
    };
    const [point, line] = [svg.querySelector(".point"), svg.querySelector(".tangent")];
    return [place(point, 0), [...place(line, 0), ...place(line, line.getTotalLength())]];
  };

  const number = (root, name) => [...root.querySelectorAll(".backprop-number")]
    .find((e) => e.querySelector(".name").textContent === name.replace(/[_^]/g, ""));
  const field = (root, name) => number(root, name).querySelector("[type=text]");
  const handle = (root, name) => number(root, name).querySelector("[type=range]");
  const select = (root, name) =>
    document.getElementById([...root.querySelectorAll(".widget-dropdown > label")].find((l) => l.textContent === name).htmlFor);
  const button = (root, text) => [...root.querySelectorAll("button")].find((b) => b.textContent.trim() === text);

  // Tops, measured from the top of the app: of its picture, and of its first slider.
  const tops = (root) => {
    const start = root.getBoundingClientRect().top;
    return {
      picture: pictures(root)[0].getBoundingClientRect().top - start,
      sliders: root.querySelector("[type=range]").getBoundingClientRect().top - start,
    };
  };

  // Until nothing in the app changes any more.
  const quiet = async (root) => {
    let last = performance.now();
    const watch = new MutationObserver(() => { last = performance.now(); });
    watch.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    await until(() => performance.now() - last > 150, "a quiet app");
    watch.disconnect();
  };

  // Every element that changes with the app's state, as markup says it: to compare with Python's.
  const NAMED = ["q", "when", "place", "weight", "card", "matrix", "label", "curve", "drawn"];
  const drawn = (root) => [...root.querySelectorAll(NAMED.map((name) => `[data-${name}]:not([data-when="away"])`).join())]
    .map((e) => ({
      of: [e.tagName.toLowerCase(), ...NAMED.map((name) => e.getAttribute(`data-${name}`))],
      marks: ["chosen", "lit", "now", "off"].filter((css) => e.classList.contains(css)),
      text: "q" in e.dataset ? e.textContent : null,
      value: e.style.getPropertyValue("--value"),
      label: "label" in e.dataset ? e.ariaLabel : null,
      ...Object.fromEntries(["transform", "d"].map((name) => [name, e.getAttribute(name)])),
    }));

  const WIDE = 6; // px; a line is wider if its weight is large
  const strokeOf = (e) => {
    const { stroke, strokeWidth } = getComputedStyle(e);
    return `${stroke} ${Math.min(parseFloat(strokeWidth), WIDE)}px`;
  };

  // What the step marks, and whose cards are shown.
  const now = (root) => ({
    places: [...new Set(seen(root, ".now[data-place]").map((e) => e.dataset.place))].sort(),
    strokes: [...new Set(seen(root, ".now[data-place]").map(strokeOf))],
    cards: seen(root, ".now[data-card]").map((e) => e.dataset.card).sort(),
    groups: seen(root, ".cards[data-when]").map((e) => e.dataset.when),
    lit: [...new Set(seen(root, ".lit").map((e) => e.dataset.place))].sort(),
  });
  const printed = (root) => seen(root, ".printed")
    .flatMap((e) => e.tagName === "TR" ? [...e.cells].slice(1) : [e]).map((e) => e.textContent).filter((text) => text).sort();

  // Set many controls at once, as a reader's browser reports it.
  const change = (element, value) => {
    if (element.selectedIndex === undefined) element.value = value;
    else element.selectedIndex = value;
    for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }));
  };
  const set = (root, stage, lists, fields) => {
    button(root, stage).click();
    for (const [name, row] of Object.entries(lists)) change(select(root, name), row);
    for (const [name, text] of Object.entries(fields)) change(field(root, name), text);
  };

  // A place on the line of a weight, or in its text, on the screen.
  const target = (root, row) => {
    const line = root.querySelector(`.hit[data-choose="${row}"]`);
    const element = line ?? root.querySelector(`text[data-choose="${row}"]`);
    element.scrollIntoView({ block: "center" });
    if (!line) {
      const box = element.getBoundingClientRect();
      return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    }
    const { x, y } = line.getPointAtLength(0.2 * line.getTotalLength()).matrixTransform(line.getScreenCTM());
    return [x, y];
  };

  const middle = (root, selector) => {
    const [element] = seen(root, selector);
    element.scrollIntoView({ block: "center" });
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2];
  };

  // When, and in which words, a line of the app speaks.
  const listen = (root, selector) => {
    const [line, heard] = [root.querySelector(selector), []];
    const watch = new MutationObserver(() => heard.push([performance.now(), line.textContent]));
    watch.observe(line, { childList: true, characterData: true, subtree: true });
    return { heard, end: () => watch.disconnect() };
  };

  // What Python says of a line of code.
  const python = async (code) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const asked = kernel.requestExecute({ code, store_history: false });
    const said = [];
    asked.onIOPub = ({ content }) => said.push(content.data?.["text/plain"] ?? content.evalue ?? "");
    await asked.done;
    return said.join("");
  };

  const STOPS = "button, select, input, summary, [role=slider]";
  const stops = (root) => [...root.querySelectorAll(STOPS)].filter((e) => !e.disabled && !e.closest("[disabled]") && visible(e));
  // What a finger is to hit, and where.
  const targets = (root) => stops(root).map((e) => {
    const { left, top, right, bottom } = e.getBoundingClientRect();
    return [`${e.tagName} ${e.textContent || e.title || e.ariaLabel}`, left, top, right, bottom];
  });
  const NEARBY = 3;
  const looks = (element) => {
    const seen = [];
    for (let e = element, k = 0; e && k < NEARBY; e = e.parentElement, k++) {
      const s = getComputedStyle(e);
      seen.push([s.outlineStyle === "none" ? "" : `${s.outlineWidth} ${s.outlineColor}`, s.boxShadow, s.borderColor, s.backgroundColor, s.transform].join(";"));
    }
    return seen.join("|");
  };

  // Until the kernel has heard all that the controls said. ipywidgets holds a control's news back
  // while the kernel is busy, but not a button's: one pressed within that time overtakes them.
  const heard = async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    for (let k = 0; k < 2; k++) {
      await kernel.requestCommInfo({ target_name: "none" });
      await frame();
    }
  };

  const begin = (root) => {
    const first = stops(root)[0];
    first.focus({ focusVisible: true });
  };
  const place = (element) => {
    const box = element.getBoundingClientRect();
    return [box.left, (box.top + box.bottom) / 2];
  };

  return { visible, seen, heard, drawn, now, printed, set, target, middle, listen, python, options, element, slider, curve, quiet, begin, place, notebook, until, show, codeCells, cells, run, turnTo, failures, overlaps, contrasts, texts, app, read,
    field, handle, select, button, tops, stops, targets, looks, pictures, views, rendered, apps };
})();
