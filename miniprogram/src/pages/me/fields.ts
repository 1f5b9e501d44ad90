/** What the API says about single fields of a form. */
import type { Problem } from '@/api/problem'

/** The first sentence for each field that was refused; empty when it was something else. */
export function fieldErrors(problem: Problem | null): Record<string, string> {
  if (problem?.kind !== 'refused') return {}
  return Object.fromEntries(
    Object.entries(problem.errors).map(([name, told]) => [
      name,
      String(Array.isArray(told) ? told[0] : told),
    ]),
  )
}
