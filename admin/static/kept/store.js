// What this tablet keeps in IndexedDB: the sheets of today's lessons, the taps that still have to be
// uploaded (in their order), what became of those that need a look, and who is signed in.

import { answerOf, database } from "./database.js";

const base = database("xingfu-attendance", (made) => {
  made.createObjectStore("sheets", { keyPath: "lesson_id" });
  made.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
  made.createObjectStore("taps", { keyPath: "tap" });
  made.createObjectStore("answers", { keyPath: "nonce" });
  made.createObjectStore("facts");
});

export const { onNews, fact, setFact } = base;
const { transact, all } = base;

/**
 * This browser's own number, by which the server knows its taps: the one of its cookie, for good.
 * A cookie that went away meanwhile has it again, so that the page without scripts takes back the same taps.
 */
export async function device() {
  if (!(await fact("device"))) {
    const made = document.cookie.match(/xingfu_device=([0-9a-f-]{36})/)?.[1] ?? crypto.randomUUID();
    await transact(["facts"], "readwrite", async (store) => {
      if (!(await answerOf(store("facts").get("device")))) await answerOf(store("facts").put(made, "device"));
    });
  }
  const known = await fact("device");
  if (!document.cookie.includes(`xingfu_device=${known}`)) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `xingfu_device=${known}; path=/admin; max-age=${400 * 86400}; samesite=lax${secure}`;
  }
  return known;
}

// An answer that was overtaken on its way does not bring an older state back.
async function putSheet(store, staff_id, sheet) {
  const known = await answerOf(store("sheets").get(sheet.lesson.id));
  const older = known?.staff_id === staff_id && Date.parse(sheet.server_now) < Date.parse(known.sheet.server_now);
  if (!older) {
    const row = { lesson_id: sheet.lesson.id, staff_id, kept_at: Date.now(), sheet };
    await answerOf(store("sheets").put(row));
  }
}

export const keepSheet = (staff_id, sheet) =>
  transact(["sheets"], "readwrite", (store) => putSheet(store, staff_id, sheet));

export const keptSheets = () => all("sheets");
export const queue = () => all("queue");
export const answers = () => all("answers");

/** All there is about a lesson, as of one moment. */
export const everything = (lesson_id) =>
  transact(["sheets", "queue", "taps", "answers", "facts"], "readonly", async (store) => ({
    kept: await answerOf(store("sheets").get(lesson_id)),
    queue: await answerOf(store("queue").getAll()),
    taps: await answerOf(store("taps").getAll()),
    answers: await answerOf(store("answers").getAll()),
    offset: await answerOf(store("facts").get("offset")),
  }));

/** One tap: its entries join the queue together, with what an undo puts back. */
export const enqueue = (entries, tap) =>
  transact(["queue", "taps", "answers"], "readwrite", async (store) => {
    for (const entry of entries) await answerOf(store("queue").add(entry));
    if (tap) await answerOf(store("taps").put(tap));
    const touched = new Set(entries.map((entry) => entry.booking_id).filter(Boolean));
    for (const old of await answerOf(store("answers").getAll())) {
      // Whoever taps again has seen what was said about the row.
      if (old.lesson_id === entries[0].lesson_id && touched.has(old.booking_id)) {
        await answerOf(store("answers").delete(old.nonce));
      }
    }
  });

/** What the server said: entries leave the queue, and those that need a look are remembered. */
export const settle = (settled, staff_id, sheet) =>
  transact(["queue", "answers", "sheets"], "readwrite", async (store) => {
    for (const { entry, answer } of settled) {
      await answerOf(store("queue").delete(entry.n));
      if (answer) await answerOf(store("answers").put(answer));
    }
    if (sheet) await putSheet(store, staff_id, sheet);
  });

export const dismiss = (nonce) =>
  transact(["answers"], "readwrite", (store) => answerOf(store("answers").delete(nonce)));

/** Conflicts and odd scans of a lesson are no longer this tablet's to show. */
export const leaveToServer = (lesson_id) =>
  forget((name, row) => name !== "answers" || row.lesson_id !== lesson_id || row.outcome === "refused");

/** Forget sheets, taps and answers that `stays` does not hold on to; never what is not uploaded. */
export const forget = (stays) =>
  transact(["sheets", "taps", "answers"], "readwrite", async (store) => {
    for (const [name, key] of [["sheets", "lesson_id"], ["taps", "tap"], ["answers", "nonce"]]) {
      for (const row of await answerOf(store(name).getAll())) {
        if (!stays(name, row)) await answerOf(store(name).delete(row[key]));
      }
    }
  });

/** Somebody signs out: names and marks leave the tablet; what is not uploaded stays. */
export const signOut = async () => {
  await forget(() => false);
  await setFact("me", null);
};
