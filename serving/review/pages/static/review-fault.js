// @ts-check
// What is said where a call went wrong on a page that holds no unsent answers.

import { make } from "./dom.js";
import { english, t } from "./i18n.js";
import { root } from "./review-api.js";

/** Shows `fault` in `place`; null takes it away. */
export function complain(place, fault) {
  place.hidden = !fault;
  if (!fault) return place.replaceChildren();
  if (fault.kind === undefined) throw fault; // a defect of ours belongs in the console
  const own = { session: "fault.signed.out", network: "fault.network" }[fault.kind] ?? "fault.refused";
  const text = english() || !fault.message || fault.kind === "session" ? t(own, fault) : fault.message;
  const back = location.href.slice(new URL(root || "./", document.baseURI).href.length);
  return place.replaceChildren(
    make("p", {}, make("strong", { text })),
    english() && fault.message ? make("p", { class: "fault-more", lang: "zh-CN", text: fault.message }) : "",
    fault.kind === "session" ? make("p", {}, make("a", { href: `${root}review/login?next=${encodeURIComponent(back)}`, text: t("fault.sign") })) : "",
    fault.id ? make("p", { class: "fault-more code", text: t("fault.id", { id: fault.id }) }) : "",
  );
}
