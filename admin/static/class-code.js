// A rotating code on a screen: the bar runs down, the next code is fetched as it ends, and a broken
// network is said aloud. htmx fetches every few seconds anyway. A code that nobody would take any
// more is not left standing there.
"use strict";

const TAKEN_FOR = 20; // seconds a code is taken after its time on the screen
const shown = document.querySelector(".code-now");
const stale = document.querySelector("[data-stale]");
let until = Infinity;

const showIfCurrent = () => shown.classList.toggle("is-old", Date.now() > until);
const readCode = () => {
  const code = shown.querySelector("[data-left]");
  until = code ? Date.now() + (Number(code.dataset.left) + TAKEN_FOR - 5) * 1000 : Infinity;
  showIfCurrent();
};

readCode();
shown.addEventListener("htmx:afterSwap", readCode);
window.setInterval(() => {
  showIfCurrent();
  const bar = shown.querySelector(".code-left");
  if (!bar) return;
  bar.value -= 1;
  if (bar.value <= 0) window.htmx.trigger(shown, "refresh");
}, 1000);

document.body.addEventListener("htmx:afterRequest", (event) => {
  stale.hidden = event.detail.successful;
});
document.querySelector("[data-fullscreen]").addEventListener("click", () => {
  document.documentElement.requestFullscreen?.();
});
// A tablet at the door must not fall asleep.
const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
stayAwake();
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") stayAwake();
});
