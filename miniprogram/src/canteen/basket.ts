/** What has been chosen from a menu: portions by dish, also as part of a page's address. */
import type { Answer } from '@/api/client'

import { t } from './order-texts'
import type { Dish, Menu } from './wording'

export type Order = Answer<'get', '/canteens/orders'>[number]
type Line = Order['dishes'][number]
/** Portions by the id that a dish has on its menu. */
export type Basket = Record<number, number>

export interface Chosen {
  dish: Dish
  portions: number
}

/** The dishes that are chosen, in the menu's order; what is not on the menu any more is left out. */
export const chosenOf = (dishes: Dish[], basket: Basket): Chosen[] =>
  dishes
    .map((dish) => ({ dish, portions: basket[dish.id] ?? 0 }))
    .filter(({ portions }) => portions > 0)

export const portionsOf = (chosen: Chosen[]) =>
  chosen.reduce((sum, { portions }) => sum + portions, 0)

/** Before subsidies: what the dishes cost together. */
export const totalOf = (chosen: Chosen[]) =>
  chosen.reduce((sum, { dish, portions }) => sum + dish.price_fen * portions, 0)

/** 红烧肉 × 1、清炒时蔬 × 2 */
export const dishesWords = (dishes: { name: string; portions: number }[]): string =>
  dishes.map(({ name, portions }) => t.portions(name, portions)).join(t.join)

/** 清蒸鲈鱼 × 1（换成了虾仁）、清炒时蔬 × 2 */
export const orderedWords = (dishes: Pick<Line, 'name' | 'portions' | 'instead'>[]): string =>
  dishes
    .map(
      ({ name, portions, instead }) =>
        t.portions(name, portions) + (instead ? t.instead(instead) : ''),
    )
    .join(t.join)

/** How many of a dish somebody may have: of those left, and with those they have ordered already. */
export function mostOf(dish: Pick<Dish, 'left'>, most: number, had = 0): number {
  return dish.left === null ? most : Math.max(0, Math.min(most, dish.left + had))
}

/** `12x1-15x2` */
export const packed = (basket: Basket): string =>
  Object.entries(basket)
    .filter(([, portions]) => portions > 0)
    .map(([id, portions]) => `${id}x${portions}`)
    .join('-')

export function unpacked(text: string | undefined): Basket {
  const found: Basket = {}
  for (const pair of (text ?? '').split('-')) {
    const [, id, portions] = /^(\d+)x(\d{1,2})$/.exec(pair) ?? []
    if (id && Number(portions)) found[Number(id)] = Number(portions)
  }
  return found
}

const WEEK_MS = 7 * 86_400_000

/** The order of the same meal a week before, if there was one: nothing is kept that was cancelled. */
export function weekBefore(orders: Order[], menu: Menu, canteenId: number): Order | null {
  const before = new Date(Date.parse(`${menu.day}T00:00:00Z`) - WEEK_MS).toISOString().slice(0, 10)
  const same = orders.filter(
    (one) =>
      one.day === before &&
      one.meal === menu.meal &&
      one.canteen_id === canteenId &&
      one.state !== 'cancelled',
  )
  return same[0] ?? null
}

export interface Again {
  basket: Basket
  /** What is not cooked this time, or is sold out. */
  missing: string[]
}

/** An earlier order's dishes, as far as they are on this menu. */
export function sameAs(
  order: Pick<Order, 'dishes'>,
  menu: Pick<Menu, 'dishes'>,
  most: number,
): Again {
  const basket: Basket = {}
  const missing: string[] = []
  for (const { dish_id, name, portions } of order.dishes) {
    const there = menu.dishes.find((one) => one.dish_id === dish_id)
    const had = there ? Math.min(portions, mostOf(there, most)) : 0
    if (there && had) basket[there.id] = had
    else missing.push(name)
  }
  return { basket, missing }
}
