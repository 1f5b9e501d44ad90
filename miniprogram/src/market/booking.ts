/** Booking a time at a stall: which, with whom, for whom, what stands against it, and one attempt. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { isTooLate } from '@/pages/bookings/wording'
import { useAttempt } from '@/state/attempt'

import { t } from './booking-texts'
import { timesOf, type Market, type Time } from './wording'

type Me = Answer<'get', '/me'>
type Held = Answer<'get', '/bookings/{booking_id}'>
export type Reason = Answer<'get', '/market/stalls/{stall_id}/why-not'>[number]

/** What the page was opened for; `change`: a booking that gets another time. */
export interface Wish {
  day: number
  stall: number
  change: number
}

/** Booked that day already: while changing, the booking itself is no reason. */
const ONCE_A_DAY = 409210
const ANYBODY = 0

export function useBooking(wish: Ref<Wish>) {
  const me = shallowRef<Me | null>(null)
  const market = shallowRef<Market | null>(null)
  const held = shallowRef<Held | null>(null)
  const loadProblem = shallowRef<Problem | null>(null)
  const reasons = shallowRef<Reason[]>([])
  const provider = ref<string | number>(ANYBODY)
  const startsAt = ref<string | number | null>(null)
  const person = ref<string | number | null>(null)
  const { busy, problem, run } = useAttempt()

  const stall = computed(() => market.value?.stalls.find(({ id }) => id === wish.value.stall))
  const times = computed<Time[]>(() =>
    timesOf(stall.value?.slots ?? [], Number(provider.value) || null),
  )
  const chosen = computed(
    () => times.value.find(({ starts_at }) => starts_at === startsAt.value) ?? null,
  )
  const isFull = computed(() => chosen.value !== null && chosen.value.free === 0)
  const missing = computed(() => {
    if (!chosen.value) return t.missingTime
    return person.value === null ? t.missingPerson : ''
  })

  /** Everything the form needs; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      const path = { market_day_id: wish.value.day }
      market.value = await get('/market/days/{market_day_id}', { path })
      if (wish.value.change) {
        held.value = await get('/bookings/{booking_id}', {
          path: { booking_id: wish.value.change },
        })
        person.value = held.value.person_id
      }
      const own = me.value.people.find(({ relation }) => relation === 'self')
      person.value ??= own?.person_id ?? null
      loadProblem.value = null
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  let asked = 0
  async function judge(): Promise<void> {
    const mine = (asked += 1)
    reasons.value = []
    if (missing.value) return
    const query = { starts_at: chosen.value!.starts_at, person_id: Number(person.value) }
    const path = { stall_id: wish.value.stall }
    const found = await get('/market/stalls/{stall_id}/why-not', { path, query }).catch(() => [])
    if (mine !== asked) return
    reasons.value = found.filter(({ errcode }) => !wish.value.change || errcode !== ONCE_A_DAY)
  }
  watch([chosen, person], () => void judge())
  watch(provider, () => {
    if (!chosen.value) startsAt.value = null
  })

  /** The new booking's id; null where it came to nothing (see `problem`). */
  async function confirm(): Promise<number | null> {
    const starts_at = chosen.value!.starts_at
    const body = { starts_at, provider_id: Number(provider.value) || null, wait: isFull.value }
    const answer = await run((key) => send(body, key))
    return answer?.booking_id ?? null
  }

  function send(
    body: { starts_at: string; provider_id: number | null; wait: boolean },
    key: string,
  ) {
    const call = { key, signIn: 'ask' as const }
    if (wish.value.change) {
      return post('/market/bookings/{booking_id}/change', {
        ...call,
        path: { booking_id: wish.value.change },
        body: { ...body, late: isLate.value },
      })
    }
    return post('/market/stalls/{stall_id}/bookings', {
      ...call,
      path: { stall_id: wish.value.stall },
      body: { ...body, person_id: Number(person.value) },
    })
  }

  const isLate = computed(() => held.value !== null && isTooLate(held.value))

  return {
    me, market, held, stall, times, provider, startsAt, person, chosen, isFull, isLate, missing,
    reasons, loadProblem, busy, problem, load, confirm,
  } // prettier-ignore
}
