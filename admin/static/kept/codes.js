// Whose code it is, found in the kept sheet: a QR by its hash, six digits as they are.

export const QR_PREFIX = "xf:b:";

export async function hashOf(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The people of the class that a scanned or typed code means: none, one, or several to choose from. */
export async function peopleOf(people, typed) {
  const code = typed.trim();
  if (code.startsWith(QR_PREFIX)) {
    const hash = await hashOf(code.slice(QR_PREFIX.length));
    return people.filter((one) => one.code_hash === hash);
  }
  const digits = code.replace(/\s/g, "");
  return people.filter((one) => one.short_code === digits);
}
