/** What every page does alike. */
import { ref } from 'vue'
import { onPullDownRefresh, onShow } from '@dcloudio/uni-app'

/** Name the page at the top (and in the browser's tab); follows the language. */
export function useTitle(title: () => string): void {
  onShow(() => nameIt(title()))
}

export function nameIt(title: string): void {
  uni.setNavigationBarTitle({ title, fail: () => undefined })
}

/** Pulling the page down asks anew; WeChat's circle goes away whatever comes of it. */
export function usePullDown(renew: () => Promise<unknown>): void {
  onPullDownRefresh(() => void renew().finally(() => uni.stopPullDownRefresh()))
}

/** What a screen reader is told now; pages show it in a live region. */
export const announced = ref('')

/** Say something to whoever cannot see that it changed. */
export function announce(text: string): void {
  announced.value = ''
  setTimeout(() => {
    announced.value = text
  }, 50)
}
