/** Reading a QR code with the camera. */
import { Problem } from '@/api/problem'

import { isWeChat } from './which'

/** Whether the platform has a scanner of its own; H5 draws one into the page instead. */
export const HAS_SCANNER = isWeChat

/** The text of the code somebody holds the camera to; empty when they turn away. */
export function scanCode(): Promise<string> {
  // #ifdef MP-WEIXIN
  return new Promise((resolve) => {
    uni.scanCode({
      scanType: ['qrCode'],
      success: ({ result }) => resolve(result ?? ''),
      fail: () => resolve(''),
    })
  })
  // #endif
  // #ifndef MP-WEIXIN
  return Promise.reject(new Problem('refused'))
  // #endif
}
