// The attendance page of one lesson. What it shows is the kept sheet with the taps of this tablet
// laid over it; each tap is stored before it is shown as done, and uploaded when that is possible.
import { Away, SignedOut } from "./asking.js";
import { watch } from "./camera.js";
import { peopleOf, QR_PREFIX } from "./codes.js";
import * as logic from "./logic.js";
import { showRows } from "./rows.js";
import { showStatus } from "./status.js";
import * as store from "./store.js";
import { ask, hurry, standing, upload } from "./upload.js";
import { choice, verdict } from "./verdict.js";
import { day, hour, piece, say, wordFor } from "./words.js";

const NEWS_MS = 10_000;
const TONES = {
  late: "amber", left_early: "amber", excused: "blue", excused_after: "blue", absent: "red", made_up: "green",
};

export async function openLesson(root, lesson_id, me, fromServer) {
  const id = () => crypto.randomUUID();
  let reach = "here"; // or away, or signed_out
  let acting = Promise.resolve();
  let search = "";
  let shown = null;
  let problem = "";
  let showing = null;
  let again = false;

  async function fetchSheet() {
    try {
      await store.keepSheet(me.id, await ask(`/admin/classes/lessons/${lesson_id}/sheet.json`));
      if (reach === "away") hurry();
      reach = "here";
    } catch (error) {
      reach = error instanceof Away ? "away" : error instanceof SignedOut ? "signed_out" : reach;
    }
  }

  async function read() {
    const { kept, queue, taps, answers, offset = 0 } = await store.everything(lesson_id);
    if (!me || kept?.staff_id !== me.id) return null;
    const { lesson, people, to_decide } = kept.sheet;
    const now = Date.now() + offset;
    const entries = queue.filter((entry) => entry.lesson_id === lesson_id && entry.staff_id === me.id);
    return {
      lesson, now, offset, to_decide, kept_at: kept.sheet.server_now, phase: logic.phaseOf(lesson, now),
      people: logic.laidOver(people, entries, offset),
      undo: logic.undoable(taps, lesson_id, me.id, Date.now()),
      answers: answers.filter((answer) => answer.lesson_id === lesson_id && answer.staff_id === me.id),
    };
  }

  // News may come faster than it is drawn: what came meanwhile is drawn once more.
  function show() {
    again = true;
    showing ??= (async () => {
      try {
        while (again) {
          again = false;
          await draw();
        }
      } finally {
        showing = null;
      }
    })();
    return showing;
  }

  // Somebody has signed out, perhaps in another window.
  function gone() {
    if (!document.body.dataset.leaves) location.reload();
  }

  async function draw() {
    shown = await read();
    if (!shown) return gone();
    const { lesson, people, phase, answers, offset } = shown;
    await showStatus(root, { me, queue: await store.queue(), standing: standing(), reach, problem });
    for (const part of root.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== phase;
    showTally(shown);
    showUndecided(shown);
    const notice = root.querySelector("[data-notice]");
    const sentences = {
      early: () => say("early", { time: `${day(lesson.starts_at)} ${hour(logic.opensAt(lesson))}` }),
      over: () => say("over"), cancelled: () => say("cancelled"),
      open: () => (people.length ? "" : say("empty")),
    };
    notice.textContent = sentences[phase]();
    notice.hidden = notice.textContent === "";
    showRows(root.querySelector("#people"), people, {
      phase, answers, search, lesson_id, linked: fromServer,
    });
    const known = new Set(people.map((one) => one.booking_id));
    showLooks(answers.filter((answer) => !known.has(answer.booking_id)), offset);
    return undefined;
  }

  function showTally({ people, phase, undo }) {
    const counts = logic.countsOf(people);
    root.querySelector("[data-came]").textContent = counts.came;
    root.querySelector("[data-enrolled]").textContent = ` / ${counts.enrolled}`;
    const pills = Object.keys(wordFor)
      .filter((key) => key !== "present" && counts.of[key])
      .map((key) => pill(TONES[key] ?? "grey", `${wordFor[key]} ${counts.of[key]}`));
    if (counts.unmarked) pills.push(pill("grey", say("unmarked", { n: counts.unmarked })));
    root.querySelector("[data-rest]").replaceChildren(...pills);
    root.querySelector("[data-undo]").hidden = !undo;
    root.querySelector("[data-all]").hidden = !counts.unmarked || !["open", "over"].includes(phase);
  }

  // What could not be applied is decided on the server's page, which this one may have been before.
  function showUndecided({ to_decide: n }) {
    const way = root.querySelector("[data-decide]");
    way.hidden = n === 0 || n === document.querySelectorAll(".kept-entries .row-item").length;
    way.href = location.pathname;
    way.textContent = say("to_decide", { n });
  }

  function showLooks(answers, offset) {
    root.querySelector("[data-looks]").replaceChildren(
      ...answers.map((answer) => {
        const look = piece("kept-look").firstElementChild;
        look.querySelector("b").textContent = `${answer.name} ${hour(Date.parse(answer.at) + offset)}`;
        look.querySelector("span").textContent = answer.sentence || say("refused");
        look.dataset.nonce = answer.nonce;
        return look;
      }),
    );
  }

  // One after the other, each on what the one before has left.
  function act(work) {
    acting = acting.then(async () => {
      const state = await read();
      if (!state) return gone();
      try {
        problem = "";
        await work(state);
      } catch {
        problem = say("not_stored");
      }
      await show();
      upload();
      return undefined;
    });
    return acting;
  }

  async function put(people, presence, code) {
    const at = new Date().toISOString();
    const { entries, tap } = logic.tapOn(people, presence, { lesson_id, staff: me, at, code, id });
    await store.enqueue(entries, tap);
  }

  const mark = (booking_id, presence) =>
    act(async ({ people }) => {
      const one = people.find((person) => person.booking_id === booking_id);
      await put([one], one.presence === presence ? null : presence);
    });

  const markAll = () =>
    act(({ people }) => put(people.filter((one) => one.presence === null), "present"));

  const undo = () =>
    act(async ({ undo: tap, people }) => {
      const entries = tap ? logic.undoOf(tap, people, { staff: me, at: new Date().toISOString(), id }) : [];
      if (tap) await store.enqueue(entries, { ...tap, undone: true });
    });

  async function checkIn(one, code, { lesson, now }) {
    if (logic.CAME.includes(one.presence)) {
      verdict(root, "again", one.name, say("already", { time: hour(one.marked_at) }));
      return;
    }
    const presence = logic.presenceAt(lesson, now);
    await put([one], presence, code);
    verdict(root, "good", one.name, say(presence === "late" ? "checked_in_late" : "checked_in"));
  }

  async function keepUnknown(code) {
    const entry = {
      nonce: id(), tap: id(), lesson_id, at: new Date().toISOString(), name: say("unknown_code"),
      staff_id: me.id, staff_name: me.name, kind: "scan", presence: null, seen: null, code,
    };
    await store.enqueue([entry], null);
    verdict(root, "ask", "", say("not_on_list"));
    upload().then(async () => {
      const answer = (await store.answers()).find((one) => one.nonce === entry.nonce);
      if (answer) verdict(root, "bad", "", answer.sentence || say("refused"));
    });
  }

  const found = (typed) =>
    act(async (state) => {
      const code = typed.trim();
      const ours = code.startsWith(QR_PREFIX) || /^\d{6}$/.test(code.replace(/\s/g, ""));
      if (state.phase !== "open") return verdict(root, "bad", "", say("not_open"));
      if (!ours) return verdict(root, "bad", "", say("no_code"));
      const meant = await peopleOf(state.people, code);
      if (meant.length === 0) return keepUnknown(code);
      if (meant.length === 1) return checkIn(meant[0], code, state);
      return choice(root, say("several"), meant, (one) =>
        act(({ people, lesson, now }) =>
          checkIn(people.find((person) => person.booking_id === one.booking_id), null, { lesson, now }),
        ),
      );
    });

  function listen() {
    const people = root.querySelector("#people");
    people.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      const row = target.closest(".att");
      if (!button) return;
      if (button.dataset.presence) {
        row.classList.add("saving");
        row.querySelector(".att-more").open = false;
        mark(Number(row.dataset.booking), button.dataset.presence);
      } else {
        act(() => store.dismiss(row.querySelector(".att-said").dataset.nonce));
      }
    });
    root.querySelector("[data-looks]").addEventListener("click", ({ target }) => {
      if (target.closest("button")) act(() => store.dismiss(target.closest(".look").dataset.nonce));
    });
    root.querySelector("[data-all]").addEventListener("click", markAll);
    root.querySelector("[data-undo]").addEventListener("click", undo);
    root.querySelector("[data-search]").addEventListener("input", ({ target }) => {
      search = target.value.trim();
      show();
    });
    root.querySelector("[data-digits]").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = event.target.elements.code;
      found(field.value);
      field.value = "";
    });
    watch(root, found);
    // What was uploaded shows that the network is back: the line says so now, not at the next look.
    store.onNews(() => (reach === "away" && standing() === "idle" ? news() : show()));
    window.addEventListener("online", hurry);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") hurry();
    });
    setInterval(news, NEWS_MS);
  }

  async function news() {
    if (document.visibilityState === "visible" && standing() !== "sending") await fetchSheet();
    await show();
  }

  function head({ lesson, kept_at }) {
    if (fromServer) return;
    document.querySelector("[data-title]").textContent = lesson.title;
    document.querySelector("[data-subtitle]").textContent = [
      say("session", { n: lesson.number }),
      `${day(lesson.starts_at)} ${hour(lesson.starts_at)}–${hour(lesson.ends_at)}`,
      lesson.place_name,
      say("kept_at", { time: hour(Date.parse(kept_at)) }),
    ].join(" · ");
  }

  if (fromServer) {
    await store.leaveToServer(lesson_id); // the page it sent lists what is to be decided
    await fetchSheet();
  }
  shown = await read();
  if (!shown && !fromServer && me) {
    await fetchSheet();
    shown = await read();
  }
  if (!shown) {
    if (!fromServer) document.querySelector("[data-subtitle]").textContent = say(me ? "not_kept" : "nobody");
    return;
  }
  root.replaceChildren(piece("kept-lesson"));
  head(shown);
  listen();
  if (!fromServer) reach = "away";
  await show();
  hurry();
  if (!fromServer) news();
}

function pill(tone, text) {
  const made = document.createElement("span");
  made.className = `pill ${tone} num`;
  made.textContent = text;
  return made;
}
