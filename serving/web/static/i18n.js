// @ts-check
// What the page says, in Chinese and English. Its messages stand in the page (#messages): those of its slice's i18n/*.json
// and those that all pages share.

/** Key -> Chinese, English; no Chinese where the service says it itself.
 * @type {Map<string, [string | null, string]>} */
const MESSAGES = new Map(Object.entries(JSON.parse(document.getElementById("messages")?.textContent ?? "{}")));

/** What the service wrote into elements whose message has no Chinese.
 * @type {WeakMap<Element, string>} */
const said = new WeakMap();

/** @type {(() => void)[]} */
const listeners = [];

let index = document.documentElement.lang === "en" ? 1 : 0;

export const english = () => index === 1;

/** @type {(key: string) => boolean} */
export const hasMessage = (key) => MESSAGES.has(key);

/** The message of a key; `{name}` is replaced from `values`. It is empty where the service says the Chinese itself.
 * @param {string} key @param {Record<string, any>} values @returns {string} */
export function t(key, values = {}) {
  const message = MESSAGES.get(key);
  if (!message) {
    console.error(`no message ${key}`);
    return key;
  }
  return (message[index] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** @type {(selector: string) => NodeListOf<HTMLElement>} */
const all = (selector) => document.querySelectorAll(selector);

/** @type {(node: HTMLElement) => Record<string, any>} */
const valuesOf = (node) => JSON.parse(node.dataset.values ?? "{}");

/** Puts the current language into everything that the server wrote. */
export function translate() {
  const root = document.documentElement;
  root.lang = english() ? "en" : "zh-CN";
  for (const node of all("[data-t]")) {
    const key = node.dataset.t ?? "";
    if (MESSAGES.get(key)?.[0] === null && !said.has(node)) said.set(node, node.textContent ?? "");
    const own = english() ? undefined : said.get(node);
    node.textContent = own ?? t(key, valuesOf(node));
  }
  for (const node of all("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel ?? "", valuesOf(node)));
  for (const node of all("[data-t-placeholder]")) node.setAttribute("placeholder", t(node.dataset.tPlaceholder ?? ""));
  // Names of labels are the shop's own: both languages stand in the page.
  for (const node of all("[data-zh]")) node.textContent = (english() ? node.dataset.en : node.dataset.zh) ?? "";
  delete root.dataset.waiting;
}

/** `listener` is called after each change of language.
 * @param {() => void} listener */
export const onLanguage = (listener) => void listeners.push(listener);

/** To the other language. */
export function switchLanguage() {
  index = 1 - index;
  translate();
  for (const listener of listeners) listener();
}
