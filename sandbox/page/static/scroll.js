// Where a chat is scrolled to: who reads the newest message keeps seeing the newest.

import { button, el, icon } from "./dom.js";
import { w } from "./words.js";

const NEAR = 80;

export class Scroll {
  constructor(list) {
    this.list = list;
    this.stuck = true; // the newest message is in view and stays there
    this.unread = 0;
    this.jump = button({ class: "jump", hidden: true, title: w.down, "aria-label": w.down, on: { click: () => this.bottom() } }, el("span"), icon("down"));
    list.addEventListener("scroll", () => this.moved());
    // The reply bar opened, the window turned, another phone came.
    new ResizeObserver(() => this.stay()).observe(list);
  }

  moved() {
    // The browser scrolls too, when the words are laid out anew: that is not the person leaving the newest message.
    if (this.stuck && this.size() !== this.sizeAtBottom) {
      this.bottom();
      return;
    }
    this.stuck = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
    if (this.stuck) this.seen();
  }

  size() {
    return [this.list.scrollHeight, this.list.clientHeight, this.list.clientWidth].join();
  }

  stay() {
    if (this.stuck) this.bottom();
  }

  bottom() {
    this.list.scrollTop = this.list.scrollHeight;
    this.stuck = true;
    this.sizeAtBottom = this.size();
    this.seen();
  }

  /** A message came. `follow`: it is the person's own. */
  grown({ follow }) {
    if (this.stuck || follow) {
      this.bottom();
      return;
    }
    this.unread += 1;
    this.jump.hidden = false;
    this.jump.firstChild.textContent = this.unread;
  }

  seen() {
    this.unread = 0;
    this.jump.hidden = true;
  }
}
