// A link to one of the sandbox's own posts shows the post on this page: the real network does not have it.

const POST = /^https?:\/\/(?:m\.)?vk\.(?:com|ru)\/(?:.*[?&]w=)?(wall-?\d+_\d+)(?:_r(\d+))?(?:[?&].*?reply=(\d+).*)?$/u;

let show = () => false;

/** `finder(nativeId)` shows the post and says whether it is here. */
export function setPostFinder(finder) {
  show = finder;
}

/** "wall-1_2" or "wall-1_2_r3" out of an address, or null. */
export function nativeId(address) {
  const match = POST.exec(address);
  if (!match) return null;
  const comment = match[2] ?? match[3];
  return comment ? `${match[1]}_r${comment}` : match[1];
}

export function openLink(event, address) {
  const id = nativeId(address);
  if (id !== null && show(id)) event.preventDefault();
}
