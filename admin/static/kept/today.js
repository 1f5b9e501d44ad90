// Today's lessons: kept beforehand where there is a network, listed from there where there is none.
import { Trouble } from "./asking.js";
import { laidOver, countsOf, phaseOf } from "./logic.js";
import * as store from "./store.js";
import { ask, whoIsIn } from "./upload.js";
import { date, hour, piece, say } from "./words.js";

const MOST = 30;
const FRESH_MS = 5 * 60_000;
const PILLS = {
  open: ["green", "open_now"], over: ["grey", "over_now"], early: ["amber", "not_yet"], cancelled: ["red", "cancelled_now"],
};

/** Today's sheets are fetched one after the other; what fails is fetched the next time. */
export async function keepToday(me) {
  try {
    const { lessons } = await whoIsIn();
    const fresh = new Set(
      (await store.keptSheets())
        .filter((row) => row.staff_id === me.id && Date.now() - row.kept_at < FRESH_MS)
        .map((row) => row.lesson_id),
    );
    for (const id of lessons.slice(0, MOST)) {
      if (!fresh.has(id)) await keepOne(me, id);
    }
  } catch {
    // No network, or not signed in any more: what is kept is kept.
  }
}

async function keepOne(me, id) {
  try {
    await store.keepSheet(me.id, await ask(`/admin/classes/lessons/${id}/sheet.json`));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error; // one that is refused holds up no other
  }
}

export async function showToday(root, me) {
  const offset = (await store.fact("offset")) ?? 0;
  const now = Date.now() + offset;
  const queue = await store.queue();
  const kept = (await store.keptSheets())
    .filter((row) => row.staff_id === me?.id && date(row.sheet.lesson.starts_at) === date(now))
    .sort((one, other) => Date.parse(one.sheet.lesson.starts_at) - Date.parse(other.sheet.lesson.starts_at));
  document.querySelector("[data-subtitle]").textContent = sentenceFor(me, kept, queue);
  if (kept.length === 0) return;
  root.replaceChildren(piece("kept-today"));
  root.querySelector("[data-lessons]").append(...kept.map((row) => rowOf(row, queue, offset)));
}

function sentenceFor(me, kept, queue) {
  const n = queue.filter((entry) => entry.staff_id === me?.id).length;
  if (!me) return say("nobody");
  if (n > 0) return say("waiting", { n });
  return say(kept.length ? "offline" : "none_today");
}

function rowOf({ lesson_id, sheet }, queue, offset) {
  const row = piece("kept-today-row");
  const { lesson } = sheet;
  const counts = countsOf(laidOver(sheet.people, queue.filter((entry) => entry.lesson_id === lesson_id), offset));
  const put = (selector, text) => (row.querySelector(selector).textContent = text);
  row.querySelector("a").href = `/admin/classes/lessons/${lesson_id}`;
  put(".clock", hour(lesson.starts_at));
  put(".row-title", lesson.title);
  put(".row-sub", `${lesson.place_name} · ${say("session", { n: lesson.number })}`);
  put(".places b", counts.came);
  put(".places span", ` / ${counts.enrolled}`);
  const [tone, word] = PILLS[phaseOf(lesson, Date.now() + offset)];
  row.querySelector(".pill").classList.add(tone);
  put(".pill", say(word));
  return row;
}
