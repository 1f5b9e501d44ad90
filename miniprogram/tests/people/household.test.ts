import { describe, expect, it } from 'vitest'

import { Problem } from '@/api/problem'
import { fieldErrors } from '@/pages/me/fields'
import { counted, detailOf, missingOf, type Member } from '@/household/wording'

const member = (facts: Partial<Member>): Member => ({
  id: 1,
  person_id: 2,
  name: '陈安然',
  birth_date: '2020-08-26',
  relation: 'child',
  state: 'given',
  requested_at: '2026-10-01T09:00:00+08:00',
  given_at: '2026-10-01T09:00:00+08:00',
  ends_on: '2038-08-26',
  witnessed: false,
  ...facts,
})

describe('how a consent stands, in words', () => {
  it('ends by itself for a child', () => {
    expect(detailOf(member({}))).toBe('2038年8月26日满 18 周岁时自动结束')
  })

  it('tells who has agreed and how', () => {
    const mother = member({ relation: 'parent', ends_on: null })
    expect(detailOf(mother)).toBe('本人已同意')
    expect(detailOf({ ...mother, witnessed: true })).toBe('本人已在社区当面同意')
    expect(detailOf(member({ state: 'requested', given_at: null }))).toContain('同意后就可以报名')
    expect(detailOf(member({ state: 'ended' }))).toContain('重新请本人同意')
  })

  it('does not count who has come of age', () => {
    const list = [member({}), member({ state: 'requested' }), member({ state: 'ended' })]
    expect(counted(list)).toBe(2)
  })
})

describe('what is missing before somebody can be added', () => {
  const form = { name: '陈安然', birth: '2020-08-26', isGuardian: true, phoneIsGood: false }

  it('asks a guardian for the birth date and their word, not for a phone', () => {
    expect(missingOf({ kind: 'child', ...form })).toEqual({})
    const empty = missingOf({ kind: 'child', ...form, birth: '', isGuardian: false })
    expect(Object.keys(empty)).toEqual(['birth_date', 'is_guardian'])
  })

  it('asks for a phone that can be one where a grown-up is to be asked', () => {
    expect(Object.keys(missingOf({ kind: 'adult', ...form, name: ' ' }))).toEqual(['name', 'phone'])
  })

  it('puts what the server says beside its field', () => {
    const refused = new Problem('refused', { errors: { name: ['请填写真实姓名。', '太长'] } })
    expect(fieldErrors(refused)).toEqual({ name: '请填写真实姓名。' })
    expect(fieldErrors(new Problem('offline'))).toEqual({})
    expect(fieldErrors(null)).toEqual({})
  })
})
