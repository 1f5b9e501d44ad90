/** The venues in the order they matter to somebody: their community's, everybody's, street by street. */
import type { Street } from '@/state/home'

import type { Venue } from './wording'

export interface Groups {
  mine: Venue[]
  everybody: Venue[]
  streets: { id: number; name: string; venues: Venue[] }[]
}

/** Those of the own street come first among the streets; the own community's stand above them. */
export function groupsOf(
  venues: Venue[],
  streets: Street[],
  home: { community_id: number; street_id: number } | null,
): Groups {
  const named = streets
    .map(({ id, name }) => ({ id, name, venues: venues.filter((one) => one.street_id === id) }))
    .filter((street) => street.venues.length)
  return {
    mine: home ? venues.filter((one) => one.community_id === home.community_id) : [],
    everybody: venues.filter((one) => one.street_id === null),
    streets: [
      ...named.filter(({ id }) => id === home?.street_id),
      ...named.filter(({ id }) => id !== home?.street_id),
    ],
  }
}
