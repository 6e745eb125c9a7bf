// @ts-check
// What is said while answers cannot be stored, and the ways on: sign in in another tab, try again.

import { make } from "./dom.js";
import { t } from "./i18n.js";
import { Fault, person, renew, root } from "./review-api.js";

let shown = ""; // what the place says; a live region is not touched without need
let wired = null;

/** Shows (or takes away) in `place` why `queue` waits. */
export function showTrouble(place, queue) {
  wire(queue);
  const fault = queue.stalled;
  const kept = queue.kept.length;
  const key = fault ? `${fault.kind} ${fault.name} ${kept} ${document.documentElement.lang}` : "";
  if (key === shown) return;
  shown = key;
  place.hidden = !fault;
  if (!fault) return place.replaceChildren();
  const word = fault.name ? "trouble.other" : `trouble.${fault.kind}`;
  const again = make("button", { type: "button", class: "quiet", text: t("trouble.retry") });
  again.addEventListener("click", () => goOn(queue));
  const sign = make("a", {
    class: "sign",
    href: `${root}review/login?next=${encodeURIComponent("review/home?signed=1")}`,
    target: "_blank",
    rel: "noopener",
    text: t("trouble.sign"),
  });
  return place.replaceChildren(
    make("p", {}, make("strong", { text: t(word, { name: fault.name, me: person }) }), kept ? make("span", { class: "kept", text: t("trouble.kept", { n: kept }) }) : ""),
    make("p", { class: "ways" }, fault.kind === "session" ? sign : "", again),
  );
}

async function goOn(queue) {
  if (queue.stalled?.kind !== "session") return queue.retry();
  try {
    await renew();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return queue.stall(fault);
  }
  return queue.retry();
}

/** Whoever comes back from the other tab finds the work going on. */
function wire(queue) {
  if (wired) return;
  wired = queue;
  const look = () => {
    if (queue.stalled && document.visibilityState === "visible") goOn(queue);
  };
  addEventListener("focus", look);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
}
