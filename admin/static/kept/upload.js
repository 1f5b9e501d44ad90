// Brings the taps that the tablet kept to the server, in order; only those of whoever is signed in.
import { call, Trouble } from "./asking.js";
import { batchesOf } from "./logic.js";
import { sender } from "./sending.js";
import * as store from "./store.js";

const AT_A_TIME = 100;

/** The JSON behind an address, and how far off this tablet's clock is. Throws Away, SignedOut, Trouble. */
export async function ask(address, options = {}) {
  const { status, body } = await call(address, options);
  if (status !== 200) throw new Trouble(status);
  await store.setFact("offset", Date.parse(body.server_now) - Date.now());
  return body;
}

/** Who is signed in, a token for uploads, today's lessons. */
export const whoIsIn = () => ask("/admin/scan.json");

const line = sender("xingfu-upload", async (begin) => {
  while ((await store.queue()).length > 0) {
    begin();
    const { me, csrf } = await whoIsIn();
    const mine = (await store.queue()).filter((entry) => entry.staff_id === me.id);
    if (mine.length === 0) break;
    for (const batch of batchesOf(mine, AT_A_TIME)) await send(batch, me, csrf);
  }
});
export const { send: upload, hurry, standing } = line;

async function send(batch, me, csrf) {
  const { status, body } = await call(`/admin/classes/lessons/${batch[0].lesson_id}/uploads`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({
      device: await store.device(),
      device_now: new Date().toISOString(),
      entries: batch.map(sent),
    }),
  });
  if (status === 200) return settle(batch, me, body);
  if (![403, 404, 409, 413, 422].includes(status)) throw new Trouble(status);
  if (batch.length > 1) {
    for (const entry of batch) await send([entry], me, csrf); // one bad entry holds up no other
    return undefined;
  }
  const refused = { outcome: "refused", sentence: body?.errmsg ?? "" };
  return store.settle([{ entry: batch[0], answer: answerOf(batch[0], refused) }], me.id, null);
}

const sent = ({ nonce, kind, at, booking_id, presence, code, seen }) => ({
  nonce, kind, at, booking_id, presence, code, seen,
});

async function settle(batch, me, { results, sheet }) {
  const said = new Map(results.map((result) => [result.nonce, result]));
  const settled = batch
    .filter((entry) => said.has(entry.nonce))
    .map((entry) => {
      const result = said.get(entry.nonce);
      const well = result.outcome === "done" || result.outcome === "repeated";
      return { entry, answer: well ? null : answerOf(entry, result) };
    });
  await store.settle(settled, me.id, sheet);
  if (settled.length < batch.length) throw new Trouble("unanswered");
}

const answerOf = (entry, { outcome, sentence, booking_id }) => ({
  nonce: entry.nonce, lesson_id: entry.lesson_id, staff_id: entry.staff_id, name: entry.name, at: entry.at,
  booking_id: booking_id ?? entry.booking_id, outcome, sentence,
});
