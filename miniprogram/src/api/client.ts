/** Calls to the residents' API, typed by its OpenAPI document (`schema.d.ts` is generated). */
import { noteServerTime } from '@/format/clock'
import { API_BASE, isWeChat } from '@/platform/which'
import { dropToken, session, signIn } from '@/state/session'
import { language } from '@/state/settings'

import { asProblem, Problem, type ProblemKind } from './problem'
import type { paths } from './schema'

const PREFIX = '/mp/v1'
const TIMEOUT_MS = 15_000
const WRITE_TRIES = 3
const PAUSE_MS = 1_200
/** The sign-in doors' own no (a wrong code): a refusal like any other. */
const CODES_REFUSED = [40102, 40103]

/** `wx.request` knows no PATCH, so the API has none. */
type Method = 'get' | 'post' | 'delete'
/** The paths that know a method, as the document writes them but without the prefix. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object>
    ? P extends `/mp/v1${infer Rest}`
      ? Rest
      : never
    : never
}[keyof paths]

type Operation<M extends Method, P extends string> = `/mp/v1${P}` extends keyof paths
  ? M extends keyof paths[`/mp/v1${P}`]
    ? NonNullable<paths[`/mp/v1${P}`][M]>
    : never
  : never
type Content<R> = R extends { content: { 'application/json': infer Body } } ? Body : never
type Good<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 ? Content<R[S]> : never }[keyof R]
  : never

/** What `data` holds in the answer of one operation. */
export type Answer<M extends Method, P extends string> =
  Good<Operation<M, P>> extends { data?: infer D } ? Exclude<D, undefined> : never
/** What one operation takes as its JSON body. */
export type Body<M extends Method, P extends string> =
  Operation<M, P> extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never

export type Query = Record<
  string,
  string | number | boolean | number[] | string[] | null | undefined
>

export interface Call {
  /** What stands for `{name}` in the path. */
  path?: Record<string, string | number>
  query?: Query
  body?: object
  /** Idempotency-Key: with it a write is repeated by itself when the answer is lost. */
  key?: string
  /** The answer is a file, as text or as bytes, instead of an envelope. */
  file?: 'text' | 'bytes'
  /**
   * `ask`: let the person sign in and go on; `tell` (default): throw a `signIn` problem; `own`: what
   * only the signed in have, so that nobody else needs to ask the server.
   */
  signIn?: 'ask' | 'tell' | 'own'
  /** What was seen last; each good answer renews it. */
  seen?: { etag: string }
}

export function get<P extends PathOf<'get'>>(path: P, call: Call = {}): Promise<Answer<'get', P>> {
  return withSignIn('GET', path, call) as Promise<Answer<'get', P>>
}

/** A public read that is made again and again; null: nothing has changed since it was last seen. */
export function getIfNew<P extends PathOf<'get'>>(
  path: P,
  call: Call & { seen: { etag: string } },
): Promise<Answer<'get', P> | null> {
  return withSignIn('GET', path, call) as Promise<Answer<'get', P> | null>
}

/** The text of a file that needs the sign-in's token, such as a calendar. */
export function getText(path: PathOf<'get'>, call: Call = {}): Promise<string> {
  return withSignIn('GET', path, { ...call, file: 'text' }) as Promise<string>
}

/** A file that needs the sign-in's token, such as a PDF. */
export function getBytes(path: PathOf<'get'>, call: Call = {}): Promise<ArrayBuffer> {
  return withSignIn('GET', path, { ...call, file: 'bytes' }) as Promise<ArrayBuffer>
}

export function post<P extends PathOf<'post'>>(
  path: P,
  call: Omit<Call, 'body'> & { body?: Body<'post', P> & object } = {},
): Promise<Answer<'post', P>> {
  return withSignIn('POST', path, call) as Promise<Answer<'post', P>>
}

export function remove<P extends PathOf<'delete'>>(
  path: P,
  call: Call = {},
): Promise<Answer<'delete', P>> {
  return withSignIn('DELETE', path, call) as Promise<Answer<'delete', P>>
}

/** The whole address of a call: placeholders filled, what is not asked left out. */
function address(path: string, call: Call): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(call.path?.[name] ?? '')),
  )
  const asked = Object.entries(call.query ?? {})
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const),
    )
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return API_BASE + PREFIX + filled + (asked.length ? `?${asked.join('&')}` : '')
}

async function withSignIn(method: Verb, path: string, call: Call): Promise<unknown> {
  const token = session.value?.token
  if (!token && call.signIn === 'own' && !isWeChat) throw new Problem('signIn')
  try {
    return await withPatience(method, path, call, token)
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.kind !== 'signIn') throw thrown
    if (token) dropToken(token)
    // WeChat signs in without a question; elsewhere a tap may ask one, a page that loads may not.
    if (call.signIn !== 'ask' && !isWeChat) throw thrown
    await signIn()
    return await withPatience(method, path, call, session.value?.token)
  }
}

/** Reads are made again once, writes with a key a few times: the key makes the repeat harmless. */
async function withPatience(
  method: Verb,
  path: string,
  call: Call,
  token: string | undefined,
): Promise<unknown> {
  const tries = method === 'GET' ? 2 : call.key ? WRITE_TRIES : 1
  for (let tried = 1; ; tried += 1) {
    try {
      return await send(method, address(path, call), call, token)
    } catch (thrown) {
      const problem = asProblem(thrown)
      if (!problem.isPassing || tried >= tries) throw problem
      await pause(PAUSE_MS * tried)
    }
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

type Verb = 'GET' | 'POST' | 'DELETE'

function send(method: Verb, url: string, call: Call, token: string | undefined): Promise<unknown> {
  const header: Record<string, string> = { 'Accept-Language': language.value }
  if (token) header.Authorization = `Bearer ${token}`
  if (call.key) header['Idempotency-Key'] = call.key
  if (call.seen?.etag) header['If-None-Match'] = call.seen.etag
  if (method === 'POST') header['Content-Type'] = 'application/json'
  return new Promise((resolve, reject) => {
    uni.request({
      url,
      method,
      header,
      data: method === 'POST' ? JSON.stringify(call.body ?? {}) : undefined,
      responseType: call.file === 'bytes' ? 'arraybuffer' : 'text',
      timeout: TIMEOUT_MS,
      success: (answer) => {
        noteServerTime(headerOf(answer.header, 'date'), headerOf(answer.header, 'x-clock-shift'))
        if (answer.statusCode === 304) return resolve(null)
        try {
          const isFile = call.file && answer.statusCode === 200
          resolve(isFile ? answer.data : dataOf(answer.statusCode, answer.data, answer.header))
          if (call.seen) call.seen.etag = headerOf(answer.header, 'etag')
        } catch (thrown) {
          reject(thrown)
        }
      },
      fail: ({ errMsg }) =>
        reject(new Problem(/timeout|time out/i.test(errMsg ?? '') ? 'slow' : 'offline')),
    })
  })
}

interface Envelope {
  errcode: number
  errmsg: string
  data?: unknown
  errors?: Record<string, unknown>
  request_id?: string
}

function dataOf(status: number, body: unknown, header: unknown): unknown {
  const envelope = body as Partial<Envelope> | null
  if (typeof envelope !== 'object' || typeof envelope?.errcode !== 'number') {
    throw new Problem('server', { errcode: status })
  }
  if (envelope.errcode === 0) return envelope.data
  throw new Problem(kindOf(status, envelope.errcode), {
    errcode: envelope.errcode,
    message: envelope.errmsg,
    data: (envelope.data ?? {}) as Record<string, unknown>,
    errors: envelope.errors,
    retryAfter: Number(headerOf(header, 'retry-after')) || 0,
    requestId: envelope.request_id,
  })
}

function kindOf(status: number, errcode: number): ProblemKind {
  if (status === 401 && !CODES_REFUSED.includes(errcode)) return 'signIn'
  if (status === 429) return 'busy'
  return status >= 500 ? 'server' : 'refused'
}

function headerOf(header: unknown, name: string): string {
  const found = Object.entries((header ?? {}) as Record<string, string>).find(
    ([key]) => key.toLowerCase() === name,
  )
  return found?.[1] ?? ''
}
