/** The mini-program's first page and my own, by finger. */
import { afterEach, describe, expect, it } from 'vitest'

import { loginCode, openPage, phone, screen, startApp, tap, until } from './phone'

const held = phone(loginCode)
startApp()

let page: ReturnType<typeof openPage>

const settled = () => new Promise((done) => setTimeout(done, 500))

/** A page that has come to rest: nobody taps while it is still being drawn. */
async function opened(path: string, words: string): Promise<void> {
  page = openPage(path)
  await until(() => screen().includes(words), words)
  await settled()
}

/** Answers on their way still come in; then the page goes. */
afterEach(async () => {
  await settled()
  page.detach()
  document.body.innerHTML = ''
})

describe('the first page', () => {
  it('takes one tap for one: type grows and stays so', async () => {
    await opened('pages/home', '换成大字')
    tap('字太小？换成大字')
    await until(() => screen().includes('换回标准字'))
    await settled()
    expect(held.stored.get('xf.type')).toBe('"large"')
  })

  it('leads to the canteens', async () => {
    await opened('pages/home', '老年食堂')
    tap('老年食堂')
    await until(() => held.opened.some(({ url }) => url === '/canteen/pages/canteens'))
  })
})

describe('my page', () => {
  it('asks nobody before it has to, then signs in without a question', async () => {
    held.sent.length = 0
    await opened('pages/me', '登录后，可以看到')
    expect(held.sent.filter(({ url }) => url.includes('/auth/'))).toEqual([])
    tap('登录')
    await until(() => screen().includes('退出登录'))
    expect(held.stored.get('xf.session')).toContain('token')
  })
})
