// @ts-check
// The buttons for language and theme at the top of every page.

import { english, onLanguage, switchLanguage, t, translate } from "./i18n.js";

const root = document.documentElement;
const [language, theme, themeName] = ["language", "theme", "theme-name"].map(
  (id) => /** @type {HTMLElement} */ (document.getElementById(id)),
);

/** The buttons in the current language. */
function draw() {
  language.textContent = t("language");
  language.lang = english() ? "zh-CN" : "en";
  const name = t(`theme.${root.dataset.theme || "auto"}`);
  themeName.textContent = name;
  theme.setAttribute("aria-label", t("theme.label", { name }));
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is forbidden here: the choice lasts until the page is left
  }
}

language.addEventListener("click", () => {
  switchLanguage();
  remember("fendan.language", english() ? "en" : "zh");
});
theme.addEventListener("click", () => {
  const order = ["auto", "light", "dark"];
  const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  remember("fendan.theme", next);
  draw();
});
onLanguage(draw);
translate();
draw();
