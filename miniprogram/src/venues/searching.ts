/** One search for a free room: asked anew each time, for free times are no use when they are old. */
import { computed, ref, shallowRef, type Ref } from 'vue'

import { get, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { isoDay, moment } from '@/format/time'
import { home } from '@/state/home'
import { here } from '@/state/position'

import { t } from './search-texts'
import { dayName, equipmentWords, functions, lengthWords } from './wording'
import { keepWish, peopleOf, queryOf, type RoomWish } from './room-wish'

export type Found = Answer<'get', '/venues/search'>
export type FoundRoom = Found['items'][number]
export type Alternative = Found['alternatives'][number]
export type FreeStart = FoundRoom['starts'][number]

export function useSearch(wish: Ref<RoomWish>) {
  const found = shallowRef<Found | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const busy = ref(false)
  let asked = 0

  /** Look, and remember the wish; what was found before goes. */
  async function look(): Promise<void> {
    const mine = (asked += 1)
    keepWish(wish.value)
    found.value = null
    problem.value = null
    busy.value = true
    try {
      const query = queryOf(wish.value, home.value, here.value)
      const answer = await get('/venues/search', { query })
      if (mine === asked) found.value = answer
    } catch (thrown) {
      if (mine === asked) problem.value = asProblem(thrown)
    } finally {
      if (mine === asked) busy.value = false
    }
  }

  const groups = computed(() =>
    (['shift', 'shorter', 'elsewhere'] as const)
      .map((kind) => ({
        kind,
        rooms: (found.value?.alternatives ?? []).filter((one) => one.kind === kind),
      }))
      .filter(({ rooms }) => rooms.length),
  )
  return { found, problem, busy, groups, look }
}

/** 明天下午, 周六 14 点到 17 点 */
export function whenWords({ day, part, from, until }: RoomWish): string {
  const named = dayName(day)
  if (!part) return named
  return `${named}${part === 'times' ? ` ${t.span(from, until)}` : t.joined(t[part])}`
}

/** The wish in a line: 会议 · 12 人 · 明天下午 · 2 小时 · 投影仪 · 无障碍 */
export function wishWords(wish: RoomWish): string {
  const people = peopleOf(wish)
  return [
    wish.function && functions[wish.function],
    people && t.upTo(people),
    whenWords(wish),
    lengthWords(wish.minutes),
    equipmentWords(wish.equipment),
    wish.stepFree && t.stepFree,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What is said first where nothing fits: closed, not to be reserved yet, or open and taken. */
export function nothingWords(found: Found, wish: RoomWish): string {
  const when = whenWords(wish)
  if (found.full) return t.nothing(when)
  if (found.not_yet) return t.allNotYet(when)
  if (found.blocked) return t.allBlocked(when)
  return found.closed ? t.allClosed(when) : t.nothing(when)
}

/** And why, room by room counted. */
export function whyNothing(found: Found, minutes: number): string[] {
  const { full, closed, not_yet: notYet, blocked, why_blocked: why } = found
  if (!full && !closed && !notYet && !blocked) return [t.noSuch]
  return [
    full ? t.full(full, lengthWords(minutes)) : '',
    closed ? t.closed(closed) : '',
    blocked ? t.blocked(blocked, why.join('、')) : '',
    notYet ? t.notYet(notYet) : '',
  ].filter(Boolean)
}

/** What the last step needs to begin with this start chosen. */
export const chosen = (
  room: FoundRoom,
  { starts_at, ends_at }: FreeStart,
  people: number | null,
) => ({
  room: room.room_id,
  day: isoDay(moment(starts_at)),
  start: moment(starts_at),
  minutes: (moment(ends_at) - moment(starts_at)) / 60_000,
  people: people ?? undefined,
})
