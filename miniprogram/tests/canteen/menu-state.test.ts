import { shallowRef } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'

import { useMenu } from '@/canteen/menu-state'
import type { Kitchen } from '@/canteen/wording'

import { setNoon } from '../bookings/samples'
import { dish, kitchen, menu } from './samples'

beforeEach(setNoon)

describe('an order that is changed', () => {
  const greens = dish({ id: 2, dish_id: 12, name: '清炒时蔬' })
  const there = () => kitchen({ menus: [menu({ dishes: [dish(), greens] })] })

  it('is chosen once its menu is there, and what is added stays when that is read again', () => {
    const shown = shallowRef<Kitchen | null>(null)
    const state = useMenu(shown)
    state.takeUp({ 1: 1 })
    expect(state.basket.value).toEqual({})
    shown.value = there() // as it was kept on the phone
    expect(state.basket.value).toEqual({ 1: 1 })
    state.set(greens, 1)
    shown.value = there() // as the server has it now
    expect(state.basket.value).toEqual({ 1: 1, 2: 1 })
    expect(state.had.value).toEqual({ 1: 1 })
  })
})
