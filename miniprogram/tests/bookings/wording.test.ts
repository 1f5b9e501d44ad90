import { beforeEach, describe, expect, it } from 'vitest'

import { begin } from '@/state/session'
import type { BookedLesson } from '@/pages/bookings/types'
import {
  came,
  cancelSentence,
  feeWords,
  isCheckInOpen,
  isLive,
  isTooLate,
  lessonWord,
  meetsWhen,
  names,
  queueWords,
  stateWord,
  whose,
} from '@/pages/bookings/wording'

import { booking, lesson, setNoon } from './samples'

beforeEach(() => {
  setNoon()
  begin({ token: 't', account_id: 1, person_id: 7 })
})

describe('a booking in words', () => {
  it('says when it meets next', () => {
    const tomorrow = lesson(1, '2026-03-19T19:00:00+08:00', '2026-03-19T20:30:00+08:00')
    expect(meetsWhen(booking({ next_lesson: tomorrow }))).toBe('下次课 明天 19:00')
    expect(meetsWhen(booking({ next_lesson: { ...tomorrow, number: 1 } }))).toBe('明天 19:00 开课')
    const running = lesson(2, '2026-03-18T11:30:00+08:00', '2026-03-18T13:00:00+08:00')
    expect(meetsWhen(booking({ next_lesson: running }))).toBe('正在上课，13:00 下课')
    expect(meetsWhen(booking({ ends_at: '2026-03-17T20:30:00+08:00' }))).toBe('课都上完了')
  })

  it.each([
    [{ state: 'unpaid', due_fen: 8000 }, '80 元，还没有交，怎么交请听社区通知'],
    [{ state: 'short', due_fen: 2000 }, '80 元，还差 20 元，请到社区补交'],
    [{ state: 'over', refund_fen: 1500 }, '80 元，多交了 15 元，等社区退给您'],
    [{ state: 'over', refund_fen: 9500, to_refund: true }, '80 元，已交，等社区退费'],
  ] as const)('says what is owed: %j', (given, said) => {
    const fee = { amount_fen: 8000, due_fen: 0, refund_fen: 0, marked_at: null, to_refund: false }
    expect(feeWords({ ...fee, ...given })).toBe(said)
  })

  it('says whose it is', () => {
    expect(whose(booking())).toBe('王秀英（我自己）')
    expect(whose(booking({ person_id: 8, person_name: '李乐彤' }))).toBe('李乐彤')
    expect(whose(booking({ person_name: '' }))).toBe('我自己')
    expect(names([booking(), booking({ person_id: 8, person_name: '李乐彤' })])).toBe(
      '我自己、李乐彤',
    )
  })

  it('says how many are ahead', () => {
    expect(queueWords(booking({ position: 4 }))).toBe('前面还有 3 人')
    expect(queueWords(booking({ position: 1 }))).toContain('第一位')
    expect(queueWords(booking({ position: null }))).toContain('等结果')
  })

  it.each([
    ['confirmed', '已预约'],
    ['requested', '等待审核'],
    ['missed', '没有签到'],
    ['declined', '申请没有通过'],
    ['cancelled', '已取消'],
  ])('speaks of a room that is %s as of a room', (state, word) => {
    const room = booking({ kind: 'room', state })
    expect(stateWord(room)).toBe(word)
    expect(queueWords(room)).toBe('工作人员审核后通知您')
  })

  it('calls an enrolment whose class is over ended, not booked', () => {
    expect(stateWord(booking())).toBe('已报名')
    const over = booking({ ends_at: '2026-03-17T20:30:00+08:00' })
    expect([stateWord(over), isLive(over)]).toEqual(['已结束', false])
    expect(isLive(booking({ state: 'cancelled' }))).toBe(false)
  })
})

describe('giving a booking back', () => {
  it('is possible until the deadline, in words', () => {
    const open = booking({ cancel_until: '2026-03-19T19:00:00+08:00' })
    expect(isTooLate(open)).toBe(false)
    expect(cancelSentence(open)).toContain('明天 19:00 前可以自己取消')
  })

  it('is recorded as late afterwards, and says so', () => {
    const late = booking({ cancel_until: '2026-03-18T11:59:00+08:00' })
    expect(isTooLate(late)).toBe(true)
    expect(cancelSentence(late)).toContain('会记为一次逾期取消')
  })

  it('is always possible while waiting', () => {
    const waiting = booking({ state: 'waiting', cancel_until: '2026-03-18T11:59:00+08:00' })
    expect(isTooLate(waiting)).toBe(false)
    expect(cancelSentence(waiting)).toContain('随时可以退出')
  })
})

describe('a lesson', () => {
  it('can be checked in to from half an hour before until its end', () => {
    const from = (start: string, end: string) => isCheckInOpen(lesson(1, start, end))
    expect(from('2026-03-18T12:30:00+08:00', '2026-03-18T14:00:00+08:00')).toBe(true)
    expect(from('2026-03-18T12:31:00+08:00', '2026-03-18T14:00:00+08:00')).toBe(false)
    expect(from('2026-03-18T10:00:00+08:00', '2026-03-18T11:59:00+08:00')).toBe(false)
  })

  it('says what became of it', () => {
    const at = (start: string, given = {}) => ({
      ...lesson(1, start, start.replace('T1', 'T2')),
      room_name: null,
      cancelled: false,
      presence: null,
      checked_in_at: null,
      ...given,
    })
    expect(lessonWord(at('2026-03-17T10:00:00+08:00'))).toBe('没有考勤记录')
    expect(lessonWord(at('2026-03-17T10:00:00+08:00', { presence: 'present' }))).toBe('已到')
    const given: [BookedLesson['presence'], string][] = [
      ['excused', '请过假'],
      ['excused_after', '请过假'],
      ['made_up', '已补课'],
      ['unknown', '没有考勤记录'],
    ]
    for (const [presence, word] of given)
      expect(lessonWord(at('2026-03-17T10:00:00+08:00', { presence }))).toBe(word)
    expect(came(at('2026-03-17T10:00:00+08:00', { presence: 'made_up' }))).toBe(true)
    expect(came(at('2026-03-17T10:00:00+08:00', { presence: 'unknown' }))).toBe(false)
    expect(lessonWord(at('2026-03-19T10:00:00+08:00'))).toBe('还没上')
    expect(lessonWord(at('2026-03-19T10:00:00+08:00', { cancelled: true }))).toBe('这次停课')
  })
})
