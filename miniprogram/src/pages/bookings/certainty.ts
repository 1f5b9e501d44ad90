/** After a lost answer the booking is read again: what it says is what has happened. */
import { computed } from 'vue'

import { get, post } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'
import { t } from '@/texts/bookings'
import { sentenceOf } from '@/texts/problems'

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
 * Do it. Throws the Problem of the call, unless its answer was lost and the booking shows that it
 * was done. `key`: one per attempt, so that the call is
 * repeated by itself.
 */
export async function settle(
  id: number,
  verb: Verb,
  key: string,
  wholeParty = false,
): Promise<void> {
  try {
    await send(id, verb, key, wholeParty)
  } catch (thrown) {
    const problem = asProblem(thrown)
    if (!problem.isPassing) throw problem
    const seen = await look(id).catch(() => null)
    if (!seen || !REACHED[verb].includes(seen.state)) throw problem
  }
}

function send(id: number, verb: Verb, key: string, wholeParty: boolean): Promise<unknown> {
  const call = { path: { booking_id: id }, key, signIn: 'ask' as const }
  if (verb === 'accept') return post('/bookings/{booking_id}/accept', call)
  if (verb === 'decline') return post('/bookings/{booking_id}/decline', call)
  return post('/bookings/{booking_id}/cancel', { ...call, body: { whole_party: wholeParty } })
}

/** One answer at a time: `settleOnce` is true when it was done, by this tap and not by another. */
export function useSettling() {
  const { busy, problem, run } = useAttempt()
  const sentence = computed(() => {
    if (!problem.value) return ''
    return problem.value.isPassing ? t.lost : sentenceOf(problem.value)
  })

  async function settleOnce(id: number, verb: Verb, wholeParty = false): Promise<boolean> {
    const done = await run(async (key) => {
      await settle(id, verb, key, wholeParty)
      return true
    })
    return done === true
  }

  return { busy, problem, sentence, settleOnce }
}
