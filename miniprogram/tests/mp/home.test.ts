// @vitest-environment jsdom
import { expect, it } from 'vitest'

import { byText, openPage, phone, startApp, until } from './phone'

it('opens', async () => {
  phone(() => Promise.reject(new Error('not asked')))
  startApp()
  openPage('pages/home')
  await until(() => byText('大字版'))
  expect(document.body.innerHTML.slice(0, 3000)).toBe('')
})
