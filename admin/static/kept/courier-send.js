// Brings a courier's ticks to the server, one after the other; only those of whoever is signed in.
import { call, Trouble } from "./asking.js";
import * as store from "./courier-store.js";
import { sender } from "./sending.js";

const REFUSED = [403, 404, 409, 413, 422];

/** Who is signed in, a token, and today's runs of theirs, which are kept. Throws Away, SignedOut, Trouble. */
export async function fetchMine() {
  const { status, body } = await call("/admin/courier.json");
  if (status !== 200) throw new Trouble(status);
  await store.keepMine(body);
  return body;
}

const line = sender("xingfu-courier", async (begin) => {
  let sent = false;
  while ((await store.queue()).length > 0) {
    begin();
    const { me, csrf } = await fetchMine();
    const mine = (await store.queue()).filter((entry) => entry.staff_id === me.id);
    if (mine.length === 0) break;
    for (const entry of mine) await send(entry, csrf);
    sent = true;
  }
  if (sent) await fetchMine();
});
export const { send: sendTicks, hurry, standing } = line;

async function send(entry, csrf) {
  const form = new FormData();
  for (const name of ["outcome", "key", "at", "code", "received_by", "reason"]) {
    if (entry[name]) form.append(name, entry[name]);
  }
  form.append("device_now", new Date().toISOString());
  if (entry.photo) form.append("photo", new Blob([entry.photo], { type: "image/jpeg" }), "photo.jpg");
  const { status, body } = await call(`/admin/courier/runs/${entry.run_id}/stops/${entry.stop_id}`, {
    method: "POST", headers: { "X-CSRFToken": csrf }, // shorter where there is no photo
    body: entry.photo ? form : new URLSearchParams(form),
  });
  if (status === 200) {
    await store.settle(entry, body.stop, body.sentence ? answerOf(entry, body.sentence) : null);
  } else if (REFUSED.includes(status)) {
    await store.settle(entry, null, answerOf(entry, body?.errmsg ?? "")); // it holds up no other
  } else {
    throw new Trouble(status);
  }
}

const answerOf = ({ key, run_id, stop_id, staff_id, at }, sentence) => ({
  key, run_id, stop_id, staff_id, at, sentence,
});
