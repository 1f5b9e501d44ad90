import { beforeEach, describe, expect, it } from 'vitest'

import {
  allergenWords,
  daysOf,
  feeWords,
  firstMenu,
  hoursWords,
  isOpen,
  leftWords,
  pictureOf,
  menuOn,
  modesWords,
  untilWords,
} from '@/canteen/wording'

import { setNoon } from '../bookings/samples'
import { breakfast, dish, kitchen, menu } from './samples'

beforeEach(setNoon)

it('says when a canteen serves, how one eats there and what delivery costs', () => {
  expect(hoursWords(kitchen())).toBe('早餐 6:30–8:30\n午餐 11:00–12:30')
  expect(modesWords(kitchen())).toBe('堂食、自取、送餐')
  expect(feeWords(kitchen())).toBe('2 元 一次，满 30 元免费')
  expect(feeWords(kitchen({ free_from_fen: null }))).toBe('2 元 一次')
  expect(feeWords(kitchen({ delivery_fen: 0 }))).toBe('免费送')
  expect(feeWords(kitchen({ meals: [breakfast] }))).toBe('')
})

describe('which menu is shown', () => {
  const today = menu({
    id: 2,
    day: '2026-03-18',
    starts_at: '2026-03-18T11:00:00+08:00',
    ends_at: '2026-03-18T12:30:00+08:00',
    closes_at: '2026-03-17T16:00:00+08:00',
  })
  const early = menu({ id: 3, meal: 'breakfast' })
  const off = menu({ id: 4, cancelled: true })
  const shut = { ...early, closes_at: '2026-03-18T12:00:00+08:00' }
  const all = kitchen({ menus: [today, early, menu()] })

  it.each([
    ['the first that can be ordered', [today, early, menu()], 3],
    ['not one whose meal is cancelled', [off, menu({ id: 5 })], 5],
    ['else the one that is eaten now', [today], 2],
    ['nothing where nothing is planned', [], undefined],
  ])('%s', (_name, menus, id) => {
    expect(firstMenu(kitchen({ menus }))?.id).toBe(id)
  })

  it('names each day once', () => {
    expect(daysOf(all)).toEqual(['2026-03-18', '2026-03-19'])
  })

  it('stays at the meal when the day changes, where that is cooked', () => {
    expect(menuOn(all, '2026-03-19', 'lunch')?.id).toBe(1)
    expect(menuOn(all, '2026-03-18', 'breakfast')?.id).toBe(2)
    expect(menuOn(kitchen({ menus: [shut, menu()] }), '2026-03-19', '')?.id).toBe(1)
  })

  it('is closed exactly at the deadline', () => {
    expect([isOpen(menu()), isOpen(shut), isOpen(off)]).toEqual([true, false, false])
    expect(untilWords(menu())).toBe('今天 16:00 前点餐')
    expect(untilWords(shut)).toBe('今天 12:00 已经截止，不能再点、再改了。')
  })
})

it.each([
  [null, ''],
  [11, ''],
  [10, '还剩 10 份'],
  [0, '订完了'],
  [-1, '订完了'],
])('says when few portions are left', (left, words) => {
  expect(leftWords(dish({ left }))).toBe(words)
})

it('names what somebody may be allergic to', () => {
  expect(allergenWords(dish({ allergens: ['soy', 'egg'] }))).toBe('过敏提醒：含大豆、蛋')
  expect(allergenWords(dish())).toBe('')
})

it('finds the pictures of dishes where the API keeps them', () => {
  expect(pictureOf(dish({ picture: 'dish-fish.svg' }))).toBe('/mp/v1/pictures/dish-fish.svg')
  expect(pictureOf(dish())).toBe(null)
})
