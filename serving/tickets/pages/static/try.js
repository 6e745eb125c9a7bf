// @ts-check
// The page to try a ticket on: form in, decision out.

import { draw, Names, tick } from "./decision.js";
import { make } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import { english, hasMessage, onLanguage, t } from "./i18n.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const form = byId("form");
const names = new Names(JSON.parse(byId("labels").textContent));
const view = { head: "category" };
/** @type {{ decision: Decision, ticket: Ticket } | null} */
let last = null; // on show
/** @type {{ key: string, values?: object, message?: string, field?: string, id?: string } | null} */
let fault = null; // on show
/** @type {AbortController | null} */
let running = null; // of the request under way

/** The form as the ticket that is sent; what was left empty is not sent. A number that is none goes as it is written,
 * so that the service says what is wrong with it.
 * @returns {Ticket} */
function ticket() {
  /** @type {any} */
  const out = { text: form.text.value };
  if (form.channel.value) out.channel = form.channel.value;
  if (form.customer_tier.value !== "regular") out.customer_tier = form.customer_tier.value;
  for (const name of ["order_amount", "contact_count"]) {
    const value = form[name].value.trim();
    if (value) out[name] = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return out;
}

async function submit() {
  running?.abort();
  const mine = (running = new AbortController());
  const sent = ticket();
  busy(true);
  try {
    const response = await fetch("v1/triage?dry_run=true", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sent),
      signal: mine.signal,
    });
    const body = await response.json().catch(() => null);
    if (mine.signal.aborted) return;
    if (response.ok && body?.queue) show(body, sent);
    else complain(body?.error, response.status);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return;
    blame({ key: "fault.network" });
  } finally {
    if (running === mine) {
      running = null;
      busy(false);
    }
  }
}

function busy(on) {
  byId("send").setAttribute("aria-disabled", String(on));
  form.classList.toggle("busy", on);
  byId("result").setAttribute("aria-busy", String(on));
  if (on) {
    blame(null);
    byId("said").textContent = t("try.said.busy");
  }
}

/** @param {Decision} decision @param {Ticket} sent */
function show(decision, sent) {
  last = { decision, ticket: sent };
  byId("empty").hidden = true;
  byId("decision").hidden = false;
  draw(byId("decision"), decision, sent, names, view);
  announce();
  // On a narrow screen the result lies below the form: bring it into view.
  const box = byId("result").getBoundingClientRect();
  if (box.top > innerHeight * 0.7) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    byId("result").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
    byId("result-title").focus({ preventScroll: true });
  }
}

function announce() {
  if (!last) return;
  const { decision } = last;
  byId("said").textContent = t("try.said", {
    queue: names.queue(decision.queue),
    priority: decision.priority,
    action: t(`action.${decision.action}`),
  });
}

function complain(error, status) {
  if (!error?.code) return blame({ key: "try.fault.answer", values: { status } });
  const key = hasMessage(`try.fault.${error.code}`) ? `try.fault.${error.code}` : "try.fault.other";
  return blame({ key, values: error, message: error.message, field: error.field, id: error.request_id });
}

/** Shows what went wrong (null clears it): in English our words first, then the service's Chinese sentence. */
function blame(what) {
  fault = what;
  for (const node of form.querySelectorAll("[aria-invalid]")) {
    node.removeAttribute("aria-invalid");
    node.removeAttribute("aria-errormessage");
  }
  const place = byId("fault");
  place.hidden = !what;
  if (!what) return place.replaceChildren();
  const own = t(what.key, what.values);
  const title = english() || !what.message ? own : what.message;
  place.replaceChildren(
    make("p", { text: title }),
    english() && what.message ? make("p", { class: "fault-more", lang: "zh-CN", text: what.message }) : "",
    what.id ? make("p", { class: "fault-more code", text: t("fault.id", { id: what.id }) }) : "",
  );
  const field = what.field && form.elements.namedItem(what.field);
  if (field) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", "fault");
    field.focus();
  }
  byId("said").textContent = "";
  return undefined;
}

function count() {
  byId("count").textContent = t("try.count", { n: Array.from(form.text.value).length.toLocaleString("en") });
}

function examples() {
  byId("examples").replaceChildren(
    ...EXAMPLES.map(({ name, ticket: example }, i) => {
      const button = make(
        "button",
        { type: "button", class: "example" },
        make("span", { class: "example-title", text: t(`example.${name}`) }),
        make("span", { class: "example-text", lang: "zh-CN", text: example.text }),
      );
      button.dataset.example = i;
      button.addEventListener("click", () => {
        form.reset();
        for (const [field, value] of Object.entries(example)) form.elements.namedItem(field).value = value;
        count();
        submit();
      });
      return button;
    }),
  );
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.addEventListener("reset", () => {
  blame(null);
  requestAnimationFrame(() => {
    count();
    if (!running) form.text.focus();
  });
});
form.text.addEventListener("input", count);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
onLanguage(() => {
  examples();
  count();
  if (last) {
    draw(byId("decision"), last.decision, last.ticket, names, view);
    announce();
  }
  if (fault) blame(fault);
});
examples();
count();
setInterval(() => tick(byId("decision")), 1000);
