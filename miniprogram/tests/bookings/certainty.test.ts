import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { settle, useSettling } from '@/pages/bookings/certainty'

import { phone } from '../setup'
import { detail } from './samples'

interface Sent {
  url: string
  method: string
  header: Record<string, string>
  data?: string
  success: (answer: object) => void
  fail: (error: { errMsg: string }) => void
}

const good = (data: unknown = null) => ({ errcode: 0, errmsg: 'ok', data })

/** A network that answers reads with the booking in `state`, and loses or refuses writes. */
function network(state: string, write: 'lost' | 'good' | 'refused'): Sent[] {
  const sent: Sent[] = []
  phone.request.mockImplementation((call: Sent) => {
    sent.push(call)
    queueMicrotask(() => {
      if (call.method === 'GET') {
        return call.success({ statusCode: 200, data: good(detail({ state })), header: {} })
      }
      if (write === 'lost') return call.fail({ errMsg: 'request:fail' })
      const refused = { errcode: 40912, errmsg: '名额已经失效' }
      const data = write === 'good' ? good() : refused
      call.success({ statusCode: write === 'good' ? 200 : 409, data, header: {} })
    })
  })
  return sent
}

async function outcome(call: Promise<unknown>): Promise<unknown> {
  const settled = call.catch((thrown: unknown) => thrown)
  await vi.runAllTimersAsync()
  return settled
}

describe('an answer to an offer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is certain when the server says so', async () => {
    const sent = network('confirmed', 'good')
    expect(await outcome(settle(1, 'accept', 'k'))).toBe(true)
    expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('is resolved by asking when the server fell silent but had done it', async () => {
    const sent = network('confirmed', 'lost')
    expect(await outcome(settle(1, 'accept', 'k'))).toBe(true)
    const keys = sent.filter(({ method }) => method === 'POST').map(({ header }) => header)
    expect(new Set(keys.map((header) => header['Idempotency-Key']))).toEqual(new Set(['k']))
  })

  it('is not claimed when the booking still stands as it was', async () => {
    network('offered', 'lost')
    expect(await outcome(settle(1, 'accept', 'k'))).toBe(false)
  })

  it('passes a refusal on', async () => {
    network('declined', 'refused')
    expect(await outcome(settle(1, 'accept', 'k'))).toMatchObject({
      kind: 'refused',
      errcode: 40912,
    })
  })

  it('is claimed by the tap that brought it, not by the second of two', async () => {
    const sent = network('confirmed', 'good')
    const { settleOnce, busy } = useSettling()
    const both = Promise.all([settleOnce(1, 'accept'), settleOnce(1, 'accept')])
    expect(await outcome(both)).toEqual([true, false])
    expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(1)
    expect(busy.value).toBe(false)
  })

  it('says that the booking is as it was when nothing came of it', async () => {
    network('offered', 'lost')
    const { settleOnce, sentence } = useSettling()
    expect(await outcome(settleOnce(1, 'accept'))).toBe(false)
    expect(sentence.value).toContain('预约还和原来一样')
  })

  it('is left open when nobody can tell', async () => {
    phone.request.mockImplementation((call: Sent) => {
      queueMicrotask(() => call.fail({ errMsg: 'request:fail' }))
    })
    expect(await outcome(settle(1, 'accept', 'k'))).toMatchObject({ kind: 'offline' })
    const { settleOnce, sentence } = useSettling()
    expect(await outcome(settleOnce(1, 'accept'))).toBe(false)
    expect(sentence.value).toContain('不知道办成没有')
  })

  it('cancels for the whole party when asked', async () => {
    const sent = network('cancelled', 'good')
    await outcome(settle(1, 'cancel', 'k', { whole: true }))
    expect(JSON.parse(sent[0]!.data!)).toEqual({ whole_party: true, late: false })
  })
})
