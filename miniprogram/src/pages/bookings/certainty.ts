/** After a lost answer the booking is read again: what it says is what has happened. */
import { computed, ref } from 'vue'

import { get, post } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'
import { t } from '@/texts/bookings'
import { sentenceOf } from '@/texts/problems'

import type { BookingDetail } from './types'

export type Verb = 'accept' | 'decline' | 'cancel'

/** For everybody who goes together; after the deadline, knowing that it is recorded. */
interface Cancelling {
  whole?: boolean
  late?: boolean
}

const REACHED: Record<Verb, readonly string[]> = {
  accept: ['confirmed', 'attended'],
  decline: ['declined', 'cancelled'],
  cancel: ['cancelled', 'declined'],
}

export function look(id: number): Promise<BookingDetail> {
  return get('/bookings/{booking_id}', { path: { booking_id: id } })
}

/**
 * Do it; whether it is done. False: the answer was lost and the booking shows that nothing came of
 * it. Throws the Problem of the call where it was refused, or where nobody can tell. `key`: one per
 * attempt, so that the call is repeated by itself.
 */
export async function settle(
  id: number,
  verb: Verb,
  key: string,
  how: Cancelling = {},
): Promise<boolean> {
  try {
    await send(id, verb, key, how)
    return true
  } catch (thrown) {
    const problem = asProblem(thrown)
    if (!problem.isPassing) throw problem
    const seen = await look(id).catch(() => null)
    if (!seen) throw problem
    return REACHED[verb].includes(seen.state)
  }
}

function send(id: number, verb: Verb, key: string, how: Cancelling): Promise<unknown> {
  const call = { path: { booking_id: id }, key, signIn: 'ask' as const }
  if (verb === 'accept') return post('/bookings/{booking_id}/accept', call)
  if (verb === 'decline') return post('/bookings/{booking_id}/decline', call)
  const body = { whole_party: how.whole ?? false, late: how.late ?? false }
  return post('/bookings/{booking_id}/cancel', { ...call, body })
}

/** One answer at a time: `settleOnce` is true when it was done, by this tap and not by another. */
export function useSettling() {
  const { busy, problem, run } = useAttempt()
  const cameToNothing = ref(false)
  const sentence = computed(() => {
    if (cameToNothing.value) return t.lost
    if (!problem.value) return ''
    return problem.value.isPassing ? t.unsure : sentenceOf(problem.value)
  })

  async function settleOnce(id: number, verb: Verb, how?: Cancelling): Promise<boolean> {
    if (busy.value) return false
    cameToNothing.value = false
    const done = await run((key) => settle(id, verb, key, how))
    cameToNothing.value = done === false
    return done === true
  }

  return { busy, problem, sentence, settleOnce }
}
