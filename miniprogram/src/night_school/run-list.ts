/** The list of classes: page after page, one's own community first, and why not on each. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useKept, type Kept } from '@/state/kept'
import { isSignedIn, keptPrefix } from '@/state/session'
import { forget, keep, recall } from '@/state/storage'

import { namesAPlace, paramsOf, queryOf, type Filters } from './filters'
import type { Run } from './wording'

type RunPage = Answer<'get', '/night-school/runs'>
export type Eligibility = Answer<'get', '/night-school/eligibility'>[number]

/** Few enough that a slow phone draws a page without a stutter. */
const PAGE = 12
const ASKED_AT_ONCE = 50
const SEARCHES_KEPT = 6

export interface RunList {
  /** The first page, as it was kept or as it came. */
  kept: Kept<RunPage>
  /** One's own community's, where nothing is said about the place. */
  near: Ref<Run[]>
  others: Ref<Run[]>
  hasMore: Ref<boolean>
  loadingMore: Ref<boolean>
  moreProblem: Ref<Problem | null>
  eligibility: Ref<Map<number, Eligibility>>
  refresh: () => Promise<void>
  more: () => Promise<void>
  /** Ask again why not, for all on show. */
  renew: () => Promise<void>
}

export function useRunList(filters: Ref<Filters>, home: Ref<number | null>): RunList {
  const name = () => JSON.stringify(paramsOf(filters.value))
  const page = (query: object) =>
    get('/night-school/runs', { query: { ...queryOf(filters.value), limit: PAGE, ...query } })
  const kept = useKept(
    () => `runs.${name()}`,
    () => page({}),
  )
  const showsNear = computed(
    () => home.value !== null && !namesAPlace(filters.value) && filters.value.course === null,
  )
  const keptNear = useKept(
    () => `runs.near.${home.value}.${name()}`,
    () => page({ community_id: home.value }),
  )
  const later = shallowRef<Run[]>([])
  const cursor = ref<string | null>(null)
  const loadingMore = ref(false)
  const moreProblem = shallowRef<Problem | null>(null)
  const eligibility = shallowRef(new Map<number, Eligibility>())

  watch(kept.data, (first) => {
    later.value = []
    cursor.value = first?.next_cursor ?? null
  })
  const near = computed(() => (showsNear.value ? (keptNear.data.value?.items ?? []) : []))
  const others = computed(() => {
    const first = new Set(near.value.map((run) => run.id))
    return [...(kept.data.value?.items ?? []), ...later.value].filter((run) => !first.has(run.id))
  })

  async function refresh(): Promise<void> {
    forgetOldSearches(name())
    await Promise.all([kept.refresh(), showsNear.value ? keptNear.refresh() : undefined])
    cursor.value = kept.data.value?.next_cursor ?? null
    await renew()
  }

  const renew = () => explain([...near.value, ...others.value])

  async function more(): Promise<void> {
    if (!cursor.value || loadingMore.value) return
    loadingMore.value = true
    const asked = name()
    try {
      const next = await page({ cursor: cursor.value })
      if (asked !== name()) return
      cursor.value = next.next_cursor
      later.value = [...later.value, ...next.items]
      moreProblem.value = null
      await explain(next.items)
    } catch (thrown) {
      moreProblem.value = asProblem(thrown)
    } finally {
      loadingMore.value = false
    }
  }

  /** Why not, for the runs on show; the list is whole without it. */
  async function explain(runs: Run[]): Promise<void> {
    if (!isSignedIn.value) {
      eligibility.value = new Map()
      return
    }
    const ids = [...new Set(runs.map((run) => run.id))]
    for (let from = 0; from < ids.length; from += ASKED_AT_ONCE) {
      const asked = ids.slice(from, from + ASKED_AT_ONCE).join(',')
      const told = await get('/night-school/eligibility', { query: { ids: asked } }).catch(() => [])
      eligibility.value = new Map([
        ...eligibility.value,
        ...told.map((one) => [one.id, one] as const),
      ])
    }
  }

  const hasMore = computed(() => cursor.value !== null)
  return {
    kept,
    near,
    others,
    hasMore,
    loadingMore,
    moreProblem,
    eligibility,
    refresh,
    more,
    renew,
  }
}

/** A phone's storage is small: what the last few searches found stays, older ones go. */
function forgetOldSearches(latest: string): void {
  const names = recall<string[]>('searches', []).filter((name) => name !== latest)
  for (const old of names.splice(SEARCHES_KEPT - 1)) forget(`${keptPrefix.value}runs.${old}`)
  keep('searches', [latest, ...names])
}
