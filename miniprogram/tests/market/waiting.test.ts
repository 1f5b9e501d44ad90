import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { polling } from '@/market/polling'
import {
  aboutWords,
  aheadWords,
  calledWords,
  endWords,
  isInVain,
  placeOf,
  spoken,
  timeWords,
  type Line,
  type Place,
  type Ticket,
} from '@/market/waiting'

const line = (more: Partial<Line> = {}): Line => ({
  stall_id: 5,
  service: '理发',
  now: '2026-03-18T10:00:00+08:00',
  opens_at: '2026-03-18T09:00:00+08:00',
  closes_at: '2026-03-18T11:00:00+08:00',
  paused: false,
  closed: false,
  called: [{ number: 3, desk: 1, recalls: 0, minutes: 2 }],
  waiting: [
    { number: 4, booked: false, ahead: 0, minutes: 3 },
    { number: 7, booked: false, ahead: 1, minutes: 18 },
  ],
  served: 2,
  minutes_each: 15,
  minutes_new: 33,
  in_vain: false,
  ...more,
})
const ticket = (stage: Ticket['stage']) => ({ stage }) as Ticket
const waits = (ahead: number, minutes = 10): Place => ({ kind: 'waiting', ahead, minutes })
const called = (again = false): Place => ({ kind: 'called', desk: 1, again })

describe('where a number is', () => {
  it.each([
    [7, 'waiting', { kind: 'waiting', ahead: 1, minutes: 18 }],
    [3, 'waiting', { kind: 'called', desk: 1, again: false }],
    [2, 'served', { kind: 'served' }],
    [2, 'no_show', { kind: 'no_show' }],
    [2, 'closed', { kind: 'closed' }],
    [2, 'moved', { kind: 'moved' }],
    [2, 'waiting', { kind: 'unknown' }],
  ] as const)('%i, whose ticket was last heard to be %s', (number, stage, place) => {
    expect(placeOf(number, line(), ticket(stage))).toEqual(place)
  })

  it('has a sentence for every end, and none for who still waits', () => {
    for (const kind of ['served', 'no_show', 'left', 'closed', 'moved'] as const) {
      expect(endWords({ kind })).not.toBe('')
    }
    expect([endWords({ kind: 'unknown' }), endWords(waits(1)), endWords(called())]).toEqual([
      '', '', '',
    ]) // prettier-ignore
  })
})

describe('how long it takes', () => {
  it.each([
    [0, '马上就到'],
    [2, '马上就到'],
    [3, '大约 5 分钟'],
    [10, '大约 10 分钟'],
    [11, '大约 15 分钟'],
    [59, '还早，大约 1 小时'],
    [60, '还早，大约 1 小时'],
    [75, '还早，大约 1 个半小时'],
    [121, '还早，大约 2 个半小时'],
  ])('%i minutes: %s', (minutes, words) => {
    expect(aboutWords(minutes)).toBe(words)
  })

  it('promises nothing while the stall rests or is not open', () => {
    expect(timeWords(waits(3), line())).toBe('大约 10 分钟')
    expect(timeWords(waits(3), line({ paused: true }))).toBe('摊位休息中，时间说不准')
    const opens = line({ opens_at: '2026-03-18T10:30:00+08:00' })
    expect(timeWords(waits(3), opens)).toBe('10:30 开始叫号')
    expect(timeWords(called(), line())).toBe('')
  })

  it('says so before somebody waits in vain', () => {
    expect(isInVain(waits(3, 59), line())).toBe(false)
    expect(isInVain(waits(4, 60), line())).toBe(true)
    expect(isInVain(called(), line())).toBe(false)
  })

  it('counts who is before, and names who is called with the desk where there are several', () => {
    expect([aheadWords(0), aheadWords(2)]).toEqual(['下一位就是您，请到摊位等', '前面还有 2 位'])
    expect(calledWords(line())).toBe('3 号')
    const two = [...line().called, { number: 4, desk: 2, recalls: 0, minutes: 0 }]
    expect(calledWords({ called: two })).toBe('3 号（1 号桌）、4 号（2 号桌）')
    expect(calledWords({ called: [] })).toBe('还没有叫号')
  })
})

describe('what is said aloud', () => {
  it.each([
    [null, waits(12), '前面还有 12 位'],
    [waits(12), waits(12), ''],
    [waits(12), waits(11), ''],
    [waits(10), waits(9), '前面还有 9 位'],
    [waits(4), waits(3), '前面还有 3 位'],
    [waits(3), waits(3), ''],
    [waits(1), waits(0), '下一位就是您，请到摊位等'],
    [waits(0), called(), '轮到您了，请到 1 号桌'],
    [called(), called(), ''],
    [called(), called(true), '轮到您了，请到 1 号桌'],
    [called(), { kind: 'served' }, '已经办好，谢谢您来。'],
    [null, { kind: 'served' }, ''],
  ] as [Place | null, Place, string][])('%o then %o: %s', (before, now, words) => {
    expect(spoken(before, now)).toBe(words)
  })
})

describe('asking again and again', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('waits for each answer, and stops when the page is hidden', async () => {
    const answers: (() => void)[] = []
    const ask = vi.fn(() => new Promise<boolean>((done) => answers.push(() => done(true))))
    const { start, stop } = polling(ask, 5_000)
    start()
    start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
    answers[0]!()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(ask).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(ask).toHaveBeenCalledTimes(2)
    stop()
    answers[1]!()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('begins anew when the page is shown again, also while an old answer is on its way', async () => {
    const ask = vi.fn(() => Promise.resolve(true))
    const { start, stop } = polling(ask, 5_000)
    start()
    stop()
    start()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(ask).toHaveBeenCalledTimes(3)
    stop()
  })

  it('ends by itself where there is nothing more to hear', async () => {
    const ask = vi.fn(() => Promise.resolve(false))
    polling(ask, 5_000).start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
  })
})
