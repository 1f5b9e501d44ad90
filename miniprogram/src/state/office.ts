/** The community office of whoever is signed in: a person to call. */
import { get } from '@/api/client'

import { isSignedIn } from './session'

let known: string | null = null

/** Its telephone number; null where nobody's home is known or nothing can be reached. */
export async function officePhone(): Promise<string | null> {
  if (!isSignedIn.value) return null
  known ??= await look().catch(() => null)
  return known
}

async function look(): Promise<string | null> {
  const { home_community_id: id } = await get('/me')
  if (id === null) return null
  const streets = await get('/places')
  return (
    streets.flatMap((street) => street.communities).find((place) => place.id === id)?.phone ?? null
  )
}
