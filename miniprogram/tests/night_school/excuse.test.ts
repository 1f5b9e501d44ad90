import { beforeEach, describe, expect, it } from 'vitest'

import { type BookedLesson, lessonName, optionsOf, OTHER, reasonOf } from '@/night_school/excuse'

import { setNoon } from '../bookings/samples'

beforeEach(setNoon)

const lesson = (number: number, day: string, given: Partial<BookedLesson> = {}): BookedLesson => ({
  id: number,
  number,
  starts_at: `2026-03-${day}T19:00:00+08:00`,
  ends_at: `2026-03-${day}T20:30:00+08:00`,
  room_name: null,
  cancelled: false,
  presence: null,
  checked_in_at: null,
  excuse_reason: null,
  may_excuse: true,
  may_withdraw: false,
  ...given,
})

describe('being excused', () => {
  it('offers what is to come first, then what is over, and says so', () => {
    const offered = optionsOf([
      lesson(1, '10'),
      lesson(2, '18', { may_excuse: false }),
      lesson(3, '25'),
    ])
    expect(offered.map(({ value, note }) => [value, note])).toEqual([
      [3, undefined],
      [1, '已经上过，补请假'],
    ])
  })

  it('names a lesson by its number, its day and its hours', () => {
    expect(lessonName(lesson(3, '25'))).toMatch(/^第 3 次课 3月25日.*19:00/)
  })

  it('sends the reason chosen, or what was written', () => {
    expect(reasonOf('家里有事', '')).toBe('家里有事')
    expect(reasonOf(OTHER, ' 去医院 ')).toBe('去医院')
    expect(reasonOf(OTHER, '  ')).toBe('')
    expect(reasonOf('', '')).toBe('')
  })
})
