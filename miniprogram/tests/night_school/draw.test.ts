import { beforeEach, describe, expect, it } from 'vitest'

import {
  raised,
  reasonOf,
  stageOf,
  weightsOf,
  withWish,
  type Draw,
  type Wish,
} from '@/night_school/draw'

import { setNoon } from '../bookings/samples'

beforeEach(setNoon)

const wish = (given: Partial<Wish>): Wish => ({
  rank: 1,
  run_id: 7,
  title: '书法',
  place_name: '春晖社区',
  weekday: 2,
  from_time: '19:00',
  got: null,
  tickets: 1,
  position: 41,
  lots: 130,
  places: 30,
  last: 38,
  second: false,
  booking_id: null,
  ...given,
})

describe('why a wish came out as it did', () => {
  it.each([
    [wish({}), ''],
    [wish({ got: 'won' }), '录取了'],
    [wish({ got: 'full' }), '没录上：您排第 41，共 130 份登记、30 个名额，录到第 38。'],
    [wish({ got: 'full', second: true }), '名额先给大家的第一个班，您的第二个班没排上。'],
    [wish({ got: 'full', places: 0 }), '没录上：这个班没有名额了。'],
    [wish({ got: 'too_few' }), '没录上：您家排第 41，共 30 个名额，轮到时剩下的不够您一家。'],
    [wish({ got: 'overlaps' }), '没安排：和录取的班时间冲突。'],
    [wish({ got: 'enough' }), '不用了：前面的志愿已经录取。'],
    [wish({ got: 'barred' }), '没参加：截止时不符合这个班的报名条件。'],
  ])('%#', (given, words) => {
    expect(reasonOf(given)).toBe(words)
  })
})

describe('ranking wishes', () => {
  it('adds at the end, once, and no more than are allowed', () => {
    expect(withWish([1, 2], 3, 5)).toEqual([1, 2, 3])
    expect(withWish([1, 2], 2, 5)).toEqual([1, 2])
    expect(withWish([1, 2], 3, 2)).toEqual([1, 2])
  })
  it('moves one to the front, one place at a time', () => {
    expect(raised([1, 2, 3], 3)).toEqual([1, 3, 2])
    expect(raised([1, 2, 3], 1)).toEqual([1, 2, 3])
    expect(raised([1, 2, 3], 9)).toEqual([1, 2, 3])
  })
})

describe('a draw', () => {
  const draw = {
    state: 'open',
    opens_at: '2026-03-10T09:00:00+08:00',
    closes_at: '2026-03-12T18:00:00+08:00',
    number_at: '2026-03-13T21:30:00+08:00',
    home_weight: 1,
    first_weight: 0,
  } as Draw
  it.each([
    ['announced', '开始登记'],
    ['open', '截止'],
    ['closing', '正在固定名单'],
    ['closed', '已经产生'],
    ['drawn', '结果已公布'],
  ])('%s', (state, words) => {
    expect(stageOf({ ...draw, state })).toContain(words)
  })
  it('waits for the public number that is not out yet', () => {
    const later = { ...draw, state: 'closed', number_at: '2099-03-13T21:30:00+08:00' }
    expect(stageOf(later)).toContain('之后公布')
  })
  it('says its weights', () => {
    expect(weightsOf(draw)).toEqual(['报本社区的班，多 1 支签'])
    expect(weightsOf({ ...draw, home_weight: 0 })).toEqual(['不加签，人人一样'])
  })
})
