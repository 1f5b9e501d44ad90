/** What residents narrow the list of classes by; it stands in the page's address. */
import type { Query } from '@/api/client'
import type { Params } from '@/state/routes'

export const AUDIENCES = ['everyone', 'adults', 'seniors', 'children', 'families'] as const
export const PARTS_OF_DAY = ['morning', 'afternoon', 'evening'] as const

export interface Filters {
  text: string
  street: number | null
  community: number | null
  /** Runs of one course; no chip of its own, it comes from "other classes of this course". */
  course: number | null
  category: string
  /** 0 Monday … 6 Sunday, as the API counts. */
  weekdays: number[]
  part: string
  audience: string
  free: boolean
  /** A place is free now; nobody waits. */
  places: boolean
  /** Also runs whose sign-up has closed. */
  all: boolean
}

export const NONE: Filters = {
  text: '',
  street: null,
  community: null,
  course: null,
  category: '',
  weekdays: [],
  part: '',
  audience: '',
  free: false,
  places: false,
  all: false,
}

const id = (text: string | undefined) => (/^[1-9]\d{0,15}$/.test(text ?? '') ? Number(text) : null)
const oneOf = (words: readonly string[], text: string | undefined) =>
  words.includes(text ?? '') ? text! : ''

/** The filters that an address asks for; what cannot be read is left out. */
export function filtersOf(options: Record<string, string | undefined>): Filters {
  return {
    text: decode(options.text).trim().slice(0, 40),
    street: id(options.street),
    community: id(options.community),
    course: id(options.course),
    category: /^[\w-]{1,24}$/.test(options.category ?? '') ? options.category! : '',
    weekdays: [...new Set((options.weekdays ?? '').match(/[0-6]/g) ?? [])].map(Number).sort(),
    part: oneOf(PARTS_OF_DAY, options.part),
    audience: oneOf(AUDIENCES, options.audience),
    free: options.free === '1',
    places: options.places === '1',
    all: options.all === '1',
  }
}

/** WeChat hands options over as they stand in the address, H5 decoded. */
function decode(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The filters as an address carries them; what is not asked stays out. */
export function paramsOf(filters: Filters): Params {
  const flag = (on: boolean) => (on ? 1 : undefined)
  return {
    text: filters.text || undefined,
    street: filters.street ?? undefined,
    community: filters.community ?? undefined,
    course: filters.course ?? undefined,
    category: filters.category || undefined,
    weekdays: filters.weekdays.join('') || undefined,
    part: filters.part || undefined,
    audience: filters.audience || undefined,
    free: flag(filters.free),
    places: flag(filters.places),
    all: flag(filters.all),
  }
}

/** The filters as the API takes them. Without a wish, runs that take people now or soon. */
export function queryOf(filters: Filters): Query {
  return {
    text: filters.text,
    street_id: filters.community ? null : filters.street,
    community_id: filters.community,
    course_id: filters.course,
    category: filters.category,
    weekday: filters.weekdays,
    part_of_day: filters.part,
    audience: filters.audience,
    free_of_charge: filters.free || null,
    has_places: filters.places || null,
    open: filters.all ? null : true,
  }
}

/** How many wishes narrow the list. */
export function countOf(filters: Filters): number {
  return [
    filters.text,
    filters.street ?? filters.community,
    filters.course,
    filters.category,
    filters.weekdays.length,
    filters.part,
    filters.audience,
    filters.free,
    filters.places,
    filters.all,
  ].filter(Boolean).length
}

/** Whether the person has said where, so that their own community need not come first. */
export const namesAPlace = (filters: Filters) =>
  filters.street !== null || filters.community !== null
