/** Signing in happens at the moment it is needed, never before. */
import { post } from '@/api/client'
import { Problem } from '@/api/problem'
import { signInCode } from '@/platform'

import { go } from './routes'
import { begin, forgetSession, session, signInBy } from './session'

let waiting: ((signed: boolean) => void) | null = null

/**
 * The mini-program asks WeChat without troubling anybody; H5 opens the sign-in page and goes on
 * when the person comes back from it.
 */
async function ask(): Promise<void> {
  // #ifdef MP-WEIXIN
  begin(await post('/auth/login', { body: { code: await signInCode() } }))
  // #endif
  // #ifndef MP-WEIXIN
  await new Promise<void>((resolve, reject) => {
    waiting = (signed) => (signed ? resolve() : reject(new Problem('signIn')))
    go('/pages/sign-in')
  })
  // #endif
}

signInBy(ask)

/** The sign-in page's last word: somebody signed in, or went away without. */
export function signInEnded(signed: boolean): void {
  waiting?.(signed)
  waiting = null
}

/** Sign out: the token is revoked if the server can be reached, and nothing seen stays here. */
export async function signOut(): Promise<void> {
  if (session.value) await post('/auth/logout').catch(() => undefined)
  forgetSession()
}
