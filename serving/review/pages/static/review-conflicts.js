// @ts-check
// Conflicts: what people answered, side by side and without names; a lead chooses one answer or gives another.

import { Names } from "./decision.js";
import { make } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { call } from "./review-api.js";
import { drawTicket } from "./review-card.js";
import { complain } from "./review-fault.js";
import { Heads } from "./review-heads.js";
import { watchKeys } from "./review-keys.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const names = new Names(JSON.parse(byId("labels").textContent));
const heads = new Heads(byId("heads"), names, () => {});
/** @type {any[]} */
let conflicts = [];
/** @type {any} */
let fault = null;
let busy = false;

const called = (i) => t("conflicts.nth", { n: t("conflicts.letters")[i] });

/** Heads all agree on are chosen; those in dispute are not: the lead decides them. */
function agreed({ answers }) {
  const same = heads.heads.filter((head) => new Set(answers.map(({ labels }) => labels[head])).size === 1 && answers[0]?.labels[head]);
  return Object.fromEntries(same.map((head) => [head, answers[0].labels[head]]));
}

function show() {
  const [current] = conflicts;
  byId("review").hidden = !current;
  byId("idle").hidden = Boolean(current);
  heads.fill(current ? agreed(current) : {}, {});
  byId("note").value = "";
  if (current) heads.activate(heads.missing()[0] ?? heads.heads[0]);
  else byId("idle-title").focus();
  dress();
  byId("said").textContent = current ? t("conflicts.left", { n: conflicts.length }) : t("conflicts.empty");
}

/** All that is in words. */
function dress() {
  const [current] = conflicts;
  complain(byId("fault"), fault);
  heads.dress();
  byId("progress").textContent = current ? t("conflicts.left", { n: conflicts.length }) : "";
  if (!current) return;
  drawTicket(byId("ticket"), { ...current, reason: "conflict" }, names, heads.active);
  byId("answers").replaceChildren(versus(current));
}

function versus({ answers }) {
  const row = (name, cells, apart) =>
    make("tr", { class: apart ? "apart" : undefined }, make("th", { scope: "row", text: name }), ...cells.map((cell) => make("td", {}, cell)));
  const body = heads.heads.map((head) => {
    const codes = answers.map(({ labels }) => labels[head]);
    return row(names.title(head), codes.map((code) => (code ? names.label(head, code) : "—")), new Set(codes).size > 1);
  });
  if (answers.some(({ note }) => note)) body.push(row(t("conflicts.said"), answers.map(({ note }) => note || "—")));
  const take = (answer, i) => {
    const button = make("button", { type: "button", class: "quiet take", text: t("conflicts.take", { who: called(i) }) });
    button.addEventListener("click", () => {
      heads.fill(answer.labels, {});
      byId("note").focus();
    });
    return button;
  };
  body.push(row("", answers.map(take)));
  return make(
    "div",
    { class: "card" },
    make("h3", { text: t("conflicts.answers") }),
    make(
      "table",
      { class: "versus" },
      make("thead", {}, make("tr", {}, make("td", {}), ...answers.map((_, i) => make("th", { scope: "col", text: called(i) })))),
      make("tbody", {}, ...body),
    ),
    make("p", { class: "hint", text: t("conflicts.nameless") }),
  );
}

async function settle() {
  const [current] = conflicts;
  if (!current || busy) return;
  if (heads.missing().length) return heads.ask();
  busy = true;
  fault = null;
  try {
    await call("POST", `conflicts/${encodeURIComponent(current.item_id)}/settle`, { labels: heads.labels, note: byId("note").value });
    conflicts.shift();
  } catch (error) {
    fault = error;
    busy = false;
    return dress();
  }
  busy = false;
  return conflicts.length ? show() : load();
}

function later() {
  if (!conflicts.length || busy) return;
  conflicts.push(conflicts.shift());
  show();
}

async function load() {
  try {
    ({ conflicts } = await call("GET", "conflicts"));
    fault = null;
  } catch (error) {
    fault = error;
    return complain(byId("fault"), fault);
  }
  return show();
}

byId("answer").addEventListener("submit", (event) => {
  event.preventDefault();
  settle();
});
byId("later").addEventListener("click", later);
watchKeys({ plain: { k: later, n: () => byId("note").focus() }, submit: settle, heads, active: () => conflicts.length > 0 });
onLanguage(dress);
load();
