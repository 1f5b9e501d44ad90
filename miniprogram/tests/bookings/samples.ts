import { noteServerTime } from '@/format/clock'
import type { Booking, BookingDetail } from '@/pages/bookings/types'

export const NOON = '2026-03-18T12:00:00+08:00'

/** Let it be noon of 18 March 2026, by the server. */
export function setNoon(): void {
  noteServerTime(new Date(NOON).toUTCString())
}

export function booking(given: Partial<Booking> = {}): Booking {
  return {
    id: 1,
    kind: 'course_run',
    bookable_id: 10,
    title: '声乐基础',
    place_name: '春晖社区',
    person_id: 7,
    person_name: '王秀英',
    state: 'confirmed',
    starts_at: '2026-03-04T19:00:00+08:00',
    ends_at: '2026-05-20T20:30:00+08:00',
    cancel_until: null,
    offer_until: null,
    position: null,
    created_at: '2026-02-20T08:00:00+08:00',
    next_lesson: null,
    ...given,
  }
}

export function detail(given: Partial<BookingDetail> = {}): BookingDetail {
  return {
    ...booking(),
    code: 'k2jf8',
    short_code: '050689',
    place_address: null,
    place_phone: null,
    room_name: null,
    party: [],
    ...given,
  }
}

export function lesson(id: number, starts_at: string, ends_at: string) {
  return { id, number: 3, starts_at, ends_at }
}
