/** A series and its dates in words. */
import { span, weekdayName } from '@/format/time'
import { language } from '@/state/settings'

import { t } from './series-texts'
import { stateWord, type Series } from './wording'

/** 每周二、四 14:00–16:00 */
export function repeatWords(one: Series): string {
  const days = one.weekdays.map((weekday, place) => {
    const named = weekdayName(weekday)
    return place && language.value === 'zh' ? named.slice(1) : named
  })
  const words = days.join(language.value === 'zh' ? '、' : ', ')
  const often = one.every_weeks === 1 ? t.weekly(words) : t.everySecond(words)
  const regular = one.dates.find(({ coming, moved }) => coming && !moved) ?? one.dates[0]
  return regular ? `${often} ${span(regular.starts_at, regular.ends_at)}` : often
}

/** How a date stands: why it is skipped, or the state of its reservation. */
export function seriesDateWord(one: Series['dates'][number]): string {
  if (one.state === 'skipped') return one.why ? `${t.skipped}：${one.why}` : t.skipped
  const word = stateWord({ ...one, cancelled_late: false })
  return one.moved ? `${word} · ${t.movedAlone}` : word
}
