// @ts-check
// Keys of the desk. A field for text keeps its keys; single keys can be switched off (WCAG 2.1.4).

const STORED = "fendan.keys";

/**
 * Listens for keys. `plain` are single keys and what they do, `submit` is for Enter, `heads` are chosen in by the other
 * keys while `active()`. `help` is the window with the table of keys, where the page has one.
 * @param {{ plain: Record<string, () => void>, submit: () => unknown, heads: import("./review-heads.js").Heads,
 *   active: () => boolean, help?: HTMLDialogElement }} page
 */
export function watchKeys({ plain, submit, heads, active, help }) {
  let single = recall() !== "off";
  const dress = () => document.documentElement.toggleAttribute("data-keyless", !single);
  const box = help?.querySelector("input");
  if (box) box.checked = single;
  box?.addEventListener("change", () => {
    single = box.checked;
    remember(single ? "on" : "off");
    dress();
  });
  dress();

  document.addEventListener("keydown", (event) => {
    if (help?.open || event.isComposing || event.altKey) return;
    const inText = /** @type {Element} */ (event.target).closest?.("textarea, input:not([type=radio]), select");
    if (event.key === "Escape" && inText) {
      event.preventDefault();
      heads.activate(heads.active);
      return;
    }
    if (event.key === "Enter") return enter(event, inText);
    if (inText || event.ctrlKey || event.metaKey || !single) return;
    const key = event.key === "？" ? "?" : event.key.toLowerCase(); // a Chinese keyboard gives the wide one
    if (plain[key]) {
      event.preventDefault();
      if (!event.repeat) plain[key](); // a key held down skips one ticket, not ten
    } else if (active() && ((heads.keys[key] && heads.activate(heads.keys[key])) || heads.press(key))) {
      event.preventDefault();
    }
  });

  /** @param {any} event @param {Element | null} inText */
  function enter(event, inText) {
    if (inText ? !(event.ctrlKey || event.metaKey) : event.target.closest?.("button, a, summary")) return;
    event.preventDefault();
    if (!event.repeat) submit();
  }
}

function recall() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage is forbidden here: then nothing is remembered
  }
}

function remember(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // the choice lasts until the page is left
  }
}
