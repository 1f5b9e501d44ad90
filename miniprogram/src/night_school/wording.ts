/** A class in words: when, for whom, how many places, which rules. */
import type { Answer } from '@/api/client'
import { now } from '@/format/clock'
import { price } from '@/format/money'
import { date, dateWithWeekday, day, moment, time, weekdayName, when } from '@/format/time'

import { t } from './texts'

export type RunDetail = Answer<'get', '/night-school/runs/{run_id}'>
export type Run = Answer<'get', '/night-school/runs'>['items'][number]
export type Lesson = RunDetail['lesson_list'][number]
export type Standing = 'cancelled' | 'over' | 'drawn' | 'soon' | 'closed' | 'places' | 'full'

/** Where sign-up for a run stands, for whoever may come. */
export function standingOf(run: Run): Standing {
  if (run.cancelled) return 'cancelled'
  if (moment(run.ends_at) <= now()) return 'over'
  if (run.draw_id !== null) return 'drawn'
  if (run.opens_at && moment(run.opens_at) > now()) return 'soon'
  if (run.closes_at && moment(run.closes_at) <= now()) return 'closed'
  return run.places_left === 0 ? 'full' : 'places'
}

/** 还有 3 个名额; 已满，可候补，前面 5 人; 还未开始报名，3月1日 9:00 开始. */
export function placesSentence(run: Run): string {
  switch (standingOf(run)) {
    case 'cancelled':
      return t.cancelled
    case 'over':
      return t.over
    case 'drawn':
      return t.drawn
    case 'soon':
      return t.opens(when(run.opens_at!))
    case 'closed':
      return t.closed
    case 'full':
      return t.fullWaiting(run.waiting) + keptToo(run)
    case 'places':
      return run.places_left === null ? t.unlimited : t.placesLeft(run.places_left) + keptToo(run)
  }
}

function keptToo(run: Run): string {
  return run.kept_left ? t.keptToo(run.kept_left, groupOf(run)) : ''
}

/** 康景社区 60 岁及以上; on lists, which do not name the place: 当地 60 岁及以上 */
function groupOf(run: Run | RunDetail): string {
  const named = 'kept_place' in run ? run.kept_place : null
  const place = named ?? (run.kept_local ? t.keptHere : '')
  return run.kept_from_age ? t.keptAged(run.kept_from_age, place) : t.keptOf(place)
}

/** How that sentence is coloured; the words say it all without. */
export function toneOf(run: Run): '' | 'good' | 'warn' {
  const standing = standingOf(run)
  return standing === 'places' ? 'good' : standing === 'full' || standing === 'soon' ? 'warn' : ''
}

type Hour = Run['hours'][number]

/** 9:00, as all other times are said, from the 09:00 of a weekly hour. */
export const hourOf = (text: string) => text.replace(/^0/, '')

/** 每周二、周四 19:00, for lists; hours at another time of day stand apart. */
export const weekly = (run: Run) => together(run, (hour) => hourOf(hour.from_time))

/** 每周二、周四 19:00–20:30, for pages. */
export const weeklyHours = (run: Run) =>
  together(run, (hour) => `${hourOf(hour.from_time)}–${hourOf(hour.until_time)}`)

function together(run: Run, at: (hour: Hour) => string): string {
  const days = new Map<string, string[]>()
  for (const hour of run.hours) {
    days.set(at(hour), [...(days.get(at(hour)) ?? []), weekdayName(hour.weekday)])
  }
  const each = [...days].map(([time, names]) => t.weekly(names.join(t.and), time))
  return each.join(t.then) || t.weekly(weekdayName(run.weekday), hourOf(run.from_time))
}

/** 12月1日开课; 11月2日已开课 */
export function beginning(run: Run): string {
  return moment(run.starts_at) > now()
    ? t.starts(day(run.starts_at))
    : t.started(date(run.starts_at))
}

export function audienceName(audience: string): string {
  const names: Record<string, string> = {
    everyone: t.everyone,
    adults: t.adults,
    seniors: t.seniors,
    children: t.children,
    families: t.families,
  }
  return names[audience] ?? audience
}

/** 6 到 12 岁; empty where any age will do. */
export function ages(run: Run): string {
  const { min_age: from, max_age: to } = run
  if (from !== null && to !== null) return t.aged(from, to)
  if (from !== null) return t.agedFrom(from)
  return to !== null ? t.agedTo(to) : ''
}

export function whoMayCome(run: Run): string {
  const who = audienceName(run.audience)
  return ages(run) ? t.ruleAges(who, ages(run)) : t.ruleWho(who)
}

/** The rules in plain sentences, in the order in which one meets them. */
export function rulesOf(run: RunDetail): string[] {
  const rules = [whoMayCome(run)]
  if (run.kept_for) rules.push(t.ruleKept(run.kept_for))
  if (run.priority_for && run.priority_until && moment(run.priority_until) > now()) {
    rules.push(t.ruleFirst(run.priority_for, fullMoment(run.priority_until)))
  }
  if (run.kept && run.kept_until) {
    rules.push(t.ruleKeptSeats(run.kept, groupOf(run), fullMoment(run.kept_until)))
  }
  if (run.needs_course) rules.push(t.ruleNeeds(run.needs_course))
  if (run.once_a_year) rules.push(t.ruleOnce)
  if (run.most_missed) rules.push(t.ruleMissed(run.most_missed))
  if (run.most_per_person) rules.push(t.ruleMost(run.most_per_person))
  if (run.price_fen) rules.push(t.rulePaid(price(run.price_fen)))
  if (run.cancel_until) {
    const open = moment(run.cancel_until) > now()
    rules.push(open ? t.ruleCancel(fullMoment(run.cancel_until)) : t.ruleCancelOver)
  }
  if (run.capacity !== null) rules.push(t.ruleWait)
  return [...rules, t.rulePresent]
}

/** A deadline never depends on what "tomorrow" means when it is read: 12月1日 周二 9:00. */
export const fullMoment = (text: string) => `${dateWithWeekday(text)} ${time(text)}`

/** The lessons that are not over, next first. */
export function comingLessons(lessons: Lesson[]): Lesson[] {
  return lessons.filter((lesson) => moment(lesson.ends_at) > now())
}
