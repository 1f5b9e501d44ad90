/** Markets, stalls and their slots in words, and how each stands now. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { dateWithWeekday, isoDay, moment, span, time, when } from '@/format/time'

import { t } from './texts'
import { t as visits } from './visit-texts'

export type Day = Answer<'get', '/market/days'>[number]
export type Market = Answer<'get', '/market/days/{market_day_id}'>
export type Stall = Market['stalls'][number]
export type Slot = Stall['slots'][number]

/** 11月28日 周六 9:00–12:00 */
export const dayWords = (day: Pick<Day, 'day' | 'starts_at' | 'ends_at'>) =>
  `${dateWithWeekday(day.day)} ${span(day.starts_at, day.ends_at)}`

export interface Badge {
  words: string
  look: 'good' | 'warn' | 'brand' | ''
}

/** What matters most about a market of the list: that it is off, on, over, or when it is booked. */
export function dayBadge(day: Day): Badge {
  if (day.cancelled) return { words: t.cancelled, look: 'warn' }
  if (day.moved_to) return { words: movedTo(day, day.moved_to), look: 'warn' }
  if (moment(day.ends_at) <= now()) return { words: t.over, look: '' }
  if (day.day === isoDay(now())) return { words: t.today, look: 'brand' }
  if (moment(day.books_from) > now()) return { words: t.booksFrom(when(day.books_from)), look: '' }
  return { words: t.bookable, look: 'good' }
}

type Elsewhere = NonNullable<Day['moved_to']>

/** What stands at the old date: 改到 3月21日 周六 9:00，在东门; the place alone where only that changed. */
function movedTo(day: Day, there: Elsewhere): string {
  const place = `${there.place_name} ${there.spot}`
  return there.day === day.day && moment(there.starts_at) === moment(day.starts_at)
    ? t.movedPlace(place)
    : t.movedTo(`${dateWithWeekday(there.day)} ${time(there.starts_at)}`, place)
}

/** What stands at the new date: where and when it was to be, and why that changed. */
export const movedFrom = ({ day, place_name, spot, starts_at, reason }: Elsewhere) =>
  t.movedFrom(`${dateWithWeekday(day)} ${time(starts_at)}`, `${place_name} ${spot}`, reason)

/** A market's hours: from its first stall's opening to its last one's end; null without stalls. */
export function hoursOf({ stalls }: Pick<Market, 'stalls'>): string | null {
  if (!stalls.length) return null
  const at = (name: 'starts_at' | 'ends_at') => stalls.map((one) => one[name])
  const by = (one: string, other: string) => moment(one) - moment(other)
  return span(at('starts_at').sort(by)[0]!, at('ends_at').sort(by).slice(-1)[0]!)
}

/** 9:00–12:00，10:30–10:40 休息 */
export function stallHours(stall: Pick<Stall, 'starts_at' | 'ends_at' | 'breaks'>): string {
  const open = span(stall.starts_at, stall.ends_at)
  const breaks = stall.breaks.map((one) => span(one.starts_at, one.ends_at)).join(t.timesJoin)
  return breaks ? t.breaks(open, breaks) : open
}

/** 李师傅、小王师傅（春晖理发店）: an organisation stands once, behind the last of its people. */
export function peopleWords(people: Stall['people']): string {
  return people
    .map(({ name, organisation }, index) =>
      organisation && people[index + 1]?.organisation !== organisation
        ? t.of(name, organisation)
        : name,
    )
    .join(t.join)
}

/** 60 岁以上（含 60 岁）, 只为和平社区的居民; empty where everybody may come. */
export function ruleWords(stall: Pick<Stall, 'min_age' | 'max_age' | 'home_place_name'>): string {
  const { min_age: least, max_age: most, home_place_name: place } = stall
  const age = least !== null && most !== null ? t.ages(least, most) : oneLimit(least, most)
  return [age, place && t.onlyFrom(place)].filter(Boolean).join(t.join)
}

function oneLimit(least: number | null, most: number | null): string {
  if (least !== null) return t.fromAge(least)
  return most === null ? '' : t.toAge(most)
}

/** The same time with everybody who is at the stall then. */
export interface Time {
  starts_at: string
  ends_at: string
  free: number
  waiting: number
  slots: Slot[]
}

/** The times that have not begun, each once; `provider`: with that one alone. */
export function timesOf(slots: Slot[], provider: number | null = null): Time[] {
  const found = new Map<string, Time>()
  for (const slot of slots) {
    if (moment(slot.starts_at) <= now()) continue
    if (provider !== null && slot.provider_id !== provider) continue
    const { starts_at, ends_at } = slot
    const at = found.get(starts_at) ?? { starts_at, ends_at, free: 0, waiting: 0, slots: [] }
    found.set(starts_at, at)
    at.free += slot.free
    at.waiting += slot.waiting
    at.slots.push(slot)
  }
  return [...found.values()]
}

/** gone: it does not come; free, full: booked or waited for now; soon: later; come: only numbers, begun: only numbers now. */
export type Standing = 'off' | 'gone' | 'over' | 'soon' | 'free' | 'full' | 'come' | 'begun'

export function standingOf(
  stall: Pick<Stall, 'starts_at' | 'ends_at' | 'closed' | 'slots'>,
  market: Pick<Market, 'cancelled' | 'books_from'>,
): Standing {
  if (market.cancelled) return 'off'
  if (stall.closed && moment(stall.starts_at) > now()) return 'gone'
  if (stall.closed || moment(stall.ends_at) <= now()) return 'over'
  const ahead = timesOf(stall.slots)
  if (!ahead.length) return stall.slots.length ? 'begun' : 'come'
  if (moment(market.books_from) > now()) return 'soon'
  return ahead.some(({ free }) => free > 0) ? 'free' : 'full'
}

export const canBook = (standing: Standing) => standing === 'free' || standing === 'full'

/** 上门义诊: what is done at home is called so. */
export const serviceWords = (stall: Pick<Stall, 'service' | 'at_home'>) =>
  stall.at_home ? visits.atHome(stall.service) : stall.service

/** Where people come home instead: asked for, not booked, and nobody takes a number. */
function visitBadge(standing: Standing, market: Market): Badge {
  if (standing === 'off') return { words: t.stallOff, look: 'warn' }
  if (standing === 'gone') return { words: t.stallGone, look: 'warn' }
  if (standing === 'soon') return { words: visits.askSoon(when(market.books_from)), look: '' }
  return canBook(standing)
    ? { words: visits.badge, look: 'good' }
    : { words: visits.tooLate, look: '' }
}

const isToday = (stall: Pick<Stall, 'ends_at'>) => isoDay(moment(stall.ends_at)) === isoDay(now())

export function stallBadge(stall: Stall, market: Market): Badge {
  const standing = standingOf(stall, market)
  if (stall.at_home) return visitBadge(standing, market)
  const free = timesOf(stall.slots).reduce((sum, one) => sum + one.free, 0)
  const words: Record<Standing, () => Badge> = {
    off: () => ({ words: t.stallOff, look: 'warn' }),
    gone: () => ({ words: t.stallGone, look: 'warn' }),
    over: () => ({ words: isToday(stall) ? t.stallOver : t.over, look: '' }),
    soon: () => ({ words: t.stallSoon(when(market.books_from)), look: '' }),
    free: () => ({ words: t.stallFree(free), look: 'good' }),
    full: () => ({ words: t.stallFull, look: 'warn' }),
    come: () => ({ words: t.stallCome, look: 'brand' }),
    begun: () => ({ words: t.stallBegun, look: 'brand' }),
  }
  return words[standing]()
}

const SHOWN = 4

/** 有空的时间：9:00、9:15、9:30、10:00，还有 6 个时间; empty where nothing is free. */
export function freeWords(stall: Pick<Stall, 'slots'>): string {
  const free = timesOf(stall.slots).filter((one) => one.free > 0)
  const times = free.slice(0, SHOWN).map((one) => time(one.starts_at))
  if (!times.length) return ''
  const said = times.join(t.timesJoin)
  return t.freeTimes(free.length > SHOWN ? t.andMore(said, free.length - SHOWN) : said)
}

/** Whether numbers are given now. */
export function givesNumbers(
  stall: Pick<Stall, 'numbers_from' | 'ends_at' | 'closed' | 'at_home'>,
): boolean {
  if (stall.at_home || stall.closed) return false
  return moment(stall.numbers_from) <= now() && now() < moment(stall.ends_at)
}

/** What is to be known today of numbers at a stall; empty on other days and once it has closed. */
export function numberWords(
  stall: Pick<Stall, 'numbers_from' | 'ends_at' | 'closed' | 'at_home'>,
): string {
  if (givesNumbers(stall)) return t.numbersNow
  if (stall.at_home) return ''
  const isToday = isoDay(moment(stall.ends_at)) === isoDay(now())
  const isAhead = isToday && !stall.closed && moment(stall.numbers_from) > now()
  return isAhead ? t.numbersFrom(time(stall.numbers_from)) : ''
}
