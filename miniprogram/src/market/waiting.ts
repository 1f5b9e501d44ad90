/** A number in a stall's line: where it stands, about how long it takes, and what is worth saying aloud. */
import type { Answer } from '@/api/client'
import { moment, time } from '@/format/time'

import { t } from './number-texts'

export type Line = Answer<'get', '/market/stalls/{stall_id}/line'>
export type Ticket = Answer<'get', '/market/tickets'>[number]

type Ended = 'served' | 'no_show' | 'left' | 'closed' | 'moved' | 'unknown'

export type Place =
  | { kind: 'waiting'; ahead: number; minutes: number }
  | { kind: 'called'; desk: number; again: boolean }
  | { kind: Ended }

export const isLive = ({ stage }: Pick<Ticket, 'stage'>) =>
  stage === 'waiting' || stage === 'called'

/** Where a number is; who stands in the line no more has the end that was told of their ticket. */
export function placeOf(number: number, line: Line, ticket: Ticket | null): Place {
  const called = line.called.find((one) => one.number === number)
  if (called) return { kind: 'called', desk: called.desk, again: called.recalls > 0 }
  const waits = line.waiting.find((one) => one.number === number)
  if (waits) return { kind: 'waiting', ahead: waits.ahead, minutes: waits.minutes }
  const ended = ticket && !isLive(ticket) ? ticket.stage : 'unknown'
  return { kind: ended as Ended }
}

export const aheadWords = (ahead: number) => (ahead ? t.ahead(ahead) : t.next)

const SOON = 2
const HOUR = 60

/** 马上就到, 大约 10 分钟, 还早，大约 1 个半小时: no finer than it can be known. */
export function aboutWords(minutes: number): string {
  if (minutes <= SOON) return t.soon
  const rounded = Math.ceil(minutes / 5) * 5
  if (rounded < HOUR) return t.about(rounded)
  return t.early(Math.ceil(minutes / 30) / 2)
}

/** What is said of the time; nothing is promised while the stall rests or is not open yet. */
export function timeWords(place: Place, line: Line): string {
  if (place.kind !== 'waiting') return ''
  if (line.paused) return t.pausedTime
  if (moment(line.opens_at) > moment(line.now)) return t.opens(time(line.opens_at))
  return aboutWords(place.minutes)
}

/** Whether, at the pace so far, the stall closes before this number's turn. */
export function isInVain(place: Place, line: Line): boolean {
  if (place.kind !== 'waiting') return false
  return moment(line.now) + place.minutes * 60_000 >= moment(line.closes_at)
}

/** 12 号、13 号; with the desks where there are several. */
export function calledWords({ called }: Pick<Line, 'called'>): string {
  if (!called.length) return t.nobodyCalled
  const several = called.length > 1
  return called
    .map(({ number, desk }) => (several ? t.calledAt(number, desk) : t.number(number)))
    .join(t.join)
}

/** So near to one's turn every step is said aloud; further off only every fifth. */
const NEAR = 3
const STEP = 5

/** What somebody who cannot see the page should hear now; empty where nothing is worth it. */
export function spoken(before: Place | null, place: Place): string {
  if (place.kind === 'called') {
    const news = before?.kind !== 'called' || (place.again && !before.again)
    return news ? t.yourTurnAt(place.desk) : ''
  }
  if (place.kind !== 'waiting') return before && before.kind !== place.kind ? endWords(place) : ''
  const was = before?.kind === 'waiting' ? before.ahead : Infinity
  const isWorth = place.ahead <= NEAR || Math.floor(place.ahead / STEP) < Math.floor(was / STEP)
  return place.ahead !== was && isWorth ? aheadWords(place.ahead) : ''
}

/** How it ended. */
export function endWords(place: Place): string {
  switch (place.kind) {
    case 'served':
      return t.served
    case 'no_show':
      return t.noShow
    case 'left':
      return t.left
    case 'closed':
      return t.closedWaiting
    case 'moved':
      return t.moved
    default:
      return ''
  }
}
