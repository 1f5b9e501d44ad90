/** Where a booking's page leads: what one may do about the class before the place is given back,
 * and what there is after lessons have been. */
import type { Params } from '@/state/routes'
import { t } from '@/texts/bookings'

import type { BookedLesson, Booking, BookingDetail } from './types'
import { came, isLive } from './wording'

export interface Link {
  to: string
  params: Params
  words: string
}

const PAGES: Record<string, string> = {
  room: '/venues/pages/reservation',
  market: '/market/pages/booking',
  meal: '/canteen/pages/meal',
}

/** The page that shows a booking of this kind. */
export const pageOf = ({ kind }: Pick<Booking, 'kind'>) => PAGES[kind] ?? '/pages/booking'

export function linksOf(
  booking: BookingDetail,
  lessons: BookedLesson[],
): { before: Link[]; after: Link[] } {
  const confirmed = booking.state === 'confirmed'
  const attended = confirmed && lessons.some(came)
  const excuses = lessons.some((one) => one.may_excuse || one.may_withdraw)
  const mine = { booking: booking.id }
  const link = (when: boolean, page: string, params: Params, words: string): Link[] =>
    when ? [{ to: `/night_school/pages/${page}`, params, words }] : []
  return {
    before: [
      ...link(excuses, 'excuse', mine, t.excuse),
      ...link(confirmed && isLive(booking), 'transfer', mine, t.toTransfer),
    ],
    after: [
      ...link(attended, 'rating', mine, t.toRating),
      ...link(attended, 'certificate', mine, t.toCertificate),
      ...link(booking.state === 'cancelled', 'similar', { run: booking.bookable_id }, t.similar),
      ...link(true, 'class', { id: booking.bookable_id }, t.toClass),
    ],
  }
}
