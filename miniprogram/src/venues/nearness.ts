/** The venues in the order they matter to somebody: the nearest, or their community's, everybody's, street by street. */
import type { Point } from '@/platform'
import type { Street } from '@/state/home'

import { metresTo } from './position'
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

export interface Near {
  venue: Venue
  /** Null where nobody has said where the venue is. */
  metres: number | null
}

/** By how far they are; those nobody has put on the map stand last. */
export function nearestFirst(venues: Venue[], from: Point): Near[] {
  const far = ({ metres }: Near) => metres ?? Infinity
  return venues
    .map((venue) => ({ venue, metres: metresTo(from, venue) }))
    .sort((one, other) => far(one) - far(other) || one.venue.id - other.venue.id)
}
