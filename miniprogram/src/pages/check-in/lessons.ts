/** Which lessons of my household can be checked in to now. */
import type { Answer } from '@/api/client'
import { isCheckInOpen } from '@/pages/bookings/wording'

type Booking = Answer<'get', '/bookings'>[number]

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

/** The others of the household who hold a place in the class of this booking. */
export function companions(bookings: Booking[], bookingId: number, checkedIn: number[]): Booking[] {
  const bookable = bookings.find(({ id }) => id === bookingId)?.bookable_id
  return bookings.filter(
    ({ bookable_id, state, person_id }) =>
      bookable_id === bookable && state === 'confirmed' && !checkedIn.includes(person_id),
  )
}
