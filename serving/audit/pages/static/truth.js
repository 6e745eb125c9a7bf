// @ts-check
// The truth page: the switch of language, and the list of suspected label errors, which takes the server some seconds.

import { make, percent } from "./dom.js";
import "./words-truth.js";
import { english, marked, say, switches } from "./words.js";

const root = document.documentElement.dataset.root ?? "";
/** @type {any} */
const place = document.getElementById("suspects");
/** @type {Suspects | { fault: string } | null} */
let found = null;

/** Sentences with figures in them, and names of labels. */
function translate() {
  for (const node of marked("[data-say]")) {
    node.textContent = say(node.dataset.say ?? "", JSON.parse(node.dataset.values ?? "{}"));
  }
  for (const node of marked("[data-zh]")) {
    node.textContent = (english() ? node.dataset.en : node.dataset.zh) ?? "";
  }
}

const name = (pair) => pair[english() ? 1 : 0];

function row(ticket) {
  const address = `${root}review/tickets/${encodeURIComponent(ticket.ticket_id)}`;
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("a", { href: address, text: ticket.ticket_id })),
    make("td", { text: name(ticket.names.given) }),
    make(
      "td",
      {},
      make("span", { text: name(ticket.names.suggested) }),
      make("span", { class: "hint", text: ` ${percent(ticket.confidence)}` }),
    ),
  );
}

function head(one, least) {
  const words =
    one.suspected === null
      ? say("truth.suspect.few", { labels: one.labels, least })
      : one.suspected === 0
        ? say("truth.suspect.none", { labels: one.labels })
        : say("truth.suspect.some", { labels: one.labels, n: one.suspected });
  const title = make("h3", { text: `${name(one.title)} · ${words}` });
  if (!one.tickets.length) return make("div", { class: "suspect-head" }, title);
  const names = ["ticket", "given", "model"].map((key) => make("th", { scope: "col", text: say(`truth.suspect.${key}`) }));
  return make(
    "div",
    { class: "suspect-head" },
    title,
    make(
      "table",
      { class: "suspects" },
      make("thead", {}, make("tr", {}, ...names)),
      make("tbody", {}, ...one.tickets.map(row)),
    ),
  );
}

function draw() {
  if (!found) return;
  place.setAttribute("aria-busy", "false");
  if (!("heads" in found)) place.replaceChildren(make("p", { class: "warn", text: say("truth.suspect.failed", { why: found.fault }) }));
  else {
    const { heads, least } = found;
    place.replaceChildren(...Object.values(heads).map((one) => head(one, least)));
  }
}

async function ask() {
  try {
    const response = await fetch(`${root}insight/truth/suspects`, { cache: "no-store" });
    const data = await response.json();
    found = response.ok ? data : { fault: data.error?.message ?? response.status };
  } catch {
    found = { fault: say("fault.network") };
  }
  draw();
}

switches(() => {
  translate();
  draw();
});
translate();
ask();
