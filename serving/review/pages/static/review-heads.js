// @ts-check
// The questions, one a head, as radio groups: one is active, and digits (then letters) choose in it.

import { sureness } from "./decision.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";

/** Keys of the labels, in order; the letters that mean something else are left out. */
const KEYS = "1234567890qwrtyiopadfjlxvbm";

/** Letters that make a head the active one: what is left of the alphabet beside labels and what else keys do. */
const HEAD_KEYS = "cusgh";

/** Key -> head: the first letter of its code that is free; a head without one is reached with Tab, or when its turn comes. */
export function keysOf(heads) {
  const keys = {};
  for (const head of heads) {
    const free = [...head].find((letter) => HEAD_KEYS.includes(letter) && !keys[letter]);
    if (free) keys[free] = head;
  }
  return keys;
}

/** Radio groups in `place` for the heads of `names`; `changed(head)` is told of every choice and change of the active head. */
export class Heads {
  #groups = new Map();
  predicted = {};

  constructor(place, names, changed) {
    this.names = names;
    this.heads = names.order;
    this.keys = keysOf(this.heads);
    this.active = this.heads[0];
    this.changed = changed;
    place.replaceChildren(...this.heads.map((head) => this.#group(head)));
    this.dress();
  }

  #group(head) {
    const labels = this.names.heads[head].labels;
    const name = make("span", { class: "group-name" });
    const letter = Object.keys(this.keys).find((one) => this.keys[one] === head);
    const key = make("kbd", { "aria-hidden": "true", hidden: !letter, text: (letter ?? "").toUpperCase() });
    const options = labels.map(({ code }, i) => {
      const input = make("input", { type: "radio", name: head, value: code });
      const text = make("span", { class: "option-name" });
      const shortcut = make("kbd", { "aria-hidden": "true", text: (KEYS[i] ?? "").toUpperCase() });
      const label = make("label", { class: "option" }, input, make("span", { class: "option-in" }, shortcut, text));
      return { code, input, text, label };
    });
    const guess = make("span", { class: "guess", hidden: true });
    const asked = make("span", { class: "asked", hidden: true });
    const box = make(
      "fieldset",
      { class: "group", "data-head": head, "data-many": labels.length > 6 },
      make("legend", {}, make("span", { class: "legend-in" }, key, name, guess, asked)),
      make("div", { class: "options" }, ...options.map((option) => option.label)),
    );
    box.addEventListener("focusin", () => this.activate(head, false));
    box.addEventListener("change", () => {
      this.#settled(head);
      this.changed(head);
    });
    this.#groups.set(head, { box, name, guess, asked, options });
    return box;
  }

  /** Puts the current language's names in. */
  dress() {
    for (const [head, { name, guess, asked, options }] of this.#groups) {
      name.textContent = this.names.title(head);
      asked.textContent = t("heads.asked");
      for (const { code, text } of options) text.textContent = this.names.label(head, code);
      const { label, confidence } = this.predicted[head] ?? {};
      guess.hidden = !label;
      guess.textContent = label ? t("heads.predicted", { label: this.names.label(head, label), p: sureness(confidence) }) : "";
    }
  }

  /**
   * New answers: `labels` are chosen, `predicted` (head -> {label, confidence}) are told. Both may be empty: what is
   * not given is nowhere in the page.
   */
  fill(labels, predicted) {
    this.predicted = predicted;
    for (const [head, { options }] of this.#groups) {
      for (const { code, input } of options) input.checked = labels[head] === code;
      this.#settled(head);
    }
    this.dress();
  }

  #settled(head) {
    const { box, asked } = this.#groups.get(head);
    box.removeAttribute("aria-invalid");
    asked.hidden = true;
  }

  /** Makes `head` the active one, and moves the focus to its chosen (or first) label unless told otherwise. */
  activate(head, focus = true) {
    if (!this.#groups.has(head)) return false;
    const before = this.active;
    this.active = head;
    for (const [name, { box }] of this.#groups) box.classList.toggle("active", name === head);
    if (focus) {
      const { options } = this.#groups.get(head);
      (options.find(({ input }) => input.checked) ?? options[0]).input.focus({ preventScroll: true });
    }
    if (before !== head) this.changed(head);
    return true;
  }

  /** Chooses by key in the active head; where another head has no answer yet, it becomes active. False: no such key. */
  press(key) {
    const at = KEYS.indexOf(key);
    const option = at < 0 ? undefined : this.#groups.get(this.active).options[at];
    if (!option) return false;
    option.input.checked = true;
    option.input.focus({ preventScroll: true });
    this.#settled(this.active);
    this.changed(this.active);
    const open = this.missing();
    if (open.length) this.activate(open.find((head) => this.heads.indexOf(head) > this.heads.indexOf(this.active)) ?? open[0]);
    return true;
  }

  get labels() {
    const chosen = [...this.#groups].map(([head, { options }]) => [head, options.find(({ input }) => input.checked)?.code]);
    return Object.fromEntries(chosen.filter(([, code]) => code));
  }

  missing() {
    const { labels } = this;
    return this.heads.filter((head) => !labels[head]);
  }

  /** Says at the first head without an answer that one is asked for. */
  ask() {
    for (const head of this.missing()) {
      const { box, asked } = this.#groups.get(head);
      box.setAttribute("aria-invalid", "true");
      asked.hidden = false;
    }
    this.activate(this.missing()[0]);
  }

  /** The labels in words, e.g. "物流配送，高，负面". */
  said(labels) {
    const words = this.heads.filter((head) => labels[head]).map((head) => this.names.label(head, labels[head]));
    return words.join(t("list.comma"));
  }
}
