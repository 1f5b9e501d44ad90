import { beforeEach, describe, expect, it } from 'vitest'

import {
  byPerson,
  dayWords,
  dishesOf,
  helpOf,
  isRest,
  lacksSets,
  mayPutBack,
  maySkip,
  pauseWords,
  restedWords,
  usualMeal,
  weekdaysWords,
  whatWords,
  type StandingDay,
  type StandingOrder,
} from '@/canteen/standing'

import { setNoon } from '../bookings/samples'
import { dish, kitchen, menu } from './samples'

beforeEach(setNoon)

const day = (more: Partial<StandingDay> = {}): StandingDay => ({
  day: '2026-03-19',
  state: 'made',
  why: null,
  booking_id: 5,
  closes_at: '2026-03-18T16:00:00+08:00',
  closed: false,
  ...more,
})

describe('a standing order in words', () => {
  it.each([
    [[0, 1, 2, 3, 4], '周一到周五'],
    [[0, 1, 2, 3, 4, 5, 6], '每天'],
    [[0, 2, 6], '周一、周三、周日'],
  ])('names the days %j', (weekdays, words) => {
    expect(weekdaysWords(weekdays)).toBe(words)
  })

  it('names the dishes, or the set meal', () => {
    const dishes = [
      { id: 1, name: '红烧豆腐' },
      { id: 2, name: '清炒时蔬' },
    ]
    expect(whatWords({ dishes, portions: 2 })).toBe('红烧豆腐、清炒时蔬 × 2')
    expect(whatWords({ dishes: [], portions: 1 })).toBe('当天的套餐')
  })

  it('stands with the others of its person', () => {
    const of = (person_id: number, id: number) => ({ person_id, id }) as StandingOrder
    const orders = [of(7, 1), of(8, 2), of(7, 3)]
    expect(byPerson(orders).map((one) => one.map(({ id }) => id))).toEqual([[1, 3], [2]])
  })
})

describe('a day', () => {
  it.each<[Partial<StandingDay>, string]>([
    [{}, '订好了'],
    [{ state: 'coming' }, '马上订'],
    [{ state: 'coming', closes_at: null }, '等菜单'],
    [{ state: 'left_out', why: 'money' }, '还没订上：餐卡余额不够'],
    [{ state: 'left_out', why: 'clash', closed: true }, '已截止，没有订上：和登记的忌口有冲突'],
    [{ state: 'too_late', closed: true, closes_at: null }, '已截止，没有订上'],
    [{ state: 'not_served', closed: true, closes_at: null }, '这天不供餐'],
    [{ state: 'rests' }, '暂停'],
  ])('%j is told', (more, words) => {
    expect(dayWords(day(more))).toBe(words)
  })

  it('is left out and put back until it is closed', () => {
    expect(['made', 'left_out', 'coming', 'own'].map((state) =>
      maySkip(day({ state: state as StandingDay['state'] })),
    )).toEqual([true, true, true, false]) // prettier-ignore
    expect(maySkip(day({ closed: true }))).toBe(false)
    expect(mayPutBack(day({ state: 'skipped' }))).toBe(true)
    expect(mayPutBack(day({ state: 'skipped', closed: true }))).toBe(false)
  })

  it('that lacks something says what helps, while it is open', () => {
    const short = day({ state: 'left_out', why: 'money' })
    expect(helpOf([day(), short])).toBe('有几天余额不够，没订上。餐卡充好钱，会自动再订。')
    expect(helpOf([day({ ...short, closed: true })])).toBe('')
    expect(helpOf([day({ state: 'left_out', why: 'sold_out' })])).toBe('')
  })
})

describe('a rest', () => {
  it('is told with its end, or without', () => {
    const rest = { id: 1, person_id: 7, from_day: '2026-03-19', why: 'hospital' } as const
    expect(pauseWords({ ...rest, until_day: null })).toBe(
      '住院：3月19日 周四起停订，恢复之前一直停。',
    )
    expect(pauseWords({ ...rest, until_day: '2026-03-20' })).toBe(
      '住院：3月19日 周四到3月20日 周五停订。',
    )
  })

  it.each<[string, string | null, boolean]>([
    ['2026-03-18', null, true],
    ['2026-03-18', '2026-03-18', true],
    ['2026-03-17', null, false],
    ['2026-03-19', '2026-03-18', false],
    ['', null, false],
  ])('from %s until %s: %s', (from, until, good) => {
    expect(isRest(from, until)).toBe(good)
  })

  it('says what was given back, and what is cooked all the same', () => {
    const meal = (iso: string) => ({ day: iso, meal: 'lunch' as const })
    expect(restedWords({ given_back: [meal('2026-03-20')], stay: [meal('2026-03-19')] })).toBe(
      '停好了，退了 1 餐，钱回到餐卡。3月19日 周四 午餐已经截止，照常备餐。',
    )
  })
})

describe('a new one', () => {
  const set = dish({ id: 2, dish_id: 12, name: '套餐', is_set: true })

  it('is lunch where nothing else is asked for', () => {
    expect(usualMeal(kitchen(), '')).toBe('lunch')
    expect(usualMeal(kitchen(), 'breakfast')).toBe('breakfast')
    expect(usualMeal(kitchen(), 'dinner')).toBe('lunch')
  })

  it('is made of what is on the menus of its meal, each dish once', () => {
    const menus = [menu(), menu({ id: 2, dishes: [dish(), set] }), menu({ meal: 'dinner' })]
    expect(dishesOf({ menus }, 'lunch').map(({ name }) => name)).toEqual(['红烧豆腐', '套餐'])
  })

  it('warns where the menus have no set meal', () => {
    expect(lacksSets({ menus: [] }, 'lunch')).toBe(false)
    expect(lacksSets({ menus: [menu()] }, 'lunch')).toBe(true)
    expect(lacksSets({ menus: [menu(), menu({ dishes: [set] })] }, 'lunch')).toBe(false)
  })
})
