/** A menu page's state: which day and meal is on show, and what has been chosen of each menu. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import { mostOf, chosenOf, type Basket } from './basket'
import { firstMenu, menuOn, type Dish, type Kitchen } from './wording'

export function useMenu(kitchen: Ref<Kitchen | null>) {
  const day = ref('')
  const meal = ref<string | number | null>(null)
  /** By menu, so that looking at another meal loses nothing. */
  const baskets = ref<Record<number, Basket>>({})
  /** The dishes of the order that is being changed: those portions are not gone for oneself. */
  const had = ref<Basket>({})

  const menu = computed(() => {
    if (!kitchen.value) return null
    return day.value
      ? menuOn(kitchen.value, day.value, String(meal.value ?? ''))
      : firstMenu(kitchen.value)
  })
  const basket = computed<Basket>(() => (menu.value && baskets.value[menu.value.id]) || {})
  const chosen = computed(() => chosenOf(menu.value?.dishes ?? [], basket.value))
  const most = computed(
    () => kitchen.value?.meals.find((one) => one.meal === menu.value?.meal)?.most ?? 1,
  )

  const mostOfDish = (dish: Dish) => mostOf(dish, most.value, had.value[dish.id])

  function show(another: string): void {
    meal.value ??= menu.value?.meal ?? null
    day.value = another
  }

  function showMeal(another: string | number): void {
    day.value ||= menu.value?.day ?? ''
    meal.value = another
  }

  function choose(portions: Basket): void {
    if (menu.value) baskets.value = { ...baskets.value, [menu.value.id]: portions }
  }

  /** What is to be chosen of the menu as soon as it is there. */
  const waiting = shallowRef<Basket | null>(null)
  watch(
    [menu, waiting],
    ([shown, before]) => {
      if (!shown || !before) return
      waiting.value = null
      choose(before)
    },
    { flush: 'sync' },
  )

  /** Begin with what was ordered before: once, or it would undo what is tapped while a page loads. */
  function takeUp(before: Basket): void {
    had.value = before
    waiting.value = before
  }

  const set = (dish: Dish, portions: number) => choose({ ...basket.value, [dish.id]: portions })

  return {
    day, meal, had, menu, basket, chosen, most, mostOfDish, show, showMeal, choose, takeUp, set,
  } // prettier-ignore
}
