/** Somebody's diet as a form: what is ticked, and what is typed with stops between. */
import type { Answer } from '@/api/client'

import { t } from './diet-texts'

export type Diet = Answer<'get', '/diets/{person_id}'>

export const ALLERGENS: Diet['allergens'] = [
  'gluten', 'crustaceans', 'fish', 'egg', 'peanut', 'soy', 'milk', 'nuts', 'sesame',
] // prettier-ignore
export const TRAITS: Diet['traits'] = ['low_salt', 'low_sugar', 'soft', 'halal', 'vegetarian']
export const TEXTURES: Diet['texture'][] = ['normal', 'soft', 'minced', 'pureed']

const LONGEST = 10
const MOST = 12

/** 香菜，羊肉 羊肉 as 香菜 and 羊肉. */
export const wordsOf = (typed: string): string[] => [
  ...new Set(typed.split(/[\s,，、;；。]+/).filter(Boolean)),
]

export const typedOf = (words: string[]): string => words.join(t.join)

/** Whether the server takes these. */
export const areShort = (words: string[]): boolean =>
  words.length <= MOST && words.every((one) => one.length <= LONGEST)

/** With it or without it, in the order it was ticked. */
export const toggled = <T>(all: T[], one: T, on: boolean): T[] =>
  on ? [...all, one] : all.filter((other) => other !== one)
