// What a courier's phone keeps: today's runs stop by stop, the ticks that still have to be sent (in
// their order, photos too), and what the server said to those it did not take.
import { answerOf, database } from "./database.js";

const base = database("xingfu-courier", (made) => {
  made.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
  made.createObjectStore("answers", { keyPath: "key" });
  made.createObjectStore("facts");
});

export const { onNews } = base;
const { transact, all } = base;

export const queue = () => all("queue");

/** All there is, as of one moment; `mine`: the runs, and whose. */
export const everything = () =>
  transact(["queue", "answers", "facts"], "readonly", async (store) => ({
    mine: await answerOf(store("facts").get("mine")),
    queue: await answerOf(store("queue").getAll()),
    answers: await answerOf(store("answers").getAll()),
  }));

/** The runs as the server told them; an answer that was overtaken on its way brings nothing back. */
export const keepMine = (told) =>
  transact(["facts"], "readwrite", async (store) => {
    const known = await answerOf(store("facts").get("mine"));
    const older = known?.staff_id === told.me.id && Date.parse(told.server_now) < Date.parse(known.told.server_now);
    const offset = Date.parse(told.server_now) - Date.now();
    if (!older) await answerOf(store("facts").put({ staff_id: told.me.id, offset, told }, "mine"));
  });

/** One tick; whoever ticks again has seen what was said about the stop. */
export const enqueue = (entry) =>
  transact(["queue", "answers"], "readwrite", async (store) => {
    await answerOf(store("queue").add(entry));
    for (const old of await answerOf(store("answers").getAll())) {
      if (old.stop_id === entry.stop_id) await answerOf(store("answers").delete(old.key));
    }
  });

/** The server has the tick: its stop stands as it said, and what it did not take is remembered. */
export const settle = (entry, stop, answer) =>
  transact(["queue", "answers", "facts"], "readwrite", async (store) => {
    await answerOf(store("queue").delete(entry.n));
    if (answer) await answerOf(store("answers").put(answer));
    const mine = await answerOf(store("facts").get("mine"));
    const known = mine?.told.runs.flatMap((run) => run.stops).find((one) => one.id === entry.stop_id);
    if (!stop || !known) return;
    Object.assign(known, stop);
    await answerOf(store("facts").put(mine, "mine"));
  });

export const dismiss = (key) =>
  transact(["answers"], "readwrite", (store) => answerOf(store("answers").delete(key)));

/** Names, doors and telephones leave the phone; what is not sent stays. */
export const forget = () =>
  transact(["answers", "facts"], "readwrite", async (store) => {
    await answerOf(store("answers").clear());
    await answerOf(store("facts").delete("mine"));
  });
