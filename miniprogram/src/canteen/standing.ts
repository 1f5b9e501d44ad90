/** Standing orders in words, and what a new one can be made of. */
import type { Answer, Body } from '@/api/client'
import { now } from '@/format/clock'
import { dateWithWeekday, isoDay, weekdayName } from '@/format/time'

import { t } from './standing-texts'
import { t as menus } from './texts'
import { isOpen, type Dish, type Kitchen } from './wording'

export type Standing = Answer<'get', '/standing-orders'>
export type StandingOrder = Standing['orders'][number]
export type StandingDay = StandingOrder['days'][number]
export type Pause = Standing['pauses'][number]
export type Rested = Answer<'post', '/standing-orders/pause'>
export type Wish = NonNullable<Body<'post', '/standing-orders'>>

const WORKDAYS = [0, 1, 2, 3, 4]
const WEEK = [...WORKDAYS, 5, 6]
/** The server takes no more. */
export const MOST_DISHES = 5

/** 周一到周五, 每天, 周一、周三 */
export function weekdaysWords(weekdays: number[]): string {
  const same = (days: number[]) => String(weekdays) === String(days)
  if (same(WEEK)) return t.everyDay
  return same(WORKDAYS) ? t.workdays : weekdays.map(weekdayName).join(t.join)
}

/** 红烧豆腐、清炒时蔬 × 2; without dishes 当天的套餐 */
export function whatWords({
  dishes,
  portions,
}: Pick<StandingOrder, 'dishes' | 'portions'>): string {
  const what = dishes.length ? dishes.map(({ name }) => name).join(t.join) : t.theSet
  return portions > 1 ? t.portions(what, portions) : what
}

/** How a day stands; what was left out says why. */
export function dayWords({ state, why, closed, closes_at: closes }: StandingDay): string {
  if (state === 'left_out') return (closed ? t.left_out_closed : t.left_out)(t[why ?? 'rule'])
  if (state === 'coming') return closes ? t.soon : t.waits
  return t[state]
}

/** What can be done about what was left out and is open still; empty where nothing can. */
export function helpOf(days: StandingDay[]): string {
  const open = days.filter(({ state, closed }) => state === 'left_out' && !closed)
  if (open.some(({ why }) => why === 'money')) return t.moneyHow
  return open.some(({ why }) => why === 'address') ? t.addressHow : ''
}

export const maySkip = ({ state, closed }: StandingDay) =>
  !closed && ['made', 'left_out', 'coming'].includes(state)

export const mayPutBack = ({ state, closed }: StandingDay) => !closed && state === 'skipped'

/** 住院：3月17日 周二起停订，恢复之前一直停。 */
export const pauseWords = ({ why, from_day: from, until_day: until }: Pause) =>
  until
    ? t.restsUntil(t[why], dateWithWeekday(from), dateWithWeekday(until))
    : t.restsOpen(t[why], dateWithWeekday(from))

/** What a rest came to: how much was given back, and what is cooked all the same. */
export function restedWords({ given_back: back, stay }: Rested): string {
  const meals = stay.map(({ day, meal }) => `${dateWithWeekday(day)} ${menus[meal]}`)
  return t.rested(back.length) + (meals.length ? t.stays(meals.join(t.join)) : '')
}

/** By person, in the order of the list. */
export function byPerson(orders: StandingOrder[]): StandingOrder[][] {
  const people = [...new Set(orders.map(({ person_id: person }) => person))]
  return people.map((one) => orders.filter(({ person_id: person }) => person === one))
}

export const today = () => isoDay(now())

/** Whether a rest may begin and end then; no end: until it is resumed. */
export const isRest = (from: string, until: string | null) =>
  from >= today() && (until === null || until >= from)

type Menus = Pick<Kitchen, 'menus'>

/** Every dish on the menus of a meal, once. */
export function dishesOf({ menus: shown }: Menus, meal: string): Dish[] {
  const found = new Map<number, Dish>()
  for (const one of shown.filter((menu) => menu.meal === meal))
    for (const dish of one.dishes) if (!found.has(dish.dish_id)) found.set(dish.dish_id, dish)
  return [...found.values()]
}

/** Whether menus of that meal are on show, but none of them has a set. */
export function lacksSets({ menus: shown }: Menus, meal: string): boolean {
  const open = shown.filter((menu) => menu.meal === meal && isOpen(menu))
  return open.length > 0 && !open.some(({ dishes }) => dishes.some((one) => one.is_set))
}

/** What is asked for by default: lunch where there is one. */
export function usualMeal({ meals }: Pick<Kitchen, 'meals'>, asked: string) {
  const find = (name: string) => meals.find(({ meal }) => meal === name)
  return (find(asked) ?? find('lunch') ?? meals[0])?.meal ?? null
}

/** `11-12` of the page's address. */
export const unpackedIds = (text: string | undefined): number[] =>
  (text ?? '').split('-').map(Number).filter(Boolean)
