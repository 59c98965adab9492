// The sandbox's time, in the time zone the server names, or else in the reader's own.

import { locale, w } from "./words.js";

let ahead = 0; // milliseconds the sandbox's clock is ahead of this machine's
let formats = make(undefined);

function make(timeZone) {
  const format = (parts) => new Intl.DateTimeFormat(locale, { ...parts, timeZone });
  return {
    zone: timeZone,
    clock: format({ hour: "2-digit", minute: "2-digit" }),
    day: format({ day: "numeric", month: "long" }),
    moment: format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    weekday: format({ weekday: "short", day: "numeric", month: "short" }),
  };
}

/** The answer of /control/page. */
export function setTime({ now: iso, timezone }) {
  ahead = Date.parse(iso) - Date.now();
  const zone = timezone || undefined;
  if (zone !== formats.zone) formats = make(zone);
}

export const now = () => new Date(Date.now() + ahead);
export const clockTime = (date) => formats.clock.format(date);
export const weekday = (date) => formats.weekday.format(date);
export const moment = (date) => (isToday(date) ? formats.clock : formats.moment).format(date);
export const dayName = (date) => (isToday(date) ? w.today : formats.day.format(date));

/** The same for all moments of one day, whatever day it is now. */
export const dayKey = (date) => formats.day.format(date);

function isToday(date) {
  return dayKey(date) === dayKey(now());
}
