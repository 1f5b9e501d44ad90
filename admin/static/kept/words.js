// The page's sentences and pieces of markup, which the server wrote into it in the reader's language.

const words = JSON.parse(document.querySelector("#kept-words")?.textContent ?? "{}");

export const RARE = words.rare;
export const PRESENCE = words.presence;
export const wordFor = Object.fromEntries(PRESENCE ?? []);

export const say = (key, facts = {}) =>
  words.texts[key].replace(/%\((\w+)\)s/g, (_, name) => facts[name]);

/** A fresh copy of a template's content. */
export const piece = (id) => document.querySelector(`#${id}`).content.cloneNode(true);

const zone = { timeZone: "Asia/Shanghai" };
const hours = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });
const days = new Intl.DateTimeFormat(document.documentElement.lang, {
  ...zone, month: "long", day: "numeric", weekday: "short",
});
const dates = new Intl.DateTimeFormat("sv-SE", { ...zone, dateStyle: "short" });

/** 19:00, 3月11日周三, 2026-03-11: as on the residents' wall, whatever zone the tablet is set to. */
export const hour = (moment) => hours.format(new Date(moment));
export const day = (moment) => days.format(new Date(moment));
export const date = (moment) => dates.format(new Date(moment));
