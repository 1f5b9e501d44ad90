// The stops of a run: one card each, in the order they are walked; cards stay in place while they change.
import { hour, piece, say } from "./words.js";

const TONES = { todo: "grey", done: "green", failed: "red", gone: "grey" };

/** `opened`: the stop whose card is opened by itself, once. */
export function showStops(list, stops, { answers, ticking, opened }) {
  const cards = new Map([...list.children].map((card) => [Number(card.dataset.stop), card]));
  const wanted = stops.map((stop) => cards.get(stop.id) ?? made(stop));
  if (wanted.length !== list.children.length || wanted.some((card, at) => card !== list.children[at])) {
    list.replaceChildren(...wanted);
  }
  stops.forEach((stop, at) => {
    const head = stop.head !== stops[at - 1]?.head;
    fill(wanted[at], stop, head, ticking);
    sayAnswer(wanted[at], answers.find((one) => one.stop_id === stop.id));
    if (opened !== undefined) wanted[at].querySelector("details").open = stop.id === opened;
  });
}

function made(stop) {
  const card = piece("courier-stop").firstElementChild;
  card.dataset.stop = stop.id;
  card.id = `stop-${stop.id}`;
  return card;
}

function fill(card, stop, head, ticking) {
  const put = (name, text) => {
    const place = card.querySelector(`[data-${name}]`);
    place.textContent = text ?? "";
    place.hidden = !text;
  };
  card.dataset.state = stop.state;
  card.classList.toggle("waiting", Boolean(stop.waiting));
  put("head", head && stop.head);
  put("where", stop.where);
  put("who", stop.portions ? say("who", { name: stop.name, n: stop.portions }) : stop.name);
  put("needs", stop.needs);
  put("note", stop.note && say("note", { note: stop.note }));
  const pill = card.querySelector("[data-pill]");
  pill.className = `pill ${TONES[stop.state]}`;
  pill.textContent = say(stop.waiting ? "pending" : stop.gone ? `gone_${stop.gone}` : stop.state);
  const call = card.querySelector("[data-call]");
  call.hidden = !stop.phone;
  if (stop.phone) call.href = `tel:${stop.phone}`;
  put("said", saidOf(stop));
  card.querySelector("[data-todo]").hidden = stop.state !== "todo" || !ticking;
  card.querySelector("[data-undo]").hidden = stop.state !== "failed" || !ticking;
}

function saidOf(stop) {
  if (stop.state === "done") return say("done_at", { time: hour(stop.at) });
  if (stop.state === "failed") return say("failed_at", { time: hour(stop.at), reason: say(`reason_${stop.reason}`) });
  return stop.state === "gone" ? say("gone_now") : "";
}

function sayAnswer(card, answer) {
  const said = card.querySelector("[data-answer]");
  said.hidden = !answer;
  if (!answer) return;
  said.dataset.key = answer.key;
  said.querySelector("span").textContent = answer.sentence || say("refused");
}
