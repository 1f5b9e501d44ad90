import type { Day, Market, Slot, Stall } from '@/market/wording'

const at = (hour: string) => `2026-03-18T${hour}:00+08:00`

export const slot = (hour: string, ends: string, more: Partial<Slot> = {}): Slot => ({
  id: 1,
  provider_id: null,
  starts_at: at(hour),
  ends_at: at(ends),
  free: 1,
  waiting: 0,
  ...more,
})

export const stall = (more: Partial<Stall> = {}): Stall => ({
  id: 5,
  service: '理发',
  minutes: 15,
  bring: null,
  by_person: false,
  min_age: null,
  max_age: null,
  home_place_id: null,
  home_place_name: null,
  at_home: false,
  staff_check: false,
  numbers_from: at('13:00'),
  closed: false,
  starts_at: at('14:00'),
  ends_at: at('16:00'),
  breaks: [],
  people: [{ id: 1, name: '李师傅', organisation: null }],
  slots: [],
  ...more,
})

export const market = (more: Partial<Market> = {}): Market => ({
  id: 3,
  day: '2026-03-18',
  title: '三月集市',
  spot: '中心广场',
  place_id: 4,
  place_name: '和平社区',
  books_from: at('08:00'),
  cancelled: false,
  moved_from: null,
  moved_to: null,
  stalls: [stall()],
  ...more,
})

export const day = (more: Partial<Day> = {}): Day => ({
  id: 3,
  day: '2026-03-21',
  title: '三月集市',
  spot: '中心广场',
  place_id: 4,
  place_name: '和平社区',
  street_id: 2,
  community_id: 4,
  latitude: null,
  longitude: null,
  books_from: at('08:00'),
  cancelled: false,
  moved_from: null,
  moved_to: null,
  starts_at: '2026-03-21T09:00:00+08:00',
  ends_at: '2026-03-21T11:30:00+08:00',
  services: ['理发'],
  ...more,
})
