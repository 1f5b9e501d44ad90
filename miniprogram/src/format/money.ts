import { language } from '@/state/settings'

/** Fen as people write money: 免费, 20 元, 20.50 元. */
export function price(fen: number): string {
  const zh = language.value === 'zh'
  if (fen === 0) return zh ? '免费' : 'Free'
  const yuan = fen % 100 === 0 ? String(fen / 100) : (fen / 100).toFixed(2)
  return zh ? `${yuan} 元` : `¥${yuan}`
}
