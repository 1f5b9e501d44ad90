/** Where one lives, as far as this phone knows: for what is near, before anybody signs in. */
import { ref } from 'vue'

import { get, type Answer } from '@/api/client'

import { forget, keep, recall } from './storage'

export type Street = Answer<'get', '/places'>[number]
export type Place = Street['communities'][number]

/** What somebody has chosen from the tree of places. */
export interface Picked {
  street: Street
  community: Place
  estate: Place | null
}

export interface Home {
  community_id: number
  community_name: string
  street_id: number
  street_name: string
  /** The community's office. */
  phone: string | null
}

export const home = ref<Home | null>(recall<Home | null>('home', null))

export function setHome(street: Street, community: Place): void {
  home.value = {
    community_id: community.id,
    community_name: community.name,
    street_id: street.id,
    street_name: street.name,
    phone: community.phone,
  }
  keep('home', home.value)
}

/** With an account goes what it has told about its home. */
export function forgetHome(): void {
  home.value = null
  forget('home')
}

/** Follow the account: its home counts where it has one. Throws a Problem. */
export async function followHome(communityId: number | null | undefined): Promise<void> {
  if (!communityId || communityId === home.value?.community_id) return
  for (const street of await get('/places')) {
    const community = street.communities.find(({ id }) => id === communityId)
    if (community) setHome(street, community)
  }
}

/** Every community whose name, or whose street's, holds `text`; “社区” and “街道” may be left out. */
export function findPlaces(
  streets: Street[],
  text: string,
): { street: Street; community: Place }[] {
  const wanted = text.replace(/\s|社区|街道/g, '').toLowerCase()
  if (!wanted) return []
  return streets.flatMap((street) => {
    const whole = street.name.toLowerCase().includes(wanted)
    return street.communities
      .filter((community) => whole || community.name.toLowerCase().includes(wanted))
      .map((community) => ({ street, community }))
  })
}
