/** What this phone's owner has chosen: type size and language. */
import { computed, ref } from 'vue'

import { fontScale, systemLanguage } from '@/platform'

import { keep, recall } from './storage'

export type Language = 'zh' | 'en'

/** WeChat's own setting from which large type starts by itself (client rules of 适老化). */
const LARGE_FROM = 1.35

const chosenType = ref(recall<'large' | 'normal' | null>('type', null))
const chosenLanguage = ref(recall<Language | null>('language', null))

/** Large type: as chosen, else as WeChat's own font setting suggests. */
export const large = computed(() =>
  chosenType.value ? chosenType.value === 'large' : fontScale() >= LARGE_FROM,
)

export const language = computed<Language>(() => chosenLanguage.value ?? systemLanguage())

export function setLarge(on: boolean): void {
  chosenType.value = on ? 'large' : 'normal'
  keep('type', chosenType.value)
}

export function setLanguage(code: Language): void {
  chosenLanguage.value = code
  keep('language', code)
}
