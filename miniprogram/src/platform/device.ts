/** The phone: its type size, language, network, telephone and clipboard. */

/** How much larger than usual WeChat is told to write; 1 elsewhere. */
export function fontScale(): number {
  // #ifdef MP-WEIXIN
  try {
    const info = uni.getAppBaseInfo() as { fontSizeScaleFactor?: number }
    return info.fontSizeScaleFactor ?? 1
  } catch {
    return 1
  }
  // #endif
  // #ifndef MP-WEIXIN
  return 1
  // #endif
}

/** Chinese, unless the phone clearly speaks something else. */
export function systemLanguage(): 'zh' | 'en' {
  try {
    const told = uni.getAppBaseInfo().language ?? ''
    return !told || told.toLowerCase().startsWith('zh') ? 'zh' : 'en'
  } catch {
    return 'zh'
  }
}

/** Tell `heard` whenever the phone goes on or off line. */
export function onNetwork(heard: (online: boolean) => void): void {
  // #ifdef H5
  heard(navigator.onLine)
  window.addEventListener('online', () => heard(true))
  window.addEventListener('offline', () => heard(false))
  // #endif
  // #ifndef H5
  uni.getNetworkType({ success: ({ networkType }) => heard(networkType !== 'none') })
  uni.onNetworkStatusChange(({ isConnected }) => heard(isConnected))
  // #endif
}

/** Open the telephone with this number typed in. */
export function callPhone(number: string): void {
  uni.makePhoneCall({ phoneNumber: number, fail: () => undefined })
}

/** Put text on the clipboard; false where that is not allowed. */
export function copyText(text: string): Promise<boolean> {
  return new Promise((done) => {
    uni.setClipboardData({
      data: text,
      showToast: false,
      success: () => done(true),
      fail: () => done(false),
    })
  })
}

/** A new version of the mini-program takes over at the next start; one sentence asks to do it now. */
export function takeUpdates(question: string): void {
  // #ifdef MP-WEIXIN
  const updates = uni.getUpdateManager()
  updates.onUpdateReady(() => {
    uni.showModal({
      content: question,
      success: ({ confirm }) => confirm && updates.applyUpdate(),
    })
  })
  // #endif
  void question
}
