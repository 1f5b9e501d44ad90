import { beforeEach, describe, expect, it, vi } from 'vitest'

import { network, person, reason, says, type Answering, type Sent } from './samples'

const FATHER = person({ person_id: 2, name: '王建国', relation: 'parent' })
const CHILD = person({ person_id: 3, name: '小明', relation: 'child' })
const ME = { name: '王秀英', people: [FATHER, person(), CHILD] }

const isPost = (sent: Sent) => sent.method === 'POST'
const whose = (sent: Sent) => Number(/person_id=(\d+)/.exec(sent.url)?.[1])
const bodyOf = (sent: Sent) => JSON.parse(sent.data ?? '{}') as Record<string, unknown>

/** The household answers as told; a booking as `booking` says. */
function server(booking: Answering, told: Record<number, object> = {}): Sent[] {
  return network((sent) => {
    if (isPost(sent)) return booking(sent)
    if (sent.url.endsWith('/me')) return { data: ME }
    return { data: [says(told[whose(sent)] ?? {})] }
  })
}

async function form(left: number | null = 5) {
  const { useSignUp } = await import('@/night_school/sign-up')
  const { begin } = await import('@/state/session')
  const { ref } = await import('vue')
  begin({ token: 'secret', account_id: 1, person_id: 1 })
  const made = useSignUp(ref(10), () => left)
  await made.load()
  made.agreed.value = true
  return made
}

/** What comes of it, the pauses between tries skipped. */
async function settled<T>(call: Promise<T>): Promise<T> {
  await vi.runAllTimersAsync()
  return call
}

beforeEach(() => {
  vi.useFakeTimers()
})

describe('signing up', () => {
  it('begins with oneself on top and chosen, then who can, then who cannot', async () => {
    server(() => null, { 2: { can: 'no', reasons: [reason(40906)] } })
    const made = await form()
    expect(made.members.value?.map((one) => one.person.person_id)).toEqual([1, 3, 2])
    expect(made.chosen.value).toEqual([1])
  })

  it('says what is missing: a person, a clash to accept, the rules', async () => {
    const warnings = [{ booking_id: 8, title: '太极', starts_at: '2026-03-25T19:00:00+08:00' }]
    server(() => null, { 1: { warnings } })
    const made = await form()
    expect(made.missing.value).toBe('请先确认时间冲突')
    made.acceptsClash.value = true
    made.agreed.value = false
    expect(made.missing.value).toBe('请先勾选同意报名须知')
    made.agreed.value = true
    expect(made.missing.value).toBe('')
    made.toggle(1)
    expect(made.missing.value).toBe('请先选择给谁报名')
    made.toggle(1)
    expect(made.acceptsClash.value).toBe(false)
  })

  it('books one person by enrolment and several as a party', async () => {
    const sent = server((call) =>
      call.url.endsWith('/parties')
        ? { status: 201, data: { party_id: 4, bookings: [{ booking_id: 91 }, { booking_id: 92 }] } }
        : { status: 201, data: { booking_id: 90 } },
    )
    const made = await form()
    expect(await settled(made.confirm())).toBe(90)
    made.toggle(3)
    expect(await settled(made.confirm())).toBe(91)
    const [one, both] = sent.filter(isPost).map(bodyOf)
    expect(one).toEqual({ person_id: 1, wait: false, offer_before: null })
    expect(both).toEqual({ person_ids: [1, 3], wait: false, offer_before: null })
  })

  it('asks for the waiting list where a place is not there for everybody', async () => {
    const sent = server(() => ({
      status: 201,
      data: { party_id: 4, bookings: [{ booking_id: 9 }] },
    }))
    const made = await form(1)
    expect(made.waits.value).toBe(false)
    made.toggle(3)
    expect([made.tooFew.value, made.waits.value]).toEqual([true, true])
    await settled(made.confirm())
    expect(bodyOf(sent.filter(isPost)[0]!)).toMatchObject({ wait: true })
  })

  it('says so when the class filled meanwhile, and then waits under a new key', async () => {
    let full = true
    const sent = server(() =>
      full ? { status: 409, errcode: 40904, data: {} } : { status: 201, data: { booking_id: 9 } },
    )
    const made = await form()
    expect(await settled(made.confirm())).toBeNull()
    expect(made.isFull.value).toBe(true)
    full = false
    expect(await settled(made.confirm(true))).toBe(9)
    const [first, second] = sent.filter(isPost)
    expect(bodyOf(second!)).toEqual({ person_id: 1, wait: true, offer_before: null })
    expect(second!.header['Idempotency-Key']).not.toBe(first!.header['Idempotency-Key'])
  })

  it('finds the booking whose answer was lost', async () => {
    let booked = false
    network((sent) => {
      if (isPost(sent)) {
        booked = true
        return null
      }
      if (sent.url.endsWith('/me')) return { data: ME }
      return { data: [says(booked && whose(sent) === 1 ? { can: 'no', live_booking_id: 33 } : {})] }
    })
    const made = await form()
    expect(await settled(made.confirm())).toBe(33)
    expect(made.problem.value).toBeNull()
  })

  it('sends the very same again, key and all, when nothing was booked', async () => {
    let lost = true
    const sent = server(() => (lost ? null : { status: 201, data: { booking_id: 9 } }))
    const made = await form()
    expect(await settled(made.confirm())).toBeNull()
    expect(made.note.value).toContain('还没有报上')
    made.toggle(3)
    expect(made.chosen.value).toEqual([1])
    lost = false
    expect(await settled(made.confirm())).toBe(9)
    const posts = sent.filter(isPost)
    expect(new Set(posts.map((call) => call.header['Idempotency-Key'])).size).toBe(1)
    expect(new Set(posts.map((call) => call.data)).size).toBe(1)
  })

  it('does not guess when it cannot ask either', async () => {
    let reachable = true
    network((sent) => {
      if (!reachable || isPost(sent)) return null
      return { data: sent.url.endsWith('/me') ? ME : [says()] }
    })
    const made = await form()
    reachable = false
    expect(await settled(made.confirm())).toBeNull()
    expect(made.note.value).toContain('还联系不上')
  })
})
