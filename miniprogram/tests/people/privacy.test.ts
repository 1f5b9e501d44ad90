import { describe, expect, it, vi } from 'vitest'

import { asText } from '@/privacy/as-text'

describe('what is stored about me', () => {
  it('reads as a letter, section by section', () => {
    const text = asText('这是全部信息。', {
      made_at: '2026-11-23T10:00:00+08:00',
      sections: [
        { title: '我的资料', rows: [{ label: '姓名', value: '王秀英' }] },
        { title: '考勤', rows: [{ label: '剪纸 第 1 课', value: '到课' }] },
      ],
    })
    expect(text).toBe(
      '这是全部信息。\n\n【我的资料】\n姓名：王秀英\n\n【考勤】\n剪纸 第 1 课：到课\n',
    )
  })
})

describe("WeChat's privacy question", () => {
  it('is open until it is answered, and the answer reaches all who wait', async () => {
    type Ask = (give: (given: object) => void) => void
    let ask: Ask = () => undefined
    vi.doMock('@/platform', () => ({ onPrivacyAsked: (asked: Ask) => (ask = asked) }))
    const { answerPrivacy, privacyAsked } = await import('@/state/privacy')
    expect(privacyAsked.value).toBe(false)

    const given: object[] = []
    ask((answer) => given.push(answer))
    ask((answer) => given.push(answer))
    expect(privacyAsked.value).toBe(true)

    answerPrivacy({ event: 'disagree' })
    expect(given).toEqual([{ event: 'disagree' }, { event: 'disagree' }])
    expect(privacyAsked.value).toBe(false)
    vi.doUnmock('@/platform')
  })
})
