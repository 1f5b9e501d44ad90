import type { Problem } from '@/api/problem'

import { t } from './common'

/** The sentence for a problem: the server's own where it has one, else ours. */
export function sentenceOf(problem: Problem): string {
  switch (problem.kind) {
    case 'offline':
      return t.offline
    case 'slow':
      return t.slow
    case 'server':
      return t.server
    case 'busy':
      return t.busy(problem.retryAfter)
    case 'signIn':
      return t.signInFirst
    case 'refused':
      return problem.message
  }
}

/** The same for a write: where the answer was lost, that nothing is done twice. */
export function sentenceOfAttempt(problem: Problem): string {
  return problem.kind === 'slow' || problem.kind === 'server' ? t.unsure : sentenceOf(problem)
}
