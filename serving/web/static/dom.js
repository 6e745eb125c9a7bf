// @ts-check
// Small helpers to build elements; text always goes in as text, never as markup.

/** Makes an element: `class`, `text` and `style` (custom properties) are special, all else are attributes.
 * @param {string} tag @param {Record<string, any>} [options] @param {(Node | string | null | undefined)[]} children
 * @returns {any} */
export function make(tag, { class: className, text, style, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(style ?? {})) node.style.setProperty(name, value);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

/** @type {(share: number) => string} */
export const percent = (share) => {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<0.1%";
  if (value > 99.9 && value < 100) return ">99.9%";
  return `${value.toFixed(value >= 99 || value < 10 ? 1 : 0).replace(/\.0$/, "")}%`;
};

/** A button that copies what `source()` gives, and says so.
 * @param {() => string} source @param {(key: string) => string} t */
export function copyButton(source, t) {
  const button = make("button", { type: "button", class: "quiet copy", text: t("copy") });
  button.addEventListener("click", async () => {
    const done = await copy(source());
    button.textContent = t(done ? "copied" : "copy.failed");
    setTimeout(() => (button.textContent = t("copy")), 1600);
  });
  return button;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain http on another machine there is no clipboard API: fall back to the old command.
    const area = make("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
