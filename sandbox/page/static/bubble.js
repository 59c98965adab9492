// One message as it stands on a phone.

import { button, el, icon, oneLine } from "./dom.js";
import { link, richText, safeUrl } from "./richtext.js";
import { clockTime } from "./time.js";
import { w } from "./words.js";

// Whoever opens a bot by a link sees the command alone: what the link carried only the bot reads.
const OPENED_LINK = /^(\/start) [\w-]+$/u;
const STYLES = new Set(["success", "danger", "primary"]);

/**
 * The message's row. `phone` tells who reads it and takes what is done with it:
 * userId, isGroup, find(id), isBusy(message, button), press(message, button), replyTo(message), say(text), goTo(id).
 */
export function bubble(message, phone) {
  if (message.service) return el("li", { class: "row service" }, el("span", { text: serviceWords(message) }));
  const mine = message.from.id === phone.userId;
  const body = el("div", { class: "bubble" }, heading(message, phone, mine), quoted(message, phone), media(message));
  if (message.html) {
    const html = mine ? message.html.replace(OPENED_LINK, "$1") : message.html;
    body.append(el("div", { class: "words", dir: "auto" }, richText(html, { onCommand: phone.say })));
  }
  body.append(meta(message, mine));
  const column = el("div", { class: "column" }, body, keyboard(message, phone));
  const reply = button(
    { class: "quick-reply", title: w.reply, "aria-label": w.reply, on: { click: () => phone.replyTo(message) } },
    icon("reply"),
  );
  return el("li", { class: mine ? "row mine" : "row", dataset: { messageId: message.message_id } }, column, reply);
}

/** What a message is in one line: for quotes and the reply bar. */
export function summary(message) {
  if (message.text) return oneLine(message.text);
  return w[message.file?.kind] ?? serviceWords(message);
}

function serviceWords(message) {
  return w.service[message.service] ?? message.service ?? "";
}

function heading(message, phone, mine) {
  if (message.forwarded) return el("div", { class: "forwarded", text: w.forwarded });
  return phone.isGroup && !mine ? el("div", { class: "sender", text: message.from.name }) : null;
}

function quoted(message, phone) {
  if (!message.reply_to) return null;
  const original = phone.find(message.reply_to);
  return button(
    { class: "quoted", on: { click: () => phone.goTo(message.reply_to) } },
    el("b", { text: original?.from.name ?? "…" }),
    el("span", { dir: "auto", text: original ? summary(original) : w.gone }),
  );
}

function media(message) {
  const file = message.file;
  if (!file) return null;
  if (file.kind === "photo") {
    const picture = el("img", { class: "photo", src: file.url, alt: w.photo, loading: "lazy" });
    picture.addEventListener("error", () => picture.replaceWith(el("span", { class: "document", text: w.photo })));
    return picture;
  }
  const name = file.name ?? w[file.kind] ?? w.file;
  return el("a", { class: "document", href: file.url, download: file.name ?? "" }, icon("page"), el("span", { text: name }));
}

function meta(message, mine) {
  return el(
    "div",
    { class: "meta" },
    message.edited && el("span", { text: w.edited }),
    el("time", { datetime: message.date, text: clockTime(new Date(message.date)) }),
    mine && icon("check"),
  );
}

function keyboard(message, phone) {
  if (!message.keyboard.length) return null;
  const rows = message.keyboard.map((row) => el("div", { class: "keys" }, row.map((key) => keyOf(message, key, phone))));
  return el("div", { class: "keyboard" }, rows);
}

function keyOf(message, key, phone) {
  const style = STYLES.has(key.style) ? ` ${key.style}` : "";
  const label = el("span", { text: key.label });
  if (key.url) {
    const href = safeUrl(key.url);
    if (href === null) return button({ class: `key${style}`, disabled: true }, label);
    const anchor = link(href, label, icon("out"));
    anchor.className = `key${style}`;
    return anchor;
  }
  const busy = phone.isBusy(message, key);
  return button(
    {
      class: `key${style}${busy ? " busy" : ""}`,
      disabled: key.disabled || (key.data === null && !key.copy_text),
      "aria-busy": busy ? "true" : null,
      on: { click: () => phone.press(message, key) },
    },
    label,
    key.copy_text ? icon("copy") : null,
  );
}

