/** A hint beside venues: that a room of theirs has an hour free today. Nothing waits for it. */
import { ref } from 'vue'

import { get, type Query } from '@/api/client'
import { now } from '@/format/clock'
import { isoDay } from '@/format/time'

/** As many rooms as one search names. */
const MOST = 50
const AN_HOUR = 60

/** The venues that are known to have something free today. */
export function useFreeToday() {
  const free = ref(new Set<number>())

  /** Ask about the rooms of a place, or the nearest to a point. */
  async function ask(where: Query): Promise<void> {
    const wish = { day: isoDay(now()), minutes: AN_HOUR, alternatives: false, limit: MOST }
    const found = await get('/venues/search', { query: { ...wish, ...where } }).catch(() => null)
    free.value = new Set(found?.items.map(({ venue_id }) => venue_id))
  }

  return { free, ask }
}
