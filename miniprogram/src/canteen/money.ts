/** Money of an order or an account in words. */
import { price } from '@/format/money'
import { language } from '@/state/settings'

/** 12.50 元; nothing is 0 元, for a sum of which nothing is left is not free. */
export function yuan(fen: number): string {
  if (fen !== 0) return price(fen)
  return language.value === 'zh' ? '0 元' : '¥0'
}
