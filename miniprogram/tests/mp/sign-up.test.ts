/**
 * Signing up somebody of the household in the built mini-program, against a real API.
 *
 * tests/client/test_mini_program.py starts the server and the stand-in of WeChat and says in the
 * environment who holds the phone, which class it is, and who is to go.
 */
import { afterEach, expect, it } from 'vitest'

import { byText, loginCode, openPage, phone, screen, startApp, tap, until } from './phone'

const { XF_RUN = '', XF_WHO = '' } = process.env

const held = phone(loginCode)
startApp()

afterEach(() => {
  document.body.innerHTML = ''
})

const bookings = () => held.sent.filter(({ url }) => url.endsWith('/enrolments'))

it('signs up the father: one question of WeChat, one booking, one result', async () => {
  const page = openPage('night_school/pages/sign-up', { run: XF_RUN })
  await until(() => byText(XF_WHO), 'the people I may book for')
  tap(XF_WHO)
  tap('我自己') // chosen to begin with, and not to go
  tap('我看过报名须知')
  await until(() => byText('确认报名') && !byText('2 人'), 'the button')
  tap('确认报名')
  tap('确认报名')
  const opened = await until(() => held.opened[0], 'the result')
  expect(opened.how).toBe('redirectTo')
  const { booking } = Object.fromEntries(new URLSearchParams(opened.url.split('?')[1]))
  expect(bookings()).toHaveLength(1)
  expect(bookings()[0]!.header['Idempotency-Key']).toMatch(/^[\w-]{8,64}$/)
  expect(held.asked).toHaveLength(1)
  expect(held.asked[0]!.length).toBeLessThanOrEqual(3)
  page.detach()
  document.body.innerHTML = ''

  openPage('night_school/pages/result', { booking: booking! })
  await until(() => byText(XF_WHO), 'whose it is')
  expect(screen()).toContain('报名成功')
})

it('tells what it saw last when there is no network', async () => {
  const first = openPage('night_school/pages/class', { id: XF_RUN })
  await until(() => byText('基本情况'), 'the class')
  first.detach()
  document.body.innerHTML = ''
  held.setOffline(true)
  openPage('night_school/pages/class', { id: XF_RUN })
  await until(() => byText('暂时没能更新'), 'the note')
  expect(screen()).toContain('基本情况')
})
