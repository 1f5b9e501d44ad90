/** A booking in words: whose, when, how it stands, until when it can be given back. */
import { now } from '@/format/clock'
import { price } from '@/format/money'
import { moment, time, when } from '@/format/time'
import { session } from '@/state/session'
import { t } from '@/texts/bookings'

import type { BookedLesson, Booking, BookingDetail } from './types'

/** Codes are taken from half an hour before a lesson to its end (the API's own rule). */
const CHECK_IN_BEFORE = 30 * 60_000

interface Named {
  person_id: number
  person_name: string
}

/** 王秀英, and for oneself 王芳（我自己）. */
export function whose({ person_id, person_name }: Named): string {
  if (person_id !== session.value?.person_id) return person_name
  return person_name ? t.meNamed(person_name) : t.me
}

/** The same inside a sentence: 我自己 or the name. */
export function shortly({ person_id, person_name }: Named): string {
  return person_id === session.value?.person_id || !person_name ? t.me : person_name
}

export function names(people: Named[]): string {
  return people.map(shortly).join(t.andJoin)
}

/** A room, a time at a market, a meal: it has no lessons. */
export const isOnce = ({ kind }: Pick<Booking, 'kind'>) => kind !== 'course_run'

/** 下次课 明天 19:00 */
export function meetsWhen(booking: Booking): string {
  if (isOnce(booking)) return `${when(booking.starts_at)}–${time(booking.ends_at)}`
  const next = booking.next_lesson
  if (!next) return moment(booking.ends_at) <= now() ? t.allDone : t.from(when(booking.starts_at))
  if (moment(next.starts_at) <= now()) return t.inClass(time(next.ends_at))
  return (next.number === 1 ? t.from : t.next)(when(next.starts_at))
}

/** 前面还有 3 人 */
export function queueWords(booking: Booking): string {
  if (booking.kind === 'room') return t.roomAwaits
  if (booking.position === null) return t.awaits
  return booking.position > 1 ? t.ahead(booking.position - 1) : t.firstInLine
}

/** A room is used, not attended, and asked for instead of waited for. */
const ROOM_WORDS: Record<string, () => string> = {
  confirmed: () => t.roomConfirmed,
  requested: () => t.roomRequested,
  attended: () => t.roomAttended,
  missed: () => t.roomMissed,
  declined: () => t.roomDeclined,
}

export function stateWord(booking: Booking): string {
  const isOver = booking.state === 'confirmed' && moment(booking.ends_at) <= now()
  const ofRoom = booking.kind === 'room' && !isOver && ROOM_WORDS[booking.state]
  if (ofRoom) return ofRoom()
  const ofOther = isOnce(booking) && !isOver && booking.state === 'confirmed'
  if (ofOther) return booking.kind === 'meal' ? t.mealConfirmed : t.roomConfirmed
  switch (booking.state) {
    case 'confirmed':
      return moment(booking.ends_at) <= now() ? t.over : t.confirmed
    case 'waiting':
      return moment(booking.ends_at) <= now() ? t.over : t.waitingState
    case 'offered':
      return t.offered
    case 'requested':
      return t.requested
    case 'attended':
      return t.attended
    case 'missed':
      return t.missed
    case 'declined':
      return t.declined
    default:
      return t.cancelled
  }
}

/** 80 元，已交；换班以后有差价的：100 元，还差 20 元 */
export function feeWords(fee: NonNullable<BookingDetail['fee']>): string {
  return `${price(fee.amount_fen)}${t.feeAnd}${feeState(fee)}`
}

function feeState(fee: NonNullable<BookingDetail['fee']>): string {
  if (fee.to_refund) return t.toRefund
  if (fee.state === 'short') return t.stillDue(price(fee.due_fen))
  if (fee.state === 'over') return t.overpaid(price(fee.refund_fen))
  return t[fee.state]
}

const LIVE = ['requested', 'waiting', 'offered', 'confirmed']

/** Whether there is still something to give back. */
export function isLive(booking: Booking): boolean {
  return LIVE.includes(booking.state) && moment(booking.ends_at) > now()
}

/** After the deadline giving a place back is late; leaving a line never is. */
export function isTooLate(booking: Booking): boolean {
  if (booking.state !== 'confirmed' || !booking.cancel_until) return false
  return moment(booking.cancel_until) <= now()
}

/** Until when it can be given back, or what it means now. */
export function cancelSentence(booking: Booking): string {
  if (booking.state !== 'confirmed') return t.leaveLine
  if (!booking.cancel_until) return t.cancelAnyTime
  const until = when(booking.cancel_until)
  return isTooLate(booking) ? t.cancelLate(until) : t.cancelUntil(until)
}

export function checkInOpensAt(lesson: { starts_at: string }): number {
  return moment(lesson.starts_at) - CHECK_IN_BEFORE
}

export function isCheckInOpen(lesson: { starts_at: string; ends_at: string }): boolean {
  return checkInOpensAt(lesson) <= now() && now() <= moment(lesson.ends_at)
}

const PRESENCES = {
  present: () => t.present,
  late: () => t.late,
  left_early: () => t.leftEarly,
  excused: () => t.excused,
  excused_after: () => t.excused,
  absent: () => t.absent,
  made_up: () => t.madeUp,
  unknown: () => t.notTaken,
}

/** What became of a lesson: attendance (of who `attends`), called off, to come. */
export function lessonWord(lesson: BookedLesson, attends = true): string {
  if (lesson.presence) return PRESENCES[lesson.presence]()
  if (lesson.cancelled) return t.lessonOff
  if (moment(lesson.ends_at) <= now()) return attends ? t.notTaken : t.lessonPast
  return moment(lesson.starts_at) <= now() ? t.lessonNow : t.lessonTo
}

/** Whether somebody came: told by a colour beside the word. */
export function came(lesson: BookedLesson): boolean {
  return ['present', 'late', 'left_early', 'made_up'].includes(lesson.presence ?? '')
}
