/** A room that is reserved every week is one entry of the list: its next date. */
import { get } from '@/api/client'

import type { Booking } from './types'

export interface Once {
  bookings: Booking[]
  /** How many dates of the same series are to come, by the booking that stands for them. */
  coming: Record<number, number>
}

export async function seriesOnce(bookings: Booking[]): Promise<Once> {
  if (!bookings.some(({ kind }) => kind === 'room')) return { bookings, coming: {} }
  const rooms = await get('/venues/reservations').catch(() => null)
  if (!rooms) return { bookings, coming: {} }
  const coming: Record<number, number> = {}
  for (const one of rooms) coming[one.id] = one.series_id ? one.series_coming : 0
  return { bookings: bookings.filter(({ id, kind }) => kind !== 'room' || id in coming), coming }
}
