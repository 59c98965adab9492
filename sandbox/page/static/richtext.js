// Strangers' words → nodes. Only the tags below survive, without any attribute but a checked address.

import { button, el } from "./dom.js";
import { openLink } from "./links.js";

const KEPT = {
  B: "b", STRONG: "b", I: "i", EM: "i", U: "u", INS: "u", S: "s", STRIKE: "s", DEL: "s", CODE: "code", PRE: "pre",
};
const WORDS = /(?<url>https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'»])|(?<![\w/@<>])(?<command>\/[a-zA-Z0-9_]{1,64})(?![\w/])/gu;
const VK_WORDS = /(?<url>https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'»])|\[(?:id|club|public)\d+\|(?<mention>[^\]]{1,100})\]/gu;

/** An address a link may have, or null. */
export function safeUrl(address) {
  try {
    const url = new URL(address, "https://invalid.example/");
    return ["http:", "https:", "mailto:"].includes(url.protocol) && url.hostname !== "invalid.example" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page, or shows the post when it is one of ours. */
export function link(address, ...children) {
  const href = safeUrl(address);
  if (href === null) return el("span", {}, ...children);
  const act = { click: (event) => openLink(event, href) };
  return el("a", { href, target: "_blank", rel: "noopener noreferrer", on: act }, ...children);
}

/** Telegram's HTML as a fragment. `onCommand` is called with "/command" when one is pressed. */
export function richText(html, { onCommand } = {}) {
  // A parsed document is inert: nothing in it loads or runs before it is copied, and only known tags are.
  const parsed = new DOMParser().parseFromString(`<!doctype html><body><div>${html}</div>`, "text/html");
  const fragment = document.createDocumentFragment();
  for (const child of parsed.body.childNodes) {
    const nodes = child.nodeName === "DIV" ? child.childNodes : [child];
    for (const node of nodes) fragment.append(...copy(node, { onCommand, plain: false }));
  }
  for (const block of fragment.querySelectorAll("blockquote, pre")) endLine(block);
  return fragment;
}

/** The line break after a block only ends the block: it makes no empty line of its own. */
function endLine(block) {
  const next = block.nextSibling;
  if (next?.nodeType === Node.TEXT_NODE && next.data.startsWith("\n")) next.data = next.data.slice(1);
}

function copy(node, context) {
  if (node.nodeType === Node.TEXT_NODE) {
    return context.plain ? [document.createTextNode(node.data)] : words(node.data, WORDS, context.onCommand);
  }
  if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE"].includes(node.nodeName)) return [];
  const plain = context.plain || ["A", "CODE", "PRE"].includes(node.nodeName);
  const children = [...node.childNodes].flatMap((child) => copy(child, { ...context, plain }));
  if (KEPT[node.nodeName]) return [el(KEPT[node.nodeName], {}, ...children)];
  if (node.nodeName === "A") return [link(node.getAttribute("href") ?? "", ...children)];
  if (node.nodeName === "TG-SPOILER") return [spoiler(children)];
  if (node.nodeName === "BLOCKQUOTE") return [quote(children, node.hasAttribute("expandable"))];
  return children;
}

function spoiler(children) {
  const hidden = button({ class: "spoiler", "aria-expanded": "false" }, ...children);
  hidden.addEventListener("click", () => hidden.setAttribute("aria-expanded", "true"));
  return hidden;
}

function quote(children, expandable) {
  const block = el("blockquote", { class: expandable ? "quote expandable" : "quote" }, ...children);
  if (expandable) {
    block.tabIndex = 0;
    // Only once it stands on the screen is it known whether something is hidden.
    requestAnimationFrame(() => block.classList.toggle("long", block.scrollHeight > block.clientHeight + 2));
    block.addEventListener("click", () => block.classList.toggle("open"));
    block.addEventListener("keydown", (event) => event.key === "Enter" && block.classList.toggle("open"));
  }
  return block;
}

/** A network's plain text: addresses become links, mentions become names. */
export function plainText(text) {
  return words(text, VK_WORDS, null);
}

function words(text, pattern, onCommand) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const { url, command, mention } = match.groups;
    if (command && !onCommand) continue;
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)));
    at = match.index + match[0].length;
    if (url) nodes.push(link(url, url));
    else if (mention) nodes.push(el("span", { class: "mention", text: mention }));
    else nodes.push(button({ class: "command", text: command, on: { click: () => onCommand(command) } }));
  }
  if (at < text.length) nodes.push(document.createTextNode(text.slice(at)));
  return nodes;
}
