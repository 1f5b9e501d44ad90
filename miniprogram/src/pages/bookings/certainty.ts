/** After a lost answer the booking is read again: what it says is what has happened. */
import { asProblem } from '@/api/problem'
import { get, post } from '@/api/client'

import type { BookingDetail } from './types'

export type Verb = 'accept' | 'decline' | 'cancel'

const REACHED: Record<Verb, readonly string[]> = {
  accept: ['confirmed', 'attended'],
  decline: ['declined', 'cancelled'],
  cancel: ['cancelled', 'declined'],
}

export function look(id: number): Promise<BookingDetail> {
  return get('/bookings/{booking_id}', { path: { booking_id: id } })
}

/**
 * Do it and answer how the booking stands then. Throws the Problem of the call, unless its answer
 * was lost and the booking shows that it was done. `key`: one per attempt, so that the call is
 * repeated by itself.
 */
export async function settle(
  id: number,
  verb: Verb,
  key: string,
  wholeParty = false,
): Promise<BookingDetail | null> {
  try {
    await send(id, verb, key, wholeParty)
  } catch (thrown) {
    const problem = asProblem(thrown)
    if (!problem.isPassing) throw problem
    const seen = await look(id).catch(() => null)
    if (!seen || !REACHED[verb].includes(seen.state)) throw problem
    return seen
  }
  return look(id).catch(() => null)
}

function send(id: number, verb: Verb, key: string, wholeParty: boolean): Promise<unknown> {
  const call = { path: { booking_id: id }, key, signIn: 'ask' as const }
  if (verb === 'accept') return post('/bookings/{booking_id}/accept', call)
  if (verb === 'decline') return post('/bookings/{booking_id}/decline', call)
  return post('/bookings/{booking_id}/cancel', { ...call, body: { whole_party: wholeParty } })
}
