/** Which lessons and rooms of my household can be checked in to now. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { moment } from '@/format/time'
import { isCheckInOpen } from '@/pages/bookings/wording'

type Booking = Answer<'get', '/bookings'>[number]
type Reservation = Answer<'get', '/venues/reservations'>[number]

export interface OpenLesson {
  id: number
  title: string
  place: string
}

/** Each once, however many of the household go there. */
export function openLessons(bookings: Booking[]): OpenLesson[] {
  const open = new Map<number, OpenLesson>()
  for (const { state, next_lesson: next, title, place_name } of bookings) {
    if (state === 'confirmed' && next && isCheckInOpen(next)) {
      open.set(next.id, { id: next.id, title, place: place_name })
    }
  }
  return [...open.values()]
}

/** The rooms where one can check in now, each once. */
export function openRooms(reservations: Reservation[]): OpenLesson[] {
  const open = new Map<number, OpenLesson>()
  for (const one of reservations) {
    const { room_id: id, room_name: title, venue_name: place } = one
    if (isRoomOpen(one)) open.set(id, { id, title, place })
  }
  return [...open.values()]
}

/** Whether a reservation is in its window of check-in: until the room is let go, or the end. */
export function isRoomOpen(
  one: Pick<Reservation, 'state' | 'check_in_from' | 'no_show_at' | 'ends_at'>,
): boolean {
  const from = one.check_in_from ? moment(one.check_in_from) : 0
  return one.state === 'confirmed' && from <= now() && now() < moment(one.no_show_at ?? one.ends_at)
}

/** The others of the household who hold a place in the class of this booking. */
export function companions(bookings: Booking[], bookingId: number, checkedIn: number[]): Booking[] {
  const bookable = bookings.find(({ id }) => id === bookingId)?.bookable_id
  return bookings.filter(
    ({ bookable_id, state, person_id }) =>
      bookable_id === bookable && state === 'confirmed' && !checkedIn.includes(person_id),
  )
}
