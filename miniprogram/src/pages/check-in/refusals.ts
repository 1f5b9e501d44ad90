/** What stands in the way of a check-in, in a heading, and what to do about it. */
import type { Problem } from '@/api/problem'
import { now } from '@/format/clock'
import { moment, when } from '@/format/time'
import { t } from '@/texts/check_in'
import { sentenceOfAttempt } from '@/texts/problems'

const NOT_HELD = 40914
const NOT_OPEN = 40915
const CODE_EXPIRED = 40916
const LESSON_CANCELLED = 40930
const CHOOSE_PERSON = 40934

export interface Refused {
  title: string
  more: string
  /** again: scan the code that is on show now; retry: send the same once more; bookings: no use. */
  next: 'again' | 'retry' | 'bookings'
}

export interface Person {
  person_id: number
  name: string
}

/** Those of the household among whom to choose, where the refusal asks for that; else none. */
export function peopleToChoose(problem: Problem): Person[] {
  if (problem.errcode !== CHOOSE_PERSON) return []
  return (problem.data.people as Person[] | undefined) ?? []
}

export function refusalOf(problem: Problem): Refused {
  switch (problem.kind === 'refused' ? problem.errcode : 0) {
    case CODE_EXPIRED:
      return { title: t.expired, more: t.expiredMore, next: 'again' }
    case NOT_OPEN: {
      const opens = problem.data.opens_at as string | undefined
      if (opens && moment(opens) > now()) {
        return { title: t.tooEarly(when(opens)), more: '', next: 'again' }
      }
      return { title: t.over, more: t.overMore, next: 'bookings' }
    }
    case NOT_HELD:
      return { title: t.notYours, more: t.notYoursMore, next: 'bookings' }
    case LESSON_CANCELLED:
      return { title: t.off, more: '', next: 'bookings' }
    case 0:
      return { title: sentenceOfAttempt(problem), more: '', next: 'retry' }
    default:
      return { title: problem.message, more: '', next: 'again' }
  }
}
