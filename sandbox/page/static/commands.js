// Which of the bot's command lists a person sees.
// Order of the search: https://core.telegram.org/bots/api#determining-list-of-commands

/** `lists`: as /control/telegram/commands gives them; `chat`: a line of the list of chats. */
export function menuFor(lists, chat, userId, languageCode) {
  const chatId = String(chat?.id ?? userId);
  const isPrivate = (chat?.type ?? "private") === "private";
  const scopes = isPrivate
    ? [{ type: "chat", chat_id: chatId }, { type: "all_private_chats" }, { type: "default" }]
    : [
        { type: "chat_member", chat_id: chatId, user_id: String(userId) },
        { type: "chat", chat_id: chatId },
        { type: "all_group_chats" },
        { type: "default" },
      ];
  for (const scope of scopes) {
    for (const language of [languageCode ?? "", ""]) {
      const found = lists.find((list) => list.language_code === language && same(list.scope, scope));
      if (found) return found.commands;
    }
  }
  return [];
}

function same(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => String(one[name]) === String(other[name]));
}
