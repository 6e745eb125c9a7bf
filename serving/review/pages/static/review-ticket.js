// @ts-check
// A ticket's history: what was decided, what people said, what a challenger would have said, in the order it happened.

import { Names, sureness } from "./decision.js";
import { make } from "./dom.js";
import { hasMessage, onLanguage, t } from "./i18n.js";
import { call } from "./review-api.js";
import { chip, mark, moment } from "./review-card.js";
import { complain } from "./review-fault.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const names = new Names(JSON.parse(byId("labels").textContent));
const id = byId("ticket-id").textContent;
/** @type {any} */
let ticket = null;
/** @type {any} */
let fault = null;

const labels = (given) => make("p", { class: "chips" }, ...names.among(given).map((head) => chip(head, names.label(head, given[head]))));
const pair = (key, value) => make("span", {}, `${t(key)} `, make("span", { class: "code", text: value }));
const tag = (text, extra = "") => make("span", { class: `tag ${extra}`, text });

function step(kind, at, title, tags, ...body) {
  return {
    at,
    node: make(
      "article",
      { class: "card step", "data-kind": kind },
      make("p", { class: "step-when" }, make("time", { datetime: at, text: moment(at) })),
      make("div", { class: "step-body" }, make("h2", {}, title, ...tags), ...body.filter(Boolean)),
    ),
  };
}

function decided(revision) {
  const { decision } = revision;
  const words = make("div", { class: "words", lang: "zh-CN", tabindex: "0", role: "group", "aria-label": t("ticket.text") });
  const title = t(revision.revision === 1 ? "ticket.decided" : "ticket.revised", { n: revision.revision });
  const box = make("div", {}, words);
  mark(box, { text: revision.text, evidence: decision?.evidence, decision }, names, "category");
  if (!decision) return step("decided", revision.received_at, title, [tag(t("search.hidden"))], box);
  const sure = names.among(decision).map((head) =>
    chip(head, `${names.label(head, decision[head].label)} ${sureness(decision[head].confidence)}`),
  );
  return step(
    "decided",
    revision.received_at,
    title,
    [tag(t(`action.${decision.action}`)), make("span", { class: "level", "data-level": decision.priority, text: decision.priority })],
    box,
    make("p", { class: "chips" }, ...sure),
    make(
      "p",
      { class: "pairs" },
      pair("queue", names.queue(decision.queue)),
      make("span", {}, `${t("due")} `, make("time", { datetime: decision.due_at, text: moment(decision.due_at) })),
      decision.model.name ? pair("source.model", `${decision.model.name} ${decision.model.version}`.trim()) : null,
      pair("source.profile", `${decision.profile.name} ${decision.profile.version}`.trim()),
    ),
  );
}

function corrected(item) {
  const tags = [tag(hasMessage(`origin.${item.source}`) ? t(`origin.${item.source}`) : item.source)];
  if (item.blind !== null && item.blind !== undefined) tags.push(tag(t(item.blind ? "ticket.blind" : "ticket.seen"), item.blind ? "blind" : ""));
  if (item.reason) tags.push(tag(t(`why.${item.reason}`)));
  if (item.withdrawn_at) tags.push(tag(t("ticket.withdrawn", { at: moment(item.withdrawn_at) })));
  const made = step(
    "corrected",
    item.at,
    item.by ? t("ticket.corrected.by", { by: item.by }) : t("ticket.corrected"),
    tags,
    labels(item.labels),
    item.note ? make("p", { class: "said", lang: "zh-CN", text: item.note }) : null,
    item.model_version ? make("p", { class: "pairs" }, pair("ticket.version", item.model_version)) : null,
  );
  made.node.classList.toggle("withdrawn", Boolean(item.withdrawn_at));
  return made;
}

function shadow(item) {
  const heads = names.among(item.answers);
  return step(
    "shadow",
    item.at,
    t("ticket.shadow", { version: item.model_version }),
    [tag(t("ticket.shadow.beside", { version: item.champion_version }))],
    make("p", { class: "chips" }, ...heads.map((head) => chip(head, `${names.label(head, item.answers[head].label)} ${sureness(item.answers[head].confidence)}`))),
  );
}

function draw() {
  complain(byId("fault"), fault);
  byId("history").removeAttribute("aria-busy");
  if (!ticket) return byId("history").replaceChildren();
  const steps = [...ticket.revisions.map(decided), ...ticket.corrections.map(corrected), ...(ticket.shadow ?? []).map(shadow)];
  steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)); // stable: what happened at one moment keeps its order
  return byId("history").replaceChildren(...steps.map(({ node }) => node));
}

onLanguage(draw);
try {
  ticket = await call("GET", `tickets/${encodeURIComponent(id)}`);
} catch (error) {
  fault = error;
}
draw();
