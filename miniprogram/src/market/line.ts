/** A stall's line as it goes on: asked for again and again while the page is on show. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'
import { computed, ref, shallowRef, type Ref } from 'vue'

import { getIfNew } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { now } from '@/format/clock'
import { keep, recall } from '@/state/storage'

import { polling } from './polling'
import type { Line } from './waiting'

const PAUSE_MS = 5_000

interface Seen {
  at: number
  line: Line
}

/** `heard` is told of every answer; what was seen last is shown where there is no network. */
export function useLine(stall: Ref<number>, heard: (line: Line) => Promise<void> | void) {
  const line = shallowRef<Line | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const seenAt = ref(0)
  const seen = { etag: '' }
  const staleSince = computed(() => (problem.value?.isPassing && line.value ? seenAt.value : null))

  async function ask(): Promise<boolean> {
    const path = { stall_id: stall.value }
    try {
      const fresh = await getIfNew('/market/stalls/{stall_id}/line', { path, seen })
      seenAt.value = now()
      problem.value = null
      if (fresh) line.value = fresh
      keep(name(), { at: seenAt.value, line: line.value })
      await heard(line.value!)
    } catch (thrown) {
      problem.value = asProblem(thrown)
    }
    return !problem.value || problem.value.isPassing
  }

  const name = () => `line.${stall.value}`
  const { start, stop } = polling(ask, PAUSE_MS)

  function begin(): void {
    const kept = recall<Seen | null>(name(), null)
    if (kept && !line.value) [line.value, seenAt.value] = [kept.line, kept.at]
    start()
  }

  onShow(begin)
  onHide(stop)
  onUnload(stop)

  return { line, problem, staleSince, ask }
}
