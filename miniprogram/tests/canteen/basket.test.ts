import { beforeEach, describe, expect, it } from 'vitest'

import {
  chosenOf,
  dishesWords,
  mostOf,
  orderedWords,
  packed,
  portionsOf,
  sameAs,
  totalOf,
  unpacked,
  weekBefore,
} from '@/canteen/basket'
import { billLines, mayChange, stateWords, untilWords } from '@/canteen/order-wording'

import { setNoon } from '../bookings/samples'
import { dish, line, menu, order } from './samples'

beforeEach(setNoon)

const greens = dish({ id: 2, dish_id: 12, name: '清炒时蔬', price_fen: 400, list_fen: 400 })

it('adds up what is chosen, in the order of the menu', () => {
  const chosen = chosenOf([dish(), greens], { 2: 2, 1: 1, 77: 3 })
  expect([portionsOf(chosen), totalOf(chosen)]).toEqual([3, 1600])
  expect(dishesWords(chosen.map((one) => ({ ...one.dish, ...one })))).toBe(
    '红烧豆腐 × 1、清炒时蔬 × 2',
  )
})

it('says what is cooked for a dish that was replaced', () => {
  const dishes = [line({ name: '清蒸鲈鱼', instead: '虾仁' }), line({ portions: 2 })]
  expect(orderedWords(dishes)).toBe('清蒸鲈鱼 × 1（换成了虾仁）、红烧豆腐 × 2')
})

it.each([
  ['', {}],
  ['1x2-15x1', { 1: 2, 15: 1 }],
  ['1x0-x-2x-3y1-4x1e9-5x1', { 5: 1 }],
  [undefined, {}],
])('reads a choice from an address: %s', (text, basket) => {
  expect(unpacked(text)).toEqual(basket)
})

it('writes a choice into an address', () => {
  expect(packed({ 1: 2, 3: 0, 15: 1 })).toBe('1x2-15x1')
})

it.each([
  [null, 2, 0, 2],
  [5, 2, 0, 2],
  [1, 2, 0, 1],
  [0, 2, 1, 1],
  [-3, 2, 0, 0],
])('offers no more than are left beside those one has', (left, most, had, may) => {
  expect(mostOf({ left }, most, had)).toBe(may)
})

describe('the same as last week', () => {
  it.each([
    ['the same meal', order(), 5],
    ['not another canteen', order({ canteen_id: 2 }), undefined],
    ['not another meal', order({ meal: 'breakfast' }), undefined],
    ['not yesterday', order({ day: '2026-03-18' }), undefined],
    ['nothing that was given back', order({ state: 'cancelled' }), undefined],
  ])('%s', (_name, one, id) => {
    expect(weekBefore([one], menu(), 1)?.booking_id).toBe(id)
  })

  it('takes what is cooked this time, and names what is not', () => {
    const before = order({
      dishes: [
        line({ portions: 3 }),
        line({ dish_id: 12, name: '清炒时蔬' }),
        line({ dish_id: 13, name: '红烧肉' }),
      ],
    })
    const gone = { ...greens, left: 0 }
    expect(sameAs(before, menu({ dishes: [dish(), gone] }), 2)).toEqual({
      basket: { 1: 2 },
      missing: ['清炒时蔬', '红烧肉'],
    })
  })
})

it('shows what is paid by whom, and leaves out what is nothing', () => {
  const bill = {
    list_fen: 1600,
    discount_fen: 0,
    subsidy_fen: 350,
    fee_fen: 200,
    rule: '老年助餐',
    shares: [
      { payer: 'street' as const, fen: 250 },
      { payer: 'community' as const, fen: 100 },
    ],
  }
  expect(billLines(bill).map(({ name, words, note }) => [name, words, note])).toEqual([
    ['菜价', '16 元', ''],
    ['政府补贴', '−3.50 元', '老年助餐；街道2.50 元、社区1 元'],
    ['送餐费', '2 元', ''],
  ])
})

describe('an order', () => {
  const coming = { closes_at: menu().closes_at, ends_at: menu().ends_at }
  const mine = order({ ...coming, state: 'confirmed' })

  it('can be changed until its deadline, and not at it', () => {
    expect([mayChange(mine), untilWords(mine)]).toEqual([true, '今天 16:00 前可以改、可以退。'])
    const shut = { ...mine, closes_at: '2026-03-18T12:00:00+08:00' }
    expect(mayChange(shut)).toBe(false)
    expect(untilWords(shut)).toContain('今天 12:00 已经截止')
  })

  const eaten = {
    state: 'attended',
    served_at: '2026-03-12T11:42:00+08:00',
    served_way: 'counter',
  } as const

  const failed = {
    state: 'confirmed',
    delivery: 'failed',
    delivery_at: '2026-03-12T11:42:00+08:00',
  } as const

  it.each([
    [mine, '订好了'],
    [order({ state: 'confirmed' }), '这一餐已经结束'],
    [order(eaten), '已取餐 11:42'],
    [order({ ...eaten, served_way: 'door' }), '已送达 11:42'],
    [
      order({ state: 'confirmed', delivery: 'out', delivery_at: '2026-03-12T11:20:00+08:00' }),
      '11:20 出发，正在送来',
    ],
    [order({ ...failed, delivery_reason: 'no_answer' }), '11:42 上门无人应答'],
    [order({ ...failed, delivery_reason: 'wrong_address' }), '11:42 没有送到'],
    [order({ ...failed, delivery_reason: 'no_answer', state: 'cancelled' }), '已经退订'],
    [order({ state: 'missed' }), '没有来取'],
    [order({ state: 'cancelled' }), '已经退订'],
  ])('says how it stands', (one, words) => {
    expect(stateWords(one)).toBe(words)
  })
})
