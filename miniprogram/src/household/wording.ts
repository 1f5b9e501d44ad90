/** How a consent stands, in words. */
import type { Answer } from '@/api/client'
import { date } from '@/format/time'
import { t } from './texts'

export type Member = Answer<'get', '/household'>[number]

/** By whose word I may book for somebody, until when; or what has to happen first. */
export function detailOf(member: Member): string {
  if (member.state === 'requested') return t.requestedNow
  if (member.state === 'ended') return t.endedHow
  if (member.ends_on) return t.givenChild(date(member.ends_on))
  return member.witnessed ? t.givenWitnessed : t.givenAdult
}

/** How many of the list count for its limit: whoever has come of age does not. */
export function counted(members: Member[]): number {
  return members.filter(({ state }) => state !== 'ended').length
}

/** What is missing before somebody can be added, by field. */
export function missingOf(form: {
  kind: 'child' | 'adult'
  name: string
  birth: string
  isGuardian: boolean
  phoneIsGood: boolean
}): Record<string, string> {
  const missing: Record<string, string> = {}
  if (!form.name.trim()) missing.name = t.nameMissing
  if (form.kind === 'child') {
    if (!form.birth) missing.birth_date = t.birthMissing
    if (!form.isGuardian) missing.is_guardian = t.guardianMissing
  } else if (!form.phoneIsGood) missing.phone = t.phoneBad
  return missing
}
