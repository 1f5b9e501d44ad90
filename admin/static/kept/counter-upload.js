// Brings the taps of the counter to the server, once each: the same key counts once however often it is sent.
import { call, Trouble } from "./asking.js";
import * as store from "./counter-store.js";

const PATIENCE_MS = 6000; // somebody stands there with a tray

/** What became of the taps of one meal of whoever is signed in, and the list's version by now. */
export async function send(meal_id) {
  const news = await call(`/admin/counter/${meal_id}/news.json`, {}, PATIENCE_MS);
  if (news.status !== 200) throw new Trouble(news.status);
  const { me, csrf, version } = news.body;
  const waiting = (await store.taps()).filter((tap) => tap.staff_id === me.id && tap.meal_id === meal_id);
  if (waiting.length === 0) return { version, answers: [] };
  const { status, body } = await call(`/admin/counter/${meal_id}/taps`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ device_now: new Date().toISOString(), taps: waiting.map(sent) }),
  }, PATIENCE_MS);
  if (status !== 200) throw new Trouble(status);
  await store.drop(body.answers.map(({ key }) => key));
  const tapOf = new Map(waiting.map((tap) => [tap.key, tap]));
  return { version: body.version, answers: body.answers.map((one) => ({ ...one, tap: tapOf.get(one.key) })) };
}

/** All that waits, of every meal, from any page; what does not go through now does from the next one. */
export async function sendAll() {
  const meals = new Set((await store.taps()).map((tap) => tap.meal_id));
  for (const meal_id of meals) {
    await navigator.locks.request("xingfu-counter", () => send(meal_id)).catch(() => {});
  }
}

const sent = ({ key, booking_id, proof, at, given }) => ({ key, booking_id, proof, at, given });
