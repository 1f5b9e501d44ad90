/** The other classes of a course as answers to choose from. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { moment } from '@/format/time'
import { titleOf } from '@/texts/refusals'

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

/** Whether giving the place back now is recorded as late. */
export function isLateNow(booking: Pick<Booking, 'state' | 'cancel_until'>): boolean {
  const until = booking.cancel_until
  return booking.state === 'confirmed' && until !== null && moment(until) <= now()
}
