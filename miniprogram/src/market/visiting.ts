/** Asking for somebody to come home: for whom, when, where to, and one attempt. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

import { t } from './visit-texts'
import { timesOf, type Market } from './wording'

type Me = Answer<'get', '/me'>
export type Visit = Answer<'get', '/market/visits/{booking_id}'>

/** What the page was opened for; `change`: a visit that gets another time. */
export interface Wish {
  day: number
  stall: number
  change: number
}

const RINGS = /^[0-9+() -]{5,20}$/

/** Where to, which number, what to know: typed here, or as it is on file. */
export function useHome() {
  const address = ref('')
  const phone = ref('')
  const note = ref('')
  const missing = computed(() => {
    if (address.value.trim().length < 4) return t.missingAddress
    return RINGS.test(phone.value.trim()) ? '' : t.missingPhone
  })
  const body = () => ({
    address: address.value.trim(),
    phone: phone.value.trim(),
    note: note.value.trim() || null,
  })
  return { address, phone, note, missing, body }
}

export function useVisiting(wish: Ref<Wish>) {
  const me = shallowRef<Me | null>(null)
  const market = shallowRef<Market | null>(null)
  const held = shallowRef<Visit | null>(null)
  const loadProblem = shallowRef<Problem | null>(null)
  const startsAt = ref<string | number | null>(null)
  const person = ref<string | number | null>(null)
  const cannot = ref(false)
  const home = useHome()
  const { busy, problem, run } = useAttempt()

  const stall = computed(() => market.value?.stalls.find(({ id }) => id === wish.value.stall))
  const times = computed(() => timesOf(stall.value?.slots ?? []))
  const chosen = computed(
    () => times.value.find(({ starts_at }) => starts_at === startsAt.value) ?? null,
  )
  const isFull = computed(() => chosen.value !== null && chosen.value.free === 0)
  const missing = computed(() => {
    if (!chosen.value) return t.missingTime
    if (wish.value.change) return ''
    if (person.value === null) return t.missingPerson
    return home.missing.value || (cannot.value ? '' : t.missingCannot)
  })

  /** Everything the form needs; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      const path = { market_day_id: wish.value.day }
      market.value = await get('/market/days/{market_day_id}', { path })
      if (wish.value.change) {
        held.value = await get('/market/visits/{booking_id}', {
          path: { booking_id: wish.value.change },
        })
      }
      const own = me.value.people.find(({ relation }) => relation === 'self')
      person.value ??= own?.person_id ?? null
      loadProblem.value = null
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  /** What is on file of the one who is chosen; what was typed over another's stays typed. */
  let filled = { address: '', phone: '' }
  watch(person, async (chosenOne) => {
    if (chosenOne === null || wish.value.change) return
    const query = { person_id: Number(chosenOne) }
    const known = await get('/market/home', { query }).catch(() => null)
    if (!known || person.value !== chosenOne) return
    const found = { address: known.address ?? '', phone: known.phone ?? '' }
    if (home.address.value === filled.address) home.address.value = found.address
    if (home.phone.value === filled.phone) home.phone.value = found.phone
    filled = found
  })

  /** The booking's id; null where it came to nothing (see `problem`). */
  async function confirm(): Promise<number | null> {
    const starts_at = chosen.value!.starts_at
    const answer = await run((key) => send(starts_at, key))
    return answer?.booking_id ?? null
  }

  function send(starts_at: string, key: string) {
    const call = { key, signIn: 'ask' as const }
    if (wish.value.change) {
      return post('/market/bookings/{booking_id}/change', {
        ...call,
        path: { booking_id: wish.value.change },
        body: { starts_at, provider_id: null, late: true, wait: false },
      })
    }
    return post('/market/stalls/{stall_id}/visits', {
      ...call,
      path: { stall_id: wish.value.stall },
      body: {
        ...home.body(),
        starts_at,
        person_id: Number(person.value),
        provider_id: null,
        cannot_come_down: true as const,
      },
    })
  }

  return {
    me,
    market,
    held,
    stall,
    times,
    startsAt,
    person,
    cannot,
    home,
    chosen,
    isFull,
    missing,
    loadProblem,
    busy,
    problem,
    load,
    confirm,
  }
}
