/** What room somebody looks for: what for, how many, when, for how long, with what, near what. */
import type { Query } from '@/api/client'
import { now } from '@/format/clock'
import { isoDay } from '@/format/time'
import type { Point } from '@/platform'
import type { Home } from '@/state/home'
import { keptPrefix } from '@/state/session'
import { keep, recall } from '@/state/storage'

import type { Room } from './wording'

export type Where = 'near' | 'home' | 'street' | 'all'
export type Part = '' | 'morning' | 'afternoon' | 'evening' | 'times'

export interface RoomWish {
  function: '' | Room['functions'][number]
  /** As it was typed; empty: it does not matter. */
  people: string
  /** 2026-03-18 */
  day: string
  part: Part
  /** Full hours, for `times`. */
  from: number
  until: number
  minutes: number
  equipment: Room['equipment']
  stepFree: boolean
  where: Where
  street: number | null
}

/** How many days ahead can be asked for. */
export const DAYS = 14
export const LENGTHS = [30, 60, 90, 120, 180, 240]
export const HOURS = { first: 7, last: 23 }

const DAY_MS = 24 * 3_600_000

/** The days that can be asked for, from today on. */
export const days = (): string[] =>
  Array.from({ length: DAYS }, (_, ahead) => isoDay(now() + ahead * DAY_MS))

const FIRST: Omit<RoomWish, 'day' | 'where'> = {
  function: '',
  people: '',
  part: '',
  from: 14,
  until: 17,
  minutes: 120,
  equipment: [],
  stepFree: false,
  street: null,
}

const name = () => `${keptPrefix.value}room-wish`

/** The wishes of last time, as far as they can be met still; `known`: whether there has been one. */
export function lastWish(home: Home | null): { wish: RoomWish; known: boolean } {
  const kept = recall<Partial<RoomWish>>(name(), {})
  const ahead = days()
  const wish: RoomWish = { ...FIRST, day: ahead[0]!, where: home ? 'home' : 'all', ...kept }
  if (!ahead.includes(wish.day)) wish.day = ahead[0]!
  // Where the phone is has to be asked anew; a home can be gone.
  if (wish.where === 'near' || (wish.where === 'home' && !home)) wish.where = home ? 'home' : 'all'
  if (wish.where === 'street' && wish.street === null) wish.where = 'all'
  return { wish, known: Boolean(kept.day) }
}

export function keepWish(wish: RoomWish): void {
  keep(name(), wish)
}

export const peopleOf = ({ people }: Pick<RoomWish, 'people'>) =>
  /^[1-9]\d{0,3}$/.test(people) ? Number(people) : null

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

function timesOf({ part, from, until }: RoomWish): Query {
  if (part === 'times') return { from_time: clock(from), until_time: clock(until) }
  return { part: part || undefined }
}

/** The wish as the API takes it; `point` in GCJ-02. */
export function queryOf(wish: RoomWish, home: Home | null, point: Point | null): Query {
  return {
    day: wish.day,
    ...timesOf(wish),
    minutes: wish.minutes,
    headcount: peopleOf(wish) ?? undefined,
    function: wish.function || undefined,
    equipment: wish.equipment,
    step_free: wish.stepFree || undefined,
    community_id: wish.where === 'home' ? home?.community_id : undefined,
    street_id: wish.where === 'street' ? wish.street : undefined,
    ...(wish.where === 'near' ? (point ?? {}) : {}),
  }
}
