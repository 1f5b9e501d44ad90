// The screen at a market: a chime whenever a number is called, or called again. Browsers play no
// sound before somebody has touched the page; the button for the full screen is that touch.
"use strict";

const board = document.querySelector(".market-now");
const called = () => board.querySelector("[data-called]")?.dataset.called.trim().split(/\s+/) ?? [];
let heard = new Set(called());
let sound = null;

window.htmx.config.timeout = 8000; // milliseconds; a request that hangs is as good as lost

document.querySelector("[data-fullscreen]").addEventListener("click", () => {
  sound ??= new AudioContext();
  sound.resume();
});

function tone(hertz, from) {
  const voice = sound.createOscillator();
  const volume = sound.createGain();
  voice.frequency.value = hertz;
  volume.gain.setValueAtTime(0.4, sound.currentTime + from);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + from + 0.7);
  voice.connect(volume).connect(sound.destination);
  voice.start(sound.currentTime + from);
  voice.stop(sound.currentTime + from + 0.7);
}

document.body.addEventListener("htmx:afterSwap", () => {
  const now = called();
  const fresh = now.some((one) => one && !heard.has(one));
  heard = new Set(now);
  if (fresh && sound) {
    tone(880, 0);
    tone(660, 0.35);
  }
});

// The clock above the stalls stands still while nothing arrives: it tells since when they are old.
document.body.addEventListener("htmx:afterRequest", () => {
  document.querySelector("[data-since]").textContent = board.querySelector(".market-clock .num").textContent;
});
