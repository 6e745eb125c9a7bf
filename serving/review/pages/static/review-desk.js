// @ts-check
// The desk: one ticket a screen, the next one ready, answers stored in the background.

import { Names } from "./decision.js";
import { make } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { call } from "./review-api.js";
import { drawBeside, drawTicket, mark, why } from "./review-card.js";
import { Heads } from "./review-heads.js";
import { watchKeys } from "./review-keys.js";
import { Progress } from "./review-progress.js";
import { Queue } from "./review-queue.js";
import { showTrouble } from "./review-trouble.js";

const LOOK = 20_000; // milliseconds between looks for new tickets while there are none

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const STALE = Number(byId("review").dataset.lease) * 0.8 * 60_000; // milliseconds; a ticket fetched ahead before is fetched anew
const names = new Names(JSON.parse(byId("labels").textContent));
/** @type {Rules} */
const rules = JSON.parse(byId("rules").textContent);
const queue = new Queue(trouble);
const progress = new Progress(byId("progress"), queue, tell);
/** @type {Map<string, { labels: Codes, note: string }>} */
const given = new Map(); // item_id -> what was answered here, for the undo
/** @type {Entry | null} */
let current = null; // on the screen
/** @type {Entry[]} */
let ahead = []; // entries that come next
/** @type {Entry[]} */
let refused = []; // entries whose answers were not taken; they come before those ahead
let fetching = false;
let exhausted = false;
let busy = false; // an undo is under way
let waiting = 0; // timer of the next look for tickets

const heads = new Heads(byId("heads"), names, (head) => {
  if (!current) return;
  mark(byId("ticket"), current.card, names, head);
  drawBeside(byId("beside"), current.card, names, rules, head, heads.labels);
});

/** @type {(card: Card, answer?: { labels?: Codes, note?: string }) => Entry} */
const entry = (card, answer = {}) => ({
  card,
  labels: answer.labels ?? predicted(card),
  note: answer.note ?? "",
  given: Boolean(answer.labels),
  at: performance.now(),
});

/** What the model says, head by head: never for a blind ticket, whatever came with it.
 * @type {(card: Card) => Record<string, HeadAnswer>} */
const guesses = (card) => {
  const { blind, decision } = card;
  if (blind || !decision) return {};
  return Object.fromEntries(heads.heads.filter((head) => decision[head]).map((head) => [head, decision[head]]));
};
/** @type {(card: Card) => Codes} */
const predicted = (card) => Object.fromEntries(Object.entries(guesses(card)).map(([head, { label }]) => [head, label]));

/** @param {Entry} next */
function show(next, word = "") {
  current = next;
  const { card } = next;
  byId("idle").hidden = true;
  byId("review").hidden = false;
  byId("note").value = next.note;
  fitNote();
  heads.active = heads.heads[0];
  heads.fill(next.labels, guesses(card));
  drawTicket(byId("ticket"), card, names, heads.active);
  drawBeside(byId("beside"), card, names, rules, heads.active, next.labels);
  complain(next.fault);
  scrollTo({ top: 0 });
  heads.activate(heads.missing()[0] ?? heads.active);
  announce(word);
}

/** @param {string} word */
function announce(word) {
  if (!current) return;
  const { card, labels } = current;
  const words = heads.said(labels);
  let guess = card.blind ? t("desk.said.blind") : words && t("desk.said.guess", { labels: words });
  if (current.given) guess = t("desk.said.given", { labels: words });
  tell((word ? `${word}. ` : "") + t("desk.said", { why: card.reason === "blind" ? t("why.blind") : why(card), guess, text: card.text.slice(0, 400) }));
}

function tell(text) {
  byId("said").textContent = text;
}

/** Keeps what stands on the screen in the entry, so that it can come back as it was. */
function keep() {
  if (current) Object.assign(current, { labels: heads.labels, note: byId("note").value });
  return current;
}

function advance() {
  current = null;
  ahead = ahead.filter((item) => performance.now() - item.at < STALE);
  const next = refused.shift() ?? ahead.shift();
  if (next) show(next);
  else rest();
  fill();
}

/** Nothing on the screen: either the next ticket is on its way, or there is none. */
function rest() {
  if (current) return;
  byId("review").hidden = true;
  byId("idle").hidden = !exhausted;
  clearTimeout(waiting);
  if (!exhausted) return tell(t("desk.loading"));
  tell(t("desk.empty"));
  byId("idle-title").focus();
  waiting = setTimeout(look, LOOK);
  return undefined;
}

function look() {
  exhausted = false;
  fill();
}

/** Sees to it that a ticket is ready when this one is done. */
function fill() {
  if (fetching || exhausted || (current && ahead.length)) return;
  fetching = true;
  queue.push({
    send: () => call("POST", "next", { after: current?.card.item_id ?? null }),
    done: (answer) => {
      fetching = false;
      if (!queue.stalled) complain(null, "trouble");
      progress.set(answer.counts);
      const { card } = answer;
      // Answered faster than the next one came: the server did not know that yet.
      if (card && queue.holds(card.item_id)) return fill();
      exhausted = !card;
      const known = card && [current, ...ahead].some((item) => item?.card.item_id === card.item_id);
      if (card && !known) {
        if (current) ahead.push(entry(card));
        else show(entry(card));
        return fill();
      }
      return current ? undefined : rest();
    },
    refused: (fault) => {
      fetching = false;
      exhausted = true;
      rest();
      complain(fault, "trouble");
    },
  });
}

function submit() {
  const mine = keep();
  if (!mine || busy) return;
  if (heads.missing().length) {
    heads.ask();
    tell(t("heads.asked"));
    return;
  }
  const { item_id: id } = mine.card;
  delete mine.fault;
  given.set(id, { labels: mine.labels, note: mine.note });
  queue.push({
    item: id,
    kept: mine,
    send: () => call("POST", `items/${encodeURIComponent(id)}/submit`, { labels: mine.labels, note: mine.note }),
    done: () => progress.change(1),
    refused: (fault) => again(mine, fault),
  });
  exhausted = false;
  advance();
}

function skip() {
  if (!current || busy) return;
  const { fault, card } = current;
  exhausted = false;
  // A ticket that somebody else has is not this person's to skip: it is only let go.
  if (fault?.kind !== "lost") {
    const id = card.item_id;
    queue.push({ item: id, send: () => call("POST", `items/${encodeURIComponent(id)}/skip`, {}), refused: () => {} });
  }
  progress.flash(t("desk.skipped"));
  advance();
}

function undo() {
  if (busy) return;
  const unsent = queue.takeBack();
  if (unsent) return back(entry(unsent.card, unsent));
  if (queue.stalled) return;
  busy = true;
  const free = () => (busy = false);
  queue.push({
    send: () => call("POST", "undo", {}),
    done: (answer) => {
      free();
      if (!answer.card) return progress.flash(t("desk.undone.none"));
      progress.change(-1);
      const { card } = answer;
      return back(entry(card, answer.labels ? answer : (given.get(card.item_id) ?? {})));
    },
    refused: (fault) => {
      free();
      progress.flash(fault.message || t("again.refused", fault));
    },
  });
}

/** Puts an answer that was taken back on the screen; what stood there comes after it.
 * @param {Entry} item */
function back(item) {
  const before = keep();
  if (before) ahead.unshift(before);
  ahead = ahead.filter(({ card }) => card.item_id !== item.card.item_id);
  progress.flash(t("desk.undone"));
  show(item, t("desk.undone"));
}

/** An answer was not taken: it comes again, with the reason, as soon as the ticket on the screen is done.
 * @param {Entry} item @param {Fault} fault */
function again(item, fault) {
  refused.push({ ...entry(item.card, item), fault });
  if (!current) advance();
  else progress.flash(t(fault.kind === "lost" ? "again.lost" : "again.refused", fault));
}

/** Says what is wrong with the entry on the screen (or, with `place`, what is wrong at all).
 * @param {Fault | null | undefined} fault */
function complain(fault, place = "again") {
  const node = byId(place);
  node.hidden = !fault;
  if (!fault) return node.replaceChildren();
  return node.replaceChildren(
    make("p", {}, make("strong", { text: fault.message && fault.kind !== "lost" ? fault.message : t(`again.${fault.kind === "lost" ? "lost" : "refused"}`, fault) })),
    place === "again" ? make("p", { text: t("again.what") }) : "",
    fault.id ? make("p", { class: "code", text: t("fault.id", { id: fault.id }) }) : "",
  );
}

function trouble() {
  if (queue.stalled) busy = false;
  showTrouble(byId("trouble"), queue);
  progress.draw();
}

function marks(on = document.documentElement.dataset.marks === "off") {
  if (on) delete document.documentElement.dataset.marks;
  else document.documentElement.dataset.marks = "off";
  progress.flash(t(on ? "desk.marks.on" : "desk.marks.off"));
}

function fitNote() {
  const note = byId("note");
  note.rows = Math.min(Math.max(note.value.split("\n").length, note.value.length > 40 ? 2 : 1), 6);
}

byId("answer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("note").addEventListener("input", fitNote);
byId("skip").addEventListener("click", skip);
byId("undo").addEventListener("click", undo);
byId("look").addEventListener("click", look);
const help = () => byId("help").showModal();
byId("keys").addEventListener("click", help);
watchKeys({
  plain: { k: skip, z: undo, e: () => marks(), n: () => byId("note").focus(), "?": help },
  submit,
  heads,
  active: () => Boolean(current) && !busy,
  help: byId("help"),
});

addEventListener("beforeunload", (event) => {
  if (queue.kept.length || refused.length || current?.fault) event.preventDefault();
});
addEventListener("pagehide", () => {
  // Others need not wait for the leases to end. Where this does not arrive, they end by themselves.
  const unsent = new Set(queue.kept.map(({ card }) => card.item_id));
  for (const item of [current, ...ahead]) {
    if (!item || unsent.has(item.card.item_id)) continue;
    const path = `items/${encodeURIComponent(item.card.item_id)}/release`;
    call("POST", path, {}, { keepalive: true, signal: undefined }).catch(() => {});
  }
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // the leases were given back
});

onLanguage(() => {
  heads.dress();
  if (current) {
    keep();
    drawTicket(byId("ticket"), current.card, names, heads.active);
    drawBeside(byId("beside"), current.card, names, rules, heads.active, heads.labels);
    complain(current.fault);
  }
  trouble();
});
fill();
