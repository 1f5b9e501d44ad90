/** Where this phone is, for as long as the app is open; it goes to the API only with a search. */
import { ref } from 'vue'

import { getPosition, type Point } from '@/platform'

import { t } from '@/texts/common'

export const here = ref<Point | null>(null)
/** Somebody asked for what is near, and there is no position to be had. */
export const isNowhere = ref(false)
export const locating = ref(false)

/** Ask the phone where it is; whether it told. */
export async function locate(): Promise<boolean> {
  locating.value = true
  here.value = await getPosition()
  locating.value = false
  isNowhere.value = here.value === null
  return !isNowhere.value
}

const METRES_A_DEGREE = 111_320

/** Metres as the crow flies; null where it is not known where that is. */
export function metresTo(
  from: Point,
  to: { latitude: number | null; longitude: number | null },
): number | null {
  if (to.latitude === null || to.longitude === null) return null
  const shrink = Math.cos((from.latitude * Math.PI) / 180)
  const north = (to.latitude - from.latitude) * METRES_A_DEGREE
  const east = (to.longitude - from.longitude) * METRES_A_DEGREE * shrink
  return Math.hypot(north, east)
}

/** 约 350 米, 约 1.2 公里: no finer than the position is. */
export function distanceWords(metres: number): string {
  if (metres < 950) return t.metres(Math.max(50, Math.round(metres / 50) * 50))
  return t.kilometres((metres / 1000).toFixed(metres < 9950 ? 1 : 0))
}
