/** Why signing in did not work, in a sentence. */
import type { Problem } from '@/api/problem'
import { sentenceOf } from '@/texts/problems'
import { t } from '@/texts/sign_in'

/** The API's codes of `backend/people/errors.py`. */
const CODE_WRONG = 40103
const NOT_SET_UP = 40945
const JUST_SENT = 42901
const TOO_MANY = 42902
const SMS_BUSY = 50301

/** A sentence that says what to do next. */
export function sentenceOfSignIn(problem: Problem): string {
  switch (problem.errcode) {
    case CODE_WRONG: {
      const left = Number(problem.data.tries_left ?? 0)
      return left > 0 ? t.wrong(left) : t.wrongOver
    }
    case NOT_SET_UP:
      return t.notSetUp
    case JUST_SENT:
      return t.justSent(waitOf(problem.retryAfter))
    case TOO_MANY:
      return t.tooOften(waitOf(problem.retryAfter))
    case SMS_BUSY:
      return t.smsBusy
    default:
      return sentenceOf(problem)
  }
}

/** Whether the code that was sent is of no use any more. */
export function isCodeSpent(problem: Problem): boolean {
  return problem.errcode === CODE_WRONG && !Number(problem.data.tries_left ?? 0)
}

/** Whether a code is on its way already, so that the next step is to type it. */
export function isCodeSent(problem: Problem): boolean {
  return problem.errcode === JUST_SENT
}

/** A wait in the unit people would use, never less than it is. */
export function waitOf(seconds: number): string {
  if (seconds < 90) return t.seconds(Math.max(1, Math.ceil(seconds)))
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? t.minutes(minutes) : t.hours(Math.ceil(minutes / 60))
}
