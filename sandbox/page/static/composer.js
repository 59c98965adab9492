// The bottom of a phone: what the person is about to say.

import { summary } from "./bubble.js";
import { button, el, icon } from "./dom.js";
import { w } from "./words.js";

const TALLEST = 120;

export class Composer {
  /** `phone`: say(text, replyTo), sendFile(file, caption, replyTo), start(), unblock(), commandList(), nameOf(message). */
  constructor(phone) {
    this.phone = phone;
    this.replied = null;
    this.file = null;
    this.bar = el("div", { class: "reply-bar", hidden: true });
    this.attached = el("div", { class: "reply-bar", hidden: true });
    this.menu = el("div", { class: "command-list", role: "menu", "aria-label": w.commands, hidden: true });
    this.answers = el("div", { class: "reply-keyboard", hidden: true });
    this.input = el("textarea", {
      rows: 1, placeholder: w.placeholder, "aria-label": w.write, enterkeyhint: "send", autocomplete: "off",
      on: { keydown: (event) => this.keyDown(event), input: () => this.typed() },
    });
    this.picker = el("input", { type: "file", class: "unseen", tabindex: -1, "aria-hidden": "true", on: { change: () => this.attach(this.picker.files[0]) } });
    this.line = el(
      "div", { class: "line" },
      button({ class: "tool slash", title: w.commands, "aria-label": w.commands, "aria-expanded": "false", on: { click: () => this.toggleMenu() } }, el("span", { text: "/" })),
      this.input,
      this.picker,
      button({ class: "tool", title: w.attach, "aria-label": w.attach, on: { click: () => this.picker.click() } }, icon("clip")),
      button({ class: "tool send", title: w.send, "aria-label": w.send, on: { click: () => this.send() } }, icon("send")),
    );
    this.instead = el("div", { class: "instead", hidden: true });
    this.root = el("div", { class: "composer" }, this.menu, this.bar, this.attached, this.line, this.answers, this.instead);
    this.root.addEventListener("paste", (event) => event.clipboardData?.files[0] && this.attach(event.clipboardData.files[0]));
  }

  /** `state`: "open", "new" (never started) or "blocked". */
  show(state) {
    const act = { new: [w.start, () => this.phone.start()], blocked: [w.unblock, () => this.phone.unblock()] }[state];
    this.line.hidden = Boolean(act);
    this.instead.hidden = !act;
    this.instead.replaceChildren(...(act ? [button({ class: "wide", text: act[0], on: { click: act[1] } })] : []));
    if (act) this.replyTo(null);
  }

  /** The bot asks for a reply: taken unless the person is busy with another. */
  prompted(message) {
    if (this.input.value.trim() || this.file || this.replied) return;
    this.replyTo(message, { focus: false });
  }

  replyTo(message, { focus = true } = {}) {
    this.replied = message;
    this.bar.hidden = message === null;
    this.bar.replaceChildren();
    this.input.placeholder = message?.force_reply?.placeholder || w.placeholder;
    if (message === null) return;
    this.bar.append(
      icon("reply"),
      el("div", {}, el("b", { text: w.replyTo(this.phone.nameOf(message)) }), el("span", { dir: "auto", text: summary(message) })),
      button({ class: "tool", title: w.cancelReply, "aria-label": w.cancelReply, on: { click: () => this.replyTo(null) } }, icon("close")),
    );
    if (focus) this.input.focus({ preventScroll: true });
  }

  /** A message is no more: nobody can reply to it. */
  forget(messageId) {
    if (this.replied?.message_id === messageId) this.replyTo(null);
  }

  attach(file) {
    this.file = file ?? null;
    this.picker.value = "";
    this.attached.hidden = this.file === null;
    this.attached.replaceChildren();
    if (this.file === null) return;
    const drop = button({ class: "tool", title: w.detach, "aria-label": w.detach, on: { click: () => this.attach(null) } }, icon("close"));
    this.attached.append(icon("clip"), el("div", {}, el("b", { text: w.photo }), el("span", { text: this.file.name })), drop);
    this.input.focus({ preventScroll: true });
  }

  showAnswers(rows) {
    this.answers.hidden = rows.length === 0;
    const keys = rows.map((row) => el("div", { class: "keys" }, row.map((key) => button({ class: "key", text: key.label, on: { click: () => this.phone.say(key.label) } }))));
    this.answers.replaceChildren(...keys);
  }

  keyDown(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      if (!this.menu.hidden) this.closeMenu();
      else this.replyTo(null);
    } else if (event.key === "ArrowUp" && !this.menu.hidden) {
      event.preventDefault();
      [...this.menu.querySelectorAll("button")].at(-1)?.focus();
    }
  }

  typed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    const begun = /^\/[a-z0-9_]*$/u.test(this.input.value);
    if (begun) this.openMenu(this.input.value.slice(1));
    else this.closeMenu();
  }

  async send() {
    const text = this.input.value.trim();
    const { file, replied } = this;
    if (!text && !file) return;
    // Cleared at once, so that a second Enter does not send it twice; put back if it was refused.
    this.clear();
    const done = file ? await this.phone.sendFile(file, text, replied) : await this.phone.say(text, replied);
    if (done || this.input.value) return;
    this.input.value = text;
    this.attach(file);
    this.replyTo(replied);
  }

  clear() {
    this.input.value = "";
    this.attach(null);
    this.replyTo(null);
    this.typed();
  }

  async toggleMenu() {
    if (this.menu.hidden) await this.openMenu("");
    else this.closeMenu();
  }

  async openMenu(begun) {
    const found = (await this.phone.commandList()).filter((one) => one.command.startsWith(begun));
    this.menu.hidden = found.length === 0;
    this.line.querySelector(".slash").setAttribute("aria-expanded", String(!this.menu.hidden));
    this.menu.replaceChildren(...found.map((one) => this.commandItem(one)));
  }

  commandItem({ command, description }) {
    const use = () => {
      this.closeMenu();
      this.input.value = "";
      this.phone.say(`/${command}`);
    };
    return button({ role: "menuitem", on: { click: use } }, el("b", { text: `/${command}` }), el("span", { text: description }));
  }

  closeMenu() {
    this.menu.hidden = true;
    this.line.querySelector(".slash").setAttribute("aria-expanded", "false");
  }
}
