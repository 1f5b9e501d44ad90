// The start of an attendance page, the server's or the kept one: hand it to the lesson or to the list,
// and let the browser keep it for when the network is gone.
import { openLesson } from "./lesson.js";
import { me } from "./me.js";
import { keepToday, showToday } from "./today.js";
import { hurry } from "./upload.js";

const SCOPES = ["/admin/classes/lessons/", "/admin/scan"];
const root = document.querySelector("[data-kept]");
const lesson = location.pathname.match(/^\/admin\/classes\/lessons\/(\d+)$/);
const fromServer = Boolean(document.body.dataset.meId);

async function start() {
  const who = await me;
  if (lesson) await openLesson(root, Number(lesson[1]), who, fromServer);
  else if (!fromServer) await listWithoutNetwork(who);
  if (who) await keepToday(who);
}

async function listWithoutNetwork(who) {
  await showToday(root, who);
  if (who) hurry();
  window.addEventListener("kept", () => showToday(root, who));
  window.addEventListener("online", () => location.reload());
}

async function beKept() {
  for (const scope of SCOPES) await navigator.serviceWorker.register("/admin/attendance-worker.js", { scope });
  const choices = await caches.open("attendance-choices");
  await choices.put("/language", new Response(document.documentElement.lang.slice(0, 2)));
  await navigator.storage?.persist?.();
}

// Without these (an old browser, no TLS) the server's own forms stay as they are.
if (window.isSecureContext && navigator.serviceWorker && navigator.locks && root) {
  start();
  if (fromServer) beKept();
}
