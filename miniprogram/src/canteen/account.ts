/** A meal account in words, and the months of its statement. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { date, isoDay } from '@/format/time'

import { t } from './account-texts'
import { yuan } from './money'
import { t as orders } from './order-texts'

export type Account = Answer<'get', '/canteens/account'>

const MONTHS = 12

/** 2026-03 as 2026年3月 */
export function monthWords(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return t.month(year, number)
}

/** The month so many months later (or earlier): 2026-01 less one is 2025-12. */
export function monthAfter(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const since = year * MONTHS + number - 1 + by
  return `${Math.floor(since / MONTHS)}-${String((since % MONTHS) + 1).padStart(2, '0')}`
}

export const isThisMonth = (month: string) => month >= isoDay(now()).slice(0, 7)

/** +20 元, −8 元, 0 元 */
export function movement(fen: number): string {
  if (fen === 0) return yuan(0)
  return fen < 0 ? orders.minus(yuan(-fen)) : t.plus(yuan(fen))
}

/** 其中 重阳节补助 50 元，12月31日前用掉 */
export const grantWords = ({ name, fen, expires_on: last }: Account['grants'][number]) =>
  last ? t.grantUntil(name, yuan(fen), date(last)) : t.grant(name, yuan(fen))

/** The sums of a month: opening + in - out = closing. */
export const sumsOf = (account: Account) => [
  { name: t.opening, words: yuan(account.opening_fen) },
  { name: t.came, words: movement(account.in_fen) },
  { name: t.went, words: movement(-account.out_fen) },
  {
    name: isThisMonth(account.month) ? t.closingNow : t.closing,
    words: yuan(account.closing_fen),
  },
]
