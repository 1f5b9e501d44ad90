/** One attempt at something that must not happen twice. */
import { ref, shallowRef, type Ref } from 'vue'

import { asProblem, type Problem } from '@/api/problem'

export interface Attempt {
  busy: Ref<boolean>
  problem: Ref<Problem | null>
  /** The answer, or undefined when it failed (see `problem`) or is under way already. */
  run: <T>(send: (key: string) => Promise<T>) => Promise<T | undefined>
}

/**
 * A second tap while the first is under way does nothing. The key stays the same until a clear
 * answer has come, yes or no: so a try after a lost answer finds what the first one did.
 */
export function useAttempt(): Attempt {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null) as Ref<Problem | null>
  let key = ''

  async function run<T>(send: (key: string) => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    key ||= newKey()
    try {
      const answer = await send(key)
      problem.value = null
      key = ''
      return answer
    } catch (thrown) {
      problem.value = asProblem(thrown)
      if (problem.value.kind === 'refused') key = ''
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run }
}

/** Unlike any other key of this account; the server keeps it secret from nobody. */
function newKey(): string {
  const random = () => Math.floor(Math.random() * 0x1_0000_0000).toString(36)
  return `${Date.now().toString(36)}-${random()}${random()}`
}
