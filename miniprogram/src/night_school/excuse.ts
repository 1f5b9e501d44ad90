/** Which lessons somebody may be excused from, and the reason that is sent. */
import type { components } from '@/api/schema'
import { now } from '@/format/clock'
import { dateWithWeekday, moment, span } from '@/format/time'

import { t } from './texts'

export type BookedLesson = components['schemas']['BookedLesson']

/** The choice that is written in one's own words. */
export const OTHER = 'other'

/** 第 3 次课 3月18日 周三 19:00–20:30 */
export const lessonName = (lesson: BookedLesson): string =>
  t.excuseLesson(
    lesson.number,
    `${dateWithWeekday(lesson.starts_at)} ${span(lesson.starts_at, lesson.ends_at)}`,
  )

/** The lessons to choose from, those to come first, and what is over behind them. */
export function optionsOf(lessons: BookedLesson[]) {
  const over = ({ starts_at }: BookedLesson) => moment(starts_at) <= now()
  const open = lessons.filter((lesson) => lesson.may_excuse)
  return [...open.filter((lesson) => !over(lesson)), ...open.filter(over)].map((lesson) => ({
    value: lesson.id,
    name: lessonName(lesson),
    ...(over(lesson) ? { note: t.excuseAfter } : {}),
  }))
}

/** What is sent: one of the usual reasons, or one's own words; empty where none is given. */
export const reasonOf = (chosen: string, written: string): string =>
  chosen === OTHER ? written.trim() : chosen
