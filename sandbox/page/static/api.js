// Everything the page asks of the sandbox. Nothing here goes anywhere else.

export class Refused extends Error {}

async function ask(path, body, signal) {
  const options = { signal, cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error || `HTTP ${response.status}`);
  return answer;
}

const telegram = (path, body) => ask(`/control/telegram/${path}`, body);

export const pageState = () => ask("/control/page");
export const forward = (seconds) => ask("/control/clock", { forward_seconds: seconds });

export const users = () => telegram("users");
export const chats = () => telegram("chats");
export const commands = async () => (await telegram("commands")).commands;
export const events = (since, wait) => telegram(`events?since=${since}&wait=${wait}`);

/** The newest messages of a chat, oldest of them first. */
export async function lastMessages(chatId, limit) {
  return (await telegram(`chats/${chatId}/messages?last=1&limit=${limit}`)).messages;
}

/** All messages of a chat after `after`. */
export async function messagesAfter(chatId, after, limit) {
  return (await telegram(`chats/${chatId}/messages?after=${after}&limit=${limit}`)).messages;
}

export const start = (userId) => telegram("start", { user_id: userId });
export const block = (userId) => telegram("block", { user_id: userId });
export const unblock = (userId) => telegram("unblock", { user_id: userId });
export const press = (userId, chatId, messageId, data) =>
  telegram("press", { user_id: userId, chat_id: chatId, message_id: messageId, data });
export const say = (userId, chatId, text, place) => telegram("say", { user_id: userId, chat_id: chatId, text, ...place });

/** `file` is a File of the browser; pictures travel as photos, anything else as documents. */
export async function sendFile(userId, chatId, file, caption, place) {
  const kind = /^image\/(?:jpeg|png|webp)$/u.test(file.type) ? "photo" : "document";
  return telegram("file", {
    user_id: userId, chat_id: chatId, kind, caption, name: file.name, mime_type: file.type || undefined,
    base64: await base64(file), ...place,
  });
}

function base64(file) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => fail(reader.error));
    reader.readAsDataURL(file);
  });
}

/** A network's walls as text, so that an unchanged answer costs no parsing. */
export async function wallsText(network, count) {
  const response = await fetch(`/control/${network}/walls?count=${count}`, { cache: "no-store" });
  if (!response.ok) throw new Refused(`HTTP ${response.status}`);
  return response.text();
}

/** A resident writes to a page, in the way its network has for it. */
export const offerPost = (network, ownerId, authorName, text) =>
  ask("/control/page/posts", { network, page: String(ownerId), author_name: authorName, text });
