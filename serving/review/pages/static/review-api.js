// @ts-check
// Calls of the review endpoints: one shape for everything that can go wrong, and a fresh CSRF token after a new sign-in.

const PATIENCE = 15_000; // milliseconds until a call without an answer counts as lost

/** @type {(page: Document) => HTMLMetaElement | null} */
const meta = (page) => page.querySelector('meta[name="csrf"]');
/** @type {(page: Document) => string | undefined} */
const nameIn = (page) => /** @type {HTMLMetaElement | null} */ (page.querySelector('meta[name="person"]'))?.content;

export const root = document.documentElement.dataset.root;
export const person = nameIn(document);
let csrf = meta(document)?.content ?? "";

/**
 * What went wrong with a call. `kind`: "network" (no answer), "session" (signed out), "server" (it could not just now),
 * "lost" (somebody else has the ticket, or it is answered), "refused" (anything else). The first three pass.
 */
export class Fault extends Error {
  /** @param {string} kind */
  constructor(kind, { status = 0, message = "", id = "", name = "" } = {}) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.id = id;
    this.name = name;
  }
  get passes() {
    return ["network", "session", "server"].includes(this.kind);
  }
}

/** Sends a request below `review/api/` and gives the answer's JSON.
 * @param {string} method @param {string} path @param {unknown} [body] @param {RequestInit} [options]
 * @returns {Promise<any>} */
export async function call(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  let answer;
  try {
    response = await fetch(`${root}review/api/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: options.keepalive ? undefined : AbortSignal.timeout(PATIENCE),
      ...options,
    });
    answer = response.status === 204 ? null : await response.json().catch(() => undefined);
  } catch {
    throw new Fault("network");
  }
  if (response.ok && answer !== undefined) return answer;
  const { field, message, request_id: id } = answer?.error ?? {};
  throw new Fault(kindOf(response.status, field), { status: response.status, message, id });
}

function kindOf(status, field) {
  if (status === 401 || (status === 403 && field === "X-CSRF-Token")) return "session"; // a new sign-in has a new token
  if (status >= 500 || status === 429) return "server";
  return status === 409 ? "lost" : "refused";
}

/**
 * Takes up the session after somebody signed in again in another tab.
 * The answers that wait here belong to whoever gave them: another person's session is not used for them.
 */
export async function renew() {
  let page;
  try {
    const response = await fetch(`${root}review/home`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    throw new Fault("network");
  }
  const fresh = meta(page)?.content;
  if (!fresh) throw new Fault("session");
  if (nameIn(page) !== person) throw new Fault("session", { name: nameIn(page) });
  csrf = fresh;
}
