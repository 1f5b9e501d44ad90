/** The app where there is no network, and after a new release (H5; WeChat sees to both itself). */
import { keep, recall } from './storage'

const PAUSE_MS = 5_000
const ONCE_A_MINUTE = 60_000

/** Keep all of the app in the browser, once the first page has been at rest for a while. */
export function keepForOffline(): void {
  // #ifdef H5
  setTimeout(() => {
    navigator.serviceWorker?.register('./sw.js').catch(() => undefined)
  }, PAUSE_MS)
  // #endif
}

/** A page that was opened before a release asks for parts that are gone: take the new one. */
export function followReleases(): void {
  // #ifdef H5
  window.addEventListener('vite:preloadError', (event) => {
    if (!navigator.onLine || Date.now() - recall('renewed', 0) < ONCE_A_MINUTE) return
    event.preventDefault()
    keep('renewed', Date.now())
    location.reload()
  })
  // #endif
}
