// The network's side: walls, posts, comments, and the communities' answers under them.

import * as api from "./api.js";
import { button, el } from "./dom.js";
import { isAnswered, postCard } from "./post.js";
import { PostForm } from "./postform.js";
import { w } from "./words.js";

const PER_WALL = 40;
const ALL = "all";

const officials = (post) => post.thread.filter((one) => one.by_api && !one.deleted).length;

export class Network {
  constructor(root) {
    this.root = root;
    this.walls = [];
    this.chosen = ALL;
    this.onlyAnswered = false;
    this.raw = "";
    this.drawn = new Map(); // native id → {signature, node, officials}
    this.form = new PostForm(() => this.refresh());
    this.chooser = el("select", { class: "chip", "aria-label": w.walls, on: { change: () => this.choose(this.chooser.value, this.onlyAnswered) } });
    this.toggle = button({ class: "chip", text: w.onlyAnswered, on: { click: () => this.choose(this.chosen, !this.onlyAnswered) } });
    this.feed = el("div", { class: "feed", role: "feed", "aria-label": w.networkTitle, tabindex: 0 });
    root.setAttribute("aria-label", w.network);
    root.append(
      el("header", { class: "network-head" }, el("h2", { text: w.networkTitle }), el("p", { text: w.networkNote })),
      this.form.root,
      el("div", { class: "chips" }, this.chooser, this.toggle),
      this.feed,
    );
  }

  async refresh() {
    const raw = await api.wallsText(PER_WALL);
    if (raw === this.raw) return;
    this.raw = raw;
    this.walls = JSON.parse(raw).walls;
    this.form.show(this.walls.filter((wall) => wall.owner_id < 0));
    this.draw();
  }

  draw() {
    this.drawFilters();
    const posts = this.walls
      .filter((wall) => this.chosen === ALL || String(wall.owner_id) === this.chosen)
      .flatMap((wall) => wall.posts.map((post) => ({ post, wall })))
      .filter(({ post }) => !this.onlyAnswered || isAnswered(post))
      .sort((a, b) => b.post.date - a.post.date || b.post.id - a.post.id);
    const drawn = new Map(posts.map(({ post, wall }) => [post.native_id, this.node(post, wall)]));
    const answered = this.drawn.size > 0 && posts.find(({ post }) => this.isNews(post));
    this.place([...drawn.values()].map((one) => one.node));
    this.drawn = drawn;
    if (answered) this.reveal(drawn.get(answered.post.native_id).node);
  }

  isNews(post) {
    const old = this.drawn.get(post.native_id);
    return old !== undefined && officials(post) > old.officials;
  }

  /** A new answer comes into view by itself, unless the reader is busy here. */
  reveal(node) {
    node.classList.add("news");
    if (!this.root.matches(":hover, :focus-within")) this.feed.scrollTo({ top: node.offsetTop - this.feed.offsetTop - 12, behavior: "smooth" });
  }

  /** The post's node, the old one if nothing changed in it: what was unfolded stays so. */
  node(post, wall) {
    const signature = JSON.stringify(post);
    const old = this.drawn.get(post.native_id);
    if (old?.signature === signature) return old;
    return { signature, node: postCard(post, wall), officials: officials(post) };
  }

  /** Put nodes in order, touching only those out of place: the reader's scroll and focus stay. */
  place(nodes) {
    const kept = new Set(nodes);
    for (const child of [...this.feed.children]) if (!kept.has(child)) child.remove();
    nodes.forEach((node, index) => {
      if (this.feed.children[index] !== node) this.feed.insertBefore(node, this.feed.children[index] ?? null);
    });
    if (nodes.length === 0) this.feed.append(el("p", { class: "nothing", text: w.noPosts }));
  }

  drawFilters() {
    const titles = this.walls.map((wall) => wall.title).join("\n");
    if (this.chooser.dataset.titles !== titles) {
      this.chooser.dataset.titles = titles;
      const options = this.walls.map((wall) => el("option", { value: wall.owner_id, text: wall.title }));
      this.chooser.replaceChildren(el("option", { value: ALL, text: w.allWalls }), ...options);
    }
    this.chooser.value = this.chosen;
    this.chooser.hidden = this.walls.length < 2;
    this.toggle.setAttribute("aria-pressed", String(this.onlyAnswered));
  }

  choose(chosen, onlyAnswered) {
    this.chosen = chosen;
    this.onlyAnswered = onlyAnswered;
    this.draw();
  }

  /** Show the post or comment; false if it is not among those loaded. */
  find(nativeId) {
    const post = nativeId.replace(/_r\d+$/u, "");
    if (!this.walls.some((wall) => wall.posts.some((one) => one.native_id === post))) return false;
    this.choose(ALL, false);
    const node = this.feed.querySelector(`[data-native-id="${nativeId}"]`) ?? this.drawn.get(post).node;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.focus({ preventScroll: true });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
    return true;
  }
}
