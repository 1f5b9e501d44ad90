import { beforeEach, describe, expect, it } from 'vitest'

import { Problem } from '@/api/problem'
import { companions, isRoomOpen, openLessons } from '@/pages/check-in/lessons'
import { peopleToChoose, refusalOf } from '@/pages/check-in/refusals'

import { booking, lesson, setNoon } from './samples'

const refused = (errcode: number, data: Record<string, unknown> = {}) =>
  new Problem('refused', { errcode, message: '不行', data })

beforeEach(setNoon)

describe('what stands in the way of a check-in', () => {
  it('is an old code: scan the new one', () => {
    expect(refusalOf(refused(40916))).toMatchObject({
      title: '码已过期，请扫屏幕上新的码',
      next: 'again',
    })
  })

  it('is the hour: too early says when, too late does not', () => {
    const window = {
      opens_at: '2026-03-18T18:30:00+08:00',
      closes_at: '2026-03-18T20:30:00+08:00',
    }
    expect(refusalOf(refused(40915, window)).title).toBe('还没到签到时间，今天 18:30 开始签到')
    const past = { opens_at: '2026-03-18T08:30:00+08:00', closes_at: '2026-03-18T10:30:00+08:00' }
    expect(refusalOf(refused(40915, past))).toMatchObject({ next: 'bookings' })
  })

  it('is the network: the same once more', () => {
    expect(refusalOf(new Problem('offline')).next).toBe('retry')
    expect(refusalOf(new Problem('signIn')).next).toBe('retry')
  })

  it('is a reason that this version does not know: its own sentence', () => {
    expect(refusalOf(refused(40999)).title).toBe('不行')
  })

  it('is a choice of whom', () => {
    const people = [{ person_id: 3, name: '李乐彤' }]
    expect(peopleToChoose(refused(40934, { people }))).toEqual(people)
    expect(peopleToChoose(refused(40916, { people }))).toEqual([])
  })
})

describe('lessons to check in to now', () => {
  const now = lesson(5, '2026-03-18T12:10:00+08:00', '2026-03-18T13:40:00+08:00')

  it('are those within their window that somebody holds a place in, each once', () => {
    const later = lesson(6, '2026-03-18T19:00:00+08:00', '2026-03-18T20:30:00+08:00')
    const open = openLessons([
      booking({ id: 1, next_lesson: now }),
      booking({ id: 2, next_lesson: now, person_id: 8 }),
      booking({ id: 3, next_lesson: later }),
      booking({ id: 4, next_lesson: now, state: 'waiting' }),
    ])
    expect(open.map(({ id }) => id)).toEqual([5])
  })

  it('can be checked in to for the others of the household too', () => {
    const all = [
      booking({ id: 1 }),
      booking({ id: 2, person_id: 8 }),
      booking({ id: 3, person_id: 9, bookable_id: 11 }),
      booking({ id: 4, person_id: 10, state: 'waiting' }),
    ]
    expect(companions(all, 1, [7]).map(({ id }) => id)).toEqual([2])
    expect(companions(all, 1, [7, 8])).toEqual([])
  })
})

describe('a room to check in to now', () => {
  const reserved = {
    state: 'confirmed' as const,
    check_in_from: '2026-03-18T11:45:00+08:00',
    no_show_at: '2026-03-18T12:15:00+08:00' as string | null,
    ends_at: '2026-03-18T14:00:00+08:00',
  }

  it('is one in its window, until it is let go or over', () => {
    expect(isRoomOpen(reserved)).toBe(true)
    expect(isRoomOpen({ ...reserved, no_show_at: null })).toBe(true)
    expect(isRoomOpen({ ...reserved, no_show_at: '2026-03-18T12:00:00+08:00' })).toBe(false)
    expect(isRoomOpen({ ...reserved, check_in_from: '2026-03-18T12:01:00+08:00' })).toBe(false)
    expect(isRoomOpen({ ...reserved, state: 'attended' })).toBe(false)
  })
})
