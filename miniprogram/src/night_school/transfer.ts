/** The other classes of a course as answers to choose from. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { price } from '@/format/money'
import { moment } from '@/format/time'
import { titleOf } from '@/texts/refusals'

import { t } from './texts'
import { beginning, placesSentence, weekly } from './wording'

type Choice = Answer<'get', '/bookings/{booking_id}/transfer'>[number]
type Booking = Answer<'get', '/bookings/{booking_id}'>

/** Where and when it meets; whether there is a place, or why it cannot be had. */
export function optionOf({ run, says }: Choice) {
  const no = says.can === 'no'
  const why = says.reasons.map((one) => titleOf(one.errcode)).join('、')
  return {
    value: run.id,
    name: run.place_name,
    note: `${weekly(run)}，${beginning(run)} · ${no && why ? why : placesSentence(run)}`,
    disabled: no,
  }
}

/** Those who go together with a booking and are still in. */
export function companions(booking: Pick<Booking, 'party' | 'id'>): Booking['party'] {
  return booking.party.filter((one) => one.booking_id !== booking.id && one.state === 'confirmed')
}

/** What becomes of the money where the other class costs more or less; nothing was paid: null. */
export function feeSentence(fee: Booking['fee'], other: number): string | null {
  if (!fee || !['paid', 'short', 'over'].includes(fee.state)) return null
  const paid = fee.amount_fen - fee.due_fen + fee.refund_fen
  if (paid === other) return t.transferFee(price(paid))
  if (paid < other) return t.transferFeeMore(price(paid), price(other - paid))
  return t.transferFeeLess(price(paid), price(paid - other))
}

/** Whether giving the place back now is recorded as late. */
export function isLateNow(booking: Pick<Booking, 'state' | 'cancel_until'>): boolean {
  const until = booking.cancel_until
  return booking.state === 'confirmed' && until !== null && moment(until) <= now()
}
