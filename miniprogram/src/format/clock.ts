/**
 * The time by the server's clock: the phone's own may be wrong by hours.
 *
 * Every answer carries `Date`; the difference to the phone's clock is kept and added from then on.
 */
let ahead = 0

/** Milliseconds since 1970, by the server as far as it has been heard. */
export function now(): number {
  return Date.now() + ahead
}

/** Take in the `Date` header of an answer; a header that cannot be read changes nothing. */
export function noteServerTime(header: string): void {
  const told = Date.parse(header)
  if (!Number.isNaN(told)) ahead = told - Date.now()
}
