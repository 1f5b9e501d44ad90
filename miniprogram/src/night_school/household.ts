/** Myself and those I act for, each with what a class says to them. */
import { get, type Answer } from '@/api/client'
import { ageOf, when } from '@/format/time'

import type { Eligibility } from './run-list'
import { t } from './texts'

export type Me = Answer<'get', '/me'>
export type Person = Me['people'][number]
export interface Member {
  person: Person
  says: Eligibility
}

/** Everybody I may sign up, with the class's answer; myself first. */
export async function membersFor(runId: number, me: Me): Promise<Member[]> {
  const people = [...me.people].sort((one, two) => Number(isMe(two)) - Number(isMe(one)))
  return Promise.all(
    people.map(async (person) => {
      const query = { ids: String(runId), person_id: person.person_id }
      const [says] = await get('/night-school/eligibility', { query, signIn: 'ask' })
      return { person, says: says! }
    }),
  )
}

export const isMe = (person: Person) => person.relation === 'self'

/** 王秀兰（我自己） */
export const nameOf = (person: Person) => (isMe(person) ? t.myself(person.name) : person.name)

/** 父母 · 72 岁 */
export function noteOf(person: Person): string {
  const relations: Record<string, string> = {
    child: t.child,
    parent: t.parent,
    spouse: t.spouse,
    other: t.other,
  }
  const age = person.birth_date ? t.years(ageOf(person.birth_date)) : ''
  return [relations[person.relation] ?? '', age].filter(Boolean).join(' · ')
}

/** Whether a place, or a place in the line, can be asked for. */
export const canAsk = ({ says }: Member) => says.can === 'yes' || says.can === 'wait'

/** Whether nothing is against it, or it is had already. */
export const isGood = ({ says }: Member) => says.can !== 'no' || says.live_booking_id !== null

const DRAWN = 40990
const TOO_YOUNG = 40906
const TOO_OLD = 40907
const BIRTH_DATE_UNKNOWN = 40908
export const LIVES_ELSEWHERE = 40909
const MISSED_OFTEN = 40984
const MENDABLE = [BIRTH_DATE_UNKNOWN, LIVES_ELSEWHERE]

/** A refusal in a few words where its facts say it better than its sentence. */
export function reasonWords(reason: Eligibility['reasons'][number]): string {
  const { min_age: least, max_age: most } = reason.data as Record<string, number | undefined>
  if (reason.errcode === TOO_YOUNG && least) return t.oldEnoughFrom(least)
  if (reason.errcode === TOO_OLD && most) return t.youngEnoughTo(most)
  if (reason.errcode === LIVES_ELSEWHERE) return t.livesElsewhere
  if (reason.errcode === MISSED_OFTEN) return t.missedOften(when(String(reason.data.opens_at)))
  return reason.errcode === BIRTH_DATE_UNKNOWN ? t.birthDateUnknown : reason.errmsg
}

/** What facts stand in somebody's way, where nothing else does: their codes. */
export function mendable({ says }: Member): number[] {
  const codes = says.can === 'no' ? says.reasons.map(({ errcode }) => errcode) : []
  return codes.every((code) => MENDABLE.includes(code)) ? codes : []
}

/** Whether staying away of late stands in somebody's way. */
export const missedOften = ({ says }: Member) =>
  says.reasons.some(({ errcode }) => errcode === MISSED_OFTEN)

/** 可以报名, 可以候补, 可以登记, 已报名, 7月3日 10:00 起可以报名, or the reason why not. */
export function verdictOf({ says }: Member): string {
  if (says.live_booking_id) return t.hasBooked
  if (says.can === 'yes') return t.can
  if (says.can === 'wait') return t.canWait
  if (says.can === 'apply') return t.canApply
  if (says.from_when) {
    const drawn = says.reasons.some(({ errcode }) => errcode === DRAWN)
    return (drawn ? t.canApplyFrom : t.canFrom)(when(says.from_when))
  }
  return says.reasons[0] ? reasonWords(says.reasons[0]) : t.notPossible
}

export type Action =
  | { kind: 'signUp' | 'wait'; more: boolean; bookingId: number | null }
  | { kind: 'booked'; bookingId: number }
  | { kind: 'none'; member: Member | null }

/** The one thing to do about a class, from what it says to everybody. */
export function actionFor(members: Member[]): Action {
  const own = members.find(({ person }) => isMe(person))
  const booked = own?.says.live_booking_id ?? null
  const able = members.filter(canAsk)
  if (able.length) {
    const kind = able.some(({ says }) => says.can === 'yes') ? 'signUp' : 'wait'
    return { kind, more: booked !== null, bookingId: booked }
  }
  const live = booked ?? members.find(({ says }) => says.live_booking_id)?.says.live_booking_id
  if (live) return { kind: 'booked', bookingId: live }
  return { kind: 'none', member: own ?? members[0] ?? null }
}
