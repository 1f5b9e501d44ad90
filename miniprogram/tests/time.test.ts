import { beforeEach, describe, expect, it, vi } from 'vitest'

const AT = '2026-03-11T12:00:00+08:00' // a Wednesday

async function fresh() {
  const time = await import('@/format/time')
  const clock = await import('@/format/clock')
  const settings = await import('@/state/settings')
  return { ...time, ...clock, ...settings }
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(AT) })
})

describe('days on paper', () => {
  it.each([
    ['zh', '2026年3月2日'],
    ['en', '2 Mar 2026'],
  ] as const)('in %s: %s', async (language, words) => {
    const time = await fresh()
    time.setLanguage(language)
    expect(time.fullDate('2026-03-02')).toBe(words)
  })
})

describe('moments in the words people use', () => {
  it.each([
    ['2026-03-11T19:00:00+08:00', '今天 19:00'],
    ['2026-03-12T09:05:00+08:00', '明天 9:05'],
    ['2026-03-13T19:00:00+08:00', '后天 19:00'],
    ['2026-03-15T19:00:00+08:00', '周日 19:00'],
    ['2026-03-18T19:00:00+08:00', '3月18日 周三 19:00'],
    ['2027-01-02T19:00:00+08:00', '2027年1月2日 周六 19:00'],
    ['2026-03-10T23:59:00+08:00', '昨天 23:59'],
    ['2026-03-11T16:30:00Z', '明天 0:30'],
  ])('%s is %s', async (text, words) => {
    expect((await fresh()).when(text)).toBe(words)
  })

  it('speaks English on request', async () => {
    const { when, setLanguage } = await fresh()
    setLanguage('en')
    expect(when('2026-03-12T19:00:00+08:00')).toBe('tomorrow 19:00')
    expect(when('2026-03-18T19:00:00+08:00')).toBe('18 Mar Wed 19:00')
  })

  it.each([
    ['2026-03-13T15:00:00+08:00', '2 天 3 小时'],
    ['2026-03-11T15:20:00+08:00', '3 小时 20 分'],
    ['2026-03-11T12:04:09+08:00', '4 分 09 秒'],
    ['2026-03-11T11:59:59+08:00', ''],
  ])('until %s there is %s left', async (text, words) => {
    expect((await fresh()).left(text)).toBe(words)
  })

  it.each([
    ['1954-03-11', 72],
    ['1954-03-12', 71],
    ['2026-03-11', 0],
  ])('born %s is %i', async (born, years) => {
    expect((await fresh()).ageOf(born)).toBe(years)
  })
})

describe('the phone whose clock is wrong', () => {
  it('counts by the time the server told', async () => {
    vi.setSystemTime(Date.parse('2026-03-11T09:00:00+08:00'))
    const { left, noteServerTime, when } = await fresh()
    noteServerTime('Wed, 11 Mar 2026 04:00:00 GMT')
    expect(left('2026-03-11T12:10:00+08:00')).toBe('10 分 00 秒')
    noteServerTime('Wed, 11 Mar 2026 02:00:00 GMT', '7200')
    expect(left('2026-03-11T12:10:00+08:00')).toBe('10 分 00 秒')
    noteServerTime('nonsense')
    expect(when('2026-03-11T19:00:00+08:00')).toBe('今天 19:00')
  })
})
