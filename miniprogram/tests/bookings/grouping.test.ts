import { describe, expect, it } from 'vitest'

import { groupsOf } from '@/pages/bookings/grouping'

import { booking, detail, lesson } from './samples'

const ids = (list: { id: number }[]) => list.map(({ id }) => id)

describe('my bookings in groups', () => {
  it('come with the next lesson first', () => {
    const soon = lesson(1, '2026-03-18T19:00:00+08:00', '2026-03-18T20:30:00+08:00')
    const later = lesson(2, '2026-03-20T19:00:00+08:00', '2026-03-20T20:30:00+08:00')
    const groups = groupsOf([
      booking({ id: 1, next_lesson: later }),
      booking({ id: 2, next_lesson: null }),
      booking({ id: 3, next_lesson: soon }),
    ])
    expect(ids(groups.coming)).toEqual([3, 1, 2])
  })

  it('keep what waits apart from what is certain', () => {
    const groups = groupsOf([
      booking({ id: 1, state: 'waiting', position: 4 }),
      booking({ id: 2 }),
      booking({ id: 3, state: 'requested' }),
    ])
    expect([ids(groups.waiting), ids(groups.asked)]).toEqual([[1], [3]])
    expect(ids(groups.coming)).toEqual([2])
  })

  it('put the offer that runs out first on top', () => {
    const groups = groupsOf([
      booking({ id: 1, state: 'offered', offer_until: '2026-03-20T12:00:00+08:00' }),
      booking({ id: 2, state: 'offered', offer_until: '2026-03-19T12:00:00+08:00' }),
    ])
    expect(groups.offers.map(({ booking: { id } }) => id)).toEqual([2, 1])
  })

  it('show one offer to a party, whose answer speaks for all', () => {
    const party = [
      { booking_id: 1, person_id: 7, person_name: '王秀英', state: 'offered' },
      { booking_id: 2, person_id: 8, person_name: '王芳', state: 'offered' },
      { booking_id: 3, person_id: 9, person_name: '李建国', state: 'cancelled' },
    ]
    const both = [
      booking({ id: 1, state: 'offered' }),
      booking({ id: 2, state: 'offered', person_id: 8, person_name: '王芳' }),
    ]
    const details = both.map((one) => detail({ ...one, party }))
    const { offers } = groupsOf(both, details)
    expect(offers).toHaveLength(1)
    expect(offers[0]!.people.map(({ person_name }) => person_name)).toEqual(['王秀英', '王芳'])
    expect(groupsOf(both).offers).toHaveLength(2)
  })
})
