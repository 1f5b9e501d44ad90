import { describe, expect, it, vi } from 'vitest'

import { network } from './samples'

async function onWeChat(choices: Record<string, string>) {
  vi.doMock('@/platform', async (original) => ({
    ...(await original<object>()),
    isWeChat: true,
    askToSend: (ids: string[]) => {
      asked.push(ids)
      return Promise.resolve(choices)
    },
  }))
  const asked: string[][] = []
  const { begin } = await import('@/state/session')
  begin({ token: 'secret', account_id: 1, person_id: 1 })
  return { ...(await import('@/state/subscriptions')), asked }
}

const TEMPLATES = ['booked', 'offered', 'changed', 'lesson'].map((kind) => ({
  kind,
  template_id: `id-${kind}`,
}))

describe('the question whether messages may come', () => {
  it('asks for the three that matter most and reports what was chosen', async () => {
    const sent = network((call) =>
      call.method === 'POST' ? { data: { counted: true } } : { data: TEMPLATES },
    )
    const phone = await onWeChat({ 'id-offered': 'accept', 'id-lesson': 'reject' })
    await phone.prepareToAsk()
    expect(await phone.askForMessages()).toBe(true)
    expect(phone.asked).toEqual([['id-offered', 'id-changed', 'id-lesson']])
    await vi.waitFor(() => expect(sent.filter((call) => call.method === 'POST')).toHaveLength(1))
    expect(JSON.parse(sent.at(-1)!.data!)).toEqual({
      'id-offered': 'accept',
      'id-lesson': 'reject',
    })
  })

  it('keeps an answer that could not be reported, and tells it later, once', async () => {
    let online = false
    const sent = network((call) => {
      if (call.method === 'GET') return { data: TEMPLATES }
      return online ? { data: { counted: true } } : { status: 500, errcode: 50000 }
    })
    const phone = await onWeChat({ 'id-offered': 'accept' })
    await phone.prepareToAsk()
    await phone.askForMessages()
    await vi.waitFor(() => expect(sent.filter((call) => call.method === 'POST')).toHaveLength(1))
    online = true
    await new Promise((done) => setTimeout(done))
    await phone.reportAnswers()
    await phone.reportAnswers()
    expect(sent.filter((call) => call.method === 'POST')).toHaveLength(2)
  })

  it('asks nothing on H5', async () => {
    vi.doUnmock('@/platform')
    const sent = network(() => null)
    const { prepareToAsk, askForMessages } = await import('@/state/subscriptions')
    await prepareToAsk()
    expect(await askForMessages()).toBeNull()
    expect(sent).toHaveLength(0)
  })
})
