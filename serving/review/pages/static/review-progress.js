// @ts-check
// How far one is: what was done today, what is left, what is being saved, and a short word that goes away by itself.

import { make } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN = 4000; // milliseconds for which a short word stays

export class Progress {
  /** @type {{ mine: number, open: number } | null} */
  #counts = null;
  #word = "";
  #timer = 0;

  /** Draws into `place`; `tell` reads out.
   * @param {HTMLElement} place @param {import("./review-queue.js").Queue} queue @param {(text: string) => void} tell */
  constructor(place, queue, tell) {
    this.place = place;
    this.queue = queue;
    this.tell = tell;
  }

  /** What the server counted.
   * @param {{ mine: number, open: number }} counts */
  set(counts) {
    this.#counts = counts;
    this.draw();
  }

  /** So many answers more (or fewer) than it counted.
   * @param {number} answers */
  change(answers) {
    const { mine, open } = this.#counts ?? { mine: 0, open: 0 };
    if (this.#counts) this.set({ mine: Math.max(mine + answers, 0), open: Math.max(open - answers, 0) });
  }

  /** A short word, read out as well.
   * @param {string} word */
  flash(word) {
    clearTimeout(this.#timer);
    this.#word = word;
    this.tell(word);
    this.draw();
    this.#timer = setTimeout(() => {
      this.#word = "";
      this.draw();
    }, SHOWN);
  }

  draw() {
    const saving = this.queue.kept.length;
    const n = (value) => value.toLocaleString("en");
    const counts = this.#counts;
    this.place.replaceChildren(
      make("span", { text: counts ? t("desk.progress", { mine: n(counts.mine), open: n(counts.open) }) : t("desk.loading") }),
      saving ? make("span", { class: "hint saving", text: t("desk.saving", { n: saving }) }) : "",
      this.#word ? make("span", { class: "flash", text: this.#word }) : "",
    );
  }
}
