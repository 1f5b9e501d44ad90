/** Draws in words: where one stands, and why a wish came out as it did. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { moment, weekdayName, when } from '@/format/time'
import { API_BASE } from '@/platform/which'

import { t } from './draw-texts'
import { hourOf } from './wording'

export type Draw = Answer<'get', '/night-school/draws'>[number]
export type Application = Answer<'get', '/night-school/draws/applications'>[number]
export type Wish = Application['wishes'][number]

type Stage = Pick<Draw, 'state' | 'opens_at' | 'closes_at' | 'number_at'>

/** Where a draw stands, with the moment that matters next. */
export function stageOf(draw: Stage): string {
  switch (draw.state) {
    case 'announced':
      return t.announced(when(draw.opens_at))
    case 'open':
      return t.open(when(draw.closes_at))
    case 'closing':
      return t.closing
    case 'closed':
      return moment(draw.number_at) > now() ? t.closed(when(draw.number_at)) : t.numberOut
    case 'drawing':
      return t.drawing
    case 'drawn':
      return t.drawn
    default:
      return t.draft
  }
}

export const weeklyOf = (run: { weekday: number; from_time: string }) =>
  t.weekly(weekdayName(run.weekday), hourOf(run.from_time))

/** What the weights give, a line each. */
export function weightsOf(draw: Draw): string[] {
  const lines = [
    draw.home_weight ? t.weightHome(draw.home_weight) : '',
    draw.first_weight ? t.weightFirst(draw.first_weight) : '',
  ].filter(Boolean)
  return lines.length ? lines : [t.weightNone]
}

/** Why a wish came out as it did; nothing before it is drawn. */
export function reasonOf(wish: Wish): string {
  const { position, lots, places, last } = wish
  switch (wish.got) {
    case 'won':
      return t.won
    case 'full':
      if (wish.second) return t.fullSecond
      return places ? t.full(position ?? 0, lots ?? 0, places, last ?? 0) : t.noPlaces
    case 'too_few':
      return t.tooFew(position ?? 0, places ?? 0)
    case 'overlaps':
      return t.overlaps
    case 'enough':
      return t.enough
    case 'barred':
      return t.barred
    default:
      return ''
  }
}

/** The wishes with one more at the end, unless it is there or there are `most` already. */
export function withWish(wishes: number[], run: number, most: number): number[] {
  return wishes.includes(run) || wishes.length >= most ? wishes : [...wishes, run]
}

/** The wishes with this one a place further to the front. */
export function raised(wishes: number[], run: number): number[] {
  const at = wishes.indexOf(run)
  if (at < 1) return wishes
  return [...wishes.slice(0, at - 1), run, wishes[at - 1]!, ...wishes.slice(at + 1)]
}

/** The address of a public file of the API, to open in any browser. */
export function fileAddress(path: string): string {
  let base: string = API_BASE
  // #ifdef H5
  base ||= location.origin
  // #endif
  return `${base}/mp/v1${path}`
}
