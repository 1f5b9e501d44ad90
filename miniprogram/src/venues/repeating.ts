/** A room for several weeks at once: how often, on which weekdays, how many times; each date. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

import type { Body } from './reserving'

export type Preview = Answer<'get', '/venues/rooms/{room_id}/series/preview'>
export type JudgedDate = Preview['dates'][number]

/** What the dates depend on; null while something is missing. */
export interface Asked {
  room: number
  starts_at: string
  ends_at: string
  person_id: number
  group_id: number | null
  headcount: number
}

const PAUSE_MS = 400
const OFFERED = [2, 3, 4, 6, 8, 10, 12, 16, 20, 26, 40, 52]

/** How many times it may be: round numbers up to the most, and the most itself. */
export const timesUpTo = (most: number): number[] => [
  ...OFFERED.filter((one) => one < most),
  ...(most > 1 ? [most] : []),
]

/** `most`: what the room's rules allow residents; below 2 there are no series. */
export function useRepeating(asked: Ref<Asked | null>, most: Ref<number>) {
  const on = ref(false)
  const every = ref(1)
  const weekdays = ref<number[]>([])
  const times = ref(0)
  const preview = shallowRef<Preview | null>(null)
  const lookProblem = shallowRef<Problem | null>(null)
  const { busy, problem, run } = useAttempt()

  const offered = computed(() => timesUpTo(most.value))
  const count = computed(() => {
    if (offered.value.includes(times.value)) return times.value
    return offered.value.find((one) => one >= 4) ?? offered.value[offered.value.length - 1] ?? 0
  })
  const dates = computed(() => preview.value?.dates.slice(0, count.value) ?? [])
  const free = computed(() => dates.value.filter(({ errcode }) => !errcode).length)

  let number = 0
  /** One look at as many dates as there may be: fewer are its beginning. */
  async function look(): Promise<void> {
    const mine = (number += 1)
    preview.value = null
    if (!on.value || !asked.value) return
    const { room, group_id, ...query } = asked.value
    const pattern = { every_weeks: every.value, weekdays: weekdays.value, times: most.value }
    try {
      const found = await get('/venues/rooms/{room_id}/series/preview', {
        path: { room_id: room },
        query: { ...query, ...pattern, group_id: group_id ?? undefined },
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
  watch([asked, on, every, weekdays], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), PAUSE_MS)
  })

  /** The id of the series once it is made; what went wrong stands in `problem`. */
  async function confirm(body: Body): Promise<number | null> {
    const rule = { every_weeks: every.value, weekdays: weekdays.value }
    const call = {
      path: { room_id: asked.value!.room },
      body: {
        ...body,
        ...rule,
        times: count.value,
        until: null,
        skip_clashes: free.value < count.value,
      },
      signIn: 'ask' as const,
    }
    const made = await run((key) => post('/venues/rooms/{room_id}/series', { ...call, key }))
    if (!made) void look()
    return made?.series_id ?? null
  }

  return {
    on,
    every,
    weekdays,
    times: computed({ get: () => count.value, set: (value) => (times.value = value) }),
    offered,
    preview,
    dates,
    free,
    lookProblem,
    busy,
    problem,
    confirm,
  }
}
