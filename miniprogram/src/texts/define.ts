/** Texts: each area of the app has a file with its Chinese and its English, used as `t.name`. */
import { language } from '@/state/settings'

/** The same names and the same arguments in another language. */
export type Same<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Same<T[K]>
}

/** One area's texts; reading them follows the language that is chosen at that moment. */
export function defineTexts<T extends object>(zh: T, en: Same<T>): Same<T> {
  const both = { zh: zh as unknown as Same<T>, en }
  return new Proxy(both.zh, {
    get: (_, name) => Reflect.get(both[language.value], name) as unknown,
  })
}
