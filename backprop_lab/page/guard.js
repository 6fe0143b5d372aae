// What every app needs of the page: its keys stay in it, it shows when its kernel is gone, and the
// kernel hears when the app is.

let views = 0;

export default {
  render({ model, el }) {
    el.style.display = "none"; // it shows nothing of its own
    const gone = new AbortController();
    views += 1;
    // In an app, keys without a modifier are the app's: the hosts would take the arrows from a slider
    // or a list, and single letters as commands. They leave keys of such elements alone.
    const own = ({ target, ctrlKey, metaKey, altKey, shiftKey, key }) => {
      const command = ctrlKey || metaKey || altKey || key === "Escape" || (shiftKey && key === "Enter");
      const app = el.closest(".backprop-app");
      if (app?.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", !command);
    };
    window.addEventListener("keydown", own, { capture: true, signal: gone.signal });
    // ipywidgets tells of a kernel that restarts or dies, not of one that is shut down.
    const session = model.widget_manager?.context?.sessionContext;
    const kernel = () => el.closest(".backprop-app")?.classList.toggle("no-kernel", !session.session?.kernel);
    session?.kernelChanged.connect(kernel);
    return () => {
      session?.kernelChanged.disconnect(kernel);
      gone.abort();
      views -= 1;
      if (!views) model.send({ gone: true });
    };
  },
};
