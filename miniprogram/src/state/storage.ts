/** What stays on the phone: small JSON values under names of ours, never an error. */
const PREFIX = 'xf.'

/** The value kept under `name`, or `otherwise`. */
export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = uni.getStorageSync(PREFIX + name) as string
    return text ? (JSON.parse(text) as T) : otherwise
  } catch {
    return otherwise
  }
}

/** Keep `value`; a phone without room (or a private window) just forgets sooner. */
export function keep(name: string, value: unknown): void {
  try {
    uni.setStorageSync(PREFIX + name, JSON.stringify(value))
  } catch {
    // The page works without it.
  }
}

export function forget(name: string): void {
  try {
    uni.removeStorageSync(PREFIX + name)
  } catch {
    // Nothing was kept.
  }
}

/** Forget every name that begins with `start`. */
export function forgetAll(start: string): void {
  try {
    for (const name of uni.getStorageInfoSync().keys) {
      if (name.startsWith(PREFIX + start)) uni.removeStorageSync(name)
    }
  } catch {
    // Nothing was kept.
  }
}
