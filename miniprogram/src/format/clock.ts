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

/**
 * Take in the `Date` of an answer; one that cannot be read changes nothing. `shift` is how many
 * seconds a demo's or a rehearsal's clock runs ahead of that.
 */
export function noteServerTime(date: string, shift = ''): void {
  const told = Date.parse(date)
  if (!Number.isNaN(told)) ahead = told + (Number(shift) || 0) * 1000 - Date.now()
}
