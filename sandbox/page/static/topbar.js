// The line above everything: the sandbox's clock, the counters, the language; and the hint below it.

import * as api from "./api.js";
import { button, el, icon } from "./dom.js";
import { clockTime, dayName, now, setTime, weekday } from "./time.js";
import { switchLanguage, w } from "./words.js";

const STEPS_H = [1, 4, 12];
const HIDDEN = "otklik-hint-hidden";
const HOUR_S = 3600;

export class TopBar {
  constructor(root) {
    this.time = el("time", { class: "now" });
    this.date = el("span", { class: "date" });
    this.counts = Object.fromEntries(["posts", "cards", "answers"].map((name) => [name, el("b", { text: "0" })]));
    this.lost = el("p", { class: "lost", role: "status", hidden: true, text: w.lost });
    root.append(
      el("h1", {}, el("img", { src: "/static/icon.svg", alt: "", width: 28, height: 28 }), w.title, el("small", { text: w.sandbox })),
      el("div", { class: "clock", role: "group", "aria-label": w.clock }, icon("clock"), this.time, this.date, STEPS_H.map((hours) => this.stepButton(hours))),
      el("dl", { class: "counters", "aria-label": w.counters }, Object.entries(this.counts).map(([name, value]) => el("div", { dataset: { count: name } }, el("dt", { text: w[name] }), el("dd", {}, value)))),
      button({ class: "language", "aria-label": w.languageLabel, text: w.languageSwitch, on: { click: switchLanguage } }),
      this.lost,
    );
    setInterval(() => this.tick(), 1000);
  }

  stepButton(hours) {
    const forward = async () => {
      await api.forward(hours * HOUR_S);
      this.show(await api.pageState());
      this.tick();
    };
    return button({ class: "step", title: w.forward(hours), "aria-label": w.forward(hours), text: w.hours(hours), on: { click: forward } });
  }

  tick() {
    if (!this.isSet) return; // until the sandbox has said what time it is, no time is better than a wrong one
    const time = clockTime(now());
    this.time.textContent = time;
    this.date.textContent = weekday(now());
    for (const clock of document.querySelectorAll(".phone-clock")) clock.textContent = time;
    for (const day of document.querySelectorAll(".day")) retell(day.firstChild, dayName(new Date(day.dataset.date)));
  }

  /** The answer of /control/page. */
  show(state) {
    setTime(state);
    if (!this.isSet) {
      this.isSet = true;
      this.tick();
    }
    for (const [name, value] of Object.entries(state.counts)) this.counts[name].textContent = String(value);
    this.lost.hidden = true;
  }

  lostConnection() {
    this.lost.hidden = false;
  }
}

/** "Today" becomes a date when the clock moves on. */
function retell(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function showHint(root) {
  if (localStorage.getItem(HIDDEN)) {
    root.hidden = true;
    return;
  }
  const close = () => {
    localStorage.setItem(HIDDEN, "1");
    root.hidden = true;
  };
  root.append(
    el("span", { class: "steps" }, w.hint.map((step, index) => el("span", {}, el("b", { text: `${index + 1}` }), step))),
    button({ class: "tool", title: w.hintClose, "aria-label": w.hintClose, on: { click: close } }, icon("close")),
  );
}
