/** The page's own address, and handing it to others. */
import { copyText } from './device'

/**
 * Let the address say what the page shows now, without a new page; on H5 the browser's line can
 * then be copied and comes back the same. The mini-program has no such line.
 */
export function rewriteAddress(address: string): void {
  // #ifdef H5
  // The router reads the address it goes back to from `current`.
  history.replaceState({ ...history.state, current: address }, '', `#${address}`)
  // #endif
  void address
}

/**
 * Hand the page at `address` to somebody by the browser's own way, else by the clipboard; what
 * became of it. In the mini-program a button of WeChat's kind `share` does this instead.
 */
export async function shareLink(
  title: string,
  address: string,
): Promise<'shared' | 'copied' | 'failed'> {
  // #ifdef H5
  const url = location.href.replace(/#.*$/, '') + `#${address}`
  if (navigator.share) {
    try {
      await navigator.share({ title, url })
      return 'shared'
    } catch (refused) {
      if ((refused as Error).name === 'AbortError') return 'shared'
    }
  }
  return (await copyText(`${title} ${url}`)) ? 'copied' : 'failed'
  // #endif
  // #ifndef H5
  return (await copyText(title + address)) ? 'copied' : 'failed'
  // #endif
}
