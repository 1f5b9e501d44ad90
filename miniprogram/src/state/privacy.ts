/** WeChat's privacy question while it is open: whoever uses a private matter waits for it. */
import { ref, shallowRef } from 'vue'

import { onPrivacyAsked, type PrivacyAnswer } from '@/platform'

type Give = (given: PrivacyAnswer) => void

const waiting = shallowRef<Give[]>([])

/** Whether the question is to be shown. */
export const privacyAsked = ref(false)

onPrivacyAsked((give) => {
  waiting.value = [...waiting.value, give]
  privacyAsked.value = true
})

/** The answer goes to all that wait; a no only ends what was asked for, nothing else. */
export function answerPrivacy(given: PrivacyAnswer): void {
  for (const give of waiting.value) give(given)
  waiting.value = []
  privacyAsked.value = false
}
