/** Where the phone is, asked for once, when somebody taps "near me". */
import type { Point } from './gcj02'
// #ifdef H5
import { toGcj02 } from './gcj02'
// #endif

export type { Point } from './gcj02'

const PATIENCE_MS = 10_000
/** A position of so long ago is good enough: nobody walks far meanwhile. */
const RECENT_MS = 60_000

/**
 * The position in GCJ-02, as the API takes it, to a hundred metres: nearer nobody needs to know.
 * Null where it was not allowed, or the phone cannot tell.
 */
export async function getPosition(): Promise<Point | null> {
  const found = await locate()
  if (!found) return null
  const coarse = (degrees: number) => Math.round(degrees * 1000) / 1000
  return { latitude: coarse(found.latitude), longitude: coarse(found.longitude) }
}

function locate(): Promise<Point | null> {
  return new Promise((done) => {
    // #ifdef H5
    if (!navigator.geolocation) return done(null)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done(toGcj02(coords)),
      () => done(null),
      { timeout: PATIENCE_MS, maximumAge: RECENT_MS },
    )
    // #endif
    // #ifndef H5
    uni.getLocation({ type: 'gcj02', success: done, fail: () => done(null) })
    // #endif
  })
}
