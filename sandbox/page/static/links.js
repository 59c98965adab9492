// A link to one of the sandbox's own posts shows the post on this page: the real network does not have it.

// Network, how its links to posts look, and the native id they name: of the comment where they name one.
const LINKS = [
  [
    "vk",
    /^https?:\/\/(?:m\.)?vk\.(?:com|ru)\/(?:.*[?&]w=)?(wall-?\d+_\d+)(?:_r(\d+))?(?:[?&].*?reply=(\d+).*)?$/u,
    ([, post, inside, asked]) => (inside ?? asked ? `${post}_r${inside ?? asked}` : post),
  ],
  ["ok", /^https?:\/\/ok\.ru\/group\/\d+\/topic\/(\d+)$/u, ([, topic]) => `GROUP_TOPIC:${topic}`],
  ["ok", /^https?:\/\/ok\.ru\/profile\/\d+\/statuses\/(\d+)$/u, ([, topic]) => `USER_TOPIC:${topic}`],
  [
    "facebook",
    /^https?:\/\/www\.facebook\.com\/(\d+)\/posts\/(\d+)(?:\?comment_id=(\d+)(?:&reply_comment_id=(\d+))?)?$/u,
    ([, wall, post, top, reply]) => (reply ?? top ? `${post}_${reply ?? top}` : `${wall}_${post}`),
  ],
  // A short code is no native id: the post is known by its own address.
  ["instagram", /^(https?:\/\/www\.instagram\.com\/p\/[\w-]+\/)(?:c\/(?:\d+\/r\/)?(\d+)\/)?$/u, ([, post, comment]) => comment ?? post],
  ["x", /^https?:\/\/x\.com\/\w+\/status\/(\d+)$/u, ([, post]) => post],
];

let show = () => false;

/** `finder(network, nativeId)` shows the post and says whether it is here. */
export function setPostFinder(finder) {
  show = finder;
}

/** [network, native id] out of an address, or null. */
export function postOf(address) {
  for (const [network, pattern, idOf] of LINKS) {
    const match = pattern.exec(address);
    if (match) return [network, idOf(match)];
  }
  return null;
}

export function openLink(event, address) {
  const post = postOf(address);
  if (post !== null && show(...post)) event.preventDefault();
}
