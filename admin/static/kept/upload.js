// Brings what the tablet kept to the server: in order, once at a time in all windows, again and again
// until it is there. Only the taps of whoever is signed in are sent.
import { batchesOf } from "./logic.js";
import * as store from "./store.js";

const AT_A_TIME = 100;
const PATIENCE_MS = 15_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** idle, sending, away (no network), signed_out, or trouble (the server answers oddly). */
export let standing = "idle";
let wait = FIRST_WAIT_MS;
let timer = 0;

export class Away extends Error {}
export class SignedOut extends Error {}
export class Trouble extends Error {}

/** The JSON behind an address, and how far off this tablet's clock is. Throws Away, SignedOut, Trouble. */
export async function ask(address, options = {}) {
  const { status, body } = await call(address, options);
  if (status !== 200) throw new Trouble(status);
  await store.setFact("offset", Date.parse(body.server_now) - Date.now());
  return body;
}

async function call(address, options) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const response = await fetch(address, {
      ...options, redirect: "manual", cache: "no-store", signal: stop.signal,
      headers: { Accept: "application/json", ...options.headers },
    });
    if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
    if ([502, 503, 504].includes(response.status)) throw new Away();
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch (error) {
    if (error instanceof SignedOut || error instanceof Away) throw error;
    throw new Away();
  } finally {
    clearTimeout(late);
  }
}

/** Who is signed in, a token for uploads, today's lessons. */
export const whoIsIn = () => ask("/admin/scan.json");

/** Send what waits, unless another window is at it; comes back by itself until all is there. */
export async function upload() {
  clearTimeout(timer);
  const stands = await navigator.locks.request("xingfu-upload", { ifAvailable: true }, (lock) =>
    lock ? sendAll() : null,
  );
  if (!stands) return; // whoever is at it takes the new ones along
  stand(stands);
  if (stands === "away" || stands === "trouble") {
    timer = setTimeout(upload, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  } else {
    wait = FIRST_WAIT_MS;
  }
}

/** The network may be back: no need to wait. */
export function hurry() {
  wait = FIRST_WAIT_MS;
  return upload();
}

function stand(next) {
  standing = next;
  window.dispatchEvent(new Event("kept"));
}

async function sendAll() {
  try {
    while ((await store.queue()).length > 0) {
      if (standing === "idle") stand("sending");
      const { me, csrf } = await whoIsIn();
      const mine = (await store.queue()).filter((entry) => entry.staff_id === me.id);
      if (mine.length === 0) break;
      for (const batch of batchesOf(mine, AT_A_TIME)) await send(batch, me, csrf);
    }
    return "idle";
  } catch (error) {
    if (error instanceof SignedOut) return "signed_out";
    if (error instanceof Away) return "away";
    return "trouble";
  }
}

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
