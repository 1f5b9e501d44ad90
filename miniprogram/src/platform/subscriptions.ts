/** WeChat's one-time permissions to send a message. */

export type Choice = 'accept' | 'reject' | 'ban' | 'filter'

/**
 * Ask, inside the tap that calls this, for up to three messages; what was chosen, by template.
 *
 * Empty where there is nothing to ask (H5) or WeChat would not show the question: a booking never
 * depends on it.
 */
export function askToSend(templateIds: string[]): Promise<Record<string, Choice>> {
  // #ifdef MP-WEIXIN
  if (templateIds.length) {
    return new Promise((resolve) => {
      uni.requestSubscribeMessage({
        tmplIds: templateIds.slice(0, 3),
        success: (chosen) => {
          const all = chosen as unknown as Record<string, Choice>
          resolve(
            Object.fromEntries(templateIds.filter((id) => all[id]).map((id) => [id, all[id]!])),
          )
        },
        fail: () => resolve({}),
      })
    })
  }
  // #endif
  void templateIds
  return Promise.resolve({})
}
