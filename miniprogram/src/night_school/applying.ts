/** What the classes of a draw say to those who would apply, before they do. */
import { ref } from 'vue'

import { get } from '@/api/client'

import { t } from './draw-texts'
import { nameOf, reasonWords, type Person } from './household'
import type { Eligibility } from './run-list'

const AT_ONCE = 50

/** Asks for each person once; what is not known yet, or could not be read, stands in nobody's way. */
export function useSays() {
  const says = ref(new Map<number, Map<number, Eligibility>>())

  async function ask(person: number, runs: number[]): Promise<void> {
    if (says.value.has(person)) return
    const found = new Map<number, Eligibility>()
    says.value.set(person, found)
    try {
      for (let at = 0; at < runs.length; at += AT_ONCE) {
        const ids = runs.slice(at, at + AT_ONCE).join(',')
        const query = { ids, person_id: person }
        const told = await get('/night-school/eligibility', { query, signIn: 'ask' })
        says.value.set(person, new Map([...says.value.get(person)!, ...byRun(told)]))
      }
    } catch {
      says.value.delete(person)
    }
  }

  /** For each of these people whom the class does not take, who and why. */
  function against(run: number, people: Person[]): string[] {
    return people.flatMap((person) => {
      const entry = says.value.get(person.person_id)?.get(run)
      if (entry?.can !== 'no' || !entry.reasons[0]) return []
      return [t.cannot(nameOf(person), reasonWords(entry.reasons[0]))]
    })
  }

  return { ask, against }
}

const byRun = (told: Eligibility[]) => told.map((one) => [one.id, one] as const)
