import { ref } from 'vue'

import { onNetwork } from '@/platform'

/** Whether the phone believes it has a network; a call may still fail. */
export const online = ref(true)

export function watchNetwork(): void {
  onNetwork((is) => {
    online.value = is
  })
}
