import { expect, it } from 'vitest'

import { NONE, type Filters } from '@/night_school/filters'

import { network, reason, run, says } from './samples'

async function list(home: number | null, wishes: Partial<Filters> = {}) {
  const { ref } = await import('vue')
  const { useRunList } = await import('@/night_school/run-list')
  const filters = ref({ ...NONE, ...wishes })
  return { filters, ...useRunList(filters, ref(home)) }
}

const page = (ids: number[], next: string | null = null) => ({
  data: { items: ids.map((id) => run({ id })), next_cursor: next },
})
const ids = (runs: { id: number }[]) => runs.map(({ id }) => id)

it('goes on page after page until there is no more', async () => {
  network((sent) => (sent.url.includes('cursor=c1') ? page([3, 4]) : page([1, 2], 'c1')))
  const runs = await list(null)
  await runs.refresh()
  expect([ids(runs.others.value), runs.hasMore.value]).toEqual([[1, 2], true])
  await runs.more()
  expect([ids(runs.others.value), runs.hasMore.value]).toEqual([[1, 2, 3, 4], false])
})

it("shows one's own community first, and nothing twice", async () => {
  network((sent) => (sent.url.includes('community_id=14') ? page([5]) : page([1, 5, 2])))
  const runs = await list(14)
  await runs.refresh()
  expect([ids(runs.near.value), ids(runs.others.value)]).toEqual([[5], [1, 2]])
  runs.filters.value = { ...NONE, street: 2 }
  await runs.refresh()
  expect(runs.near.value).toEqual([])
})

it('says why not to whoever is signed in, and asks nothing of others', async () => {
  const sent = network((call) =>
    call.url.includes('/eligibility')
      ? { data: [says({ id: 2, can: 'no', reasons: [reason(40906)] })] }
      : page([1, 2]),
  )
  const runs = await list(null)
  await runs.refresh()
  expect(sent.some((call) => call.url.includes('/eligibility'))).toBe(false)
  const { begin } = await import('@/state/session')
  begin({ token: 'secret', account_id: 1, person_id: 1 })
  await runs.refresh()
  expect(runs.eligibility.value.get(2)?.can).toBe('no')
  expect(sent.at(-1)?.url).toContain('ids=1%2C2')
})

it('keeps what was seen when the network goes, and says since when', async () => {
  network(() => page([1, 2]))
  await (await list(null)).refresh()
  network(() => null)
  const again = await list(null)
  expect(ids(again.others.value)).toEqual([1, 2])
}, 10_000)
