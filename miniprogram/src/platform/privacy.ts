/** WeChat's privacy agreement: its text, and the question before a private matter is used. */

/** What WeChat waits for: that the person agreed by the button of this id, or did not. */
export type PrivacyAnswer = { event: 'agree'; buttonId: string } | { event: 'disagree' }

/** Tell `ask` whenever WeChat needs a yes first; it goes on when the answer is given. */
export function onPrivacyAsked(ask: (answer: (given: PrivacyAnswer) => void) => void): void {
  // #ifdef MP-WEIXIN
  wx.onNeedPrivacyAuthorization?.(ask)
  // #endif
  void ask
}

/** Open the full text of the mini-program's agreement as WeChat keeps it. */
export function openPrivacyContract(): void {
  // #ifdef MP-WEIXIN
  wx.openPrivacyContract?.({ fail: () => undefined })
  // #endif
}
