// @ts-check
// One ticket on the screen: why it is here, what the customer wrote, what is known of the customer and the order.

import { make } from "./dom.js";
import { stretches, unmarked } from "./evidence.js";
import { english, hasMessage, t } from "./i18n.js";

const ZONE = "Asia/Shanghai";

/** A moment in the shop's time, e.g. "11月11日 周三 12:00". */
export function moment(iso) {
  const at = new Date(iso);
  const part = (options) => new Intl.DateTimeFormat(english() ? "en-GB" : "zh-CN", { timeZone: ZONE, ...options }).format(at);
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const days = [part({ year, month: english() ? "short" : "long", day: "numeric" }), part({ weekday: "short" })];
  if (english()) days.reverse();
  return [...days, part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })].join(" ");
}

/** Why the ticket is here, in words: what it means for the reviewer when it is blind, else the server's sentence. */
export function why(/** @type {Card} */ card) {
  const sentence = english() ? card.reason_text_en : card.reason_text;
  return card.reason === "blind" ? t("why.blind.text") : sentence || t(`why.${card.reason}.text`);
}

/** A label in short: name and, for known heads, its colour. */
export const chip = (head, text) => make("span", { class: "chip", "data-head": head, text });

/** What is known besides the text, as a list of names and values. */
function facts(card, names) {
  const { customer = {}, order = {}, decision } = card;
  const rows = [];
  const add = (name, value, node) => rows.push(make("div", {}, make("dt", { text: t(name) }), node ?? make("dd", { text: value })));
  add("ticket.received", "", make("dd", {}, make("time", { datetime: card.received_at, text: moment(card.received_at) })));
  const channel = `channel.${card.channel}`;
  add("ticket.channel", hasMessage(channel) ? t(channel) : card.channel || t("ticket.none"));
  const tier = customer.tier ?? "regular";
  add("ticket.tier", "", make("dd", {}, make("span", { class: "tier", "data-tier": tier, text: hasMessage(`tier.${tier}`) ? t(`tier.${tier}`) : tier })));
  const amount = order.amount ?? null;
  add("ticket.amount", amount === null ? t("ticket.none") : t("ticket.yuan", { n: amount.toLocaleString("en") }));
  add("ticket.contacts", t("ticket.nth", { n: customer.contacts ?? 1 }));
  if (decision?.priority) {
    const level = make("span", { class: "level small", "data-level": decision.priority, text: decision.priority });
    add("ticket.priority", "", make("dd", {}, level, ` ${t(`priority.${decision.priority}`)}`));
    add("ticket.due", "", make("dd", {}, make("time", { datetime: decision.due_at, text: moment(decision.due_at) })));
  }
  return make("dl", { class: "facts" }, ...rows);
}

/** Draws the ticket; `head` is the one whose evidence is marked.
 * @param {HTMLElement} place @param {Card} card @param {import("./decision.js").Names} names @param {string} head */
export function drawTicket(place, card, names, head) {
  const words = make("div", { class: "words", lang: "zh-CN", tabindex: "0", role: "group", "aria-label": t("ticket.text") });
  place.replaceChildren(
    make(
      "p",
      { class: "reason", id: "why" },
      make("strong", { class: "badge", "data-reason": card.reason, text: t(`why.${card.reason}`) }),
      make("span", { class: "reason-text", text: why(card) }),
    ),
    words,
    facts(card, names),
  );
  place.dataset.blind = String(Boolean(card.blind));
  mark(place, card, names, head);
}

/** Marks the words that speak for the predicted label of `head`.
 * @param {any} place @param {Pick<Card, "text" | "evidence" | "decision">} card @param {import("./decision.js").Names} names
 * @param {string} head */
export function mark(place, card, names, head) {
  const words = place.querySelector(".words");
  const own = (card.evidence ?? []).filter((item) => item.head === head && item.weight > 0);
  const most = Math.max(...own.map((item) => item.weight), 0);
  const title = names.title(head);
  words.dataset.head = head;
  words.classList.toggle("blank", !card.text.trim());
  if (!card.text.trim()) return words.replaceChildren(t("ticket.blank"));
  return words.replaceChildren(
    ...stretches(card.text, own, card.decision?.unread).map((part) =>
      part.weight > 0
        ? make("mark", {
            text: part.text,
            title: t("ticket.weight", { head: title, n: part.weight.toFixed(2) }),
            style: { "--share": (0.25 + 0.75 * (part.weight / most)).toFixed(3) },
          })
        : unmarked(part),
    ),
  );
}

/**
 * What helps to decide: what was said of this ticket already, the two labels in doubt and the one chosen explained, and
 * similar tickets. `rules`: head -> {labels: {code: {zh, en}}}, the short guideline where there is one.
 * @param {HTMLElement} place @param {Card} card @param {import("./decision.js").Names} names @param {Rules} rules
 * @param {string} head @param {Codes} labels
 */
export function drawBeside(place, card, names, rules, head, labels) {
  const { doubt_head: doubted, doubt } = card;
  const apart = doubt ? guide("guide.doubt", names, rules, doubted, doubt, labels[doubted], card.hint) : null;
  const explained = doubted === head && doubt?.includes(labels[head]);
  const chosen = explained ? null : guide("guide.chosen", names, rules, head, [labels[head]].filter(Boolean), labels[head]);
  place.replaceChildren(...[said(card, names), apart, similar(card, names), chosen].filter(Boolean));
}

/** @type {(text: Both | undefined) => string | undefined} */
const inWords = (text) => (english() ? text?.en : text?.zh);

function guide(title, names, rules, head, codes, chosen, hint) {
  const one = (code) => {
    const label = names.heads[head]?.labels.find((entry) => entry.code === code);
    const own = inWords(rules[head]?.labels[code]) || (english() && label?.definition_en);
    return make(
      "div",
      { class: code === chosen ? "rule chosen" : "rule" },
      make("h4", { text: names.label(head, code) }),
      make("p", { text: own || label?.definition || "", lang: english() && !own ? "zh-CN" : undefined }),
    );
  };
  return make(
    "section",
    { class: "card guide", "data-head": head },
    make("h3", { text: `${names.title(head)} · ${t(title)}` }),
    hint ? make("p", { class: "tell-apart", text: inWords(hint) }) : null,
    codes.length ? make("div", { class: "rules" }, ...codes.map(one)) : make("p", { class: "hint", text: t("guide.nothing") }),
  );
}

/** What was answered already: by the helpdesk that reported the ticket, or by those who are in conflict. */
function said(card, names) {
  if (!card.answers?.length) return null;
  const item = (answer) =>
    make(
      "li",
      {},
      make(
        "p",
        { class: "chips" },
        make("span", { class: "hint", text: hasMessage(`origin.${answer.source}`) ? t(`origin.${answer.source}`) : answer.source }),
        ...Object.entries(answer.labels).map(([head, code]) => chip(head, names.label(head, code))),
      ),
      answer.note ? make("p", { lang: "zh-CN", text: answer.note }) : null,
    );
  return make("section", { class: "card" }, make("h3", { text: t("said.title") }), make("ul", { class: "pasts" }, ...card.answers.map(item)));
}

function similar(card, names) {
  if (!card.similar?.length) return null;
  const item = (past) =>
    make(
      "li",
      {},
      make("p", { class: "past", lang: "zh-CN", text: past.text }),
      make("p", { class: "chips" }, ...Object.entries(past.labels ?? {}).map(([head, code]) => chip(head, names.label(head, code)))),
    );
  return make("section", { class: "card" }, make("h3", { text: t("similar.title") }), make("ul", { class: "pasts" }, ...card.similar.map(item)));
}
