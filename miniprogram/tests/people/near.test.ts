import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Booking, Run } from '@/pages/home/near'

const MONDAY = '2026-11-23T10:00:00+08:00'

function booking(facts: Partial<Booking>): Booking {
  return {
    id: 1,
    kind: 'course_run',
    bookable_id: 7,
    title: '剪纸',
    place_name: '康景社区',
    person_id: 3,
    person_name: '王秀英',
    state: 'confirmed',
    starts_at: '2026-11-02T09:00:00+08:00',
    ends_at: '2027-01-18T10:30:00+08:00',
    cancel_until: null,
    offer_until: null,
    position: null,
    created_at: '2026-10-20T09:00:00+08:00',
    next_lesson: null,
    ...facts,
  } as Booking
}

const lesson = (starts_at: string) => ({ id: 1, number: 4, starts_at, ends_at: starts_at })
const run = (facts: Partial<Run>) =>
  ({ id: 1, place_id: 14, places_left: 3, waiting: 0, opens_at: null, ...facts }) as Run

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(Date.parse(MONDAY))
})

describe('what the first page shows first', () => {
  it('is the class that meets next, not the one that began first', async () => {
    const { nextOf } = await import('@/pages/home/near')
    const old = booking({ id: 1, next_lesson: lesson('2026-11-30T09:00:00+08:00') })
    const soon = booking({
      id: 2,
      starts_at: '2026-11-20T19:00:00+08:00',
      next_lesson: lesson('2026-11-24T19:00:00+08:00'),
    })
    expect(nextOf([old, soon])?.id).toBe(2)
  })

  it('is a room, where that comes sooner', async () => {
    const { nextOf } = await import('@/pages/home/near')
    const room = booking({
      id: 3,
      kind: 'room',
      starts_at: '2026-11-23T14:00:00+08:00',
      ends_at: '2026-11-23T16:00:00+08:00',
    })
    const soon = booking({ id: 2, next_lesson: lesson('2026-11-23T19:00:00+08:00') })
    expect(nextOf([soon, room])?.id).toBe(3)
    expect(nextOf([soon, { ...room, state: 'attended' }])?.id).toBe(2)
  })

  it('is nothing where one only waits, or no lesson is left', async () => {
    const { nextOf } = await import('@/pages/home/near')
    const waiting = booking({ state: 'waiting', next_lesson: lesson(MONDAY) })
    expect(nextOf([waiting, booking({ next_lesson: null })])).toBeNull()
  })

  it('is before all an offer that can still be answered, the most pressing one', async () => {
    const { offerOf } = await import('@/pages/home/near')
    const offers = [
      booking({ id: 1, state: 'offered', offer_until: '2026-11-23T09:59:00+08:00' }),
      booking({ id: 2, state: 'offered', offer_until: '2026-11-24T10:00:00+08:00' }),
      booking({ id: 3, state: 'offered', offer_until: '2026-11-23T18:00:00+08:00' }),
      booking({ id: 4, offer_until: '2026-11-23T11:00:00+08:00' }),
    ]
    expect(offerOf(offers)?.id).toBe(3)
  })
})

describe('what is near', () => {
  it("puts one's own community first, within it what meets this week, what is full last", async () => {
    const { nearest } = await import('@/pages/home/near')
    const runs = [
      run({ id: 5, place_id: 14, starts_at: '2026-11-24T10:00:00+08:00', places_left: 0 }),
      run({ id: 1, place_id: 20, starts_at: '2026-11-16T10:00:00+08:00' }),
      run({ id: 2, place_id: 14, starts_at: '2026-12-15T10:00:00+08:00' }),
      run({ id: 3, place_id: 14, starts_at: '2026-11-29T10:00:00+08:00' }),
      run({ id: 4, place_id: 20, starts_at: '2026-12-01T10:00:00+08:00' }),
    ]
    expect(nearest(runs, 14).map(({ id }) => id)).toEqual([3, 2, 1, 4, 5])
  })

  it('says whether one can sign up, only wait, or has to come again', async () => {
    const { standingOf } = await import('@/pages/home/near')
    expect(standingOf(run({}))).toBe('free')
    expect(standingOf(run({ places_left: null }))).toBe('free')
    expect(standingOf(run({ places_left: 0 }))).toBe('full')
    expect(standingOf(run({ waiting: 2 }))).toBe('full')
    expect(standingOf(run({ opens_at: '2026-11-25T09:00:00+08:00' }))).toBe('soon')
  })

  it.each([
    ['2026-11-23T03:59:00+08:00', 'evening'],
    ['2026-11-23T04:00:00+08:00', 'morning'],
    ['2026-11-23T12:00:00+08:00', 'afternoon'],
    ['2026-11-23T18:00:00+08:00', 'evening'],
  ])('greets at %s by the clock of Shanghai: %s', async (moment, part) => {
    vi.setSystemTime(Date.parse(moment))
    const { partOfDay } = await import('@/pages/home/near')
    expect(partOfDay()).toBe(part)
  })
})
