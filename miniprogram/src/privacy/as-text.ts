/** What is stored about somebody as a text that any phone can open. */
import type { Answer } from '@/api/client'

export type MyData = Answer<'get', '/me/data'>

/** A heading for each section, a line for each fact. */
export function asText(intro: string, data: MyData): string {
  const sections = data.sections.map(({ title, rows }) =>
    [`【${title}】`, ...rows.map(({ label, value }) => `${label}：${value}`)].join('\n'),
  )
  return [intro, ...sections].join('\n\n') + '\n'
}
