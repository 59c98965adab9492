// One person's phone: the frame, the chats the person has with the bot, and what is on the screen.

import * as api from "./api.js";
import { bubble } from "./bubble.js";
import { menuFor } from "./commands.js";
import { Composer } from "./composer.js";
import { button, el } from "./dom.js";
import { frame, toastOn } from "./frame.js";
import { Presses } from "./presses.js";
import { Scroll } from "./scroll.js";
import { dayKey, dayName } from "./time.js";
import { w } from "./words.js";

const SHOWN = 120;
const TYPING_MS = 5000;

export class Phone {
  /** `person`: {id, first_name, last_name, blocked_bot, role, about}; `bot`: the Bot API's User. */
  constructor(person, bot) {
    this.person = person;
    this.bot = bot;
    this.userId = person.id;
    this.chatId = person.id;
    this.chats = new Map();
    this.messages = new Map();
    this.rows = new Map();
    this.presses = new Presses(this);
    this.say = (text, replied) => this.sent(api.say(this.userId, this.chatId, text, this.place(replied)));
    this.composer = new Composer(this);
    this.list = el("ol", { class: "messages", role: "log", "aria-live": "polite", tabindex: 0, "aria-label": w.messages(this.name()) });
    this.scroll = new Scroll(this.list);
    this.parts = frame(this);
    this.root = this.parts.root;
  }

  name() {
    return [this.person.first_name, this.person.last_name].filter(Boolean).join(" ");
  }

  get isGroup() {
    return this.chatId !== this.userId;
  }

  get chat() {
    return this.chats.get(this.chatId);
  }

  // What is known

  /** Chats of this person as the server lists them. */
  setChats(list) {
    this.chats = new Map(list.filter((chat) => chat.id === this.userId || chat.members[this.userId]).map((chat) => [chat.id, chat]));
    if (!this.chats.has(this.chatId)) this.chatId = this.userId;
    this.parts.showChats();
    this.showState();
  }

  setPerson(person) {
    this.person = { ...this.person, ...person };
    this.showState();
  }

  showState() {
    const blocked = this.person.blocked_bot;
    const fresh = !this.isGroup && !this.chat?.started && this.messages.size === 0;
    this.composer.show(blocked && !this.isGroup ? "blocked" : fresh ? "new" : "open");
    this.parts.showStatus(blocked ? w.blockedStatus : w.bot);
  }

  async load() {
    const found = await api.lastMessages(this.chatId, SHOWN);
    this.messages = new Map(found.map((message) => [message.message_id, message]));
    this.rows.clear();
    this.list.replaceChildren();
    if (found.length === SHOWN && found[0].message_id > 1) this.list.append(this.earlierRow());
    this.addDays(found);
    this.showEmpty();
    const last = found.at(-1);
    if (last?.force_reply) this.composer.prompted(last);
    this.composer.showAnswers(last?.reply_keyboard ?? []);
    this.showState();
    this.scroll.bottom();
  }

  earlierRow() {
    return el("li", { class: "row service" }, button({ class: "earlier", text: w.earlier, on: { click: (event) => this.earlier(event.target) } }));
  }

  async earlier(pressed) {
    const first = Math.min(...this.messages.keys());
    const after = Math.max(0, first - SHOWN - 1);
    const found = (await api.messagesAfter(this.chatId, after, SHOWN)).filter((one) => one.message_id < first);
    const height = this.list.scrollHeight;
    this.messages = new Map([...found.map((one) => [one.message_id, one]), ...this.messages]);
    pressed.closest("li").remove();
    this.rows.clear();
    this.list.replaceChildren(...(after > 0 ? [this.earlierRow()] : []));
    this.addDays([...this.messages.values()]);
    this.list.scrollTop = this.list.scrollHeight - height;
  }

  find(id) {
    return this.messages.get(id);
  }

  nameOf(message) {
    return message.from.id === this.userId ? w.you : message.from.name;
  }

  // What happens

  receive(event) {
    if (event.chat_id !== this.chatId) return;
    if (event.type === "message") this.arrived(event.message);
    else if (event.type === "edit") this.changed(event.message);
    else if (event.type === "delete") this.removed(event.message_id);
    else if (event.type === "callback_answer" && event.user_id === this.userId) this.presses.answered(event);
    else if (event.type === "chat_action") this.typing();
  }

  arrived(message) {
    if (this.messages.has(message.message_id)) {
      this.changed(message);
      return;
    }
    const mine = message.from.id === this.userId;
    this.messages.set(message.message_id, message);
    this.addDays([message]);
    this.showEmpty();
    if (!mine) {
      if (message.force_reply) this.composer.prompted(message);
      this.composer.showAnswers(message.reply_keyboard);
      this.parts.showStatus(w.bot);
    }
    this.showState();
    this.scroll.grown({ follow: mine });
  }

  changed(message) {
    if (!this.messages.has(message.message_id)) return;
    this.messages.set(message.message_id, message);
    this.redraw(message.message_id, { fresh: true });
    this.scroll.stay();
  }

  removed(id) {
    this.messages.delete(id);
    this.rows.get(id)?.remove();
    this.rows.delete(id);
    this.composer.forget(id);
    this.showEmpty();
  }

  redraw(id, { fresh = false } = {}) {
    const old = this.rows.get(id);
    const message = this.messages.get(id);
    if (!old || !message) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
    const row = bubble(message, this);
    if (fresh) row.classList.add("changed");
    this.rows.set(id, row);
    old.replaceWith(row);
    // The keyboard's focus must not fall off the page because the button was drawn anew.
    if (focused !== null) [...row.querySelectorAll(".key")].find((key) => key.textContent === focused)?.focus({ preventScroll: true });
  }

  typing() {
    this.parts.showStatus(w.typing);
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.showState(), TYPING_MS);
  }

  // The list

  addDays(messages) {
    for (const message of messages) {
      const date = new Date(message.date);
      if (dayKey(date) !== this.lastDay || this.rows.size === 0) this.addDay(date);
      const row = bubble(message, this);
      row.querySelector("img")?.addEventListener("load", () => this.scroll.stay());
      this.rows.set(message.message_id, row);
      this.list.append(row);
    }
  }

  addDay(date) {
    this.lastDay = dayKey(date);
    this.list.append(el("li", { class: "row service day", dataset: { date: date.toISOString() } }, el("span", { text: dayName(date) })));
  }

  showEmpty() {
    this.list.classList.toggle("is-empty", this.messages.size === 0);
    this.list.dataset.empty = w.empty;
  }

  goTo(id) {
    const row = this.rows.get(id);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.remove("changed");
    requestAnimationFrame(() => row.classList.add("changed"));
  }

  // What the person does

  replyTo(message) {
    this.composer.replyTo(message);
  }

  isBusy(message, key) {
    return this.presses.isBusy(message, key);
  }

  press(message, key) {
    return this.presses.press(message, key);
  }

  place(replied) {
    return replied ? { reply_to_message_id: replied.message_id } : {};
  }

  sendFile(file, caption, replied) {
    return this.sent(api.sendFile(this.userId, this.chatId, file, caption, this.place(replied)));
  }

  start() {
    return this.sent(api.start(this.userId));
  }

  async setBlocked(blocked) {
    const done = await this.sent(blocked ? api.block(this.userId) : api.unblock(this.userId));
    if (done) this.setPerson({ blocked_bot: blocked });
  }

  unblock() {
    return this.setBlocked(false);
  }

  async switchTo(chatId) {
    this.chatId = chatId;
    this.composer.clear();
    await this.load();
  }

  async commandList() {
    return menuFor(await api.commands(), this.chat, this.userId, this.person.language_code);
  }

  /** Whether what the person did was taken; if not, the phone says why. */
  async sent(promise) {
    try {
      await promise;
      return true;
    } catch (error) {
      toastOn(this.root, error.message);
      return false;
    }
  }

  toast(text) {
    toastOn(this.root, text);
  }
}
