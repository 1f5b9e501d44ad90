import { describe, expect, it } from 'vitest'

async function fresh() {
  const { useKept } = await import('@/state/kept')
  const { Problem } = await import('@/api/problem')
  const session = await import('@/state/session')
  return { useKept, Problem, ...session }
}

describe('data seen once', () => {
  it('is there at once the next time, and stays with a note when it cannot be renewed', async () => {
    const { useKept, Problem } = await fresh()
    const first = useKept(
      () => 'runs',
      async () => ['书法'],
    )
    await first.refresh()
    const next = useKept<string[]>(
      () => 'runs',
      () => Promise.reject(new Problem('offline')),
    )
    expect(next.data.value).toEqual(['书法'])
    await next.refresh()
    expect(next.data.value).toEqual(['书法'])
    expect(next.staleSince.value).not.toBeNull()
  })

  it('of one question is not shown under another', async () => {
    const { useKept } = await fresh()
    let asked = 'a'
    const kept = useKept(
      () => asked,
      async () => asked,
    )
    await kept.refresh()
    asked = 'b'
    const under = kept.refresh()
    expect(kept.data.value).toBeNull()
    await under
    expect(kept.data.value).toBe('b')
  })

  it('of one account is not shown to the next', async () => {
    const { begin, forgetSession, useKept } = await fresh()
    begin({ token: 't', account_id: 1, person_id: 1 })
    await useKept(
      () => 'bookings',
      async () => ['mine'],
    ).refresh()
    begin({ token: 'u', account_id: 2, person_id: 2 })
    const other = useKept<string[]>(
      () => 'bookings',
      async () => [],
    )
    expect(other.data.value).toBeNull()
    begin({ token: 't', account_id: 1, person_id: 1 })
    forgetSession()
    begin({ token: 't', account_id: 1, person_id: 1 })
    const after = useKept<string[]>(
      () => 'bookings',
      async () => [],
    )
    expect(after.data.value).toBeNull()
  })
})
