// @ts-check
// The truth page's list of suspected label errors, which takes the server some seconds; all else is filled by the server.

import { make, percent } from "./dom.js";
import { english, onLanguage, t } from "./i18n.js";

const root = document.documentElement.dataset.root ?? "";
/** @type {any} */
const place = document.getElementById("suspects");
/** @type {Suspects | { fault: string } | null} */
let found = null;

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
      ? t("truth.suspect.few", { labels: one.labels, least })
      : one.suspected === 0
        ? t("truth.suspect.none", { labels: one.labels })
        : t("truth.suspect.some", { labels: one.labels, n: one.suspected });
  const title = make("h3", { text: `${name(one.title)} · ${words}` });
  if (!one.tickets.length) return make("div", { class: "suspect-head" }, title);
  const names = ["ticket", "given", "model"].map((key) => make("th", { scope: "col", text: t(`truth.suspect.${key}`) }));
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
  if (!("heads" in found)) place.replaceChildren(make("p", { class: "warn", text: t("truth.suspect.failed", { why: found.fault }) }));
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
    found = { fault: t("fault.network") };
  }
  draw();
}

onLanguage(draw);
ask();
