/** Every page of the built mini-program opens, signed in and signed out, without an error. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { BUILD, loginCode, openPage, phone, screen, startApp, until } from './phone'

const { XF_RUN = '', XF_BOOKING = '' } = process.env

interface AppJson {
  pages: string[]
  subPackages: { root: string; pages: string[] }[]
}

const app = JSON.parse(readFileSync(join(BUILD, 'app.json'), 'utf8')) as AppJson
const pages = [
  ...app.pages,
  ...app.subPackages.flatMap(({ root, pages: inside }) => inside.map((page) => `${root}/${page}`)),
]
const asked: Record<string, Record<string, string>> = {
  'night_school/pages/class': { id: XF_RUN },
  'night_school/pages/sign-up': { run: XF_RUN },
  'night_school/pages/result': { booking: XF_BOOKING },
  'night_school/pages/excuse': { booking: XF_BOOKING },
  'pages/booking': { id: XF_BOOKING },
}

const held = phone(loginCode)
startApp()

const faults: string[] = []
beforeEach(() => {
  faults.length = 0
  const note = (...words: unknown[]) => void faults.push(words.map(String).join(' '))
  vi.spyOn(console, 'error').mockImplementation(note)
  vi.spyOn(console, 'warn').mockImplementation(note)
})
afterEach(() => {
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})

async function shown(path: string): Promise<string> {
  const page = openPage(path, asked[path] ?? {})
  await until(() => screen().trim().length > 4, path)
  await new Promise((done) => setTimeout(done, 400))
  const said = screen()
  page.detach()
  return said
}

describe.each(pages)('%s', (path) => {
  it('opens with nothing kept', async () => {
    held.stored.clear()
    await shown(path)
    expect(faults).toEqual([])
  })

  it('opens again with what was kept, without a network', async () => {
    await shown(path)
    held.setOffline(true)
    await shown(path)
    held.setOffline(false)
    expect(faults).toEqual([])
  })
})
