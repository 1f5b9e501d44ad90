import { describe, expect, it } from 'vitest'

import { timesUpTo } from '@/venues/repeating'
import { repeatWords, seriesDateWord } from '@/venues/series-wording'
import type { Series } from '@/venues/wording'

type SeriesDate = Series['dates'][number]

const someDate = (more: Partial<SeriesDate> = {}): SeriesDate => ({
  id: 1,
  booking_id: 1,
  state: 'confirmed',
  why: null,
  starts_at: '2999-03-12T14:00:00+08:00',
  ends_at: '2999-03-12T16:00:00+08:00',
  room_id: 1,
  coming: true,
  moved: false,
  can_be_put_back: false,
  ...more,
})
const someSeries = (more: Partial<Series> = {}): Series => ({
  id: 1,
  room_id: 1,
  room_name: '舞蹈教室',
  venue_id: 1,
  venue_name: '党群服务中心',
  person_id: 1,
  person_name: '赵玉梅',
  title: '排练',
  headcount: 8,
  every_weeks: 1,
  weekdays: [1, 3],
  coming: 1,
  dates: [someDate()],
  ...more,
})

describe('how many times may be chosen', () => {
  it.each([
    [0, []],
    [1, []],
    [2, [2]],
    [5, [2, 3, 4, 5]],
    [12, [2, 3, 4, 6, 8, 10, 12]],
  ])('up to %i', (most, offered) => expect(timesUpTo(most)).toEqual(offered))
})

describe('a series in words', () => {
  it('names its weekdays and its time', () => {
    expect(repeatWords(someSeries())).toBe('每周二、四 14:00–16:00')
    expect(repeatWords(someSeries({ every_weeks: 2, weekdays: [5] }))).toBe(
      '每两周的周六 14:00–16:00',
    )
  })

  it('takes the time from a date that was not moved by itself', () => {
    const alone = someDate({ moved: true, starts_at: '2999-03-13T09:00:00+08:00' })
    expect(repeatWords(someSeries({ dates: [alone, someDate()] }))).toContain('14:00–16:00')
  })

  it('says of each date how it stands', () => {
    expect(seriesDateWord(someDate())).toBe('已预约')
    expect(seriesDateWord(someDate({ moved: true }))).toBe('已预约 · 单独改过时间')
    expect(seriesDateWord(someDate({ state: 'cancelled' }))).toBe('已取消')
    const closed = someDate({ state: 'skipped', why: '这个时间不开放：清明。' })
    expect(seriesDateWord(closed)).toBe('没约上：这个时间不开放：清明。')
  })
})
