// One post on a wall with what stands under it.

import { avatar, button, el, icon } from "./dom.js";
import { plainText } from "./richtext.js";
import { moment } from "./time.js";
import { w } from "./words.js";

const LONG = 420;
const unix = (seconds) => new Date(seconds * 1000);

export const isAnswered = (post) => post.thread.some((one) => one.by_api && !one.deleted);

/** `wall` is the community's wall the post stands on. */
export function postCard(post, wall) {
  const answered = isAnswered(post);
  const shown = post.thread.filter((one) => !one.deleted);
  return el(
    "article",
    { class: answered ? "post answered" : "post", dataset: { nativeId: post.native_id }, tabindex: -1 },
    el(
      "header", { class: "post-head" },
      avatar(post.author_name),
      el("div", {}, el("h3", { dir: "auto", text: post.author_name }), el("p", {}, el("span", { text: wall.title }), " · ", time(post.date), post.edited ? ` · ${w.postEdited}` : "")),
      answered && el("span", { class: "badge round", title: w.answered, role: "img", "aria-label": w.answered }, icon("check")),
    ),
    words(post.text),
    pictures(post.photos),
    shown.length > 0 && el("ul", { class: "comments", "aria-label": w.comments(shown.length) }, shown.map(comment)),
  );
}

function time(seconds) {
  return el("time", { datetime: unix(seconds).toISOString(), text: moment(unix(seconds)) });
}

function comment(one) {
  return el(
    "li",
    { class: one.by_api ? "comment official" : "comment", dataset: { nativeId: one.native_id }, tabindex: -1 },
    avatar(one.author_name, "small"),
    el(
      "div", {},
      el("p", { class: "comment-head" }, el("b", { dir: "auto", text: one.author_name }), one.by_api && el("span", { class: "badge" }, icon("check"), w.answered), time(one.date)),
      words(one.text),
      pictures(one.photos),
    ),
  );
}

function words(text) {
  if (!text) return null;
  const body = el("div", { class: "post-text", dir: "auto" }, plainText(text));
  if ([...text].length <= LONG) return body;
  body.classList.add("cut");
  const more = button({ class: "more", "aria-expanded": "false", text: w.more });
  more.addEventListener("click", () => {
    const open = !body.classList.toggle("cut");
    more.textContent = open ? w.less : w.more;
    more.setAttribute("aria-expanded", String(open));
  });
  return el("div", {}, body, more);
}

function pictures(urls) {
  if (urls.length === 0) return null;
  return el("div", { class: "pictures" }, urls.map(picture));
}

/** The sandbox draws a picture for any file's name: nothing is fetched from elsewhere. */
function picture(url) {
  const name = /[\p{L}\p{N}_.-]{1,100}$/u.exec(url.split(/[?#]/u)[0])?.[0];
  if (!name) return el("span", { class: "picture-place", text: w.picture });
  return el("img", { src: `/photos/${encodeURIComponent(name)}`, alt: w.picture, title: name });
}
