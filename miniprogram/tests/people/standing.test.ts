import { beforeEach, describe, expect, it, vi } from 'vitest'

import { meaningOf, occasionOf, times, weighsOf, whyOf, type Standing } from '@/household/standing'

const standing: Standing = {
  person_id: 1,
  sum: 1.74,
  half_life_days: 90,
  entries: [
    {
      booking_id: 3,
      occasion_id: 0,
      why: 'late',
      title: '剪纸',
      place_name: '春晖社区',
      number: null,
      at: '2026-03-01T19:00:00+08:00',
      weighs: 0.03,
      gone_at: '2027-05-25T19:00:00+08:00',
      waived: null,
      appeal: null,
      appeal_until: null,
    },
  ],
  limits: [],
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-11T12:00:00+08:00') })
})

describe('what was missed, in words', () => {
  it('rounds to a tenth, never to nothing', () => {
    expect([1.74, 1, 0.97, 0.03].map(times)).toEqual(['1.7', '1', '1', '0.1'])
  })

  it('says what it was, and from when it does not count', () => {
    const [late] = standing.entries
    expect(occasionOf(late!)).toBe('3月1日 周日')
    expect(occasionOf({ ...late!, number: 2 })).toBe('第 2 次课 · 3月1日 周日')
    expect(whyOf(late!)).toBe('过了期限才取消')
    expect(weighsOf(late!)).toBe('现在算 0.1 次，2027年5月25日 起不再算')
  })

  it('means nothing unless a class asks for less', () => {
    expect(meaningOf(standing)).toEqual(['现在不影响报名。'])
    expect(meaningOf({ ...standing, limits: [{ limit: 3, from_when: null }] })).toHaveLength(1)
    const waits = { limit: 3, from_when: '2026-05-23T05:40:00+08:00' }
    expect(meaningOf({ ...standing, limits: [waits] })).toEqual([
      '大多数班不影响，照常报名。',
      '要求“没来不超过 3 次”的班，5月23日 周六 5:40 起就可以报。',
    ])
  })
})
