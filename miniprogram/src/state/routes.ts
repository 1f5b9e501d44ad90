/** The pages by name, and going from one to another. */

/** Pages of the bar at the bottom; the rest opens on top and has a way back. */
export const TABS = ['/pages/home', '/pages/bookings', '/pages/inbox', '/pages/me'] as const

export type Params = Record<string, string | number | boolean | undefined>

/** The address of a page with what it is asked for. */
export function addressOf(page: string, params: Params = {}): string {
  const asked = Object.entries(params)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return asked.length ? `${page}?${asked.join('&')}` : page
}

const isTab = (page: string) => (TABS as readonly string[]).includes(page)

/** Open a page on top of this one (a tab: change to it). */
export function go(page: string, params: Params = {}): void {
  if (isTab(page)) uni.switchTab({ url: page })
  else uni.navigateTo({ url: addressOf(page, params) })
}

/** Open a page instead of this one, so that "back" does not lead here again. */
export function replace(page: string, params: Params = {}): void {
  if (isTab(page)) uni.switchTab({ url: page })
  else uni.redirectTo({ url: addressOf(page, params) })
}

/** Whether the page on show is one of that service's. */
export function isPageOf(service: string): boolean {
  const page = getCurrentPages().slice(-1)[0]
  return Boolean(page?.route?.startsWith(`${service}/`))
}

/** Back to the page before; whoever came by a link from outside goes home. */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else uni.switchTab({ url: TABS[0] })
}
