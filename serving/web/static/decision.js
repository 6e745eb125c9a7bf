// @ts-check
// A decision, drawn. Labels' names come from the page's labels; sentences come from the server (Chinese) or the messages.

import { copyButton, make, percent } from "./dom.js";
import { evidencePanel } from "./evidence.js";
import { english, hasMessage, t } from "./i18n.js";

const ZONE = "Asia/Shanghai";

/** Names of heads and labels in the current language; a code without a name stands for itself. */
export class Names {
  /** @param {Labels} labels */
  constructor(labels) {
    this.heads = labels.heads ?? {};
    /** Codes of the heads, in the order in which they are always listed. */
    this.order = Object.keys(this.heads);
  }
  /** Of the known heads, those that `given` (head -> anything) speaks of. */
  among(given) {
    return this.order.filter((head) => given[head]);
  }
  /** @param {string} head @returns {string} */
  title(head) {
    const known = this.heads[head];
    return (english() ? known?.title_en : known?.title) || known?.title || head;
  }
  /** @param {string} head @param {string} code @returns {string} */
  label(head, code) {
    const known = this.heads[head]?.labels.find((label) => label.code === code);
    return (english() ? known?.name_en : known?.name) || known?.name || code;
  }
  /** @param {string} code */
  queue(code) {
    return code === "manual" ? t("queue.manual") : this.label("category", code);
  }
}

/** A confidence as it is shown; a guess (null: out of the model's scope) has none.
 * @type {(confidence: number | null) => string} */
export const sureness = (confidence) => (confidence === null ? t("guess") : percent(confidence));

/** Draws `decision` for `ticket` into `place`; `view` keeps the chosen head between drawings.
 * @param {HTMLElement} place @param {Decision} decision @param {Ticket} ticket @param {Names} names
 * @param {{ head: string }} view */
export function draw(place, decision, ticket, names, view) {
  const heads = names.among(decision).map((code) => ({
    code,
    title: names.title(code),
    label: names.label(code, decision[code].label),
  }));
  /** @type {NodeListOf<HTMLElement>} */
  const unfolded = place.querySelectorAll("details[open]");
  const open = [...unfolded].map((node) => node.dataset.name);
  place.replaceChildren(
    ...[
      decision.degraded ? degraded() : null,
      summary(decision, names),
      priorityParts(decision, ticket, names),
      evidencePanel(ticket.text, decision, heads, view.head, (head) => (view.head = head)),
      heads.length ? confidences(decision, names) : null,
      notes(decision, ticket, names),
      similar(decision, names),
      footer(decision, ticket, open),
    ].filter(Boolean),
  );
  tick(place);
}

/** Brings the countdown up to date.
 * @param {HTMLElement} place */
export function tick(place) {
  /** @type {HTMLElement | null} */
  const node = place.querySelector("[data-due]");
  if (!node) return;
  const seconds = Math.round((Date.parse(node.dataset.due ?? "") - Date.now()) / 1000);
  node.textContent = t(seconds < 0 ? "due.late" : "due.left", { t: span(Math.abs(seconds)) });
  node.classList.toggle("late", seconds < 0);
}

function span(seconds) {
  const units = [t("span.d"), t("span.h"), t("span.min"), t("span.s")];
  const values = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const first = Math.min(values.findIndex(Boolean) === -1 ? 3 : values.findIndex(Boolean), 2);
  return values.slice(first, first + 2).map((value, i) => `${value} ${units[first + i]}`).join(" ");
}

function degraded() {
  return make(
    "div",
    { class: "banner" },
    make("strong", { text: t("degraded.title") }),
    make("span", { text: t("degraded.text") }),
  );
}

/** @param {Decision} decision @param {Names} names */
function summary(decision, names) {
  const due = new Date(decision.due_at);
  const locale = english() ? "en-GB" : "zh-CN";
  const part = (options) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }).format(due);
  const days = [part({ month: english() ? "short" : "long", day: "numeric" }), part({ weekday: "short" })];
  if (english()) days.reverse();
  const when = [...days, part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })].join(" ");
  const box = (name, ...children) =>
    make("div", { class: `sum ${name}` }, make("span", { class: "sum-name", text: t(name) }), ...children);
  return make(
    "div",
    { class: "summary", "data-action": decision.action },
    make(
      "div",
      { class: "verdict" },
      make("span", { class: "stamp", text: t(`action.${decision.action}`) }),
      make("span", { text: t(`action.${decision.action}.text`) }),
    ),
    make(
      "div",
      { class: "sums" },
      box(
        "queue",
        make("strong", { class: "sum-main", id: "queue", text: names.queue(decision.queue) }),
        make("span", { class: "sum-more code", text: decision.queue }),
      ),
      box(
        "priority",
        make(
          "strong",
          { class: "sum-main" },
          make("span", { class: "level", id: "priority", "data-level": decision.priority, text: decision.priority }),
        ),
        make("span", { class: "sum-more", text: t(`priority.${decision.priority}`) }),
      ),
      box(
        "due",
        make("strong", { class: "sum-main time" }, make("time", { datetime: decision.due_at, text: when })),
        make("span", { class: "sum-more", "data-due": decision.due_at, role: "timer", "aria-live": "off" }),
      ),
    ),
  );
}

/** What the reason's words need, in English; the Chinese sentence comes from the server.
 * @param {Reason} reason @param {Decision} decision @param {Ticket} ticket @param {Names} names */
function sentence(reason, decision, ticket, names) {
  const key = `reason.${reason.rule}`;
  if (!english() || !hasMessage(key)) return { text: reason.text, lang: "zh-CN" };
  const label = (head) => (decision[head] ? names.label(head, decision[head].label) : "");
  const text = t(key, {
    ...Object.fromEntries(names.order.map((head) => [head, label(head)])),
    queue: names.queue(reason.effect.split("→").at(-1) ?? ""),
    priority: reason.effect.split("→").at(-1),
    tier: t(`tier.${ticket.customer_tier ?? "regular"}`),
    amount: (ticket.order_amount ?? 0).toLocaleString("en"),
    contacts: ticket.contact_count ?? 1,
  });
  return { text, lang: "en" };
}

/** @type {(reason: Reason) => string | undefined} */
const raises = (reason) => reason.effect.split(",").find((effect) => /^P\d→P\d$/.test(effect));

/** @param {Decision} decision @param {Ticket} ticket @param {Names} names */
function priorityParts(decision, ticket, names) {
  const points = decision.reasons.filter((reason) => reason.rule.startsWith("points.") && reason.effect.startsWith("+"));
  const total = decision.reasons.find((reason) => reason.rule === "points.total");
  const sum = points.reduce((value, reason) => value + Number(reason.effect), 0);
  const chips = points.map((reason) =>
    make(
      "li",
      { class: "chip" },
      make("span", sentence(reason, decision, ticket, names)),
      make("b", { text: reason.effect }),
    ),
  );
  if (!chips.length) chips.push(make("li", { class: "chip", text: t("parts.none") }));
  chips.push(
    make(
      "li",
      { class: "chip sum-chip", title: english() ? undefined : total?.text },
      make("span", { text: `= ${t("parts.total", { n: sum })}` }),
      make("b", { class: "level small", "data-level": total?.effect, text: total?.effect ?? "" }),
    ),
  );
  for (const reason of decision.reasons) {
    const to = raises(reason)?.split("→")[1];
    if (!to) continue;
    chips.push(
      make(
        "li",
        { class: "chip raise" },
        make("span", { "aria-hidden": "true", text: "↑" }),
        make("span", sentence(reason, decision, ticket, names)),
        make("b", { class: "level small", "data-level": to, text: to }),
      ),
    );
  }
  return make(
    "section",
    { class: "block" },
    make("h3", { text: t("parts") }),
    make("ul", { class: "chips" }, ...chips),
  );
}

/** @param {Decision} decision @param {Names} names */
function confidences(decision, names) {
  const rows = (head, answer) =>
    [answer, ...answer.alternatives].map((entry, i) =>
      make(
        "div",
        { class: i ? "bar other" : "bar" },
        make("span", { class: "bar-name", text: names.label(head, entry.label) }),
        make("span", { class: "track", "aria-hidden": "true" },
          make("span", { class: "fill", style: { "--share": entry.confidence ?? 0 } })),
        make("span", { class: "bar-share", text: sureness(entry.confidence) }),
      ),
    );
  return make(
    "section",
    { class: "block" },
    make("h3", { text: t("sure") }),
    make(
      "div",
      { class: "heads" },
      ...names.order.map((head) =>
        make(
          "div",
          { class: "head", "data-head": head },
          make(
            "div",
            { class: "head-name" },
            make("span", { text: names.title(head) }),
            decision[head] ? make("span", { class: "tag", "data-action": decision[head].action, text: t(`head.${decision[head].action}`) }) : null,
          ),
          ...(decision[head] ? rows(head, decision[head]) : [make("p", { class: "hint", text: t("sure.none") })]),
        ),
      ),
    ),
  );
}

/** @param {Decision} decision @param {Ticket} ticket @param {Names} names */
function notes(decision, ticket, names) {
  // Points and mere raises stand in the priority's own line already.
  const told = decision.reasons.filter((reason) => !reason.rule.startsWith("points.") && raises(reason) !== reason.effect);
  if (!told.length) return null;
  const item = (reason) =>
    make(
      "li",
      {},
      make("span", { class: "note-text", ...sentence(reason, decision, ticket, names) }),
      make(
        "span",
        { class: "note-rule code" },
        ...[reason.rule, ...reason.effect.split(",")].map((code) => make("span", { text: code })),
      ),
    );
  return make("section", { class: "block" }, make("h3", { text: t("reasons") }), make("ul", { class: "notes" }, ...told.map(item)));
}

/** @param {Decision} decision @param {Names} names */
function similar(decision, names) {
  if (!decision.similar.length) return null;
  const item = (past) =>
    make("li", {}, make("span", { class: "note-text", lang: "zh-CN", text: past.text }),
      make("span", { class: "note-rule", text: names.label("category", past.category) }));
  return make("section", { class: "block" }, make("h3", { text: t("similar") }),
    make("ul", { class: "notes" }, ...decision.similar.map(item)));
}

/** @param {Decision} decision @param {Ticket} ticket @param {(string | undefined)[]} open */
function footer(decision, ticket, open) {
  const json = JSON.stringify(decision, null, 2);
  const url = new URL("v1/triage?dry_run=true", document.baseURI).href;
  const quoted = JSON.stringify(ticket).replaceAll("'", "'\\''");
  const curl = `curl -sS '${url}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${quoted}'`;
  const fold = (name, text) =>
    make("details", { "data-name": name, open: open.includes(name) }, make("summary", { text: t(name) }),
      make("div", { class: "source" }, copyButton(() => text, t), make("pre", { tabindex: "0", text })));
  const pair = (name, value) => make("span", {}, make("span", { text: `${t(`source.${name}`)} ` }), make("span", { class: "code", text: value }));
  const model = decision.model.name ? `${decision.model.name} ${decision.model.version}`.trim() : t("source.none");
  return make("div", { class: "tail" }, fold("json", json), fold("curl", curl),
    make("p", { class: "made" }, pair("model", model), pair("profile", `${decision.profile.name} ${decision.profile.version}`)));
}
