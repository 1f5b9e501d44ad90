/**
 * The time by the server's clock: the phone's own may be wrong by hours.
 *
 * Every answer carries `Date`; the difference to the phone's clock is added from then on, and kept
 * for the next start: what was seen is shown before an answer comes, or without one.
 */
import { ref } from 'vue'

import { keep, recall } from '@/state/storage'

/** `Date` knows whole seconds only: less than this is no news, and would draw pages anew. */
const JITTER_MS = 2_000

const ahead = ref(recall('ahead', 0))

/** Milliseconds since 1970, by the server as far as it has been heard. */
export function now(): number {
  return Date.now() + ahead.value
}

/**
 * Take in the `Date` of an answer; one that cannot be read changes nothing. `shift` is how many
 * seconds a demo's or a rehearsal's clock runs ahead of that.
 */
export function noteServerTime(date: string, shift = ''): void {
  const told = Date.parse(date)
  if (Number.isNaN(told)) return
  const heard = told + (Number(shift) || 0) * 1000 - Date.now()
  if (Math.abs(heard - ahead.value) < JITTER_MS) return
  ahead.value = heard
  keep('ahead', heard)
}
