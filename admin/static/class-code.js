// The class's code on the big screen: the bar runs down, the next code is fetched as it ends, and a
// broken network is said aloud. htmx fetches every few seconds anyway.
"use strict";

const shown = document.querySelector(".code-now");
const stale = document.querySelector("[data-stale]");

window.setInterval(() => {
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
