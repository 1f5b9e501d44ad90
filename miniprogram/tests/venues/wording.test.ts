import { beforeEach, describe, expect, it } from 'vitest'

import { setLanguage } from '@/state/settings'
import { groupsOf, nearestFirst } from '@/state/nearness'
import {
  daySentence,
  dayWord,
  isAsked,
  lengthsOf,
  lengthWords,
  startWord,
  stateOf,
  stateWord,
  weekLater,
  type Reservation,
  type Start,
  type StartDay,
  type Strip,
  type Venue,
} from '@/venues/wording'

import { setNoon } from '../bookings/samples'

const start = (minutes: number, errcode = 0, use: string | null = null): Start => ({
  starts_at: '2026-03-11T09:00:00+08:00',
  minutes,
  errcode,
  use,
})
const someDay = (state: StartDay['state'], ...starts: Start[]): StartDay => ({
  day: '2026-03-11',
  state,
  why: null,
  open: [],
  starts,
})
const strip = (more: Partial<Strip> = {}): Strip => ({
  room_id: 1,
  grid_minutes: 30,
  min_minutes: 30,
  max_minutes: 240,
  whole_day: false,
  days: [],
  ...more,
})

const election = { ...start(0, 409113, 'block'), why: '选举投票日' }

describe('a day of a room', () => {
  it.each([
    [someDay('closed'), 'closed', '不开放'],
    [someDay('free', start(60)), 'free', '有空'],
    [someDay('full', start(0, 409113), start(0, 409104)), 'full', '约满了'],
    [someDay('full', start(0, 409104)), 'past', '已结束'],
    [someDay('full', start(0, 409106)), 'notYet', '还没开放预约'],
    [someDay('full', start(0, 409104), election), 'blocked', '暂停使用'],
  ])('tells closed from full, over and not yet', (day, state, word) => {
    expect([stateOf(day), dayWord(day)]).toEqual([state, word])
  })

  it('says why a whole day is out of use', () => {
    const said = daySentence(someDay('full', start(0, 409104), election, election))
    expect(said).toBe('3月11日 周三暂停使用：选举投票日。')
  })

  it.each([
    [start(90), '可用 1 小时 30 分'],
    [start(0, 409113, 'lesson'), '有课'],
    [start(0, 409113, 'block'), '暂停使用'],
    [election, '选举投票日'],
    [start(0, 409113, 'reservation'), '有人预约了'],
    [start(0, 409105), '来不及准备了'],
  ])('says for how long a start is free, or why not', (one, word) => {
    expect(startWord(one)).toBe(word)
  })
})

it('names a holiday in the language of who reads, the words of staff as they are', () => {
  const closed = (why: string) => daySentence({ ...someDay('closed'), why })
  expect(closed('国庆节')).toBe('3月11日 周三不开放（国庆节）。')
  setLanguage('en')
  expect(closed('国庆节')).toContain('(National Day)')
  expect(closed('选举投票日')).toContain('(选举投票日)')
  setLanguage('zh')
})

describe('a reservation', () => {
  const one = (more: Partial<Reservation>) =>
    ({
      state: 'confirmed',
      starts_at: '2026-03-20T09:00:00+08:00',
      ends_at: '2026-03-20T10:00:00+08:00',
      ...more,
    }) as Reservation

  beforeEach(setNoon)

  it('is made again a week later, or in the next week to come', () => {
    const later = (starts_at: string) => new Date(weekLater(one({ starts_at }))).toISOString()
    expect(later('2026-03-20T09:00:00+08:00')).toBe('2026-03-27T01:00:00.000Z')
    expect(later('2026-02-18T09:00:00+08:00')).toBe('2026-03-25T01:00:00.000Z') // 12:00 is past 9
    expect(later('2026-02-18T15:00:00+08:00')).toBe('2026-03-18T07:00:00.000Z')
  })

  it('says that it was given back late', () => {
    expect(stateWord(one({ state: 'cancelled', cancelled_late: true }))).toBe('已取消（逾期）')
    expect(stateWord(one({ state: 'cancelled', cancelled_late: false }))).toBe('已取消')
  })

  it('is asked for until its start', () => {
    expect(isAsked(one({ state: 'requested' }))).toBe(true)
    expect(isAsked(one({ state: 'requested', starts_at: '2026-03-18T11:00:00+08:00' }))).toBe(false)
    expect(isAsked(one({}))).toBe(false)
  })
})

describe('how long', () => {
  it.each([
    [start(120), strip(), [30, 60, 90, 120]],
    [start(100), strip({ min_minutes: 60 }), [60, 90, 100]], // up to the closing, off the grid
    [start(720), strip({ whole_day: true }), [720]],
  ])('goes up in steps of the grid to what is free', (one, of, lengths) => {
    expect(lengthsOf(one, of)).toEqual(lengths)
  })

  it.each([
    [30, '30 分钟'],
    [120, '2 小时'],
    [150, '2 小时 30 分'],
  ])('%i minutes in words', (minutes, words) => expect(lengthWords(minutes)).toBe(words))
})

it('puts the own community before the district, and the own street before others', () => {
  const venue = (id: number, street_id: number | null, community_id: number | null) =>
    ({ id, street_id, community_id }) as Venue
  const street = (id: number) => ({ id, name: `${id}`, communities: [] })
  const found = groupsOf(
    [venue(1, null, null), venue(2, 10, 11), venue(3, 20, 21), venue(4, 20, 22)],
    [street(10), street(20), street(30)],
    { street_id: 20, community_id: 22 },
  )
  expect(found.mine.map(({ id }) => id)).toEqual([4])
  expect(found.everybody.map(({ id }) => id)).toEqual([1])
  expect(found.streets.map(({ id, placed }) => [id, placed.length])).toEqual([
    [20, 2],
    [10, 1],
  ])
})

it('puts the nearest first, and what is not on the map last', () => {
  const venue = (id: number, latitude: number | null) =>
    ({ id, latitude, longitude: latitude && 114.28 }) as Venue
  const found = nearestFirst([venue(1, null), venue(2, 30.6), venue(3, 30.581)], {
    latitude: 30.58,
    longitude: 114.28,
  })
  expect(found.map(({ placed: { id }, metres }) => [id, metres && Math.round(metres)])).toEqual([
    [3, 111],
    [2, 2226],
    [1, null],
  ])
})
