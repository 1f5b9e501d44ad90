/** What stands in the way of checking in at a room's door, and what is left for who comes late. */
import type { Problem } from '@/api/problem'
import { moment, when } from '@/format/time'
import { t as common } from '@/texts/check_in'
import { sentenceOfAttempt } from '@/texts/problems'

import { t } from './check-in-texts'
import type { Reservation, Start, Strip } from './wording'

const CODE_EXPIRED = 40916
const LET_GO = 409122
const TOO_EARLY = 409123
const NOTHING_HERE = 409124

export interface Refused {
  title: string
  more: string
  /** again: scan once more; retry: send the same again; bookings: see one's own. */
  next: 'again' | 'retry' | 'bookings'
}

export function refusalOf(problem: Problem): Refused {
  switch (problem.kind === 'refused' ? problem.errcode : 0) {
    case CODE_EXPIRED:
      return { title: common.expired, more: common.expiredMore, next: 'again' }
    case TOO_EARLY:
      return {
        title: t.tooEarly(when(String(problem.data.opens_at))),
        more: t.tooEarlyMore,
        next: 'again',
      }
    case NOTHING_HERE:
      return { title: t.notHere, more: t.notHereMore, next: 'bookings' }
    case 0:
      return { title: sentenceOfAttempt(problem), more: '', next: 'retry' }
    default:
      return { title: problem.message, more: '', next: 'bookings' }
  }
}

/** The reservation whose room was let go before they came; null: something else is the matter. */
export function lateFor(problem: Problem): { booking: number; until: string } | null {
  if (problem.kind !== 'refused' || problem.errcode !== LET_GO) return null
  const { booking_id, let_go_at } = problem.data as { booking_id: number; let_go_at: string }
  return { booking: booking_id, until: let_go_at }
}

/** The first start that is still free of the time somebody lost. */
export function restOf(lost: Pick<Reservation, 'ends_at'>, strip: Strip): Start | null {
  const starts = strip.days.flatMap((one) => one.starts)
  return (
    starts.find((one) => one.minutes > 0 && moment(one.starts_at) < moment(lost.ends_at)) ?? null
  )
}
