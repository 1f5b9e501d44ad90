// Attendance at the door: the camera, a photo of the code, the six digits, and finding a name. What
// is scanned goes to the same address as what is typed; the answer is a card in #verdict.
"use strict";

const codes = document.querySelector("[data-codes]");
const SAME_CODE_MS = 4000;

let last = { code: "", at: 0 };
let camera = null;

function send(code) {
  const now = Date.now();
  if (code === last.code && now - last.at < SAME_CODE_MS) return;
  last = { code, at: now };
  window.htmx.ajax("POST", codes.action, {
    target: "#verdict", swap: "innerHTML", values: { code: code.slice(0, 200) },
  });
}

async function openCamera(button) {
  const finder = document.querySelector("[data-viewfinder]");
  const problem = document.querySelector("[data-camera-problem]");
  if (camera) {
    camera.destroy();
    camera = null;
    finder.hidden = true;
    button.setAttribute("aria-pressed", "false");
    return;
  }
  problem.hidden = true;
  finder.hidden = false;
  camera = new window.QrScanner(finder.querySelector("video"), (found) => send(found.data), {
    preferredCamera: "environment", maxScansPerSecond: 8, returnDetailedScanResult: true,
  });
  try {
    await camera.start();
    button.setAttribute("aria-pressed", "true");
  } catch {
    camera.destroy();
    camera = null;
    finder.hidden = true;
    problem.hidden = false;
  }
}

async function readPhoto(input) {
  const problem = document.querySelector("[data-photo-problem]");
  const photo = input.files[0];
  if (!photo) return;
  problem.hidden = true;
  try {
    const found = await window.QrScanner.scanImage(photo, { returnDetailedScanResult: true });
    send(found.data);
  } catch {
    problem.hidden = false;
  }
  input.value = "";
}

function find() {
  const search = document.querySelector("[data-search]");
  const text = search ? search.value.trim() : "";
  for (const row of document.querySelectorAll("#people > .att")) {
    row.hidden = text !== "" && !row.dataset.find.includes(text);
  }
}

if (codes) {
  document.querySelector("[data-camera]").addEventListener("click", (event) => openCamera(event.currentTarget));
  document.querySelector("[data-photo]").addEventListener("change", (event) => readPhoto(event.target));
}
document.querySelector("[data-search]")?.addEventListener("input", find);

document.body.addEventListener("htmx:afterSettle", (event) => {
  find(); // rows that were just put in are filtered as well
  const verdict = event.target.querySelector?.("[data-verdict]");
  if (event.target.id === "verdict" && verdict) {
    const field = codes.querySelector("input[name=code]");
    if (verdict.dataset.verdict !== "bad") field.value = "";
    navigator.vibrate?.(verdict.dataset.verdict === "good" ? 60 : [90, 60, 90]);
  }
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches?.("[data-clears-verdict]") && event.detail.successful) {
    document.querySelector("#verdict").replaceChildren();
  }
});
