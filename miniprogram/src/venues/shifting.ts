/** Moving a date of a series: it alone, from it on, or all to come; each date looked at first. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

export type ShiftPreview = Answer<'get', '/venues/series/{series_id}/change/preview'>

export type Scope = 'one' | 'on' | 'all'

/** The date that is moved, and to when; null while something is missing. */
export interface Shift {
  series: number
  booking: number
  starts_at: string
  ends_at: string
}

const PAUSE_MS = 400

export function useShifting(shift: Ref<Shift | null>) {
  const scope = ref<Scope>('one')
  const preview = shallowRef<ShiftPreview | null>(null)
  const lookProblem = shallowRef<Problem | null>(null)
  const { busy, problem, run } = useAttempt()
  const several = computed(() => shift.value !== null && scope.value !== 'one')
  const dates = computed(() => preview.value?.dates ?? [])
  const free = computed(() => preview.value?.possible ?? 0)

  /** The series knows its dates by their own ids. */
  async function dateOf({ series, booking }: Shift): Promise<number> {
    const path = { series_id: series }
    const found = await get('/venues/series/{series_id}', { path, signIn: 'ask' })
    return found.dates.find(({ booking_id }) => booking_id === booking)?.id ?? 0
  }

  async function asked(one: Shift) {
    const { starts_at, ends_at } = one
    const everything = scope.value === 'all'
    return { date_id: await dateOf(one), starts_at, ends_at, everything }
  }

  let number = 0
  async function look(): Promise<void> {
    const mine = (number += 1)
    preview.value = null
    if (!several.value) return
    try {
      const query = await asked(shift.value!)
      const path = { series_id: shift.value!.series }
      const found = await get('/venues/series/{series_id}/change/preview', {
        path,
        query,
        signIn: 'ask',
      })
      if (mine !== number) return
      preview.value = found
      lookProblem.value = null
    } catch (thrown) {
      if (mine === number) lookProblem.value = asProblem(thrown)
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  watch([shift, scope], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), PAUSE_MS)
  })

  /** How many moved; what went wrong stands in `problem`. */
  async function confirm(): Promise<number | null> {
    const path = { series_id: shift.value!.series }
    const done = await run(async (key) => {
      const body = { ...(await asked(shift.value!)), skip_clashes: free.value < dates.value.length }
      return post('/venues/series/{series_id}/change', { path, body, key, signIn: 'ask' })
    })
    if (!done) void look()
    return done?.moved ?? null
  }

  return { scope, several, preview, dates, free, lookProblem, busy, problem, confirm }
}
