// @ts-check
// The ticket's text with the words marked that speak for a head's label; a switch chooses the head.

import { make } from "./dom.js";
import { t } from "./i18n.js";

/**
 * Cuts `text` into stretches of equal weight. Offsets of the evidence count code points, which is why the text is taken
 * apart with Array.from: an emoji outside the basic plane is one code point but two units of a JavaScript string.
 * Where stretches overlap the strongest counts. `unread` are the stretches that the model did not read.
 * @param {string} text @param {Pick<Evidence, "start" | "end" | "weight">[]} evidence @param {Unread[]} [unread]
 */
export function stretches(text, evidence, unread = []) {
  const points = Array.from(text);
  const kinds = new Array(points.length).fill("");
  for (const { start, end, kind } of unread) kinds.fill(kind, Math.max(start, 0), Math.min(end, points.length));
  const weights = new Float64Array(points.length);
  for (const { start, end, weight } of evidence) {
    for (let i = Math.max(start, 0); i < Math.min(end, points.length); i++) weights[i] = Math.max(weights[i], weight);
  }
  const parts = [];
  for (let i = 0; i < points.length; ) {
    let j = i + 1;
    while (j < points.length && weights[j] === weights[i] && kinds[j] === kinds[i]) j++;
    parts.push({ text: points.slice(i, j).join(""), weight: weights[i], unread: kinds[i] });
    i = j;
  }
  return parts;
}

/** What is not a mark: plain text, or grey what was not read.
 * @param {{ text: string, unread: string }} part */
export function unmarked(part) {
  if (!part.unread) return document.createTextNode(part.text);
  return make("span", { class: "unread", text: part.text, title: t("evidence.unread", { kind: t(`unread.${part.unread}`) }) });
}

/** The panel; `chosen` is the head to show first, `choose(head)` is told of every change.
 * @param {string} text @param {Decision} decision @param {{ code: string, title: string, label: string }[]} heads
 * @param {string} chosen @param {(head: string) => void} choose */
export function evidencePanel(text, decision, heads, chosen, choose) {
  const shown = heads.filter(({ code }) => decision[code]);
  if (!shown.length) return null;
  const current = shown.some(({ code }) => code === chosen) ? chosen : shown[0].code;
  const body = make("div", { class: "words", lang: "zh-CN", tabindex: "0" });
  const note = make("p", { class: "hint words-note" });

  /** @param {string} head */
  const draw = (head) => {
    const own = decision.evidence.filter((item) => item.head === head && item.weight > 0);
    const most = Math.max(...own.map((item) => item.weight), 0);
    body.dataset.head = head;
    body.replaceChildren(
      ...stretches(text, own, decision.unread).map((part) =>
        part.weight > 0
          ? make("mark", {
              text: part.text,
              title: t("evidence.weight", { n: part.weight.toFixed(2) }),
              style: { "--share": (0.25 + 0.75 * (part.weight / most)).toFixed(3) },
            })
          : unmarked(part),
      ),
    );
    note.textContent = own.length ? "" : t("evidence.none");
    note.hidden = own.length > 0;
  };

  const choices = shown.map(({ code, title, label }) => {
    const input = make("input", { type: "radio", name: "head", value: code, checked: code === current });
    input.addEventListener("change", () => {
      draw(code);
      choose(code);
    });
    const text = t("evidence.pick", { title, label });
    return make("label", { class: "pick", "data-head": code }, input, make("span", { text }));
  });
  draw(current);
  return make(
    "section",
    { class: "block" },
    make("div", { class: "block-head" }, make("h3", { text: t("evidence") })),
    make("div", { class: "picks", role: "radiogroup", "aria-label": t("evidence") }, ...choices),
    body,
    note,
  );
}
