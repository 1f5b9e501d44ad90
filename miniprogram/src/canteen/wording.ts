/** Canteens, menus and dishes in words, and which menu to show first. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { price } from '@/format/money'
import { moment, when } from '@/format/time'

import { t } from './texts'

export type Canteen = Answer<'get', '/canteens'>[number]
export type Kitchen = Answer<'get', '/canteens/{canteen_id}'>
export type Menu = Kitchen['menus'][number]
export type Dish = Menu['dishes'][number]
export type Mode = Kitchen['meals'][number]['modes'][number]

const HOUR = 60
const two = (number: number) => String(number).padStart(2, '0')
const clockTime = (minute: number) => `${Math.floor(minute / HOUR)}:${two(minute % HOUR)}`

/** A line for each meal: 早餐 6:30–8:30 */
export const hoursWords = ({ meals }: Pick<Canteen, 'meals'>): string =>
  meals
    .map((one) => t.hours(t[one.meal], clockTime(one.from_minute), clockTime(one.until_minute)))
    .join('\n')

/** Every way to eat there, once: 堂食、自取、送餐 */
export function modesWords({ meals }: Pick<Canteen, 'meals'>): string {
  const modes: Mode[] = ['dine_in', 'pick_up', 'delivery']
  return modes
    .filter((mode) => meals.some((one) => one.modes.includes(mode)))
    .map((mode) => t[mode])
    .join(t.join)
}

/** 2 元 一次，满 30 元免费; empty where nothing is delivered. */
export function feeWords(
  canteen: Pick<Canteen, 'meals' | 'delivery_fen' | 'free_from_fen'>,
): string {
  if (!canteen.meals.some(({ modes }) => modes.includes('delivery'))) return ''
  if (canteen.delivery_fen === 0) return t.free
  const fee = price(canteen.delivery_fen)
  return canteen.free_from_fen === null ? t.fee(fee) : t.freeFrom(fee, price(canteen.free_from_fen))
}

/** Whether it can still be ordered: exactly at the deadline it is closed. */
export const isOpen = (menu: Pick<Menu, 'closes_at' | 'cancelled'>) =>
  !menu.cancelled && moment(menu.closes_at) > now()

/** Until when it can be ordered, or that this is over. */
export const untilWords = ({ closes_at }: Pick<Menu, 'closes_at'>) =>
  moment(closes_at) > now() ? t.orderUntil(when(closes_at)) : t.closed(when(closes_at))

/** The days with a menu, each once, in their order. */
export const daysOf = ({ menus }: Pick<Kitchen, 'menus'>): string[] => [
  ...new Set(menus.map(({ day }) => day)),
]

/** What comes to mind first: the next meal that can still be ordered, else the next one at all. */
export const firstMenu = ({ menus }: Pick<Kitchen, 'menus'>): Menu | null =>
  menus.find(isOpen) ?? menus.find(({ ends_at }) => moment(ends_at) > now()) ?? menus[0] ?? null

/** The same meal on another day, else that day's first that is open, else its first. */
export function menuOn({ menus }: Pick<Kitchen, 'menus'>, day: string, meal: string): Menu | null {
  const there = menus.filter((one) => one.day === day)
  return there.find((one) => one.meal === meal) ?? there.find(isOpen) ?? there[0] ?? null
}

/** 过敏提醒：含大豆、蛋; empty where nothing has to be declared. */
export const allergenWords = ({ allergens }: Pick<Dish, 'allergens'>) =>
  allergens.length ? t.contains(allergens.map((one) => t[one]).join(t.join)) : ''

const FEW = 10

/** 还剩 3 份 where few are left, 订完了; empty where there is no need to hurry. */
export function leftWords({ left }: Pick<Dish, 'left'>): string {
  if (left === null || left > FEW) return ''
  return left > 0 ? t.left(left) : t.gone
}

/** The address of a dish's picture below the API's own. */
export const pictureOf = ({ picture }: Pick<Dish, 'picture'>) =>
  picture && `/mp/v1/pictures/${encodeURIComponent(picture)}`
