// @ts-check
// The page one starts from: how much there is to do.

import { onLanguage, t } from "./i18n.js";
import { call, person } from "./review-api.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
/** @type {Counts | null} */
let counts = null;

function dress() {
  /** @type {any} */ (document.querySelector("h1")).textContent = t("home.hello", { name: person });
  if (!counts) return;
  const n = (value) => value.toLocaleString("en");
  byId("today").textContent = t("desk.progress", { mine: n(counts.mine), open: n(counts.open) });
  for (const [name, value] of [["desk", counts.open], ["conflicts", counts.conflicts]]) {
    const place = byId(`count-${name}`);
    if (!place || !value) continue;
    place.textContent = n(value);
    place.hidden = false;
  }
}

byId("signed").hidden = !new URLSearchParams(location.search).has("signed");
onLanguage(dress);
dress();
try {
  counts = (await call("GET", "counts")) ?? null;
  dress();
} catch (error) {
  const fault = /** @type {Fault} */ (error);
  byId("today").textContent = fault.kind === "session" ? t("fault.signed.out") : fault.message || t("fault.network");
}
