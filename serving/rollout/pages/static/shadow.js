// @ts-check
// The shadow page: all of it comes from the server; here is only the switch of language.

import "./words-shadow.js";
import { english, marked, say, switches } from "./words.js";

/** Sentences with figures in them, and names of labels. */
function translate() {
  for (const node of marked("[data-say]")) {
    node.textContent = say(node.dataset.say ?? "", JSON.parse(node.dataset.values ?? "{}"));
  }
  for (const node of marked("[data-zh]")) {
    node.textContent = (english() ? node.dataset.en : node.dataset.zh) ?? "";
  }
}

switches(translate);
translate();
