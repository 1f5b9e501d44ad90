/** Why a call to the API brought no answer that can be used. */
export type ProblemKind =
  | 'offline' // nothing reached the server, or nothing came back
  | 'slow' // no answer in time
  | 'server' // the server failed, or something between answered for it
  | 'busy' // too many requests: wait `retryAfter` seconds
  | 'signIn' // nobody is signed in, or the sign-in has run out
  | 'refused' // a rule said no; `message` is the sentence to show

export interface ProblemFacts {
  errcode?: number
  message?: string
  data?: Record<string, unknown>
  errors?: Record<string, unknown>
  retryAfter?: number
  requestId?: string
}

/** The one error that `api/client.ts` throws. */
export class Problem extends Error {
  readonly errcode: number
  readonly data: Record<string, unknown>
  readonly errors: Record<string, unknown>
  readonly retryAfter: number
  readonly requestId: string

  constructor(
    readonly kind: ProblemKind,
    facts: ProblemFacts = {},
  ) {
    super(facts.message ?? '')
    this.name = 'Problem'
    this.errcode = facts.errcode ?? 0
    this.data = facts.data ?? {}
    this.errors = facts.errors ?? {}
    this.retryAfter = facts.retryAfter ?? 0
    this.requestId = facts.requestId ?? ''
  }

  /** Whether the same call may succeed if it is simply made again. */
  get isPassing(): boolean {
    return this.kind === 'offline' || this.kind === 'slow' || this.kind === 'server'
  }
}

/** Whatever was thrown, as a Problem; a fault of our own counts as the server's. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem('server', { message: String(thrown) })
}
