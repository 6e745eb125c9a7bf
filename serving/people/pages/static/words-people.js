// @ts-check
// What the pages to sign in and to begin say, in Chinese and English.

import { marked, switches, teach } from "./words.js";

/* An empty Chinese entry means: the server has written it itself, and the page keeps it. */
/** @type {Record<string, [string, string]>} */
const PEOPLE = {
  "people.login.page": ["分单 · 登录", "Fendan · Sign in"],
  "people.login": ["登录", "Sign in"],
  "people.name": ["名字", "Name"],
  "people.password": ["密码", "Password"],
  "people.again": ["再输一遍密码", "Password once more"],
  "people.forgot": ["忘了密码，请管理员在服务器上运行", "Forgotten? Ask an admin to run this on the server:"],
  "people.nobody": [
    "还没有任何用户。请打开服务启动时打印的链接；找不到它，就在服务器上运行下面这一句，会得到一个新的。",
    "There is no user yet. Open the link that the service printed when it started; or run this on the server for a new one.",
  ],
  "people.welcome.page": ["分单 · 第一位管理员", "Fendan · The first admin"],
  "people.welcome": ["欢迎使用分单", "Welcome to Fendan"],
  "people.dead": ["链接已失效", "This link no longer works"],
  "people.welcome.text": [
    "这里还没有用户。给自己取个名字、定个密码，你就是第一位管理员；别的人以后由你来加。这个链接只能用一次。",
    "There is no user yet. Choose a name and a password and you are the first admin; you add the others later. This link works once.",
  ],
  "people.rules": [
    "至少 10 个字符，不是自己的名字，也不是人人都会先猜的，如 1234567890。三四个不相干的词连起来就很好。",
    "At least 10 characters, not your name, nothing that everybody would guess first, such as 1234567890. Three or four unrelated words do well.",
  ],
  "people.begin": ["开始使用", "Begin"],
  "people.to.login": ["去登录", "Sign in"],

  "people.fault.wrong_password": ["", "Name or password is wrong. Try again."],
  "people.fault.locked": ["", "Too many wrong passwords in a row: locked against guessing. Try again after (Beijing time)"],
  "people.fault.disabled": ["", "This account is disabled. Ask an admin."],
  "people.fault.foreign": ["", "This form was not opened from here. Open the page to sign in itself and try again."],
  "people.fault.invalid_input": ["", "The name must be 1 to 64 visible characters."],
  "people.fault.conflict": ["", "That name is taken."],
  "people.fault.not_alike": ["", "The two passwords differ. Type them again."],
  "people.fault.password.unreadable": ["", "The password has characters that cannot be read."],
  "people.fault.password.short": ["", "The password is too short: use at least 10 characters; a sentence is best."],
  "people.fault.password.long": ["", "The password is too long: at most 256 characters."],
  "people.fault.password.name": ["", "The password is little more than the name. Choose one that has nothing to do with it."],
  "people.fault.password.common": ["", "Everybody would guess this password first. Put three or four unrelated words together."],
  "people.fault.link.users": ["", "This link has been used. There is an admin by now: sign in, or ask them to add you."],
  "people.fault.link.none": ["", "This link has been used or replaced by a newer one. Run this on the server for a new one:"],

  "people.refused.page": ["分单 · 不能看", "Fendan · Not allowed"],
  "people.refused": ["这里不行", "Not allowed"],
  "people.refused.role": ["", "Your role is too low for this page."],
  "people.refused.csrf": ["", "This form is out of date, or was not opened from here."],
  "people.refused.as": ["现在登录的是", "You are signed in as"],
  "people.refused.how": [
    "要换角色，请管理员运行 fendan user role；表单过期了，就回到上一页刷新再试。",
    "For another role, ask an admin to run fendan user role. If a form is out of date, go back, reload and try again.",
  ],
  "people.refused.back": ["回到审核", "Back to review"],
  "people.role.reviewer": ["审核员", "reviewer"],
  "people.role.lead": ["组长", "lead"],
  "people.role.admin": ["管理员", "admin"],
};

for (const node of marked("[data-word]")) {
  const entry = PEOPLE[node.dataset.word ?? ""];
  if (entry && !entry[0]) entry[0] = node.textContent ?? "";
}
teach(PEOPLE);
switches(() => {});
