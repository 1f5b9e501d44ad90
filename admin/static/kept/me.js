// Who is signed in on this tablet: the server's pages say so; the kept page goes by what they said.
import { date } from "./words.js";
import * as store from "./store.js";

const { meId, meName } = document.body.dataset;
const DAYS_MS = 7 * 24 * 3600_000;

/** {id, name} or null; on the sign-in page whoever was signed in last. */
export const me = noteWho();

async function noteWho() {
  if (meId) {
    const known = await store.fact("me");
    const now = { id: Number(meId), name: meName };
    if (known?.id !== now.id || known.name !== now.name) await store.setFact("me", now);
    await tidy(now);
  }
  return (await store.fact("me")) ?? null;
}

// Only today's sheets stay, and only one's own: the tablet is handed from one to the next.
async function tidy({ id }) {
  const today = date(Date.now());
  const stale = (at) => Date.now() - Date.parse(at) > DAYS_MS;
  const keeps = {
    sheets: (row) => row.staff_id === id && date(row.kept_at) === today,
    taps: (row) => row.staff_id === id && !stale(row.at),
    answers: (row) => row.staff_id === id && !stale(row.at),
  };
  await store.forget((name, row) => keeps[name](row));
}
