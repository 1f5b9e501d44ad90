// One question to the server, and the ways in which no answer comes.

const PATIENCE_MS = 15_000;

/** No network, or one that does not answer. */
export class Away extends Error {}
export class SignedOut extends Error {}
/** The server answers oddly. */
export class Trouble extends Error {}

/** {status, body} of an address that speaks JSON. Throws Away, SignedOut. */
export async function call(address, options = {}, patience = PATIENCE_MS) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(address, {
      ...options, redirect: "manual", cache: "no-store", signal: stop.signal,
      headers: { Accept: "application/json", ...options.headers },
    });
    if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
    if ([502, 503, 504].includes(response.status)) throw new Away();
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch (error) {
    if (error instanceof SignedOut || error instanceof Away) throw error;
    throw new Away();
  } finally {
    clearTimeout(late);
  }
}
