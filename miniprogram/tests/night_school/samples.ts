import { noteServerTime } from '@/format/clock'
import type { Member, Person } from '@/night_school/household'
import type { Eligibility } from '@/night_school/run-list'
import type { RunDetail } from '@/night_school/wording'

import { phone } from '../setup'

/** Let it be noon of 18 March 2026, a Wednesday, by the server. */
export function setNoon(): void {
  noteServerTime(new Date('2026-03-18T12:00:00+08:00').toUTCString())
}

export function run(given: Partial<RunDetail> = {}): RunDetail {
  return {
    id: 10,
    course_id: 3,
    title: '剪纸',
    summary: '',
    picture: null,
    category: 'craft',
    place_id: 14,
    place_name: '春晖社区',
    street_name: '春和街道',
    teacher_name: null,
    starts_at: '2026-03-25T19:00:00+08:00',
    ends_at: '2026-06-10T20:30:00+08:00',
    weekday: 2,
    from_time: '19:00',
    lessons: 12,
    price_fen: 0,
    audience: 'everyone',
    min_age: null,
    max_age: null,
    capacity: 20,
    places_left: 3,
    kept_left: 0,
    kept_from_age: null,
    kept_local: false,
    kept_place: null,
    waiting: 0,
    opens_at: '2026-03-01T09:00:00+08:00',
    closes_at: '2026-03-25T19:00:00+08:00',
    cancelled: false,
    draw_id: null,
    description: null,
    bring: null,
    term_name: '2026年春季学期',
    address: null,
    phone: null,
    room_name: null,
    directions: null,
    teacher_intro: null,
    organisation: null,
    kept_for: null,
    priority_for: null,
    priority_until: null,
    kept: 0,
    kept_until: null,
    needs_course: null,
    once_a_year: false,
    most_per_person: null,
    cancel_until: '2026-03-24T19:00:00+08:00',
    hours: [{ weekday: 2, from_time: '19:00', until_time: '20:30' }],
    lesson_list: [],
    ...given,
  }
}

export function says(given: Partial<Eligibility> = {}): Eligibility {
  return {
    id: 10,
    can: 'yes',
    reasons: [],
    from_when: null,
    live_booking_id: null,
    warnings: [],
    ...given,
  }
}

export const reason = (errcode: number, data: Record<string, unknown> = {}) => ({
  errcode,
  errmsg: '不行',
  data,
})

export function person(given: Partial<Person> = {}): Person {
  return {
    person_id: 1,
    name: '王秀英',
    gender: null,
    birth_date: '1954-01-01',
    relation: 'self',
    ...given,
  }
}

export const member = (who: Partial<Person>, what: Partial<Eligibility>): Member => ({
  person: person(who),
  says: says(what),
})

export interface Sent {
  url: string
  method: string
  header: Record<string, string>
  data?: string
}

/** What a call is answered with; null: the answer is lost. */
export type Answering = (sent: Sent) => { status?: number; errcode?: number; data?: unknown } | null

/** Answer every call by its address; what was sent is returned as it comes. */
export function network(answer: Answering): Sent[] {
  const all: Sent[] = []
  type Call = Sent & { success: (told: object) => void; fail: (why: { errMsg: string }) => void }
  phone.request.mockImplementation((call: Call) => {
    all.push(call)
    const told = answer(call)
    queueMicrotask(() => {
      if (!told) return call.fail({ errMsg: 'request:fail' })
      const { status = 200, errcode = 0, data } = told
      call.success({ statusCode: status, data: { errcode, errmsg: '句子', data }, header: {} })
    })
  })
  return all
}
