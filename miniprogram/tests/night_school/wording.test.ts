import { beforeEach, describe, expect, it } from 'vitest'

import { actionFor, mendable, reasonWords, verdictOf } from '@/night_school/household'
import {
  ages,
  beginning,
  comingLessons,
  placesSentence,
  rulesOf,
  standingOf,
  weekly,
  weeklyHours,
} from '@/night_school/wording'

import { member, reason, run, setNoon } from './samples'

beforeEach(setNoon)

describe('a class in words', () => {
  it.each([
    [{}, '还有 3 个名额'],
    [{ places_left: null, capacity: null }, '名额不限'],
    [{ places_left: 0, waiting: 5 }, '已满，可候补，前面 5 人'],
    [{ opens_at: '2026-03-30T09:00:00+08:00' }, '还未开始报名，3月30日 周一 9:00 开始'],
    [{ closes_at: '2026-03-18T12:00:00+08:00' }, '报名已截止'],
    [{ cancelled: true }, '这个班已取消'],
    [{ ends_at: '2026-03-18T11:00:00+08:00' }, '已经结课'],
  ])('says how many places there are: %o', (given, sentence) => {
    expect(placesSentence(run(given))).toBe(sentence)
  })

  it('says when it meets and since when', () => {
    expect(weeklyHours(run())).toBe('每周三 19:00–20:30')
    expect(weekly(run())).toBe('每周三 19:00')
    expect(beginning(run())).toBe('3月25日开课')
    expect(beginning(run({ starts_at: '2026-03-04T19:00:00+08:00' }))).toBe('3月4日已开课')
  })

  it('says all hours of the week, those at one time together', () => {
    const at = (weekday: number, from_time = '19:00', until_time = '20:30') => ({
      weekday,
      from_time,
      until_time,
    })
    expect(weeklyHours(run({ hours: [at(1), at(3)] }))).toBe('每周二、周四 19:00–20:30')
    expect(weeklyHours(run({ hours: [at(1), at(5, '09:00', '10:00')] }))).toBe(
      '每周二 19:00–20:30，每周六 9:00–10:00',
    )
    expect(weekly(run({ hours: [at(1), at(3), at(5, '09:00')] }))).toBe(
      '每周二、周四 19:00，每周六 9:00',
    )
    expect(weeklyHours(run({ hours: [] }))).toBe('每周三 19:00')
  })

  it('says for which ages', () => {
    expect(ages(run({ min_age: 6, max_age: 12 }))).toBe('6 到 12 岁')
    expect(ages(run({ min_age: 55 }))).toBe('55 岁及以上')
    expect(ages(run())).toBe('')
  })

  it('gives the deadline of cancelling as a date, and says when it has passed', () => {
    expect(rulesOf(run()).join()).toContain('3月24日 周二 19:00前取消')
    const late = run({ cancel_until: '2026-03-18T11:59:00+08:00' })
    expect(rulesOf(late).join()).toContain('现在再取消会记为逾期取消')
  })

  it('says whose residents it is kept for', () => {
    expect(rulesOf(run()).join()).not.toContain('只收')
    expect(rulesOf(run({ kept_for: '春晖社区' }))[1]).toContain('只收住在春晖社区的居民')
  })

  it('says who comes first, until they no longer do', () => {
    const first = { priority_for: '春晖社区', priority_until: '2026-03-20T09:00:00+08:00' }
    expect(rulesOf(run(first))[1]).toBe(
      '3月20日 周五 9:00前先由春晖社区的居民报名，之后大家都可以报。',
    )
    const over = { ...first, priority_until: '2026-03-18T12:00:00+08:00' }
    expect(rulesOf(run(over)).join()).not.toContain('先由')
  })

  it('says what one must have had, and how often one may', () => {
    const asks = run({ needs_course: '书法入门', once_a_year: true, most_per_person: 2 })
    expect(rulesOf(asks).slice(1, 4)).toEqual([
      '要先上过《书法入门》，并且到课一半以上。',
      '这门课每人一年只能报一次。',
      '每人每学期最多报 2 个班。',
    ])
    expect(rulesOf(run())).toHaveLength(4)
  })

  it('says how many places are kept for whom, and until when', () => {
    const kept = {
      kept: 12,
      kept_left: 5,
      kept_from_age: 60,
      kept_until: '2026-03-20T09:00:00+08:00',
    }
    expect(rulesOf(run(kept))[1]).toBe(
      '12 个名额先留给 60 岁及以上的居民，3月20日 周五 9:00 起剩下的大家都可以报。',
    )
    expect(placesSentence(run(kept))).toBe('还有 3 个名额，另有 5 个留给 60 岁及以上的居民')
    expect(placesSentence(run({ ...kept, places_left: 0 }))).toBe(
      '已满，可候补，前面没有人，另有 5 个留给 60 岁及以上的居民',
    )
    const local = { ...kept, kept_from_age: null, kept_local: true, kept_place: '康景社区' }
    expect(rulesOf(run(local))[1]).toContain('12 个名额先留给康景社区的居民')
    const { kept_place, ...listed } = run({ ...local, kept_from_age: 60 })
    expect(placesSentence(listed)).toBe('还有 3 个名额，另有 5 个留给当地 60 岁及以上的居民')
    expect(kept_place).toBe('康景社区')
  })

  it('shows only the lessons to come, one that is going on included', () => {
    const lesson = { id: 1, number: 1, room_name: null, substitute_name: null, cancelled: false }
    const over = {
      ...lesson,
      starts_at: '2026-03-18T09:00:00+08:00',
      ends_at: '2026-03-18T12:00:00+08:00',
    }
    const now = { ...over, id: 2, ends_at: '2026-03-18T12:30:00+08:00' }
    expect(comingLessons([over, now]).map(({ id }) => id)).toEqual([2])
  })

  it('is closed exactly at the deadline and open exactly at the opening', () => {
    expect(standingOf(run({ opens_at: '2026-03-18T12:00:00+08:00' }))).toBe('places')
    expect(standingOf(run({ closes_at: '2026-03-18T12:00:00+08:00' }))).toBe('closed')
  })
})

describe('what a class says to a household', () => {
  it('says from when, where that is all there is to wait for', () => {
    const first = { can: 'no' as const, reasons: [reason(40980)] }
    const says = { ...first, from_when: '2026-03-27T10:00:00+08:00' }
    expect(verdictOf(member({}, says))).toBe('3月27日 周五 10:00 起可以报名')
    expect(verdictOf(member({}, { ...first, from_when: null }))).toBe('不行')
  })

  const child = { person_id: 2, relation: 'child' as const, name: '小明' }

  it('is in few words where the facts say it', () => {
    expect(reasonWords(reason(40906, { min_age: 55 }))).toBe('要满 55 岁才能报')
    expect(reasonWords(reason(40907, { max_age: 12 }))).toBe('只收 12 岁及以下')
    expect(reasonWords(reason(40999))).toBe('不行')
    expect(verdictOf(member({}, { can: 'no', live_booking_id: 5, reasons: [reason(40905)] }))).toBe(
      '已报名',
    )
  })

  it('leads to what can be mended only where nothing else is in the way', () => {
    const both = [reason(40908), reason(40909)]
    expect(mendable(member({}, { can: 'no', reasons: both }))).toEqual([40908, 40909])
    expect(mendable(member({}, { can: 'no', reasons: [...both, reason(40903)] }))).toEqual([])
    expect(mendable(member({}, { can: 'wait', reasons: [reason(40904)] }))).toEqual([])
  })

  it('makes one button of it', () => {
    const no = { can: 'no' as const, reasons: [reason(40906)] }
    const booked = { ...no, reasons: [reason(40905)], live_booking_id: 77 }
    const kind = (...members: Parameters<typeof actionFor>[0]) => actionFor(members)
    expect(kind(member({}, {}))).toMatchObject({ kind: 'signUp', more: false })
    expect(kind(member({}, { can: 'wait' }))).toMatchObject({ kind: 'wait' })
    expect(kind(member({}, booked), member(child, {}))).toEqual({
      kind: 'signUp',
      more: true,
      bookingId: 77,
    })
    expect(kind(member({}, booked), member(child, no))).toEqual({ kind: 'booked', bookingId: 77 })
    expect(kind(member({}, no), member(child, booked))).toEqual({ kind: 'booked', bookingId: 77 })
    expect(kind(member({}, no), member(child, no))).toMatchObject({
      kind: 'none',
      member: { person: { person_id: 1 } },
    })
  })
})
