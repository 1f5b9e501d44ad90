// The board at the pass on a shaky network. Each tap gets a key of its own and waits in this tablet's
// storage until the server has said that it is counted; a tap sent twice counts once. The page asks
// every four seconds what other tablets have counted.
"use strict";

const board = () => document.getElementById("board");
const stale = document.querySelector("[data-stale]");
const where = window.location.pathname;
const store = `kitchen-taps:${where}`;
const EVERY = 4000; // milliseconds
const PATIENCE = 8000; // a request that hangs is as good as lost
let sending = false;

const waiting = () => JSON.parse(localStorage.getItem(store) || "[]");
const keep = (taps) => localStorage.setItem(store, JSON.stringify(taps));
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

const tell = (lost) => {
  stale.querySelector("[data-since]").textContent = board().dataset.at;
  stale.querySelector("[data-waiting]").textContent = waiting().length;
  stale.hidden = !lost;
};

// Taps that wait are shown as if they were counted already.
const showWaiting = () => {
  for (const tap of waiting()) {
    const form = [...board().querySelectorAll("[data-tap]")].find(
      (one) => one.elements.menu_item_id.value === tap.menu_item_id && one.elements.stage.value === tap.stage && one.elements.mode.value === tap.mode,
    );
    const done = form?.querySelector("[data-done]");
    if (done) done.textContent = Number(done.textContent) + Number(tap.count);
  }
};

const take = (text) => {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("board");
  if (!fresh) {
    window.location.reload(); // the sign-in ran out: what waits is sent after the next one
    return;
  }
  board().replaceWith(fresh);
  showWaiting();
};

const ask = (options = {}) => fetch(where, { ...options, signal: AbortSignal.timeout(PATIENCE), credentials: "same-origin" });

const sync = async () => {
  if (sending) return;
  sending = true;
  try {
    let answer = null;
    for (let tap = waiting()[0]; tap; tap = waiting()[0]) {
      const token = board().querySelector("[name=csrf_token]").value;
      answer = await ask({ method: "POST", body: new URLSearchParams({ ...tap, csrf_token: token }) });
      if (answer.status >= 500) throw new Error("the server could not answer");
      const text = await answer.text();
      if (!text.includes('id="board"')) {
        window.location.reload();
        return;
      }
      keep(waiting().filter((one) => one.key !== tap.key));
      answer = text;
    }
    if (answer === null) {
      const read = await ask();
      if (read.status >= 500) throw new Error("the server could not answer");
      answer = await read.text();
    }
    if (!waiting().length) take(answer);
    tell(false);
    if (waiting().length) setTimeout(sync);
  } catch {
    tell(true);
  } finally {
    sending = false;
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-tap]");
  if (!form) return;
  event.preventDefault();
  const { menu_item_id, stage, mode } = form.elements;
  const count = event.submitter.value;
  keep([...waiting(), { key: newKey(), menu_item_id: menu_item_id.value, stage: stage.value, mode: mode.value, count }]);
  const done = form.querySelector("[data-done]");
  done.textContent = Number(done.textContent) + Number(count);
  if (!stale.hidden) tell(true);
  sync();
});

showWaiting();
sync();
setInterval(sync, EVERY);
