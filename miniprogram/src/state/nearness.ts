/** What stands at a place, in the order it matters to somebody: the nearest, or their community's, the district's own, street by street. */
import type { Point } from '@/platform'
import type { Street } from '@/state/home'

import { metresTo } from './position'

/** Something with an id that stands in a community of a street, maybe on the map. */
export interface Placed {
  id: number
  street_id: number | null
  community_id: number | null
  latitude: number | null
  longitude: number | null
}

export interface Groups<T> {
  mine: T[]
  everybody: T[]
  streets: { id: number; name: string; placed: T[] }[]
}

/** Those of the own street come first among the streets; the own community's stand above them. */
export function groupsOf<T extends Placed>(
  all: T[],
  streets: Street[],
  home: { community_id: number; street_id: number } | null,
): Groups<T> {
  const named = streets
    .map(({ id, name }) => ({ id, name, placed: all.filter((one) => one.street_id === id) }))
    .filter((street) => street.placed.length)
  return {
    mine: home ? all.filter((one) => one.community_id === home.community_id) : [],
    everybody: all.filter((one) => one.street_id === null),
    streets: [
      ...named.filter(({ id }) => id === home?.street_id),
      ...named.filter(({ id }) => id !== home?.street_id),
    ],
  }
}

export interface Near<T> {
  placed: T
  /** Null where nobody has said where it is. */
  metres: number | null
}

/** By how far they are; those nobody has put on the map stand last. */
export function nearestFirst<T extends Placed>(all: T[], from: Point): Near<T>[] {
  const far = ({ metres }: Near<T>) => metres ?? Infinity
  return all
    .map((placed) => ({ placed, metres: metresTo(from, placed) }))
    .sort((one, other) => far(one) - far(other) || one.placed.id - other.placed.id)
}
