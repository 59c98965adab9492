// The outside of a phone: who holds it, the frame, the chat's header; and what pops up on its screen.

import { avatar, button, el, icon } from "./dom.js";
import { clockTime, now } from "./time.js";
import { w } from "./words.js";

const TOAST_MS = 4000;

/** The elements of a phone: {root, showStatus, showChats}. */
export function frame(phone) {
  const { role, about, username } = phone.person;
  const under = about || (role ? "" : username ? `@${username}` : `id ${phone.userId}`);
  const holder = el(
    "header", { class: "holder" },
    avatar(phone.name()),
    el(
      "div", {},
      el("h2", {}, phone.name(), role && el("span", { class: "role", title: role, text: role })),
      under && el("p", { title: under, text: under }),
    ),
  );
  const status = el("p", { class: "status", text: w.bot });
  const chooser = el("select", { class: "chats", hidden: true, "aria-label": w.chat, on: { change: () => phone.switchTo(Number(chooser.value)) } });
  const menu = menuOf(phone);
  const head = el(
    "div", { class: "chat-head" },
    avatar(phone.bot.first_name, "small"),
    el("div", { class: "chat-title" }, el("h3", { text: phone.bot.first_name }), status),
    chooser,
    menu.opener,
  );
  const bar = el("div", { class: "status-bar", "aria-hidden": "true" }, el("span", { class: "phone-clock", text: clockTime(now()) }), el("span", { class: "battery" }));
  const screen = el(
    "div", { class: "screen" }, bar, head, menu.list,
    el("div", { class: "chat" }, phone.list, phone.scroll.jump),
    phone.composer.root,
    el("div", { class: "popups", "aria-live": "assertive" }),
  );
  const root = el("article", { class: "phone", "aria-label": w.phone(phone.name()), dataset: { user: phone.userId } }, holder, el("div", { class: "case" }, screen));
  return {
    root,
    showStatus: (words) => { status.textContent = words; },
    showChats: () => {
      chooser.replaceChildren(...[...phone.chats.values()].map((chat) => el("option", { value: chat.id, text: chat.id === phone.userId ? w.privateChat : chat.title })));
      chooser.value = String(phone.chatId);
      chooser.hidden = phone.chats.size < 2;
    },
  };
}

function menuOf(phone) {
  const item = button({ role: "menuitem" });
  const list = el("div", { class: "menu", role: "menu", hidden: true }, item);
  const opener = button({ class: "tool", title: w.menu, "aria-label": w.menu, "aria-haspopup": "menu", "aria-expanded": "false" }, icon("more"));
  const toggle = (open) => {
    item.textContent = phone.person.blocked_bot ? w.unblock : w.block;
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) item.focus();
  };
  opener.addEventListener("click", () => toggle(list.hidden));
  item.addEventListener("click", () => {
    toggle(false);
    phone.setBlocked(!phone.person.blocked_bot);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggle(false);
    opener.focus();
  });
  list.addEventListener("focusout", (event) => !list.contains(event.relatedTarget) && event.relatedTarget !== opener && toggle(false));
  return { opener, list };
}

/** A short word over the chat, gone by itself. */
export function toastOn(root, text) {
  for (const older of root.querySelectorAll(".toast")) older.remove();
  const toast = el("div", { class: "toast", role: "status", dir: "auto", text });
  root.querySelector(".popups").append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** A word that must be closed by hand. */
export function alertOn(root, text) {
  const before = document.activeElement;
  const close = () => {
    shade.remove();
    before?.focus?.({ preventScroll: true });
  };
  const ok = button({ class: "wide", text: w.ok, on: { click: close } });
  const shade = el(
    "div", { class: "shade", on: { keydown: (event) => event.key === "Escape" && close() } },
    el("div", { class: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": text }, el("p", { dir: "auto", text }), ok),
  );
  root.querySelector(".popups").append(shade);
  ok.focus({ preventScroll: true });
}
