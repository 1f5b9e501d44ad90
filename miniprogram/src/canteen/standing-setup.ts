/** Setting up a standing order: every answer has a usual one, so that one tap is enough. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

import {
  dishesOf,
  lacksSets,
  MOST_DISHES,
  today,
  usualMeal,
  type Standing,
  type Wish,
} from './standing'
import { t } from './standing-texts'
import type { Kitchen } from './wording'

type Me = Answer<'get', '/me'>
export type What = 'set' | 'dishes'

/** What the page was opened for; all but the canteen may be missing. */
export interface Asked {
  canteen: number
  meal: string
  person: number
  mode: string
  dishes: number[]
}

const WORKDAYS = [0, 1, 2, 3, 4]

export function useSetup(asked: Ref<Asked>) {
  const me = shallowRef<Me | null>(null)
  const kitchen = shallowRef<Kitchen | null>(null)
  const there = shallowRef<Standing['orders']>([])
  const loadProblem = shallowRef<Problem | null>(null)
  const person = ref<number | null>(null)
  const meal = ref<Wish['meal'] | null>(null)
  const weekdays = ref(WORKDAYS)
  const what = ref<What>('set')
  const dishes = ref<number[]>([])
  const otherwise = ref<NonNullable<Wish['otherwise']>>('set')
  const portions = ref(1)
  const mode = ref<Wish['mode'] | null>(null)
  const { busy, problem, run } = useAttempt()

  const served = computed(() => kitchen.value?.meals.find((one) => one.meal === meal.value) ?? null)
  const offered = computed(() => (kitchen.value ? dishesOf(kitchen.value, meal.value ?? '') : []))
  const noSets = computed(
    () => kitchen.value !== null && lacksSets(kitchen.value, meal.value ?? ''),
  )
  const replaces = computed(() =>
    there.value.some(
      (one) =>
        one.person_id === person.value &&
        one.canteen_id === kitchen.value?.id &&
        one.meal === meal.value,
    ),
  )
  const missing = computed(() => {
    if (!weekdays.value.length) return t.missingDays
    return what.value === 'dishes' && !dishes.value.length ? t.missingDishes : ''
  })

  /** Everything the form needs; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      const path = { canteen_id: asked.value.canteen }
      kitchen.value = await get('/canteens/{canteen_id}', { path })
      there.value = (await get('/standing-orders', { signIn: 'ask' })).orders
      loadProblem.value = null
      if (person.value === null) takeUsual()
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  function takeUsual(): void {
    const people = me.value!.people.map(({ person_id }) => person_id)
    person.value = people.find((one) => one === asked.value.person) ?? me.value!.person_id
    meal.value = usualMeal(kitchen.value!, asked.value.meal)
    const chosen = offered.value.filter(({ dish_id }) => asked.value.dishes.includes(dish_id))
    what.value = noSets.value || chosen.some((one) => !one.is_set) ? 'dishes' : 'set'
    dishes.value = chosen.slice(0, MOST_DISHES).map(({ dish_id }) => dish_id)
    follow()
  }

  /** What another meal does not offer is not asked for. */
  function follow(): void {
    const modes = served.value?.modes ?? []
    const wished = mode.value ?? asked.value.mode
    mode.value = modes.find((one) => one === wished) ?? modes[0] ?? null
    portions.value = Math.min(portions.value, served.value?.most ?? 1)
    const known = offered.value.map(({ dish_id }) => dish_id)
    dishes.value = dishes.value.filter((one) => known.includes(one))
    if (noSets.value) otherwise.value = 'nothing'
  }
  watch(meal, (_now, before) => {
    if (before !== null) follow()
  })

  function turnDish(id: number, on: boolean): void {
    const others = dishes.value.filter((one) => one !== id)
    if (on && others.length < MOST_DISHES) dishes.value = [...others, id]
    else if (!on) dishes.value = others
  }

  /** What it made at once; undefined where it came to nothing (see `problem`). */
  const confirm = () =>
    run((key) =>
      post('/standing-orders', {
        key,
        signIn: 'ask',
        body: {
          person_id: person.value!,
          canteen_id: kitchen.value!.id,
          meal: meal.value!,
          weekdays: weekdays.value,
          dish_ids: what.value === 'dishes' ? dishes.value : [],
          otherwise: otherwise.value,
          portions: portions.value,
          mode: mode.value!,
          since: today(),
        },
      }),
    )

  return {
    me, kitchen, loadProblem, person, meal, weekdays, what, dishes, otherwise, portions, mode,
    served, offered, noSets, replaces, missing, busy, problem, load, turnDish, confirm,
  } // prettier-ignore
}
