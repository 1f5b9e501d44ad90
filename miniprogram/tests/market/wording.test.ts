import { beforeEach, describe, expect, it } from 'vitest'

import {
  dayBadge,
  dayWords,
  freeWords,
  hoursOf,
  movedFrom,
  numberWords,
  peopleWords,
  ruleWords,
  serviceWords,
  stallBadge,
  stallHours,
  standingOf,
  timesOf,
} from '@/market/wording'

import { setNoon } from '../bookings/samples'
import { day, market, slot, stall } from './samples'

beforeEach(setNoon)

const later = '2026-03-19T08:00:00+08:00'
const there = {
  day: '2026-03-28',
  starts_at: '2026-03-28T10:00:00+08:00',
  place_name: '滨江社区',
  spot: '东门',
  reason: '下大雨',
}
const here = { ...there, day: day().day, starts_at: day().starts_at }
const free = slot('14:00', '14:15')
const full = slot('14:15', '14:30', { free: 0, waiting: 2 })
const begun = slot('11:45', '12:00')

it('says when a market is, and its hours from the first stall to the last', () => {
  expect(dayWords(day())).toBe('3月21日 周六 9:00–11:30')
  const early = stall({ starts_at: '2026-03-18T09:30:00+08:00' })
  expect(hoursOf(market({ stalls: [stall(), early] }))).toBe('9:30–16:00')
  expect(hoursOf(market({ stalls: [] }))).toBeNull()
})

it.each([
  [day(), '可以预约了'],
  [day({ books_from: later }), '明天 8:00 起可以预约'],
  [day({ day: '2026-03-18', ends_at: '2026-03-18T16:00:00+08:00' }), '就在今天'],
  [day({ day: '2026-03-18', ends_at: '2026-03-18T12:00:00+08:00' }), '已经结束'],
  [day({ cancelled: true }), '已取消'],
  [day({ moved_to: there }), '改到 3月28日 周六 10:00，在滨江社区 东门'],
  [day({ moved_to: here }), '换到滨江社区 东门，时间不变'],
])('tells what matters most about a market', (one, words) => {
  expect(dayBadge(one).words).toBe(words)
})

it('says where a market that moved was to be', () => {
  expect(movedFrom(there)).toContain('原定 3月28日 周六 10:00，在滨江社区 东门。因为下大雨')
})

describe('a stall', () => {
  it.each([
    [stall({ slots: [free, full] }), market(), 'free', '可以预约，还有 1 个空位'],
    [stall({ slots: [begun, full] }), market(), 'full', '约满了，可以候补，也可以当天来取号'],
    [stall({ slots: [free] }), market({ books_from: later }), 'soon', '明天 8:00 起可以预约'],
    [stall(), market(), 'come', '不用预约，当天来摊位取号'],
    [stall({ slots: [begun] }), market(), 'begun', '预约时间过了，可以到摊位取号'],
    [stall({ slots: [free], closed: true }), market(), 'gone', '这个摊位这次来不了'],
    [stall({ ends_at: '2026-03-18T12:00:00+08:00' }), market(), 'over', '今天已经收摊'],
    [stall({ ends_at: '2026-03-17T12:00:00+08:00' }), market(), 'over', '已经结束'],
    [stall({ slots: [free] }), market({ cancelled: true }), 'off', '已取消'],
  ])('says whether one can book, take a number, or only come', (one, its, standing, words) => {
    expect([standingOf(one, its), stallBadge(one, its).words]).toEqual([standing, words])
  })

  it('adds up who is there at the same time, and shows one alone', () => {
    const two = [
      { ...free, provider_id: 1 },
      { ...free, id: 2, provider_id: 2, free: 0, waiting: 1 },
    ]
    expect(timesOf(two).map((one) => [one.free, one.waiting])).toEqual([[1, 1]])
    expect(timesOf(two, 2).map((one) => one.free)).toEqual([0])
  })

  it('names the next free times and counts the others', () => {
    const many = ['14:00', '14:15', '14:30', '14:45', '15:00'].map((at) => slot(at, at))
    expect(freeWords({ slots: many })).toBe('有空的时间：14:00、14:15、14:30、14:45，还有 1 个时间')
    expect(freeWords({ slots: [free, full] })).toBe('有空的时间：14:00')
    expect(freeWords({ slots: [full] })).toBe('')
  })

  it('says its hours, its people and its rule', () => {
    const breaks = [
      { starts_at: '2026-03-18T15:00:00+08:00', ends_at: '2026-03-18T15:10:00+08:00' },
    ]
    expect(stallHours(stall({ breaks }))).toBe('14:00–16:00，15:00–15:10 休息')
    const people = [
      { id: 1, name: '李师傅', organisation: '春晖理发店' },
      { id: 2, name: '王师傅', organisation: '春晖理发店' },
      { id: 3, name: '红马甲志愿队', organisation: null },
    ]
    expect(peopleWords(people)).toBe('李师傅、王师傅（春晖理发店）、红马甲志愿队')
    expect(ruleWords(stall())).toBe('')
    expect(ruleWords(stall({ min_age: 60 }))).toBe('60 岁以上（含 60 岁）')
    expect(ruleWords(stall({ max_age: 12 }))).toBe('12 岁以下（含 12 岁）')
    expect(ruleWords(stall({ min_age: 6, max_age: 12, home_place_name: '和平社区' }))).toBe(
      '6 至 12 岁、只为和平社区的居民',
    )
  })

  it('says on the day alone from when numbers are given', () => {
    expect(numberWords(stall())).toBe('13:00 起可以到摊位取号。')
    expect(numberWords(stall({ numbers_from: '2026-03-18T12:00:00+08:00' }))).toMatch(/^现在可以/)
    expect(numberWords(stall({ closed: true }))).toBe('')
    expect(numberWords(stall({ ends_at: later }))).toBe('')
  })
})

describe('a stall whose people come home', () => {
  it('is asked for, and nobody takes a number there', () => {
    const visits = stall({ at_home: true, slots: [slot('14:00', '14:40', { free: 0 })] })
    expect(serviceWords(visits)).toBe('上门理发')
    expect(serviceWords(stall())).toBe('理发')
    expect(stallBadge(visits, market()).words).toBe('上门服务，可以申请')
    expect(stallBadge(visits, market({ books_from: '2026-03-18T13:30:00+08:00' })).words).toMatch(
      /起可以申请上门$/,
    )
    expect(stallBadge(visits, market({ cancelled: true })).words).toBe('已取消')
    expect(stallBadge(stall({ at_home: true }), market()).words).toBe('申请时间过了')
    expect(numberWords(visits)).toBe('')
  })
})
