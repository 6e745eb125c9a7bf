// @ts-check
// What the page says, in Chinese and English, and the switch between them.

import { percent } from "./dom.js";

/** Key -> Chinese, English.
 * @type {Record<string, [string, string]>} */
const WORDS = {
  "skip": ["跳到正文", "Skip to content"],
  "nav": ["页面导航", "Pages"],
  "nav.home": ["首页", "Home"],
  "nav.desk": ["审核", "Review"],
  "nav.search": ["搜索", "Search"],
  "nav.conflicts": ["裁定", "Conflicts"],
  "nav.truth": ["真实准确率", "Truth"],
  "nav.shadow": ["影子对比", "Shadow"],
  "sign.out": ["退出", "Sign out"],
  "docs": ["接口文档", "API docs"],
  "page": ["分单 · 试一张工单", "Fendan · Try a ticket"],
  "title": ["试一张工单", "Try a ticket"],
  "lead": [
    "贴一段客户的话，看它该去哪个队列、多急、何时到期、有多大把握，以及为什么。只是试算，不会保存。",
    "Paste what a customer wrote and see its queue, priority, due time, confidence and the reasons. A rehearsal: nothing is stored.",
  ],
  "text": ["客户的话", "What the customer wrote"],
  "placeholder": ["例如：快递显示签收了，可是我没收到……", "Chinese text, e.g. 快递显示签收了，可是我没收到……"],
  "count": ["{n} 字", "{n} characters"],
  "tier": ["客户等级", "Customer tier"],
  "tier.regular": ["普通", "Regular"],
  "tier.silver": ["银卡", "Silver"],
  "tier.gold": ["金卡", "Gold"],
  "tier.vip": ["VIP", "VIP"],
  "channel": ["渠道", "Channel"],
  "channel.none": ["不填", "None"],
  "channel.chat": ["在线聊天", "Chat"],
  "channel.form": ["网页表单", "Web form"],
  "channel.email": ["邮件", "E-mail"],
  "channel.phone": ["电话", "Phone"],
  "channel.voice": ["语音转写", "Voice to text"],
  "channel.weibo": ["微博", "Weibo"],
  "channel.app": ["App", "App"],
  "channel.agent": ["客服代填", "Agent's note"],
  "amount": ["订单金额（元）", "Order (yuan)"],
  "contacts": ["第几次联系", "Contact number"],
  "send": ["分单", "Triage"],
  "clear": ["清空", "Clear"],
  "examples": ["点一个例子", "Click an example"],
  "result": ["分单结果", "Decision"],
  "empty.title": ["结果会出现在这里", "The decision appears here"],
  "empty.text": ["写一段话，或点一个例子。", "Write something, or click an example."],
  "theme.auto": ["自动", "Auto"],
  "theme.light": ["浅色", "Light"],
  "theme.dark": ["深色", "Dark"],
  "theme.label": ["明暗：{name}，点击切换", "Theme: {name}. Click to change"],
  "language": ["EN", "中文"],
  "language.label": ["Switch to English", "切换到中文"],

  "queue": ["队列", "Queue"],
  "queue.manual": ["人工分派", "Manual sorting"],
  "priority": ["优先级", "Priority"],
  "priority.P1": ["立即", "Now"],
  "priority.P2": ["优先", "Soon"],
  "priority.P3": ["正常", "In turn"],
  "priority.P4": ["可缓", "Can wait"],
  "due": ["到期", "Due"],
  "left": ["还有 {t}", "{t} left"],
  "late": ["已超时 {t}", "{t} overdue"],
  "action.auto": ["自动分派", "Automatic"],
  "action.suggest": ["请人确认", "To confirm"],
  "action.human": ["交给人工", "For a person"],
  "head.auto": ["有把握", "Sure"],
  "head.suggest": ["待确认", "Check"],
  "head.human": ["没把握", "Unsure"],
  "action.auto.text": ["把握足够，不用人看", "Sure enough; nobody needs to look"],
  "action.suggest.text": ["有建议，由人点头", "A proposal; a person decides"],
  "action.human.text": ["没有可靠的建议", "No reliable proposal"],
  "degraded.title": ["没有可用的模型", "No model is available"],
  "degraded.text": [
    "服务照常收工单，但读不了内容：一律进人工队列，不给分类，也不给把握。",
    "Tickets are still accepted, but no model has read this one: it goes to the manual queue, with no label and no confidence.",
  ],
  "parts": ["优先级是怎么算的", "How the priority came about"],
  "parts.none": ["没有加分项", "Nothing adds points"],
  "parts.total": ["{n} 分", "{n} points"],
  "why": ["从哪些词看出来的", "Which words led to it"],
  "why.pick": ["{title}：{label}", "{title}: {label}"],
  "why.none": ["这一项没有突出的词。", "No words stand out here."],
  "why.weight": ["分量 {n}", "weight {n}"],
  "why.unread": ["没有读：{kind}", "not read: {kind}"],
  "unread.envelope": ["聊天消息的外壳", "a chat message's envelope"],
  "unread.html": ["网页标记", "HTML markup"],
  "unread.bbcode": ["论坛标记", "BBCode markup"],
  "unread.markdown": ["Markdown 标记", "Markdown markup"],
  "unread.quoted": ["引用的往来邮件", "quoted history"],
  "unread.transcript": ["聊天记录里别人的话", "others' turns of a chat"],
  "unread.signature": ["签名和声明", "signature or disclaimer"],
  "unread.form": ["表单的栏目", "a form's labels"],
  "unread.link": ["链接", "a link"],
  "sure": ["有多大把握", "How sure"],
  "sure.none": ["没有答案", "No answer"],
  "guess": ["猜测", "a guess"],
  "reasons": ["处理说明", "Notes"],
  "similar": ["相似的旧工单", "Similar past tickets"],
  "source": ["由谁作出", "Made by"],
  "source.model": ["模型", "Model"],
  "source.profile": ["方案", "Profile"],
  "source.none": ["无", "none"],
  "json": ["完整的 JSON", "Full JSON"],
  "curl": ["同样的 curl 命令", "The same call with curl"],
  "copy": ["复制", "Copy"],
  "copied": ["已复制", "Copied"],
  "copy.failed": ["复制不了", "Cannot copy"],
  "said": ["{queue}，{priority}，{action}。", "{queue}, {priority}, {action}."],
  "said.busy": ["正在分单……", "Working…"],

  "reason.queue": ["", "Goes to the queue “{queue}”"],
  "reason.blank": ["", "The ticket has no text (perhaps only a picture); a person has to look"],
  "reason.degraded": ["", "No model is available; the ticket is kept and sorted by hand"],
  "reason.own_words": ["", "Only the customer's own words were read; the grey parts were not"],
  "reason.nothing_left": ["", "Nothing of the customer's own was found beside markup or links, so the text was read as it stands"],
  "reason.unread_floor": ["", "Not understood yet, so it waits at {priority} or better"],
  "reason.missing_head": ["", "The model does not answer a question that the profile requires"],
  "reason.scope": ["", "Not understood: unlike the tickets the model has learned from, so the labels are guesses"],
  "reason.confidence": ["", "The required labels are not sure enough to act without a person"],
  "reason.unweighed": ["", "A label that the profile gives no points to; it counts as 0 until it is added under points"],
  "reason.fast_lane": ["", "Urgency “{urgency}” takes the fast lane"],
  "reason.urgency_watch": ["", "May be critical although another urgency is more likely"],
  "reason.points.urgency": ["", "Urgency: {urgency}"],
  "reason.points.sentiment": ["", "Sentiment: {sentiment}"],
  "reason.points.tier": ["", "Customer: {tier}"],
  "reason.points.order_amount": ["", "Order: {amount} yuan"],
  "reason.points.contacts": ["", "Contact number {contacts}"],
  "reason.points.waited_minutes": ["", "Waiting time"],

  "fault.network": ["连不上服务。请看服务是否还在运行，再试一次。", "Cannot reach the service. See whether it is running, then try again."],
  "fault.answer": ["服务的回答读不懂（状态码 {status}）。", "The service gave an answer that cannot be read (status {status})."],
  "fault.invalid_ticket": ["", "The field “{field}” is not valid."],
  "fault.too_large": ["", "The text is too long."],
  "fault.store_unavailable": ["", "The service cannot store tickets at the moment; try again shortly."],
  "fault.other": ["", "The request was refused ({code})."],
  "fault.id": ["请求编号 {id}", "Request {id}"],
};

let index = document.documentElement.lang === "en" ? 1 : 0;

export const english = () => index === 1;

/** The words for a key; `{name}` is replaced from `values`. An empty Chinese entry means: the server says it itself.
 * @param {string} key @param {Record<string, any>} values */
export function say(key, values = {}) {
  const entry = WORDS[key];
  if (!entry) return key;
  return entry[index].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A confidence as it is shown; a guess (null: out of the model's scope) has none.
 * @type {(confidence: number | null) => string} */
export const sureness = (confidence) => (confidence === null ? say("guess") : percent(confidence));

/** Adds a page's own words. To be called before `switches`.
 * @param {Record<string, [string, string]>} words */
export const teach = (words) => void Object.assign(WORDS, words);

/** @type {(key: string) => boolean} */
export const knows = (key) => key in WORDS;

/** Elements of the page.
 * @type {(selector: string) => NodeListOf<HTMLElement>} */
export const marked = (selector) => document.querySelectorAll(selector);

/** Puts the current language into everything that is marked with data-word. */
export function dress() {
  const root = document.documentElement;
  root.lang = english() ? "en" : "zh-CN";
  for (const node of marked("[data-word]")) node.textContent = say(node.dataset.word ?? "");
  for (const node of marked("[data-word-label]")) {
    node.setAttribute("aria-label", say(node.dataset.wordLabel ?? ""));
  }
  for (const node of marked("[data-word-placeholder]")) {
    node.setAttribute("placeholder", say(node.dataset.wordPlaceholder ?? ""));
  }
  delete root.dataset.waiting;
}

/** Wires the language and theme buttons of the header; `changed` is called after each change of language.
 * @param {() => void} changed */
export function switches(changed) {
  const [language, theme, themeName] = ["language", "theme", "theme-name"].map(
    (id) => /** @type {HTMLElement} */ (document.getElementById(id)),
  );
  const root = document.documentElement;

  const show = () => {
    dress();
    language.textContent = say("language");
    language.lang = english() ? "zh-CN" : "en";
    language.setAttribute("aria-label", say("language.label"));
    const name = say(`theme.${root.dataset.theme || "auto"}`);
    themeName.textContent = name;
    theme.setAttribute("aria-label", say("theme.label", { name }));
  };

  language.addEventListener("click", () => {
    index = 1 - index;
    remember("fendan.language", english() ? "en" : "zh");
    show();
    changed();
  });
  theme.addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    remember("fendan.theme", next);
    show();
  });
  show();
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is forbidden here: the choice lasts until the page is left
  }
}
