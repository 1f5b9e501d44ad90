import { beforeEach, expect, it } from 'vitest'

import {
  grantWords,
  isThisMonth,
  monthAfter,
  monthWords,
  movement,
  sumsOf,
  type Account,
} from '@/canteen/account'
import { areShort, toggled, typedOf, wordsOf } from '@/canteen/diet'

import { setNoon } from '../bookings/samples'

beforeEach(setNoon)

const account = (month: string): Account => ({
  person_id: 7,
  available_fen: 1200,
  held_fen: 800,
  grants: [],
  month,
  opening_fen: 0,
  in_fen: 2000,
  out_fen: 0,
  closing_fen: 2000,
  lines: [],
})

it.each([
  ['2026-03', -1, '2026-02'],
  ['2026-01', -1, '2025-12'],
  ['2025-12', 1, '2026-01'],
])('goes from month to month', (month, by, to) => {
  expect(monthAfter(month, by)).toBe(to)
})

it('names months, and knows which is not over', () => {
  expect(monthWords('2026-03')).toBe('2026年3月')
  expect([isThisMonth('2026-02'), isThisMonth('2026-03')]).toEqual([false, true])
})

it('adds a month up in words', () => {
  const words = (month: string) => sumsOf(account(month)).map((one) => `${one.name} ${one.words}`)
  expect(words('2026-03')).toEqual(['月初有 0 元', '存入 +20 元', '用掉 0 元', '现在一共 20 元'])
  expect(words('2026-02')[3]).toBe('月末有 20 元')
  expect([movement(-850), movement(0)]).toEqual(['−8.50 元', '0 元'])
})

it('says until when a grant has to be used', () => {
  const grant = { name: '重阳节补助', fen: 5000, expires_on: '2026-12-31' }
  expect(grantWords(grant)).toBe('其中 重阳节补助 50 元，12月31日前用掉')
  expect(grantWords({ ...grant, expires_on: null })).toBe('其中 重阳节补助 50 元')
})

it.each([
  ['香菜，羊肉、香菜 ', ['香菜', '羊肉']],
  ['', []],
  ['、，', []],
])('reads what somebody does not eat from %s', (typed, words) => {
  expect(wordsOf(typed)).toEqual(words)
})

it('writes it again, knows what is too long, and ticks', () => {
  expect(typedOf(['香菜', '羊肉'])).toBe('香菜、羊肉')
  expect([areShort(['香菜']), areShort(['一二三四五六七八九十一'])]).toEqual([true, false])
  expect(areShort(Array.from({ length: 13 }, (_, index) => `${index}`))).toBe(false)
  expect([toggled(['egg'], 'milk', true), toggled(['egg'], 'egg', false)]).toEqual([
    ['egg', 'milk'],
    [],
  ])
})
