// Brings what is kept to the server: once at a time in all windows, again and again until it is there.
import { Away, SignedOut } from "./asking.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * `sendAll(begin)` sends what waits under the `lock`; it calls `begin` when there is something.
 * `standing()`: idle, sending, away (no network), signed_out, or trouble (the server answers oddly).
 */
export function sender(lock, sendAll) {
  let standing = "idle";
  let wait = FIRST_WAIT_MS;
  let timer = 0;

  function stand(next) {
    standing = next;
    window.dispatchEvent(new Event("kept"));
  }

  async function tried() {
    try {
      await sendAll(() => standing === "idle" && stand("sending"));
      return "idle";
    } catch (error) {
      if (error instanceof SignedOut) return "signed_out";
      return error instanceof Away ? "away" : "trouble";
    }
  }

  /** Send what waits, unless another window is at it; comes back by itself until all is there. */
  async function send() {
    clearTimeout(timer);
    const stands = await navigator.locks.request(lock, { ifAvailable: true }, (mine) => (mine ? tried() : null));
    if (!stands) return; // whoever is at it takes the new ones along
    stand(stands);
    if (stands === "away" || stands === "trouble") {
      timer = setTimeout(send, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    } else {
      wait = FIRST_WAIT_MS;
    }
  }

  /** The network may be back: no need to wait. */
  function hurry() {
    wait = FIRST_WAIT_MS;
    return send();
  }

  return { send, hurry, standing: () => standing };
}
