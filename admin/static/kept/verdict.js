// The card that answers a scan, to be read at arm's length.
import { piece } from "./words.js";

const BUZZ = { good: 60, again: [90, 60, 90], bad: [90, 60, 90], ask: [90, 60, 90] };

export function verdict(root, kind, name, text) {
  const card = document.createElement("div");
  card.className = `verdict ${kind}`;
  card.dataset.verdict = kind;
  card.setAttribute("role", kind === "bad" ? "alert" : "status");
  if (kind !== "ask") card.append(piece(`kept-${kind}`));
  if (name) card.append(line("verdict-name", name));
  card.append(line("verdict-text", text));
  root.querySelector("#verdict").replaceChildren(card);
  navigator.vibrate?.(BUZZ[kind]);
  return card;
}

/** Several people fit: their names to tap. */
export function choice(root, text, people, chosen) {
  const card = verdict(root, "ask", "", text);
  const names = document.createElement("div");
  names.className = "verdict-choice";
  for (const one of people) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline btn-big";
    button.textContent = one.name;
    button.addEventListener("click", () => chosen(one));
    names.append(button);
  }
  card.append(names);
}

function line(className, text) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = text;
  return made;
}
