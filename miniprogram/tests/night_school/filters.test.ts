import { describe, expect, it } from 'vitest'

import { countOf, filtersOf, NONE, paramsOf, queryOf } from '@/night_school/filters'
import { namesOf } from '@/night_school/wishes'
import { addressOf } from '@/state/routes'

const WISHES = {
  ...NONE,
  text: '书 法',
  street: 2,
  community: 14,
  category: 'craft',
  weekdays: [0, 6],
  part: 'evening',
  audience: 'seniors',
  free: true,
  places: true,
}

/** What a page is given that is opened by this address, as the mini-program hands it over. */
function optionsOf(address: string): Record<string, string> {
  const asked = address.split('?')[1] ?? ''
  return Object.fromEntries(asked.split('&').map((one) => one.split('=') as [string, string]))
}

describe('the filters of the list', () => {
  it('come back the same from the address they stand in', () => {
    const address = addressOf('/night_school/pages/classes', paramsOf(WISHES))
    expect(filtersOf(optionsOf(address))).toEqual(WISHES)
  })

  it('leave nothing in the address when nothing is asked', () => {
    expect(addressOf('/classes', paramsOf(NONE))).toBe('/classes')
    expect(filtersOf({})).toEqual(NONE)
  })

  it('leave out what somebody has typed wrongly into the address', () => {
    const odd = { street: '-1', community: '1e9', weekdays: '97x0', part: 'night', category: '<b>' }
    expect(filtersOf(odd)).toEqual({ ...NONE, weekdays: [0] })
    expect(filtersOf({ text: '%E4%B' }).text).toBe('%E4%B')
  })

  it('ask for runs that take people, unless closed ones are wanted too', () => {
    expect(queryOf(NONE).open).toBe(true)
    expect(queryOf({ ...NONE, all: true }).open).toBeNull()
  })

  it('ask for the community where one is chosen, not for its whole street', () => {
    expect(queryOf(WISHES)).toMatchObject({ community_id: 14, street_id: null, weekday: [0, 6] })
    expect(queryOf({ ...WISHES, community: null }).street_id).toBe(2)
  })

  it('are counted, a place once, and named in words', () => {
    expect(countOf(NONE)).toBe(0)
    expect(countOf(WISHES)).toBe(8)
    const place = { address: null, phone: null }
    const streets = [
      { id: 2, name: '春和街道', communities: [{ ...place, id: 14, name: '春晖社区' }] },
    ]
    const kinds = [{ code: 'craft', name: '手工', name_en: 'Handicraft' }]
    expect(namesOf(WISHES, streets, kinds).join('、')).toBe(
      '“书 法”、手工、周一、周日、晚上、中老年人、有名额、免费、春晖社区',
    )
  })
})
