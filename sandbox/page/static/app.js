// The page: phones on the left, the network on the right, kept as the server has them.

import * as api from "./api.js";
import { button } from "./dom.js";
import { setPostFinder } from "./links.js";
import { Network } from "./network.js";
import { Phone } from "./phone.js";
import { showHint, TopBar } from "./topbar.js";
import { language, w } from "./words.js";

const POLL_MS = 1000;
const WAIT_S = 25;
const RETRY_MS = 1500;

const place = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

document.documentElement.lang = language;
document.title = `${w.title} — ${w.sandbox}`;

const topBar = new TopBar(place("topbar"));
const network = new Network(place("network"));
const phones = new Map(); // user id → Phone
let chatIds = new Set();
let epoch = null;
let cast = "";

setPostFinder((name, nativeId) => network.find(name, nativeId));
showHint(place("hint"));
place("phones").setAttribute("aria-label", w.phones);

/** Who is shown: those the server names, or else everybody who has a private chat with the bot. */
async function showPhones(state) {
  topBar.show(state);
  const [{ users, bot }, { chats, seq }] = await Promise.all([api.users(), api.chats()]);
  chatIds = new Set(chats.map((chat) => chat.id));
  const people = new Map(users.map((user) => [user.id, user]));
  const alive = chats.filter((chat) => chat.type === "private" && chat.last_message_id > 0);
  const listed = state.phones.length ? state.phones : alive.map((chat) => ({ user_id: chat.id, role: "", about: "" }));
  for (const { user_id: id, role, about } of listed) {
    const person = people.get(id);
    if (!person) continue;
    if (!phones.has(id)) await addPhone({ ...person, role, about }, bot);
    phones.get(id).setPerson(person);
    phones.get(id).setChats(chats);
  }
  place("phones").dataset.count = String(phones.size);
  showTabs();
  return seq;
}

async function addPhone(person, bot) {
  const phone = new Phone(person, bot);
  phones.set(person.id, phone);
  place("phones").append(phone.root);
  await phone.load();
}

/** On a narrow screen: one press to each phone and to the network. */
function showTabs() {
  const go = (target) => target.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
  const tabs = [...phones.values()].map((phone) => button({ text: phone.person.first_name, on: { click: () => { place("phones").scrollIntoView({ block: "start" }); go(phone.root); } } }));
  tabs.push(button({ text: w.network, on: { click: () => place("network").scrollIntoView({ behavior: "smooth" }) } }));
  place("tabs").replaceChildren(...tabs);
}

/** Chats, counts and the clock each second; all anew when the server is another one. */
async function watchState() {
  for (;;) {
    try {
      const state = await api.pageState();
      if (epoch !== null && state.epoch !== epoch) location.reload();
      epoch = state.epoch;
      topBar.show(state);
      network.show(state.networks);
      const named = JSON.stringify(state.phones);
      if (named !== cast) {
        cast = named;
        await showPhones(state);
      }
      if (!document.hidden) await network.refresh();
    } catch {
      topBar.lostConnection();
    }
    await pause(POLL_MS);
  }
}

/** Everything that happens in the chats, as it happens. */
async function watchEvents() {
  let seq = null;
  for (;;) {
    try {
      seq ??= await showPhones(await api.pageState());
      const { events, last } = await api.events(seq, WAIT_S);
      const strangers = events.some((event) => !known(event));
      for (const event of events) for (const phone of phones.values()) phone.receive(event);
      seq = last;
      if (strangers) await showPhones(await api.pageState());
    } catch {
      topBar.lostConnection();
      await pause(RETRY_MS);
    }
  }
}

function known({ chat_id: id, type }) {
  if (id === null) return true;
  const hidden = cast === "[]" && id > 0 && !phones.has(id);
  return chatIds.has(id) && type !== "migrate" && !hidden;
}

watchState();
watchEvents();
