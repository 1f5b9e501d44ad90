import { beforeEach, describe, expect, it, vi } from 'vitest'

import { phone } from './setup'

interface Sent {
  url: string
  method: string
  header: Record<string, string>
  data?: string
  success: (answer: object) => void
  fail: (error: { errMsg: string }) => void
}

type Reply = { status: number; body: unknown; header?: Record<string, string> } | 'lost' | 'slow'

/** Answer the calls that follow, one reply each; what was sent is returned as it comes. */
function answering(...replies: Reply[]): Sent[] {
  const sent: Sent[] = []
  phone.request.mockImplementation((call: Sent) => {
    sent.push(call)
    const reply = replies.shift() ?? 'lost'
    queueMicrotask(() => {
      if (reply === 'lost') call.fail({ errMsg: 'request:fail' })
      else if (reply === 'slow') call.fail({ errMsg: 'request:fail timeout' })
      else call.success({ statusCode: reply.status, data: reply.body, header: reply.header ?? {} })
    })
  })
  return sent
}

/** The outcome of a call, the pauses between its tries skipped. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  const settled = call.catch((thrown: unknown) => thrown)
  await vi.runAllTimersAsync()
  return settled
}

const good = (data: unknown): Reply => ({ status: 200, body: { errcode: 0, errmsg: 'ok', data } })
const no = (status: number, errcode: number, errmsg: string, data = {}): Reply => ({
  status,
  body: { errcode, errmsg, data, request_id: 'r-1' },
})

async function fresh() {
  const client = await import('@/api/client')
  const session = await import('@/state/session')
  const { Problem } = await import('@/api/problem')
  return { ...client, ...session, Problem }
}

beforeEach(() => {
  vi.useFakeTimers()
})

describe('a call', () => {
  it('fills the path, leaves out what is not asked, and hands over the data', async () => {
    const sent = answering(good({ id: 7 }))
    const { get } = await fresh()
    const query = { text: '书 法', weekday: undefined, has_places: true }
    const data = await get('/night-school/runs/{run_id}', { path: { run_id: 7 }, query })
    expect(data).toEqual({ id: 7 })
    expect(sent[0]!.url).toBe(
      '/mp/v1/night-school/runs/7?text=%E4%B9%A6%20%E6%B3%95&has_places=true',
    )
    expect(sent[0]!.header['Accept-Language']).toBe('zh')
    expect(sent[0]!.header.Authorization).toBeUndefined()
  })

  it.each<[Reply, string, number]>([
    [no(409, 40904, '名额已满'), 'refused', 40904],
    [no(401, 40100, '请先登录'), 'signIn', 40100],
    [no(401, 40102, '验证码不对'), 'refused', 40102],
    [no(429, 42900, '太频繁'), 'busy', 42900],
    [{ status: 502, body: '<html>bad gateway</html>' }, 'server', 502],
    ['slow', 'slow', 0],
    ['lost', 'offline', 0],
  ])('that fails with %j says so in one way', async (reply, kind, errcode) => {
    answering(reply, reply)
    const { post } = await fresh()
    const failed = await outcome(post('/inbox/read-all'))
    expect(failed).toMatchObject({ kind, errcode })
  })

  it('keeps the sentence, the data and the request id of a refusal', async () => {
    answering(no(409, 40902, '还没有开始报名', { opens_at: '2026-03-12T09:00:00+08:00' }))
    const { post } = await fresh()
    const failed = await outcome(post('/inbox/read-all'))
    expect(failed).toMatchObject({
      message: '还没有开始报名',
      data: { opens_at: '2026-03-12T09:00:00+08:00' },
      requestId: 'r-1',
    })
  })
})

describe('a lost answer', () => {
  const enrol = '/night-school/runs/{run_id}/enrolments' as const
  const body = { person_id: 1, wait: false }

  it('to a write with a key is asked for again with the same key', async () => {
    const sent = answering('lost', 'slow', good({ booking_id: 5, state: 'confirmed' }))
    const { post } = await fresh()
    const booked = await outcome(post(enrol, { path: { run_id: 3 }, body, key: 'k-1' }))
    expect(booked).toMatchObject({ booking_id: 5 })
    expect(sent.map((call) => call.header['Idempotency-Key'])).toEqual(['k-1', 'k-1', 'k-1'])
  })

  it('to a write without a key is not sent again', async () => {
    const sent = answering('lost')
    const { post } = await fresh()
    await expect(post(enrol, { path: { run_id: 3 }, body })).rejects.toMatchObject({
      kind: 'offline',
    })
    expect(sent).toHaveLength(1)
  })

  it('to a read is asked for once more', async () => {
    const sent = answering('lost', good([]))
    const { get } = await fresh()
    expect(await outcome(get('/night-school/categories'))).toEqual([])
    expect(sent).toHaveLength(2)
  })
})

describe('what only the signed in have', () => {
  it('is not asked of the server by anybody else', async () => {
    const sent = answering()
    const { get } = await fresh()
    await expect(get('/bookings', { signIn: 'own' })).rejects.toMatchObject({ kind: 'signIn' })
    expect(sent).toHaveLength(0)
  })
})

describe('a sign-in that has run out in the middle of a booking', () => {
  it('is renewed, and the booking is finished with the same key', async () => {
    const sent = answering(no(401, 40101, '登录已过期'), good({ booking_id: 5 }))
    const { begin, post, session, signInBy } = await fresh()
    begin({ token: 'old', account_id: 1, person_id: 2 })
    signInBy(async () => begin({ token: 'new', account_id: 1, person_id: 2 }))
    await post('/night-school/runs/{run_id}/enrolments', {
      path: { run_id: 3 },
      body: { person_id: 2, wait: false },
      key: 'k-2',
      signIn: 'ask',
    })
    expect(sent.map((call) => call.header.Authorization)).toEqual(['Bearer old', 'Bearer new'])
    expect(sent.map((call) => call.header['Idempotency-Key'])).toEqual(['k-2', 'k-2'])
    expect(session.value?.token).toBe('new')
  })

  it('is told, not asked, when a page only wants to show something', async () => {
    answering(no(401, 40101, '登录已过期'))
    const { begin, get, isSignedIn } = await fresh()
    begin({ token: 'old', account_id: 1, person_id: 2 })
    await expect(get('/me')).rejects.toMatchObject({ kind: 'signIn' })
    expect(isSignedIn.value).toBe(false)
  })

  it('asks once however many calls wait for it', async () => {
    answering(no(401, 40100, ''), no(401, 40100, ''), good(1), good(2))
    const { begin, post, signInBy } = await fresh()
    let asked = 0
    signInBy(async () => {
      asked += 1
      await Promise.resolve()
      begin({ token: 'new', account_id: 1, person_id: 2 })
    })
    await Promise.all([
      post('/inbox/read-all', { signIn: 'ask' }),
      post('/inbox/read-all', { signIn: 'ask' }),
    ])
    expect(asked).toBe(1)
  })
})
