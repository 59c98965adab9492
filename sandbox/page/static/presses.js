// Buttons that were pressed and wait for the bot's word.

import * as api from "./api.js";
import { openLink } from "./links.js";
import { alertOn } from "./frame.js";
import { safeUrl } from "./richtext.js";
import { w } from "./words.js";

const PATIENCE_MS = 20_000;

const keyOf = (message, key) => `${message.message_id} ${key.data}`;

export class Presses {
  constructor(phone) {
    this.phone = phone;
    this.waiting = new Map(); // key → message id
    this.asked = new Map(); // callback query id → key
    this.early = new Map(); // answers that overtook the reply to the press itself
  }

  isBusy(message, key) {
    return key.data !== null && this.waiting.has(keyOf(message, key));
  }

  async press(message, key) {
    if (key.copy_text) return this.copy(key.copy_text);
    const id = keyOf(message, key);
    if (this.waiting.has(id)) return undefined;
    this.waiting.set(id, message.message_id);
    this.phone.redraw(message.message_id);
    try {
      const pressed = await api.press(this.phone.userId, this.phone.chatId, message.message_id, key.data);
      this.expect(pressed.callback_query_id, id);
    } catch (error) {
      this.finish(id);
      this.phone.toast(error.message);
    }
    return undefined;
  }

  expect(queryId, id) {
    const early = this.early.get(queryId);
    if (early) {
      this.early.delete(queryId);
      this.finish(id);
      this.tell(early);
      return;
    }
    this.asked.set(queryId, id);
    setTimeout(() => this.giveUp(queryId), PATIENCE_MS);
  }

  giveUp(queryId) {
    const id = this.asked.get(queryId);
    if (id === undefined) return;
    this.asked.delete(queryId);
    this.finish(id);
    this.phone.toast(w.noAnswer);
  }

  answered(event) {
    const id = this.asked.get(event.callback_query_id);
    if (id === undefined) {
      if (this.waiting.size > 0) this.early.set(event.callback_query_id, event);
      return;
    }
    this.asked.delete(event.callback_query_id);
    this.finish(id);
    this.tell(event);
  }

  finish(id) {
    const messageId = this.waiting.get(id);
    this.waiting.delete(id);
    this.phone.redraw(messageId);
  }

  tell({ text, show_alert: alert, url }) {
    if (text && alert) alertOn(this.phone.root, text);
    else if (text) this.phone.toast(text);
    const href = url ? safeUrl(url) : null;
    if (href !== null) this.open(href);
  }

  open(href) {
    const event = new Event("open", { cancelable: true });
    openLink(event, href);
    if (!event.defaultPrevented) window.open(href, "_blank", "noopener");
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.phone.toast(w.copied);
    } catch {
      this.phone.toast(text);
    }
  }
}
