// When a page drew what, from the key on. One object, `latency`; it needs `look`.
//
// A key counts from its event's timeStamp, taken when the browser got it: time that it waits for a
// busy page is part of the latency. Two moments follow, on the same clock:
// - changed: a MutationObserver sees another picture in the DOM, whole or not.
// - painted: the whole picture stood in the DOM in a requestAnimationFrame callback, the last script
//   before style, layout and paint; the next macrotask, a message to ourselves, comes after them.
//   A second callback instead may come a whole frame later. Event Timing reaches as far as the
//   screen, but rounds to 8 ms.
window.latency = (() => {
  const pictures = []; // all that were seen, as text
  let keys, changes, frames, blanks, sample, loop;

  const isImage = (part) => part.tagName === "IMG";
  const content = (part) => (isImage(part) ? part.getAttribute("src") : `${part.dataset.q} ${part.textContent}`);
  const visible = (part) =>
    part.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    (isImage(part) ? part.complete && part.naturalWidth > 0 : Number.isFinite(parseFloat(part.textContent)));
  const place = (parts) => {
    const text = parts.map(content).join("\n");
    if (!pictures.includes(text)) pictures.push(text);
    return pictures.indexOf(text);
  };
  const note = (list, picture) => {
    if (list.at(-1)[1] !== picture) list.push([performance.now(), picture]);
  };

  // root: the element with the app. Its picture is all that matches `selector`, and is whole while as
  // many of these are visible as at the start. Looks at frames after a change only: a page at rest
  // draws none.
  const start = (root, selector) => {
    const parts = () => [...root.querySelectorAll(selector)];
    const whole = parts().filter(visible).length;
    if (!whole) throw new Error(`nothing visible of ${selector}`);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => note(frames, data);
    sample = () => {
      const all = parts();
      if (all.filter(visible).length < whole) blanks += 1;
      else port2.postMessage(place(all));
    };
    const soon = () => requestAnimationFrame(sample);
    document.addEventListener("keydown", (event) => keys.push(event.timeStamp), { capture: true });
    new MutationObserver(() => {
      note(changes, place(parts()));
      soon();
    }).observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: ["src"] });
    root.addEventListener("load", soon, { capture: true }); // an image comes after its element
    [keys, blanks] = [[], 0];
    [changes, frames] = [0, 1].map(() => [[performance.now(), place(parts())]]);
  };
  // Look at every frame from now on: a blank one need not begin with a change.
  const everyFrame = () => {
    sample();
    loop = requestAnimationFrame(everyFrame);
  };

  // What was recorded. A new record begins with the picture that stands there.
  const take = () => {
    cancelAnimationFrame(loop);
    const record = { keys, changes, frames, blanks, pictures };
    [keys, changes, frames, blanks] = [[], changes.slice(-1), frames.slice(-1), 0];
    return record;
  };
  // Until a picture newer than the last key is drawn, and the kernel has heard of the key.
  const settled = async () => {
    const what = `a new picture, the focus on ${document.activeElement.outerHTML.slice(0, 80)}`;
    await look.until(() => frames.at(-1)[0] > keys.at(-1), what);
    await look.heard();
  };
  const drawn = (picture) => look.until(() => frames.at(-1)[1] === picture, `picture ${picture}`);

  return { start, everyFrame, take, settled, drawn };
})();
