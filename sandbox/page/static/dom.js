// Building the page. Words only ever become text nodes: there is no innerHTML anywhere.

const SVG = "http://www.w3.org/2000/svg";

// Lines on a field of 24 by 24.
const ICONS = {
  send: "M3.5 11.5 20.5 4l-5 16-4-6.5zM11.5 13.5 20.5 4",
  clip: "M8 13V7a4 4 0 0 1 8 0v9.5a2.5 2.5 0 0 1-5 0V8",
  reply: "M9 6 4 11l5 5M4 11h9a6 6 0 0 1 6 6v2",
  close: "m6 6 12 12M18 6 6 18",
  more: "M12 5.5h.01M12 12h.01M12 18.5h.01",
  down: "m6 9 6 6 6-6",
  out: "M7 17 17 7M9 7h8v8",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "m5 12.5 4.5 4.5L19 7.5",
  pencil: "m5 19 1-4L16 5l3 3L9 18z",
  clock: "M12 7v5.5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  page: "M7 3h7l4 4v14H7zM14 3v4h4",
};

/** An element. `props`: class, text, dataset, on (events), anything else is an attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "on") for (const [type, act] of Object.entries(value)) node.addEventListener(type, act);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A real <button>, so that the keyboard and screen readers know it. */
export function button(props, ...children) {
  return el("button", { type: "button", ...props }, ...children);
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const HUES = 8;

/** A round picture: initials on a colour that stays the same for the same name. */
export function avatar(name, className = "") {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  const initials = name
    .split(/\s+/u)
    .map((word) => [...word.replace(/[^\p{L}\p{N}]/gu, "")][0] ?? "")
    .join("");
  return el("span", {
    class: `avatar hue${sum % HUES} ${className}`,
    "aria-hidden": "true",
    text: [...initials].slice(0, 2).join("").toUpperCase() || "·",
  });
}

export function oneLine(text, length = 80) {
  const flat = text.replace(/\s+/gu, " ").trim();
  const letters = [...flat];
  return letters.length > length ? `${letters.slice(0, length).join("")}…` : flat;
}
