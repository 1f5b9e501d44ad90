// The counter's page. The server draws the list; this script keeps it on the tablet, stores each tap
// before it is shown, and goes on from what is kept where there is no network. A meal given out then
// may turn out to have been given out elsewhere, or given back: the server keeps that for a person.
import { Away, SignedOut } from "./asking.js";
import { watch } from "./camera.js";
import { hashOf, QR_PREFIX } from "./codes.js";
import * as store from "./counter-store.js";
import { send } from "./counter-upload.js";
import { me as signedIn } from "./me.js";
import { date, hour, piece, say } from "./words.js";

const EVERY_MS = 5000;
const TOLD_MS = 15_000; // long enough to be read out; it stays in sight above a long list
const root = document.querySelector("[data-counter]");
const fromServer = Boolean(document.body.dataset.meId);
const meal_id = Number(location.pathname.match(/^\/admin\/counter\/(\d+)$/)?.[1]);
const list = () => root.querySelector("#counter");
const rowOf = (booking_id) => document.getElementById(`pick-${booking_id}`);
let me = null;
let reach = fromServer ? "here" : "away"; // or signed_out, or trouble
let search = "";
let syncing = null;
let again = false;

async function keep(version) {
  const head = { title: list().dataset.title, subtitle: list().dataset.subtitle };
  await store.keepPage({ meal_id, staff_id: me.id, version, kept_at: Date.now(), html: list().outerHTML, ...head });
}

async function refresh() {
  const page = await (await fetch(location.pathname, { redirect: "manual", cache: "no-store" })).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("counter");
  if (!fresh) throw new SignedOut();
  const open = new Set([...list().querySelectorAll("details[open]")].map((one) => one.dataset.group));
  for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.dataset.group);
  list().replaceWith(fresh);
  await keep(fresh.dataset.version);
}

/** Taps go up, what others did comes down; once at a time, and once more for what came meanwhile. */
function sync() {
  again = true;
  syncing ??= (async () => {
    try {
      while (again) {
        again = false;
        await once();
      }
    } finally {
      syncing = null;
    }
  })();
  return syncing;
}

async function once() {
  try {
    const { version, answers } = await navigator.locks.request("xingfu-counter", () => send(meal_id));
    if (version !== list().dataset.version) await refresh();
    reach = "here";
    for (const answer of answers) tell(answer);
  } catch (error) {
    const stands = error instanceof SignedOut ? "signed_out" : "trouble";
    reach = error instanceof Away || error instanceof TypeError ? "away" : stands;
    await store.give(me.id);
  }
  await show();
  // The server's own page can do more than the kept one.
  if (!fromServer && reach === "here" && search === "") location.reload();
}

function tell({ outcome, sentence, tap }) {
  const row = rowOf(tap.booking_id);
  if (outcome === "done") {
    if (!tap.given) told("good", row, say("counter_done", { time: hour(tap.at) }));
  } else {
    told("bad", row, outcome === "conflict" ? say("counter_conflict") : sentence, tap.name);
  }
}

/** Who it is, what happened, and the money of it, to be read at arm's length. */
function told(kind, row, text, name = row?.querySelector("b").textContent) {
  const card = piece("counter-told").firstElementChild;
  card.dataset.told = kind;
  card.setAttribute("role", kind === "bad" ? "alert" : "status");
  card.querySelector("b").textContent = name ?? "";
  card.querySelector("[data-text]").textContent = text;
  if (row && kind !== "bad") {
    card.append(row.querySelector(".pick-dishes").cloneNode(true));
    const money = row.querySelector(".told-money").cloneNode(true);
    money.hidden = false;
    card.append(money);
  }
  root.querySelector("[data-told-here]").replaceChildren(card);
  setTimeout(() => card.remove(), TOLD_MS);
  navigator.vibrate?.(kind === "good" ? 60 : [90, 60, 90]);
}

async function tap(booking_id, proof) {
  const row = rowOf(booking_id);
  const waits = (await store.taps()).some((one) => one.booking_id === booking_id);
  if (!row || waits || row.classList.contains("done")) {
    told("bad", row, say("counter_again"));
    return;
  }
  const at = new Date().toISOString();
  const name = row.querySelector("b").textContent;
  const given = reach !== "here";
  try {
    await store.put({
      key: crypto.randomUUID(), meal_id, booking_id, proof, at, name, given, staff_id: me.id, staff_name: me.name,
    });
  } catch {
    told("bad", row, say("not_stored"));
    return;
  }
  if (given) told("good", row, say("counter_kept", { time: hour(at) }));
  await show();
  sync();
}

async function show() {
  const taps = (await store.taps()).filter((one) => one.meal_id === meal_id);
  const mine = taps.filter((one) => one.staff_id === me.id);
  for (const row of list().querySelectorAll(".pick")) {
    const waiting = taps.find((one) => one.booking_id === Number(row.dataset.booking));
    row.classList.toggle("waiting", Boolean(waiting));
    row.querySelector("[data-waits]").textContent = waiting ? say("counter_waits", { time: hour(waiting.at) }) : "";
    row.hidden = search !== "" && !row.dataset.find.includes(search);
  }
  if (search) for (const one of list().querySelectorAll("details")) one.open = true;
  const line = root.querySelector("#keep");
  line.dataset.standing = reach === "here" ? "idle" : reach === "signed_out" ? "signed_out" : "away";
  line.querySelector("[data-sentence]").textContent = sentenceFor(mine.length);
  const way = line.querySelector("[data-sign-in]");
  way.hidden = reach !== "signed_out";
  way.href = `/admin/sign-in?expired=1&next=${encodeURIComponent(location.pathname)}`;
  const others = [...new Set(taps.filter((one) => one.staff_id !== me.id).map((one) => one.staff_name))];
  const note = root.querySelector("[data-not-mine]");
  note.hidden = others.length === 0;
  note.textContent = others.map((name) => say("counter_others", { name })).join(" ");
}

function sentenceFor(n) {
  if (reach === "here") return n ? say("sending", { n }) : say("all_uploaded");
  if (reach === "signed_out") return say(n ? "signed_out" : "signed_out_idle", { n });
  return n ? say(reach === "trouble" ? "trouble" : "waiting", { n }) : say("counter_offline");
}

/** A scanned or typed code: whose it is, is served at once. */
async function found(typed) {
  const code = typed.trim();
  const digits = code.replace(/\s/g, "");
  const hash = code.startsWith(QR_PREFIX) ? await hashOf(code.slice(QR_PREFIX.length)) : null;
  const meant = [...list().querySelectorAll(".pick")].filter((row) =>
    hash ? row.dataset.code === hash : row.dataset.short === digits,
  );
  if (meant.length === 1) return tap(Number(meant[0].dataset.booking), "code");
  if (meant.length === 0) return told("bad", null, say("counter_unknown"));
  search = digits;
  return show();
}

function listen() {
  root.addEventListener("submit", (event) => {
    if (event.target.matches("[data-find-form]")) {
      event.preventDefault();
      const field = event.target.elements.q;
      const typed = field.value.trim();
      if (typed.startsWith(QR_PREFIX) || /^[\d ]{6,7}$/.test(typed)) {
        field.value = search = "";
        found(typed);
      }
    } else if (event.target.matches("[data-serve]")) {
      event.preventDefault();
      tap(Number(event.submitter.value), search ? "name" : "list");
    }
  });
  root.addEventListener("input", ({ target }) => {
    if (target.name !== "q") return;
    search = target.value.trim();
    show();
  });
  watch(root, found);
  window.addEventListener("online", sync);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
  setInterval(() => document.visibilityState === "visible" && sync(), EVERY_MS);
}

async function fromTheTablet() {
  const kept = await store.pageOf(meal_id);
  if (!me || kept?.staff_id !== me.id) {
    document.querySelector("[data-subtitle]").textContent = say(me ? "counter_not_kept" : "nobody");
    return false;
  }
  document.querySelector("[data-title]").textContent = kept.title;
  document.querySelector("[data-subtitle]").textContent =
    `${kept.subtitle} · ${say("kept_at", { time: hour(kept.kept_at) })}`;
  root.insertAdjacentHTML("beforeend", kept.html);
  return true;
}

async function start() {
  me = await signedIn;
  if (fromServer) {
    const today = date(Date.now());
    await store.forget((row) => row.staff_id === me.id && date(row.kept_at) === today);
    await keep(list().dataset.version);
  } else if (!(await fromTheTablet())) {
    return;
  }
  root.prepend(piece("counter-frame"));
  listen();
  await show();
  sync();
}

async function beKept() {
  await navigator.serviceWorker.register("/admin/counter-worker.js", { scope: "/admin/counter" });
  const choices = await caches.open("counter-choices");
  await choices.put("/language", new Response(document.documentElement.lang.slice(0, 2)));
  await navigator.storage?.persist?.();
}

// Without these (an old browser, no TLS) the server's own forms stay as they are.
if (window.isSecureContext && navigator.serviceWorker && navigator.locks && root && meal_id) {
  start();
  if (fromServer) beKept();
}
