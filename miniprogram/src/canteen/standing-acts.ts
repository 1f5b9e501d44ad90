/** What is done about standing orders from their page: one thing at a time, and what is said of it. */
import { ref } from 'vue'

import { post } from '@/api/client'
import { dateWithWeekday } from '@/format/time'
import { useAttempt } from '@/state/attempt'
import { announce } from '@/state/page'
import { sentenceOfAttempt } from '@/texts/problems'

import { restedWords, today, type Pause, type StandingOrder } from './standing'
import { t } from './standing-texts'

interface DaySaid {
  order: number
  day: string
  words: string
}

/** `refresh` reads the list again: whatever came of it, that is how things stand. */
export function useStandingActs(refresh: () => Promise<void>) {
  const { busy, problem, run } = useAttempt()
  const said = ref('')
  const daySaid = ref<DaySaid | null>(null)

  /** What stands at the top is scrolled to; what stands at its day is not. */
  async function act<T>(send: (key: string) => Promise<T>, words: (answer: T) => string) {
    if (busy.value) return null
    said.value = ''
    daySaid.value = null
    const answer = await run(send)
    const told = answer === undefined ? null : words(answer)
    await refresh()
    if (problem.value) {
      uni.pageScrollTo({ scrollTop: 0, duration: 0 })
      announce(sentenceOfAttempt(problem.value))
    } else if (told) announce(told)
    return told
  }

  async function say<T>(send: (key: string) => Promise<T>, words: (answer: T) => string) {
    const told = await act(send, words)
    if (told === null) return false
    said.value = told
    uni.pageScrollTo({ scrollTop: 0, duration: 0 })
    return true
  }

  const call = (order: StandingOrder, key: string) => ({
    key,
    path: { standing_id: order.id },
    signIn: 'ask' as const,
  })

  async function skip(order: StandingOrder, day: string): Promise<void> {
    const words = await act(
      async (key) => {
        await post('/standing-orders/{standing_id}/skip', { ...call(order, key), body: { day } })
        return true
      },
      () => t.skippedSaid(dateWithWeekday(day)),
    )
    if (words) daySaid.value = { order: order.id, day, words }
  }

  async function putBack(order: StandingOrder, day: string): Promise<void> {
    const words = await act(
      (key) =>
        post('/standing-orders/{standing_id}/put-back', { ...call(order, key), body: { day } }),
      ({ made, left_out }) => {
        if (left_out) return t.backNot(dateWithWeekday(day))
        return (made ? t.backSaid : t.backLater)(dateWithWeekday(day))
      },
    )
    if (words) daySaid.value = { order: order.id, day, words }
  }

  const end = (order: StandingOrder) =>
    say(
      (key) => post('/standing-orders/{standing_id}/end', call(order, key)),
      ({ given_back }) => t.ended(given_back.length),
    )

  const rest = (person: number, how: Pick<Pause, 'why' | 'from_day' | 'until_day'>) =>
    say(
      (key) =>
        post('/standing-orders/pause', {
          key,
          body: { person_id: person, ...how },
          signIn: 'ask',
        }),
      restedWords,
    )

  const resume = (person: number) =>
    say(
      (key) =>
        post('/standing-orders/resume', {
          key,
          body: { person_id: person, from_day: today() },
          signIn: 'ask',
        }),
      ({ made }) => t.resumed(made),
    )

  return { busy, problem, said, daySaid, skip, putBack, end, rest, resume }
}
