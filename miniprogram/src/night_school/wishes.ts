/** What the list is narrowed by, in words. */
import type { Answer } from '@/api/client'
import { weekdayName } from '@/format/time'
import { language } from '@/state/settings'

import type { Filters } from './filters'
import { t } from './texts'
import { audienceName } from './wording'

type Streets = Answer<'get', '/places'>
type Categories = Answer<'get', '/night-school/categories'>

/** Each wish by its name; a street or category that is not known yet is left out. */
export function namesOf(filters: Filters, streets: Streets, categories: Categories): string[] {
  const kind = categories.find(({ code }) => code === filters.category)
  const communities = streets.flatMap((street) => street.communities)
  const place =
    filters.community === null
      ? streets.find(({ id }) => id === filters.street)
      : communities.find(({ id }) => id === filters.community)
  const parts: Record<string, string> = {
    morning: t.morning,
    afternoon: t.afternoon,
    evening: t.evening,
  }
  return [
    filters.text && `“${filters.text}”`,
    filters.course !== null && t.sameCourse,
    kind && (language.value === 'zh' ? kind.name : kind.name_en),
    ...filters.weekdays.map(weekdayName),
    parts[filters.part],
    filters.audience && audienceName(filters.audience),
    filters.places && t.withPlaces,
    filters.free && t.free,
    filters.all && t.withClosed,
    place?.name,
  ].filter((name): name is string => Boolean(name))
}
