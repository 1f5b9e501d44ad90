/** Rooms, days, starts and reservations in words. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { date, dateWithWeekday, day, moment, span, time } from '@/format/time'
import { language } from '@/state/settings'
import { defineTexts } from '@/texts/define'
import { titleOf } from '@/texts/refusals'

import { t } from './texts'

export type Venue = Answer<'get', '/venues'>[number]
export type Room = Answer<'get', '/venues/{venue_id}'>['room_list'][number]
export type Strip = Answer<'get', '/venues/rooms/{room_id}/starts'>
export type StartDay = Strip['days'][number]
export type Start = StartDay['starts'][number]
export type Reservation = Answer<'get', '/venues/reservations/{booking_id}'>
export type Series = Answer<'get', '/venues/series/{series_id}'>

export const functions = defineTexts(
  {
    calligraphy: '书画',
    chess: '棋牌',
    dance: '舞蹈',
    family: '亲子',
    meeting: '会议',
    studio: '直播录音',
    lecture: '讲座演出',
    craft: '手工',
    music: '音乐',
    kitchen: '烘焙厨艺',
    reading: '阅读自习',
  },
  {
    calligraphy: 'Calligraphy',
    chess: 'Chess and cards',
    dance: 'Dance',
    family: 'Parents and children',
    meeting: 'Meetings',
    studio: 'Streaming, recording',
    lecture: 'Talks, shows',
    craft: 'Crafts',
    music: 'Music',
    kitchen: 'Baking, cooking',
    reading: 'Reading, study',
  },
)

export const equipment = defineTexts(
  {
    projector: '投影仪',
    screen: '大屏',
    whiteboard: '白板',
    sound: '音响',
    microphone: '话筒',
    piano: '钢琴',
    mirrors: '镜墙',
    computers: '电脑',
    camera: '摄像机',
    stove: '灶台',
    mats: '地垫',
  },
  {
    projector: 'projector',
    screen: 'large screen',
    whiteboard: 'whiteboard',
    sound: 'sound system',
    microphone: 'microphone',
    piano: 'piano',
    mirrors: 'mirrors',
    computers: 'computers',
    camera: 'camera',
    stove: 'stove',
    mats: 'floor mats',
  },
)

export const FUNCTIONS: Room['functions'] = [
  'calligraphy',
  'chess',
  'dance',
  'family',
  'meeting',
  'lecture',
  'music',
  'craft',
  'reading',
  'kitchen',
  'studio',
]

export const EQUIPMENT: Room['equipment'] = [
  'projector',
  'screen',
  'whiteboard',
  'sound',
  'microphone',
  'computers',
  'camera',
  'piano',
  'mirrors',
  'mats',
  'stove',
]

/** 书画、棋牌 */
export const functionWords = (words: Room['functions']) =>
  words.map((word) => functions[word]).join(' · ')
export const equipmentWords = (words: Room['equipment']) =>
  words.map((word) => equipment[word]).join(' · ')

/** The address of a picture that the API names; none: nothing. */
export const pictureOf = (name: string | null) =>
  name ? `/mp/v1/pictures/${encodeURIComponent(name)}` : ''

/** 30 分钟, 2 小时, 1 小时 30 分钟 */
export function lengthWords(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (!hours) return t.minutes(rest)
  return rest ? t.hoursMinutes(hours, rest) : t.hours(hours)
}

const PAST = 409104
const NOT_YET = 409106

export type DayState = 'closed' | 'free' | 'full' | 'past' | 'notYet' | 'blocked'

/** Closed, free, or open without anything free: full, over, not yet to be had, out of use. */
export function stateOf(one: StartDay): DayState {
  if (one.state !== 'full') return one.state
  const all = (code: number) => one.starts.every(({ errcode }) => errcode === code)
  if (all(PAST)) return 'past'
  if (one.starts.every((start) => isPast(start) || start.use === 'block')) return 'blocked'
  return all(NOT_YET) ? 'notYet' : 'full'
}

/** What a closed day is called: holidays in the reader's language, the staff's words as they are. */
const HOLIDAYS: Record<string, string> = {
  元旦: 'New Year’s Day',
  春节: 'Spring Festival',
  清明: 'Tomb-sweeping Day',
  劳动节: 'Labour Day',
  端午: 'Dragon Boat Festival',
  中秋: 'Mid-autumn Festival',
  国庆节: 'National Day',
}
const whyWords = (why: string) => (language.value === 'en' && HOLIDAYS[why]) || why

/** 今天, 周五; further off 12月1日 周二. */
export function dayName(text: string): string {
  const named = day(text)
  return named === date(text) ? dateWithWeekday(text) : named
}

const DAY_WORDS: Record<DayState, () => string> = {
  closed: () => t.dayClosed,
  free: () => t.dayFree,
  full: () => t.dayFull,
  past: () => t.dayPast,
  notYet: () => t.dayNotYet,
  blocked: () => t.useBlock,
}

export const dayWord = (one: StartDay) => DAY_WORDS[stateOf(one)]()

/** Why there is nothing to choose on a day; empty where there is. */
export function daySentence(one: StartDay): string {
  const named = dateWithWeekday(one.day)
  switch (stateOf(one)) {
    case 'closed':
      return one.why ? t.closedWhy(named, whyWords(one.why)) : t.closedOn(named)
    case 'full':
      return t.fullOn(named)
    case 'notYet':
      return t.notYetOn(named)
    case 'past':
      return t.pastOn
    case 'blocked':
      return t.blockedOn(named, [...new Set(one.starts.flatMap(({ why }) => why ?? []))].join('、'))
    default:
      return ''
  }
}

/** 9:00–12:00，14:00–21:00 */
export const openHours = (one: StartDay) =>
  one.open.map(({ starts_at, ends_at }) => span(starts_at, ends_at)).join(' · ')

export const isPast = ({ errcode }: Start) => errcode === PAST

const USES: Record<string, () => string> = {
  lesson: () => t.useLesson,
  block: () => t.useBlock,
  market: () => t.useMarket,
  reservation: () => t.useReservation,
}

/** For how long a start is free, or why it is not. */
export function startWord(start: Start): string {
  if (start.minutes) return t.longest(lengthWords(start.minutes))
  return start.why || (start.use && USES[start.use]?.()) || titleOf(start.errcode)
}

/** The lengths that a start leaves, shortest first. */
export function lengthsOf(start: Start, strip: Strip): number[] {
  if (strip.whole_day) return [start.minutes]
  const found: number[] = []
  const { grid_minutes: grid, min_minutes: least } = strip
  for (let length = Math.ceil(least / grid) * grid; length < start.minutes; length += grid) {
    found.push(length)
  }
  return [...found, start.minutes]
}

/** 周五 15:00–17:00 */
export const usedWhen = ({ starts_at, ends_at }: Pick<Reservation, 'starts_at' | 'ends_at'>) =>
  `${day(starts_at)} ${span(starts_at, ends_at)}`

/** 3月18日 周三 15:00–17:00 */
export const usedWhenFully = (one: Pick<Reservation, 'starts_at' | 'ends_at'>) =>
  `${dateWithWeekday(one.starts_at)} ${span(one.starts_at, one.ends_at)}`

const isOver = ({ ends_at }: Pick<Reservation, 'ends_at'>) => moment(ends_at) <= now()

export function stateWord(
  one: Pick<Reservation, 'state' | 'ends_at'> & { cancelled_late?: boolean },
): string {
  switch (one.state) {
    case 'confirmed':
      return isOver(one) ? t.stateOver : t.stateConfirmed
    case 'attended':
      return isOver(one) ? t.stateOver : t.stateAttended
    case 'requested':
      return t.stateRequested
    case 'missed':
      return t.stateMissed
    case 'declined':
      return t.stateDeclined
    default:
      return one.cancelled_late ? t.stateCancelledLate : t.stateCancelled
  }
}

/** Whether it holds the room and is not over. */
export const holds = (one: Reservation) => one.state === 'confirmed' && !isOver(one)

/** Whether they have come and are there still. */
export const isOn = (one: Reservation) =>
  one.state === 'attended' && moment(one.starts_at) < now() && !isOver(one)

/** Whether there is still something to give back. */
export const isLive = (one: Reservation) =>
  ['confirmed', 'requested'].includes(one.state) && !isOver(one)

/** Whether it waits for the staff's answer, and may be asked for anew. */
export const isAsked = (one: Reservation) =>
  one.state === 'requested' && moment(one.starts_at) > now()

const WEEK_MS = 7 * 24 * 3_600_000

/** The same hour of a week later, of the next week still to come. */
export function weekLater({ starts_at }: Pick<Reservation, 'starts_at'>): number {
  const start = moment(starts_at) + WEEK_MS
  return start + Math.max(0, Math.ceil((now() - start) / WEEK_MS)) * WEEK_MS
}

/** After the deadline giving it back is late; until then it costs nothing. */
export const isTooLate = ({ state, cancel_until }: Pick<Reservation, 'state' | 'cancel_until'>) =>
  state === 'confirmed' && cancel_until !== null && moment(cancel_until) <= now()

/** The clock time at which a use of `minutes` from a start ends. */
export const endOf = (start: Start, minutes: number) =>
  new Date(moment(start.starts_at) + minutes * 60_000).toISOString()

export const untilWords = (start: Start, minutes: number) => t.until(time(endOf(start, minutes)))
