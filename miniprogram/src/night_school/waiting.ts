/** Until when somebody waits: a last day on the screen, the moment after it in the API. */
import { now } from '@/format/clock'
import { dateWithWeekday, isoDay, moment } from '@/format/time'

const DAY = 86_400_000

/** The moment at which `day` (YYYY-MM-DD) is over; null where that was before now. */
export function momentAfter(day: string): string | null {
  const ends = moment(day) + DAY
  return ends > now() ? new Date(ends).toISOString() : null
}

/** The day before `moment`, as the field takes it. */
export function lastDayBefore(before: string): string {
  return isoDay(moment(before) - 1)
}

/** 3月18日 周三 */
export const lastDayName = (before: string) => dateWithWeekday(lastDayBefore(before))
