// What the service says to its pages, for the type check of their scripts (make lint). The contracts themselves are
// serving/web/schemas.py (OpenAPI) and, for review/api, the docstrings of serving/review/routes.py and cards.py.

/** What the try page sends. */
interface Ticket {
  text: string;
  channel?: string;
  customer_tier?: string;
  order_amount?: number | string;
  contact_count?: number | string;
}

type Action = "auto" | "suggest" | "human";

interface HeadAnswer {
  label: string;
  name: string;
  /** null: a guess, out of the model's scope. */
  confidence: number | null;
  action: Action;
  alternatives: { label: string; confidence: number }[];
}

interface Reason {
  rule: string;
  text: string;
  effect: string;
}

/** A stretch of the text in code points. */
interface Evidence {
  head: string;
  start: number;
  end: number;
  text?: string;
  weight: number;
}

/** A stretch of the text, in code points, that the model did not read, and what it is. */
interface Unread {
  start: number;
  end: number;
  kind: string;
}

interface Named {
  name: string;
  version: string;
}

interface Decision {
  ticket_id: string;
  action: Action;
  queue: string;
  priority: string;
  due_at: string;
  reasons: Reason[];
  evidence: Evidence[];
  similar: { text: string; category: string }[];
  profile: Named;
  model: Named;
  degraded: boolean;
  unread?: Unread[];
  /** Answers of the heads; which there are, the labels say. */
  [head: string]: any;
}

interface Label {
  code: string;
  name?: string;
  name_en?: string;
  definition?: string;
  definition_en?: string;
}

interface Head {
  title?: string;
  title_en?: string;
  labels: Label[];
}

/** What `/v1/labels` answers. */
interface Labels {
  heads?: Record<string, Head>;
}

/** Head -> label. */
type Codes = Record<string, string>;

interface Both {
  zh: string;
  en: string;
}

/** A ticket as a reviewer sees it. A blind one has no decision and no evidence. */
interface Card {
  item_id: string;
  ticket_id: string;
  text: string;
  reason: string;
  reason_text: string;
  reason_text_en: string;
  blind: boolean;
  received_at: string;
  channel: string;
  customer?: { tier?: string; contacts?: number };
  order?: { amount?: number | null };
  decision?: Decision | null;
  evidence?: Evidence[];
  similar?: { text: string; labels?: Codes }[];
  answers?: { source: string; labels: Codes; note?: string }[];
  doubt_head: string;
  doubt: string[] | null;
  hint?: Both;
}

/** Head -> the short guideline of its labels. */
type Rules = Record<string, { labels: Record<string, Both> }>;

interface Counts {
  mine: number;
  open: number;
  conflicts: number;
}

/** What is on a reviewer's screen or waits for it. */
interface Entry {
  card: Card;
  labels: Codes;
  note: string;
  given?: boolean;
  at: number;
  fault?: Fault;
}

/** What went wrong with a call; see review-api.js. */
interface Fault extends Error {
  kind: string;
  status: number;
  id: string;
  name: string;
  passes: boolean;
}

/** A change on its way to the server; see review-queue.js. */
interface Change {
  send: () => Promise<any>;
  done?: (answer: any) => unknown;
  refused?: (fault: Fault) => unknown;
  item?: string;
  kept?: Entry;
}

/** What `/insight/truth/suspects` answers, or why it did not. */
interface Suspects {
  fault?: string;
  least: number;
  heads: Record<string, { title: [string, string]; labels: number; suspected: number | null; tickets: any[] }>;
}

declare const SwaggerUIBundle: (options: object) => unknown;

interface Window {
  ui: unknown;
}
