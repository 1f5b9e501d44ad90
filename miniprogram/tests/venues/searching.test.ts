import { beforeEach, describe, expect, it } from 'vitest'

import { toGcj02 } from '@/platform/gcj02'
import { distanceWords, metresTo } from '@/state/position'
import { keepWish, lastWish, queryOf, type RoomWish } from '@/venues/room-wish'
import { chosen, nothingWords, whyNothing, wishWords, type Found } from '@/venues/searching'

import { setNoon } from '../bookings/samples'

const HOME = {
  community_id: 14,
  community_name: '康景社区',
  street_id: 2,
  street_name: '春和街道',
  phone: null,
}
const POINT = { latitude: 30.58, longitude: 114.28 }
const wish = (more: Partial<RoomWish> = {}): RoomWish => ({ ...lastWish(null).wish, ...more })
const found = (more: Partial<Found> = {}): Found => ({
  items: [],
  free: 0,
  full: 0,
  closed: 0,
  not_yet: 0,
  blocked: 0,
  why_blocked: [],
  alternatives: [],
  ...more,
})

beforeEach(setNoon)

describe('a position', () => {
  // Places of Shanghai, Shenzhen, Beijing as the open libraries have them; Tokyo is elsewhere.
  it.each([
    [31.1774276, 121.5272106, 31.1753039, 121.5315418],
    [22.543847, 113.912316, 22.5407961, 113.9171764],
    [39.911954, 116.377817, 39.9133454, 116.3840472],
    [35.681, 139.767, 35.681, 139.767],
  ])('of satellites %f %f becomes that of the maps', (north, east, mapNorth, mapEast) => {
    const { latitude, longitude } = toGcj02({ latitude: north, longitude: east })
    expect(latitude).toBeCloseTo(mapNorth, 5)
    expect(longitude).toBeCloseTo(mapEast, 5)
  })

  it('says how far it is, no finer than it is known', () => {
    expect(metresTo(POINT, { latitude: 30.59, longitude: 114.28 })).toBeCloseTo(1113, 0)
    expect(metresTo(POINT, { latitude: null, longitude: null })).toBeNull()
    expect([10, 360, 960, 4321, 12_345].map(distanceWords)).toEqual([
      '约 50 米',
      '约 350 米',
      '约 1.0 公里',
      '约 4.3 公里',
      '约 12 公里',
    ])
  })
})

describe('the wish of last time', () => {
  it('is today, two hours, in the own community at first', () => {
    const first = lastWish(HOME)
    expect(first.known).toBe(false)
    expect(first.wish).toMatchObject({ day: '2026-03-18', minutes: 120, where: 'home' })
    expect(wish().where).toBe('all')
  })

  it('comes back as far as it can be met', () => {
    keepWish(
      wish({ function: 'chess', people: '12', day: '2026-03-20', where: 'street', street: 2 }),
    )
    expect(lastWish(HOME)).toMatchObject({
      known: true,
      wish: { function: 'chess', people: '12', day: '2026-03-20', where: 'street' },
    })
    keepWish(wish({ day: '2026-03-17', where: 'near' })) // over, and asked of the phone anew
    expect(lastWish(HOME).wish).toMatchObject({ day: '2026-03-18', where: 'home' })
    keepWish(wish({ where: 'home' }))
    expect(lastWish(null).wish.where).toBe('all')
  })
})

it.each([
  [{}, { headcount: undefined, part: undefined, function: undefined, community_id: undefined }],
  [
    { people: '12', function: 'meeting' },
    { headcount: 12, function: 'meeting' },
  ],
  [{ part: 'afternoon' }, { part: 'afternoon' }],
  [
    { part: 'times', from: 9, until: 12 },
    { from_time: '09:00', until_time: '12:00' },
  ],
  [{ where: 'home' }, { community_id: 14, latitude: undefined }],
  [
    { where: 'street', street: 3 },
    { street_id: 3, community_id: undefined },
  ],
  [
    { where: 'near', street: 3 },
    { ...POINT, street_id: undefined, community_id: undefined },
  ],
] as [Partial<RoomWish>, object][])('asks the API for %j', (more, query) => {
  const asked = queryOf(wish(more), HOME, POINT) as Record<string, unknown>
  for (const [name, value] of Object.entries(query)) expect(asked[name], name).toEqual(value)
})

describe('a search in words', () => {
  it('says the wish in a line', () => {
    const words = wishWords(
      wish({
        function: 'meeting',
        people: '12',
        day: '2026-03-19',
        part: 'afternoon',
        equipment: ['projector'],
        stepFree: true,
      }),
    )
    expect(words).toBe('会议 · 12 人 · 明天下午 · 2 小时 · 投影仪 · 全程无障碍')
    expect(wishWords(wish({ part: 'times', from: 9, until: 12 }))).toBe(
      '今天 9 点到 12 点 · 2 小时',
    )
  })

  it.each([
    [found({ closed: 2 }), '今天不开放', ['2 间那时候不开放。']],
    [
      found({ full: 3, closed: 1 }),
      '今天没有正好合适的房间',
      ['3 间开着，但没有连着 2 小时的空。', '1 间那时候不开放。'],
    ],
    [
      found({ not_yet: 4, closed: 1 }),
      '今天还不能预约',
      ['1 间那时候不开放。', '4 间还没到可以约的日子。'],
    ],
    [
      found({ blocked: 3, closed: 1, why_blocked: ['选举投票日'] }),
      '今天暂停使用',
      ['1 间那时候不开放。', '3 间暂停使用：选举投票日。'],
    ],
    [
      found(),
      '今天没有正好合适的房间',
      ['没有这样的房间：人数、设备、用途或地方对不上。少提一个要求再试试。'],
    ],
  ])('tells closed from open without anything that fits', (answer, first, why) => {
    expect(nothingWords(answer, wish())).toBe(first)
    expect(whyNothing(answer, 120)).toEqual(why)
  })

  it('hands a start to the last step, with how long and for how many', () => {
    const room = { room_id: 7 } as Found['items'][number]
    const start = { starts_at: '2026-03-20T00:30:00+08:00', ends_at: '2026-03-20T02:00:00+08:00' }
    expect(chosen(room, start, 12)).toEqual({
      room: 7,
      day: '2026-03-20',
      start: Date.parse(start.starts_at),
      minutes: 90,
      people: 12,
    })
  })
})
