// @ts-check
// Search: filters live in the address, so that a search can be sent to a colleague; older results come page by page.

import { Names } from "./decision.js";
import { make } from "./dom.js";
import { hasMessage, onLanguage, t } from "./i18n.js";
import { call, root } from "./review-api.js";
import { chip, moment } from "./review-card.js";
import { complain } from "./review-fault.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const form = byId("filters");
const names = new Names(JSON.parse(byId("labels").textContent));
const CHANNELS = ["chat", "form", "email", "phone", "voice", "weibo", "app", "agent"];
/** @type {any[]} */
let rows = [];
/** @type {string | null} */
let next = null; // where the next page begins
let asked = 0; // the newest search; an older one's answer is not shown any more
/** @type {any} */
let fault = null;
let looking = false; // older tickets are still being looked through
const ENOUGH = 20;

function options() {
  const fill = (select, entries) => {
    const value = select.value;
    select.replaceChildren(...entries.map(([code, text]) => make("option", { value: code, text })));
    select.value = value;
  };
  const any = ["", t("search.any")];
  fill(form.category, [any, ...(names.heads.category?.labels ?? []).map(({ code }) => [code, names.label("category", code)])]);
  fill(form.reviewed, [any, ["yes", t("search.reviewed.yes")], ["no", t("search.reviewed.no")]]);
  fill(form.channel, [any, ...CHANNELS.map((code) => [code, t(`channel.${code}`)])]);
}

/** @type {() => string[][]} */
const filled = () => [...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([, value]) => value.trim());

/** @param {string | null} after */
async function search(after = null) {
  const mine = ++asked;
  const query = new URLSearchParams(filled());
  if (!after) history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  if (after) query.set("after", after);
  byId("rows").setAttribute("aria-busy", "true");
  const wanted = (after ? rows.length : 0) + ENOUGH;
  if (!after) rows = [];
  do {
    // One call looks through so many tickets and no more, so that nobody waits for a rare word; then it goes on from there.
    try {
      const found = await call("GET", `search?${query}`);
      if (mine !== asked) return;
      rows = [...rows, ...found.rows];
      next = found.next;
      fault = null;
    } catch (error) {
      if (mine !== asked) return;
      fault = error;
    }
    looking = Boolean(next) && !fault && rows.length < wanted;
    if (looking) query.set("after", next ?? "");
    draw();
  } while (looking);
  byId("rows").removeAttribute("aria-busy");
  byId("said").textContent = fault ? "" : t(rows.length ? "search.found" : "search.none", { n: rows.length });
}

function draw() {
  complain(byId("fault"), fault);
  byId("more").hidden = !next || looking || Boolean(fault);
  const last = looking ? "search.looking" : rows.length || fault ? null : "search.none";
  byId("rows").replaceChildren(
    ...rows.map(row),
    ...(last ? [make("li", { class: "card none", text: t(last, { n: rows.length }) })] : []),
  );
}

function row(item) {
  const channel = `channel.${item.channel}`;
  const people = item.labels && Object.keys(item.labels).length > 0;
  const shown = people ? item.labels : (item.predicted ?? {});
  const chips = names.among(shown).map((head) => chip(head, names.label(head, shown[head])));
  return make(
    "li",
    {},
    make(
      "a",
      { class: "card row", href: `${root}review/tickets/${encodeURIComponent(item.ticket_id)}` },
      make(
        "span",
        { class: "row-top" },
        make("time", { datetime: item.received_at, text: moment(item.received_at) }),
        make("span", { text: hasMessage(channel) ? t(channel) : item.channel }),
        make("span", { class: "code", text: item.ticket_id }),
      ),
      make(
        "span",
        { class: "chips" },
        item.priority ? make("span", { class: "level", "data-level": item.priority, text: item.priority }) : null,
        chips.length ? make("span", { class: "by", text: t(people ? "search.by.people" : "search.by.model") }) : null,
        ...chips,
        item.hidden ? make("span", { class: "tag", text: t("search.hidden") }) : null,
      ),
      make("span", { class: "past", lang: "zh-CN", text: item.text.trim() || t("ticket.blank") }),
    ),
  );
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
form.addEventListener("reset", () => requestAnimationFrame(() => search()));
for (const select of form.querySelectorAll("select, input[type=date]")) select.addEventListener("change", () => search());
byId("more").addEventListener("click", async () => {
  const before = rows.length;
  await search(next);
  byId("rows").children[before]?.querySelector("a")?.focus();
});
onLanguage(() => {
  options();
  draw();
});
options();
for (const [name, value] of new URLSearchParams(location.search)) {
  const field = form.elements.namedItem(name);
  if (field) field.value = value;
}
search();
