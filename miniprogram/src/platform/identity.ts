/** Who holds the phone, as far as the platform tells. */
import { Problem } from '@/api/problem'

import { isWeChat } from './which'

/** WeChat's code for this sign-in, good for one use. H5 has none: it asks for a phone number. */
export function signInCode(): Promise<string> {
  // #ifdef MP-WEIXIN
  return new Promise((resolve, reject) => {
    uni.login({
      provider: 'weixin',
      success: ({ code }) => (code ? resolve(code) : reject(new Problem('signIn'))),
      fail: () => reject(new Problem('offline')),
    })
  })
  // #endif
  // #ifndef MP-WEIXIN
  return Promise.reject(new Problem('signIn'))
  // #endif
}

/** Whether WeChat hands over the phone number itself, by a button. */
export const HAS_PHONE_BUTTON = isWeChat
