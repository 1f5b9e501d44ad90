// The line that always says where the taps are: on the server, or still on this device.
import { othersOf } from "./logic.js";
import { say } from "./words.js";

const SIGN_IN = "/admin/sign-in";

/**
 * `queue`: what waits, of whoever; `standing`: how sending it goes. `reach`: how the last look for news
 * ended: here, away or signed_out; `problem` goes before it.
 */
export function showStatus(root, { me, queue, standing, reach, problem }) {
  const n = queue.filter((entry) => entry.staff_id === me?.id).length;
  const [tone, sentence] = problem ? ["problem", problem] : lineFor(n, standing, reach);
  const line = root.querySelector("#keep");
  line.dataset.standing = tone;
  line.querySelector("[data-sentence]").textContent = sentence;
  const way = line.querySelector("[data-sign-in]");
  way.hidden = tone !== "signed_out";
  way.href = `${SIGN_IN}?expired=1&next=${encodeURIComponent(location.pathname)}`;
  const others = othersOf(queue, me).map(({ name, count }) => say("others", { name, n: count }));
  const note = root.querySelector("[data-not-mine]");
  note.textContent = others.join(" ");
  note.hidden = others.length === 0;
}

function lineFor(n, standing, reach) {
  if (standing === "signed_out" || reach === "signed_out") return ["signed_out", say(n ? "signed_out" : "signed_out_idle", { n })];
  if (n === 0) return reach === "away" ? ["away", say("offline")] : ["idle", say("all_uploaded")];
  if (standing === "sending") return ["sending", say("sending", { n })];
  return ["waiting", say(standing === "trouble" ? "trouble" : "waiting", { n })];
}
