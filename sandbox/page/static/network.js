// The networks' side: walls, posts, comments, and the pages' answers under them; one network at a time.

import * as api from "./api.js";
import { button, el } from "./dom.js";
import { isAnswered, postCard } from "./post.js";
import { PostForm } from "./postform.js";
import { w } from "./words.js";

const PER_WALL = 40;
const ALL = "all";

/** Whether it is an official page: the rest is what people wrote at home and only a search finds. */
const isPage = ({ owner_id: id }) => (typeof id === "number" ? id < 0 : id !== "" && !id.startsWith("user:"));

const officials = (post) => post.thread.filter((one) => one.by_api && !one.deleted).length;

export class Network {
  constructor(root) {
    this.root = root;
    this.names = [];
    this.name = "vk";
    this.walls = [];
    this.chosen = ALL;
    this.onlyAnswered = false;
    this.raw = "";
    this.drawn = new Map(); // native id → {signature, node, officials}
    this.form = new PostForm(async (...offer) => {
      await api.offerPost(this.name, ...offer);
      await this.refresh();
    });
    this.title = el("h2", { text: w.networks[this.name] });
    this.tabs = el("div", { class: "chips network-tabs", role: "group", "aria-label": w.switchNetwork, hidden: true });
    this.chooser = el("select", { class: "chip", "aria-label": w.walls, on: { change: () => this.choose(this.chooser.value, this.onlyAnswered) } });
    this.toggle = button({ class: "chip", text: w.onlyAnswered, on: { click: () => this.choose(this.chosen, !this.onlyAnswered) } });
    this.feed = el("div", { class: "feed", role: "feed", "aria-label": w.networks[this.name], tabindex: 0 });
    root.setAttribute("aria-label", w.network);
    root.append(
      el("header", { class: "network-head" }, this.title, el("p", { text: w.networkNote })),
      this.tabs,
      this.form.root,
      el("div", { class: "chips" }, this.chooser, this.toggle),
      this.feed,
    );
  }

  /** Which networks there are; the reader's choice stays while it is one of them. */
  show(names) {
    if (names.length === 0 || names.join() === this.names.join()) return;
    this.names = names;
    const tabs = names.map((name) => button({ class: "chip", text: w.networks[name] ?? name, dataset: { network: name }, on: { click: () => this.turnTo(name) } }));
    this.tabs.replaceChildren(...tabs);
    this.tabs.hidden = names.length < 2;
    if (!names.includes(this.name)) this.forget(names[0]);
    this.markTab();
  }

  async turnTo(name) {
    if (name !== this.name) this.forget(name);
    await this.refresh();
  }

  /** Another network begins with nothing drawn. */
  forget(name) {
    Object.assign(this, { name, walls: [], chosen: ALL, onlyAnswered: false, raw: "", drawn: new Map() });
    this.feed.replaceChildren();
    this.markTab();
  }

  markTab() {
    const title = w.networks[this.name] ?? this.name;
    this.title.textContent = title;
    this.feed.setAttribute("aria-label", title);
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.network === this.name));
  }

  async refresh() {
    const { name } = this;
    const raw = await api.wallsText(name, PER_WALL);
    if (name !== this.name || raw === this.raw) return; // the reader may have turned away meanwhile
    this.raw = raw;
    this.walls = JSON.parse(raw).walls.map((wall) => ({ ...wall, title: wall.title || w.elsewhere }));
    this.form.show(this.walls.filter(isPage));
    this.draw();
  }

  draw() {
    this.drawFilters();
    const posts = this.walls
      .filter((wall) => this.chosen === ALL || String(wall.owner_id) === this.chosen)
      .flatMap((wall) => wall.posts.map((post) => ({ post, wall })))
      .filter(({ post }) => !this.onlyAnswered || isAnswered(post))
      .sort((a, b) => b.post.date - a.post.date || (b.post.id ?? 0) - (a.post.id ?? 0));
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

  /** Show the post or comment; false if its network is not here, or it is not among those loaded. */
  find(network, nativeId) {
    if (network === this.name) return this.reach(nativeId);
    if (!this.names.includes(network)) return false;
    this.turnTo(network).then(() => this.reach(nativeId));
    return true;
  }

  /** `nativeId`: of a post or comment, or the post's own address. */
  reach(nativeId) {
    const root = nativeId.replace(/_r\d+$/u, "");
    const holds = (post) => [post.native_id, post.url].includes(root) || post.thread.some((one) => one.native_id === nativeId);
    const post = this.walls.flatMap((wall) => wall.posts).find(holds);
    if (post === undefined) return false;
    this.choose(ALL, false);
    const node = this.feed.querySelector(`[data-native-id="${CSS.escape(nativeId)}"]`) ?? this.drawn.get(post.native_id).node;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.focus({ preventScroll: true });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
    return true;
  }
}
