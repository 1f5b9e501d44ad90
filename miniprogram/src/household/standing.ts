/** What was missed, and what it means, in words. */
import type { Answer } from '@/api/client'
import { date, dateWithWeekday, when } from '@/format/time'

import { t } from './standing-texts'

export type Standing = Answer<'get', '/standing/{person_id}'>
export type Missed = Standing['entries'][number]

/** 0.5, 1.7, 2; never nothing for what still counts. */
export const times = (weight: number): string => String(Math.max(Math.round(weight * 10) / 10, 0.1))

/** 第 2 次课 · 3月1日 周日; the day alone where there is one occasion only. */
export function occasionOf({ number, at }: Missed): string {
  return number === null ? dateWithWeekday(at) : t.lesson(number, dateWithWeekday(at))
}

export const whyOf = ({ why }: Missed): string => (why === 'late' ? t.late : t.absent)

export const weighsOf = ({ weighs, gone_at }: Missed): string =>
  t.weighs(times(weighs), date(gone_at))

/** What it means for signing up, a sentence each. */
export function meaningOf(standing: Standing): string[] {
  const waits = standing.limits.filter(({ from_when }) => from_when)
  if (!waits.length) return [t.meansNothing]
  return [t.meansMost, ...waits.map(({ limit, from_when }) => t.meansFrom(limit, when(from_when!)))]
}
