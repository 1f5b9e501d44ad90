/**
 * Pages that people may need where there is no network are fetched while nothing else goes on: those
 * of the bar, and the booking with its code (H5; the mini-program has all of its package).
 */
const PAUSE_MS = 5_000

export function fetchAhead(): void {
  // #ifdef H5
  setTimeout(() => {
    const pages = [
      import('@/pages/bookings.vue'),
      import('@/pages/booking.vue'),
      import('@/pages/inbox.vue'),
      import('@/pages/me.vue'),
    ]
    for (const page of pages) page.catch(() => undefined)
  }, PAUSE_MS)
  // #endif
}
