/** Who is signed in on this phone. */
import { computed, ref } from 'vue'

import { forget, forgetAll, keep, recall } from './storage'

export interface Session {
  token: string
  account_id: number
  person_id: number
}

export const session = ref<Session | null>(recall<Session | null>('session', null))
export const isSignedIn = computed(() => session.value !== null)

/** Everything this account saw lies under this name; it goes when the account goes. */
export const keptPrefix = computed(() => `seen.${session.value?.account_id ?? 0}.`)

/** Take up the session an auth door has answered with. */
export function begin(signed: Session): void {
  session.value = {
    token: signed.token,
    account_id: signed.account_id,
    person_id: signed.person_id,
  }
  keep('session', session.value)
}

/** The server no longer knows `token`. What was seen stays readable for the same account. */
export function dropToken(token: string): void {
  if (session.value?.token !== token) return
  session.value = null
  forget('session')
}

/** Nothing of this account stays on the phone. */
export function forgetSession(): void {
  session.value = null
  forget('session')
  forgetAll('seen.')
}

/** How one signs in here; `state/sign-in.ts` says it, so that the API client need not know. */
let how: () => Promise<void> = () => Promise.reject(new Error('nobody has said how to sign in'))
let asking: Promise<void> | null = null

export function signInBy(way: () => Promise<void>): void {
  how = way
}

/** Sign in; one question at a time, however many calls wait for it. Throws a `signIn` Problem. */
export function signIn(): Promise<void> {
  asking ??= how().finally(() => {
    asking = null
  })
  return asking
}
