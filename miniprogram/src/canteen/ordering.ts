/** Ordering a meal: for whom and how, what the server says it costs, and one attempt. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { get, post, type Answer, type Body } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

import { chosenOf, unpacked } from './basket'
import { t } from './order-texts'
import type { Kitchen, Menu, Mode } from './wording'

type Me = Answer<'get', '/me'>
type Asked = Body<'post', '/canteens/meals/{meal_service_id}/quote'>
export type Quote = Answer<'post', '/canteens/meals/{meal_service_id}/quote'>
export type Ordered = Answer<'post', '/canteens/meals/{meal_service_id}/orders'>

/** What the page was opened for; `person`, `mode`: as before, `order`: the one that is changed. */
export interface Wish {
  canteen: number
  meal: number
  dishes: string
  person: number
  mode: string
  order: number
}

const PRICE_CHANGED = 409311
const DELIVER_WHERE = 409315
/** The server takes no shorter address. */
const AN_ADDRESS = 4
/** Between two letters of an address nobody asks for a price. */
const TYPING_MS = 600

export function useOrdering(wish: Ref<Wish>) {
  const me = shallowRef<Me | null>(null)
  const kitchen = shallowRef<Kitchen | null>(null)
  /** Who eats what is being changed. */
  const eater = ref(0)
  const loadProblem = shallowRef<Problem | null>(null)
  const person = ref<string | number | null>(null)
  const mode = ref<string | number | null>(null)
  const address = ref('')
  const phone = ref('')
  const note = ref('')
  const quote = shallowRef<Quote | null>(null)
  const refusal = shallowRef<Problem | null>(null)
  const isNewPrice = ref(false)
  const isSure = ref(false)
  const { busy, problem, run } = useAttempt()

  const menu = computed<Menu | null>(
    () => kitchen.value?.menus.find(({ id }) => id === wish.value.meal) ?? null,
  )
  const chosen = computed(() => chosenOf(menu.value?.dishes ?? [], unpacked(wish.value.dishes)))
  const modes = computed<Mode[]>(
    () => kitchen.value?.meals.find(({ meal }) => meal === menu.value?.meal)?.modes ?? [],
  )
  const isBrought = computed(() => mode.value === 'delivery')
  /** What speaks against a dish for whoever eats it. */
  const clashing = computed(() =>
    (quote.value?.dishes ?? []).flatMap(({ name, clashes }) =>
      clashes.map((one) => ({ ...one, dish: name })),
    ),
  )
  const mustConfirm = computed(() => clashing.value.some((one) => one.must_confirm))
  const isNowhere = computed(() => {
    const typed = address.value.trim()
    if (!isBrought.value) return false
    return typed ? typed.length < AN_ADDRESS : refusal.value?.errcode === DELIVER_WHERE
  })
  const missing = computed(() => {
    if (person.value === null) return t.missingPerson
    if (mode.value === null) return t.missingMode
    if (isNowhere.value) return t.missingWhere
    if (mustConfirm.value && !isSure.value) return t.missingClash
    if (refusal.value) return t.cannot
    return quote.value ? '' : t.counting
  })

  /** Everything the form needs; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      const path = { canteen_id: wish.value.canteen }
      kitchen.value = await get('/canteens/{canteen_id}', { path })
      if (wish.value.order && person.value === null) await takeUp()
      const own = me.value.people.find(({ relation }) => relation === 'self')
      person.value ??= wish.value.person || (own?.person_id ?? null)
      mode.value ??= modes.value.find((one) => one === wish.value.mode) ?? modes.value[0] ?? null
      loadProblem.value = null
      await count()
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  /** Whose order it is that is changed, and where it was to go. */
  async function takeUp(): Promise<void> {
    const path = { booking_id: wish.value.order }
    const before = await get('/canteens/orders/{booking_id}', { path })
    person.value = eater.value = before.person_id
    mode.value = before.mode
    address.value = before.address ?? ''
    phone.value = before.phone ?? ''
    note.value = before.note ?? ''
  }

  const body = (): Asked => ({
    person_id: Number(person.value),
    dishes: chosen.value.map(({ dish, portions }) => ({ id: dish.id, portions })),
    mode: mode.value as Mode,
    address: (isBrought.value && address.value.trim()) || null,
  })

  let asked = 0
  /** What it costs, as chosen now; of two answers the later question's counts. */
  async function count(): Promise<void> {
    const mine = (asked += 1)
    if (person.value === null || mode.value === null || !chosen.value.length) return
    if (isBrought.value && address.value && address.value.trim().length < AN_ADDRESS) return
    const call = {
      path: { meal_service_id: wish.value.meal },
      body: body(),
      signIn: 'ask' as const,
    }
    try {
      const told = await post('/canteens/meals/{meal_service_id}/quote', call)
      if (mine !== asked) return
      quote.value = told
      refusal.value = null
    } catch (thrown) {
      if (mine !== asked) return
      quote.value = null
      refusal.value = asProblem(thrown)
    }
  }

  watch(person, (_now, before) => {
    if (before !== null) address.value = phone.value = ''
    isSure.value = false
  })
  watch([person, mode], () => {
    isNewPrice.value = false
    if (kitchen.value) void count()
  })
  let typing: ReturnType<typeof setTimeout> | undefined
  watch(address, () => {
    clearTimeout(typing)
    typing = setTimeout(() => void count(), TYPING_MS)
  })

  /** What became of it; null where it came to nothing (see `problem`, `quote`). */
  async function confirm(): Promise<Ordered | null> {
    const shown = quote.value!.pays_fen
    const { person_id, ...choice } = body()
    const whole = {
      ...choice,
      pays_fen: shown,
      note: note.value.trim() || null,
      phone: (isBrought.value && phone.value.trim()) || null,
      despite_diet: isSure.value,
    }
    const { meal, order } = wish.value
    const answer = await run((key) =>
      order && person_id === eater.value
        ? post('/canteens/orders/{booking_id}/change', {
            key,
            path: { booking_id: order },
            body: whole,
            signIn: 'ask',
          })
        : post('/canteens/meals/{meal_service_id}/orders', {
            key,
            path: { meal_service_id: meal },
            body: { ...whole, person_id },
            signIn: 'ask',
          }),
    )
    if (answer) return answer
    isNewPrice.value = problem.value?.errcode === PRICE_CHANGED
    await load()
    return null
  }

  return {
    me, kitchen, menu, chosen, modes, person, mode, address, phone, note, isBrought, isNowhere, quote,
    refusal, isNewPrice, clashing, mustConfirm, isSure, missing, loadProblem, busy, problem, load,
    confirm,
  } // prettier-ignore
}
