// The rows of a sheet: one person each, with the marks; rows stay in place while they change.
import { day, hour, piece, PRESENCE, RARE, say, wordFor } from "./words.js";

export function showRows(list, people, { phase, answers, search, lesson_id, linked }) {
  const rows = new Map([...list.children].map((row) => [Number(row.dataset.booking), row]));
  const wanted = people.map((one) => rows.get(one.booking_id) ?? made(one));
  if (wanted.length !== list.children.length || wanted.some((row, at) => row !== list.children[at])) {
    list.replaceChildren(...wanted);
  }
  people.forEach((one, at) => {
    fill(wanted[at], one, phase);
    noteMadeUp(wanted[at], one, linked && lesson_id);
    sayAnswer(wanted[at], answers.find((answer) => answer.booking_id === one.booking_id));
    wanted[at].hidden = search !== "" && !wanted[at].dataset.find.includes(search);
  });
}

function made(one) {
  const row = piece("kept-row").firstElementChild;
  row.id = `row-${one.booking_id}`;
  row.dataset.booking = one.booking_id;
  const more = row.querySelector(".att-more");
  for (const [key, word] of PRESENCE) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `mark ${key}`;
    button.dataset.presence = key;
    button.textContent = word;
    if (RARE.includes(key)) more.querySelector(".att-rare").append(button);
    else more.before(button);
  }
  return row;
}

function fill(row, one, phase) {
  row.className = `att ${one.presence ?? "unmarked"}`;
  row.classList.toggle("waiting", Boolean(one.waiting));
  row.dataset.find = [one.name, one.last_four, one.short_code].filter(Boolean).join(" ");
  row.querySelector("b").textContent = one.name;
  row.querySelector("small").textContent = [
    one.last_four && say("last_four", { n: one.last_four }),
    one.age != null && say("age", { age: one.age }),
    one.home_name,
  ].filter(Boolean).join(" · ");
  const excuse = row.querySelector(".att-excuse");
  excuse.textContent = one.excuse_reason ? say("excuse", { reason: one.excuse_reason }) : "";
  excuse.hidden = !one.excuse_reason;
  for (const button of row.querySelectorAll("[data-presence]")) {
    const { presence } = button.dataset;
    button.setAttribute("aria-pressed", String(presence === one.presence));
    button.setAttribute("aria-label", `${one.name} ${wordFor[presence]}`);
    button.disabled = phase === "cancelled" || (phase === "early" && presence !== "excused");
  }
  const summary = row.querySelector("summary");
  const rare = RARE.includes(one.presence);
  summary.className = `mark ${rare ? one.presence : ""}`;
  summary.toggleAttribute("data-on", rare);
  summary.textContent = rare ? wordFor[one.presence] : say("other");
  summary.setAttribute("aria-label", `${one.name} ${say("other_marks")}`);
  showWhen(row.querySelector(".att-when"), one);
}

function showWhen(place, one) {
  place.replaceChildren();
  if (one.waiting) {
    const small = document.createElement("small");
    small.append(piece("kept-cloud"), say("pending"));
    place.append(small);
  } else if (["present", "late"].includes(one.presence) && one.taken_by && one.taken_by !== "tap") {
    const small = document.createElement("small");
    small.textContent = say("scanned");
    place.append(hour(one.marked_at), small);
  }
}

function noteMadeUp(row, one, lesson_id) {
  const link = row.querySelector(".att-note");
  link.hidden = one.presence !== "made_up" || one.waiting || !lesson_id;
  if (link.hidden) return;
  link.href = `/admin/classes/lessons/${lesson_id}/made-up/${one.booking_id}`;
  const there = one.made_up;
  link.textContent = there
    ? say("made_up", { title: there.title, n: there.number, day: day(there.starts_at) })
    : say("made_up_where");
}

function sayAnswer(row, answer) {
  const said = row.querySelector(".att-said");
  said.hidden = !answer;
  if (!answer) return;
  said.dataset.outcome = answer.outcome;
  said.dataset.nonce = answer.nonce;
  said.querySelector("span").textContent = answer.sentence || say("refused");
}
