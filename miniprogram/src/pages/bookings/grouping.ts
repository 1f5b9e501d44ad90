/** My bookings in the order they matter: offers that run out, what comes, what is waited for. */
import { moment } from '@/format/time'

import type { Booking, BookingDetail } from './types'

/** An offer to one person, or to a party that answers as one. */
export interface Offer {
  booking: Booking
  /** Who is offered a place, in the order they were named. */
  people: { person_id: number; person_name: string }[]
}

export interface Groups {
  offers: Offer[]
  coming: Booking[]
  /** Asked for; somebody has to decide. */
  asked: Booking[]
  waiting: Booking[]
}

/** `details`: of the offered bookings, to know who goes together. */
export function groupsOf(bookings: Booking[], details: BookingDetail[] = []): Groups {
  const inState = (...states: string[]) => bookings.filter(({ state }) => states.includes(state))
  return {
    offers: offersOf(inState('offered').sort(by(runsOut)), details),
    coming: inState('confirmed', 'attended').sort(by(meets)),
    asked: inState('requested').sort(by(meets)),
    waiting: inState('waiting').sort(by(meets)),
  }
}

/** When it meets next: what is over for good comes last. */
function meets(booking: Booking): number {
  return booking.next_lesson ? moment(booking.next_lesson.starts_at) : moment(booking.ends_at)
}

function runsOut(booking: Booking): number {
  return booking.offer_until ? moment(booking.offer_until) : Infinity
}

function by(key: (booking: Booking) => number) {
  return (one: Booking, other: Booking) => key(one) - key(other) || one.id - other.id
}

function offersOf(offered: Booking[], details: BookingDetail[]): Offer[] {
  const answered = new Set<number>()
  const offers: Offer[] = []
  for (const booking of offered) {
    if (answered.has(booking.id)) continue
    const party = details
      .find(({ id }) => id === booking.id)
      ?.party.filter(({ state }) => state === 'offered')
    const people = party?.length ? party : [booking]
    party?.forEach((one) => answered.add(one.booking_id))
    offers.push({
      booking,
      people: people.map(({ person_id, person_name }) => ({ person_id, person_name })),
    })
  }
  return offers
}
