// What the counter's tablet keeps in IndexedDB: the list of a meal as the server last drew it, and the
// taps that still have to be uploaded. Names leave the tablet when staff sign out, taps do not.
import { answerOf, database } from "./database.js";

const base = database("xingfu-counter", (made) => {
  made.createObjectStore("pages", { keyPath: "meal_id" });
  made.createObjectStore("taps", { keyPath: "key" });
});
const transact = (name, mode, work) => base.transact([name], mode, (store) => work(store(name)));

export const keepPage = (row) => transact("pages", "readwrite", (store) => answerOf(store.put(row)));
export const pageOf = (meal_id) => transact("pages", "readonly", (store) => answerOf(store.get(meal_id)));

/** Lists that `stays` does not hold on to go. */
export const forget = (stays) =>
  transact("pages", "readwrite", async (store) => {
    for (const row of await answerOf(store.getAll())) if (!stays(row)) await answerOf(store.delete(row.meal_id));
  });

const inOrder = (one, other) => one.at.localeCompare(other.at);
export const taps = async () => (await base.all("taps")).sort(inOrder);

export const put = (tap) => transact("taps", "readwrite", (store) => answerOf(store.put(tap)));

export const drop = (keys) =>
  transact("taps", "readwrite", async (store) => {
    for (const key of keys) await answerOf(store.delete(key));
  });

/** Nobody could ask the server: these meals were given out by what the tablet knew. */
export const give = (staff_id) =>
  transact("taps", "readwrite", async (store) => {
    for (const tap of await answerOf(store.getAll())) {
      if (tap.staff_id === staff_id && !tap.given) await answerOf(store.put({ ...tap, given: true }));
    }
  });
