/** Reserving a room: who, how long, what for, what stands against it, and one attempt to do it. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer, type Query } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { isoDay, moment } from '@/format/time'
import { useAttempt } from '@/state/attempt'

import { t } from './texts'
import { endOf, lengthsOf, type Start, type Strip } from './wording'

type Me = Answer<'get', '/me'>
type Had = Answer<'get', '/venues/reservations/{booking_id}'>
type Group = Answer<'get', '/venues/groups'>[number]
type Room = Answer<'get', '/venues/rooms/{room_id}'>
export type Reason = Answer<'get', '/venues/rooms/{room_id}/why-not'>[number]

/** What the page was opened for: a start of a day, and maybe a reservation made again or moved. */
export interface Wish {
  room: number
  day: string
  start: number
  again: number
  change: number
  /** What was looked for: how long, for how many; 0 where nobody said. */
  minutes: number
  people: number
}

/** What a reservation says, but for which times. */
export interface Body {
  starts_at: string
  ends_at: string
  person_id: number
  group_id: number | null
  title: string
  headcount: number
  purpose: string | null
  wishes: string | null
}

/** Hours that most people take, where the room has them. */
const USUAL = 120
const PAUSE_MS = 400
const DAY_MS = 24 * 3_600_000

export function useReserving(wish: Ref<Wish>) {
  const me = shallowRef<Me | null>(null)
  const groups = shallowRef<Group[]>([])
  const room = shallowRef<Room | null>(null)
  const strip = shallowRef<Strip | null>(null)
  const loadProblem = shallowRef<Problem | null>(null)
  const reasons = shallowRef<Reason[]>([])
  const had = shallowRef<Had | null>(null)
  /** A person's id, or the name `partyOf` gives a group. */
  const party = ref<number | string | null>(null)
  const length = ref<number | null>(null)
  const title = ref('')
  const headcount = ref('')
  const purpose = ref('')
  const wishes = ref('')
  /** What is moved waits for its first answer still, and holds nothing. */
  const isAsked = ref(false)
  const { busy, problem, run } = useAttempt()

  const before = computed(() => wish.value.again || wish.value.change)
  const start = computed<Start | null>(() => {
    const starts = strip.value?.days.flatMap((day) => day.starts) ?? []
    return starts.find((one) => moment(one.starts_at) === wish.value.start) ?? null
  })
  const lengths = computed(() =>
    strip.value && start.value?.minutes ? lengthsOf(start.value, strip.value) : [],
  )
  const people = computed(() => (/^[1-9]\d{0,3}$/.test(headcount.value) ? +headcount.value : null))
  const missing = computed(() => {
    if (length.value === null) return t.missingLength
    if (party.value === null) return t.missingPerson
    if (!title.value.trim()) return t.missingTitle
    return people.value === null ? t.missingPeople : ''
  })

  /** For whom it is: a person, or a group by the one of us who is in it. */
  const whom = computed(() => {
    const group = groups.value.find((one) => partyOf(one) === party.value)
    if (group) return { person_id: group.person_id, group_id: group.id }
    return typeof party.value === 'number' ? { person_id: party.value, group_id: null } : null
  })

  /** Everything the form needs; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      groups.value = await get('/venues/groups')
      const path = { room_id: wish.value.room }
      // A start past midnight belongs to the day before.
      const query = { day: isoDay(moment(wish.value.day) - DAY_MS), days: 2 }
      ;[room.value, strip.value] = await Promise.all([
        get('/venues/rooms/{room_id}', { path }),
        startsOf(wish.value.room, wish.value.change, query),
      ])
      if (before.value && !title.value) await fillIn()
      length.value ??= wish.value.minutes || null
      headcount.value ||= wish.value.people ? String(wish.value.people) : ''
      choose()
      loadProblem.value = null
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  async function fillIn(): Promise<void> {
    const path = { booking_id: before.value }
    const one = await get('/venues/reservations/{booking_id}', { path })
    had.value = one
    isAsked.value = one.state === 'requested'
    title.value = one.title
    headcount.value = String(one.headcount)
    purpose.value = one.purpose ?? ''
    wishes.value = one.wishes ?? ''
    party.value = one.group_id === null ? one.person_id : partyOf({ id: one.group_id })
    length.value = (moment(one.ends_at) - moment(one.starts_at)) / 60_000
  }

  /** The choice so far as far as it is possible still; at first the usual one. */
  function choose(): void {
    const mine = me.value?.people ?? []
    const known = [...mine.map(({ person_id }) => person_id), ...groups.value.map(partyOf)]
    if (!known.some((one) => one === party.value)) {
      const own = mine.find(({ relation }) => relation === 'self') ?? mine[0]
      const ours = groups.value.find(({ state }) => state === 'registered')
      const first = room.value?.rules.audience === 'groups' && ours ? partyOf(ours) : null
      party.value = first ?? own?.person_id ?? null
    }
    if (!lengths.value.includes(length.value ?? 0)) {
      length.value = lengths.value.filter((one) => one <= USUAL).pop() ?? lengths.value[0] ?? null
    }
  }

  let asked = 0
  async function ask(): Promise<void> {
    const mine = (asked += 1)
    if (!start.value?.minutes || length.value === null || whom.value === null) return
    const query = {
      starts_at: start.value.starts_at,
      ends_at: endOf(start.value, length.value),
      person_id: whom.value.person_id,
      group_id: whom.value.group_id ?? undefined,
      headcount: people.value ?? undefined,
      booking_id: wish.value.change || undefined,
    }
    const path = { room_id: wish.value.room }
    const found = await get('/venues/rooms/{room_id}/why-not', { path, query }).catch(() => [])
    if (mine === asked) reasons.value = found
  }

  watch(party, () => (reasons.value = [])) // they were another's
  let timer: ReturnType<typeof setTimeout> | undefined
  watch([start, length, party, people], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), PAUSE_MS)
  })

  /** From when to when it is chosen to be; null while that is missing. */
  const span = computed(() =>
    start.value?.minutes && length.value !== null
      ? { starts_at: start.value.starts_at, ends_at: endOf(start.value, length.value) }
      : null,
  )

  /** All that is said of it; nothing may be missing any more. */
  const body = (): Body => ({
    ...span.value!,
    ...whom.value!,
    title: title.value.trim(),
    headcount: people.value!,
    purpose: purpose.value.trim() || null,
    wishes: wishes.value.trim() || null,
  })

  /** The booking's id once it is done; what went wrong stands in `problem`. */
  async function confirm(): Promise<number | null> {
    if (wish.value.change) return move(span.value!)
    const call = {
      path: { room_id: wish.value.room },
      body: body(),
      signIn: 'ask' as const,
    }
    const made = await run((key) => post('/venues/rooms/{room_id}/reservations', { ...call, key }))
    return made?.booking_id ?? null
  }

  async function move(time: { starts_at: string; ends_at: string }): Promise<number | null> {
    const id = wish.value.change
    const body = { ...time, room_id: null }
    const call = { path: { booking_id: id }, body, signIn: 'ask' as const }
    const moved = await run(async (key) => {
      await post('/venues/reservations/{booking_id}/change', { ...call, key })
      return id
    })
    return moved ?? null
  }

  return {
    me,
    groups,
    room,
    strip,
    isAsked,
    had,
    start,
    span,
    people,
    lengths,
    loadProblem,
    reasons,
    party,
    whom,
    length,
    title,
    headcount,
    purpose,
    wishes,
    missing,
    busy,
    problem,
    load,
    body,
    confirm,
  }
}

/** A group among the people one may reserve for. */
export function partyOf({ id }: Pick<Group, 'id'>): string {
  return `group ${id}`
}

/** The starts of a room; those for a reservation that moves pass over where it stands now. */
export function startsOf(room: number, change: number, query: Query = {}): Promise<Strip> {
  if (!change) return get('/venues/rooms/{room_id}/starts', { path: { room_id: room }, query })
  const path = { booking_id: change }
  return get('/venues/reservations/{booking_id}/starts', { path, query, signIn: 'ask' })
}
