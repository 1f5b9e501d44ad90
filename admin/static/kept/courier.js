// A courier's pages: today's runs, and one of them stop by stop. Each tick is stored on the phone before
// it is shown as done, and sent when that is possible.
import { Away, SignedOut } from "./asking.js";
import { hashOf } from "./codes.js";
import { countsOf, laidOver, nextOf } from "./courier-logic.js";
import { shrunk } from "./courier-photo.js";
import { showStops } from "./courier-rows.js";
import { fetchMine, hurry, sendTicks, standing } from "./courier-send.js";
import * as store from "./courier-store.js";
import { me } from "./me.js";
import { showStatus } from "./status.js";
import { date, hour, piece, say } from "./words.js";

const NEWS_MS = 20_000;
const SCOPE = "/admin/courier";
const root = document.querySelector("[data-kept]");
// also where a form of the run was refused: leave, back, give-back
const run_id = Number(location.pathname.match(/^\/admin\/courier\/runs\/(\d+)(\/[a-z-]+)?$/)?.[1]);
const fromServer = Boolean(document.body.dataset.meId);
let reach = fromServer ? "here" : "away"; // or signed_out
let problem = "";
let next; // the stop that was opened by itself last

async function look() {
  try {
    await fetchMine();
    reach = "here";
  } catch (error) {
    reach = error instanceof Away ? "away" : error instanceof SignedOut ? "signed_out" : reach;
  }
}

async function read(who) {
  const { mine, queue, answers } = await store.everything();
  const fresh = mine && mine.staff_id === who?.id && date(mine.told.server_now) === date(Date.now() + mine.offset);
  return { queue, answers, runs: fresh ? mine.told.runs : [], offset: mine?.offset ?? 0 };
}

async function show(who) {
  const state = await read(who);
  if (run_id) showRun(who, state);
  else if (!fromServer) showList(who, state); // the server's own list has the runs to claim, too
}

function showList(who, { runs, queue, offset }) {
  const n = queue.filter((entry) => entry.staff_id === who?.id).length;
  document.querySelector("[data-subtitle]").textContent = !who ? say("nobody") : n ? say("waiting", { n }) : say(runs.length ? "offline" : "none_kept");
  root.replaceChildren(piece("courier-list"));
  root.querySelector("[data-runs]").append(...runs.map((run) => rowOf(run, laidOver(run, queue, offset))));
}

function rowOf(run, stops) {
  const row = piece("courier-list-row");
  const counts = countsOf(stops);
  row.querySelector("a").href = `/admin/courier/runs/${run.id}`;
  row.querySelector(".clock").textContent = hour(run.leaves_at);
  row.querySelector(".row-title").textContent = run.name;
  row.querySelector(".row-sub").textContent = run.back_at ? say("back") : say("progress", { done: counts.bags - counts.todo, bags: counts.bags });
  return row;
}

function showRun(who, { runs, queue, answers, offset }) {
  const run = runs.find((one) => one.id === run_id);
  if (!run) return gone(who);
  if (!root.querySelector("[data-stops]")) root.replaceChildren(piece("courier-run"));
  const mine = queue.filter((entry) => entry.staff_id === who.id);
  const stops = laidOver(run, mine, offset);
  const counts = countsOf(stops);
  const ticking = Boolean(run.out_at) && !run.back_at;
  showStatus(root, { me: who, queue, standing: standing(), reach, problem });
  root.querySelector("[data-progress]").textContent = say("progress", { done: counts.bags - counts.todo, bags: counts.bags });
  if (fromServer) document.querySelector("[data-bags]").textContent = say("bags", { n: counts.bags });
  root.querySelector("[data-failed]").textContent = counts.failed ? say("failed_n", { n: counts.failed }) : "";
  const open = nextOf(stops);
  showStops(root.querySelector("[data-stops]"), stops, {
    answers: answers.filter((one) => one.staff_id === who.id), ticking, opened: ticking && open !== next ? open : undefined,
  });
  next = open;
  if (!fromServer) {
    document.querySelector("[data-title]").textContent = run.name;
    document.querySelector("[data-subtitle]").textContent = run.out_at ? "" : say("not_out");
  }
  return undefined;
}

function gone(who) {
  if (fromServer && reach === "away") return undefined; // the server's own forms are there
  if (fromServer) return location.reload(); // somebody signed out, or the run went to somebody else
  document.querySelector("[data-subtitle]").textContent = say(who ? "not_kept" : "nobody");
  return root.replaceChildren();
}

async function put(card, ticked) {
  const who = await me;
  const entry = {
    key: crypto.randomUUID(), run_id, stop_id: Number(card.dataset.stop), at: new Date().toISOString(),
    staff_id: who.id, staff_name: who.name, ...ticked,
  };
  try {
    problem = "";
    await store.enqueue(entry);
    navigator.vibrate?.(60);
  } catch {
    problem = say("not_stored");
  }
  await show(who);
  goOn(ticked);
  sendTicks();
}

/** To the next door: whoever types codes goes on typing, without a tap in between. */
function goOn({ outcome, code }) {
  if (outcome === "undo") return;
  const card = root.querySelector(`[data-stop="${next}"]`);
  card?.querySelector(code ? "[name=code]" : "summary").focus();
}

function wrong(form, sentence) {
  const place = form.querySelector("[data-wrong]");
  place.textContent = sentence;
  place.hidden = !sentence;
}

async function byCode(card, form) {
  const code = form.elements.code.value.replace(/\s/g, "");
  const { runs } = await read(await me);
  const stop = runs.flatMap((run) => run.stops).find((one) => one.id === Number(card.dataset.stop));
  const right = stop?.code_hash === (await hashOf(`${stop?.id}:${code}`));
  wrong(form, right ? "" : say("wrong_code"));
  if (right) await put(card, { outcome: "done", code });
}

async function byPhoto(card, form) {
  const [file] = form.elements.photo.files;
  const received_by = form.elements.received_by.value.trim();
  if (!file || !received_by) return wrong(form, say(file ? "no_receiver" : "no_photo"));
  let photo;
  try {
    photo = await shrunk(file);
  } catch {
    return wrong(form, say("not_a_photo"));
  }
  wrong(form, "");
  return put(card, { outcome: "done", photo, received_by });
}

const TICKS = {
  code: byCode,
  photo: byPhoto,
  failed: (card, form, button) => {
    form.closest("details").open = false;
    return put(card, { outcome: "failed", reason: button.value });
  },
  undo: (card) => put(card, { outcome: "undo" }),
};

function listen(who) {
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-tick]");
    if (!form) return;
    event.preventDefault();
    TICKS[form.dataset.tick](form.closest("[data-stop]"), form, event.submitter);
  });
  root.addEventListener("click", ({ target }) => {
    const answer = target.closest("[data-answer]");
    if (answer && target.closest("button")) store.dismiss(answer.dataset.key);
    const receiver = target.closest("[data-receiver]");
    if (receiver) receiver.closest("form").elements.received_by.value = receiver.textContent;
  });
  root.addEventListener("change", ({ target }) => {
    const label = target.closest("[data-taken]");
    if (label) label.classList.toggle("taken", target.files.length > 0);
  });
  store.onNews(() => show(who));
  window.addEventListener("online", async () => {
    await hurry();
    await look();
    await show(who);
  });
  setInterval(async () => {
    if (document.visibilityState !== "visible" || standing() === "sending") return;
    await look();
    await show(who);
    if (reach === "here") sendTicks();
  }, NEWS_MS);
}

async function beKept() {
  await navigator.serviceWorker.register("/admin/courier-worker.js", { scope: SCOPE });
  const choices = await caches.open("courier-choices");
  await choices.put("/language", new Response(document.documentElement.lang.slice(0, 2)));
  await navigator.storage?.persist?.();
}

async function start() {
  const who = await me;
  if (fromServer) await look();
  listen(who);
  await show(who);
  if (who) hurry();
}

// Without these (an old browser, no TLS) the server's own forms stay as they are.
if (window.isSecureContext && navigator.serviceWorker && navigator.locks && root) {
  start();
  if (fromServer) beKept();
}
