// @ts-check
// The page one starts from: how much there is to do.

import { call, person } from "./review-api.js";
import { say, switches, teach } from "./words.js";
import { REVIEW } from "./words-review.js";

teach(REVIEW);
/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
/** @type {Counts | null} */
let counts = null;

function dress() {
  /** @type {any} */ (document.querySelector("h1")).textContent = say("home.hello", { name: person });
  if (!counts) return;
  const n = (value) => value.toLocaleString("en");
  byId("today").textContent = say("desk.progress", { mine: n(counts.mine), open: n(counts.open) });
  for (const [name, value] of [["desk", counts.open], ["conflicts", counts.conflicts]]) {
    const place = byId(`count-${name}`);
    if (!place || !value) continue;
    place.textContent = n(value);
    place.hidden = false;
  }
}

byId("signed").hidden = !new URLSearchParams(location.search).has("signed");
switches(dress);
dress();
try {
  counts = (await call("GET", "counts")) ?? null;
  dress();
} catch (error) {
  const fault = /** @type {Fault} */ (error);
  byId("today").textContent = fault.kind === "session" ? say("fault.signed.out") : fault.message || say("fault.network");
}
