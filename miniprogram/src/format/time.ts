/**
 * Moments in the words people use: 今天 19:00, 明天, 周三, 3月18日.
 *
 * Always by the clock of Asia/Shanghai, which has had no summer time since 1991: eight hours are
 * added by hand, because a phone may stand in any zone and a mini-program has no full `Intl`.
 */
import { language } from '@/state/settings'

import { now } from './clock'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const SHANGHAI = 8 * HOUR

const WEEKDAYS = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
}
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 3339 (or a plain date) as milliseconds since 1970. */
export function moment(text: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00+08:00`) : Date.parse(text)
}

interface Local {
  year: number
  month: number
  day: number
  weekday: number
  hour: number
  minute: number
  /** Days since 1970, to tell today from tomorrow. */
  date: number
}

function local(at: number): Local {
  const shifted = new Date(at + SHANGHAI)
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    date: Math.floor((at + SHANGHAI) / DAY),
  }
}

const two = (number: number) => String(number).padStart(2, '0')

/** The day of a moment as date fields take it: 2026-03-18. */
export function isoDay(at: number): string {
  return new Date(at + SHANGHAI).toISOString().slice(0, 10)
}

/** 19:00 */
export function time(text: string): string {
  const at = local(moment(text))
  return `${at.hour}:${two(at.minute)}`
}

/** 19:00–20:30 */
export function span(from: string, to: string): string {
  return `${time(from)}–${time(to)}`
}

/** 周三; `weekday` counts from Monday = 0 to Sunday = 6, as the API does. */
export function weekdayName(weekday: number): string {
  return WEEKDAYS[language.value][(weekday + 1) % 7]!
}

/** 周三: the weekday a moment falls on. */
export const weekdayOf = (text: string): string =>
  WEEKDAYS[language.value][local(moment(text)).weekday]!

/** The same as the API counts: from Monday = 0. */
export const weekdayNumber = (text: string): number => (local(moment(text)).weekday + 6) % 7

/** 今天, 明天, 后天, 周五 (within a week), else 3月18日; with the year where it is another. */
export function day(text: string): string {
  const at = local(moment(text))
  const today = local(now())
  const away = at.date - today.date
  const near = { zh: ['昨天', '今天', '明天', '后天'], en: ['yesterday', 'today', 'tomorrow'] }
  const word = near[language.value][away + 1]
  if (away >= -1 && word) return word
  if (away > 1 && away < 7) return WEEKDAYS[language.value][at.weekday]!
  return date(text)
}

/** 3月18日; with the year where it is another than this one. */
export function date(text: string): string {
  const at = local(moment(text))
  const other = at.year !== local(now()).year
  if (language.value === 'en') {
    return `${at.day} ${MONTHS[at.month - 1]}${other ? ` ${at.year}` : ''}`
  }
  return `${other ? `${at.year}年` : ''}${at.month}月${at.day}日`
}

/** A day without a time, 2026-03-18, always with its year: 2026年3月18日. */
export function fullDate(text: string): string {
  const [year, month, date] = text.split('-').map(Number) as [number, number, number]
  return language.value === 'en'
    ? `${date} ${MONTHS[month - 1]} ${year}`
    : `${year}年${month}月${date}日`
}

/** 3月18日 周三 */
export function dateWithWeekday(text: string): string {
  return `${date(text)} ${WEEKDAYS[language.value][local(moment(text)).weekday]!}`
}

/** 明天 19:00; 3月18日 周三 19:00 further off. */
export function when(text: string): string {
  const away = local(moment(text)).date - local(now()).date
  const named = away >= -1 && away < 7 ? day(text) : dateWithWeekday(text)
  return `${named} ${time(text)}`
}

/** How long is left until a deadline: 2 天, 3 小时 20 分, 4 分 09 秒. Empty once it is over. */
export function left(until: string): string {
  const ms = moment(until) - now()
  if (ms <= 0) return ''
  const zh = language.value === 'zh'
  const days = Math.floor(ms / DAY)
  const hours = Math.floor((ms % DAY) / HOUR)
  const minutes = Math.floor((ms % HOUR) / 60_000)
  const seconds = Math.floor((ms % 60_000) / 1000)
  if (days) return zh ? `${days} 天 ${hours} 小时` : `${days} d ${hours} h`
  if (hours) return zh ? `${hours} 小时 ${minutes} 分` : `${hours} h ${minutes} min`
  return zh ? `${minutes} 分 ${two(seconds)} 秒` : `${minutes} min ${two(seconds)} s`
}

/** 刚刚, 5 分钟前, 2 小时前, else the day and time. */
export function ago(text: string | number): string {
  const at = typeof text === 'number' ? text : moment(text)
  const minutes = Math.floor((now() - at) / 60_000)
  const zh = language.value === 'zh'
  if (minutes < 1) return zh ? '刚刚' : 'just now'
  if (minutes < 60) return zh ? `${minutes} 分钟前` : `${minutes} min ago`
  if (minutes < 24 * 60) {
    const hours = Math.floor(minutes / 60)
    return zh ? `${hours} 小时前` : `${hours} h ago`
  }
  return when(new Date(at).toISOString())
}

/** Full years lived on the day that `now` falls on in Shanghai. */
export function ageOf(birthDate: string): number {
  const [year = 0, month = 1, dayOfMonth = 1] = birthDate.split('-').map(Number)
  const today = local(now())
  const before = today.month < month || (today.month === month && today.day < dayOfMonth)
  return today.year - year - (before ? 1 : 0)
}
