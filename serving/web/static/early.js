// @ts-check
// Runs before anything is painted: the remembered language and theme, so that nothing flashes.
(function () {
  "use strict";
  const root = document.documentElement;
  const recall = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is forbidden here: then nothing is remembered
    }
  };
  const theme = recall("fendan.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = recall("fendan.language");
  if (language === "en") {
    root.lang = "en";
    root.dataset.waiting = ""; // the words are swapped by translate() in i18n.js; removed there
  }
})();
