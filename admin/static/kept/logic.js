// What a sheet shows with the taps that are still on the tablet laid over it. Nothing here touches
// the page, the network or the clock.

export const CAME = ["present", "late", "left_early", "made_up"];
const OPENS_BEFORE_MS = 30 * 60_000;
const LATE_AFTER_MS = 10 * 60_000;
const UNDO_MS = 15 * 60_000;

/**
 * The people of a sheet as they stand after `entries`; `waiting` ones are not uploaded yet. `offset`:
 * by how many ms the server's clock is ahead of the tablet's.
 */
export function laidOver(people, entries, offset) {
  const changed = new Map();
  for (const entry of entries) {
    if (entry.booking_id) changed.set(entry.booking_id, entry);
  }
  return people.map((one) => {
    const entry = changed.get(one.booking_id);
    return entry ? { ...one, presence: entry.presence, marked_at: Date.parse(entry.at) + offset, waiting: true } : one;
  });
}

export function countsOf(people) {
  const of = {};
  for (const { presence } of people) of[presence] = (of[presence] ?? 0) + 1;
  return {
    of,
    enrolled: people.length,
    came: people.filter((one) => CAME.includes(one.presence)).length,
    unmarked: of.null ?? 0,
  };
}

/** early: only excuses; open: codes are taken; over: marks may be added and corrected. */
export function phaseOf(lesson, now) {
  if (lesson.cancelled) return "cancelled";
  if (now < Date.parse(lesson.starts_at) - OPENS_BEFORE_MS) return "early";
  return now <= Date.parse(lesson.ends_at) ? "open" : "over";
}

export const opensAt = (lesson) => Date.parse(lesson.starts_at) - OPENS_BEFORE_MS;

/** Present, or late from ten minutes past the start on. */
export const presenceAt = (lesson, now) =>
  now > Date.parse(lesson.starts_at) + LATE_AFTER_MS ? "late" : "present";

/** The entries of one tap on some people, and what an undo of it puts back. */
export function tapOn(people, presence, { lesson_id, staff, at, code, id }) {
  const tap = id();
  const entries = people.map((one) => ({
    nonce: id(), tap, lesson_id, at, name: one.name,
    staff_id: staff.id, staff_name: staff.name,
    kind: code ? "scan" : "mark", booking_id: one.booking_id, presence, seen: one.presence, code,
  }));
  const marks = entries.map(({ booking_id, seen, nonce }) => ({ booking_id, was: seen, set: presence, nonce }));
  return { entries, tap: { tap, lesson_id, staff_id: staff.id, at, marks, undone: false } };
}

/** The newest tap of this member of staff on this tablet that may still be taken back. */
export function undoable(taps, lesson_id, staff_id, now) {
  const mine = taps.filter(
    (one) =>
      one.lesson_id === lesson_id && one.staff_id === staff_id && !one.undone &&
      Math.abs(now - Date.parse(one.at)) < UNDO_MS,
  );
  return mine.sort((one, other) => Date.parse(other.at) - Date.parse(one.at))[0] ?? null;
}

/** The entries that take a tap back, where nobody has changed the mark since. */
export function undoOf(tap, people, { staff, at, id }) {
  const stands = new Map(people.map((one) => [one.booking_id, one]));
  return tap.marks
    .filter((mark) => stands.get(mark.booking_id)?.presence === mark.set)
    .map((mark) => ({
      nonce: id(), tap: tap.tap, lesson_id: tap.lesson_id, at, name: stands.get(mark.booking_id).name,
      staff_id: staff.id, staff_name: staff.name,
      kind: "undo", booking_id: mark.booking_id, presence: mark.was, seen: mark.set, undoes: mark.nonce,
    }));
}

/** Entries in their order, by lesson, not too many at a time. */
export function batchesOf(entries, most) {
  const lessons = new Map();
  for (const entry of entries) {
    if (!lessons.has(entry.lesson_id)) lessons.set(entry.lesson_id, []);
    lessons.get(entry.lesson_id).push(entry);
  }
  const batches = [];
  for (const of of lessons.values()) {
    for (let from = 0; from < of.length; from += most) batches.push(of.slice(from, from + most));
  }
  return batches;
}

/** Whose taps wait on this tablet, apart from `me`: names with how many. */
export function othersOf(entries, me) {
  const counted = new Map();
  for (const entry of entries) {
    if (entry.staff_id === me?.id) continue;
    const known = counted.get(entry.staff_id) ?? { name: entry.staff_name, count: 0 };
    counted.set(entry.staff_id, { ...known, count: known.count + 1 });
  }
  return [...counted.values()];
}
