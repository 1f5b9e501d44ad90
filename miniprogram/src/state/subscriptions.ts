/** WeChat's question whether we may send a message, and telling the server what was answered. */
import { get, post } from '@/api/client'
import { asProblem } from '@/api/problem'
import { askToSend, isWeChat, type Choice } from '@/platform'

import { isSignedIn } from './session'
import { forget, keep, recall } from './storage'

/** What a booking leads to, most needed first: WeChat asks for three at most. */
const WANTED = ['offered', 'changed', 'lesson', 'booked']
const MOST = 3
const UNSENT = 'subscriptions.unsent'

let templates: string[] = []

/** Fetch what to ask for: WeChat's question must follow a tap at once, without a read between. */
export async function prepareToAsk(): Promise<void> {
  if (!isWeChat) return
  void reportAnswers()
  if (templates.length) return
  const told = await get('/subscriptions/templates').catch(() => [])
  templates = told
    .filter(({ kind }) => WANTED.includes(kind))
    .sort((one, two) => WANTED.indexOf(one.kind) - WANTED.indexOf(two.kind))
    .slice(0, MOST)
    .map(({ template_id: id }) => id)
}

/**
 * Ask, as the first thing inside a tap. True when a message may come, false when the person said
 * no, null where nothing was asked (H5). What was answered goes to the server behind this.
 */
export async function askForMessages(): Promise<boolean | null> {
  const chosen = await askToSend(templates)
  const answers = Object.values(chosen)
  if (!answers.length) return null
  remember(chosen)
  void reportAnswers()
  return answers.includes('accept')
}

let telling: Promise<void> | null = null

/** Tell the server what was answered and could not be told before; what fails waits again. */
export function reportAnswers(): Promise<void> {
  telling ??= tell().finally(() => {
    telling = null
  })
  return telling
}

async function tell(): Promise<void> {
  if (!isSignedIn.value) return
  for (const chosen of recall<Record<string, Choice>[]>(UNSENT, [])) {
    try {
      await post('/subscriptions', { body: chosen })
    } catch (thrown) {
      // What the server will never take is not told again.
      if (asProblem(thrown).kind !== 'refused') return
    }
    const rest = recall<Record<string, Choice>[]>(UNSENT, []).slice(1)
    if (rest.length) keep(UNSENT, rest)
    else forget(UNSENT)
  }
}

function remember(chosen: Record<string, Choice>): void {
  keep(UNSENT, [...recall<Record<string, Choice>[]>(UNSENT, []), chosen])
}
