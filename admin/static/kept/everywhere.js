// On every page of the console: taps that are still on this device are sent, and whoever signs out is
// told if some are not, and leaves no names behind.
import { hurry as hurryTicks } from "./courier-send.js";
import * as courier from "./courier-store.js";
import * as counter from "./counter-store.js";
import { sendAll } from "./counter-upload.js";
import { othersOf } from "./logic.js";
import { me } from "./me.js";
import * as store from "./store.js";
import { hurry as hurryTaps } from "./upload.js";

const queue = async () => [...(await store.queue()), ...(await courier.queue()), ...(await counter.taps())];
const hurry = () => Promise.all([hurryTaps(), hurryTicks(), sendAll()]);

const tell = document.querySelector("#kept-tell");
const say = (sentence, facts) => sentence.replace(/%\((\w+)\)s/g, (_, name) => facts[name]);

async function start() {
  const who = document.body.dataset.meId ? await me : null;
  if (who) {
    if ((await queue()).some((entry) => entry.staff_id === who.id)) await hurry();
    window.addEventListener("online", hurry);
  }
  if (document.querySelector("#kept-words")) return; // the kept pages say it beside their rows
  const others = othersOf(await queue(), who);
  tell.textContent = others.map(({ name, count }) => say(tell.dataset.others, { name, n: count })).join(" ");
  tell.hidden = others.length === 0;
}

let asking = null;

async function leave(form) {
  const who = await me;
  const waiting = async () => (await queue()).filter((entry) => entry.staff_id === who?.id).length;
  if ((await waiting()) > 0) await hurry();
  const n = await waiting();
  if (n > 0 && !window.confirm(say(tell.dataset.leaving, { n }))) return;
  document.body.dataset.leaves = "yes"; // this window is on its way out, the others reload
  await courier.forget();
  await counter.forget(() => false);
  await store.signOut();
  form.submit();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-leaves]")) return;
  event.preventDefault();
  event.stopPropagation();
  asking ??= leave(event.target).finally(() => (asking = null)); // a second tap asks nothing twice
}, { capture: true });

start();
