// Writing on a wall as a resident.

import { el } from "./dom.js";
import { w } from "./words.js";

export class PostForm {
  /** `offer(ownerId, author, text)` writes to a page, and is done when it stands there. */
  constructor(offer) {
    this.offer = offer;
    this.wall = el("select", { required: true });
    this.author = el("input", { required: true, maxlength: 80, value: w.authorDefault, autocomplete: "off" });
    this.text = el("textarea", { required: true, rows: 3, placeholder: w.postHint });
    this.said = el("p", { class: "said", role: "status" });
    const form = el(
      "form", { on: { submit: (event) => this.submit(event) } },
      el("label", {}, w.community, this.wall),
      el("label", {}, w.author, this.author),
      el("label", { class: "whole" }, w.postText, this.text),
      el("div", { class: "whole send-line" }, el("button", { type: "submit", class: "publish", text: w.publish }), this.said),
    );
    this.root = el("details", { class: "post-form" }, el("summary", { text: w.newPost }), form);
  }

  show(walls) {
    const known = [...this.wall.options].map((option) => option.value).join();
    if (known === walls.map((wall) => String(wall.owner_id)).join()) return;
    const chosen = this.wall.value;
    this.wall.replaceChildren(...walls.map((wall) => el("option", { value: wall.owner_id, text: wall.title })));
    if (walls.some((wall) => String(wall.owner_id) === chosen)) this.wall.value = chosen;
    this.root.hidden = walls.length === 0;
  }

  async submit(event) {
    event.preventDefault();
    try {
      await this.offer(this.wall.value, this.author.value.trim() || w.authorDefault, this.text.value);
      this.text.value = "";
      this.said.textContent = w.published;
    } catch (error) {
      this.said.textContent = error.message;
    }
  }
}
