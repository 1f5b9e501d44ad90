/** Data that was seen once is shown again at once, and stays when there is no network. */
import { computed, ref, shallowRef, type Ref } from 'vue'

import { asProblem, type Problem } from '@/api/problem'
import { now } from '@/format/clock'

import { keptPrefix } from './session'
import { keep, recall } from './storage'

interface Seen<T> {
  at: number
  data: T
}

export interface Kept<T> {
  data: Ref<T | null>
  problem: Ref<Problem | null>
  loading: Ref<boolean>
  /** Milliseconds since 1970 when `data` was fetched, if what is shown could not be renewed. */
  staleSince: Ref<number | null>
  refresh: () => Promise<void>
}

/**
 * What `load` answers, kept under `name` (of this account); `name` may change with what is asked.
 *
 * Shows what was kept, then what arrives; a refresh that fails leaves the old data and says so.
 */
export function useKept<T>(name: () => string, load: () => Promise<T>): Kept<T> {
  const key = () => keptPrefix.value + name()
  const first = recall<Seen<T> | null>(key(), null)
  const data = shallowRef<T | null>(first?.data ?? null) as Ref<T | null>
  const seenAt = ref(first?.at ?? 0)
  let shown = key()
  const problem = shallowRef<Problem | null>(null) as Ref<Problem | null>
  const loading = ref(false)
  let asked = 0

  async function refresh(): Promise<void> {
    const mine = (asked += 1)
    const under = key()
    if (under !== shown) {
      shown = under
      const kept = recall<Seen<T> | null>(under, null)
      data.value = kept?.data ?? null
      seenAt.value = kept?.at ?? 0
    }
    loading.value = true
    try {
      const fresh = await load()
      if (mine !== asked) return
      data.value = fresh
      seenAt.value = now()
      problem.value = null
      keep(under, { at: seenAt.value, data: fresh })
    } catch (thrown) {
      if (mine !== asked) return
      problem.value = asProblem(thrown)
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  const staleSince = computed(() =>
    problem.value?.isPassing && data.value !== null ? seenAt.value : null,
  )
  return { data, problem, loading, staleSince, refresh }
}
