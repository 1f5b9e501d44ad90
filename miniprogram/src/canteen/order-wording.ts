/** Orders and what they cost, in words. */
import { now } from '@/format/clock'
import { dateWithWeekday, moment, time, when } from '@/format/time'

import type { Order } from './basket'
import { yuan } from './money'
import { t } from './order-texts'
import type { Quote } from './ordering'
import { t as menus } from './texts'

type Bill = Pick<Quote, 'list_fen' | 'discount_fen' | 'fee_fen' | 'subsidy_fen'>

/** The lines of a bill above its total; what is nothing is left out. */
export function billLines(bill: Bill & Partial<Pick<Quote, 'shares' | 'rule'>>) {
  const shares = (bill.shares ?? []).map(({ payer, fen }) => t.by(t[payer], yuan(fen)))
  const why = [bill.rule, shares.join(t.join)].filter(Boolean).join(t.phrase)
  return [
    { name: t.list, words: yuan(bill.list_fen), note: '' },
    {
      name: t.discount,
      words: bill.discount_fen ? t.minus(yuan(bill.discount_fen)) : '',
      note: '',
    },
    { name: t.subsidy, words: bill.subsidy_fen ? t.minus(yuan(bill.subsidy_fen)) : '', note: why },
    { name: t.fee, words: bill.fee_fen ? yuan(bill.fee_fen) : '', note: '' },
  ].filter(({ words }) => words)
}

/** 3月19日 周四 午餐 */
export const mealWords = (one: Pick<Order, 'day' | 'meal'>) =>
  `${dateWithWeekday(one.day)} ${menus[one.meal]}`

export const isLive = (one: Pick<Order, 'state' | 'ends_at'>) =>
  one.state === 'confirmed' && moment(one.ends_at) > now()

type Standing = Pick<
  Order,
  'state' | 'ends_at' | 'served_at' | 'served_way' | 'delivery' | 'delivery_at' | 'delivery_reason'
>

/** How an order stands; what was fetched or brought, with the time: the daughter looks for it. */
export function stateWords(one: Standing): string {
  if (one.served_at) {
    return (one.served_way === 'door' ? t.brought : t.fetched)(time(one.served_at))
  }
  if (one.delivery === 'failed' && one.state === 'confirmed') {
    const why = one.delivery_reason === 'no_answer' ? t.nobodyOpened : t.notBrought
    return why(time(one.delivery_at ?? ''))
  }
  if (one.state === 'missed') return t.missed
  if (one.state !== 'confirmed' && one.state !== 'attended') return t.gone
  if (one.delivery === 'out' && one.state === 'confirmed') return t.out(time(one.delivery_at ?? ''))
  return isLive(one) ? t.state : t.over
}

/** Nothing about it needs a second look: it is coming, or it was had. */
export const goesWell = (one: Standing) =>
  Boolean(one.served_at) || (isLive(one) && one.delivery !== 'failed')

/** Whether it can still be changed, by the clock of now, and until when. */
export const mayChange = (one: Pick<Order, 'state' | 'closes_at'>) =>
  one.state === 'confirmed' && moment(one.closes_at) > now()

export const untilWords = (one: Pick<Order, 'state' | 'closes_at'>) =>
  (mayChange(one) ? t.until : t.closed)(when(one.closes_at))
