/** What of all that is told the first page shows first. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { moment } from '@/format/time'
import { isOnce } from '@/pages/bookings/wording'

export type Booking = Answer<'get', '/bookings'>[number]
export type Run = Answer<'get', '/night-school/runs'>['items'][number]

const WEEK = 7 * 86_400_000
const HOUR = 3_600_000

/** The booking that meets next, by the lessons that really take place; a room by its own time. */
export function nextOf(bookings: Booking[]): Booking | null {
  return earliest(
    bookings.filter((one) => one.state === 'confirmed' && meeting(one) !== null),
    (one) => meeting(one)?.starts_at ?? '',
  )
}

/** When somebody is expected next; null: no lesson is left. */
export function meeting(one: Booking): { starts_at: string; ends_at: string } | null {
  return isOnce(one) ? one : one.next_lesson
}

/** The offer that runs out first; one that has run out already is none. */
export function offerOf(bookings: Booking[]): Booking | null {
  return earliest(
    bookings.filter(
      ({ state, offer_until }) =>
        state === 'offered' && (offer_until === null || moment(offer_until) > now()),
    ),
    ({ offer_until }) => offer_until ?? '9999-12-31',
  )
}

function earliest(bookings: Booking[], when: (booking: Booking) => string): Booking | null {
  const sorted = [...bookings].sort((one, other) => moment(when(one)) - moment(when(other)))
  return sorted[0] ?? null
}

/** What can be taken before what is full, one's own community first, what meets this week first. */
export function nearest(runs: Run[], communityId: number): Run[] {
  const rank = (run: Run) =>
    (standingOf(run) === 'full' ? 4 : 0) +
    (run.place_id === communityId ? 0 : 2) +
    (meetsSoon(run) ? 0 : 1)
  return [...runs].sort((one, other) => rank(one) - rank(other))
}

/** Whether one can sign up now, from some moment on, or only wait for a place. */
export function standingOf(run: Run): 'free' | 'soon' | 'full' {
  if (run.opens_at && moment(run.opens_at) > now()) return 'soon'
  return run.waiting > 0 || run.places_left === 0 ? 'full' : 'free'
}

/** Whether a class has begun or begins within a week. */
export function meetsSoon(run: Run): boolean {
  return moment(run.starts_at) < now() + WEEK
}

/** Whether a class has begun: then its weekday says more than its first day. */
export function hasBegun(run: Run): boolean {
  return moment(run.starts_at) <= now()
}

/** The part of the day in Shanghai, to greet by. */
export function partOfDay(): 'morning' | 'afternoon' | 'evening' {
  const hour = Math.floor((now() / HOUR + 8) % 24)
  if (hour >= 4 && hour < 12) return 'morning'
  return hour >= 12 && hour < 18 ? 'afternoon' : 'evening'
}
