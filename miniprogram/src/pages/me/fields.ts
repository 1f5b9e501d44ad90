/** The fields of forms about people: their values, and what the API says about single ones. */
import type { Problem } from '@/api/problem'

/** Empty where it is left unsaid. */
export type Gender = 'female' | 'male' | ''

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
