/** Links that lead into the app from outside: printed or shown codes, shared and short addresses. */

/** What the code on a screen asks for: check-in to a lesson, at the door of a room, or a number at a stall. */
export interface CheckInLink {
  lesson?: number
  room?: number
  stall?: number
  code: string
}

/** How a page was opened: its own parameters, WeChat's `q` (a whole link) or `scene`. */
export type Asked = Record<string, string | undefined> | undefined

/** `a=1&b=2` as names and values; what cannot be read is left out. */
function paramsOf(query: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=')
    if (at > 0) found[unescaped(pair.slice(0, at))] = unescaped(pair.slice(at + 1))
  }
  return found
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return text
  }
}

function checkInFrom(params: Asked): CheckInLink | null {
  const code = (params?.code ?? '').trim()
  for (const name of ['lesson', 'room', 'stall'] as const) {
    const id = Number(params?.[name])
    if (Number.isSafeInteger(id) && id > 0 && code) return { [name]: id, code }
  }
  return null
}

/**
 * The check-in a scanned text asks for: `…/m/#/check-in?lesson=12&code=ABCDEFGH`, `room=12` or `stall=12`,
 * with whatever host; null for any other text.
 */
export function checkInOf(text: string): CheckInLink | null {
  const found = /[#/]\/?(?:pages\/)?check-in\?([^#]*)/.exec(text.trim())
  return found ? checkInFrom(paramsOf(found[1]!)) : null
}

/**
 * The check-in a page was opened for. By WeChat's own camera it arrives as `q`, the escaped link of
 * an ordinary QR code, or as the `scene` of a mini-program code; else in the page's parameters.
 */
export function checkInAsked(asked: Asked): CheckInLink | null {
  if (asked?.q) return checkInOf(unescaped(asked.q))
  if (asked?.scene) return checkInFrom(paramsOf(unescaped(asked.scene)))
  return checkInFrom(asked && { ...asked, code: unescaped(asked.code ?? '') })
}

/** `#/check-in?…` as the address of the page it means, `#/pages/check-in?…`; null: it is right. */
export function longHash(hash: string): string | null {
  const found = /^#\/([a-z][a-z-]*)(\?.*)?$/.exec(hash)
  return found ? `#/pages/${found[1]}${found[2] ?? ''}` : null
}

/**
 * On H5, let short addresses lead to their pages: those the app is opened with and those that are
 * put into the address line later. Must run before the app's router reads the address.
 */
export function followShortLinks(): void {
  // #ifdef H5
  lengthen()
  window.addEventListener(
    'popstate',
    (event) => {
      // An address of the app's own has its history's state. One from outside begins anew: uni-app
      // would show a page that it still has as it was, whatever the address asks for.
      if (history.state !== null) return
      event.stopImmediatePropagation()
      lengthen()
      location.reload()
    },
    true,
  )
  // #endif
}

// #ifdef H5
function lengthen(): void {
  const long = longHash(location.hash)
  if (long) history.replaceState(history.state, '', location.pathname + location.search + long)
}
// #endif
